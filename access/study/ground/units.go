package ground

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// beside is a layer beside those of a world.
type beside struct {
	Layers
	layer *geo.Layer
}

// Beside are the layers of a world with one more.
func Beside(layers Layers, l *geo.Layer) Layers { return beside{layers, l} }

func (b beside) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	if name == b.layer.Name {
		return b.layer, nil
	}
	return b.Layers.Layer(ctx, name)
}

// Together makes one place of all that share a value: people, patients and age
// groups are added up, ranks and incomes averaged over people, and a text is
// that of most people.
func (in *Ground) Together(by string) (*geo.Layer, error) {
	if in.Places.IsTable() {
		return nil, fmt.Errorf("layer %s has no coordinates", in.Places.Name)
	}
	of, names, err := in.Groups(by, "values")
	if err != nil {
		return nil, err
	}
	n := len(names)
	people := make([]float64, n)
	var x, y, z, any = make([]float64, n), make([]float64, n), make([]float64, n), make([]orb.Point, n)
	for i, k := range of {
		p := in.Places.Point(i)
		people[k] += in.People[i]
		if math.IsNaN(p[0]) {
			continue
		}
		// Means on the sphere, so that the antimeridian is no edge.
		lon, lat := p[0]*math.Pi/180, p[1]*math.Pi/180
		x[k] += in.People[i] * math.Cos(lat) * math.Cos(lon)
		y[k] += in.People[i] * math.Cos(lat) * math.Sin(lon)
		z[k] += in.People[i] * math.Sin(lat)
		any[k] = p
	}
	at := make([]orb.Point, n)
	for k := range at {
		at[k] = any[k]
		if people[k] > 0 {
			at[k] = orb.Point{math.Atan2(y[k], x[k]) * 180 / math.Pi, math.Atan2(z[k], math.Hypot(x[k], y[k])) * 180 / math.Pi}
		}
	}
	weight := cmp.Or(in.Spec.Places.Weight, "population")
	sums := map[string]bool{}
	if d := in.Spec.Demand; d != nil {
		sums[d.Eligible] = true
		for _, f := range d.Funnel {
			for field := range f.Incidence.ByAge {
				sums[field] = true
			}
		}
	}
	columns := []geo.Column{geo.Numbers(geo.Field{Name: weight}, people)}
	other := make([]float64, n) // people counted under another's border
	for _, c := range in.Places.Columns() {
		if c.Name == weight {
			continue
		}
		if c.Type == geo.Text {
			v, most := make([]string, n), make([]map[string]float64, n)
			for i, k := range of {
				if most[k] == nil {
					most[k] = map[string]float64{}
				}
				most[k][c.Text(i)] += in.People[i]
			}
			for k := range v {
				for _, t := range slices.Sorted(maps.Keys(most[k])) {
					if v[k] == "" || most[k][t] > most[k][v[k]] {
						v[k] = t
					}
				}
				if c.Name == "country" || c.Name == in.Spec.Travel.Borders.Column {
					other[k] = people[k] - most[k][v[k]]
				}
			}
			columns = append(columns, geo.Labels(c.Field, v))
			continue
		}
		sum, over := make([]float64, n), make([]float64, n)
		for i, k := range of {
			value := c.Number(i)
			if math.IsNaN(value) {
				continue
			}
			if sums[c.Name] {
				sum[k] += value
				continue
			}
			sum[k] += in.People[i] * value
			over[k] += in.People[i]
		}
		if !sums[c.Name] {
			for k := range sum {
				sum[k] /= over[k] // NaN where nobody has a value
			}
		}
		columns = append(columns, geo.Numbers(geo.Field{Name: c.Name, Title: c.Title, Unit: c.Unit}, sum))
	}
	astray := 0.0
	for _, p := range other {
		astray += p
	}
	if astray > 0 {
		in.Note("areal.astray", "by", by, "people", astray)
	}
	return geo.NewPoints(geo.About{Name: in.Places.Name + " by " + by}, names, at, columns...)
}
