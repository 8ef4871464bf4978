package travel_test

import (
	"context"
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/travel"
)

// A matrix is read by the names that programs give its columns, in their units,
// and wide ones as well: the same times from each.
func TestReadMatrices(t *testing.T) {
	text := func(name string, v ...string) geo.Column { return geo.Labels(geo.Field{Name: name}, v) }
	number := func(name string, v ...float64) geo.Column { return geo.Numbers(geo.Field{Name: name}, v) }
	from, to := []string{"a", "a", "b", "b"}, []string{"S", "T", "S", "T"}
	none := travel.Columns{}
	for _, c := range []struct {
		name    string
		columns []geo.Column
		given   travel.Columns
		found   string // in the words, or in the error
	}{
		{"ours", []geo.Column{text("place", from...), text("site", to...), number("minutes", 10, 20, 30, 40)}, none, "place, site, minutes"},
		{"r5r", []geo.Column{text("from_id", from...), text("to_id", to...), number("travel_time_p50", 10, 20, 30, 40)}, none, "travel_time_p50"},
		{"PySAL access", []geo.Column{text("origin", from...), text("dest", to...), number("cost", 10, 20, 30, 40)}, none, "dest, cost"},
		{"OSRM", []geo.Column{text("source", from...), text("destination", to...), number("duration", 600, 1200, 1800, 2400), number("distance", 1, 2, 3, 4)}, none, "duration"},
		{"ArcGIS", []geo.Column{text("OriginID", from...), text("DestinationID", to...), number("Total_Time", 10, 20, 30, 40)}, none, "Total_Time"},
		{"named", []geo.Column{text("von", from...), text("nach", to...), number("t", 10, 20, 30, 40)}, travel.Columns{Place: "von", Site: "nach", Minutes: "t"}, ""},
		{"wide", []geo.Column{text("id", "a", "b"), text("name", "A", "B"), number("S", 10, 30), number("T", 20, 40)}, none, "a row a place (by id), a column a site"},
		{"wide, named", []geo.Column{text("von", "a ", "b"), number("S", 10, 30), number("T", 20, 40)}, travel.Columns{Place: "von"}, "by von"},
		{"wide in hours", []geo.Column{text("place", "a", "b"), geo.Numbers(geo.Field{Name: "S", Unit: "hours"}, []float64{1.0 / 6, .5}), geo.Numbers(geo.Field{Name: "T", Unit: "hours"}, []float64{1.0 / 3, 4.0 / 6})}, none, "by place"},
		{"wide, with a code for no way", []geo.Column{text("place", "a", "b", "c"), number("S", 10, 30, 9999), number("T", 20, 40, 9999), number("U", 9999, 9999, 9999)}, none, "by place"},
		{"neither", []geo.Column{text("von", from...), number("t", 1, 2, 3, 4)}, none, "! is neither a long matrix"},
		{"wide in texts", []geo.Column{text("id", "a", "b"), text("S", "10", "30"), number("T", 20, 40)}, none, "a row a place (by id), a column a site"},
		{"wide, none of which can be read", []geo.Column{text("id", "a", "b"), text("S", "0:10", "0:30")}, none, "! S is \"0:10\", a time by the clock"},
		{"wide with a place twice", []geo.Column{text("id", "a", "a"), number("S", 10, 30)}, none, "! rows 1 and 2 are both of id a"},
		{"long with minutes by another name", []geo.Column{text("place", from...), text("site", to...), number("time_h", 1, 2, 3, 4)}, none, "! no column is called as that of the minutes is; accepted: travel.minutes, one of place, site, time_h"},
		{"turned round", []geo.Column{text("site", "S", "T"), number("a", 10, 20), number("b", 30, 40)}, none, "! has a row a site (by site) and no column of places"},
		{"wide, with texts that say their units", []geo.Column{text("id", "a", "b"), text("S", "PT10M", "PT30M"), text("T", "20 min", "40 min")}, none, "a row a place (by id)"},
		{"long without a site", []geo.Column{text("place", from...), number("t", 1, 2, 3, 4)}, travel.Columns{Minutes: "t"}, "! no column is called as that of the site is"},
	} {
		l, err := geo.NewTable(geo.About{Name: "m"}, nil, c.columns...)
		if err != nil {
			t.Fatal(err)
		}
		m, _, found, err := travel.Read(l, c.given)
		if want, bad := strings.CutPrefix(c.found, "! "); bad {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", c.name, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !strings.Contains(found, c.found) || (found == "") != (c.found == "") {
			t.Errorf("%s: %q, want %q", c.name, found, c.found)
		}
		if open := m.Listed([]travel.Stop{{ID: "a"}, {ID: "b"}}, []travel.Stop{{ID: "U"}}); open[0] || open[1] {
			t.Errorf("%s: U is reached", c.name)
		}
		legs, err := m.Nearest(context.Background(), travel.Query{Places: []travel.Stop{{ID: "a"}, {ID: "b"}}, Sites: []travel.Stop{{ID: "T"}, {ID: "S"}}}, 2)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range []float64{10, 20, 30, 40} {
			if got := legs[k].Time.Minutes(); got < want-1e-9 || got > want+1e-9 || int(legs[k].Site) != 1-k%2 {
				t.Errorf("%s: leg %d: %v minutes to site %d", c.name, k, got, legs[k].Site)
			}
		}
	}
}

// A site of a wide matrix whose column holds a text is not lost in silence: what is wrong is kept.
func TestUnreadSites(t *testing.T) {
	l, err := geo.NewTable(geo.About{Name: "m"}, nil, geo.Labels(geo.Field{Name: "id"}, []string{"a", "b"}), geo.Labels(geo.Field{Name: "name"}, []string{"A", "B"}),
		geo.Labels(geo.Field{Name: "S"}, []string{"10", "NA"}), geo.Numbers(geo.Field{Name: "T"}, []float64{20, 40}),
		geo.Numbers(geo.Field{Name: "U", Doubt: "points may part thousands"}, []float64{1.234, 40}))
	if err != nil {
		t.Fatal(err)
	}
	m, _, _, err := travel.Read(l, travel.Columns{})
	if err != nil {
		t.Fatal(err)
	}
	for site, want := range map[string]string{"S": `S is "NA", not a number`, "T": "", "U": "points may part thousands", "V": ""} {
		if err := m.Unread(site); want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", site, err, want)
		}
	}
}
