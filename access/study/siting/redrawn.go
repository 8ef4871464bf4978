package siting

import (
	"context"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// redrawn is what a draw makes of the plan: what it would open itself, and how the
// rivals fare.
type redrawn struct {
	open   []int
	rivals []float64 // gains of the contenders
	best   float64   // gain of the best plan found in this draw
}

// tally is what was counted over the draws that have a plan.
type tally struct {
	planned float64     // draws with a plan
	picked  []float64   // how often a candidate is in it
	place   [][]float64 // in the order of opening, where it opens
}

// Draw has what the plan gains in a draw, and the best that is found there.
func (r *sited) Draw(ctx context.Context, x finding.Draw, d *finding.Drawn) error {
	switch {
	case r.Spec.Siting.Goal == "treated" || unsummed(r.Spec.Siting.Goal):
		return nil
	case r.byChoice():
		return r.redrawByChoice(ctx, x, d, nil)
	}
	return r.replan(ctx, x, d, nil)
}

// DrawPatients is Draw for the goal of treated patients, under the leading curve.
func (r *sited) DrawPatients(ctx context.Context, x finding.Draw, under finding.Curve, d *finding.Drawn) error {
	switch {
	case !under.Leads || r.Spec.Siting.Goal != "treated":
		return nil
	case r.byChoice():
		return r.redrawPatients(ctx, x, under, d)
	case under.Of == nil:
		r.localGain(x, d, nil)
		return nil
	}
	return r.replan(ctx, x, d, under.Of)
}

// unsummed reports whether a goal is no sum over people, whose plans draws leave
// alone.
func unsummed(goal string) bool {
	return spec.In(goal, "worst_time", "all_covered", "worst_group", "gini")
}

// replan has what the study's plan gains in a draw, and the best that is found
// there. A draw in which a cost is too large to be a number has neither; one in
// which no plan keeps the rules has no best.
func (r *sited) replan(ctx context.Context, x finding.Draw, d *finding.Drawn, c *ground.Curve) error {
	rate := 1.0
	if c != nil {
		rate = x.Rate
	}
	x.Rate = rate
	problem, _, err := r.problem(r.plan, c, x.Speed)
	if CannotBe(err) {
		r.localGain(x, d, nil)
		return nil
	}
	if err != nil {
		return err
	}
	plan := finding.Of[*sited](x.Of).plan
	d.Add("plan_gain", plan.net(problem, plan.Open, rate))
	r.localGain(x, d, problem)
	open, err := r.reopen(ctx, problem)
	if CannotBe(err) {
		return nil
	}
	if err != nil {
		return err
	}
	found := compare(problem, open, plan, rate)
	d.Kept = found
	d.Add("best_gain_found", found.best)
	return nil
}

// net is what a set of candidates gains, its fees taken off.
func (p *plan) net(problem *site.Problem, open []int, rate float64) float64 {
	gain := rate * problem.Gain(open)
	if p.search != nil && p.search.rules.SiteFee != nil {
		for _, j := range open {
			gain -= p.search.rules.SiteFee[j]
		}
	}
	return gain
}

// reopen is the plan of a draw: greedy, or under rules that greedy does not know
// what a short search finds.
func (r *sited) reopen(ctx context.Context, problem *site.Problem) ([]int, error) {
	if r.plan.search == nil || !r.Spec.Siting.Ruled() {
		p, err := site.Greedy(ctx, problem)
		return p.Open, err
	}
	in, err := site.FromOffers(problem, r.plan.search.rules)
	if err != nil {
		return nil, err
	}
	x, err := site.Solve(ctx, in, site.Options{Iterations: 200, Nodes: 1, Starts: 2, Seed: 1}, nil)
	if err != nil {
		return nil, err
	}
	return problem.Ordered(x.Open), nil
}

// compare takes the best of the plan found in a draw and of the contenders as
// the best of that draw; its regret is a lower bound of the true one. The sites
// of a contender come in the order in which they gain most.
func compare(problem *site.Problem, found []int, plan *plan, rate float64) *redrawn {
	d := &redrawn{open: found, best: plan.net(problem, found, rate)}
	if plan.search == nil {
		return d
	}
	for k := range plan.search.contenders {
		open := plan.search.contenders[k].open // the rest of it is being written
		g := plan.net(problem, open, rate)
		d.rivals = append(d.rivals, g)
		if g > d.best {
			d.open, d.best = problem.Ordered(open), g
		}
	}
	return d
}

// settle counts how the contenders fared in a draw.
func (s *search) settle(d *redrawn) {
	most := math.Inf(-1)
	for _, g := range d.rivals {
		most = math.Max(most, g)
	}
	for k, g := range d.rivals {
		c := &s.contenders[k]
		c.first += float64(ground.Bit(g == most))
		c.mean += d.best - g
		c.worst = math.Max(c.worst, d.best-g)
	}
}

// Take counts what a draw would open, and how the contenders fared there.
func (r *sited) Take(one finding.Drawn) {
	d, planned := one.Kept.(*redrawn)
	if r.tally.picked == nil {
		r.tally = tally{picked: make([]float64, len(r.Candidates)), place: make([][]float64, len(r.Candidates))}
	}
	if !planned {
		return
	}
	r.tally.planned++
	for k, j := range d.open {
		r.tally.picked[j]++
		r.tally.place[j] = append(r.tally.place[j], float64(k+1))
	}
	if r.plan.search != nil {
		r.plan.search.settle(d)
	}
}

// Settle turns what was counted over the draws that have a plan into shares of
// them.
func (r *sited) Settle() {
	p, t := r.plan, &r.tally
	if p.search != nil {
		for k := range p.search.contenders {
			p.search.contenders[k].first /= t.planned
			p.search.contenders[k].mean /= t.planned
		}
	}
	if unsummed(r.Spec.Siting.Goal) {
		return
	}
	for j := range t.picked {
		p.inDraws[j] = t.picked[j] / t.planned // no value where no draw has a plan
		q := access.NewWeighted(t.place[j], ground.Ones(len(t.place[j]))).Quantiles(0.025, 0.975)
		p.place[0][j], p.place[1][j] = q[0], q[1]
	}
}

// Beside says which sites of the plan are in that of the other units too.
func (r *sited) Beside(other *finding.Study, s *finding.ArealSummary) {
	there := finding.Of[*sited](other)
	if there == nil {
		return
	}
	for _, j := range r.plan.Open {
		if slices.Contains(there.plan.Open, j) {
			s.InBoth = append(s.InBoth, r.Candidates[j].ID)
		} else {
			s.OnlyHere = append(s.OnlyHere, r.Candidates[j].ID)
		}
	}
}
