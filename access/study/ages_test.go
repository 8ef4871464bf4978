package study

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// agesWorld has towns and centers on a line whose fields say in their own way whom they
// treat; a field that is "" is not there.
func agesWorld(t *testing.T, adult, child string, values [][2]string) World {
	var at []orb.Point
	var ids, adults, children []string
	for i, v := range values {
		at, ids = append(at, orb.Point{float64(i), 46}), append(ids, fmt.Sprint("s", i))
		adults, children = append(adults, v[0]), append(children, v[1])
	}
	columns := []geo.Column{text("payers", make([]string, len(ids))...)}
	if adult != "" {
		columns = append(columns, text(adult, adults...))
	}
	if child != "" {
		columns = append(columns, text(child, children...))
	}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b"}, []orb.Point{{0, 46}, {3, 46}}, num("population", 100, 200)))(t)
	return World{Layers: shelf{"towns": towns, "centers": must(geo.NewPoints(geo.About{Name: "centers"}, ids, at, columns...))(t)}, Version: "test",
		Land: func(orb.Point) int { return 0 }}
}

// Which centers count for whom: every pair of what a center can say of adults and of
// children, in each of the fields' names, against a table.
func TestCentersForTheAgeOfThePatients(t *testing.T) {
	words := []string{"yes", "no", "not stated"}
	var values [][2]string
	for _, a := range words {
		for _, c := range words {
			values = append(values, [2]string{a, c})
		}
	}
	forAdults, forChildren := []string{"s0", "s1", "s2"}, []string{"s0", "s3", "s6"}
	all := []string{"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"}
	for _, c := range []struct {
		demand, sites string
		want          []string
		notes         string
	}{
		{"", "", forAdults, "accepts.adults accepts.adults_unsaid"},
		{"demand: {indications: [mm-4l, lbcl-3l]}", "", forAdults, "accepts.adults accepts.adults_unsaid"},
		{"demand: {eligible_per_100k: 3}", "", forAdults, "accepts.adults accepts.adults_unsaid"},
		{"demand: {indications: [all-child], rates: {all-child: 0.5}}", "", forChildren, "accepts.children accepts.children_unsaid"},
		{"demand: {indications: [all-child, lbcl-3l], rates: {all-child: 0.5}}", "", all, "accepts.both_ages"},
		{"", ", accepts: [{field: adult, is: [yes, no], unknown: accept}]", all, ""},
		{"", ", where: {paediatric: [yes]}", forChildren, ""},
	} {
		for _, names := range [][2]string{{"adult", "paediatric"}, {"adults", "children"}, {"adult", "pediatric"}} {
			if c.sites != "" && names[1] != "paediatric" {
				continue
			}
			r := runSpec(t, agesWorld(t, names[0], names[1], values), "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, count: rows"+c.sites+"}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n"+c.demand+"\n")
			if got := siteIDs(r); !slices.Equal(got, c.want) {
				t.Errorf("%s%s by %v: %v count, want %v", c.demand, c.sites, names, got, c.want)
			}
			var notes []string
			for _, n := range r.Summary.Notes {
				if strings.HasPrefix(n.Key, "accepts.") && n.Key != "accepts.unsure" {
					notes = append(notes, n.Key)
				}
			}
			if got := strings.Join(notes, " "); got != c.notes {
				t.Errorf("%s%s by %v: notes %q, want %q", c.demand, c.sites, names, got, c.notes)
			}
		}
	}
}

// A field that holds something else, or says yes of nobody, chooses nothing.
func TestFieldsThatDoNotSayWhomASiteTreats(t *testing.T) {
	for name, values := range map[string][][2]string{
		"numbers": {{"120", ""}, {"45", ""}},
		"words":   {{"yes, from 18", ""}, {"no", ""}},
		"nothing": {{"", ""}, {"not stated", ""}},
		"no":      {{"no", ""}, {"no", ""}},
	} {
		r := runSpec(t, agesWorld(t, "adult", "", values), "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, count: rows}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n")
		if got := siteIDs(r); len(got) != 2 {
			t.Errorf("%s: only %v count", name, got)
		}
	}
	yes := [][2]string{{"TRUE", ""}, {" Y ", ""}, {"1", ""}, {"0", ""}, {"False", ""}, {"?", ""}}
	r := runSpec(t, agesWorld(t, "adult", "", yes), "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, count: rows}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n")
	if got := siteIDs(r); !slices.Equal(got, []string{"s0", "s1", "s2"}) {
		t.Errorf("%v count", got)
	}
}

// siteIDs are those of the sites that count.
func siteIDs(r *finding.Result) (ids []string) {
	l := r.Layer("sites")
	for i := range l.Len() {
		ids = append(ids, l.ID(i))
	}
	return ids
}

// A region whose only site says nothing of adults may have a center for them, however
// complete the list is said to be; where the site says no there is none. Sites that do
// not count need no times.
func TestRegionOfASiteThatDoesNotSay(t *testing.T) {
	regions := func(l *geo.Layer) *geo.Layer {
		return must(l.With(text("region", "r0", "r1", "r2", "r3")))(t)
	}
	at := []orb.Point{{0, 46}, {1, 46}, {2, 46}, {3, 46}}
	w := World{Layers: shelf{
		"towns":   regions(must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b", "c", "d"}, at, num("population", 1, 1, 1, 1)))(t)),
		"centers": regions(must(geo.NewPoints(geo.About{Name: "centers"}, []string{"yes", "no", "silent", "child"}, at, text("adult", "yes", "no", "", ""), text("paediatric", "", "", "", "yes")))(t)),
		"areas":   regions(must(geo.NewTable(geo.About{Name: "areas"}, []string{"r0", "r1", "r2", "r3"}))(t)),
		"times":   must(geo.NewTable(geo.About{Name: "times"}, []string{"1", "2", "3", "4"}, text("from", "a", "b", "c", "d"), text("to", "yes", "yes", "yes", "yes"), num("min", 10, 20, 30, 40)))(t),
	}, Version: "test", Land: func(orb.Point) int { return 0 }}
	for _, engine := range []string{"engine: crow, borders: free", "engine: matrix, table: times, place: from, site: to, minutes: min, borders: free"} {
		for complete, want := range map[string]string{"true": "has a center none doubtful doubtful", "false": "has a center not in the list doubtful doubtful"} {
			r := runSpec(t, w, "version: 1\nname: t\nplaces: {layer: towns}\nregions: {layer: areas, join: region}\nsites: {layer: centers, complete: "+complete+"}\ntravel: {"+engine+"}\nmeasures: [travel, gaps]\n")
			if got := strings.Join(texts(t, r.Layer("regions"), "gap"), " "); got != want {
				t.Errorf("%s, complete %s: %q, want %q", engine, complete, got, want)
			}
		}
	}
}
