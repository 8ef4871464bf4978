package study

import (
	"fmt"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// A list that says itself that a center is closed or planned has it counted as open with
// a note alone; a study that chooses by that column has none.
func TestCentersThatAreNotOpen(t *testing.T) {
	at := []orb.Point{{9, 48}, {9.5, 48}, {10, 48}}
	places := must(geo.NewPoints(geo.About{Name: "p"}, nil, at, num("population", 5, 7, 9)))(t)
	for _, c := range []struct {
		column geo.Column
		where  string
		want   string
	}{
		{text("status", "active", "closed", "Planned for 2028"), "", "2"},
		{text("Zustand", "offen", "geplant", "offen"), "", "1"},
		{text("remarks", "", "closed on Sundays, and every afternoon but Monday's in winter", ""), "", ""},
		{text("remarks", "", "closed", ""), "", "1"},
		{text("name", "Planned Parenthood", "Future Health", "Closed"), "", ""}, // names
		{text("operator", "Planned Parenthood", "Future Health", "City"), "", ""},
		{text("active", "yes", "no", "no"), "", "2"},
		{geo.Bools(geo.Field{Name: "is_open"}, []float64{1, 0, 1}), "", "1"},
		{text("closed", "", "2022-03", ""), "", "1"},
		{text("closed", "no", "no", "yes"), "", "1"},
		{text("Close Date", "", "20220301", ""), "", "1"},
		{text("date_fermeture", "", "2022-03-01", ""), "", "1"},
		{text("Schliessung", "", "2019", ""), "", "1"},
		{text("active_until", "", "2022-03-01", ""), "", "1"},
		{text("active_until", "", "2031", ""), "", ""},
		{text("open until", "18:00", "20:00", ""), "", ""},
		{text("valid_to", "9999-12-31", "2022-03-01", "2099-12-31"), "", "1"},
		{text("closest_date", "2022-03-01", "2022-03-02", ""), "", ""},
		{text("opened", "2019", "2020", "2021"), "", ""},
		{text("opened", "2019", "2020", "2028"), "", "1"},
		{num("opening year", 2019, 2027, 2028), "", "2"},
		{text("Open date", "2026-12-01", "2026-12-02", "2025-01"), "", "1"},
		{text("Eröffnungsdatum", "1.4.2025", "", "1.4.2027"), "", "1"},
		{text("date_ouverture", "", "2031-01-01", "2099-12-31"), "", "1"},
		{text("Eröffnet am", "1.4.2025", "", "1.4.2027"), "", "1"},
		{text("go_live", "planned 2027", "2027 Q1", "2024"), "", "2"},
		{text("opened", "Mar-27", "May-18", "TBD"), "", "1"},
		{text("opened", "2026 or before", "12 March 2027", "tel. 2030 55 11"), "", "1"},
		{text("valid_to", "2028-12-31", "2022-03-01", "2027"), "", "1"}, // a certificate that holds
		{text("closing_date", "", "2028-01-01", ""), "", ""},
		{text("closed", "", "2022", "2028"), "", "1"},
		{text("aktiv", "ja", "nein", "ja"), "", "1"},
		{text("opening hours", "2027", "8-17", ""), "", ""},
		{text("status", "closed", "closed", "closed"), "", ""}, // then it means something else
		{text("CAR-T", "Yes", "No", "no"), "", "2"},
		{text("CAR T-cell therapy", "ja", "nein", "ja"), "", "1"},
		{geo.Bools(geo.Field{Name: "offers_cart"}, []float64{1, 0, 1}), "", "1"},
		{num("cart", 1, 0, 1), "", "1"},
		{num("CAR-T patients", 12, 0, 1), "", ""}, // a count
		{text("cartography", "yes", "no", "yes"), "", ""},
		{text("CAR-T", "yes", "no", "no"), "where: {CAR-T: \"yes\"}", ""},
		{text("adult", "yes", "no", "not stated"), "", ""},
		{text("status", "active", "closed", "planned"), "where: {status: {not: [closed, planned]}}", ""},
		{text("status", "active", "closed", "planned"), "where: {status: active}", ""},
	} {
		sites := must(geo.NewPoints(geo.About{Name: "s"}, nil, at, c.column))(t)
		r := runSpec(t, World{Layers: shelf{"p": places, "s": sites}, Version: "test"},
			"{version: 1, name: open, places: {layer: p}, sites: {layer: s, "+c.where+"}, travel: {engine: crow}, measures: [{travel: {}}]}")
		said := ""
		for _, n := range r.Summary.Notes {
			if n.Key == "sites.not_open" || n.Key == "sites.without" || n.Key == "sites.later" {
				said = fmt.Sprint(n.Args["n"])
			}
		}
		if said != c.want {
			t.Errorf("%s %s: %q centers, want %q", c.column.Name, c.where, said, c.want)
		}
		if c.where != "" && r.Summary.Sites.Rows != 1 {
			t.Errorf("%s: %d centers", c.where, r.Summary.Sites.Rows)
		}
	}
}
