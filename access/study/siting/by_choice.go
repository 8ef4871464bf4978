package siting

import (
	"context"
	"errors"
	"fmt"
	"math"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// byChoice reports whether the plan is for people who choose among the open centers.
func (r *sited) byChoice() bool { return r.Spec.Siting.Allocation == spec.ByChoice }

// steepest is the largest logarithm of how much more strongly a candidate may draw a
// place than what it has today: beyond it sums of pulls are no numbers.
const steepest = 600

// nothing is the share of today's pull below which a candidate's is left out.
const nothing = 1e-12

// atOnce is how many candidates are asked for their ways at a time.
const atOnce = 64

// searchByChoice looks for the plan of people who choose: expected over their choices.
func (r *sited) searchByChoice(ctx context.Context, p *plan, problem *site.Problem) error {
	g := r.Spec.Siting
	rules, err := r.rules(p)
	if err != nil {
		return err
	}
	s := &search{rules: rules, sought: sought{local: true}}
	if s.instance, err = site.FromOffers(problem, rules); err != nil {
		return r.explained(err, nil)
	}
	ctx, stop := r.untilEnough(ctx)
	defer stop()
	near, err := site.Solve(ctx, s.instance, site.Options{Iterations: 200, Nodes: 1, Starts: 2, Seed: max(g.Seed, 1)}, nil)
	if err != nil {
		return r.explained(err, nil)
	}
	spread, err := r.spread(ctx, nil, 1, ground.All(len(r.Candidates)))
	if err != nil {
		return err
	}
	found, err := spread.Solve(ctx, s.instance, near.Open, site.Options{})
	if err != nil {
		return err
	}
	s.solution = site.Solution{Open: found.Open, Bound: math.NaN(), Proven: found.Proven, Stopped: "no move helps"}
	for _, gain := range found.Gain {
		s.solution.Cost -= gain
	}
	s.method = "exchanges, people choosing among what is open: best among plans one move away, and no bound of others"
	if found.Proven {
		s.solution.Bound, s.solution.Stopped = s.solution.Cost, "proven"
		s.method = "all plans that the rules allow, people choosing among what is open: proven best"
	}
	p.Open, p.Gain, p.Alone, p.search = found.Open, found.Gain, found.Alone, s
	r.whyNot(p, rules)
	if n := len(p.Open); g.Pick > 0 && n < g.Pick {
		p.Short = fmt.Sprintf("after %d of %d sites no candidate gains anything under the rules", n, g.Pick)
	}
	if p.hubs != nil {
		hub, ok := p.hubs.Assign(p.Open)
		if !ok {
			return errors.New("siting: the plan breaks the rule of hubs, which is a fault of the search")
		}
		p.Hub = hub
	}
	s.contenders = []contender{{name: "the plan", open: p.Open}}
	return r.asideByChoice(ctx, p, problem, spread)
}

// gainByChoice adds to a plan for the nearest what it gains if people choose: by Huff's
// exponent where the siting names one, and as a measure of the study has it.
func (r *sited) gainByChoice(ctx context.Context, p *plan) error {
	if g := r.Spec.Siting; g.Choice > 0 {
		gain, err := r.chosen(ctx, p)
		if err != nil {
			return err
		}
		p.under = append(p.under, finding.GainUnder{Assumption: fmt.Sprintf("people choose among centers within four hours by 1/time^%g", g.Choice),
			Gain: finding.Num(gain)})
	}
	chosen := finding.Of[*measure.Chosen](r.Study)
	treated := r.Spec.Siting.Goal == "treated"
	if chosen == nil || !spec.In(r.Spec.Siting.Goal, spec.Sums()...) || treated && len(chosen.Curves()) == 0 {
		return nil
	}
	if _, err := chosen.Weighs(r.Candidates, r.CandLayer, p.Open); err != nil {
		r.Note("siting.not_by_choice", "why", err.Error())
		return nil
	}
	s, err := r.spread(ctx, nil, 1, p.Open)
	if CannotBe(err) {
		r.Note("siting.not_by_choice", "why", err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	p.under = append(p.under, finding.GainUnder{Assumption: "people choose among the open centers, by measure choice", Gain: finding.Num(s.Gain(p.Open))})
	return nil
}

// asideByChoice is what stands beside such a plan: what candidates gain for people
// without a time today, what the plan gains under the other curves, and what it would
// gain if everybody went to the nearest.
func (r *sited) asideByChoice(ctx context.Context, p *plan, problem *site.Problem, spread *site.Spread) error {
	for j, offers := range spread.Offers {
		for _, o := range offers {
			if spread.Pull[o.Place] == 0 {
				p.apart[j] += spread.Weight[o.Place] * (o.Worth - spread.Worth[o.Place])
			}
		}
		for _, l := range p.legs[j] {
			if shorter(l.Time, p.now[l.Place]) {
				p.nearer[j] += r.People[l.Place]
			}
		}
	}
	p.far = math.NaN()
	if r.Spec.Siting.Goal == "treated" {
		for _, c := range finding.Of[*measure.Chosen](r.Study).Curves() {
			if c.Beyond == access.Recover {
				continue
			}
			other, err := r.spread(ctx, &c, 1, p.Open)
			if err != nil {
				return err
			}
			p.under = append(p.under, finding.GainUnder{Assumption: "beyond four hours: " + string(c.Beyond),
				Gain: finding.Num(other.Gain(p.Open))})
		}
	}
	p.under = append(p.under, finding.GainUnder{Assumption: "everybody goes to the nearest center", Gain: finding.Num(problem.Gain(p.Open))})
	return nil
}

// spread states the choice of sites for people who choose among what is open, under a
// curve of treatment (nil: the leading one) and with every speed multiplied; only some
// candidates offer anything.
func (r *sited) spread(ctx context.Context, c *ground.Curve, speed float64, among []int) (*site.Spread, error) {
	chosen := finding.Of[*measure.Chosen](r.Study)
	switch {
	case chosen == nil:
		return nil, spec.Refused("siting.allocation", "a choice that has an estimate, or nearest", "found choice, and measures.choice has no estimate")
	case r.Spec.Siting.Goal == "treated" && c == nil:
		if len(chosen.Curves()) == 0 {
			return nil, spec.Refused("siting.allocation", "another demand, or nearest",
				"found choice, and not as many can be treated under it as were observed")
		}
		c = &chosen.Curves()[0]
	}
	worth, weight, _ := r.worth(c)
	return r.spreadOf(ctx, worth, r.favoured(weight), speed, among)
}

// spreadOf is the same for what times are worth, and what places count.
func (r *sited) spreadOf(ctx context.Context, worth func(travel.Seconds) float64, weight []float64, speed float64, among []int) (*site.Spread, error) {
	chosen := finding.Of[*measure.Chosen](r.Study)
	n := len(weight)
	s := &site.Spread{Weight: weight, Pull: make([]float64, n), Worth: make([]float64, n), Offers: make([][]site.Draw, len(r.Candidates))}
	m, logs, err := chosen.Pulls(ctx, r.Sites, r.SiteFields, ground.Goals(r.Sites), speed)
	if err != nil {
		return nil, err
	}
	base := ground.NaNs(n) // the strongest pull that a place knows, as a logarithm
	for i := range n {
		s.Worth[i] = worth(fallback)
		if lo, hi := m.Start[i], m.Start[i+1]; hi > lo {
			s.Pull[i], s.Worth[i], base[i] = today(logs[lo:hi], m.Time[lo:hi], worth)
		}
	}
	return s, r.offerByChoice(ctx, s, drawing{chosen, r.CandLayer, base, worth, speed}, among)
}

// today is what a place has: the pull of all sites that it has a way to, over that of
// the strongest, their mean worth by it, and the logarithm of the strongest.
func today(logs []float64, times []travel.Seconds, worth func(travel.Seconds) float64) (pull, mean, base float64) {
	base = math.Inf(-1)
	for _, l := range logs {
		base = math.Max(base, l)
	}
	for k, l := range logs {
		w := math.Exp(l - base)
		pull += w
		mean += w * worth(times[k])
	}
	return pull, mean / pull, base
}

// drawing is how strongly candidates draw places, and what they are worth to them.
type drawing struct {
	by    *measure.Chosen
	layer *geo.Layer
	base  []float64 // by place, against what a pull is told
	worth func(travel.Seconds) float64
	speed float64
}

// offerByChoice adds what some candidates offer, a few of them at a time: of a country
// all ways together are many.
func (r *sited) offerByChoice(ctx context.Context, s *site.Spread, d drawing, among []int) error {
	var open []int
	for _, j := range among {
		if r.Candidates[j].Has("infuse") {
			open = append(open, j)
		}
	}
	for from := 0; from < len(open); from += atOnce {
		few := open[from:min(len(open), from+atOnce)]
		m, logs, err := d.by.Pulls(ctx, r.Candidates, d.layer, few, d.speed)
		if err != nil {
			return fmt.Errorf("siting.allocation: of the candidates: %w", err)
		}
		if err := r.RoomForDraws(m.Len()); err != nil {
			return err
		}
		for i := range m.Places {
			for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
				if math.IsNaN(d.base[i]) {
					d.base[i] = logs[leg] // the first that draws it is as good as any
				}
				if s.Pull[i] == 0 && logs[leg] < d.base[i]-steepest || logs[leg] > d.base[i]+steepest {
					return tooLarge{&spec.SpecError{Field: "siting.allocation", Accept: "nearest, or smaller coefficients",
						Problem: fmt.Sprintf("the choice weighs so steeply that from place %s all go to one site, and how many go to the others is no number",
							r.Places.ID(i))}}
				}
				if pull := math.Exp(logs[leg] - d.base[i]); pull >= nothing*s.Pull[i] {
					j := few[m.Site[leg]]
					s.Offers[j] = append(s.Offers[j], site.Draw{Place: int32(i), Pull: pull, Worth: d.worth(m.Time[leg])})
				}
			}
		}
		r.Report(finding.Progress{Stage: "siting", Done: from + len(few), Total: len(open)})
	}
	return nil
}

// redrawByChoice has what the plan gains in a draw, people choosing anew; nothing where
// they choose so steeply then that it is no number.
func (r *sited) redrawByChoice(ctx context.Context, x finding.Draw, d *finding.Drawn, c *ground.Curve) error {
	plan := finding.Of[*sited](x.Of).plan
	s, err := r.spread(ctx, c, x.Speed, plan.Open)
	if CannotBe(err) {
		return nil
	}
	if err != nil {
		return err
	}
	rate := 1.0
	if c != nil {
		rate = x.Rate
	}
	d.Add("plan_gain", rate*s.Gain(plan.Open))
	return nil
}

// redrawPatients is the same for the goal of treated patients, under the leading curve
// of the draw; nothing where not as many can be treated as were observed.
func (r *sited) redrawPatients(ctx context.Context, x finding.Draw, under finding.Curve, d *finding.Drawn) error {
	if under.Of == nil {
		return nil
	}
	c, err := finding.Of[*measure.Chosen](r.Study).Drawn(x, under.Beyond)
	switch {
	case errors.Is(err, access.ErrCannotBe):
		return nil
	case err != nil:
		return err
	}
	return r.redrawByChoice(ctx, x, d, &c)
}

// volumesByChoice are the expected treated who would choose each site of the plan. Beside
// privacy there are none, as there are none by choice elsewhere.
func (r *sited) volumesByChoice(ctx context.Context) ([]float64, error) {
	volume, chosen := ground.NaNs(len(r.Candidates)), finding.Of[*measure.Chosen](r.Study)
	if r.Model == nil || r.Spec.Privacy != nil || len(chosen.Curves()) == 0 {
		return volume, nil
	}
	c := chosen.Curves()[0]
	s, err := r.spreadOf(ctx, func(t travel.Seconds) float64 { return c.Likelihood(c.P0, t) }, r.Eligible, 1, r.plan.Open)
	if err != nil {
		return nil, err
	}
	all := append([]float64{}, s.Pull...)
	for _, j := range r.plan.Open {
		for _, o := range s.Offers[j] {
			all[o.Place] += o.Pull
		}
	}
	for _, j := range r.plan.Open {
		volume[j] = 0
		for _, o := range s.Offers[j] {
			volume[j] += s.Weight[o.Place] * o.Pull / all[o.Place] * o.Worth
		}
	}
	return volume, nil
}
