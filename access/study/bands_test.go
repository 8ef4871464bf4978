package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/geo"
	"careshed/geo/travel"
)

// inCountries is the toy with other countries of its places and sites.
func inCountries(t *testing.T, towns ...string) World {
	w := toy(t)
	s := w.Layers.(shelf)
	s["towns"] = must(s["towns"].With(text("country", towns...)))(t)
	return w
}

func noteOf(r *finding.Result, key string) (finding.Note, bool) {
	k := slices.IndexFunc(r.Summary.Notes, func(n finding.Note) bool { return n.Key == key })
	if k < 0 {
		return finding.Note{}, false
	}
	return r.Summary.Notes[k], true
}

// Whose bands times are made with is said of every country but the one that they are
// calibrated on; bands that a study gives stand in their place, and a country whose
// roads were measured has its own where the study stands in it alone.
func TestWhoseBands(t *testing.T) {
	const spec = "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: crow, borders: free%s}\nmeasures: [travel]\n"
	us := runSpec(t, inCountries(t, "US", "USA", "United States", "us", "US"), fmt.Sprintf(spec, ""))
	for _, x := range []struct {
		name, more string
		in         []string
		says       string
		own        bool
	}{
		{"one", "", []string{"IT", "IT", "IT", "IT", "IT"}, "the travel times of Italy use detours and speeds of the United States", false},
		{"two and the home", "", []string{"IT", "US", "FR", "US", "IT"}, "Italy, France use detours", false},
		{"one of two has its own", "", []string{"AD", "FR", "AD", "FR", "FR"}, "use detours", false},
		{"unknown", "", []string{"", "", "", "", ""}, "", false},
		{"given speeds", ", speed: [{kmh: 60}]", []string{"IT", "IT", "IT", "IT", "IT"}, "", false},
		{"given circuity", ", circuity: [{factor: 1.7}]", []string{"IT", "IT", "IT", "IT", "IT"}, "", false},
		{"other speeds", ", speed_times: 0.9", []string{"IT", "IT", "IT", "IT", "IT"}, "", false},
		{"own", "", []string{"AD", "AD", "AND", "Andorra", "AD"}, "", true},
		{"own, given", ", speed: [{kmh: 60}]", []string{"AD", "AD", "AD", "AD", "AD"}, "", false},
	} {
		r := runSpec(t, inCountries(t, x.in...), fmt.Sprintf(spec, x.more))
		n, said := noteOf(r, "crow.borrowed")
		if said != (x.says != "") || !strings.Contains(n.Text, x.says) || said && n.About != ground.AboutWays {
			t.Errorf("%s: %+v", x.name, n)
		}
		if _, own := noteOf(r, "crow.own"); own != x.own {
			t.Errorf("%s: own bands: %v", x.name, own)
		}
		same := fmt.Sprint(column(t, r.Layer("places"), "time_min")) == fmt.Sprint(column(t, us.Layer("places"), "time_min"))
		if same != (x.more == "" && !x.own) {
			t.Errorf("%s: the times are those of the default bands: %v", x.name, same)
		}
	}
	if n, said := noteOf(us, "crow.borrowed"); said {
		t.Errorf("the home country: %+v", n)
	}

	// The own bands are in the manifest, with what they rest on.
	own := runSpec(t, inCountries(t, "AD", "AD", "AD", "AD", "AD"), fmt.Sprintf(spec, "")).Manifest
	if k := slices.IndexFunc(own.Parameters, func(p finding.Parameter) bool { return p.Name == "crow.times_AD" }); k < 0 || own.Parameters[k].Evidence == nil ||
		!strings.Contains(own.Engine.Detail, "fitted to 99835 journeys on the roads of Andorra") || own.Engine.Settings["country"] != "AD" {
		t.Errorf("%+v", own.Engine)
	}

	// The own bands are those of the table, and twice the speed halves the times.
	m, _ := travel.MeasuredIn("AD")
	all := []string{"AD", "AD", "AD", "AD", "AD"}
	r := runSpec(t, inCountries(t, all...), fmt.Sprintf(spec, ""))
	twice := runSpec(t, inCountries(t, all...), fmt.Sprintf(spec, ", speed_times: 2"))
	c := &travel.Crow{}
	c.Circuity, c.Speed = m.Bands()
	km, min, half := column(t, r.Layer("places"), "geodesic_km"), column(t, r.Layer("places"), "time_min"), column(t, twice.Layer("places"), "time_min")
	for i := range km {
		if math.IsNaN(min[i]) {
			continue
		}
		if want := c.Drive(c.Way(geo.Metres(1000 * km[i]))).Minutes(); math.Abs(min[i]-want) > 1e-9 || math.Abs(2*half[i]-min[i]) > 1e-9 {
			t.Errorf("place %d at %v km: %v minutes, want %v; at twice the speed %v", i, km[i], min[i], want, half[i])
		}
	}
}

// A note names few countries, those with most people first, and counts the others.
func TestBorrowedNamesFew(t *testing.T) {
	w := inCountries(t, "IT", "FR", "DE", "AT", "CH")
	r := runSpec(t, w, "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n")
	n, _ := noteOf(r, "crow.borrowed")
	if !strings.Contains(n.Text, " and 1 other country use detours and speeds of the United States") || float64(n.People) != float64(r.Summary.Population) {
		t.Errorf("%+v", n)
	}
}
