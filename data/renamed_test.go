package data

import (
	"context"
	"strings"
	"testing"
)

// Columns that an entry renames to lon and lat hold the coordinates, in whatever order of
// columns and beside others that are called so.
func TestCoordinatesByRenamedColumns(t *testing.T) {
	for name, c := range map[string]struct {
		csv     string
		columns map[string]string
	}{
		"renamed":        {"Ort,Breite,Länge\na,52.5,13.4\n", map[string]string{"lon": "Länge", "lat": "Breite"}},
		"one renamed":    {"Ort,lat,Länge\na,52.5,13.4\n", map[string]string{"lon": "Länge"}},
		"another column": {"Ort,lat,Länge,lon\na,52.5,13.4,7\n", map[string]string{"lon": "Länge", "other": "lon"}},
		"longitude":      {"Ort,Breite,Länge\na,52.5,13.4\n", map[string]string{"longitude": "Länge", "latitude": "Breite"}},
	} {
		l, err := Read(context.Background(), strings.NewReader(c.csv), "a.csv", Source{Columns: c.columns}, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !l.Located(0) || l.Point(0)[0] != 13.4 || l.Point(0)[1] != 52.5 {
			t.Errorf("%s: at %v", name, l.Point(0))
		}
	}
}
