package study

import (
	"math"
	"slices"
	"testing"

	"careshed/access"
)

// Regions whose list of centers is not to be trusted are set apart: the figures
// without them are those of everybody else, and a study that trusts its list has none.
func TestRegionsSetApart(t *testing.T) {
	r := runSpec(t, toy(t), toySpec)
	a := r.Summary.Apart
	if a == nil || !slices.Equal(a.Regions, []string{"Isle"}) || a.People != 20_000 {
		t.Fatalf("apart: %+v, want the isle with its 20,000", a)
	}
	places := r.Layer("places")
	region, _ := places.Column("region_id")
	people, minutes := column(t, places, "population"), column(t, places, "time_min")
	var all, far float64
	for i := range people {
		if region.Text(i) == "I" {
			people[i] = 0
		}
		if all += people[i]; !(minutes[i] <= 60) {
			far += people[i]
		}
	}
	if got, want := float64(a.TimeMin.Mean), access.NewWeighted(minutes, people).Mean(); got != want {
		t.Errorf("mean %v, want %v", got, want)
	}
	if got := float64(a.ShareBeyond); math.Abs(got-far/all) > 1e-15 || a.BeyondMin != 60 {
		t.Errorf("%v beyond %v, want %v beyond 60", got, a.BeyondMin, far/all)
	}
	w := toy(t)
	s := w.Layers.(shelf)
	s["lands"] = must(s["lands"].With(text("gap_status", "", "", "", "")))(t)
	if a := runSpec(t, w, toySpec).Summary.Apart; a != nil {
		t.Errorf("nothing says that a list is not to be trusted, and %+v stands apart", a)
	}
}
