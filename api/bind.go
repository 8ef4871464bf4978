package api

import (
	"fmt"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"
)

// A param is a parameter of a route, read off a field of its input struct:
//
//	Lat float64 `query:"lat" doc:"latitude, degrees" min:"-90" max:"90" required:"true"`
//
// The tags are path or query (the name), doc, required, min, max, def (the
// default), enum (words with commas between), clamp (a number above max counts
// as max), list (it may stand several times, which is as with commas between), shared (described once, under components) and hint (said of a number
// out of range). A value that begins with @ is looked up among the server's own.
type param struct {
	name, in, doc, def, hint string
	required, clamp, shared  bool
	list                     bool    // may stand several times: a list, as with commas between
	min, max                 float64 // NaN: open
	enum                     []string
	field                    []int // where it stands: a struct may hold another's parameters
	kind                     reflect.Kind
	schema                   schema // of a type that reads itself, or nil
}

// reader is a parameter that reads itself.
type reader interface {
	read(text string) (accepted string, err error)
	schema() schema
}

// paramsOf reads the parameters off an input struct.
func paramsOf(t reflect.Type, words map[string]string) []param {
	var out []param
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue // whose fields come by themselves
		}
		tag := func(name string) string {
			v := f.Tag.Get(name)
			if strings.HasPrefix(v, "@") {
				return words[v[1:]]
			}
			return v
		}
		p := param{name: f.Tag.Get("query"), in: "query", doc: tag("doc"), def: tag("def"), hint: tag("hint"), required: tag("required") == "true",
			clamp: tag("clamp") == "true", list: tag("list") == "true", shared: tag("shared") == "true", min: bound(tag("min")), max: bound(tag("max")), field: f.Index, kind: f.Type.Kind()}
		if name := f.Tag.Get("path"); name != "" {
			p.name, p.in, p.required = name, "path", true
		}
		if e := tag("enum"); e != "" {
			p.enum = strings.Split(e, ",")
		}
		if r, ok := reflect.New(f.Type).Interface().(reader); ok {
			p.schema = r.schema()
		}
		out = append(out, p)
	}
	return out
}

func bound(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// queryOf reads a query strictly.
func queryOf(raw string) (url.Values, error) {
	if raw == "" {
		return nil, nil
	}
	if strings.Contains(raw, ";") {
		return nil, parameter("", raw, "NAME=VALUE, with & between", "the query holds a semicolon")
	}
	v, err := url.ParseQuery(raw)
	if err != nil {
		return nil, parameter("", raw, "NAME=VALUE, percent-encoded", "the query cannot be read")
	}
	return v, nil
}

// bind sets the fields of an input struct. Unknown parameters are errors, and so
// are those that stand several times with several values, but lists and columns;
// f stands for itself.
func bind(into reflect.Value, params []param, query url.Values, path func(string) string) error {
	for name, values := range query {
		known := name == "f" || slices.ContainsFunc(params, func(p param) bool { return p.in == "query" && p.name == name && p.name != rest })
		if !known && !slices.ContainsFunc(params, func(p param) bool { return p.name == rest }) {
			return unknownParameter(name, params)
		}
		list := slices.ContainsFunc(params, func(p param) bool { return p.in == "query" && p.name == name && p.list }) ||
			name != "f" && !slices.ContainsFunc(params, func(p param) bool { return p.in == "query" && p.name == name })
		if !list && len(slices.Compact(slices.Sorted(slices.Values(values)))) > 1 {
			return parameter(shorten(name), strings.Join(values, ", "), "one value", "%s stands %d times", shorten(name), len(values))
		}
	}
	for i := range params {
		p := &params[i]
		if p.name == rest {
			others := map[string][]string{}
			for name, values := range query {
				if name != "f" && !slices.ContainsFunc(params, func(p param) bool { return p.in == "query" && p.name == name && p.name != rest }) {
					others[name] = values
				}
			}
			into.FieldByIndex(p.field).Set(reflect.ValueOf(others))
			continue
		}
		text, given := "", true
		if p.in == "path" {
			text = path(p.name)
		} else if v, ok := query[p.name]; ok {
			if text = v[0]; p.list {
				text = strings.Join(v, ",")
			}
		} else {
			text, given = p.def, p.def != ""
		}
		if !given {
			if p.required {
				return parameter(p.name, "", p.accepted(), "%s is missing", p.name)
			}
			continue
		}
		if err := p.set(into.FieldByIndex(p.field), text); err != nil {
			return err
		}
	}
	return nil
}

// rest is the name of a parameter, a map, that gathers those of no other name.
const rest = "*"

func unknownParameter(name string, params []param, also ...geo.Field) error {
	var known []string
	for _, p := range params {
		if p.in == "query" && p.name != rest {
			known = append(known, p.name)
		}
	}
	for _, f := range also {
		known = append(known, f.Name)
	}
	known = append(known, "f")
	near := ""
	if n := geo.Like(name, known); n != "" {
		near = fmt.Sprintf("; did you mean %q?", n)
	}
	return parameter(shorten(name), "", strings.Join(known, ", "), "unknown parameter %q%s", shorten(name), near)
}

func (p *param) set(v reflect.Value, text string) error {
	if p.schema != nil {
		if accepted, err := v.Addr().Interface().(reader).read(text); err != nil {
			return parameter(p.name, text, accepted, "%v", err)
		}
		return nil
	}
	switch p.kind {
	case reflect.String:
		if p.enum != nil && !slices.Contains(p.enum, text) {
			near := ""
			if n := geo.Like(text, p.enum); n != "" {
				near = fmt.Sprintf("; did you mean %q?", n)
			}
			return parameter(p.name, text, p.accepted(), "%s is not one of the words accepted%s", p.name, near)
		}
		v.SetString(text)
		return nil
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return parameter(p.name, text, p.accepted(), "%s is not a whole number", p.name)
		}
		if float64(n) > p.max && p.clamp {
			n = int(p.max)
		}
		v.SetInt(int64(n))
		return p.within(float64(n), text)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return parameter(p.name, text, p.accepted(), "%s is not a number", p.name)
		}
		v.SetFloat(x)
		return p.within(x, text)
	}
	panic("api: no parameter can be a " + p.kind.String())
}

func (p *param) within(x float64, text string) error {
	if x < p.min || x > p.max {
		hint := ""
		if p.hint != "" {
			hint = "; " + p.hint
		}
		return parameter(p.name, text, p.accepted(), "%s is out of range%s", p.name, hint)
	}
	return nil
}

// accepted says what a parameter may be.
func (p *param) accepted() string {
	what := map[reflect.Kind]string{reflect.Int: "a whole number", reflect.Float64: "a number", reflect.String: "a text"}[p.kind]
	low, high := !math.IsNaN(p.min), !math.IsNaN(p.max)
	switch {
	case p.enum != nil:
		return strings.Join(p.enum, ", ")
	case low && high:
		return fmt.Sprintf("%s from %v to %v", what, p.min, p.max)
	case low:
		return fmt.Sprintf("%s of %v or more", what, p.min)
	}
	return what
}

// openapi is the parameter as the OpenAPI document describes it.
func (p *param) openapi() schema {
	s := p.schema
	if s == nil {
		s = schema{"type": map[reflect.Kind]string{reflect.Int: "integer", reflect.Float64: "number", reflect.String: "string"}[p.kind]}
		if p.enum != nil {
			s["enum"] = p.enum
		}
		if !math.IsNaN(p.min) {
			s["minimum"] = p.min
		}
		if !math.IsNaN(p.max) {
			s["maximum"] = p.max
		}
		switch {
		case p.def == "":
		case p.kind == reflect.String:
			s["default"] = p.def
		default:
			s["default"] = bound(p.def)
		}
	}
	out := schema{"name": p.name, "in": p.in, "description": p.doc, "required": p.required, "schema": s}
	if p.in == "query" {
		out["style"], out["explode"] = "form", false
	}
	return out
}
