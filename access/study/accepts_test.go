package study

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Four centers on a line: one for adults, one for children, one that says
// nothing, one for both; each with its payers.
func eligibilityWorld(t *testing.T) World {
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b", "c"}, []orb.Point{{0, 46}, {1, 46}, {3, 46}},
		num("population", 100, 200, 300), text("payer", "state", "private", "")))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, []string{"adult", "child", "silent", "both"},
		[]orb.Point{{0, 46}, {1, 46}, {2, 46}, {4, 46}}, text("adult", "yes", "no", "not stated", "yes"), text("products", "axi-cel; tisa-cel", "tisa-cel", "", "liso-cel"),
		text("payers", "private", "state, private", "state", "state")))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers}, Version: "test", Land: func(orb.Point) int { return 0 }}
}

func TestSitesAcceptPatients(t *testing.T) {
	run := func(accepts string) *finding.Result {
		return runSpec(t, eligibilityWorld(t), "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, accepts: ["+accepts+"]}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n")
	}
	goes := func(r *finding.Result) string { return strings.Join(texts(t, r.Layer("places"), "site_id"), " ") }
	noted := func(r *finding.Result, what string) bool {
		return slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, what) })
	}
	for _, c := range []struct{ accepts, goes string }{
		{"", "adult adult both"}, // the patients are adults
		{"{field: adult, is: [yes, no], unknown: accept}", "adult child silent"},
		{"{field: adult, is: [yes]}", "adult adult both"},
		{"{field: adult, is: [yes], unknown: accept}", "adult adult silent"},
		{"{field: products, has: tisa-cel}", "adult adult adult"},
		{"{field: adult, is: [yes, no]}, {field: products, has: tisa-cel}", "adult child child"},
		{"{field: adult, is: [yes]}, {field: products, has: tisa-cel}", "adult adult adult"},
		// Each town's payer must be among the center's; nobody knows who takes c.
		{"{field: adult, is: [yes, no], unknown: accept}, {field: payers, of: payer}", "child child "},
	} {
		if got := goes(run(c.accepts)); got != c.goes {
			t.Errorf("%s: people go to %q, want %q", c.accepts, got, c.goes)
		}
	}
	// Unknown is not yes, and the result says what that does: town c would be nearer.
	if r := run("{field: adult, is: [yes]}"); !noted(r, "1 site says nothing of adult and does not count") || !noted(r, "for 300 people a site would be nearer of which it is not known") {
		t.Errorf("notes %q", r.Summary.Notes.Texts())
	}
	if r := run("{field: adult, is: [yes], unknown: accept}"); noted(r, "not known") || noted(r, "says nothing") {
		t.Errorf("notes %q", r.Summary.Notes.Texts())
	}
	if r := run("{field: adult, is: [YES]}"); goes(r) != "adult adult both" {
		t.Errorf("YES is not yes: %s", goes(r))
	}
	silent := eligibilityWorld(t)
	c := silent.Layers.(shelf)["centers"]
	silent.Layers.(shelf)["centers"] = must(c.With(text("payers", "private", "?", "state", "state")))(t)
	if r := runSpec(t, silent, "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, accepts: [{field: adult, is: [yes, no], unknown: accept}, {field: payers, of: payer}]}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n"); goes(r) != "silent adult " || !noted(r, "1 site does not say whom they take") || !noted(r, "for 600 people a site would be nearer") {
		t.Errorf("%s, %q", goes(r), r.Summary.Notes.Texts())
	}
	r := run("{field: adult, is: [yes, no], unknown: accept}, {field: payers, of: payer}")
	if v := column(t, r.Layer("places"), "time_min"); !math.IsNaN(v[2]) || !noted(r, "300 people live in places without payer") {
		t.Errorf("times %v, notes %q", v, r.Summary.Notes.Texts())
	}
}

func TestAcceptsErrors(t *testing.T) {
	for accepts, want := range map[string]string{
		"{is: [yes]}":                                 "sites.accepts[0].field: is missing",
		"{field: adult}":                              "sites.accepts[0]: needs one of is, has, of",
		"{field: adult, is: [yes], has: x}":           "sites.accepts[0]: needs one of is, has, of",
		"{field: adult, is: [yes], unknown: perhaps}": `sites.accepts[0].unknown: found "perhaps"; accepted: refuse, accept`,
		"{field: adlut, is: [yes]}":                   `sites.accepts[0].field: layer centers has no field "adlut"`,
		"{field: adult, is: [oui]}":                   "no site of layer centers has adult oui; it has no, not stated, yes",
		"{field: payers, of: insurer}":                `sites.accepts[0].of: layer towns has no field "insurer"`,
	} {
		s, err := Parse(strings.NewReader("version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, accepts: ["+accepts+"]}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n"), nil)
		if err == nil {
			_, err = Run(context.Background(), eligibilityWorld(t), s, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", accepts, err, want)
		}
	}
}
