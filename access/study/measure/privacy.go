package measure

import (
	"context"
	"fmt"
	"math"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
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
	if err := r.fewInAll(); err != nil {
		return nil, err
	}
	timed := make([]float64, len(r.Model.Eligible))
	for i, e := range r.Model.Eligible {
		if !math.IsNaN(r.Ways.Minutes[i]) {
			timed[i] = e
		}
	}
	counts := [][]float64{r.Model.Eligible, timed}
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
	var known map[int]bool
	r.ofPlaces, known = access.Withhold(counts, r.told(counts), group, p.SuppressBelow)
	if r.Regions != nil {
		r.withholdRegions(counts, known)
	}
	if w := finding.Of[*Waiting](s); w != nil {
		year := make([]float64, len(w.Queues.Arrivals))
		for j, a := range w.Queues.Arrivals {
			year[j] = 12 * a
		}
		r.ofCampuses, _ = access.Withhold([][]float64{year, r.giving(w)}, 1, nil, p.SuppressBelow)
	}
	return r, nil
}

// told is of how many counts the totals count as told. Where the eligible are counted these
// are all: of eligible patients, of those with a way, which what is foregone tells, and of the
// treated. Where the eligible are a rate times people, anybody can multiply.
func (r *Withheld) told(counts [][]float64) int {
	if r.counted() {
		return len(counts)
	}
	return 1
}

// fewInAll refuses a study of fewer counted patients in all than are told: whatever it says
// of the whole would tell them.
func (r *Withheld) fewInAll() error {
	var all float64
	for _, e := range r.Model.Eligible {
		all += e
	}
	if !r.counted() || all == 0 || all >= r.Spec.Privacy.SuppressBelow {
		return nil
	}
	return &spec.SpecError{Field: "privacy.suppress_below",
		Problem: fmt.Sprintf("is %g, and the study has fewer eligible patients than that in all: every number of the whole would tell them",
			r.Spec.Privacy.SuppressBelow),
		Accept: "places with more patients, or a study without the model of treatment"}
}

// counted reports whether the eligible patients of places are a field of counts.
func (r *Withheld) counted() bool { return r.Spec.Demand != nil && r.Spec.Demand.Eligible != "" }

// giving has a number below the limit for each campus whose patients would give those of a
// region or a place away, and 0 for the others.
func (r *Withheld) giving(w *Waiting) []float64 {
	out := make([]float64, len(w.Queues.Arrivals))
	if !r.counted() {
		return out
	}
	for campus := range out {
		if r.Alone(func(i int) bool {
			j := r.Ways.Site[i]
			return j >= 0 && !math.IsNaN(r.Ways.Minutes[i]) && int(w.room.Index[int32(j)]) == campus
		}) {
			out[campus] = r.Spec.Privacy.SuppressBelow / 2
		}
	}
	return out
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

// withholdRegions decides for the sums of the places by region; those that would tell a
// place's number whatever else is blank are withheld as small ones are.
func (r *Withheld) withholdRegions(counts [][]float64, known map[int]bool) {
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
	told, telling := r.told(totals), make([]float64, len(r.OfRegions))
	for row := range telling {
		if known[row] && told > 1 {
			telling[row] = r.Spec.Privacy.SuppressBelow / 2
		}
	}
	r.OfRegions, _ = access.Withhold(append(totals, telling), told, nil, r.Spec.Privacy.SuppressBelow)
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

// Tells is that of [finding.Withholding]: of whom something changes.
func (r *Withheld) Tells(before, after *ground.Trips) bool {
	return r.Alone(func(i int) bool {
		a, b := before.Minutes[i], after.Minutes[i]
		return math.IsNaN(a) != math.IsNaN(b) || math.Abs(a-b) > 1e-9 // less is rounding
	})
}

// Alone reports whether a sum of patients over some places would give a number away that is
// withheld: of those it holds one region alone that is withheld, or one place, whose
// number is what the sum has beyond those that are shown; of several it is their sum,
// as totals tell it too.
func (r *Withheld) Alone(among func(i int) bool) bool {
	regions, places := map[int]bool{}, 0
	for i, e := range r.Model.Eligible {
		if !(e > 0) || !among(i) {
			continue
		}
		if r.Regions != nil && r.Region[i] >= 0 && r.OfRegions[r.Region[i]] {
			regions[r.Region[i]] = true
		}
		places += ground.Bit(r.ofPlaces[i])
	}
	return len(regions) == 1 || places == 1
}
