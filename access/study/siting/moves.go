package siting

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
)

// moves is the best plan if some of the centers there are may close, and as many
// more candidates open: closures and swaps. Who would be left without a center
// within four hours counts as four hours away, or as today if that is farther.
func (r *sited) moves(ctx context.Context, o site.Options) (*finding.MoveSummary, error) {
	g := r.Spec.Siting
	if g.Close == 0 {
		return nil, nil
	}
	both, first := r.withCenters()
	n := len(both.Candidates)
	p := &plan{offered: offered{legs: make([][]leg, n), now: slices.Clone(r.plan.now)}}
	for i, t := range p.now {
		p.now[i] = max(t, fallback)
		if math.IsInf(float64(t), 1) {
			p.now[i] = fallback
		}
	}
	if err := both.offers(ctx, p); err != nil {
		return nil, err
	}
	problem, _, err := both.problem(p, nil, 1)
	if err != nil {
		return nil, err
	}
	old := n - first
	rules := site.Rules{Pick: old + g.Pick, Region: slices.Repeat([]int32{-1}, n), AtLeast: []int{max(0, old-g.Close)}}
	today := make([]int, old)
	for k := range today {
		rules.Region[first+k], today[k] = 0, first+k
	}
	problem.Pick = rules.Pick
	instance, err := site.FromOffers(problem, rules)
	if err != nil {
		return nil, err
	}
	x, err := site.Solve(ctx, instance, o, nil)
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, fmt.Errorf("siting.close: %w", err)
	}
	x.Open = instance.Toward(ctx, x.Open, today) // nothing moves that gains nothing
	before := instance.Evaluate(today).Cost
	m := &finding.MoveSummary{Allowed: g.Close, Gain: finding.Num(before - x.Cost),
		Bound: finding.Num(before - x.Bound), Proven: x.Proven, Closes: []string{}, Opens: []string{}}
	for _, j := range today {
		if !slices.Contains(x.Open, j) {
			m.Closes = append(m.Closes, both.Candidates[j].ID)
		}
	}
	for _, j := range x.Open {
		if j < first {
			m.Opens = append(m.Opens, both.Candidates[j].ID)
		}
	}
	return m, nil
}

// withCenters is the run in which the centers there are stand behind the
// candidates, from first on: each campus once, or each row where rows count.
func (r *sited) withCenters() (both *sited, first int) {
	copied, study, in := *r, *r.Study, *r.Ground
	copied.Study, study.Ground = &study, &in
	in.Candidates = slices.Clone(r.Candidates)
	first = len(in.Candidates)
	campus, has := r.Counted(), map[int]bool{}
	for _, j := range ground.Goals(r.Sites) {
		if !has[campus[j]] {
			has[campus[j]] = true
			in.Candidates = append(in.Candidates, r.Sites[j])
		}
	}
	return &copied, first
}
