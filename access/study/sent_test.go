package study

import (
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
)

// recover cites the programmes of transfer that are known: of an area of the study whose
// people live beyond four hours, and of no other.
func TestRecoverCitesTransfers(t *testing.T) {
	slow := strings.Replace(toySpec, "engine: crow, ", "engine: crow, speed_times: 0.7, ", 1)
	sent := func(area, region string, people float64, change func(*access.Count)) access.Count {
		return count(area, 30, func(c *access.Count) {
			c.Country, c.Regions, c.People, c.Stage, c.Scope = "A", []string{region}, people, "sent elsewhere", "region"
			c.Qualifier, c.Source, c.From, c.To = "about", "https://example.org/"+region, "2019", "2023"
			if change != nil {
				change(c)
			}
		})
	}
	east := sent("A, East", "E", 50_000, nil)
	cited := func(r *finding.Result) (areas []string) {
		for _, c := range r.Summary.Penalty.Curves {
			if c.Beyond != "recover" && c.Sent != nil {
				t.Errorf("%s cites %+v", c.Beyond, c.Sent)
			}
			for _, s := range c.Sent {
				areas = append(areas, s.Area)
			}
		}
		notes := 0
		for _, n := range r.Summary.Notes {
			notes += bit(strings.HasPrefix(n.Key, "recover.sent"))
		}
		if notes != len(areas) {
			t.Errorf("%d notes of %d areas", notes, len(areas))
		}
		return areas
	}
	r := runSpec(t, withCounts(t, east, sent("A, West", "W", 150_000, nil), sent("A, South", "S", 10, nil)), slow)
	if got := cited(r); !slices.Equal(got, []string{"A, East"}) {
		t.Fatalf("cited are %q", got)
	}
	x := r.Summary.Penalty.Curves[2].Sent[0]
	if x.Count != 30 || x.When != "2019 to 2023" || x.Qualifier != "about" || x.Source != "https://example.org/E" || x.Beyond != 50_000 || x.Kind != "ministry" {
		t.Errorf("%+v", x)
	}
	const want = "beyond four hours, recover: patients of East are known to be sent elsewhere, about 30 (2019 – 2023; example.org/E). How many of them come from beyond four hours, where 50,000 of its people live, is not known"
	if !slices.Contains(r.Summary.Notes.Texts(), want) {
		t.Errorf("notes %q", r.Summary.Notes.Texts())
	}
	for qualifier, key := range map[string]string{"exact": "recover.sent", "at least": "recover.sent.least", "range": "recover.sent.least"} {
		c := east
		c.Qualifier = qualifier
		if r := runSpec(t, withCounts(t, c), slow); !slices.ContainsFunc(r.Summary.Notes, func(n Note) bool { return n.Key == key && n.Args["n"] == 30 }) {
			t.Errorf("%s: notes %q", qualifier, r.Summary.Notes.Texts())
		}
	}
	for name, c := range map[string]access.Count{
		"infused":          sent("A, East", "E", 50_000, func(c *access.Count) { c.Stage = "infused" }),
		"without a number": sent("A, East", "E", 50_000, func(c *access.Count) { c.Low = 0 }),
		"of one hospital":  sent("A, East", "E", 50_000, func(c *access.Count) { c.Scope = "one hospital" }),
		"of a larger area": sent("A, East", "E", 90_000, nil),
	} {
		if got := cited(runSpec(t, withCounts(t, c), slow)); got != nil {
			t.Errorf("%s: cited are %q", name, got)
		}
	}
	// Where nobody lives so far, or recover is not shown, nothing is cited.
	if got := cited(runSpec(t, withCounts(t, east), toySpec)); got != nil {
		t.Errorf("within four hours: %q", got)
	}
	if got := cited(runSpec(t, withCounts(t, east), slow+"penalty: {beyond: [hold, continue]}\n")); got != nil {
		t.Errorf("without recover: %q", got)
	}
	if got := cited(runSpec(t, toy(t), slow)); got != nil {
		t.Errorf("without counts: %q", got)
	}
}
