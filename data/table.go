package data

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// table collects what a reader finds, row by row, and makes a layer of it.
type table struct {
	name   string
	source Source
	lim    Limits
	about  geo.About

	rows    int    // complete ones; the row under way has this index
	line    int    // of the row under way, if the format has lines
	size    int64  // of the text that is read, in bytes; 0 if it is not known
	rowID   []byte // of the row under way, as far as known
	columns []*column
	byName  map[string]int

	idFrom idSource
	idName string // column of the ids, as the file calls it
	idAt   int    // its index in rows of arrays, -1 for none

	shapeMember string // of records of JSON that hold their shape

	idRefused  bool   // a column called id is empty somewhere or repeats
	idNamed    bool   // by the user, or by us when we wrote the file
	memberName string // what the ids are called that stand beside the columns
	ids        identifiers

	localNumbers bool   // numbers have signs that the source names
	scratch      []byte // one such number

	foreignText bool // the text comes from another encoding than UTF-8
	wideText    bool // a record had characters of UTF-8 beyond ASCII
	latinText   bool // a record was taken for Windows-1252

	flat   bool           // no geometry but in columns that are known by name
	points []orb.Point    // one a row, until a shape is not a point
	shapes []orb.Geometry // then these
	shaped bool           // some row has a shape
	astray astray         // rings of polygons in a wrong place

	crs        *converter // of the coordinates that follow; nil: degrees of WGS84
	converters []*converter
	base       *converter // of the file or of the source; single shapes may name their own
	asked      *system    // that the source names
	explicit   bool       // the file names its system
	patches    *patched   // of a file of Parquet
	srids      map[int]*system
	open       bool  // a document of GeoJSON that may still name its system
	wrong      error // with its first position, if it does not
	wkt        int   // column of CSV with shapes, -1 for none
	kept       kept  // what the container tells of the layer
}

// note tells the user of the layer something once.
func (t *table) note(text string) {
	if !slices.Contains(t.about.Notes, text) {
		t.about.Notes = append(t.about.Notes, text)
	}
}

// doubt is a note of what those must know too who read a number made from the
// layer: values or places may be wrong.
func (t *table) doubt(text string) {
	if !slices.Contains(t.about.Notes, text) {
		t.about.Doubts = append(t.about.Doubts, geo.Doubt{Text: strings.TrimSuffix(text, ".")})
	}
	t.note(text)
}

func newTable(name string, s Source, lim Limits) *table {
	t := &table{name: name, source: s, lim: lim, wkt: -1, byName: map[string]int{},
		about: geo.About{Name: name, Title: s.Title, Source: s.File, Licence: s.Licence, Attribution: s.Attribution}}
	t.localNumbers = s.Decimal == "," || s.Thousands != ""
	switch named, ok := s.Columns["id"]; {
	case s.ID != "":
		t.idFrom, t.idName, t.idNamed = idField, s.theirs(s.ID), true
	case ok:
		t.idFrom, t.idName, t.idNamed = idField, named, true
	default:
		t.idName = "id"
	}
	return t
}

// fault is an error in the row under way.
func (t *table) fault(field, value, problem, accept string) error {
	return &InputError{File: t.name, Feature: t.rows + 1, Line: t.line, ID: string(t.rowID),
		Field: field, Value: value, Problem: problem, Accept: accept}
}

// addColumn makes room for a column that the file calls name.
func (t *table) addColumn(name string) (*column, error) {
	if len(t.columns) == t.lim.Columns {
		return nil, t.fault(name, "", fmt.Sprintf("is one column more than %d", t.lim.Columns), "fewer columns, or a higher limit")
	}
	c := &column{name: name}
	t.byName[name] = len(t.columns)
	t.columns = append(t.columns, c)
	return c, nil
}

// endRow completes the row under way.
func (t *table) endRow() error {
	switch {
	case t.rows == t.lim.Features:
		return t.fault("", "", fmt.Sprintf("is one feature more than %d", t.lim.Features), "fewer features, or a higher limit")
	case (t.rows+1)*len(t.columns) > t.lim.Cells:
		return t.fault("", "", fmt.Sprintf("features times columns are more than %d", t.lim.Cells), "fewer of either, or a higher limit")
	}
	t.rows++
	t.rowID = t.rowID[:0]
	return nil
}

// addShape gives the row under way its geometry, nil for none.
func (t *table) addShape(g orb.Geometry) {
	p, point := g.(orb.Point)
	switch {
	case g == nil:
		p = orb.Point{math.NaN(), math.NaN()}
	case !point && t.shapes == nil:
		t.shapes = make([]orb.Geometry, len(t.points), 2*len(t.points)+1)
		for i, q := range t.points {
			if q == q {
				t.shapes[i] = q
			}
		}
		t.points = nil
	}
	t.shaped = t.shaped || g != nil
	t.ordered(g)
	if t.shapes != nil {
		t.shapes = append(t.shapes, g)
	} else {
		t.points = append(t.points, p)
	}
}

// layer is the layer of all rows.
func (t *table) layer() (*geo.Layer, error) {
	if t.wkt >= 0 && t.flat && t.source.WKT == "" {
		if !strings.EqualFold(t.columns[t.wkt].name, wktNames[0]) {
			t.wkt = -1 // a column without a value that could as well be anything
		} else if t.rows == 0 {
			t.flat = false
		}
	}
	ids, err := t.rowIDs()
	if err != nil {
		return nil, err
	}
	lon, lat, err := t.located(ids)
	if err != nil {
		return nil, err
	}
	if err := t.closeCRS(); err != nil {
		return nil, err
	}
	if err := t.uncut(); err != nil {
		return nil, err
	}
	t.noteRings(ids)
	t.leaveNullIsland()
	t.doubtHalf()
	t.doubtCoarse()
	t.saysElsewhere(lon, lat)
	t.unfilled()
	t.doubtCut()
	columns, err := t.named(lon, lat, t.wkt)
	if err != nil {
		return nil, err
	}
	t.unseenShapes(columns)
	switch {
	case t.source.Geometry == "none", !t.shaped && (t.flat || t.rows > 0):
		if ids == nil && len(columns) == 0 { // nothing else says how many rows there are
			ids = numbered(t.rows)
		}
		return geo.NewTable(t.about, ids, columns...)
	case t.shapes != nil:
		return geo.NewLayer(t.about, ids, t.shapes, columns...)
	case t.points == nil:
		t.points = []orb.Point{}
	}
	return geo.NewPoints(t.about, ids, t.points, columns...)
}

// names are the columns as the file calls them.
func (t *table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// must is the index of a column that the source names.
func (t *table) must(what, name string) (int, error) {
	i, ok := t.byName[name]
	if !ok {
		return 0, &InputError{File: t.name, Problem: fmt.Sprintf("%s names column %s, which is not there%s; there are: %s",
			what, quote(name), meant(name, t.names()), list(t.names()))}
	}
	return i, nil
}

// named are the columns under our names. Columns of coordinates and shapes are
// left out unless the source names them.
func (t *table) named(shapes ...int) ([]geo.Column, error) {
	ours := make([][]string, len(t.columns))
	for _, name := range slices.Sorted(maps.Keys(t.source.Columns)) {
		if t.rows == 0 && len(t.columns) == 0 {
			break // a collection without features has no columns to miss
		}
		i, err := t.must("columns", t.source.Columns[name])
		if err != nil {
			return nil, err
		}
		ours[i] = append(ours[i], name)
	}
	var columns []geo.Column
	from := map[string]string{}
	for i, c := range t.columns {
		if len(ours[i]) == 0 && !slices.Contains(shapes, i) {
			ours[i] = []string{c.name}
		}
		for _, name := range ours[i] {
			if other, taken := from[name]; taken {
				return nil, &InputError{File: t.name, Field: "columns", Problem: fmt.Sprintf("calls both %s and %s %s",
					quote(other), quote(c.name), quote(name)), Accept: "a name for one column"}
			}
			from[name] = c.name
			made := c.column(name, t.rows)
			if t.source.Missing != nil {
				made = withoutMissing(made, t.source.Missing)
			}
			columns = append(columns, made)
		}
	}
	return columns, nil
}

// coordinateNames are what columns of coordinates are called, likeliest first.
var coordinateNames = [2][]string{
	{"lon", "longitude", "lng", "long"},
	{"lat", "latitude"},
}

// coordinateColumns finds the columns of the coordinates, -1 if there are none.
func (t *table) coordinateColumns() (lon, lat int, err error) {
	if t.source.Lon != "" {
		if lon, err = t.must("lon", t.source.theirs(t.source.Lon)); err != nil {
			return 0, 0, err
		}
		lat, err = t.must("lat", t.source.theirs(t.source.Lat))
		return lon, lat, err
	}
	found := [2]int{-1, -1}
	if !t.flat || t.source.Geometry == "none" {
		return -1, -1, nil
	}
	for k, names := range coordinateNames {
		for _, name := range names {
			if found[k] < 0 {
				found[k] = slices.IndexFunc(t.columns, func(c *column) bool { return strings.EqualFold(c.name, t.source.theirs(name)) })
			}
		}
	}
	if found[0] < 0 && found[1] < 0 {
		return t.planeColumns()
	}
	if (found[0] < 0) != (found[1] < 0) {
		have, miss := 0, 1
		if found[0] < 0 {
			have, miss = 1, 0
		}
		return 0, 0, &InputError{File: t.name, Problem: fmt.Sprintf("has a column %s but none called %s",
			quote(t.columns[found[have]].name), strings.Join(coordinateNames[miss], ", ")),
			Accept: "both coordinates, named in the source if need be, or geometry none for a table"}
	}
	return found[0], found[1], nil
}

// planeNames are what columns of x and y are called that GDAL, sf and ArcGIS write beside the
// fields, and those of degrees in other languages and registers, which count as pairs alone:
// longitud is a length in Spanish too.
var planeNames = [][2]string{
	{"x", "y"}, {"point_x", "point_y"}, {"xcoord", "ycoord"},
	{"längengrad", "breitengrad"}, {"laengengrad", "breitengrad"}, {"longitud", "latitud"}, {"longitudine", "latitudine"},
	{"decimallongitude", "decimallatitude"}, {"intptlon", "intptlat"}, {"intptlong", "intptlat"},
}

// planeColumns finds columns of x and y whose values can be coordinates: numbers,
// and degrees unless the source names another system. Others stay fields.
func (t *table) planeColumns() (lon, lat int, err error) {
	for _, pair := range planeNames {
		at := [2]int{-1, -1}
		for k, name := range pair {
			at[k] = slices.IndexFunc(t.columns, func(c *column) bool { return strings.EqualFold(c.name, t.source.theirs(name)) })
		}
		if at[0] < 0 || at[1] < 0 {
			continue
		}
		x, y := t.columns[at[0]], t.columns[at[1]]
		if x.shape != wholes && x.shape != numbers || y.shape != wholes && y.shape != numbers {
			continue
		}
		if t.crs == nil && (!degreesLike(x.values, 180) || !degreesLike(y.values, 90)) {
			t.note(fmt.Sprintf("The columns %s and %s hold no degrees and were not read as coordinates; lon: %s, lat: %s and crs: with their system read them.", plain(x.name), plain(y.name), plain(x.name), plain(y.name)))
			continue
		}
		t.note(fmt.Sprintf("The columns %s and %s were taken for longitude and latitude; geometry: none leaves them as fields.", plain(x.name), plain(y.name)))
		return at[0], at[1], nil
	}
	return -1, -1, nil
}

// degreesLike reports whether all values are degrees up to most.
func degreesLike(values []float64, most float64) bool {
	for _, v := range values {
		if math.Abs(v) > most {
			return false
		}
	}
	return true
}
