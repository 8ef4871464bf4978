package data

import (
	"fmt"

	"careshed/geo"
)

// Rows writes rows of a layer one by one, in the words of [Write]: GeoJSON
// features without anything around them, or lines of CSV. What holds for the
// whole layer, such as the columns or the kind of geometry, holds for any
// selection of its rows. Rows may be shared between goroutines.
type Rows interface {
	// Head appends what comes before the first row: the names in CSV.
	Head(b []byte) []byte
	// Append appends row i; in CSV with the end of its line.
	Append(b []byte, i int) []byte
}

// NewRows prepares to write rows as CSV or GeoJSON. It refuses what [Write]
// refuses. GeoJSON has its positions as position writes them, nil in degrees.
func NewRows(l *geo.Layer, format string, position Position) (Rows, error) {
	if err := finite(l); err != nil {
		return nil, err
	}
	switch format {
	case CSV:
		return newCSVRows(l, true), nil
	case GeoJSON:
		return newFeatures(l, true, position)
	}
	return nil, fmt.Errorf("write rows of layer %s: no format %q; there are: csv, geojson", l.Name, format)
}
