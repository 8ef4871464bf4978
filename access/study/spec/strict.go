package spec

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"

	"go.yaml.in/yaml/v4"
)

// SpecError says what is wrong with a spec, where, and what is accepted.
type SpecError struct {
	File    string
	Line    int
	Field   string // such as travel.borders
	Problem string
	Accept  string
}

func (e *SpecError) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File + ": ")
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Problem)
	if e.Accept != "" {
		b.WriteString("; accepted: " + e.Accept)
	}
	return b.String()
}

// Refused is the error of a study whose data do not go with what a field asks.
func Refused(field, accept, problem string, args ...any) error {
	return wrong(nil, field, accept, problem, args...)
}

// Within names the field that an error is of.
func Within(field string, err error) error {
	var refused *SpecError
	if errors.As(err, &refused) && refused.Field == "" {
		return Refused(field, refused.Accept, "%s", refused.Problem)
	}
	return fmt.Errorf("%s: %w", field, err)
}

func wrong(n *yaml.Node, path, accept, problem string, args ...any) error {
	e := &SpecError{Field: path, Accept: accept, Problem: fmt.Sprintf(problem, args...)}
	if n != nil {
		e.Line = n.Line
	}
	return e
}

// decoder is a value that reads itself: one that can be written in several ways.
type decoder interface {
	decode(n *yaml.Node, path string) error
}

// decode reads a node into a value, strictly: an unknown field is an error that
// names the nearest known one. Struct fields are named by their yaml tags.
func decode(n *yaml.Node, path string, v reflect.Value) error {
	if n.Kind == yaml.AliasNode {
		return wrong(n, path, "plain values", "aliases are not accepted")
	}
	if d, ok := v.Addr().Interface().(decoder); ok {
		return d.decode(n, path)
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" && v.Kind() != reflect.Pointer && v.Kind() != reflect.Struct && v.Kind() != reflect.Map {
		return wrong(n, path, "", "there is no value")
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if err := decode(n, path, p.Elem()); err != nil {
			return err
		}
		v.Set(p)
	case reflect.Struct:
		return decodeStruct(n, path, v)
	case reflect.Map:
		return decodeMap(n, path, v)
	case reflect.Slice:
		return decodeList(n, path, v)
	case reflect.Array:
		return decodeArray(n, path, v)
	case reflect.String:
		if n.Kind != yaml.ScalarNode {
			return wrong(n, path, "a text", "found %s", kindOf(n))
		}
		v.SetString(n.Value)
	case reflect.Float64:
		f, err := number(n, path)
		if err != nil {
			return err
		}
		v.SetFloat(f)
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return decodeWhole(n, path, v)
	case reflect.Bool:
		return decodeTruth(n, path, v)
	default:
		panic("study: no decoding for " + v.Type().String())
	}
	return nil
}

func decodeMap(n *yaml.Node, path string, v reflect.Value) error {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	v.Set(reflect.MakeMap(v.Type()))
	return pairs(n, path, func(key, val *yaml.Node) error {
		e := reflect.New(v.Type().Elem()).Elem()
		if err := decode(val, join(path, key.Value), e); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key.Value), e)
		return nil
	})
}

func decodeList(n *yaml.Node, path string, v reflect.Value) error {
	if n.Kind != yaml.SequenceNode {
		return wrong(n, path, "a list", "found %s", kindOf(n))
	}
	s := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		if err := decode(c, fmt.Sprintf("%s[%d]", path, i), s.Index(i)); err != nil {
			return err
		}
	}
	v.Set(s)
	return nil
}

func decodeArray(n *yaml.Node, path string, v reflect.Value) error {
	if n.Kind != yaml.SequenceNode || len(n.Content) != v.Len() {
		return wrong(n, path, fmt.Sprintf("a list of %d numbers", v.Len()), "found %s", kindOf(n))
	}
	for i, c := range n.Content {
		if err := decode(c, fmt.Sprintf("%s[%d]", path, i), v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeWhole(n *yaml.Node, path string, v reflect.Value) error {
	f, err := number(n, path)
	if err != nil {
		return err
	}
	if f != math.Trunc(f) || math.Abs(f) > 1<<53 || f < 0 && v.Kind() == reflect.Uint64 {
		return wrong(n, path, "a whole number", "found %s", n.Value)
	}
	if v.Kind() == reflect.Uint64 {
		v.SetUint(uint64(f))
	} else {
		v.SetInt(int64(f))
	}
	return nil
}

func decodeTruth(n *yaml.Node, path string, v reflect.Value) error {
	switch n.Value {
	case "true":
		v.SetBool(true)
	case "false":
		v.SetBool(false)
	default:
		return wrong(n, path, "true, false", "found %s", kindOf(n))
	}
	return nil
}

func decodeStruct(n *yaml.Node, path string, v reflect.Value) error {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil // `penalty:` with nothing after it means the defaults
	}
	return pairs(n, path, func(key, val *yaml.Node) error {
		for i := range v.NumField() {
			if f := v.Type().Field(i); name(f) == key.Value && f.IsExported() && name(f) != "-" {
				if err := decode(val, join(path, key.Value), v.Field(i)); err != nil {
					return err
				}
				// A zero would act as if the field were left out.
				if k := f.Type.Kind(); (k == reflect.Float64 || k == reflect.Int || k == reflect.Uint64) && v.Field(i).IsZero() && f.Tag.Get("default") != "" {
					return wrong(val, join(path, key.Value), "a number above 0", "found %s; leave it out for the default", val.Value)
				}
				return nil
			}
		}
		return unknown(key, path, names(v.Type()))
	})
}

// unknown is the error of a word that is none of the known ones.
func unknown(key *yaml.Node, path string, known []string) error {
	problem := fmt.Sprintf("unknown field %q", key.Value)
	if near := geo.Like(key.Value, known); near != "" {
		problem += fmt.Sprintf("; did you mean %q?", near)
	}
	return wrong(key, path, strings.Join(known, ", "), "%s", problem)
}

// pairs calls each with the keys and values of a mapping; a key that stands
// twice is an error.
func pairs(n *yaml.Node, path string, each func(key, val *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return wrong(n, path, "fields with values", "found %s", kindOf(n))
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return wrong(key, path, "plain field names", "found %s", kindOf(key))
		}
		if line, twice := seen[key.Value]; twice {
			return wrong(key, join(path, key.Value), "", "stands twice, first on line %d", line)
		}
		seen[key.Value] = key.Line
		if err := each(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func number(n *yaml.Node, path string) (float64, error) {
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
		if f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f, nil
		}
	}
	return 0, wrong(n, path, "a finite number", "found %s", kindOf(n))
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of fields"
	case yaml.SequenceNode:
		return fmt.Sprintf("a list of %d", len(n.Content))
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "nothing"
		}
		return strconv.Quote(n.Value)
	}
	return "something else"
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func name(f reflect.StructField) string {
	tag, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if tag == "" {
		return "-"
	}
	return tag
}

func names(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		if n := name(t.Field(i)); n != "-" {
			out = append(out, n)
		}
	}
	return out
}

// oneOf checks a word against those accepted.
func oneOf[T ~string](n *yaml.Node, path string, word T, accept ...T) error {
	if slices.Contains(accept, word) {
		return nil
	}
	known := make([]string, len(accept))
	for i, a := range accept {
		known[i] = string(a)
	}
	problem := fmt.Sprintf("found %q", string(word))
	if near := geo.Like(string(word), known); near != "" {
		problem += fmt.Sprintf("; did you mean %q?", near)
	}
	return wrong(n, path, strings.Join(known, ", "), "%s", problem)
}
