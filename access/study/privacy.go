package study

import (
	"fmt"
	"math"

	"careshed/access"
	"careshed/access/study/ground"
)

// hidden are the places and regions whose numbers of patients are withheld, with
// every number that would give them away.
type hidden struct{ places, regions, campuses []bool }

// withhold decides once for all outputs.
func (r *run) withhold() hidden {
	h := hidden{places: make([]bool, r.Places.Len())}
	if r.Regions != nil {
		h.regions = make([]bool, r.Regions.Len())
	}
	p := r.Spec.Privacy
	if p == nil || p.SuppressBelow == 0 || r.model == nil {
		return h
	}
	counts := [][]float64{r.model.Eligible}
	for _, c := range r.model.Curves {
		treated := c.Likelihoods(r.base.Minutes)
		for i, l := range treated {
			treated[i] = r.model.Eligible[i] * l // NaN without a time: nothing is printed
		}
		counts = append(counts, treated)
	}
	var group []int // without regions all places are of one
	if r.Regions != nil {
		group = make([]int, len(r.Region))
		for i, row := range r.Region {
			group[i] = row
			if row < 0 {
				group[i] = r.Regions.Len() // those of no region are one group
			}
		}
	}
	h.places = access.Withhold(counts, group, p.SuppressBelow)
	if r.Regions != nil {
		r.withholdRegions(&h, counts)
	}
	if q := r.queues; q != nil {
		year := make([]float64, len(q.arrivals))
		for j, a := range q.arrivals {
			year[j] = 12 * a
		}
		h.campuses = access.Withhold([][]float64{year}, nil, p.SuppressBelow)
		if n := marked(h.campuses); n > 0 {
			r.Note("privacy.centers", "least", p.SuppressBelow, "n", n)
		}
	}
	if n := marked(h.places); n > 0 {
		r.Note("privacy.places", "least", p.SuppressBelow, "n", n)
	}
	if n := marked(h.regions); n > 0 {
		r.Note("privacy.regions", "least", p.SuppressBelow, "n", n)
	}
	return h
}

// withholdRegions decides for the sums of the places by region.
func (r *run) withholdRegions(h *hidden, counts [][]float64) {
	var totals [][]float64
	for _, c := range counts {
		t := make([]float64, len(h.regions))
		for i, row := range r.Region {
			if row >= 0 && !math.IsNaN(c[i]) {
				t[row] += c[i]
			}
		}
		totals = append(totals, t)
	}
	h.regions = access.Withhold(totals, nil, r.Spec.Privacy.SuppressBelow)
	// A region is not withheld if the sum of its places gives it away.
	least := map[int]int{}
	for i, row := range r.Region {
		if row < 0 || !h.regions[row] || !(r.model.Eligible[i] > 0) {
			continue
		}
		fewer := func(j int) bool {
			return h.places[i] && !h.places[j] || h.places[i] == h.places[j] && r.model.Eligible[i] < r.model.Eligible[j]
		}
		if j, ok := least[row]; !ok || fewer(j) {
			least[row] = i
		}
	}
	for _, i := range least {
		h.places[i] = true
	}
}

func marked(b []bool) (n int) {
	for _, x := range b {
		n += ground.Bit(x)
	}
	return n
}

// withheldWords is a column that says what is withheld and why, "" where nothing.
func (r *run) withheldWords(mark []bool) []string {
	out := make([]string, len(mark))
	for i, h := range mark {
		if h {
			out[i] = fmt.Sprintf("numbers of patients below %g, or one that would give such a number away", r.Spec.Privacy.SuppressBelow)
		}
	}
	return out
}

// blank is a column with the values of marked rows left out.
func blank(v []float64, mark []bool) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x
		if mark[i] {
			out[i] = math.NaN()
		}
	}
	return out
}
