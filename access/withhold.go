package access

import (
	"cmp"
	"math"
	"slices"
)

// Withhold marks the cells of a table that must not be printed because some
// count of theirs is above 0 and below a limit. Where the group's totals of the
// first told counts would give such a cell away, its next smallest are marked as well:
// one total gives one unknown cell away, and totals of two counts that go by known rates,
// such as eligible and treated patients, give two away. Known are the groups whose totals
// tell a marked cell whatever else is marked: those totals must not be printed either.
// counts[k][i] is the kth count of cell i, the first that of which the others are a part;
// group is the number of each cell's group, negative for none, nil if all are of one. A
// limit of 0 marks nothing.
func Withhold(counts [][]float64, told int, group []int, below float64) (mark []bool, known map[int]bool) {
	if len(counts) == 0 {
		return nil, nil
	}
	mark, known = make([]bool, len(counts[0])), map[int]bool{}
	if !(below > 0) {
		return mark, known
	}
	cells := map[int][]int{}
	for i := range mark {
		g := 0
		if group != nil {
			g = group[i]
		}
		for _, c := range counts {
			if x := math.Abs(c[i]); x > 0 && x < below {
				mark[i] = true
			}
		}
		if g >= 0 && counts[0][i] > 0 {
			cells[g] = append(cells[g], i)
		}
	}
	small := slices.Clone(mark)
	for g, of := range cells {
		slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(counts[0][a], counts[0][b]) })
		w := &withholding{mark: mark, small: small, of: of, counts: counts[:told]}
		w.widen()
		known[g] = len(w.lost) > 0
	}
	return mark, known
}

// withholding is a group of cells, the smallest first.
type withholding struct {
	mark   []bool
	small  []bool // those below the limit themselves
	of     []int
	counts [][]float64
	lost   []int // marked cells for which no other can stand in
}

// rates are how many of each count there are for one of the first.
func (w *withholding) rates(i int) []float64 {
	v := make([]float64, len(w.counts))
	for k, c := range w.counts {
		if v[k] = c[i] / w.counts[0][i]; math.IsNaN(v[k]) {
			v[k] = 0
		}
	}
	return v
}

// widen marks further cells until none that is small follows from the totals: the smallest
// that can stand in for it, or the smallest that helps others to.
func (w *withholding) widen() {
	for {
		i, others := w.follows()
		if i < 0 {
			return
		}
		if all, _ := w.spanned(i, true); all.rest(w.rates(i)) != nil {
			w.lost = append(w.lost, i)
			if k := slices.IndexFunc(w.of, func(j int) bool { return !w.mark[j] }); k >= 0 && len(others) == 0 {
				w.mark[w.of[k]] = true // not alone in the first count, at least
			}
			continue
		}
		k := slices.IndexFunc(w.of, func(j int) bool {
			more := others.rest(w.rates(j))
			return !w.mark[j] && more != nil && append(slices.Clone(others), more).rest(w.rates(i)) == nil
		})
		if k < 0 {
			k = slices.IndexFunc(w.of, func(j int) bool { return !w.mark[j] && others.rest(w.rates(j)) != nil })
		}
		if k < 0 { // at the edge of rounding
			w.lost = append(w.lost, i)
			continue
		}
		w.mark[w.of[k]] = true
	}
}

// follows is a small cell that the totals give away, -1 for none, and what the rates of
// the other marked ones span: its own are no mixture of theirs, so that nothing can stand
// in for it.
func (w *withholding) follows() (int, span) {
	all, by := w.spanned(-1, false)
	for _, i := range by { // any other cell is a mixture of these
		if s, _ := w.spanned(i, false); len(s) < len(all) && w.small[i] && !slices.Contains(w.lost, i) {
			return i, s
		}
	}
	return -1, nil
}

// spanned is what the rates of the marked cells, or of all, but one span, and by which.
func (w *withholding) spanned(without int, all bool) (s span, by []int) {
	for _, j := range w.of {
		if (all || w.mark[j]) && j != without && len(s) < len(w.counts) {
			if v := s.rest(w.rates(j)); v != nil {
				s, by = append(s, v), append(by, j)
			}
		}
	}
	return s, by
}

// span is an orthonormal basis.
type span [][]float64

// rest is the direction in which a vector leaves the span, nil where it lies in it.
func (s span) rest(v []float64) []float64 {
	length := math.Sqrt(dot(v, v))
	for range 2 { // once more for what rounding left
		for _, b := range s {
			along := dot(v, b)
			for k := range v {
				v[k] -= along * b[k]
			}
		}
	}
	left := math.Sqrt(dot(v, v))
	if !(left > 1e-9*length) {
		return nil
	}
	for k := range v {
		v[k] /= left
	}
	return v
}
