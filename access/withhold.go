package access

import "math"

// Withhold marks the cells of a table that must not be printed because some
// count of theirs is above 0 and below a limit. Where that leaves a group with
// exactly one marked cell, its next smallest is marked as well: else the
// group's total would give the first away. counts[k][i] is the kth count of cell
// i; group is the number of each cell's group, negative for none, nil if all are
// of one. A limit of 0 marks nothing.
func Withhold(counts [][]float64, group []int, below float64) []bool {
	if len(counts) == 0 {
		return nil
	}
	n := len(counts[0])
	mark := make([]bool, n)
	if !(below > 0) {
		return mark
	}
	of := func(i int) int {
		if group == nil {
			return 0
		}
		return group[i]
	}
	marked := map[int]int{}
	for i := range n {
		for _, c := range counts {
			if x := math.Abs(c[i]); x > 0 && x < below {
				mark[i] = true
			}
		}
		if mark[i] && of(i) >= 0 {
			marked[of(i)]++
		}
	}
	second := map[int]int{}
	for i := range n {
		if g := of(i); marked[g] == 1 && !mark[i] && counts[0][i] > 0 {
			if j, ok := second[g]; !ok || counts[0][i] < counts[0][j] {
				second[g] = i
			}
		}
	}
	for _, i := range second {
		mark[i] = true
	}
	return mark
}
