package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// datedWorld has centers that treat some indications since some time, written in every
// way, or say nothing of one or the other.
func datedWorld(t testing.TB, r *rand.Rand) (w World, treats, since []string) {
	var at, where []orb.Point
	var ids, sites []string
	var people []float64
	for i := range 25 {
		at, ids, people = append(at, orb.Point{r.Float64() * 5, 44 + r.Float64()*3}), append(ids, fmt.Sprint("t", i)), append(people, float64(1+r.IntN(1000)))
	}
	for j := range 12 {
		where, sites = append(where, orb.Point{r.Float64() * 5, 44 + r.Float64()*3}), append(sites, fmt.Sprint("s", j))
		treats = append(treats, []string{"lbcl-3l", "LBCL-3L; all-child", "mm-4l", "lbcl-3l,mm-4l", "not stated", ""}[r.IntN(6)])
		since = append(since, []string{"2019", "2021-03", "2021-03-20", "2022", "2022-06-15", "2023", "", "unknown"}[r.IntN(8)])
	}
	// One takes everybody always, so that the study has a center.
	treats[0], since[0] = "lbcl-3l, mm-4l", "2018"
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...)))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, sites, where, text("treats", treats...), text("begun", since...)))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers}, Version: "test", Land: func(orb.Point) int { return 0 }}, treats, since
}

// padded are the first and the last day of a date as written, as texts that sort.
func padded(date string) (first, last string) {
	return date + map[int]string{4: "-01-01", 7: "-01"}[len(date)], date + map[int]string{4: "-12-31", 7: "-31"}[len(date)]
}

// Which centers are open by a plain loop over them: people go to the nearest of these,
// from their place, from any point and in a scenario alike, and the notes count the rest.
func TestAcceptsByIndicationAndDate(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	seen := map[string]int{}
	for range 60 {
		w, treats, since := datedWorld(t, r)
		asOf := []string{"2021", "2021-03", "2021-03-21", "2022", "2022-06-14", "2024-01-01"}[r.IntN(6)]
		asked := [][]string{{"lbcl-3l"}, {"mm-4l"}, {"lbcl-3l", "mm-4l"}}[r.IntN(3)]
		var open []int
		want := map[string]int{}
		for j := range treats {
			has, silent := 0, treats[j] == "" || treats[j] == "not stated"
			for _, a := range asked {
				if strings.Contains(strings.ToLower(treats[j]), a) {
					has++
				}
			}
			if has < len(asked) { // and unknown is not yes
				want[map[bool]string{true: "accepts.silent", false: "accepts.others"}[silent]] += bit(has == 0)
				want["accepts.some"] += bit(has > 0)
				if !silent {
					continue
				}
			}
			if since[j] == "" || since[j] == "unknown" {
				want["accepts.undated"]++
			} else {
				first, last := padded(since[j])
				_, end := padded(asOf)
				if first > end {
					want["accepts.later"]++
					continue
				}
				if last > end {
					want["accepts.perhaps"]++
					continue
				}
			}
			if !silent {
				open = append(open, j)
			}
		}
		spec := fmt.Sprintf(`version: 1
name: t
places: {layer: towns}
as_of: %s
demand: {indications: [%s]}
sites: {layer: centers, accepts: [{field: treats, by: indications}, {field: begun, by: as_of}]}
travel: {engine: crow, borders: free}
scenarios: {more: [{open: {id: n, at: [2.5, 45.5]}}]}
measures: [travel]
`, asOf, strings.Join(asked, ", "))
		res := runSpec(t, w, spec)
		goesToTheNearestOf(t, w, res, open)
		for _, n := range res.Summary.Notes {
			if count, ok := n.Args["n"].(int); ok && strings.HasPrefix(n.Key, "accepts.") && n.Key != "accepts.unsure" {
				seen[n.Key]++
				if count != want[n.Key] {
					t.Errorf("as of %s, %v: %q, counted %d of %q since %q", asOf, asked, n.Text, want[n.Key], treats, since)
				}
				delete(want, n.Key)
			}
		}
		for key, n := range want {
			if n > 0 {
				t.Errorf("as of %s, %v: nothing is said of %d, %s", asOf, asked, n, key)
			}
		}
	}
	if len(seen) != 6 {
		t.Errorf("only %v were seen", seen)
	}
}

func bit(is bool) int {
	if is {
		return 1
	}
	return 0
}

// goesToTheNearestOf holds the places, the points and the scenario of a result to the
// nearest of the centers that are open.
func goesToTheNearestOf(t *testing.T, w World, res *finding.Result, open []int) {
	t.Helper()
	towns, centers := w.Layers.(shelf)["towns"], w.Layers.(shelf)["centers"]
	places := res.Layer("places")
	to, then := texts(t, places, "site_id"), texts(t, places, "site_id_more")
	for i := range towns.Len() {
		best, least := "", math.Inf(1)
		for _, j := range open {
			if d := float64(geo.Distance(towns.Point(i), centers.Point(j))); d < least {
				best, least = centers.ID(j), d
			}
		}
		if to[i] != best {
			t.Fatalf("%s goes to %q, the nearest that is open is %q", towns.ID(i), to[i], best)
		}
		want := best
		if float64(geo.Distance(towns.Point(i), orb.Point{2.5, 45.5})) < least {
			want = "n"
		}
		if then[i] != want {
			t.Errorf("%s goes to %q in the scenario, the nearest that is open is %q", towns.ID(i), then[i], want)
		}
		who, err := res.Reach.Someone(t.Context(), towns.Point(i), "")
		if err != nil {
			t.Fatal(err)
		}
		ways, _, err := res.Reach.Nearest(t.Context(), who, len(open)+3)
		if err != nil || len(ways) != len(open) || ways[0].ID != best {
			t.Errorf("a point at %s has %d centers, %v; %d are open, the nearest %q", towns.ID(i), len(ways), err, len(open), best)
		}
	}
	if s := res.Summary.Sites; s.Rows != len(open) {
		t.Errorf("%d sites are counted, %d are open", s.Rows, len(open))
	}
}

func TestAcceptsByRefuses(t *testing.T) {
	w, _, _ := datedWorld(t, rand.New(rand.NewPCG(1, 1)))
	c := w.Layers.(shelf)["centers"]
	bad, odd := make([]string, c.Len()), make([]string, c.Len())
	for i := range bad {
		bad[i], odd[i] = "2020", "lbcl-3l"
	}
	bad[1], odd[1] = "soon", "lbcl3l"
	w.Layers.(shelf)["bad"] = must(c.With(text("begun", bad...)))(t)
	w.Layers.(shelf)["odd"] = must(c.With(text("treats", odd...)))(t)
	const indications = "demand: {indications: [lbcl-3l]}\n"
	for _, x := range []struct{ more, sites, want string }{
		{"as_of: 2020\n", "layer: centers", "as_of: nothing looks at it; accepted: sites: {accepts"},
		{"as_of: soon\n", "layer: centers, accepts: [{field: begun, by: as_of}]", `as_of: found "soon"; accepted: a day, a month or a year`},
		{"as_of: 2020-13\n", "layer: centers, accepts: [{field: begun, by: as_of}]", `as_of: found "2020-13"`},
		{"", "layer: centers, accepts: [{field: begun, by: as_of}]", "sites.accepts[0].by: the study has no as_of"},
		{"", "layer: centers, accepts: [{field: treats, by: indications}]", "sites.accepts[0].by: the study names no indications"},
		{"as_of: 2020\n", "layer: centers, accepts: [{field: begun, by: date}]", `sites.accepts[0].by: found "date"; accepted: indications, as_of`},
		{"as_of: 2020\n", "layer: centers, accepts: [{field: begun, by: as_of, is: [yes]}]", "sites.accepts[0]: needs one of is, has, of, by"},
		{"as_of: 2020\n", "layer: bad, accepts: [{field: begun, by: as_of}]", `layer centers: feature 2 (id s1): begun holds "soon"; accepted: a day, a month or a year`},
		{indications, "layer: odd, accepts: [{field: treats, by: indications}]", `layer centers: feature 2 (id s1): treats holds "lbcl3l"; accepted: lbcl-3l, `},
		{"as_of: 1999\n", "layer: bad, where: {begun: \"2020\"}, accepts: [{field: begun, by: as_of}]", "no site of layer centers has begun by then"},
		{"demand: {indications: [fl], rates: {fl: 1}}\n", "layer: centers, accepts: [{field: treats, by: indications}]", "no site of layer centers has all indications of the study among its treats; it has "},
	} {
		s, err := Parse(strings.NewReader("version: 1\nname: t\nplaces: {layer: towns}\n"+x.more+"sites: {"+x.sites+"}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n"), nil)
		if err == nil {
			_, err = Run(context.Background(), w, s, nil)
		}
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s%s: %v, want %s", x.more, x.sites, err, x.want)
		}
	}
	// Whoever wants a site without a date not to count can say so.
	r := runSpec(t, w, "version: 1\nname: t\nplaces: {layer: towns}\nas_of: 2024\nsites: {layer: centers, accepts: [{field: begun, by: as_of, unknown: refuse}]}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n")
	silent := 0
	for _, b := range texts(t, c, "begun") {
		silent += bit(b == "" || b == "unknown")
	}
	if silent == 0 || r.Summary.Sites.Rows != c.Len()-silent || !slices.ContainsFunc(r.Summary.Notes, func(n Note) bool { return n.Key == "accepts.silent" && n.Args["n"] == silent }) {
		t.Errorf("%d sites count, %d of %d say nothing: %q", r.Summary.Sites.Rows, silent, c.Len(), r.Summary.Notes.Texts())
	}
}
