package study

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// unsureBy counts, place by place, which of the regions of a group may have a center that
// the list lacks, and says those in which more than a tenth of its people live.
func unsureBy(region []string, people []float64, gap map[string]string, in func(i int) bool) string {
	var said []string
	for _, word := range []string{"doubtful", "incomplete", "not in the list", "stated"} {
		var of, all float64
		for i := range region {
			if in(i) {
				all += people[i]
				if gap[region[i]] == word {
					of += people[i]
				}
			}
		}
		if of > all/10 {
			said = append(said, word)
		}
	}
	return strings.Join(said, "; ")
}

// Every table that names regions, or groups of places, has what the list says of them
// where it may lack a center, as counted place by place; and of no other.
func TestTablesTellWhereTheListMayLackACenter(t *testing.T) {
	marked := map[string]int{}
	for seed := range uint64(4) {
		for _, status := range [][]string{{"stated", "none"}, {"", "incomplete"}, {"doubtful", "stated"}, {"none", "none"}} {
			w := sitingWorld(t, seed)
			s := w.Layers.(shelf)
			s["lands"] = must(geo.NewLayer(geo.About{Name: "lands"}, []string{"W", "S", "N", "E"},
				[]orb.Geometry{box(-1, 43, 3, 6), box(2, 43, 2, 3), box(2, 46, 2, 3), box(4, 43, 3, 6)}, text("gap_status", "", status[0], status[1], "")))(t)
			r := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: treated}\nuncertainty: {draws: 3}\nscenarios: {x: [{open: {id: new, at: [3, 46.5]}}]}\n")
			gap := map[string]string{}
			regions := r.Layer("regions")
			for i, g := range must(regions.Texts("gap"))(t) {
				gap[regions.ID(i)] = g
			}
			region, people := must(r.Layer("places").Texts("region_id"))(t), column(t, r.Layer("places"), "population")
			for table, key := range map[string]string{"who_gains": "group", "compare_regions": "region_id", "uncertainty_regions": "region_id", "best_by_region": "region_id"} {
				l := r.Layer(table)
				if l == nil || l.Len() == 0 {
					t.Fatalf("seed %d: no %s", seed, table)
				}
				ids, got := must(l.Texts(key))(t), must(l.Texts("region_gap"))(t)
				for k, id := range ids {
					want := unsureBy(region, people, gap, func(i int) bool { return region[i] == id })
					if table == "who_gains" && must(l.Texts("field"))(t)[k] != "region" {
						continue
					}
					if got[k] != want {
						t.Errorf("seed %d, %v: %s of %s has %q, want %q", seed, status, table, id, got[k], want)
					}
					if want != "" {
						marked[table]++
					}
				}
			}
			best, stands := r.Layer("best_by_region"), map[string]string{}
			for k, id := range must(best.Texts("candidate_region_id"))(t) {
				stands[id] = must(best.Texts("candidate_region_gap"))(t)[k]
				if want := gap[id]; access.Gap(want).Unsure() != (stands[id] != "") || stands[id] != "" && stands[id] != want {
					t.Errorf("a candidate in %s has %q, want %q", id, stands[id], want)
				}
			}
		}
	}
	for _, table := range []string{"who_gains", "compare_regions", "uncertainty_regions", "best_by_region"} {
		if marked[table] == 0 {
			t.Errorf("no row of %s is marked", table)
		}
	}
}

// Of groups that mix regions, those count in which more than a tenth of the people live.
func TestGroupsAcrossRegions(t *testing.T) {
	w := toy(t)
	s := w.Layers.(shelf)
	towns := s["towns"]
	kind := make([]string, towns.Len())
	for i := range kind {
		kind[i] = fmt.Sprint(i % 2)
	}
	s["towns"] = must(towns.With(text("kind", kind...)))(t)
	r := runSpec(t, w, strings.Replace(toySpec, "places: {layer: towns}", "places: {layer: towns, groups: {kind: values}}", 1))
	gap := map[string]string{}
	regions := r.Layer("regions")
	for i, g := range must(regions.Texts("gap"))(t) {
		gap[regions.ID(i)] = g
	}
	region, people := must(r.Layer("places").Texts("region_id"))(t), column(t, r.Layer("places"), "population")
	l := r.Layer("groups")
	var seen []string
	for k, name := range must(l.Texts("group"))(t) {
		want := unsureBy(region, people, gap, func(i int) bool { return kind[i] == name })
		if got := must(l.Texts("region_gap"))(t)[k]; got != want {
			t.Errorf("group %s has %q, want %q (%v)", name, got, want, gap)
		}
		seen = append(seen, want)
	}
	slices.Sort(seen)
	if seen = slices.Compact(seen); len(seen) < 2 {
		t.Errorf("all groups are alike: %q", seen)
	}
}

// A plan names the countries whose list has fewer than nine tenths of the published
// centers, and none where the study trusts its list, or nothing is known.
func TestShortListsStandWithThePlan(t *testing.T) {
	for listed, want := range map[int]bool{89: true, 90: false, 91: false, 120: false} {
		w := sitingWorld(t, 1)
		w.Completeness = func(layer, _ string) List {
			if layer != "centers" {
				return List{}
			}
			return List{Text: "so many", Listed: listed, Published: 100}
		}
		plan := sitingSpec + "siting: {pick: 1, goal: treated}\n"
		short := runSpec(t, w, plan).Summary.Siting.Short
		if (len(short) > 0) != want || want && (short[0].Listed != listed || short[0].Published != 100) {
			t.Errorf("%d of 100: %+v", listed, short)
		}
		trusted := strings.Replace(plan, "sites: {layer: centers", "sites: {complete: true, layer: centers", 1)
		if trusted == plan {
			t.Fatal("the study does not name its sites as it did")
		}
		if got := runSpec(t, w, trusted).Summary.Siting.Short; got != nil {
			t.Errorf("a list that is trusted: %+v", got)
		}
	}
	if got := runSpec(t, sitingWorld(t, 1), sitingSpec+"siting: {pick: 1, goal: treated}\n").Summary.Siting.Short; got != nil {
		t.Errorf("of a list of which nothing is known: %+v", got)
	}
}
