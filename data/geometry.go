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
	var coordinates, geometries []byte
	for name, v := range members(value) {
		switch string(name) {
		case "type":
			if v[0] == '"' {
				kind = string(unquoted(v))
			}
		case "coordinates":
			coordinates = v
		case "geometries":
			geometries = v
		}
	}
	switch kind {
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon":
	case "":
		return nil, t.fault("geometry", "", "has no type", geometryKinds)
	case "GeometryCollection":
		if geometries != nil && hollow(geometries) {
			return nil, nil
		}
		return nil, t.fault("geometry", kind, "not read", geometryKinds)
	default:
		return nil, t.fault("geometry", kind, "not a kind of geometry", geometryKinds)
	}
	if isNull(coordinates) {
		return nil, t.fault("coordinates", "", "are missing", "an array; null for the whole geometry of a row without a location")
	}
	if hollow(coordinates) {
		return nil, nil
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

// hollow reports whether a value is an array without anything in it but empty
// arrays: the coordinates of an empty geometry.
func hollow(value []byte) bool {
	if value[0] != '[' {
		return false
	}
	for _, c := range value {
		switch c {
		case '[', ']', ',', ' ', '\n', '\r', '\t':
		default:
			return false
		}
	}
	return true
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
	if n > 2 {
		s.t.heights()
	}
	return s.placed(p)
}

// placed is a position in degrees of WGS84. While a document may still name its
// system, one that is not is kept as it stands, with what is wrong with it.
func (s *shaper) placed(p orb.Point) orb.Point {
	q, problem, accept := s.t.place(p)
	if problem == "" {
		return q
	}
	if s.t.open && s.err == nil {
		if s.t.wrong == nil {
			s.t.wrong = s.t.fault("position", pair(p[0], p[1]), problem, accept)
		}
		return p
	}
	s.fault("position", pair(p[0], p[1]), problem, accept)
	return q
}

// place is where a position of the file's system is, or what is wrong with it.
func (t *table) place(p orb.Point) (q orb.Point, problem, accept string) {
	if t.crs != nil {
		if p[0], p[1], problem = t.crs.degrees(p[0], p[1]); problem != "" {
			return p, problem, acceptCRS
		}
	}
	return position(p[0], p[1])
}

// moved takes the shapes that were read before the document named its system
// to degrees of WGS84.
func (t *table) moved() error {
	move := func(row int, p *orb.Point) error {
		q, problem, accept := t.place(*p)
		if problem != "" {
			return &InputError{File: t.name, Feature: row + 1, Field: "position", Value: pair(p[0], p[1]), Problem: problem, Accept: accept}
		}
		*p = q
		return nil
	}
	for i := range t.points {
		if p := t.points[i]; p == p {
			if err := move(i, &t.points[i]); err != nil {
				return err
			}
		}
	}
	for i, g := range t.shapes {
		if p, ok := g.(orb.Point); ok {
			if err := move(i, &p); err != nil {
				return err
			}
			t.shapes[i] = p
			continue
		}
		for _, line := range linesOf(g) {
			for k := range line {
				if err := move(i, &line[k]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// linesOf are the rows of positions of a shape, not copied.
func linesOf(g orb.Geometry) (lines [][]orb.Point) {
	switch g := g.(type) {
	case orb.MultiPoint:
		lines = append(lines, g)
	case orb.LineString:
		lines = append(lines, g)
	case orb.Ring:
		lines = append(lines, g)
	case orb.MultiLineString:
		for _, l := range g {
			lines = append(lines, l)
		}
	case orb.Polygon:
		for _, r := range g {
			lines = append(lines, r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			for _, r := range p {
				lines = append(lines, r)
			}
		}
	}
	return lines
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

// checkCRS takes the system of the member crs. It is of GeoJSON of 2008; RFC 7946
// knows none. Coordinates are longitude before latitude, x before y, whatever
// the register says of the system.
func (t *table) checkCRS(value []byte) error {
	if isNull(value) {
		return nil
	}
	name, kind := "", ""
	if value[0] == '{' {
		for member, v := range members(value) {
			switch {
			case string(member) == "type" && v[0] == '"':
				kind = string(unquoted(v))
			case string(member) == "properties" && v[0] == '{':
				for key, text := range members(v) {
					switch {
					case string(key) == "name" && text[0] == '"':
						name = string(unquoted(text))
					case string(key) == "code" && text[0] != '{' && text[0] != '[' && name == "":
						name = "EPSG:" + strings.Trim(string(text), `"`)
					case string(key) == "href" && text[0] == '"':
						name = string(unquoted(text))
					}
				}
			}
		}
	} else if value[0] == '"' {
		name = string(unquoted(value))
	}
	s := systemOfText(name)
	if kind == "link" && s.problem != "" {
		s = &system{name: name, problem: "is a link to a definition, which is not followed"}
	}
	return t.declared("crs", s)
}
