package siting

import (
	"context"
	"fmt"
	"math"

	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/spec"
)

// goalGain is what the plan gains by one of several goals, beside the most that
// any plan could gain by it.
type goalGain struct {
	goal, unit, role string
	gain, best       float64
}

// aiming is the run with another goal, and all else as it is.
func (r *sited) aiming(a spec.AlsoSpec) *sited {
	other, study, in, g := *r, *r.Study, *r.Ground, *r.Spec.Siting
	g.Goal, g.WithinMin, g.Aversion, g.Power = a.Goal, a.WithinMin, a.Aversion, a.Power
	in.Spec.Siting = &g
	other.Study, study.Ground = &study, &in
	return &other
}

// several changes the best plan by the first goal into one for several: first
// that which gains most by the weighted sum of all, each in shares of the most
// that is possible by it, or the best by a further goal among those that give up
// no more than a share of the first.
func (r *sited) several(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) error {
	g := r.Spec.Siting
	if g.Then == nil && len(g.Also) == 0 {
		return nil
	}
	if err := r.allInfuse(p); err != nil {
		return err
	}
	first := s.solution
	s.goals = []goalGain{{goal: g.Goal, unit: p.unit, role: "first", gain: s.gained(first.Cost), best: s.gained(first.Bound)}}
	others := []*site.Instance{s.instance}
	free := s.rules
	free.SiteFee = nil // fees are in units of the first goal
	blend := s.instance
	for _, a := range g.Also {
		in, got, err := r.goalAlone(ctx, p, free, a, o)
		if err != nil {
			return err
		}
		got.role = "weighted"
		others, s.goals = append(others, in), append(s.goals, got)
		if !(got.gain > 0) || !(s.goals[0].gain > 0) {
			continue // nothing to gain: it cannot decide
		}
		if blend, err = site.Blend(blend, in, a.Weight*s.goals[0].gain/got.gain); err != nil {
			return err
		}
	}
	x, err := first, error(nil)
	if len(g.Also) > 0 {
		if x, err = site.Solve(ctx, blend, o, nil); err != nil {
			return err
		}
		s.objectiveGap = unproven(blend, x)
	}
	if t := g.Then; t != nil {
		in, got, err := r.goalAlone(ctx, p, free, *t, o)
		if err != nil {
			return err
		}
		got.role = "then"
		others, s.goals = append(others, in), append(s.goals, got)
		give := 0.01
		if t.Give != nil {
			give = *t.Give
		}
		gain := math.Max(0, blend.Nothing()-x.Cost) // a loss gives nothing up
		if x, err = site.Within(ctx, blend, in, x.Open, x.Cost+give*gain, o); err != nil {
			return err
		}
		s.objectiveGap = unproven(in, x)
	}
	for k := range s.goals {
		s.goals[k].gain = others[k].Nothing() - others[k].Evaluate(x.Open).Cost
	}
	s.objectiveProven = x.Proven
	found := s.instance.Evaluate(x.Open)
	s.solution = site.Solution{Open: x.Open, Served: found.Served, Cost: found.Cost, Bound: first.Bound, Stopped: x.Stopped}
	return nil
}

// allInfuse refuses candidates that count for a share of a gain: a share of one
// goal is none of another.
func (r *sited) allInfuse(p *plan) error {
	g := r.Spec.Siting
	for j, c := range r.Candidates {
		if !c.Has("infuse") && (g.SpokeCredit == nil || *g.SpokeCredit != 1) && len(p.legs[j]) > 0 {
			return fmt.Errorf("siting: several goals at once need candidates that infuse, or spoke_credit 1: %s does not", c.Label())
		}
	}
	return nil
}

// goalAlone is the siting by one further goal, and what can be gained by it alone.
func (r *sited) goalAlone(ctx context.Context, p *plan, rules site.Rules, a spec.AlsoSpec, o site.Options) (*site.Instance, goalGain, error) {
	if err := ctx.Err(); err != nil {
		return nil, goalGain{}, err
	}
	problem, unit, err := r.aiming(a).problem(p, nil, 1)
	if err != nil {
		return nil, goalGain{}, err
	}
	in, err := site.FromOffers(problem, rules)
	if err != nil {
		return nil, goalGain{}, err
	}
	x, err := site.Solve(ctx, in, o, nil)
	return in, goalGain{goal: a.Goal, unit: unit, gain: in.Nothing() - x.Cost, best: in.Nothing() - x.Bound}, err
}

// unproven is by how much a plan could be better than the one found, as a share of
// the most there is to gain.
func unproven(in *site.Instance, x site.Solution) float64 {
	if best := in.Nothing() - x.Bound; best > 0 && !x.Proven {
		return math.Max(0, x.Cost-x.Bound) / best
	}
	return 0
}

// presentGoals makes the table of several goals.
func (r *sited) presentGoals(s *search) error {
	if len(s.goals) == 0 {
		return nil
	}
	var goal, unit, role []string
	var gain, best, share []float64
	for _, g := range s.goals {
		goal, unit, role = append(goal, g.goal), append(unit, g.unit), append(role, g.role)
		gain, best = append(gain, g.gain), append(best, g.best)
		if g.best > 0 {
			share = append(share, g.gain/g.best)
		} else {
			share = append(share, math.NaN())
		}
	}
	sh := finding.Sheet{Of: "goals"}
	sh.Text("goal", goal)
	sh.Text("role", role)
	sh.Text("unit", unit)
	sh.Number("gain", gain)
	sh.Number("best_possible", best)
	sh.Number("share", share)
	return r.AddTable(sh.Table())
}

// proofOfSeveral says what is known of a plan for several goals.
func (s *search) proofOfSeveral() string {
	switch {
	case s.objectiveProven:
		return "no plan is better by the goals together, as they were asked for"
	case s.objectiveGap > 0:
		return fmt.Sprintf("by the goals together, as they were asked for, no plan gains %.3g %% more", 100*s.objectiveGap)
	}
	return "how near it is to the best by the goals together is not known"
}
