// Package cql2 selects rows of a layer by a filter in the OGC Common Query
// Language (CQL2, OGC 21-065r2): [ParseText] and [ParseJSON] read its two
// encodings into one tree, and [Compile] prepares a tree for the columns of a
// layer. Nulls follow the three-valued logic of the standard.
//
// Kept are Basic CQL2, advanced comparison operators, case- and
// accent-insensitive comparison, property-property comparison, arithmetic, and
// of the spatial functions S_INTERSECTS, S_DISJOINT, S_WITHIN and S_CONTAINS.
// Left out are temporal and array functions, the other spatial functions, and
// functions of the server's own: a filter that uses them is refused with an
// [Error] that says so. Geometry is planar in degrees.
//
// Filters are hostile input: their size, depth and number of operations are
// limited.
package cql2

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// Limits of a filter.
const (
	MaxBytes     = 32 << 10 // of its text
	MaxDepth     = 64       // of what is nested
	MaxCalls     = 256      // operations
	MaxSpatial   = 16       // of which spatial functions, whose cost is the product of two geometries
	MaxValues    = 1000     // in one list
	MaxPositions = 2000     // of its geometries together
)

// Node is a node of a filter: [Bool], [Number], [Text], [Instant], [Property],
// [Shape] or [Call].
type Node interface{ node() }

type (
	Bool   bool
	Number float64
	Text   string
	// Instant is a date, which is midnight UTC, or a time.
	Instant struct{ time.Time }
	// Property is the value of a column; "id" and "geometry" are the feature's
	// own unless there are such columns.
	Property string
	// Shape is a geometry, in degrees of longitude and latitude unless the
	// request said otherwise. A bound whose west is greater than its east reaches
	// across the antimeridian.
	Shape struct{ orb.Geometry }
	// Call is an operation: and, or, not, =, <>, <, >, <=, >=, isNull, like,
	// between, in (the first argument among the others), casei, accenti, +, -, *,
	// /, ^, %, div, s_intersects, s_disjoint, s_within, s_contains.
	Call struct {
		Op   string
		Args []Node
	}
)

func (Bool) node()     {}
func (Number) node()   {}
func (Text) node()     {}
func (Instant) node()  {}
func (Property) node() {}
func (Shape) node()    {}
func (Call) node()     {}

// Error says why a filter was not accepted.
type Error struct {
	Where    string // such as "character 17" or "/args/0"
	Problem  string
	Found    string
	Accepted string
}

func (e *Error) Error() string {
	if e.Where == "" {
		return e.Problem
	}
	return e.Where + ": " + e.Problem
}

// arity is how many arguments an operation takes; most 0 is any number.
type arity struct{ least, most int }

// operations are those that are kept, by their names in JSON.
var operations = map[string]arity{
	"and": {2, 0}, "or": {2, 0}, "not": {1, 1},
	"=": {2, 2}, "<>": {2, 2}, "<": {2, 2}, ">": {2, 2}, "<=": {2, 2}, ">=": {2, 2},
	"isNull": {1, 1}, "like": {2, 2}, "between": {3, 3}, "in": {2, 0},
	"casei": {1, 1}, "accenti": {1, 1},
	"+": {2, 2}, "-": {2, 2}, "*": {2, 2}, "/": {2, 2}, "^": {2, 2}, "%": {2, 2}, "div": {2, 2},
	"s_intersects": {2, 2}, "s_disjoint": {2, 2}, "s_within": {2, 2}, "s_contains": {2, 2},
}

// functions says what those are that a filter calls by a name and a bracket.
const functions = "S_INTERSECTS, S_DISJOINT, S_WITHIN, S_CONTAINS, CASEI, ACCENTI"

// unsupported is the error for a function that is not kept.
func unsupported(where, name string) *Error {
	e := &Error{Where: where, Found: name, Accepted: functions}
	lower := lowerASCII(name)
	switch {
	case len(lower) > 2 && lower[:2] == "s_":
		e.Problem = fmt.Sprintf("the spatial function %s is not supported", name)
	case len(lower) > 2 && lower[:2] == "t_" || lower == "interval":
		e.Problem = fmt.Sprintf("the temporal functions are not supported, so neither is %s; instants can be compared with =, <, >", name)
	case len(lower) > 2 && lower[:2] == "a_":
		e.Problem = fmt.Sprintf("the array functions are not supported, so neither is %s", name)
	default:
		e.Problem = fmt.Sprintf("the function %s is not supported", name)
	}
	return e
}

func noArrays(where string) *Error {
	return &Error{Where: where, Problem: "arrays are not supported but after IN", Accepted: "one value"}
}

// budget counts what a filter may have.
type budget struct{ calls, spatial, positions int }

func (b *budget) call(where, op string) *Error {
	if strings.HasPrefix(op, "s_") {
		if b.spatial++; b.spatial > MaxSpatial {
			return &Error{Where: where, Problem: "the filter has too many spatial functions", Accepted: fmt.Sprintf("%d of them; a MULTIPOLYGON or a MULTIPOINT holds many geometries", MaxSpatial)}
		}
	}
	if b.calls++; b.calls > MaxCalls {
		return &Error{Where: where, Problem: "the filter has too many operations", Accepted: fmt.Sprintf("%d operations", MaxCalls)}
	}
	return nil
}

func (b *budget) position(where string, p orb.Point) *Error {
	if b.positions++; b.positions > MaxPositions {
		return &Error{Where: where, Problem: "the geometries of the filter have too many positions", Accepted: fmt.Sprintf("%d positions", MaxPositions)}
	}
	for _, v := range p {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &Error{Where: where, Problem: "a coordinate is no number"}
		}
	}
	return nil
}

func checkCount(where, op string, n int) *Error {
	a := operations[op]
	if n < a.least || a.most > 0 && n > a.most {
		want := fmt.Sprint(a.least)
		if a.most == 0 {
			want += " or more"
		}
		return &Error{Where: where, Problem: fmt.Sprintf("%s has %d arguments", op, n), Found: fmt.Sprint(n), Accepted: want}
	}
	if op == "in" && n > MaxValues+1 {
		return &Error{Where: where, Problem: "the list has too many values", Found: fmt.Sprint(n - 1), Accepted: fmt.Sprintf("%d values", MaxValues)}
	}
	return nil
}

// instantOf reads a date or a time.
func instantOf(where, text string, dateOnly bool) (Instant, error) {
	layout, accepted := time.RFC3339, "a time such as 2012-08-10T05:30:00Z"
	if dateOnly {
		layout, accepted = time.DateOnly, "a date such as 2010-02-10"
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return Instant{}, &Error{Where: where, Problem: "this is not " + accepted, Found: text, Accepted: accepted}
	}
	return Instant{t.UTC()}, nil
}

// Move gives a filter with every position of its geometries put elsewhere: a
// reference system of the request becomes degrees in that way.
func Move(n Node, to func(orb.Point) (orb.Point, error)) (Node, error) {
	switch n := n.(type) {
	case Shape:
		g, err := moved(n.Geometry, to)
		return Shape{g}, err
	case Call:
		out := Call{n.Op, make([]Node, len(n.Args))}
		for i, a := range n.Args {
			var err error
			if out.Args[i], err = Move(a, to); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return n, nil
}

func moved(g orb.Geometry, to func(orb.Point) (orb.Point, error)) (orb.Geometry, error) {
	var err error
	at := func(p orb.Point) orb.Point {
		q, e := to(p)
		if e != nil && err == nil {
			err = e
		}
		return q
	}
	line := func(in []orb.Point) []orb.Point {
		out := make([]orb.Point, len(in))
		for i, p := range in {
			out[i] = at(p)
		}
		return out
	}
	polygon := func(in orb.Polygon) orb.Polygon {
		out := make(orb.Polygon, len(in))
		for i, r := range in {
			out[i] = line(r)
		}
		return out
	}
	var out orb.Geometry
	switch g := g.(type) {
	case orb.Point:
		out = at(g)
	case orb.MultiPoint:
		out = orb.MultiPoint(line(g))
	case orb.LineString:
		out = orb.LineString(line(g))
	case orb.Ring:
		out = orb.Ring(line(g))
	case orb.MultiLineString:
		m := make(orb.MultiLineString, len(g))
		for i, l := range g {
			m[i] = line(l)
		}
		out = m
	case orb.Polygon:
		out = polygon(g)
	case orb.MultiPolygon:
		m := make(orb.MultiPolygon, len(g))
		for i, p := range g {
			m[i] = polygon(p)
		}
		out = m
	case orb.Bound:
		out = orb.Bound{Min: at(g.Min), Max: at(g.Max)}
	case orb.Collection:
		m := make(orb.Collection, len(g))
		for i, x := range g {
			var e error
			if m[i], e = moved(x, to); e != nil {
				return nil, e
			}
		}
		out = m
	}
	return out, err
}
