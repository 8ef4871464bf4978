// Package siting chooses the sites of a study that would help most. The solvers stand
// in package access/site; here the study becomes their problem, and their solution
// its tables.
package siting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// fallback is how far people without a time are taken to be when sites are
// ranked: as far as the evidence goes, the kindest assumption to the centers
// there are. What they gain is shown apart.
const fallback = access.EffectTo

// plan is the chosen sites, with what each candidate rests on.
type plan struct {
	site.Plan
	offered
	byCandidate
	gains
	search  *search // nil for a greedy plan
	moves   *finding.MoveSummary
	regions *regionBest
}

// offered is what a plan is chosen from: the places that each candidate could serve
// better than they are served now, and the hubs that it may have.
type offered struct {
	legs  [][]leg // of each candidate
	now   []travel.Seconds
	hubs  *site.Hubs
	hubOf []int // site index of each hub
}

// byCandidate is what each candidate does by itself, and how it fares in draws.
type byCandidate struct {
	apart   []float64    // gained for people without a time today
	nearer  []float64    // people who would travel less
	inDraws []float64    // share of the draws in which it is in the plan
	place   [2][]float64 // its place in the order of opening there, the middle 95 %
}

// gains is what a plan gains, and in which unit.
type gains struct {
	unit  string
	under []finding.GainUnder
	far   float64 // share of the gain from beyond four hours
	scale float64 // of a gap, see scale
}

func (p *plan) hubID(r *sited, k int) string {
	if p.hubs == nil || p.Hub == nil {
		return ""
	}
	return r.Sites[p.hubOf[p.Hub[k]]].ID
}

// sited is a study's plan.
type sited struct {
	*finding.Study
	plan   *plan
	favour []bool // whom the siting favours
	tally  tally  // over the draws
}

// FindPlan finds the plan, where the study asks for one.
func FindPlan(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	if s.Spec.Siting == nil {
		return nil, nil
	}
	r := &sited{Study: s}
	return r, r.find(ctx)
}

// find collects, once, the legs to candidates that beat the nearest open site, and
// opens the candidates that gain most.
func (r *sited) find(ctx context.Context) (err error) {
	g, p := r.Spec.Siting, r.noPlanYet()
	if f := g.Favour; f != nil {
		if r.favour, err = r.favourites(f.Field, f.End, f.Share); err != nil {
			return err
		}
	}
	if err := r.RoomForSearch(g); err != nil {
		return err
	}
	if len(r.Sites) == 0 {
		return r.findFromNothing(ctx, p)
	}
	if err := r.offers(ctx, p); err != nil {
		return err
	}
	if p.hubs, p.hubOf, err = r.hubs(ctx, 0); err != nil {
		return err
	}
	problem, unit, err := r.problem(p, nil, 1)
	if err != nil {
		return err
	}
	p.unit = unit
	if p.Plan, err = site.Greedy(ctx, problem); err != nil {
		return err
	}
	if r.byChoice() {
		r.plan = p
		return r.searchByChoice(ctx, p, problem)
	}
	if g.Method != "greedy" {
		if err := r.solve(ctx, p, problem); err != nil {
			return err
		}
	}
	r.measureCandidates(p, problem)
	r.bestByRegion(p, problem)
	if g.Goal == "treated" {
		if err := r.gainsUnder(p); err != nil {
			return err
		}
	}
	r.plan = p
	if p.moves, err = r.moves(ctx, site.Options{Exact: g.Exact, Gap: g.Gap, Seed: max(g.Seed, 1)}); err != nil {
		return err
	}
	if err := r.gainByChoice(ctx, p); err != nil {
		return err
	}
	p.far = r.farShare(p, problem)
	return nil
}

// noPlanYet is a plan that opens nothing: the times are those of today.
func (r *sited) noPlanYet() *plan {
	n := len(r.Candidates)
	p := &plan{
		offered: offered{legs: make([][]leg, n), now: make([]travel.Seconds, r.Places.Len())},
		byCandidate: byCandidate{
			apart:   make([]float64, n),
			nearer:  make([]float64, n),
			inDraws: ground.NaNs(n),
			place:   [2][]float64{ground.NaNs(n), ground.NaNs(n)},
		},
	}
	for i, m := range r.Ways.Minutes {
		p.now[i] = travel.FromMinutes(m)
		if math.IsNaN(m) {
			p.now[i] = travel.Unreached
		}
	}
	return p
}

// shorter reports whether a way takes less time than one of today by more than rounding: a
// place in the middle between two sites is no nearer to either.
func shorter(t, now travel.Seconds) bool { return ground.More(float64(now), float64(t)) }

// measureCandidates says of each candidate, by itself, what it gains for people
// without a time today, and for how many it is nearer.
func (r *sited) measureCandidates(p *plan, problem *site.Problem) {
	g := r.Spec.Siting
	for j, offers := range problem.Offers {
		for k, l := range p.legs[j] {
			if g.Goal != "burden" && math.IsInf(float64(p.now[l.Place]), 1) {
				p.apart[j] += problem.Weight[l.Place] * math.Max(0, offers[k].Worth-problem.Now[l.Place])
			}
			if shorter(l.Time, p.now[l.Place]) {
				p.nearer[j] += r.People[l.Place]
			}
		}
	}
}

// gainsUnder are the gains of the plan under each assumption beyond four hours.
func (r *sited) gainsUnder(p *plan) error {
	for c := range r.Model.Curves {
		if r.Model.Curves[c].Beyond == access.Recover {
			continue
		}
		other, _, err := r.problem(p, &r.Model.Curves[c], 1)
		if err != nil {
			return err
		}
		p.under = append(p.under, finding.GainUnder{Assumption: "beyond four hours: " + string(r.Model.Curves[c].Beyond),
			Gain: finding.Num(other.Gain(p.Open))})
	}
	return nil
}

// chosen is what the plan gains if people do not all go to the nearest center
// but spread over those within four hours by 1/time to a power (Huff). The
// likelihoods are those of the leading curve.
func (r *sited) chosen(ctx context.Context, p *plan) (float64, error) {
	c := r.Model.Curves[0]
	treated := func(sites []ground.Center) (float64, error) {
		open := ground.Goals(sites)
		m, err := r.Ground.Matrix(ctx, sites, open, fallback)
		if err != nil {
			return 0, err
		}
		var sum float64
		for i, e := range r.Eligible {
			if math.IsNaN(r.Ways.Minutes[i]) {
				continue
			}
			_, times := m.Row(i)
			var likely, all float64
			nearest := fallback
			for _, t := range times {
				nearest = min(nearest, t)
			}
			for _, t := range times {
				w := math.Pow(math.Max(t.Minutes(), 1)/math.Max(nearest.Minutes(), 1), -r.Spec.Siting.Choice)
				likely += w * c.Likelihood(c.P0, t)
				all += w
			}
			if all > 0 {
				sum += e * likely / all
			} else {
				sum += e * c.At(r.Ways.Minutes[i]) // nothing within four hours: the nearest
			}
		}
		return sum, nil
	}
	before, err := treated(r.Sites)
	if err != nil {
		return 0, err
	}
	with := slices.Clone(r.Sites)
	for _, j := range p.Open {
		with = append(with, r.Candidates[j])
	}
	after, err := treated(with)
	return after - before, err
}

// farShare is the part of a plan's gain that goes to people who are more than
// four hours away today, where there is no evidence.
func (r *sited) farShare(p *plan, problem *site.Problem) float64 {
	best := slices.Clone(problem.Now)
	for _, j := range p.Open {
		for _, o := range problem.Offers[j] {
			best[o.Place] = math.Max(best[o.Place], o.Worth)
		}
	}
	var all, far float64
	for i, b := range best {
		g := problem.Weight[i] * (b - problem.Now[i])
		all += g
		if now := p.now[i%len(p.now)]; now > access.EffectTo && !math.IsInf(float64(now), 1) {
			far += g
		}
	}
	return far / all
}

// offers are the legs from every candidate to the places of its border group that it
// could serve sooner than today's nearest site.
func (r *sited) offers(ctx context.Context, p *plan) error {
	return r.legsWithin(ctx, ground.All(len(r.Candidates)), func(place int) travel.Seconds { return p.now[place] }, func(j int, legs []leg) error {
		p.legs[j] = slices.Clone(legs)
		return r.RoomForOffers(len(legs))
	})
}

// leg is the way between a place and a candidate.
type leg struct {
	Time  travel.Seconds
	Place int32
}

// legsWithin sweeps from some candidates over the places of their border groups up to a
// limit for each place, and hands on the legs of each, in the order of the places, to
// be copied.
func (r *sited) legsWithin(ctx context.Context, of []int, limit func(place int) travel.Seconds, each func(j int, legs []leg) error) error {
	done, own := 0, []leg(nil)
	return r.ByGroup(r.Candidates, of, func(places, sites []int) error {
		if len(sites) == 0 {
			return nil
		}
		q := r.Query(r.Candidates, places, sites)
		q.Limit = make([]travel.Seconds, len(places))
		for i, place := range places {
			q.Limit[i] = limit(place)
		}
		return r.Engine.Sweep(ctx, q, func(k int, legs []travel.Leg) error {
			own = own[:0]
			for _, l := range legs {
				own = append(own, leg{l.Time, int32(places[l.Place])})
			}
			// An engine hands legs on in any order, and sums depend on it.
			inOrder := func(a, b leg) int { return int(a.Place - b.Place) }
			if !slices.IsSortedFunc(own, inOrder) {
				slices.SortFunc(own, inOrder)
			}
			if done++; done%64 == 0 {
				r.Report(finding.Progress{Stage: "siting", Done: done, Total: len(of)})
			}
			return each(sites[k], own)
		})
	})
}

// hubs are the sites that infuse, and for each candidate those within the limit,
// the spec's unless another is given, +Inf for however far.
func (r *sited) hubs(ctx context.Context, within float64) (*site.Hubs, []int, error) {
	h := r.Spec.Siting.Hub
	if h == nil {
		return nil, nil, nil
	}
	of := ground.Goals(r.Sites)
	rule := &site.Hubs{InRange: make([][]site.Link, len(r.Candidates)), Count: len(of), Each: h.SpokesPerHub}
	q := travel.Query{Places: make([]travel.Stop, len(r.Candidates)), Sites: make([]travel.Stop, len(of)),
		Lengths: h.WithinKm > 0}
	anyhow := math.IsInf(within, 1)
	if limit := cmp.Or(within, h.WithinMin); limit > 0 {
		q.Limit = []travel.Seconds{travel.FromMinutes(limit)}
	}
	for i := range r.Candidates {
		q.Places[i] = r.Candidates[i].Stop
	}
	for k, j := range of {
		q.Sites[k] = r.Sites[j].Stop
	}
	err := r.Engine.Sweep(ctx, q, func(k int, legs []travel.Leg) error {
		for _, l := range legs {
			if h.WithinKm > 0 && !anyhow && !(l.Length.Kilometres() <= h.WithinKm) {
				continue // an unknown length is not within
			}
			if r.Candidates[l.Place].Group == r.Sites[of[k]].Group {
				rule.InRange[l.Place] = append(rule.InRange[l.Place], site.Link{Hub: int32(k), Time: float64(l.Time)})
			}
		}
		return nil
	})
	return rule, of, err
}

// worth is what a travel time is worth under the goal, per unit of the weights.
func (r *sited) worth(c *ground.Curve) (worth func(travel.Seconds) float64, weight []float64, unit string) {
	g := r.Spec.Siting
	limit := spec.Filled(*g).WithinMin
	switch g.Goal {
	case "treated":
		if c == nil {
			c = &r.Model.Curves[0]
		}
		if math.IsNaN(c.P0) {
			return func(travel.Seconds) float64 { return 0 }, r.Model.Eligible, "treated patients a year"
		}
		return func(t travel.Seconds) float64 { return c.Likelihood(c.P0, t) }, r.Model.Eligible, "treated patients a year"
	case "covered":
		within := travel.FromMinutes(limit)
		return func(t travel.Seconds) float64 {
			if t <= within {
				return 1
			}
			return 0
		}, r.People, fmt.Sprintf("people within %g minutes", limit)
	case "kolm_pollak":
		// The cost that falls on people in proportion to exp(κt): the worse-off count
		// more (Kolm-Pollak; scaled so that an hour is 1).
		k := spec.Filled(*g).Aversion
		return func(t travel.Seconds) float64 { return -math.Exp(k * (t.Minutes() - 60)) }, r.People,
			fmt.Sprintf("Kolm-Pollak, exp(%g·(minutes − 60)) over people", k)
	case "fgt":
		power := 2.0
		if g.Power != nil {
			power = *g.Power
		}
		return func(t travel.Seconds) float64 {
			if t.Minutes() <= limit {
				return 0
			}
			return -math.Pow((t.Minutes()-limit)/limit, power)
		}, r.People, fmt.Sprintf("FGT of power %g beyond %g minutes, over people", power, limit)
	}
	return func(t travel.Seconds) float64 { return -t.Minutes() / r.Total }, r.People, "minutes off the mean"
}

// favoured multiplies the weights of those whom the study favours.
func (r *sited) favoured(weight []float64) []float64 {
	f := r.Spec.Siting.Favour
	if f == nil {
		return weight
	}
	out, times := slices.Clone(weight), spec.Filled(*f).Times
	for i, in := range r.favour {
		if in {
			out[i] *= times
		}
	}
	return out
}

// favourites are the share of people with the highest or lowest values of a
// field, or of today's minutes.
func (r *sited) favourites(field, end string, share float64) ([]bool, error) {
	value := r.Ways.Minutes
	if field != "time_min" {
		v, err := r.Ranks(field)
		if err != nil {
			return nil, fmt.Errorf("siting.favour.field: %w", err)
		}
		value = v
	}
	sign := -1.0
	if end == "lowest" {
		sign = 1
	}
	signed := make([]float64, len(value))
	for i, v := range value {
		signed[i] = sign * v
	}
	edge := access.NewWeighted(signed, r.People).Quantile(cmp.Or(share, spec.Filled(spec.FavourSpec{}).Share))
	out := make([]bool, len(value))
	for i, v := range signed {
		out[i] = v <= edge // a missing value is not favoured
	}
	return out, nil
}

// burdens states the choice for the hours of the journey: every stage of every
// place is a place of the problem, served by the nearest site with its role.
// Who would no longer relocate is not counted.
func (r *sited) burdens(p *plan, speed float64) *site.Problem {
	of := finding.Of[*measure.Journeys](r.Study)
	stages := of.Course.Stages
	n := len(r.People)
	out := &site.Problem{Pick: r.Spec.Siting.Pick, Hubs: p.hubs, Offers: make([][]site.Offer, len(p.legs)),
		Weight: make([]float64, n*len(stages)), Now: make([]float64, n*len(stages))}
	hours := func(t travel.Seconds) float64 { return -2 * float64(t) / 3600 / speed }
	for k, s := range stages {
		for i, w := range of.ByRole[s.Role] {
			t := w.Time
			if math.IsInf(float64(t), 1) {
				t = fallback
			}
			at := k*n + i
			out.Now[at] = hours(t)
			if !s.Remote {
				out.Weight[at] = r.People[i] * s.Visits / r.Total
			}
		}
	}
	for j, legs := range p.legs {
		c := &r.Candidates[j]
		for k, s := range stages {
			if !c.Has(s.Role) && !c.Has("infuse") {
				continue
			}
			for _, l := range legs {
				if at := k*n + int(l.Place); hours(l.Time) > out.Now[at] {
					out.Offers[j] = append(out.Offers[j], site.Offer{Place: int32(at), Worth: hours(l.Time)})
				}
			}
		}
	}
	return out
}

// tooLarge is a cost that is no number: the study's own is refused; that of a draw,
// of other units or of closed centers has no value.
type tooLarge struct{ *spec.SpecError }

func (e tooLarge) Unwrap() error { return e.SpecError }

// noPlan says why the places and candidates allow no plan.
type noPlan string

func (e noPlan) Error() string { return string(e) }

// CannotBe reports whether a siting has no plan, for its rules or its costs.
func CannotBe(err error) bool {
	var rules *site.Infeasible
	var costs tooLarge
	var none noPlan
	return errors.As(err, &rules) || errors.As(err, &costs) || errors.As(err, &none)
}

// problem states the choice for the goal, with a penalty curve (nil: the
// leading one) and every speed multiplied by speed.
func (r *sited) problem(p *plan, c *ground.Curve, speed float64) (*site.Problem, string, error) {
	g := r.Spec.Siting
	if g.Goal == "burden" {
		return r.burdens(p, speed), "hours of travel of a course, mean over people", nil
	}
	out := &site.Problem{Pick: g.Pick, Hubs: p.hubs, Offers: make([][]site.Offer, len(p.legs))}
	worth, weight, unit := r.worth(c)
	if f := g.Favour; f != nil {
		unit += fmt.Sprintf(", the favoured counting %g times", spec.Filled(*f).Times)
	}
	out.Weight = r.favoured(weight)
	factor := travel.Seconds(1 / speed)
	out.Now = make([]float64, len(p.now))
	for i, t := range p.now {
		if math.IsInf(float64(t), 1) {
			t = fallback
		}
		out.Now[i] = worth(t * factor)
		if math.IsInf(out.Now[i]*max(1, out.Weight[i]*float64(len(p.now))), 0) {
			return nil, "", tooLarge{&spec.SpecError{Field: "siting.goal",
				Problem: fmt.Sprintf("%s of place %s, %.4g minutes from its center, is too large to be a number", unit, r.Places.ID(i), (t * factor).Minutes()),
				Accept:  "a smaller siting.aversion or siting.power, or mean_time"}}
		}
	}
	credit := 1.0
	if g.SpokeCredit != nil {
		credit = *g.SpokeCredit
	}
	_ = travel.Spread(context.Background(), len(p.legs), 1, func(j, _ int) {
		offers, share := make([]site.Offer, len(p.legs[j])), 1.0
		if !r.Candidates[j].Has("infuse") {
			share = credit
			if g.SpokeCredit == nil {
				share = 0
			}
		}
		for k, l := range p.legs[j] {
			v := worth(l.Time * factor)
			now := out.Now[l.Place]
			offers[k] = site.Offer{Place: l.Place, Worth: now + share*(v-now)}
		}
		out.Offers[j] = offers
	})
	return out, unit, nil
}
