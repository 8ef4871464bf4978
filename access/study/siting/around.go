package siting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/measure"
)

// contender is a plan that draws are tried on.
type contender struct {
	name  string
	open  []int
	first float64 // share of the draws in which no other is better
	mean  float64 // regret, against the best that is found in each draw
	worst float64
}

// hubLimit is the best plan when spokes must be nearer to a hub, or may be
// farther.
type hubLimit struct {
	minutes, gain, gap float64
	open               int

	// What the limit forbids: of the best plan without any rule of hubs, the site
	// that gains most there and has no hub within the limit, -1 if there is none;
	// the hub nearest to it, -1 if it has none at all, and how far that is.
	barred, hub int
	hubMin      float64
}

func sameSites(a, b []int) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// hubRange solves the siting anew for other limits between spoke and hub.
func (r *sited) hubRange(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) error {
	h := r.Spec.Siting.Hub
	if h == nil || len(h.Curve) == 0 {
		return nil
	}
	anyhow, order, err := r.unhubbed(ctx, s, problem, o)
	if err != nil {
		return err
	}
	for _, limit := range h.Curve {
		if err := ctx.Err(); err != nil {
			return err
		}
		rule, of, err := r.hubs(ctx, limit)
		if err != nil {
			return err
		}
		rules, err := r.rules(&plan{offered: offered{hubs: rule, legs: p.legs}})
		if err != nil {
			return err
		}
		other := *problem
		other.Hubs = rule
		in, err := site.FromOffers(&other, rules)
		if err != nil {
			return err
		}
		point := hubLimit{minutes: limit, gain: math.NaN(), gap: math.NaN(), barred: -1, hub: -1, hubMin: math.NaN()}
		for _, j := range order {
			if len(rule.InRange[j]) > 0 {
				continue
			}
			point.barred = j
			if links := anyhow.InRange[j]; len(links) > 0 {
				nearest := slices.MinFunc(links, func(a, b site.Link) int {
					return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Hub, b.Hub))
				})
				point.hub, point.hubMin = of[nearest.Hub], nearest.Time/60
			}
			break
		}
		x, err := site.Solve(ctx, in, o, nil)
		var e *site.Infeasible
		switch {
		case errors.As(err, &e):
		case err != nil:
			return err
		default:
			point.gain, point.open = in.Nothing()-x.Cost, len(x.Open)
			if b := in.Nothing() - x.Bound; b > 0 {
				point.gap = math.Max(0, b-point.gain) / b
			}
			if x.Proven {
				point.gap = 0
			}
		}
		s.hubCurve = append(s.hubCurve, point)
	}
	return nil
}

// unhubbed are the hubs of every candidate however far, and the sites of the best
// plan without the rule of hubs, those that gain most first.
func (r *sited) unhubbed(ctx context.Context, s *search, problem *site.Problem, o site.Options) (*site.Hubs, []int, error) {
	anyhow, _, err := r.hubs(ctx, math.Inf(1))
	if err != nil {
		return nil, nil, err
	}
	free, rules := *problem, s.rules
	free.Hubs, rules.Hubs = nil, nil
	in, err := site.FromOffers(&free, rules)
	if err != nil {
		return nil, nil, err
	}
	o.Exact, o.Gap = false, math.Max(o.Gap, 1e-4*s.scale)
	x, err := site.Solve(ctx, in, o, nil)
	return anyhow, free.Ordered(x.Open), err
}

// ties are the candidates that could stand in for a site of the plan at a loss of
// less than a thousandth of gain, which is what that site adds.
func (s *search) ties(r *sited, j int, gain float64) string {
	text := ""
	for _, a := range s.others {
		if a.Out == j && a.Cost-s.solution.Cost <= 1e-3*gain {
			if text != "" {
				text += " "
			}
			text += r.Candidates[a.In].ID
		}
	}
	return text
}

// front is a plan between the goal and those who are favoured.
type front struct {
	times       float64
	open        []int
	gain        float64 // of all
	favoured    float64 // of those favoured
	gap         float64
	gini, worst float64 // of minutes, after
	within      float64 // share of people within the limit of the study
}

// pareto solves the study anew with the favoured counting more and more. Every
// point is a full plan; points that another is better than in both are left out.
func (r *sited) pareto(ctx context.Context, s *search, p *plan, o site.Options) error {
	f := r.Spec.Siting.Frontier
	if f == nil {
		return nil
	}
	in, err := r.favourites(f.Field, f.End, f.Share)
	if err != nil {
		return fmt.Errorf("siting.frontier: %w", err)
	}
	times := f.Times
	if len(times) == 0 {
		times = []float64{1, 2, 4, 8, 16}
	}
	problem, _, err := r.problem(p, nil, 1)
	if err != nil {
		return err
	}
	rules, err := r.rules(p)
	if err != nil {
		return err
	}
	plain := problem.Weight
	only := make([]float64, len(plain))
	for i, is := range in {
		if is {
			only[i] = plain[i]
		}
	}
	var all []front
	for _, t := range times {
		if err := ctx.Err(); err != nil {
			return err
		}
		problem.Weight = countedTimes(plain, in, t)
		instance, err := site.FromOffers(problem, rules)
		if err != nil {
			return err
		}
		x, err := site.Solve(ctx, instance, o, nil)
		if err != nil {
			return r.explained(err, nil)
		}
		point := front{times: t, open: x.Open}
		if b := instance.Nothing() - x.Bound; b > 0 && !x.Proven {
			point.gap = math.Max(0, b-(instance.Nothing()-x.Cost)) / b
		}
		problem.Weight = plain
		point.gain = problem.Gain(x.Open)
		problem.Weight = only
		point.favoured = problem.Gain(x.Open)
		problem.Weight = plain
		r.seeFairness(p, &point)
		all = append(all, point)
	}
	s.frontier = append(s.frontier, undominated(all)...)
	return nil
}

// countedTimes are weights in which those who are favoured count so many times.
func countedTimes(plain []float64, favoured []bool, times float64) []float64 {
	weight := slices.Clone(plain)
	for i, is := range favoured {
		if is {
			weight[i] *= times
		}
	}
	return weight
}

// seeFairness fills in how minutes are spread once a plan of the frontier is open.
func (r *sited) seeFairness(p *plan, point *front) {
	minutes := r.minutesWith(p, point.open)
	point.gini, _ = access.Gini(minutes, r.People)
	point.worst = access.NewWeighted(minutes, r.People).Quantile(0.95)
	if bands := access.Bands(minutes, r.People, []float64{measure.Beyond(r.Study)}); len(bands) > 0 {
		point.within = bands[0].Share
	}
}

// undominated leaves out every point that another is better than in both; of two
// that are alike the first stays.
func undominated(all []front) (out []front) {
	for i, a := range all {
		dominated := false
		for j, b := range all {
			better := b.gain >= a.gain && b.favoured >= a.favoured
			if better && (b.gain > a.gain || b.favoured > a.favoured || j < i) && j != i {
				dominated = true
			}
		}
		if !dominated {
			out = append(out, a)
		}
	}
	return out
}

// minutesWith are the minutes of every place once sites open.
func (r *sited) minutesWith(p *plan, open []int) []float64 {
	out := slices.Clone(r.Ways.Minutes)
	for _, j := range open {
		if !r.Candidates[j].Has("infuse") {
			continue
		}
		for _, l := range p.legs[j] {
			if t := l.Time.Minutes(); t < out[l.Place] || math.IsNaN(out[l.Place]) {
				out[l.Place] = t
			}
		}
	}
	return out
}

// improve looks for a plan of a goal that is no sum over people: from the plan of
// least mean time by swaps, without a bound.
func (r *sited) improve(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) (err error) {
	if s.instance, err = site.FromOffers(problem, s.rules); err != nil {
		return err
	}
	x, err := site.Solve(ctx, s.instance, o, nil)
	if err != nil {
		return err
	}
	cost := func(open []int) float64 {
		v, err := access.Gini(r.minutesWith(p, open), r.People)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	s.unit = "Gini of the minutes"
	if r.Spec.Siting.Goal == "worst_group" {
		field := slices.Sorted(maps.Keys(r.Spec.Places.Groups))[0]
		of, names, err := r.Groups(field, r.Spec.Places.Groups[field])
		if err != nil {
			return err
		}
		cost = func(open []int) float64 { return worstMean(r.minutesWith(p, open), r.People, of, len(names)) }
		s.unit = "minutes, the mean of the group that is worst off by " + field
	}
	s.minimum, s.local = true, true
	s.method = "swaps from the plan of least mean time: best among plans one move away, and no bound of others"
	open, value := site.Improve(ctx, s.instance, x.Open, cost, o)
	s.solution = site.Solution{Open: open, Cost: value, Bound: math.NaN(), Stopped: "no move helps"}
	return nil
}

// worstMean is the largest of the groups' means.
func worstMean(minutes, people []float64, of []int, groups int) float64 {
	sum, weight := make([]float64, groups), make([]float64, groups)
	for i, g := range of {
		if g >= 0 && !math.IsNaN(minutes[i]) {
			sum[g] += people[i] * minutes[i]
			weight[g] += people[i]
		}
	}
	worst := math.Inf(-1)
	for g := range sum {
		if weight[g] > 0 {
			worst = math.Max(worst, sum[g]/weight[g])
		}
	}
	return worst
}
