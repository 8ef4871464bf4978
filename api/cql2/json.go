package cql2

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// ParseJSON reads a filter in CQL2 JSON. The error is an *Error.
func ParseJSON(b []byte) (Node, error) {
	if len(b) > MaxBytes {
		return nil, &Error{Problem: "the filter is too long", Found: fmt.Sprintf("%d bytes", len(b)), Accepted: fmt.Sprintf("%d bytes", MaxBytes)}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, &Error{Problem: "this is not JSON", Found: clip(string(b)), Accepted: `CQL2 JSON such as {"op": "=", "args": [{"property": "country"}, "IT"]}`}
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, &Error{Problem: "something follows the filter", Accepted: "one JSON value"}
	}
	d := &decoder{}
	n, err := d.value(v, "", 0)
	if err != nil {
		return nil, err
	}
	if err := predicate(n, "the filter"); err != nil {
		return nil, err
	}
	return n, nil
}

type decoder struct{ budget budget }

func (d *decoder) value(v any, at string, depth int) (Node, error) {
	if depth > MaxDepth {
		return nil, &Error{Where: at, Problem: "the filter is nested too deep", Accepted: fmt.Sprintf("%d levels", MaxDepth)}
	}
	switch v := v.(type) {
	case bool:
		return Bool(v), nil
	case float64:
		return Number(v), nil
	case string:
		return Text(v), nil
	case []any:
		return nil, noArrays(at)
	case map[string]any:
		return d.object(v, at, depth)
	}
	return nil, &Error{Where: at, Problem: "null is no value", Accepted: `{"op": "isNull", "args": […]} asks for missing values`}
}

func (d *decoder) object(o map[string]any, at string, depth int) (Node, error) {
	only := func(names ...string) error {
		for _, k := range slices.Sorted(maps.Keys(o)) {
			if !slices.Contains(names, k) {
				return &Error{Where: at, Problem: fmt.Sprintf("the member %q does not belong here", clip(k)), Found: clip(k), Accepted: strings.Join(names, ", ")}
			}
		}
		return nil
	}
	word := func(name string) (string, error) {
		s, ok := o[name].(string)
		if !ok {
			return "", &Error{Where: at + "/" + name, Problem: name + " is not a text", Accepted: "a text"}
		}
		return s, only(name)
	}
	has := func(name string) bool { _, ok := o[name]; return ok }
	switch {
	case has("op"):
		return d.call(o, at, depth, only)
	case has("property"):
		s, err := word("property")
		return Property(s), err
	case has("date"), has("timestamp"):
		name := "date"
		if has("timestamp") {
			name = "timestamp"
		}
		s, err := word(name)
		if err != nil {
			return nil, err
		}
		return instantOf(at, s, name == "date")
	case has("interval"):
		return nil, unsupported(at, "interval")
	case has("bbox") && !has("type"):
		v, ok := numbers(o["bbox"])
		if !ok {
			return nil, &Error{Where: at + "/bbox", Problem: "bbox is not a list of numbers", Accepted: "4 or 6 numbers"}
		}
		if err := only("bbox"); err != nil {
			return nil, err
		}
		g, err := bound(at, v, &d.budget)
		return Shape{g}, err
	case has("type"):
		if err := only("type", "coordinates", "geometries", "bbox"); err != nil {
			return nil, err
		}
		g, err := d.shape(o, at, depth)
		if err != nil {
			return nil, err
		}
		return Shape{g}, sound(at, g)
	}
	return nil, &Error{Where: at, Problem: "this is no part of a filter", Accepted: "an object with op and args, property, date, timestamp, bbox, or a geometry (GeoJSON)"}
}

func (d *decoder) call(o map[string]any, at string, depth int, only func(...string) error) (Node, error) {
	op, ok := o["op"].(string)
	if !ok {
		return nil, &Error{Where: at + "/op", Problem: "op is not a text", Accepted: "the name of an operation"}
	}
	if _, known := operations[op]; !known {
		return nil, unsupported(at+"/op", clip(op))
	}
	if err := only("op", "args"); err != nil {
		return nil, err
	}
	list, ok := o["args"].([]any)
	if !ok {
		return nil, &Error{Where: at + "/args", Problem: "args is not a list", Accepted: "a list of values"}
	}
	if err := d.budget.call(at, op); err != nil {
		return nil, err
	}
	if op == "in" {
		if len(list) != 2 {
			return nil, &Error{Where: at + "/args", Problem: fmt.Sprintf("in has %d arguments", len(list)), Accepted: "a value and a list"}
		}
		among, ok := list[1].([]any)
		if !ok {
			return nil, &Error{Where: at + "/args/1", Problem: "in needs a list", Accepted: "a list of values"}
		}
		list = append([]any{list[0]}, among...)
	}
	if err := checkCount(at+"/args", op, len(list)); err != nil {
		return nil, err
	}
	c := Call{op, make([]Node, len(list))}
	for i, a := range list {
		var err error
		if c.Args[i], err = d.value(a, fmt.Sprintf("%s/args/%d", at, i), depth+1); err != nil {
			return nil, err
		}
	}
	if op == "like" {
		if err := patternOnly(at+"/args/1", c.Args[1]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func numbers(v any) ([]float64, bool) {
	list, ok := v.([]any)
	out := make([]float64, len(list))
	for i, x := range list {
		n, isNumber := x.(float64)
		ok = ok && isNumber
		out[i] = n
	}
	return out, ok
}

// shape reads a GeoJSON geometry.
func (d *decoder) shape(o map[string]any, at string, depth int) (orb.Geometry, error) {
	if depth > MaxDepth {
		return nil, &Error{Where: at, Problem: "the filter is nested too deep", Accepted: fmt.Sprintf("%d levels", MaxDepth)}
	}
	kind, _ := o["type"].(string)
	if kind == "GeometryCollection" {
		list, ok := o["geometries"].([]any)
		if !ok {
			return nil, &Error{Where: at + "/geometries", Problem: "geometries is not a list", Accepted: "a list of geometries"}
		}
		var out orb.Collection
		for i, x := range list {
			inner, ok := x.(map[string]any)
			at := fmt.Sprintf("%s/geometries/%d", at, i)
			if !ok {
				return nil, &Error{Where: at, Problem: "this is no geometry", Accepted: "a GeoJSON geometry"}
			}
			g, err := d.shape(inner, at, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, g)
		}
		return out, nil
	}
	r := &reader{at: at + "/coordinates", budget: &d.budget}
	var g orb.Geometry
	c := o["coordinates"]
	switch kind {
	case "Point":
		g = r.position(c)
	case "MultiPoint":
		g = orb.MultiPoint(each(r, c, r.position))
	case "LineString":
		g = orb.LineString(each(r, c, r.position))
	case "MultiLineString":
		g = orb.MultiLineString(each(r, c, func(v any) orb.LineString { return each(r, v, r.position) }))
	case "Polygon":
		g = orb.Polygon(each(r, c, r.ring))
	case "MultiPolygon":
		g = orb.MultiPolygon(each(r, c, func(v any) orb.Polygon { return each(r, v, r.ring) }))
	default:
		return nil, &Error{Where: at + "/type", Problem: fmt.Sprintf("%q is no type of geometry", clip(fmt.Sprint(o["type"]))), Accepted: "a GeoJSON geometry"}
	}
	if r.err != nil {
		return nil, r.err
	}
	return g, nil
}

// reader reads coordinates; the first error stays.
type reader struct {
	at     string
	budget *budget
	err    *Error
}

func (r *reader) fail(problem, accepted string) {
	if r.err == nil {
		r.err = &Error{Where: r.at, Problem: problem, Accepted: accepted}
	}
}

func (r *reader) position(v any) orb.Point {
	n, ok := numbers(v)
	if !ok || len(n) < 2 || len(n) > 4 {
		r.fail("a position is not longitude and latitude", "[lon, lat]")
		return orb.Point{}
	}
	p := orb.Point{n[0], n[1]}
	if err := r.budget.position(r.at, p); err != nil && r.err == nil {
		r.err = err
	}
	return p
}

func (r *reader) ring(v any) orb.Ring { return each(r, v, r.position) }

func each[T any](r *reader, v any, item func(any) T) []T {
	list, ok := v.([]any)
	if !ok {
		r.fail("the coordinates are not nested as the type says", "lists")
	}
	out := make([]T, 0, len(list))
	for _, x := range list {
		if r.err != nil {
			break
		}
		out = append(out, item(x))
	}
	return out
}
