package measure

import (
	"context"
	"fmt"
	"math"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
)

// Withheld are the places, regions and campuses whose numbers of patients are
// withheld, with every number that would give them away; campuses are nil where none
// are.
type Withheld struct {
	*finding.Study
	ofPlaces, OfRegions, ofCampuses []bool
}

// FindWithheld decides once for all outputs.
func FindWithheld(_ context.Context, s *finding.Study) (finding.Finding, error) {
	r := &Withheld{Study: s, ofPlaces: make([]bool, s.Places.Len())}
	if r.Regions != nil {
		r.OfRegions = make([]bool, r.Regions.Len())
	}
	p := r.Spec.Privacy
	if p == nil || p.SuppressBelow == 0 || r.Model == nil {
		return r, nil
	}
	counts := [][]float64{r.Model.Eligible}
	for _, c := range r.Model.Curves {
		treated := c.Likelihoods(r.Ways.Minutes)
		for i, l := range treated {
			treated[i] = r.Model.Eligible[i] * l // NaN without a time: nothing is printed
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
	r.ofPlaces = access.Withhold(counts, group, p.SuppressBelow)
	if r.Regions != nil {
		r.withholdRegions(counts)
	}
	if w := finding.Of[*Waiting](s); w != nil {
		year := make([]float64, len(w.Queues.Arrivals))
		for j, a := range w.Queues.Arrivals {
			year[j] = 12 * a
		}
		r.ofCampuses = access.Withhold([][]float64{year}, nil, p.SuppressBelow)
	}
	return r, nil
}

// Tell says how many are withheld.
func (r *Withheld) Tell(context.Context) error {
	if r.Spec.Privacy == nil {
		return nil
	}
	least := r.Spec.Privacy.SuppressBelow
	if n := marked(r.ofCampuses); n > 0 {
		r.Note("privacy.centers", "least", least, "n", n)
	}
	if n := marked(r.ofPlaces); n > 0 {
		r.Note("privacy.places", "least", least, "n", n)
	}
	if n := marked(r.OfRegions); n > 0 {
		r.Note("privacy.regions", "least", least, "n", n)
	}
	return nil
}

// withholdRegions decides for the sums of the places by region.
func (r *Withheld) withholdRegions(counts [][]float64) {
	var totals [][]float64
	for _, c := range counts {
		t := make([]float64, len(r.OfRegions))
		for i, row := range r.Region {
			if row >= 0 && !math.IsNaN(c[i]) {
				t[row] += c[i]
			}
		}
		totals = append(totals, t)
	}
	r.OfRegions = access.Withhold(totals, nil, r.Spec.Privacy.SuppressBelow)
	// A region is not withheld if the sum of its places gives it away.
	least := map[int]int{}
	for i, row := range r.Region {
		if row < 0 || !r.OfRegions[row] || !(r.Model.Eligible[i] > 0) {
			continue
		}
		fewer := func(j int) bool {
			return r.ofPlaces[i] && !r.ofPlaces[j] || r.ofPlaces[i] == r.ofPlaces[j] && r.Model.Eligible[i] < r.Model.Eligible[j]
		}
		if j, ok := least[row]; !ok || fewer(j) {
			least[row] = i
		}
	}
	for _, i := range least {
		r.ofPlaces[i] = true
	}
}

func marked(b []bool) (n int) {
	for _, x := range b {
		n += ground.Bit(x)
	}
	return n
}

// withheldWords is a column that says what is withheld and why, "" where nothing.
func withheldWords(s *finding.Study, mark []bool) []string {
	out := make([]string, len(mark))
	for i, h := range mark {
		if h {
			out[i] = fmt.Sprintf("numbers of patients below %g, or one that would give such a number away", s.Spec.Privacy.SuppressBelow)
		}
	}
	return out
}

// Tells is that of [finding.Withholding]: what changes for one region alone of those
// that are withheld is its own number, or what follows from it; of several it is their
// sum, as totals tell it too.
func (r *Withheld) Tells(before, after *ground.Trips) bool {
	of := map[int]bool{}
	for i, row := range r.Region {
		a, b := before.Minutes[i], after.Minutes[i]
		same := a == b || math.IsNaN(a) && math.IsNaN(b)
		if !same && row >= 0 && r.OfRegions != nil && r.OfRegions[row] && r.Model.Eligible[i] > 0 {
			of[row] = true
		}
	}
	return len(of) == 1
}
