package spec

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Inequality lists indices to compute of every measure.
type Inequality []Index

// Index is an index of inequality with its parameters.
type Index struct {
	Name     string
	Rank     string    `yaml:"rank" doc:"concentration, slope: the field that ranks people"`
	Groups   string    `yaml:"groups" doc:"theil_t, theil_l: the field of groups, for the parts between and within"`
	Income   string    `yaml:"income" doc:"palma: the field with incomes"`
	Aversion float64   `yaml:"aversion" default:"1" doc:"atkinson: aversion to inequality"`
	Line     float64   `yaml:"line" doc:"fgt, cost_fgt: the line"`
	Power    float64   `yaml:"power" doc:"fgt, cost_fgt: 0 the share beyond it, 1 how far, 2 with weight on the farthest"`
	Bounds   []float64 `yaml:"bounds" doc:"concentration: least and most that the value can be, for Wagstaff's and Erreygers' corrections"`
	Between  []string  `yaml:"between" doc:"gap: the two values of groups that are compared, the first less (over) the second"`
	Draws    int       `yaml:"draws" most:"resamples" default:"1000" doc:"gap: bootstrap draws"`
	Seed     uint64    `yaml:"seed" default:"1" doc:"gap: of the draws"`
	At       []float64 `yaml:"at" most:"quantiles" doc:"quantiles: shares of people, 0 to 1"`
}

// IndexNames lists the indices there are.
func IndexNames() []string {
	return []string{"gini", "theil_t", "theil_l", "atkinson", "hoover", "p90_p10", "palma", "concentration", "slope", "fgt", "cost_fgt", "gap", "quantiles"}
}

// indexNeeds are the parameters without which an index cannot be.
var indexNeeds = map[string]string{
	"palma": "income", "concentration": "rank", "slope": "rank",
	"fgt": "line", "cost_fgt": "line", "gap": "groups", "quantiles": "at",
}

// indexTakes are the parameters that each index has.
var indexTakes = map[string][]string{
	"theil_t": {"groups"}, "theil_l": {"groups"}, "atkinson": {"aversion"}, "palma": {"income"},
	"concentration": {"rank", "bounds"}, "gap": {"groups", "between", "draws", "seed"}, "quantiles": {"at"},
	"slope": {"rank"}, "fgt": {"line", "power"}, "cost_fgt": {"line", "power"},
}

func (q *Inequality) decode(n *yaml.Node, path string) error {
	if n.Kind != yaml.SequenceNode {
		return wrong(n, path, "a list of indices", "found %s", kindOf(n))
	}
	for _, c := range n.Content {
		x := Index{Name: c.Value}
		word := c
		if c.Kind == yaml.MappingNode && len(c.Content) == 2 {
			word = c.Content[0]
			x.Name = word.Value
		} else if c.Kind != yaml.ScalarNode {
			return wrong(c, path, "an index, or {INDEX: {parameters}}", "found %s", kindOf(c))
		}
		if err := oneOf(word, path, x.Name, IndexNames()...); err != nil {
			return err
		}
		at := path + "." + x.Name
		if c.Kind == yaml.MappingNode {
			if err := decodeFields(c.Content[1], at, &x); err != nil {
				return err
			}
		}
		if err := x.complete(c, at); err != nil {
			return err
		}
		if err := x.fits(c, at); err != nil {
			return err
		}
		if slices.ContainsFunc(*q, func(o Index) bool { return reflect.DeepEqual(o, x) }) {
			return wrong(c, at, "each index once, or with other settings", "stands twice")
		}
		*q = append(*q, x)
	}
	return nil
}

// complete reports a parameter that an index needs and has not, or has and does
// not take.
func (x Index) complete(c *yaml.Node, at string) error {
	given := map[string]bool{"rank": x.Rank != "", "income": x.Income != "", "line": x.Line > 0, "groups": x.Groups != "", "at": len(x.At) > 0}
	if need := indexNeeds[x.Name]; need != "" && !given[need] {
		accept := "a field of the places"
		switch need {
		case "line":
			accept = "a number above 0"
		case "at":
			accept = "shares of people, such as [0.1, 0.5, 0.9]"
		}
		return wrong(c, at+"."+need, accept, "is missing")
	}
	if c.Kind == yaml.MappingNode && c.Content[1].Kind == yaml.MappingNode {
		for k := 0; k < len(c.Content[1].Content); k += 2 {
			if p := c.Content[1].Content[k]; !slices.Contains(indexTakes[x.Name], p.Value) {
				return wrong(p, at+"."+p.Value, cmp.Or(strings.Join(indexTakes[x.Name], ", "), "no parameter"), "is not a parameter of this index")
			}
		}
	}
	return nil
}

// fits reports a parameter that is out of range.
func (x Index) fits(c *yaml.Node, at string) error {
	if x.Aversion < 0 || x.Power < 0 {
		return wrong(c, at, "numbers of 0 or more", "aversion and power are not below 0")
	}
	if n := len(x.Bounds); n != 0 && (n != 2 || !(x.Bounds[0] < x.Bounds[1])) {
		return wrong(c, at+".bounds", "[least, most]", "found %v", x.Bounds)
	}
	if x.Name == "gap" && (len(x.Between) != 2 || x.Between[0] == x.Between[1]) {
		return wrong(c, at+".between", "two values of "+x.Groups, "found %q", x.Between)
	}
	if x.Draws < 0 {
		return wrong(c, at+".draws", "1 or more", "found %d", x.Draws)
	}
	for _, share := range x.At {
		if !(share >= 0 && share <= 1) {
			return wrong(c, at+".at", "shares of people, 0 to 1", "found %v", share)
		}
	}
	return nil
}

// Twice reports whether an index stands more than once, with other settings.
func (q Inequality) Twice(name string) bool {
	n := 0
	for _, x := range q {
		n += given(x.Name == name)
	}
	return n > 1
}

// Settings tell indices of one name apart.
func (q Index) Settings() string {
	switch q.Name {
	case "atkinson":
		return fmt.Sprintf(" (aversion %g)", Filled(q).Aversion)
	case "fgt", "cost_fgt":
		return fmt.Sprintf(" (line %g, power %g)", q.Line, q.Power)
	case "concentration":
		if len(q.Bounds) == 2 {
			return fmt.Sprintf(" (bounds %g to %g)", q.Bounds[0], q.Bounds[1])
		}
	case "gap":
		return fmt.Sprintf(" (%d draws, seed %d)", Filled(q).Draws, Filled(q).Seed)
	case "quantiles":
		return ""
	}
	return ""
}

// Field is the column of the places that an index needs, "" for none.
func (q Index) Field() string { return q.Rank + q.Income + q.Groups }
