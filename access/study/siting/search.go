package siting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

// search is what the solver found of a siting, and what it proved.
type search struct {
	rules    site.Rules
	instance *site.Instance
	solution site.Solution
	stages   []site.Stage
	ahead    func()      // begins sizes, which the stages ask for once the plan is found
	sizes    *site.Sizes // nil: not begun
	sought
	beside
	several
}

// sought is what the solver makes small.
type sought struct {
	nothing float64 // cost of opening nothing; +Inf where places must be served
	minimum bool    // the goal is the cost itself: minutes, or a number of sites
	unit    string  // of that cost
	scale   float64 // see plan
	local   bool    // improved by exchanges, without a bound
	method  string  // how, where it is
}

// beside is what else could be opened, and what would then be.
type beside struct {
	regret     []float64 // by candidate; nil where the goal has none
	others     []site.Alternative
	stress     stress
	frontier   []front
	hubCurve   []hubLimit
	contenders []contender // the plan first, then those nearly as good, over the draws
}

// several is what a plan for several goals gains by each.
type several struct {
	goals           []goalGain
	objectiveGap    float64
	objectiveProven bool
}

// gained turns a cost into a gain, where gains are counted.
func (s *search) gained(cost float64) float64 {
	if s.minimum {
		return math.NaN()
	}
	if math.IsInf(s.nothing, 1) {
		return -cost
	}
	return s.nothing - cost
}

// verdict says of a candidate what is proven.
func (s *search) verdict(j int) string {
	switch {
	case s.solution.Always(j):
		return "always"
	case s.solution.Never(j):
		return "never"
	}
	return ""
}

func (s *search) summarize(out *finding.SitingSummary) {
	x := s.solution
	out.Proven, out.Stopped = x.Proven, x.Stopped
	out.Method = "branch and bound on a Lagrangian bound"
	switch {
	case x.Proven:
		out.Method += "; proven best"
	case x.Stopped == site.Cancelled:
		out.Method += "; stopped before it was proven, the best plan so far"
	}
	if s.goals != nil {
		out.Method = "branch and bound on a Lagrangian bound, for several goals; " + s.proofOfSeveral()
	}
	if s.local {
		out.Method = s.method
	}
	if s.minimum {
		// A cost is 0 or more: a bound below that, or above the cost by rounding, says
		// no more than they do.
		cost := finding.Num(x.Cost)
		out.Value, out.Bound, out.Unit, out.Gain = cost, finding.Num(math.Max(0, math.Min(x.Bound, x.Cost))), s.unit, finding.Num(math.NaN())
		if math.IsNaN(x.Bound) || math.IsInf(x.Bound, 0) {
			out.Bound = finding.Num(math.NaN())
		}
		if math.IsNaN(x.Cost) || math.IsInf(x.Cost, 0) {
			out.Value, out.NoCost = finding.Num(math.NaN()), "nobody has a time, or all minutes are 0: "+s.unit+" has no value"
		}
		out.Gap = 0 // where the cost is 0 nothing is better
		if x.Cost > 0 {
			out.Gap = (cost - out.Bound) / cost
		}
		return
	}
	b := math.Max(s.gained(x.Bound), s.gained(x.Cost)) // below what is gained only by rounding
	if x.Proven {
		b = s.gained(x.Cost) // to a billionth of the cost, which may be more than all that is gained
	}
	if out.Bound = finding.Num(b); b != 0 {
		out.Gap = finding.Num((b - s.gained(x.Cost)) / math.Abs(b))
	}
	if x.Proven {
		out.Gap = 0
	}
}

// rules are those of the spec, by index.
func (r *sited) rules(p *plan) (site.Rules, error) {
	g := r.Spec.Siting
	rules := site.Rules{Pick: g.Pick, Hubs: p.hubs, Budget: g.Budget}
	if err := r.ruleNamed(&rules); err != nil {
		return rules, err
	}
	if g.AtMost > 0 || len(g.AtLeast) > 0 {
		if err := r.ruleRegions(&rules); err != nil {
			return rules, err
		}
	}
	if err := r.ruleColumns(&rules); err != nil {
		return rules, err
	}
	_, weight, _ := r.worth(nil)
	if g.Capacity != "" {
		r.ruleCapacity(&rules, p, weight)
	}
	if g.LeastServed > 0 {
		rules.Volume, rules.Least = weight, slices.Repeat([]float64{g.LeastServed}, len(r.Candidates))
	}
	if g.ApartKm > 0 {
		if err := r.ruleApart(&rules); err != nil {
			return rules, err
		}
	}
	return rules, nil
}

// ruleNamed takes the candidates that are forced and those that are never opened.
func (r *sited) ruleNamed(rules *site.Rules) error {
	g := r.Spec.Siting
	index := map[string]int{}
	for j, c := range r.Candidates {
		index[c.ID] = j
	}
	for _, list := range []struct {
		name string
		ids  []string
		to   *[]int
	}{{"forced", g.Forced, &rules.Forced}, {"never", g.Never, &rules.Never}} {
		if len(list.ids) > 0 {
			if err := ground.Identify("siting."+list.name, r.CandLayer, list.ids); err != nil {
				return err
			}
		}
		for _, id := range list.ids {
			j, ok := index[id]
			if !ok {
				near := geo.Like(id, slices.Sorted(maps.Keys(index)))
				if near != "" {
					near = fmt.Sprintf("; did you mean %q?", near)
				}
				return fmt.Errorf("siting.%s: there is no candidate %q%s", list.name, id, near)
			}
			if slices.Contains(*list.to, j) {
				return fmt.Errorf("siting.%s: %s stands twice", list.name, id)
			}
			*list.to = append(*list.to, j)
		}
	}
	return nil
}

// ruleRegions takes how many sites a region has at most and at least.
func (r *sited) ruleRegions(rules *site.Rules) error {
	g := r.Spec.Siting
	rules.Region = make([]int32, len(r.Candidates))
	for j, c := range r.Candidates {
		rules.Region[j] = int32(c.Region)
	}
	rules.AtMost, rules.AtLeast = slices.Repeat([]int{-1}, r.Regions.Len()), make([]int, r.Regions.Len())
	if g.AtMost > 0 {
		rules.AtMost = slices.Repeat([]int{g.AtMost}, r.Regions.Len())
	}
	if len(g.AtLeast) > 0 {
		if err := ground.Identify("siting.at_least", r.Regions, slices.Sorted(maps.Keys(g.AtLeast))); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(g.AtLeast)) {
		row, ok := r.Regions.Find(id)
		if !ok {
			return fmt.Errorf("siting.at_least: there is no region %q", id)
		}
		rules.AtLeast[row] = g.AtLeast[id]
	}
	return nil
}

// ruleColumns takes what stands in columns of the candidates.
func (r *sited) ruleColumns(rules *site.Rules) error {
	g := r.Spec.Siting
	for _, f := range []struct {
		name, field string
		to          *[]float64
	}{{"price", g.Price, &rules.Price}, {"fee", g.Fee, &rules.SiteFee}, {"capacity", g.Capacity, &rules.Capacity}} {
		if f.field == "" {
			continue
		}
		v, err := r.Amounts(r.CandLayer, f.field)
		if err != nil {
			return fmt.Errorf("siting.%s: %w", f.name, err)
		}
		*f.to = v
	}
	return nil
}

// ruleCapacity lets capacities bind, unless no candidate could ever be full.
func (r *sited) ruleCapacity(rules *site.Rules, p *plan, weight []float64) {
	rules.Demand = weight
	binds := false
	for j, legs := range p.legs {
		var most float64
		for _, l := range legs {
			most += weight[l.Place]
		}
		binds = binds || rules.Capacity[j] < most
	}
	if !binds && len(r.Sites) > 0 {
		r.Note("siting.room")
		rules.Demand, rules.Capacity = nil, nil
	}
}

// ruleApart takes the pairs of candidates that are too close to open both.
func (r *sited) ruleApart(rules *site.Rules) error {
	g := r.Spec.Siting
	for _, c := range r.Candidates {
		if !c.Located {
			return fmt.Errorf("siting.apart_km: candidate %s has no location", c.Label())
		}
	}
	access.Pairs(ground.Points(r.Candidates), geo.Metres(1000*g.ApartKm), func(a, b int, d geo.Metres) {
		if d.Kilometres() < g.ApartKm {
			rules.Apart = append(rules.Apart, [2]int{a, b})
		}
	})
	return nil
}

// solve looks for the best plan under the rules, and for a bound of every other.
func (r *sited) solve(ctx context.Context, p *plan, problem *site.Problem) error {
	g := r.Spec.Siting
	rules, err := r.rules(p)
	if err != nil {
		return err
	}
	s := &search{rules: rules, sought: sought{minimum: spec.In(g.Goal, "worst_time", "all_covered")}}
	p.scale = r.scale(problem, p)
	s.scale = p.scale
	o := site.Options{Exact: g.Exact, Gap: g.Gap * p.scale, Seed: max(g.Seed, 1)}
	outer, end := context.WithCancel(ctx)
	defer func() {
		if end(); s.sizes != nil {
			s.sizes.Wait()
		}
	}()
	ctx, stop := r.untilEnough(outer)
	defer stop()
	s.ahead = func() {
		s.sizes = s.smaller(outer, p, o)
		s.sizes.Ahead(outer)
	}
	where, err := r.lookFor(ctx, s, p, problem, o)
	if gone := outer.Err(); gone != nil {
		return gone
	}
	if err != nil {
		if ctx.Err() != nil {
			return spec.Refused("siting.seconds", "more time, or method: greedy",
				"no plan was found before the search was stopped (%g seconds; 0: no limit)", g.Seconds)
		}
		return r.explained(err, where)
	}
	r.whyNot(p, rules)
	if err := r.adopt(outer, s, p, problem, o); err != nil {
		return err
	}
	p.search = s
	return nil
}

// whyNot leaves of what the greedy plan says against candidates what holds for every
// plan.
func (r *sited) whyNot(p *plan, rules site.Rules) {
	for j := range p.Why {
		if p.hubs == nil || len(p.hubs.InRange[j]) > 0 {
			p.Why[j] = ""
		}
	}
	for _, j := range rules.Never {
		p.Why[j] = "siting.never names it"
	}
}

// untilEnough ends after the seconds that the study gives a search, or when
// whoever waits has enough.
func (r *sited) untilEnough(ctx context.Context) (context.Context, context.CancelFunc) {
	stop := context.CancelFunc(func() {})
	if g := r.Spec.Siting; g.Seconds > 0 {
		ctx, stop = context.WithTimeoutCause(ctx, time.Duration(g.Seconds*float64(time.Second)), site.ErrEnough)
	}
	enough := r.World.Enough
	if enough == nil {
		return ctx, stop
	}
	before := stop
	ctx, cancel := context.WithCancelCause(ctx)
	go func(done <-chan struct{}) {
		select {
		case <-enough:
			cancel(site.ErrEnough)
		case <-done:
		}
	}(ctx.Done())
	return ctx, func() { cancel(nil); before() }
}

// lookFor has the solver that fits the goal look for a plan. where is the place of
// each row of the instance, nil for all in order.
func (r *sited) lookFor(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) (where []int, err error) {
	g := r.Spec.Siting
	better := func(x site.Solution) {
		r.Report(finding.Progress{Stage: fmt.Sprintf(ground.Searching+", within %.2g %% of the best possible", 100*s.share(x))})
	}
	switch {
	case g.Goal == "all_covered":
		where, err = r.cover(ctx, s, p, s.rules)
		if err == nil {
			s.solution, err = site.Solve(ctx, s.instance, o, nil)
		}
		s.unit = fmt.Sprintf("sites, everybody within %g minutes who can be", spec.Filled(*g).WithinMin)
	case g.Goal == "worst_time":
		where = r.inhabited(p)
		if len(r.Sites) == 0 {
			where = r.populated()
		}
		if err := r.waysWithin(ctx, p, math.Inf(1)); err != nil {
			return where, err
		}
		if s.instance, err = r.plainInstance(p, s.rules, where); err == nil {
			s.solution, err = site.Center(ctx, s.instance, o, nil)
		}
		s.unit = "minutes, the longest way"
	case len(r.Sites) == 0:
		s.minimum = true
		err = r.fromNothing(ctx, s, p, o)
	case spec.Local(g.Goal):
		err = r.improve(ctx, s, p, problem, o)
	default:
		if s.instance, err = site.FromOffers(problem, s.rules); err == nil {
			s.nothing = s.instance.Nothing()
			if g.Pick > 0 && g.Seconds == 0 && g.Then == nil && len(g.Also) == 0 && s.rules.Capacity == nil {
				s.ahead()
			}
			s.solution, err = site.Solve(ctx, s.instance, o, better)
		}
		if err == nil {
			err = r.several(ctx, s, p, problem, o)
		}
	}
	return where, err
}

// scale turns a gap as a share of the gain into one of the cost, as the solver
// counts it; the greedy plan's gain stands for the gain, so that the share is
// kept at least. It is 1 where the cost is what is sought.
func (r *sited) scale(problem *site.Problem, p *plan) float64 {
	if len(r.Sites) == 0 || spec.In(r.Spec.Siting.Goal, "worst_time", "all_covered") || spec.Local(r.Spec.Siting.Goal) {
		return 1
	}
	gain := problem.Gain(p.Open)
	best := slices.Clone(problem.Now)
	for _, offers := range problem.Offers {
		for _, o := range offers {
			best[o.Place] = math.Max(best[o.Place], o.Worth)
		}
	}
	var ideal float64
	for i, w := range problem.Weight {
		ideal += w * (best[i] - problem.Now[i])
	}
	if !(ideal > gain) || !(gain > 0) {
		return 0
	}
	return gain / (ideal - gain)
}

// share is how far a solution is from its bound, as a share of the gain.
func (s *search) share(x site.Solution) float64 {
	if b := s.gained(x.Bound); b > 0 {
		return math.Max(0, b-s.gained(x.Cost)) / b
	}
	return math.NaN()
}

// mostAlternatives is how many plans are listed beside the best.
const mostAlternatives = 100

// adopt makes the solution the plan: its sites in the order of opening, what each
// adds, and what is proven of the others.
func (r *sited) adopt(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) (err error) {
	g := r.Spec.Siting
	p.Open, p.Gain, p.Hub, p.Short = nil, nil, nil, ""
	if err = r.order(ctx, s, p, o); err != nil {
		return err
	}
	if p.hubs != nil {
		hub, ok := p.hubs.Assign(p.Open)
		if !ok {
			return fmt.Errorf("siting: the plan breaks the rule of hubs, which is a fault of the solver")
		}
		p.Hub = hub
	}
	if n := len(p.Open); g.Pick > 0 && n < g.Pick && !s.minimum {
		p.Short = fmt.Sprintf("after %d of %d sites no candidate gains anything under the rules", n, g.Pick)
	}
	if s.minimum {
		return nil
	}
	if s.stress, err = r.stress(ctx, s, p, o); err != nil {
		return err
	}
	if err := r.pareto(ctx, s, p, o); err != nil {
		return err
	}
	if err := r.hubRange(ctx, s, p, problem, o); err != nil {
		return err
	}
	s.contenders = r.rivals(s, p)
	return nil
}

// order puts the sites of a solution in the order of opening and says what each
// adds, and which plans beside it are nearly as good. A goal that is the cost
// itself has no such order, and neither has a plan under capacities.
func (r *sited) order(ctx context.Context, s *search, p *plan, o site.Options) error {
	x := s.solution
	if s.minimum {
		p.Open = x.Open
		p.Gain = ground.NaNs(len(x.Open))
		return nil
	}
	if s.rules.Capacity != nil {
		p.Open = x.Open
		p.Gain = ground.NaNs(len(x.Open))
	} else if err := s.rollOut(ctx, p, o); err != nil {
		return err
	}
	share := spec.Filled(*r.Spec.Siting).Alternatives
	if gain := s.nothing - x.Cost; gain > 0 && s.rules.Capacity == nil && s.goals == nil {
		if x.Cost > 0 {
			share *= gain / x.Cost
		}
		others, all, err := s.instance.Alternatives(ctx, x.Open, share, mostAlternatives)
		if err != nil {
			return err
		}
		if s.others = others; all > mostAlternatives {
			r.Note("siting.alternatives", "n", all, "shown", mostAlternatives)
		}
	}
	if x.Use != nil {
		s.regret = make([]float64, len(x.Use))
		for j, use := range x.Use {
			s.regret[j] = math.Max(0, use-x.Cost)
		}
	}
	return nil
}

// smaller are the best plans of fewer sites, well enough for stages.
func (s *search) smaller(ctx context.Context, p *plan, o site.Options) *site.Sizes {
	o.Exact, o.Gap = false, math.Max(o.Gap, 1e-4*p.scale)
	return site.NewSizes(ctx, s.instance, o)
}

// rollOut is the order in which the sites gain most as they open.
func (s *search) rollOut(ctx context.Context, p *plan, o site.Options) (err error) {
	if s.sizes == nil {
		s.sizes = s.smaller(ctx, p, o)
	}
	if s.stages, err = site.Rollout(ctx, s.solution, s.sizes); err != nil {
		return err
	}
	before := s.nothing
	for _, st := range s.stages {
		p.Open, p.Gain = append(p.Open, st.Site), append(p.Gain, before-st.Cost)
		before = st.Cost
	}
	return nil
}

// rivals are the plan and those nearly as good, which the draws compare.
func (r *sited) rivals(s *search, p *plan) []contender {
	out := []contender{{name: "the plan", open: p.Open}}
	for _, a := range s.others[:min(len(s.others), 8)] {
		in, left := r.Candidates[a.In], r.Candidates[a.Out]
		name := fmt.Sprintf("%s instead of %s", cmp.Or(in.Name, in.ID), cmp.Or(left.Name, left.ID))
		out = append(out, contender{name: name, open: a.Open})
	}
	for _, f := range s.frontier {
		if !sameSites(f.open, p.Open) {
			out = append(out, contender{name: fmt.Sprintf("the favoured count %g times", f.times), open: f.open})
		}
	}
	return out
}

// explained names the place, site or region that an impossible siting is about.
func (r *sited) explained(err error, where []int) error {
	var named *spec.SpecError
	if errors.As(err, &named) {
		return err // which names its field
	}
	var e *site.Infeasible
	if !errors.As(err, &e) {
		return fmt.Errorf("siting: %w", err)
	}
	about := ""
	if e.Place >= 0 {
		i := e.Place
		if where != nil {
			i = where[i]
		}
		about += fmt.Sprintf(" (place %s)", r.Places.ID(i))
	}
	if e.Site >= 0 {
		about += fmt.Sprintf(" (candidate %s)", r.Candidates[e.Site].Label())
	}
	if e.Region >= 0 && r.Regions != nil {
		about += fmt.Sprintf(" (region %s)", r.Regions.ID(e.Region))
	}
	return fmt.Errorf("siting cannot be done: %w%s", err, about)
}
