package measure

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// Chosen is what follows from a choice in place of the nearest center: how far people
// go, what that does to the likelihood of treatment, whom centers are asked for, and
// what scenarios change. Everything is expected over the choices.
type Chosen struct {
	*finding.Study
	names  []string
	beta   []float64
	ways   *chosenWays
	curves []ground.Curve // one for each beyond, calibrated under the choice
}

// Curves are those of the likelihood of treatment, calibrated under the choice; none
// where they cannot be.
func (r *Chosen) Curves() []ground.Curve { return r.curves }

// Drawn is the leading curve of a draw: with its family and effect, calibrated under
// the choice at its speed.
func (r *Chosen) Drawn(x finding.Draw, b access.Beyond) (ground.Curve, error) {
	w, err := r.atSpeed(x.Speed)
	if err != nil {
		return ground.Curve{}, err
	}
	return r.calibrate(x.Family, x.Effect, b, w)
}

// Pulls are the ways from all places to sites, of the study or such as may open, and the
// logarithm of how strongly each site draws: β·x. layer has the fields of the sites.
func (r *Chosen) Pulls(ctx context.Context, sites []ground.Center, layer *geo.Layer, open []int, speed float64) (*travel.Matrix, []float64, error) {
	m, err := r.Matrix(ctx, sites, open, travel.Unreached)
	if err != nil {
		return nil, nil, err
	}
	if speed != 1 {
		m = ground.Faster(m, speed)
	}
	terms, err := r.Weighs(sites, layer, open)
	if err != nil {
		return nil, nil, err
	}
	c, err := access.NewChoices(m, nil, terms)
	if err != nil {
		return nil, nil, err
	}
	return m, c.Logs(r.beta), nil
}

// Weighs is what the choice weighs of sites whose fields are in a layer; an error where
// they lack it.
func (r *Chosen) Weighs(sites []ground.Center, layer *geo.Layer, open []int) ([]access.Term, error) {
	in := *r.Ground
	in.Sites, in.SiteFields = sites, layer
	return in.Terms(r.names, open)
}

// chosenWays are the ways to all centers, with the share of its people that each place
// sends along.
type chosenWays struct {
	matrix *travel.Matrix
	share  []float64
	open   []int // the site of each column
}

// FindChosen follows a choice, where the study has one with an estimate.
func FindChosen(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	m := spec.Asked[*ChoiceMeasure](s.Spec.Measures)
	if m == nil {
		return nil, nil
	}
	r := &Chosen{Study: s}
	var err error
	if r.names, r.beta, err = m.model(ctx, s.Ground); err != nil || r.beta == nil {
		return nil, err
	}
	if r.ways, err = r.along(finding.Of[*scored](s).basis.matrix, s.Sites); err != nil || s.Model == nil {
		return r, err
	}
	for _, b := range s.Model.Beyond {
		c, err := r.calibrate(s.Model.Family, s.Model.Effect, b, r.ways)
		if errors.Is(err, access.ErrCannotBe) {
			s.Note("choice.treated")
			r.curves = nil
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		r.curves = append(r.curves, c)
	}
	return r, nil
}

// along are the shares of the places' people on a matrix to sites.
func (r *Chosen) along(m *travel.Matrix, sites []ground.Center) (*chosenWays, error) {
	open := ground.Goals(sites)
	terms, err := r.termsTo(sites, open)
	if err != nil {
		return nil, err
	}
	c, err := access.NewChoices(m, nil, terms)
	if err != nil {
		return nil, err
	}
	return &chosenWays{m, c.Shares(r.beta), open}, nil
}

// termsTo are the terms between the places and sites that may be those of a scenario.
func (r *Chosen) termsTo(sites []ground.Center, open []int) ([]access.Term, error) {
	in := *r.Ground
	in.Sites = sites
	return in.Terms(r.names, open)
}

// amounts spreads an amount of each place along its ways.
func (w *chosenWays) amounts(of []float64) []float64 { return access.Along(w.matrix, of, w.share) }

// calibrate solves p0 so that as many are treated as were observed, when they go where
// they choose.
func (r *Chosen) calibrate(f access.Family, effect float64, b access.Beyond, w *chosenWays) (ground.Curve, error) {
	p, err := access.NewPenalty(r.Model.Form, f, effect, b)
	if err != nil || r.Model.Timed == 0 {
		return ground.Curve{Penalty: p, P0: math.NaN()}, err
	}
	relative := make([]float64, w.matrix.Len())
	for leg, t := range w.matrix.Time {
		relative[leg] = p.Relative(t)
	}
	p0, err := p.Calibrate(w.amounts(r.Model.Eligible), relative, r.Model.Treated)
	return ground.Curve{Penalty: p, P0: p0}, err
}

// treated are the expected treated along each way, and what distance costs.
func (r *Chosen) treated(c ground.Curve, w *chosenWays) (treated []float64, foregone float64) {
	treated = w.amounts(r.Model.Eligible)
	for leg, e := range treated {
		l := c.Likelihood(c.P0, w.matrix.Time[leg])
		treated[leg] = e * l
		foregone += e * (c.P0 - l)
	}
	return treated, foregone
}

// Tell is that of [Finding].
func (r *Chosen) Tell(context.Context) error {
	limits := slices.Sorted(slices.Values(bandLimits(r.Study)))
	left := 0.0
	for i, p := range r.People {
		if r.ways.matrix.Start[i] == r.ways.matrix.Start[i+1] {
			left += p
		}
	}
	g := access.Describe(r.ways.matrix, r.ways.amounts(r.People), []float64{left}, 1, limits)
	s := &finding.ByChoiceSummary{People: num(g.People), WithoutTime: num(left), Nearest: num(g.Rank[0] / g.People),
		TimeMin: statsOf(g.Minutes), ExtraMin: statsOf(g.Extra)}
	for _, b := range g.Bands {
		s.Bands = append(s.Bands, finding.Band{Minutes: num(b.Minutes), People: num(b.People), Share: num(b.Share)})
	}
	for _, c := range r.curves {
		treated, foregone := r.treated(c, r.ways)
		var all, far float64
		for leg, n := range treated {
			all += n
			if r.ways.matrix.Time[leg] > access.EffectTo {
				far += n
			}
		}
		s.Curves = append(s.Curves, finding.PenaltyCurve{Beyond: string(c.Beyond), P0: num(c.P0), ImpliedRisk: num(c.ImpliedRisk(c.P0)), Treated: num(all),
			TreatedBeyond: num(far), Foregone: num(foregone), Ceiling: num(all + foregone), CeilingGain: num(foregone / all)})
	}
	if r.Spec.Privacy != nil && len(r.curves) > 0 {
		r.Note("choice.privacy")
	}
	if w := finding.Of[*Waiting](r.Study); w != nil && len(r.curves) > 0 {
		full := r.overCapacity(w)
		s.Full = &full
	}
	r.Result.Summary.ByChoice = s
	return nil
}

// overCapacity counts the centers that are asked for more than they have room for.
func (r *Chosen) overCapacity(w *Waiting) (full int) {
	treated, _ := r.treated(r.curves[0], r.ways)
	arrive := make([]float64, len(w.room.campus))
	for leg, n := range treated {
		if c, ok := w.room.Index[int32(r.ways.open[r.ways.matrix.Site[leg]])]; ok {
			arrive[c] += n * spec.Filled(*w.room.of).ReferredPer / 12
		}
	}
	for c, n := range arrive {
		full += ground.Bit(n > w.room.Capacity[c])
	}
	return full
}

// SiteColumns are the patients whom sites would treat. Small numbers that privacy
// withholds elsewhere could be told from them, so that there are none beside it.
func (r *Chosen) SiteColumns(sh *finding.Sheet, n int) {
	if r.Spec.Privacy != nil {
		return
	}
	whose := strings.Join(r.Patients(), "; ")
	for _, c := range r.curves {
		treated, _ := r.treated(c, r.ways)
		of := ground.NaNs(n)
		for column, v := range access.DrawnPeople(r.ways.matrix, treated) {
			of[r.ways.open[column]] = v
		}
		sh.Modelled("treated_by_choice_{beyond}", "penalty.effect", of, "beyond", c.Beyond, "patients", whose)
	}
}

// Compare is that of [Comparable]: what a scenario changes if people choose anew. It
// tells as few patients as [Chosen.SiteColumns].
func (r *Chosen) Compare(ctx context.Context, c *finding.Comparison, o *finding.Outcome, _ *finding.ScenarioSummary) error {
	before, err := r.in(ctx, c.With)
	if err != nil {
		return err
	}
	after, err := r.in(ctx, o)
	if err != nil || before == nil || after == nil {
		return err
	}
	mean := func(w *chosenWays) float64 {
		return access.Describe(w.matrix, w.amounts(r.People), nil, 1, nil).Minutes.Mean
	}
	c.Add(o, "mean_time_min_by_choice", mean(before), mean(after))
	if r.Spec.Privacy != nil {
		return nil
	}
	for _, curve := range r.curves {
		a, _ := r.treated(curve, before)
		b, _ := r.treated(curve, after)
		c.Add(o, "treated_by_choice_"+string(curve.Beyond), total(a), total(b))
	}
	return nil
}

func total(v []float64) (all float64) {
	for _, x := range v {
		all += x
	}
	return all
}

// in are the ways under the sites of an outcome; nil where a site that a scenario
// opens lacks what the choice weighs.
func (r *Chosen) in(ctx context.Context, o *finding.Outcome) (*chosenWays, error) {
	open := ground.Goals(o.Sites)
	if _, err := r.termsTo(o.Sites, open); err != nil {
		r.Note("choice.opened", "scenario", o.Name, "why", err.Error())
		return nil, nil
	}
	m, err := o.Ground.Matrix(ctx, o.Sites, open, travel.Unreached)
	if err != nil {
		return nil, err
	}
	return r.along(m, o.Sites)
}

// DrawPatients is that of [OfPatients]: the same with the effect and the speed of a
// draw.
func (r *Chosen) DrawPatients(_ context.Context, x finding.Draw, under finding.Curve, d *finding.Drawn) error {
	if under.Of == nil || len(r.curves) == 0 {
		return nil
	}
	w, err := r.atSpeed(x.Speed)
	if err != nil {
		return err
	}
	c, err := r.calibrate(x.Family, x.Effect, under.Beyond, w)
	if errors.Is(err, access.ErrCannotBe) {
		return nil
	}
	if err != nil {
		return err
	}
	_, foregone := r.treated(c, w)
	d.Add("foregone_by_choice_"+string(under.Beyond), x.Rate*foregone)
	return nil
}

// atSpeed are the ways with every speed multiplied.
func (r *Chosen) atSpeed(speed float64) (*chosenWays, error) {
	if speed == 1 {
		return r.ways, nil
	}
	return r.along(ground.Faster(r.ways.matrix, speed), r.Sites)
}
