package ground

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"
)

// Ranks are the numbers that places are ordered by.
func (in *Ground) Ranks(field string) ([]float64, error) { return in.read(role.Rank, in.Places, field) }

// labels are the values that places are grouped by, "" for none; a code for no
// value is none.
func (in *Ground) labels(field string) ([]string, error) {
	v, err := in.Places.Texts(field)
	if err != nil {
		return nil, err
	}
	if c, _ := in.Places.Column(field); c.Type == geo.Number || c.Type == geo.Integer {
		numbers, err := in.Ranks(field)
		if err != nil {
			return nil, err
		}
		for i, x := range numbers {
			if math.IsNaN(x) {
				v[i] = ""
			}
		}
	}
	return v, nil
}

// Groups gives each place the number of its group, -1 for none.
func (in *Ground) Groups(field, how string) (of []int, names []string, err error) {
	of = make([]int, in.Places.Len())
	if how == "values" {
		v, err := in.labels(field)
		if err != nil {
			return nil, nil, err
		}
		index := map[string]int{}
		for _, t := range v {
			index[t]++
		}
		if len(index) > 1000 {
			return nil, nil, spec.Refused("places.groups."+field, "up to 1000, or quintile", "%d different values are too many groups", len(index))
		}
		names = slices.Sorted(maps.Keys(index))
		for k, t := range names {
			index[t] = k
		}
		for i, t := range v {
			of[i] = index[t]
		}
		for k, t := range names {
			if t == "" {
				names[k] = "no value"
			}
		}
		return of, names, nil
	}
	v, err := in.Ranks(field)
	if err != nil {
		return nil, nil, fmt.Errorf("places.groups: %w", err)
	}
	n := map[string]int{"quartile": 4, "quintile": 5, "decile": 10}[how]
	missing := false
	for i, g := range access.Groups(v, in.People, n) {
		of[i] = g - 1
		if g == 0 && in.People[i] > 0 {
			of[i], missing = n, true
		}
	}
	for k := range n {
		names = append(names, fmt.Sprint(k+1))
	}
	if missing {
		names = append(names, "no value")
	}
	return of, names, nil
}
