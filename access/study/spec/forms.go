package spec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"

	"go.yaml.in/yaml/v4"
)

// The fields that can be written in more than one way.

// Where chooses features: all conditions must hold.
type Where []Condition

// Condition holds for a feature whose field is one of the values, lies between Min and
// Max, both included, or is none of the values, as one without a value is too.
type Condition struct {
	Field    string
	Values   []string
	None     bool    // none of the values, and not one of them
	Min, Max float64 // NaN: open
}

func (w *Where) decode(n *yaml.Node, path string) error {
	return pairs(n, path, func(key, val *yaml.Node) error {
		c := Condition{Field: key.Value, Min: math.NaN(), Max: math.NaN()}
		at := join(path, key.Value)
		switch {
		case val.Kind == yaml.ScalarNode && val.Tag != "!!null":
			c.Values = []string{val.Value}
		case val.Kind == yaml.SequenceNode && len(val.Content) > 0:
			if err := c.list(val, at); err != nil {
				return err
			}
		case val.Kind == yaml.MappingNode && len(val.Content) == 2 && val.Content[0].Value == "not":
			c.None = true
			if v := val.Content[1]; v.Kind == yaml.ScalarNode && v.Tag != "!!null" {
				c.Values = []string{v.Value}
			} else if err := c.list(v, join(at, "not")); err != nil {
				return err
			}
		case val.Kind == yaml.MappingNode:
			if err := pairs(val, at, func(k, v *yaml.Node) error {
				bound := map[string]*float64{"min": &c.Min, "max": &c.Max}[k.Value]
				if bound == nil && k.Value == "not" {
					return wrong(k, at, "not, or min and max", "found not beside others")
				}
				if bound == nil {
					return unknown(k, at, []string{"min", "max", "not"})
				}
				x, err := number(v, join(at, k.Value))
				*bound = x
				return err
			}); err != nil {
				return err
			}
		default:
			return wrong(val, at, "a value, a list of values, {min, max} or {not: values}", "found %s", kindOf(val))
		}
		*w = append(*w, c)
		return nil
	})
}

// list takes the values of a list.
func (c *Condition) list(n *yaml.Node, at string) error {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return wrong(n, at, "a value or a list of values", "found %s", kindOf(n))
	}
	for _, v := range n.Content {
		if v.Kind != yaml.ScalarNode {
			return wrong(v, at, "values", "found %s", kindOf(v))
		}
		c.Values = append(c.Values, v.Value)
	}
	return nil
}

// Rows are the features of a layer that meet all conditions.
func (w Where) Rows(l *geo.Layer) ([]int, error) {
	keep := make([]bool, l.Len())
	for i := range keep {
		keep[i] = true
	}
	for _, c := range w {
		col, err := l.MustHave(c.Field)
		if err != nil {
			return nil, err
		}
		holds, err := c.test(l, col)
		if err != nil {
			return nil, err
		}
		for i := range keep {
			keep[i] = keep[i] && (!col.Null(i) && holds(i)) != c.None
		}
	}
	var out []int
	for i, k := range keep {
		if k {
			out = append(out, i)
		}
	}
	return out, nil
}

func (c Condition) test(l *geo.Layer, col geo.Column) (func(int) bool, error) {
	if c.Values == nil {
		if col.Type == geo.Text {
			return nil, &geo.FieldError{Layer: l.Name, Field: c.Field, Want: "a number for {min, max}", Got: col.Type}
		}
		return func(i int) bool { return !(col.Number(i) < c.Min) && !(col.Number(i) > c.Max) }, nil
	}
	if col.Type == geo.Text {
		codes, words := col.Codes()
		ok := make([]bool, len(words))
		for k, w := range words {
			ok[k] = slices.Contains(c.Values, w)
		}
		return func(i int) bool { return ok[codes[i]] }, nil
	}
	want := make([]float64, len(c.Values))
	for k, v := range c.Values {
		f, err := strconv.ParseFloat(v, 64)
		if col.Type == geo.Bool {
			var b bool
			b, err = strconv.ParseBool(v)
			f = 0
			if b {
				f = 1
			}
		}
		if err != nil {
			return nil, fmt.Errorf("layer %s: field %q is %s and is compared with %q", l.Name, c.Field, col.Type, v)
		}
		want[k] = f
	}
	return func(i int) bool { return slices.Contains(want, col.Number(i)) }, nil
}

// String is the condition as people would say it.
func (w Where) String() string {
	var parts []string
	for _, c := range w {
		switch {
		case c.None:
			parts = append(parts, c.Field+" is not "+strings.Join(c.Values, " or "))
		case c.Values != nil:
			parts = append(parts, c.Field+" is "+strings.Join(c.Values, " or "))
		case math.IsNaN(c.Min):
			parts = append(parts, fmt.Sprintf("%s up to %g", c.Field, c.Max))
		case math.IsNaN(c.Max):
			parts = append(parts, fmt.Sprintf("%s from %g", c.Field, c.Min))
		default:
			parts = append(parts, fmt.Sprintf("%s from %g to %g", c.Field, c.Min, c.Max))
		}
	}
	return strings.Join(parts, ", ")
}

// JoinOn names the fields by which two layers belong together.
type JoinOn struct{ Place, Region string }

func (j *JoinOn) decode(n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		j.Place, j.Region = n.Value, n.Value
		return nil
	}
	if err := pairs(n, path, func(k, v *yaml.Node) error {
		if v.Kind != yaml.ScalarNode {
			return wrong(v, join(path, k.Value), "a field", "found %s", kindOf(v))
		}
		switch k.Value {
		case "place":
			j.Place = v.Value
		case "region":
			j.Region = v.Value
		default:
			return unknown(k, path, []string{"place", "region"})
		}
		return nil
	}); err != nil {
		return err
	}
	if j.Place == "" || j.Region == "" {
		return wrong(n, path, "a field, or {place: F, region: F}", "needs both")
	}
	return nil
}

// SupplySpec is a field, several, or the same amount for every site.
type SupplySpec struct {
	Fields   []string
	Constant float64
}

func (s *SupplySpec) decode(n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		s.Fields = []string{n.Value}
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		for _, f := range n.Content {
			if f.Kind != yaml.ScalarNode || f.Value == "" || slices.Contains(s.Fields, f.Value) {
				return wrong(f, path, "different fields of the sites", "found %s", kindOf(f))
			}
			s.Fields = append(s.Fields, f.Value)
		}
		if len(s.Fields) == 0 {
			return wrong(n, path, "a field, a list of fields, or {constant: 1}", "found an empty list")
		}
		return nil
	}
	return pairs(n, path, func(k, v *yaml.Node) (err error) {
		if k.Value != "constant" {
			return unknown(k, path, []string{"constant"})
		}
		if s.Constant, err = number(v, join(path, k.Value)); err == nil && s.Constant <= 0 {
			err = wrong(v, join(path, k.Value), "a number above 0", "found %s", v.Value)
		}
		return err
	})
}

// Borders says which sites people may use.
type Borders struct {
	Rule   string // free, same-country, same-region, groups
	Column string // for groups
}

var borderRules = []string{"free", "same-country", "same-region"}

func (b *Borders) decode(n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode {
		b.Rule = n.Value
		return oneOf(n, path, b.Rule, borderRules...)
	}
	return pairs(n, path, func(k, v *yaml.Node) error {
		if k.Value != "groups" {
			return unknown(k, path, []string{"groups"})
		}
		if v.Kind != yaml.ScalarNode || v.Value == "" {
			return wrong(v, path+".groups", "a field of places and sites", "found %s", kindOf(v))
		}
		b.Rule, b.Column = "groups", v.Value
		return nil
	})
}

// Scenario is a named list of changes.
type Scenario struct {
	Name    string
	Changes []Change
}

// Scenarios keep the order of the spec.
type Scenarios []Scenario

func (s *Scenarios) decode(n *yaml.Node, path string) error {
	return pairs(n, path, func(key, val *yaml.Node) error {
		sc := Scenario{Name: key.Value}
		at := join(path, key.Value)
		if key.Value == "" || key.Value == "baseline" || strings.ContainsAny(key.Value, "/\\ ") {
			return wrong(key, at, "a name without spaces or slashes, other than baseline", "found %q", key.Value)
		}
		if val.Kind != yaml.SequenceNode {
			return wrong(val, at, "a list of changes: open, close, move, role, roads", "found %s", kindOf(val))
		}
		for i, c := range val.Content {
			ch, err := decodeChange(c, fmt.Sprintf("%s[%d]", at, i))
			if err != nil {
				return err
			}
			sc.Changes = append(sc.Changes, ch)
		}
		*s = append(*s, sc)
		return nil
	})
}

// Change is one change to the centers, or to the roads.
type Change struct {
	Kind  string      // open, close, move, role, roads
	Roads RoadsSpec   `yaml:"-"` // of roads: on those of travel.roads
	ID    string      `yaml:"id" doc:"the site; close, move and role also take nearest, with to"`
	At    *[2]float64 `yaml:"at" doc:"open, move: longitude and latitude"`
	To    *[2]float64 `yaml:"to" doc:"with id nearest: longitude and latitude"`
	Roles []string    `yaml:"roles" doc:"open, role: what the site does"`
	Group string      `yaml:"group" doc:"open: its group under the border rule; that of the place nearest to it if left out"`
}

// changeRoads is the kind of a change to the roads.
const changeRoads = "roads"

var changeKinds = []string{"open", "close", "move", "role", changeRoads}

func decodeChange(n *yaml.Node, path string) (c Change, err error) {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return c, wrong(n, path, "one of open, close, move, role, roads with its fields", "found %s", kindOf(n))
	}
	key, val := n.Content[0], n.Content[1]
	if !slices.Contains(changeKinds, key.Value) {
		return c, unknown(key, path, changeKinds)
	}
	c.Kind = key.Value
	at := join(path, c.Kind)
	if c.Kind == changeRoads {
		if err := decodeFields(val, at, &c.Roads); err != nil {
			return c, err
		}
		if !c.Roads.Given() {
			return c, wrong(val, at, "close, traffic, speed", "changes nothing")
		}
		return c, nil
	}
	if err := decodeFields(val, at, &c); err != nil {
		return c, err
	}
	for _, p := range []*[2]float64{c.At, c.To} {
		if p != nil && (math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90) {
			return c, wrong(val, at, "longitude -180 to 180, latitude -90 to 90, in this order", "found [%g, %g]", p[0], p[1])
		}
	}
	switch {
	case c.ID == "":
		return c, wrong(val, at+".id", "the id of a site", "is missing")
	case (c.Kind == "open" || c.Kind == "move") && c.At == nil:
		return c, wrong(val, at+".at", "[longitude, latitude]", "is missing")
	case c.ID == "nearest" && (c.Kind == "open" || c.To == nil):
		return c, wrong(val, at+".to", "[longitude, latitude] of the point whose nearest site is meant", "is missing")
	case c.Kind == "role" && len(c.Roles) == 0:
		return c, wrong(val, at+".roles", strings.Join(Roles(), ", "), "is missing")
	}
	return c, checkRoles(val, at+".roles", c.Roles)
}

// Roles are what a site can do on a patient's way.
func Roles() []string {
	return []string{"refer", "evaluate", "apheresis", "lymphodepletion", "infuse", "monitor", "follow-up"}
}

func checkRoles(n *yaml.Node, path string, roles []string) error {
	for _, r := range roles {
		if err := oneOf(n, path, r, Roles()...); err != nil {
			return err
		}
	}
	return nil
}
