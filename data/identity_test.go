package data

import (
	"context"
	"slices"
	"strings"
	"testing"

	"careshed/geo"
)

// Where ids come from: a column that is named or called as ids are, unique and
// nowhere empty; else rows are only numbered.
func TestIdentity(t *testing.T) {
	point := `"geometry":{"type":"Point","coordinates":[1,2]}`
	for _, c := range []struct {
		name, file, input string
		source            Source
		ids               string // "" where rows are only numbered
		from              string
		rivals            string
		note              string
	}{
		{name: "capitals", file: "a.csv", input: "ID,pop\n3,10\n1,20\n", ids: "3 1", from: "ID"},
		{name: "a title", file: "a.csv", input: "Hospital ID,pop\nx,10\ny,20\n", ids: "x y", from: "Hospital ID"},
		{name: "a census", file: "a.csv", input: "GEOID,pop\n01003,10\n01001,20\n", ids: "01003 01001", from: "GEOID"},
		{name: "statistics of the United Kingdom", file: "a.csv", input: "LAD21CD,LAD21NM\nE06,a\nE07,b\n", ids: "E06 E07", from: "LAD21CD"},
		{name: "another word", file: "a.csv", input: "kod,pop\n3,10\n1,20\n"},
		{name: "id twice", file: "a.csv", input: "id,pop\n2,10\n2,20\n", note: "since id is 2 in features 1 and 2"},
		{name: "id empty", file: "a.csv", input: "id,pop\n2,10\n,20\n", note: "since id is empty in feature 2"},
		{name: "id empty, and another column that would do", file: "a.csv", input: "id,geoid\n2,10\n,20\n", note: "since id is empty in feature 2"},
		{name: "blanks around", file: "a.csv", input: "id,pop\n\" a\",10\nb ,20\n", ids: "a b", from: "id"},
		{name: "two that could be", file: "a.csv", input: "geoid,fid\n7,1\n9,2\n", ids: "7 9", from: "geoid", rivals: "fid"},
		{name: "two that are the same", file: "a.csv", input: "id,geoid\n7,7\n9,9\n", ids: "7 9", from: "id"},
		{name: "a country's code is no id", file: "a.csv", input: "code,uid\nIT,1\nIT,2\n", ids: "1 2", from: "uid"},
		{name: "a spreadsheet's digits", file: "a.csv", input: "id,pop\n1.8148E+14,10\n2.1059E+14,20\n", ids: "1.8148E+14 2.1059E+14", from: "id", note: "a spreadsheet has cut their digits"},
		{name: "renamed to id", file: "a.csv", input: "kod,id\n7,1\n9,2\n", source: Source{Columns: map[string]string{"id": "kod", "nr": "id"}}, ids: "7 9", from: "kod"},
		{name: "a feature's id", file: "a.geojson", input: `{"type":"FeatureCollection","features":[{"type":"Feature","id":5,"properties":{"GEOID":"a"},` + point + `},{"type":"Feature","id":6,"properties":{"GEOID":"b"},` + point + `}]}`,
			ids: "5 6", from: "feature", rivals: "GEOID"},
		{name: "a feature's id, named", file: "a.geojson", input: `{"type":"FeatureCollection","features":[{"type":"Feature","id":5,"properties":{"id":"a"},` + point + `}]}`,
			source: Source{ID: "feature"}, ids: "5", from: "feature"},
		{name: "a property id, named", file: "a.geojson", input: `{"type":"FeatureCollection","features":[{"type":"Feature","id":5,"properties":{"id":"a"},` + point + `}]}`,
			source: Source{ID: "id"}, ids: "a", from: "id"},
		{name: "a property in capitals", file: "a.geojson", input: `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"GEOID":3},"geometry":null},{"type":"Feature","properties":{"GEOID":1},"geometry":null}]}`,
			ids: "3 1", from: "GEOID"},
	} {
		l, err := Read(context.Background(), strings.NewReader(c.input), c.file, c.source, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var ids []string
		for i := range l.Len() {
			ids = append(ids, l.ID(i))
		}
		if got := strings.Join(ids, " "); l.Identified() != (c.ids != "") || c.ids != "" && got != c.ids {
			t.Errorf("%s: ids %s (identified: %t), want %s", c.name, got, l.Identified(), c.ids)
		}
		if l.Identity.From != c.from || strings.Join(l.Identity.Rivals, " ") != c.rivals {
			t.Errorf("%s: from %q, rivals %q", c.name, l.Identity.From, l.Identity.Rivals)
		}
		if c.note != "" && !slices.ContainsFunc(l.Notes, func(n string) bool { return strings.Contains(n, c.note) }) || c.note == "" && len(l.Notes) > 0 {
			t.Errorf("%s: notes %q, want %q", c.name, l.Notes, c.note)
		}
	}
}

// Rows that are only numbered are so again after a round trip: what is written
// has no column of numbers that somebody could join by.
func TestNumberedStaysNumbered(t *testing.T) {
	l, err := Read(context.Background(), strings.NewReader("kod,lon,lat\nb,1,2\na,3,4\n"), "a.csv", Source{}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{CSV, GeoJSON, NDJSON, GeoParquet} {
		if m := again(t, l, format); m.Identified() || m.Len() != 2 {
			t.Errorf("%s: identified by %q", format, m.Identity.From)
		}
	}
}

// A feature whose id and whose property id differ is asked about.
func TestTwoIDs(t *testing.T) {
	input := `{"type":"FeatureCollection","features":[{"type":"Feature","id":"0","geometry":null,"properties":{"Id":"x"}}]}`
	_, err := Read(context.Background(), strings.NewReader(input), "a.geojson", Source{}, Limits{})
	want := `a.geojson: feature 1: id is 0: the id of the feature, and its property Id is "x"; accepted: id: feature or id: Id in the layer's entry, to say which identifies it`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestCalledID(t *testing.T) {
	for _, name := range []string{"id", "ID", "Id", "fid", "GEOID", "geoid10", "gid", "code", "place_id", "Hospital ID", "hospitalId", "NUTS_ID", "LAU_CODE", "Region Code", "LSOA11CD", "OBJECTID", "uuid", "site.id"} {
		if geo.CalledID(name) < 0 {
			t.Errorf("%s is not called as ids are", name)
		}
	}
	for _, name := range []string{"name", "population", "paid", "valid", "grid_size", "covid", "record", "from_id", "cd", "postcode", "lon", "ABCDE21CDX"} {
		if geo.CalledID(name) >= 0 {
			t.Errorf("%s is called as ids are", name)
		}
	}
	if geo.CalledID("Id") != 0 || geo.CalledID("code") == 0 {
		t.Error("id does not come first")
	}
}
