package measure

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
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
	notes finding.Notes // said once, of the study itself
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
	bound          float64 // what its values may be off, as a share of each
}

// furthest is the most of what is known.
func furthest(of ...float64) float64 {
	return slices.MaxFunc(of, func(a, b float64) int { return cmp.Compare(a, b) }) // NaN is the least
}

// newScore is a score of a measure without values as yet.
func newScore(m spec.Measure, column string, weight []float64, supply string) *score {
	none := math.NaN()
	s := &score{measure: m, caption: caption{column: finding.Joined(column, supply), supply: supply, title: strings.ToUpper(m.Name)},
		weight: weight, balance: balance{none, none, none, none, none}}
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
	all, err := m.Params.(Valued).values(ctx, g, m)
	if err == nil {
		err = ctx.Err()
	}
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

// scored is what the valued measures found.
type scored struct {
	*finding.Study
	basis *basis
	all   []*score
	known []*score // in what scenarios are compared with, once one is
	in    map[*finding.Outcome][]*score
}

// FindScores computes the measures that give values.
func FindScores(ctx context.Context, s *finding.Study) (_ finding.Finding, err error) {
	r := &scored{Study: s, basis: &basis{Ground: s.Ground, sites: s.Sites, ways: s.Ways, speed: 1}}
	valued := valuedOf(s.Spec.Measures)
	if len(valued) == 0 {
		return r, nil
	}
	speed := 1.0
	if s.Spec.Uncertainty != nil {
		speed = finding.Fastest(s.Spec.Uncertainty)
	}
	if r.basis.matrix, r.basis.supply, err = s.SupplyMatrix(ctx, speed); err != nil {
		return nil, err
	}
	for _, m := range valued {
		scores, err := r.basis.scores(ctx, m)
		if err != nil {
			return nil, err
		}
		for _, x := range scores {
			if off := furthest(x.gap, x.bound); off > x.wanted {
				s.Note("measures.gap", "measure", x.column, "gap", off, "asked", x.wanted)
			}
			for _, n := range x.notes {
				s.Keep(n)
			}
			switch none := r.withoutValue(x); {
			case x.bySite:
				x.value = r.bySite(x.value)
			case x.reason == nil && none > 0:
				s.Note("measures.none", "people", none, "measure", x.heading())
			}
		}
		r.all = append(r.all, scores...)
	}
	return r, nil
}

// withoutValue are the people of places without a value.
func (r *scored) withoutValue(s *score) (people float64) {
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
func (r *scored) ofWays() (out []spec.Measure) {
	for _, m := range valuedOf(r.Spec.Measures) {
		if _, matrix := m.Params.(ground.Reaching); !matrix {
			out = append(out, m)
		}
	}
	return out
}

// scoresIn are the values of the measures of ways in a scenario, every speed
// multiplied by speed.
func (r *scored) scoresIn(ctx context.Context, o *finding.Outcome, speed float64) (all []*score, err error) {
	g := &basis{Ground: o.Ground, sites: o.Sites, ways: o.Ways, speed: speed}
	for _, m := range r.ofWays() {
		scores, err := g.scores(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", o.Name, err)
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
	before, after := finding.OfBoth(from.value, s.value)
	return access.Mean(after, s.weight) - access.Mean(before, s.weight)
}

// bySite spreads values of the sites that take part over all sites.
func (r *scored) bySite(value []float64) []float64 {
	open, _ := r.Supplied()
	all := ground.NaNs(len(r.Sites))
	for c, j := range open {
		all[j] = value[c]
	}
	return all
}

// ofPlaces and ofSites are the scores by what they have values for.
func (r *scored) ofPlaces() []*score {
	return slices.DeleteFunc(slices.Clone(r.all), func(s *score) bool { return s.bySite })
}
func (r *scored) ofSites() []*score {
	return slices.DeleteFunc(slices.Clone(r.all), func(s *score) bool { return !s.bySite })
}

func summarize(ctx context.Context, in *ground.Ground, s *score) (finding.MeasureSummary, error) {
	out := finding.MeasureSummary{Name: s.measure.Name, Supply: s.supply, Column: s.column, Parameters: s.measure.Words(), Mean: finding.Num(s.mean),
		None: map[string]finding.Num{}, Handed: finding.Num(s.handed), Unused: finding.Num(s.unused), Gap: finding.Num(s.gap), Bound: finding.Num(s.bound)}
	if s.bySite {
		out.Of, out.People = "sites", finding.Num(math.NaN())
		out.Median = finding.Num(access.NewWeighted(s.value, ground.Ones(len(s.value))).Quantile(0.5))
		return out, nil
	}
	w := access.NewWeighted(s.value, s.weight)
	out.Median, out.People = finding.Num(w.Quantile(0.5)), finding.Num(w.Total())
	for i, r := range s.reason {
		if r != travel.None && in.People[i] > 0 {
			out.None[string(r)] += finding.Num(in.People[i])
		}
	}
	var err error
	out.Inequality, err = indices(ctx, in, s.value, unbounded)
	return out, err
}

// Tell is that of [Finding].
func (r *scored) Tell(ctx context.Context) error {
	if len(finding.Outcomes(r.Study)) > 0 && len(r.ofWays()) < len(valuedOf(r.Spec.Measures)) {
		r.Note("measures.baseline")
	}
	inequality := finding.Tidy{Of: "inequality", Why: []string{}}
	for _, s := range slices.Concat(r.ofPlaces(), r.ofSites()) {
		sum, err := summarize(ctx, r.Ground, s)
		if err != nil {
			return err
		}
		r.Result.Summary.Measures = append(r.Result.Summary.Measures, sum)
		for _, q := range sum.Inequality {
			inequality.Index(s.column, q)
		}
	}
	if err := r.beside(ctx, &inequality); err != nil {
		return err
	}
	if err := r.presentLorenz(); err != nil {
		return err
	}
	if len(inequality.Value) > 0 {
		if err := r.AddTable(inequality.Table()); err != nil {
			return err
		}
	}
	return r.sideBySide(ctx)
}

// beside adds the inequality of what other findings have by place.
func (r *scored) beside(ctx context.Context, t *finding.Tidy) error {
	if len(r.Spec.Inequality) == 0 {
		return nil
	}
	return finding.Each(r.Study, func(f finding.Unequal) error {
		name, value, bounds := f.ByPlace()
		if value == nil {
			return nil
		}
		found, err := indices(ctx, r.Ground, value, bounds)
		if err != nil {
			return err
		}
		f.Inequality(found)
		for _, x := range found {
			t.Index(name, x)
		}
		return nil
	})
}

// presentLorenz draws the curves that the Gini coefficients are the areas of.
func (r *scored) presentLorenz() error {
	if !slices.ContainsFunc(r.Spec.Inequality, func(q spec.Index) bool { return q.Name == "gini" }) {
		return nil
	}
	var curves lorenz
	for _, s := range r.ofPlaces() {
		curves.add(s.column, s.value, r.People)
	}
	if err := finding.Each(r.Study, func(f finding.Unequal) error {
		if of, value, _ := f.ByPlace(); value != nil {
			curves.add(of, value, r.People)
		}
		return nil
	}); err != nil {
		return err
	}
	sh := finding.Sheet{Of: "lorenz"}
	sh.Text("measure", curves.name)
	sh.Number("people_share", curves.people)
	sh.Number("value_share", curves.share)
	return r.AddTable(sh.Table())
}

// Compare is that of [Comparable].
func (r *scored) Compare(ctx context.Context, c *finding.Comparison, o *finding.Outcome, s *finding.ScenarioSummary) (err error) {
	if r.known == nil {
		if r.known, err = r.scoresIn(ctx, c.With, 1); err != nil {
			return err
		}
	}
	if r.in == nil {
		r.in = map[*finding.Outcome][]*score{}
	}
	if r.in[o], err = r.scoresIn(ctx, o, 1); err != nil {
		return err
	}
	for k, x := range r.in[o] {
		s.Measures = append(s.Measures, finding.MeasureChange{Column: x.column, Mean: finding.Num(x.mean), Change: finding.Num(x.change(r.known[k]))})
		c.Add(o, "mean_"+x.column, r.known[k].mean, x.mean)
	}
	return nil
}

// PlaceColumns are the scores, with the reasons of those that are missing.
func (r *scored) PlaceColumns(sh *finding.Sheet) {
	for _, s := range r.ofPlaces() {
		sh.Own(s.column, s.heading(), s.unit, s.value)
		if s.reason == nil {
			continue
		}
		why := make([]string, len(s.reason))
		for i, x := range s.reason {
			why[i] = string(x)
		}
		sh.Text("{measure}_reason", why, "measure", s.column)
	}
}

// SiteColumns are the scores of sites; what is only proposed has none.
func (r *scored) SiteColumns(sh *finding.Sheet, n int) {
	for _, s := range r.ofSites() {
		sh.Own(s.column, s.heading(), s.unit, append(slices.Clone(s.value), ground.NaNs(n-len(r.Sites))...))
	}
}

// ScenarioColumns are the scores in a scenario that was compared.
func (r *scored) ScenarioColumns(sh *finding.Sheet, o *finding.Outcome) {
	for _, s := range r.in[o] {
		if !s.bySite {
			sh.Own(s.column+"_"+o.Name, s.heading()+" in scenario "+o.Name, s.unit, s.value)
		}
	}
}

// OfGroup is that of [OfGroups].
func (r *scored) OfGroup(g finding.Group, add func(metric string, value float64)) {
	for _, s := range r.ofPlaces() {
		add("mean_"+s.column, access.NewWeighted(s.value, g.Weight).Mean())
	}
}

// Draw has the means and indices of the valued measures in a draw, then in the
// scenarios.
func (r *scored) Draw(ctx context.Context, x finding.Draw, d *finding.Drawn) error {
	g := r.basis.faster(x.Speed)
	for _, m := range valuedOf(r.Spec.Measures) {
		if x.Decay > 0 {
			if other, ok := m.WithDecay(&r.Spec.Sensitivity.Decay[x.Decay-1]); ok {
				m = other // one that does not suit the measure leaves it its own
			}
		}
		scores, err := g.scores(ctx, m)
		if err != nil {
			return err
		}
		for _, s := range scores {
			d.Add("mean_"+s.column, s.mean)
			if s.bySite {
				continue // no people to compare
			}
			q, err := indices(ctx, r.Ground, s.value, unbounded)
			if err != nil {
				return err
			}
			for _, i := range q {
				if i.Why == "" {
					d.Add(i.Name+finding.Underscore(i.Rank)+i.Rank+"_"+s.column, float64(i.Value))
				}
			}
		}
	}
	for _, o := range finding.Outcomes(r.Study) {
		scores, err := r.scoresIn(ctx, o, x.Speed)
		if err != nil {
			return err
		}
		for _, s := range scores {
			d.Add("mean_"+s.column+"_"+o.Name, s.mean)
		}
	}
	return nil
}
