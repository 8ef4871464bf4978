package measure

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// RepresentationMeasure compares the share that groups have among recipients
// with their share of the people. The share among recipients alone says nothing.
type RepresentationMeasure struct {
	Recipients map[string]float64 `yaml:"recipients" doc:"GROUP: its share of those treated, 0 to 1"`
	Population map[string]float64 `yaml:"population" doc:"GROUP: its share of all people, 0 to 1; or field"`
	Field      string             `yaml:"field" doc:"the field of the places whose values are the groups, in place of population"`
	Patients   float64            `yaml:"patients" doc:"how many were treated in all, for intervals"`
	Source     string             `yaml:"source" doc:"where the shares are from"`
}

// Acting is that of [Params].
func (*RepresentationMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// Validate is that of [Params].
func (m *RepresentationMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	if len(m.Recipients) == 0 {
		return &spec.SpecError{Field: at + ".recipients", Problem: "is missing", Accept: "{GROUP: share of those treated}"}
	}
	if m.Field != "" && len(m.Population) > 0 {
		return &spec.SpecError{Field: at, Problem: "field and population exclude each other", Accept: "one of them"}
	}
	for _, g := range slices.Sorted(maps.Keys(m.Recipients)) {
		p, ok := m.Population[g]
		if m.Field == "" && !ok {
			return &spec.SpecError{Field: at + ".population." + g, Accept: "the group's share of all people, or field: a field of the places",
				Problem: fmt.Sprintf("denominator missing: %.4g %% of recipients says nothing without the group's share of the people", 100*m.Recipients[g])}
		}
		if r := m.Recipients[g]; !(r >= 0 && r <= 1) || ok && !(p > 0 && p <= 1) {
			return &spec.SpecError{Field: at + "." + g, Problem: fmt.Sprintf("found shares %v and %v", r, p), Accept: "shares, 0 to 1 (0.073 is 7.3 %)"}
		}
	}
	var sum float64
	for _, g := range slices.Sorted(maps.Keys(m.Recipients)) {
		sum += m.Recipients[g]
	}
	if sum > 1+1e-9 {
		return &spec.SpecError{Field: at + ".recipients", Problem: fmt.Sprintf("the shares sum to %.4g", sum),
			Accept: "shares of all recipients, 1 together at most"}
	}
	if !(m.Patients >= 0) {
		return &spec.SpecError{Field: at + ".patients", Problem: "is below 0", Accept: "0 or more"}
	}
	return nil
}

// representation is which groups are treated less, or more, than they are many.
type representation struct {
	*finding.Study
	of *RepresentationMeasure
}

// FindRepresentation finds who is treated less, where the study asks for it.
func FindRepresentation(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if m := spec.Asked[*RepresentationMeasure](s.Spec.Measures); m != nil {
		return &representation{s, m}, nil
	}
	return nil, nil
}

// Tell is that of [Finding].
func (r *representation) Tell(context.Context) error {
	m := r.of
	population, err := r.shareOfGroups(m)
	if err != nil {
		return err
	}
	hidden := r.hiddenGroups(m)
	var group, why []string
	var recipients, people, ratio, low, high []float64
	for _, g := range slices.Sorted(maps.Keys(m.Recipients)) {
		share, ok := population[g]
		if m.Field != "" && (ok && share == 0 || !ok && len(population) < 2) {
			r.Note("representation.nobody", "group", g, "field", m.Field)
			share = math.NaN()
		} else if !ok || share == 0 {
			return fmt.Errorf("measures.representation: nobody is in group %q of %s; it has %s", g, m.Field,
				ground.Some(slices.Sorted(maps.Keys(population)), 12))
		}
		if hidden[g] {
			r.Note("representation.withheld", "group", g, "least", r.Spec.Privacy.SuppressBelow)
			continue
		}
		x := access.Represent(m.Recipients[g], share, m.Patients)
		group, why = append(group, g), append(why, m.Source)
		recipients, people, ratio = append(recipients, m.Recipients[g]), append(people, share), append(ratio, x.Ratio)
		low, high = append(low, x.Interval[0]), append(high, x.Interval[1])
		r.Result.Summary.Representation = append(r.Result.Summary.Representation,
			finding.GroupShare{Group: g, Recipients: finding.Num(m.Recipients[g]), People: finding.Num(share),
				Ratio: finding.Num(x.Ratio), Low: finding.Num(x.Interval[0]), High: finding.Num(x.Interval[1])})
	}
	sh := finding.Sheet{Of: "representation"}
	sh.Text("group", group)
	sh.Number("recipients_share", recipients)
	sh.Number("people_share", people)
	sh.Number("ratio", ratio)
	sh.Number("ratio_low_2_5", low)
	sh.Number("ratio_high_97_5", high)
	sh.Text("source", why)
	return r.AddTable(sh.Table())
}

// shareOfGroups are the shares of all people that the groups have: as given, or
// counted in a field of the places, among those who have a value there.
func (r *representation) shareOfGroups(m *RepresentationMeasure) (map[string]float64, error) {
	if m.Field == "" {
		return m.Population, nil
	}
	of, names, err := r.Groups(m.Field, "values")
	if err != nil {
		return nil, fmt.Errorf("measures.representation.field: %w", err)
	}
	population := map[string]float64{}
	known := 0.0
	for i, k := range of {
		if names[k] != "no value" {
			known += r.People[i]
			population[names[k]] += r.People[i]
		}
	}
	for g := range population {
		population[g] /= known
	}
	if left := r.Total - known; left > 0 {
		r.Note("representation.left", "people", left, "field", m.Field)
	}
	return population, nil
}

// hiddenGroups are the groups whose recipients are withheld.
func (r *representation) hiddenGroups(m *RepresentationMeasure) map[string]bool {
	hidden := map[string]bool{}
	if p := r.Spec.Privacy; p != nil && m.Patients > 0 {
		var counts []float64
		groups := slices.Sorted(maps.Keys(m.Recipients))
		for _, g := range groups {
			counts = append(counts, m.Patients*m.Recipients[g])
		}
		mark, _ := access.Withhold([][]float64{counts}, 1, nil, p.SuppressBelow)
		for k, h := range mark {
			hidden[groups[k]] = h
		}
	}
	return hidden
}
