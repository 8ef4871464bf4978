package data

import (
	"errors"
	"math"
	"strings"

	"careshed/geo"
	roles "careshed/geo/role"

	"github.com/paulmach/orb"
)

// rounding is how far beyond ±180° and ±90° a coordinate may lie; it is then
// brought back.
const rounding = 1e-7

const (
	positionAccept = "longitude -180 to 180 and latitude -90 to 90, in degrees (WGS84)"
	reproject      = "degrees of WGS84, or crs: with the system that they are of, such as crs: EPSG:25832, in the layer's entry"
)

// position is the point of two coordinates, or what is wrong with them.
func position(lon, lat float64) (p orb.Point, problem, accept string) {
	switch x, y := math.Abs(lon), math.Abs(lat); {
	case x <= 180 && y <= 90:
		return orb.Point{lon, lat}, "", ""
	case x <= 180+rounding && y <= 90+rounding:
		return orb.Point{math.Max(-180, math.Min(180, lon)), math.Max(-90, math.Min(90, lat))}, "", ""
	case !(x <= 360 && y <= 360):
		return p, "not degrees", reproject
	case y > 90 && x <= 90 && y <= 180:
		return p, "longitude and latitude look swapped", positionAccept
	case y > 90:
		return p, "latitude beyond 90 degrees", positionAccept
	}
	return p, "longitude beyond 180 degrees", positionAccept
}

// located gives the rows the points of their coordinate columns, if there are
// such columns, and says which these are.
func (t *table) located(ids []string) (lon, lat int, err error) {
	lon, lat, err = t.coordinateColumns()
	if err != nil || lon < 0 {
		return lon, lat, err
	}
	names := [2]string{t.columns[lon].name, t.columns[lat].name}
	x, err := t.degreesSpelled(t.columns[lon].column("lon", t.rows), 0, names[0])
	if err != nil {
		return 0, 0, err
	}
	y, err := t.degreesSpelled(t.columns[lat].column("lat", t.rows), 1, names[1])
	if err != nil {
		return 0, 0, err
	}
	l, err := geo.NewTable(t.about, ids, x, y)
	if err != nil {
		return 0, 0, err
	}
	var v [2][]float64
	for k, name := range []string{"lon", "lat"} {
		read, err := roles.Position.Read(l, name)
		if err != nil {
			return 0, 0, t.ofRole(err, names[k])
		}
		for _, d := range read.Doubts {
			t.doubt(names[k] + strings.TrimPrefix(d.Text, name))
		}
		v[k] = read.Values
	}
	fault := func(row int, field, value, problem, accept string) error {
		return &InputError{File: t.name, Feature: row + 1, ID: l.ID(row), Field: field, Value: value, Problem: problem, Accept: accept}
	}
	t.shapes, t.points, t.shaped = nil, make([]orb.Point, t.rows), true
	for i := range t.points {
		x, y := v[0][i], v[1][i]
		switch {
		case math.IsNaN(x) && math.IsNaN(y):
			t.points[i] = orb.Point{x, y}
			continue
		case math.IsNaN(x):
			return 0, 0, fault(i, names[0], "", "is missing", "both coordinates, or nothing for a row without a location")
		case math.IsNaN(y):
			return 0, 0, fault(i, names[1], "", "is missing", "both coordinates, or nothing for a row without a location")
		}
		p, problem, accept := t.place(orb.Point{x, y})
		if problem != "" {
			return 0, 0, fault(i, names[0]+","+names[1], pair(x, y), problem, accept)
		}
		t.points[i] = p
	}
	return lon, lat, nil
}

// ofRole is the error of a role about a column that the file calls otherwise.
func (t *table) ofRole(err error, field string) error {
	var e *roles.Error
	if !errors.As(err, &e) {
		return err
	}
	return &InputError{File: t.name, Feature: e.Row, ID: e.ID, Field: field, Value: e.Value, Problem: e.What, Accept: e.Accept}
}

// pair writes two coordinates as they stand in messages.
func pair(x, y float64) string {
	return string(geo.AppendNumber(append(geo.AppendNumber(nil, x), ','), y))
}
