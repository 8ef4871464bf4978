package study

import (
	"fmt"
	"math"

	"careshed/access"
)

// hidden are the places and regions whose numbers of patients are withheld, with
// every number that would give them away.
type hidden struct{ places, regions, campuses []bool }

// withhold decides once for all outputs.
func (r *run) withhold() hidden {
	h := hidden{places: make([]bool, r.places.Len())}
	if r.regions != nil {
		h.regions = make([]bool, r.regions.Len())
	}
	p := r.spec.Privacy
	if p == nil || p.SuppressBelow == 0 || r.model == nil {
		return h
	}
	counts := [][]float64{r.model.eligible}
	for _, c := range r.model.curves {
		treated := c.likelihoods(r.base.minutes)
		for i, l := range treated {
			treated[i] = r.model.eligible[i] * l // NaN without a time: nothing is printed
		}
		counts = append(counts, treated)
	}
	var group []int // without regions all places are of one
	if r.regions != nil {
		group = make([]int, len(r.region))
		for i, row := range r.region {
			group[i] = row
			if row < 0 {
				group[i] = r.regions.Len() // those of no region are one group
			}
		}
	}
	h.places = access.Withhold(counts, group, p.SuppressBelow)
	if r.regions != nil {
		var totals [][]float64
		for _, c := range counts {
			t := make([]float64, len(h.regions))
			for i, row := range r.region {
				if row >= 0 && !math.IsNaN(c[i]) {
					t[row] += c[i]
				}
			}
			totals = append(totals, t)
		}
		h.regions = access.Withhold(totals, nil, p.SuppressBelow)
		// A region is not withheld if the sum of its places gives it away.
		least := map[int]int{}
		for i, row := range r.region {
			if row < 0 || !h.regions[row] || !(r.model.eligible[i] > 0) {
				continue
			}
			if j, ok := least[row]; !ok || h.places[i] && !h.places[j] || h.places[i] == h.places[j] && r.model.eligible[i] < r.model.eligible[j] {
				least[row] = i
			}
		}
		for _, i := range least {
			h.places[i] = true
		}
	}
	if q := r.queues; q != nil {
		year := make([]float64, len(q.arrivals))
		for j, a := range q.arrivals {
			year[j] = 12 * a
		}
		h.campuses = access.Withhold([][]float64{year}, nil, p.SuppressBelow)
		if n := marked(h.campuses); n > 0 {
			r.note("privacy.centers", "least", p.SuppressBelow, "n", n)
		}
	}
	if n := marked(h.places); n > 0 {
		r.note("privacy.places", "least", p.SuppressBelow, "n", n)
	}
	if n := marked(h.regions); n > 0 {
		r.note("privacy.regions", "least", p.SuppressBelow, "n", n)
	}
	return h
}

func marked(b []bool) (n int) {
	for _, x := range b {
		n += b2i(x)
	}
	return n
}

// withheldWords is a column that says what is withheld and why, "" where nothing.
func (r *run) withheldWords(mark []bool) []string {
	out := make([]string, len(mark))
	for i, h := range mark {
		if h {
			out[i] = fmt.Sprintf("numbers of patients below %g, or one that would give such a number away", r.spec.Privacy.SuppressBelow)
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
