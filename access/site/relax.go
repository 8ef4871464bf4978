package site

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Relaxation is a change of one rule that would allow a plan, the others as
// they are.
type Relaxation struct {
	Rule         string  // as in Infeasible
	Limit, Needs float64 // of the rule now, and what would do; NaN: it would have to go
	Least        bool    // nothing less would do; false: nothing less was found
	Message      string
}

// unserved is the error of an instance that is proven to have no plan, with the
// relaxations that would do, each by itself.
func (in *Instance) unserved(ctx context.Context) error {
	e := infeasible("together", math.NaN(), math.NaN(), "no set of sites keeps all the rules and serves every place that must be served")
	if in.volumes != nil {
		return e // a question about another instance
	}
	e.Would = in.relaxations(ctx)
	if len(e.Would) == 0 {
		e.Message += "; no change of one rule was found that would do"
		return e
	}
	if len(e.Would) == 1 && e.Would[0].Least {
		w := e.Would[0]
		e.Rule, e.Limit, e.Needs = w.Rule, w.Limit, w.Needs
	}
	var would []string
	for _, w := range e.Would {
		would = append(would, w.Message)
	}
	e.Message += "; what would do: " + strings.Join(would, ", or ")
	return e
}

// relaxations tries each rule that there is: how little more of it would do, or
// whether leaving it out would.
func (in *Instance) relaxations(ctx context.Context) (out []Relaxation) {
	r := &in.rules
	if r.Pick > 0 {
		if n, least, ok := in.fewest(ctx, filled(in.sites, 1), func(r *Rules) { r.Pick = 0 }); ok {
			out = append(out, Relaxation{"pick", float64(r.Pick), n, least, fmt.Sprintf("%v sites (%d may be open)", n, r.Pick)})
		}
	}
	if r.Price != nil {
		if v, least, ok := in.fewest(ctx, r.Price, func(r *Rules) { r.Price, r.Budget = nil, 0 }); ok {
			out = append(out, Relaxation{"budget", r.Budget, v, least, fmt.Sprintf("a budget of %v (%v is given)", v, r.Budget)})
		}
	}
	if r.Least != nil {
		scaled := func(share float64) func(*Rules) {
			return func(r *Rules) { r.Least = times(r.Least, share) }
		}
		if share, ok := in.bisect(ctx, 1, 0, scaled); ok {
			most := slices.Max(r.Least)
			out = append(out, Relaxation{"volume", most, most * share, false, fmt.Sprintf("least volumes of %.2g of those asked for (the greatest %.4g instead of %.4g)", share, most*share, most)})
		}
	}
	if r.Capacity != nil {
		scaled := func(share float64) func(*Rules) {
			return func(r *Rules) { r.Capacity = times(r.Capacity, share) }
		}
		for high := 2.0; high <= 64; high *= 2 {
			if share, ok := in.bisect(ctx, high/2, high, scaled); ok {
				out = append(out, Relaxation{"capacity", 1, share, false, fmt.Sprintf("%.3g times the capacities", share)})
				break
			}
		}
	}
	if h := r.Hubs; h != nil && h.Each > 0 {
		for each := h.Each + 1; each <= in.sites; each *= 2 {
			if in.fits(ctx, func(r *Rules) { wide := *h; wide.Each = each; r.Hubs = &wide }) != possible {
				continue
			}
			least := max(h.Each+1, each/2+1)
			for least < each && in.fits(ctx, func(r *Rules) { wide := *h; wide.Each = (least + each) / 2; r.Hubs = &wide }) == possible {
				each = (least + each) / 2
			}
			out = append(out, Relaxation{"hubs", float64(h.Each), float64(each), false, fmt.Sprintf("%d spokes a hub (%d are allowed)", each, h.Each)})
			break
		}
	}
	for _, rule := range []struct {
		name, says string
		there      bool
		drop       func(*Rules)
	}{
		{"hubs", "no rule of hubs", r.Hubs != nil, func(r *Rules) { r.Hubs = nil }},
		{"apart", "no least distance between sites", len(r.Apart) > 0, func(r *Rules) { r.Apart = nil }},
		{"region", "no least number of sites in regions", r.AtLeast != nil, func(r *Rules) { r.AtLeast = nil }},
		{"region", "no largest number of sites in regions", r.AtMost != nil, func(r *Rules) { r.AtMost = nil }},
		{"pick", "no sites that must be open", len(r.Forced) > 0, func(r *Rules) { r.Forced = nil }},
		{"pick", "no sites that may not be open", len(r.Never) > 0, func(r *Rules) { r.Never = nil }},
	} {
		if rule.there && !slices.ContainsFunc(out, func(w Relaxation) bool { return w.Rule == rule.name && rule.name == "hubs" }) && in.fits(ctx, rule.drop) == possible {
			out = append(out, Relaxation{rule.name, math.NaN(), math.NaN(), false, rule.says})
		}
	}
	return out
}

func times(v []float64, share float64) []float64 {
	out := slices.Clone(v)
	for i := range out {
		out[i] *= share
	}
	return out
}

// bisect is the factor nearest to no, at which there is no plan, that allows
// one, to a sixty-fourth of the way to yes; ok is false if yes does not either.
func (in *Instance) bisect(ctx context.Context, no, yes float64, change func(float64) func(*Rules)) (share float64, ok bool) {
	if in.fits(ctx, change(yes)) != possible {
		return 0, false
	}
	for range 6 {
		if mid := (no + yes) / 2; in.fits(ctx, change(mid)) == possible {
			yes = mid
		} else {
			no = mid
		}
	}
	return yes, true
}

// bare is the instance in which only that a place is served matters: sites cost
// fee, ways nothing.
func (in *Instance) bare(fee []float64, change func(*Rules)) *Instance {
	cover := *in
	cover.volumes = in
	cover.rules.SiteFee = fee
	change(&cover.rules)
	cover.cost = make([]float64, len(in.cost))
	cover.fallback = make([]float64, len(in.fallback))
	cover.integral = true
	for _, f := range fee {
		cover.whole(f)
	}
	for i, f := range in.fallback {
		if math.IsInf(f, 1) {
			cover.fallback[i] = f
		}
	}
	if cover.rules.Capacity == nil {
		return cover.dominated()
	}
	return &cover
}

// effort bounds each question about a changed rule.
var effort = Options{Nodes: 500}

// fewest is the least sum of fees with which the changed rules can be kept, and
// whether that is proven.
func (in *Instance) fewest(ctx context.Context, fee []float64, change func(*Rules)) (sum float64, least, ok bool) {
	got, err := Solve(ctx, in.bare(fee, change), effort, nil)
	return got.Cost, got.Proven, err == nil
}

// fits asks whether the changed rules can be kept.
func (in *Instance) fits(ctx context.Context, change func(*Rules)) int {
	bare := in.bare(nil, change)
	_, err := Solve(ctx, bare, effort, nil)
	switch e := (*Infeasible)(nil); {
	case err == nil:
		return possible
	case errors.As(err, &e):
		return hopeless
	}
	return unknown
}
