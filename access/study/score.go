package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// score is what a valued measure found: a value for every place, or every site.
type score struct {
	measure spec.Measure
	caption
	bySite bool
	value  []float64       // NaN: no value
	weight []float64       // whom a mean is over: people or eligible patients
	reason []travel.Reason // why a place has no value, or 0; nil where nothing is to be said
	mean   float64
	balance
	notes Notes // said once, of the study itself
}

// caption is what a score is called.
type caption struct {
	column string // its name in results: the measure's, with the supply's where there are several
	supply string // the column of supply, "" where there is one
	title  string
	unit   string
}

// balance is what became of the supply; NaN where the measure hands none out.
type balance struct {
	handed, unused float64
	gap, wanted    float64 // of an equilibrium: how far the search came, and what was asked for
}

// newScore is a score of a measure without values as yet.
func newScore(m spec.Measure, column string, weight []float64, supply string) *score {
	none := math.NaN()
	s := &score{measure: m, caption: caption{column: joined(column, supply), supply: supply, title: strings.ToUpper(m.Name)},
		weight: weight, balance: balance{none, none, none, none}}
	return s
}

// heading is the title of the score, with what it is of.
func (s *score) heading() string {
	if s.supply != "" {
		return s.title + " of " + s.supply
	}
	return s.title
}

// basis is what a valued measure is computed on: the inputs, with the ways and
// the supply of today, of a draw or of a scenario.
type basis struct {
	*ground.Ground
	sites  []ground.Center // those that are open
	ways   *ground.Trips   // to the nearest
	matrix *travel.Matrix  // to all that infuse within reach; nil where no measure asks for it
	supply [][]float64     // of these, by column
	speed  float64         // what divides every time of ways; the matrix has it in its times
}

// scores computes a measure.
func (g *basis) scores(ctx context.Context, m spec.Measure) ([]*score, error) {
	all, err := m.Params.(valued).values(ctx, g, m)
	if err != nil {
		return nil, fmt.Errorf("measures.%s: %w", m.Name, err)
	}
	for _, s := range all {
		if s.bySite {
			s.mean = access.NewWeighted(s.value, ground.Ones(len(s.value))).Mean()
		} else {
			s.mean = access.NewWeighted(s.value, s.weight).Mean()
		}
	}
	return all, nil
}

// minutes are the times to the nearest site at the basis's speed.
func (g *basis) minutes() []float64 {
	if g.speed == 1 {
		return g.ways.Minutes
	}
	out := make([]float64, len(g.ways.Minutes))
	for i, t := range g.ways.Minutes {
		out[i] = t / g.speed
	}
	return out
}

// faster is the basis with every speed multiplied by speed.
func (g *basis) faster(speed float64) *basis {
	if speed == 1 {
		return g
	}
	out := *g
	out.speed *= speed
	if g.matrix != nil {
		out.matrix = ground.Faster(g.matrix, speed)
	}
	return &out
}

// measure computes the measures that give values.
func (r *run) measure(ctx context.Context) (err error) {
	r.basis = &basis{Ground: r.Ground, sites: r.Sites, ways: r.base, speed: 1}
	valued := valuedOf(r.Spec.Measures)
	if len(valued) == 0 {
		return nil
	}
	speed := 1.0
	if r.Spec.Uncertainty != nil {
		speed = fastest(r.Spec.Uncertainty)
	}
	if r.basis.matrix, r.basis.supply, err = r.SupplyMatrix(ctx, speed); err != nil {
		return err
	}
	for _, m := range valued {
		scores, err := r.basis.scores(ctx, m)
		if err != nil {
			return err
		}
		for _, s := range scores {
			if s.gap > s.wanted {
				r.Note("measures.gap", "measure", s.column, "gap", s.gap, "asked", s.wanted)
			}
			for _, n := range s.notes {
				r.Keep(n)
			}
			switch none := r.withoutValue(s); {
			case s.bySite:
				s.value = r.bySite(s.value)
			case s.reason == nil && none > 0:
				r.Note("measures.none", "people", none, "measure", s.heading())
			}
		}
		r.scores = append(r.scores, scores...)
	}
	return nil
}

// withoutValue are the people of places without a value.
func (r *run) withoutValue(s *score) (people float64) {
	if s.bySite {
		return 0
	}
	for i, v := range s.value {
		if math.IsNaN(v) {
			people += r.People[i]
		}
	}
	return people
}

// ofWays are the measures whose values follow from the ways alone: scenarios
// change these too. Those of the matrix need the supply of what a scenario opens.
func (r *run) ofWays() (out []spec.Measure) {
	for _, m := range valuedOf(r.Spec.Measures) {
		if _, matrix := m.Params.(ground.Reaching); !matrix {
			out = append(out, m)
		}
	}
	return out
}

// scoresIn are the values of the measures of ways in a scenario, every speed
// multiplied by speed.
func (r *run) scoresIn(ctx context.Context, o *outcome, speed float64) (all []*score, err error) {
	g := &basis{Ground: r.Ground, sites: o.sites, ways: o.trips, speed: speed}
	for _, m := range r.ofWays() {
		scores, err := g.scores(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", o.name, err)
		}
		all = append(all, scores...)
	}
	return all, nil
}

// change is how the mean differs from that of another score, over those who have a
// value in both.
func (s *score) change(from *score) float64 {
	if s.bySite || len(s.value) != len(from.value) {
		return s.mean - from.mean
	}
	before, after := ofBoth(from.value, s.value)
	return access.Mean(after, s.weight) - access.Mean(before, s.weight)
}

// bySite spreads values of the sites that take part over all sites.
func (r *run) bySite(value []float64) []float64 {
	open, _ := r.Supplied()
	all := ground.NaNs(len(r.Sites))
	for c, j := range open {
		all[j] = value[c]
	}
	return all
}

// ofPlaces and ofSites are the scores by what they have values for.
func (r *run) ofPlaces() []*score {
	return slices.DeleteFunc(slices.Clone(r.scores), func(s *score) bool { return s.bySite })
}
func (r *run) ofSites() []*score {
	return slices.DeleteFunc(slices.Clone(r.scores), func(s *score) bool { return !s.bySite })
}

func summarize(in *ground.Ground, s *score) (MeasureSummary, error) {
	out := MeasureSummary{Name: s.measure.Name, Supply: s.supply, Column: s.column, Parameters: s.measure.Words(), Mean: Num(s.mean),
		None: map[string]Num{}, Handed: Num(s.handed), Unused: Num(s.unused), Gap: Num(s.gap)}
	if s.bySite {
		out.Of, out.People = "sites", Num(math.NaN())
		out.Median = Num(access.NewWeighted(s.value, ground.Ones(len(s.value))).Quantile(0.5))
		return out, nil
	}
	w := access.NewWeighted(s.value, s.weight)
	out.Median, out.People = Num(w.Quantile(0.5)), Num(w.Total())
	for i, r := range s.reason {
		if r != travel.None && in.People[i] > 0 {
			out.None[string(r)] += Num(in.People[i])
		}
	}
	var err error
	out.Inequality, err = indices(in, s.value, unbounded)
	return out, err
}

func (r *run) presentScores(ctx context.Context) error {
	var inequality tidy
	inequality.name, inequality.title, inequality.why = "inequality", "Inequality of the measures", []string{}
	for _, s := range slices.Concat(r.ofPlaces(), r.ofSites()) {
		sum, err := summarize(r.Ground, s)
		if err != nil {
			return err
		}
		r.result.Summary.Measures = append(r.result.Summary.Measures, sum)
		for _, q := range sum.Inequality {
			inequality.index(s.column, q)
		}
	}
	if r.Spec.Measures.Has("travel") && len(r.Spec.Inequality) > 0 {
		q, err := indices(r.Ground, r.base.Minutes, unbounded)
		if err != nil {
			return err
		}
		for _, x := range q {
			inequality.index("travel time", x)
		}
	}
	if m := r.model; m != nil && len(r.Spec.Inequality) > 0 {
		q, err := indices(r.Ground, m.Curves[0].Likelihoods(r.base.Minutes), chance)
		if err != nil {
			return err
		}
		r.result.Summary.Penalty.Inequality = q
		for _, x := range q {
			inequality.index("likelihood", x)
		}
	}
	if err := r.presentLorenz(); err != nil {
		return err
	}
	if len(inequality.value) > 0 {
		if err := r.addTable(inequality.table()); err != nil {
			return err
		}
	}
	return r.sideBySide(ctx)
}

// presentLorenz draws the curves that the Gini coefficients are the areas of.
func (r *run) presentLorenz() error {
	if !slices.ContainsFunc(r.Spec.Inequality, func(q spec.Index) bool { return q.Name == "gini" }) {
		return nil
	}
	var name []string
	var people, share []float64
	for _, s := range r.ofPlaces() {
		r.lorenz(s.column, s.value, &name, &people, &share)
	}
	if r.Spec.Measures.Has("travel") {
		r.lorenz("travel time", r.base.Minutes, &name, &people, &share)
	}
	if r.model != nil {
		r.lorenz("likelihood", r.model.Curves[0].Likelihoods(r.base.Minutes), &name, &people, &share)
	}
	var sh sheet
	sh.text("measure", "Measure", name)
	sh.number("people_share", "Cumulative share of people, from those with least", "", people)
	sh.number("value_share", "Their share of the whole", "", share)
	return r.addTable(sh.table("lorenz", "Lorenz curves"))
}

// joined is a name with another behind it, if there is one.
func joined(name, more string) string {
	if more == "" {
		return name
	}
	return name + "_" + more
}
