// Package finding is what the parts of a study have in common: the study under way,
// what a finding can offer, the columns and tables it offers them in, and the result
// that is made of them.
package finding

import (
	"context"
	"math"
	"slices"

	"careshed/access/study/ground"
	"careshed/geo"
)

// Study is a study under way: what it stands on, and what its parts have found so
// far.
type Study struct {
	*ground.Ground
	Ways   *ground.Trips // to the nearest center
	Model  *ground.Model // of treatment; nil where nothing asks for it
	Found  []Finding     // by part, in the order in which they are told; nil for one that is not asked for
	Result *Result
	Report func(Progress)
}

// A Finding is what a part of a study found. What more it can do it says by the
// interfaces of this package: results, draws, scenarios and pitfalls are made by
// asking all findings, and name none.
type Finding interface {
	// Tell adds to the result what was found: layers, tables, its section of the
	// summary, notes.
	Tell(ctx context.Context) error
}

// Of is the finding of a type, nil if the study has none.
func Of[F Finding](s *Study) (found F) {
	for _, f := range s.Found {
		if x, ok := f.(F); ok {
			return x
		}
	}
	return found
}

// Each calls do with every finding that can do what A says, in their order.
func Each[A any](s *Study, do func(A) error) error {
	for _, f := range s.Found {
		if x, ok := f.(A); ok {
			if err := do(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// What a finding may add to the columns of layers.
type (
	// OfPlaces has columns of the places.
	OfPlaces interface{ PlaceColumns(sh *Sheet) }

	// OfRegions has columns of the regions, with the ways that people make now or in
	// a scenario.
	OfRegions interface {
		RegionColumns(sh *Sheet, t *ground.Trips, member [][]int)
	}

	// OfSites has columns of the sites, those that a plan proposes behind those there
	// are: n in all.
	OfSites interface{ SiteColumns(sh *Sheet, n int) }

	// Proposing has sites that are not there today, and the hub of each.
	Proposing interface {
		Proposed() (sites []ground.Center, hubs []string)
	}

	// OfGroups has figures of a group of people: weight is the people of each place
	// that belong to it.
	OfGroups interface {
		OfGroup(group Group, add func(metric string, value float64))
	}

	// Unequal has a value of every place whose inequality is of interest beside that of
	// the measures: nil where the study does not ask for it. It is told the indices.
	Unequal interface {
		ByPlace() (name string, value []float64, bounds [2]float64)
		Inequality(found []IndexSummary)
	}

	// Comparable compares itself in a scenario with itself in the baseline, or in another.
	Comparable interface {
		Compare(ctx context.Context, c *Comparison, o *Outcome, s *ScenarioSummary) error
	}

	// InScenario has columns of the places in a scenario.
	InScenario interface {
		ScenarioColumns(sh *Sheet, o *Outcome)
	}

	// Drawable has headlines in a draw.
	Drawable interface {
		Draw(ctx context.Context, x Draw, d *Drawn) error
	}

	// OfPatients has headlines in a draw that rest on the model of treatment, under one
	// of its curves.
	OfPatients interface {
		DrawPatients(ctx context.Context, x Draw, under Curve, d *Drawn) error
	}

	// Settling takes what each draw kept for it, draw after draw, then settles it over
	// all.
	Settling interface {
		Take(d Drawn)
		Settle()
	}

	// Listing knows what the list of centers says of a region that may have a center which
	// the list lacks, "" of any other.
	Listing interface {
		Finding
		Unsure(row int) string
	}

	// Withholding knows which changes of the ways would give a number of patients away that
	// is withheld.
	Withholding interface {
		Tells(before, after *ground.Trips) bool
	}

	// Elsewhere sets what was found in the study's areal units beside what was found in
	// others.
	Elsewhere interface {
		Beside(other *Study, s *ArealSummary)
	}

	// Acting has values that acted, for the manifest.
	Acting interface{ Acts() []Acts }
)

// Group is a group of people by a field of the places.
type Group struct {
	Field, Name string
	Weight      []float64 // people by place
	Eligible    float64
}

// Acts is a value that acted in a study, by its name in the register of evidence
// if it is there.
type Acts struct {
	Name, Value string
	Given       bool // in the spec
}

// AddTable adds a table to the result.
func (s *Study) AddTable(l *geo.Layer, err error) error {
	if err == nil {
		l, err = s.endless(l)
	}
	if err == nil {
		s.Result.Tables = append(s.Result.Tables, l.Numbered())
	}
	return err
}

// AddLayer adds a layer to the result.
func (s *Study) AddLayer(l *geo.Layer, err error) error {
	if err == nil {
		l, err = s.endless(l)
	}
	if err == nil {
		s.Result.Layers = append(s.Result.Layers, l.Numbered())
	}
	return err
}

// Tells reports whether how many more or fewer are treated with other ways would give a
// number of patients away that the study withholds.
func Tells(s *Study, before, after *ground.Trips) (tells bool) {
	for _, f := range s.Found {
		if w, ok := f.(Withholding); ok {
			tells = tells || w.Tells(before, after)
		}
	}
	return tells
}

// PeopleWhere sums the people of the places for which something holds.
func (s *Study) PeopleWhere(holds func(i int) bool) (people float64) {
	for i, w := range s.People {
		if holds(i) {
			people += w
		}
	}
	return people
}

// endless makes infinite numbers of a layer no values, and says so: no format
// holds them.
func (s *Study) endless(l *geo.Layer) (*geo.Layer, error) {
	var changed []geo.Column
	for _, c := range l.Columns() {
		n := 0
		for _, x := range c.Values() {
			n += ground.Bit(math.IsInf(x, 0))
		}
		if n == 0 {
			continue
		}
		v := slices.Clone(c.Values())
		for i, x := range v {
			if math.IsInf(x, 0) {
				v[i] = math.NaN()
			}
		}
		changed = append(changed, geo.Numbers(c.Field, v))
		s.Note("infinite", "column", c.Name, "layer", l.Name, "n", n)
	}
	if changed == nil {
		return l, nil
	}
	return l.With(changed...)
}
