package data

import (
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// geometryKinds are what a geometry may be.
const geometryKinds = "Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon"

// geometry reads a GeoJSON geometry that is not null. Altitudes are dropped.
func (t *table) geometry(value []byte) (orb.Geometry, error) {
	if value[0] != '{' {
		return nil, t.fault("geometry", "", "is a JSON "+kindName(value), "an object, or null")
	}
	var kind string
	var coordinates []byte
	for name, v := range members(value) {
		switch string(name) {
		case "type":
			if v[0] == '"' {
				kind = string(unquoted(v))
			}
		case "coordinates":
			coordinates = v
		}
	}
	switch kind {
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon":
	case "":
		return nil, t.fault("geometry", "", "has no type", geometryKinds)
	case "GeometryCollection":
		return nil, t.fault("geometry", kind, "not read", geometryKinds)
	default:
		return nil, t.fault("geometry", kind, "not a kind of geometry", geometryKinds)
	}
	if isNull(coordinates) {
		return nil, t.fault("coordinates", "", "are missing", "an array; null for the whole geometry of a row without a location")
	}
	s := shaper{t: t, b: coordinates, left: t.lim.Vertices}
	var g orb.Geometry
	switch kind {
	case "Point":
		g = s.point()
	case "MultiPoint":
		g = orb.MultiPoint(all(&s, s.point))
	case "LineString":
		g = s.line()
	case "MultiLineString":
		g = orb.MultiLineString(all(&s, s.line))
	case "Polygon":
		g = s.polygon()
	case "MultiPolygon":
		g = orb.MultiPolygon(all(&s, s.polygon))
	}
	return g, s.err
}

// shaper reads the coordinates of one geometry. Its first error sticks and
// ends every array.
type shaper struct {
	t       *table
	b       []byte
	i       int
	left    int // positions that the limit still allows
	scratch []orb.Point
	err     error
}

func (s *shaper) fault(field, value, problem, accept string) {
	if s.err == nil {
		s.err = s.t.fault(field, value, problem, accept)
	}
}

// enter goes into an array and reports whether it has an element.
func (s *shaper) enter() bool {
	if s.b[s.i] != '[' {
		s.fault("coordinates", "", "are a JSON "+kindName(s.b[s.i:])+" where an array is due", "arrays nested as the type of the geometry demands")
		return false
	}
	s.i = space(s.b, s.i+1)
	if s.b[s.i] == ']' {
		s.i++
		return false
	}
	return true
}

// more goes to the next element, or out of the array.
func (s *shaper) more() bool {
	if s.err != nil {
		return false
	}
	s.i = space(s.b, s.i)
	last := s.b[s.i] == ']'
	s.i = space(s.b, s.i+1)
	return !last
}

// all reads an array of items, at least one.
func all[T any](s *shaper, item func() T) []T {
	var items []T
	for more := s.enter(); more; more = s.more() {
		items = append(items, item())
	}
	if len(items) == 0 {
		s.fault("coordinates", "", "are empty", "at least one position; null for the whole geometry of a row without a location")
	}
	return items
}

// point reads a position: two numbers, and others that are dropped.
func (s *shaper) point() orb.Point {
	var p orb.Point
	n := 0
	for more := s.enter(); more; more = s.more() {
		v := s.number()
		if n < 2 {
			p[n] = v
		}
		n++
	}
	if n == 0 {
		s.fault("coordinates", "", "are empty", "at least one position; null for the whole geometry of a row without a location")
	} else if n < 2 {
		s.fault("coordinates", "", "have a position of 1 number", "longitude and latitude, and perhaps an altitude")
	}
	if s.left--; s.left < 0 {
		s.fault("coordinates", "", fmt.Sprintf("are more than %d positions", s.t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
	}
	q, problem, accept := position(p[0], p[1])
	if problem != "" {
		s.fault("position", pair(p[0], p[1]), problem, accept)
	}
	return q
}

func (s *shaper) number() float64 {
	end := skip(s.b, s.i)
	literal := s.b[s.i:end]
	s.i = end
	v, kind, _ := parseNumber(literal)
	if kind == notNumber {
		s.fault("coordinate", string(literal), "not a finite number", "longitude and latitude in degrees")
	}
	return v
}

// positions reads an array of positions.
func (s *shaper) positions() []orb.Point {
	s.scratch = s.scratch[:0]
	for more := s.enter(); more; more = s.more() {
		s.scratch = append(s.scratch, s.point())
	}
	return slices.Clone(s.scratch)
}

func (s *shaper) line() orb.LineString {
	p := s.positions()
	if len(p) < 2 {
		s.fault("coordinates", "", "have a line of "+counted(len(p), "position"), "at least 2 positions")
	}
	return p
}

func (s *shaper) ring() orb.Ring {
	p := s.positions()
	if n := len(p); n < 4 {
		s.fault("coordinates", "", "have a ring of "+counted(n, "position"), "at least 4 positions, the last equal to the first")
	} else if p[0] != p[n-1] {
		s.fault("coordinates", "", fmt.Sprintf("have a ring from %s to %s that is not closed", pair(p[0][0], p[0][1]), pair(p[n-1][0], p[n-1][1])),
			"a ring whose last position equals the first")
	}
	return p
}

func (s *shaper) polygon() orb.Polygon { return all(s, s.ring) }

// checkCRS refuses the coordinate reference systems that are not WGS84 degrees
// in the order of GeoJSON. The member is of 2008; RFC 7946 knows none.
func (t *table) checkCRS(value []byte) error {
	if isNull(value) {
		return nil
	}
	name := ""
	if value[0] == '{' {
		for member, v := range members(value) {
			if string(member) == "properties" && v[0] == '{' {
				for key, text := range members(v) {
					if string(key) == "name" && text[0] == '"' {
						name = string(unquoted(text))
					}
				}
			}
		}
	}
	parts := strings.FieldsFunc(strings.ToUpper(strings.ReplaceAll(name, " ", "")),
		func(r rune) bool { return strings.ContainsRune(":/#", r) })
	if len(parts) > 0 {
		switch last := parts[len(parts)-1]; {
		case last == "CRS84", last == "WGS84", last == "4326" && slices.Contains(parts, "EPSG"):
			return nil
		}
	}
	return &InputError{File: t.name, Field: "crs", Value: name, Problem: "not longitude and latitude on WGS84", Accept: reproject}
}
