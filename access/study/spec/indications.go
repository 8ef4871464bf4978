package spec

import (
	"fmt"
	"maps"
	"slices"

	"careshed/access"

	"go.yaml.in/yaml/v4"
)

// Treated is how many were treated: a number, or as many as were counted.
type Treated struct {
	Number   float64
	Observed bool
}

// Given reports whether either was named.
func (t Treated) Given() bool { return t.Number > 0 || t.Observed }

func (t *Treated) decode(n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode && n.Value == "observed" {
		t.Observed = true
		return nil
	}
	x, err := number(n, path)
	if err != nil {
		return wrong(n, path, "a number of patients a year, or observed", "found %q", n.Value)
	}
	t.Number = x
	return nil
}

// validateIndications checks that every indication is known, named once and has a
// number.
func validateIndications(d *DemandSpec) error {
	var known []string
	for _, i := range access.Indications() {
		known = append(known, i.Key)
	}
	for k, key := range d.Indications {
		i, ok := access.IndicationOf(key)
		if !ok {
			return &SpecError{Field: "demand.indications", Problem: fmt.Sprintf("found %q", key), Accept: Listed(known...)}
		}
		if slices.Contains(d.Indications[:k], key) {
			return &SpecError{Field: "demand.indications", Problem: key + " stands twice", Accept: "each once"}
		}
		if _, _, err := i.Per100k(d.Rates[key]); err != nil {
			return &SpecError{Field: "demand.rates." + key, Problem: err.Error(),
				Accept: "a number of your own: rates: {" + key + ": eligible a year per 100,000 people}"}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d.Rates)) {
		if !slices.Contains(d.Indications, key) {
			return &SpecError{Field: "demand.rates." + key, Problem: "the study does not name this indication", Accept: Listed(d.Indications...)}
		}
		if r := d.Rates[key]; !(r > 0 && r <= 100_000) {
			return &SpecError{Field: "demand.rates." + key, Problem: fmt.Sprintf("found %v", r),
				Accept: "eligible patients a year per 100,000 people, above 0 and up to 100,000"}
		}
	}
	return nil
}
