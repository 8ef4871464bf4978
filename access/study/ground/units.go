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
	people, at := in.middles(of, len(names))
	weight := cmp.Or(in.Spec.Places.Weight, "population")
	sums := in.addedUp()
	columns := []geo.Column{geo.Numbers(geo.Field{Name: weight}, people)}
	other := make([]float64, len(names)) // people counted under another's border
	for _, c := range in.Places.Columns() {
		if c.Name == weight {
			continue
		}
		if c.Type == geo.Text {
			v, most := in.prevailing(c, of, len(names))
			if c.Name == "country" || c.Name == in.Spec.Travel.Borders.Column {
				for k := range other {
					other[k] = people[k] - most[k]
				}
			}
			columns = append(columns, geo.Labels(c.Field, v))
			continue
		}
		v := in.combined(c, of, len(names), sums[c.Name])
		columns = append(columns, geo.Numbers(geo.Field{Name: c.Name, Title: c.Title, Unit: c.Unit}, v))
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

// middles are the people of each group, and where they live in the mean.
func (in *Ground) middles(of []int, n int) (people []float64, at []orb.Point) {
	people, at = make([]float64, n), make([]orb.Point, n)
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
	for k := range at {
		at[k] = any[k]
		if people[k] > 0 {
			at[k] = orb.Point{math.Atan2(y[k], x[k]) * 180 / math.Pi, math.Atan2(z[k], math.Hypot(x[k], y[k])) * 180 / math.Pi}
		}
	}
	return people, at
}

// addedUp are the columns of numbers of people: patients, and the people of an age.
func (in *Ground) addedUp() map[string]bool {
	sums := map[string]bool{}
	if d := in.Spec.Demand; d != nil {
		sums[d.Eligible] = true
		for _, f := range d.Funnel {
			for field := range f.Incidence.ByAge {
				sums[field] = true
			}
		}
	}
	return sums
}

// prevailing is the text that most people of each group have, and how many do.
func (in *Ground) prevailing(c geo.Column, of []int, n int) (v []string, people []float64) {
	v, people = make([]string, n), make([]float64, n)
	most := make([]map[string]float64, n)
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
		people[k] = most[k][v[k]]
	}
	return v, people
}

// combined are the numbers of a column by group: their sum, or their mean over
// people.
func (in *Ground) combined(c geo.Column, of []int, n int, add bool) []float64 {
	sum, over := make([]float64, n), make([]float64, n)
	for i, k := range of {
		value := c.Number(i)
		if math.IsNaN(value) {
			continue
		}
		if add {
			sum[k] += value
			continue
		}
		sum[k] += in.People[i] * value
		over[k] += in.People[i]
	}
	if !add {
		for k := range sum {
			sum[k] /= over[k] // NaN where nobody has a value
		}
	}
	return sum
}
