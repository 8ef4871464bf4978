package data

import (
	"fmt"
	"strings"
	"testing"
)

// A polygon whose hole is written before its border is what it is meant to be; a hole
// outside of its border, or as large, is doubted.
func TestRingsInTheirPlaces(t *testing.T) {
	border, hole, beside := "[[0,0],[4,0],[4,4],[0,4],[0,0]]", "[[1,1],[2,1],[2,2],[1,2],[1,1]]", "[[6,0],[7,0],[7,1],[6,0]]"
	for _, c := range []struct {
		name, rings string
		size        float64 // of the first ring
		note        string
		doubts      int
	}{
		{"a hole", border + "," + hole, 16, "", 0},
		{"a hole first", hole + "," + border, 16, "1 polygon with a hole before the border around it", 0},
		{"two holes around the border", hole + "," + border + ",[[3,3],[3.5,3],[3.5,3.5],[3,3]]", 16, "1 polygon with a hole before", 0},
		{"a hole that touches its border", border + ",[[0,0],[1,1],[1,2],[0,0]]", 16, "", 0},
		{"a ring outside", border + "," + beside, 16, "1 polygon with a hole that lies outside of its border, or is as large, such as feature 1 (id A)", 1},
		{"the border twice", border + "," + border, 16, "1 polygon with a hole that lies outside", 1},
	} {
		for _, form := range []string{`"Polygon","coordinates":[%s]`, `"MultiPolygon","coordinates":[[%s]]`} {
			input := `{"type":"FeatureCollection","features":[{"type":"Feature","id":"A","properties":{},"geometry":{"type":` + fmt.Sprintf(form, c.rings) + `}}]}`
			l, err := layerOf(t, "a.geojson", input, Source{})
			if err != nil {
				t.Fatal(err)
			}
			if b := l.Shape(0).Bound(); (b.Max[0]-b.Min[0])*(b.Max[1]-b.Min[1]) != c.size {
				t.Errorf("%s: %v", c.name, l.Shape(0))
			}
			if got := strings.Join(l.Notes, " "); !strings.HasPrefix(got, c.note) || c.note == "" && got != "" || len(l.Doubts) != c.doubts {
				t.Errorf("%s: notes %q", c.name, got)
			}
		}
	}
}
