package study

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"careshed/access"
	"careshed/access/site"
	"careshed/geo"
	"careshed/geo/travel"
)

// search is what the solver found of a siting, and what it proved.
type search struct {
	instance *site.Instance
	solution site.Solution
	stages   []site.Stage
	nothing  float64   // cost of opening nothing; +Inf where places must be served
	regret   []float64 // by candidate; nil where the goal has none
	others   []site.Alternative
	closures []closure
	frontier []front
	hubCurve []hubLimit
	minimum  bool   // the goal is the cost itself: minutes, or a number of sites
	unit     string // of that cost

	contenders []contender // the plan first, then those nearly as good, over the draws
}

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

func (s *search) summarize(out *SitingSummary) {
	x := s.solution
	out.Proven, out.Stopped = x.Proven, x.Stopped
	out.Method = "branch and bound on a Lagrangian bound"
	switch {
	case x.Proven:
		out.Method += "; proven best"
	case x.Stopped == site.Cancelled:
		out.Method += "; stopped at the time limit, the best plan so far"
	}
	if s.minimum {
		out.Value, out.Bound, out.Unit, out.Gain = Num(x.Cost), Num(x.Bound), s.unit, Num(math.NaN())
		if x.Cost > 0 {
			out.Gap = Num((x.Cost - x.Bound) / x.Cost)
		}
		return
	}
	out.Bound = Num(s.gained(x.Bound))
	if b := s.gained(x.Bound); b != 0 {
		out.Gap = Num(math.Max(0, b-s.gained(x.Cost)) / math.Abs(b))
	}
	if x.Proven {
		out.Gap = 0
	}
}

// rules are those of the spec, by index.
func (r *run) rules(p *plan) (site.Rules, error) {
	g := r.spec.Siting
	rules := site.Rules{Pick: g.Pick, Hubs: p.hubs}
	index := map[string]int{}
	for j, c := range r.candidates {
		index[c.ID] = j
	}
	for _, list := range []struct {
		name string
		ids  []string
		to   *[]int
	}{{"forced", g.Forced, &rules.Forced}, {"never", g.Never, &rules.Never}} {
		for _, id := range list.ids {
			j, ok := index[id]
			if !ok {
				near := Nearest(id, sorted(index))
				if near != "" {
					near = fmt.Sprintf("; did you mean %q?", near)
				}
				return rules, fmt.Errorf("siting.%s: there is no candidate %q%s", list.name, id, near)
			}
			*list.to = append(*list.to, j)
		}
	}
	if g.AtMost > 0 || len(g.AtLeast) > 0 {
		rules.Region = make([]int32, len(r.candidates))
		for j, c := range r.candidates {
			rules.Region[j] = int32(c.region)
		}
		rules.AtMost, rules.AtLeast = slices.Repeat([]int{-1}, r.regions.Len()), make([]int, r.regions.Len())
		if g.AtMost > 0 {
			rules.AtMost = slices.Repeat([]int{g.AtMost}, r.regions.Len())
		}
		for _, id := range sorted(g.AtLeast) {
			row, ok := r.regions.Find(id)
			if !ok {
				return rules, fmt.Errorf("siting.at_least: there is no region %q", id)
			}
			rules.AtLeast[row] = g.AtLeast[id]
		}
	}
	for _, f := range []struct {
		name, field string
		to          *[]float64
	}{{"price", g.Price, &rules.Price}, {"fee", g.Fee, &rules.SiteFee}, {"capacity", g.Capacity, &rules.Capacity}} {
		if f.field == "" {
			continue
		}
		v, err := amounts(r.candLayer, f.field)
		if err != nil {
			return rules, fmt.Errorf("siting.%s: %w", f.name, err)
		}
		*f.to = v
	}
	rules.Budget = g.Budget
	_, weight, _ := r.worth(nil)
	if g.Capacity != "" {
		rules.Demand = weight
	}
	if g.LeastServed > 0 {
		rules.Volume, rules.Least = weight, slices.Repeat([]float64{g.LeastServed}, len(r.candidates))
	}
	if g.ApartKm > 0 {
		access.Pairs(points(r.candidates), geo.Metres(1000*g.ApartKm), func(a, b int, d geo.Metres) {
			if d.Kilometres() < g.ApartKm {
				rules.Apart = append(rules.Apart, [2]int{a, b})
			}
		})
	}
	return rules, nil
}

// solve looks for the best plan under the rules, and for a bound of every other.
func (r *run) solve(ctx context.Context, p *plan, problem *site.Problem) error {
	g := r.spec.Siting
	rules, err := r.rules(p)
	if err != nil {
		return err
	}
	s := &search{minimum: in(g.Goal, "worst_time", "all_covered")}
	o := site.Options{Exact: g.Exact, Gap: g.Gap, Seed: max(g.Seed, 1)}
	if g.Seconds > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, time.Duration(g.Seconds*float64(time.Second)))
		defer stop()
	}
	outer := ctx
	better := func(x site.Solution) {
		r.report(Progress{Stage: fmt.Sprintf("siting, within %.2g %% of the best possible", 100*s.share(x))})
	}
	var where []int // place of each row of the instance, nil for all in order
	switch {
	case g.Goal == "all_covered":
		where, err = r.cover(s, p, rules)
		if err == nil {
			s.solution, err = site.Solve(ctx, s.instance, o, nil)
		}
		s.unit = fmt.Sprintf("sites, everybody within %g minutes who can be", orFloat(g.WithinMin, 120))
	case g.Goal == "worst_time":
		where = r.inhabited(p)
		if len(r.sites) == 0 {
			where = r.populated()
		}
		if s.instance, err = r.plainInstance(p, rules, where); err == nil {
			s.solution, err = site.Center(ctx, s.instance, o, nil)
		}
		s.unit = "minutes, the longest way"
	case len(r.sites) == 0:
		s.minimum = true
		if s.instance, s.unit, err = r.fromNothing(p, rules); err == nil {
			s.solution, err = site.Solve(ctx, s.instance, o, nil)
		}
	default:
		if s.instance, err = site.FromOffers(problem, rules); err == nil {
			s.nothing = s.instance.Nothing()
			s.solution, err = site.Solve(ctx, s.instance, o, better)
		}
	}
	if err != nil {
		return r.explained(err, where)
	}
	if err := r.adopt(outer, s, p, problem, o); err != nil {
		return err
	}
	p.search = s
	return nil
}

// share is how far a solution is from its bound, as a share of the gain.
func (s *search) share(x site.Solution) float64 {
	if b := s.gained(x.Bound); b > 0 {
		return math.Max(0, b-s.gained(x.Cost)) / b
	}
	return math.NaN()
}

// adopt makes the solution the plan: its sites in the order of opening, what each
// adds, and what is proven of the others.
func (r *run) adopt(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) (err error) {
	g := r.spec.Siting
	x := s.solution
	p.Open, p.Gain, p.Hub, p.Short = nil, nil, nil, ""
	if s.minimum {
		p.Open = x.Open
		p.Gain = nans(len(x.Open))
	} else {
		if g.Capacity != "" {
			p.Open = x.Open
			p.Gain = nans(len(x.Open))
		} else {
			quick := o
			quick.Exact, quick.Gap = false, math.Max(o.Gap, 1e-4)
			if s.stages, err = site.Rollout(ctx, s.instance, x.Open, quick); err != nil {
				return err
			}
			if n := len(s.stages); n == len(x.Open) && n > 0 && s.stages[n-1].Bound < x.Bound {
				s.stages[n-1].Bound = x.Bound
			}
			before := s.nothing
			for _, st := range s.stages {
				p.Open, p.Gain = append(p.Open, st.Site), append(p.Gain, before-st.Cost)
				before = st.Cost
			}
		}
		share := orFloat(g.Alternatives, 0.01)
		if gain := s.nothing - x.Cost; gain > 0 && x.Cost > 0 && g.Capacity == "" {
			s.others = s.instance.Alternatives(x.Open, share*gain/x.Cost)
		}
		if x.Use != nil {
			s.regret = make([]float64, len(x.Use))
			for j, use := range x.Use {
				s.regret[j] = math.Max(0, use-x.Cost)
			}
		}
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
	if s.closures, err = r.stress(ctx); err != nil {
		return err
	}
	if err := r.pareto(ctx, s, p, o); err != nil {
		return err
	}
	if err := r.hubRange(ctx, s, p, problem, o); err != nil {
		return err
	}
	s.contenders = []contender{{name: "the plan", open: p.Open}}
	for _, a := range s.others[:min(len(s.others), 8)] {
		s.contenders = append(s.contenders, contender{name: fmt.Sprintf("%s instead of %s", r.candidates[a.In].ID, r.candidates[a.Out].ID), open: a.Open})
	}
	for _, f := range s.frontier {
		if !sameSites(f.open, p.Open) {
			s.contenders = append(s.contenders, contender{name: fmt.Sprintf("the favoured count %g times", f.times), open: f.open})
		}
	}
	return nil
}

func sameSites(a, b []int) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// hubRange solves the siting anew for other limits between spoke and hub.
func (r *run) hubRange(ctx context.Context, s *search, p *plan, problem *site.Problem, o site.Options) error {
	h := r.spec.Siting.Hub
	if h == nil || len(h.Curve) == 0 {
		return nil
	}
	for _, limit := range h.Curve {
		rule, _, err := r.hubs(ctx, limit)
		if err != nil {
			return err
		}
		rules, err := r.rules(&plan{hubs: rule})
		if err != nil {
			return err
		}
		other := *problem
		other.Hubs = rule
		in, err := site.FromOffers(&other, rules)
		if err != nil {
			return err
		}
		point := hubLimit{minutes: limit, gain: math.NaN(), gap: math.NaN()}
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

// ties are the candidates that could stand in for a site of the plan at hardly
// any loss: less than a thousandth of the whole gain.
func (s *search) ties(r *run, j int) string {
	text := ""
	gain := s.nothing - s.solution.Cost
	for _, a := range s.others {
		if a.Out == j && a.Cost-s.solution.Cost <= 1e-3*gain {
			if text != "" {
				text += " "
			}
			text += r.candidates[a.In].ID
		}
	}
	return text
}

// plain are the minutes from places to candidates, as pairs of an instance whose
// rows are the places named by row (-1: left out).
func (p *plan) plain(row []int32) iter.Seq[site.Pair] {
	return func(yield func(site.Pair) bool) {
		for j, legs := range p.legs {
			for _, l := range legs {
				if i := row[l.Place]; i >= 0 && !yield(site.Pair{Place: i, Site: int32(j), Cost: l.Time.Minutes()}) {
					return
				}
			}
		}
	}
}

// inhabited are the places where somebody lives who has a time today; those
// without one are counted apart.
func (r *run) inhabited(p *plan) (where []int) {
	for i, w := range r.people {
		if w > 0 && !math.IsInf(float64(p.now[i]), 1) {
			where = append(where, i)
		}
	}
	return where
}

func rowsOf(where []int, n int) []int32 {
	row := slices.Repeat([]int32{-1}, n)
	for k, i := range where {
		row[i] = int32(k)
	}
	return row
}

// populated are the places where somebody lives.
func (r *run) populated() (where []int) {
	for i, w := range r.people {
		if w > 0 {
			where = append(where, i)
		}
	}
	return where
}

// fromNothing states a siting without centers that are there: everybody must be
// served by what opens, or under covered counts as left out. The cost is that of
// textbooks, weights times costs.
func (r *run) fromNothing(p *plan, rules site.Rules) (*site.Instance, string, error) {
	g := r.spec.Siting
	weight := r.favoured(r.people)
	n := len(weight)
	row := rowsOf(all(n), n)
	shape := site.Shape{Places: n, Sites: len(r.candidates)}
	if g.Goal == "covered" {
		shape.Fallback = weight
		in, err := site.NewInstance(shape, rules, site.Covering(orFloat(g.WithinMin, 120), p.plain(row)))
		return in, fmt.Sprintf("people farther than %g minutes", orFloat(g.WithinMin, 120)), err
	}
	shape.Fallback = slices.Repeat([]float64{math.Inf(1)}, n)
	for i, w := range weight {
		if w == 0 {
			shape.Fallback[i] = 0 // nobody to serve
		}
	}
	cost, unit := func(minutes float64) float64 { return minutes }, "minutes over all people"
	if g.Goal != "mean_time" {
		worth, _, name := r.worth(nil)
		cost, unit = func(minutes float64) float64 { return -worth(travel.FromMinutes(minutes)) }, name
	}
	in, err := site.NewInstance(shape, rules, site.Transformed(weight, cost, p.plain(row)))
	return in, unit, err
}

// plainInstance has the minutes as costs, and today's as fallback.
func (r *run) plainInstance(p *plan, rules site.Rules, where []int) (*site.Instance, error) {
	shape := site.Shape{Places: len(where), Sites: len(r.candidates), Fallback: make([]float64, len(where))}
	for k, i := range where {
		shape.Fallback[k] = p.now[i].Minutes()
	}
	return site.NewInstance(shape, rules, p.plain(rowsOf(where, len(r.people))))
}

// cover asks for the fewest sites that bring everybody within the limit; with
// partial, everybody who can be brought.
func (r *run) cover(s *search, p *plan, rules site.Rules) (where []int, err error) {
	limit := orFloat(r.spec.Siting.WithinMin, 120)
	// The nearest that a place could have, what is there today included.
	nearest := make([]float64, len(r.people))
	for i, t := range p.now {
		nearest[i] = t.Minutes()
	}
	for j, legs := range p.legs {
		if p.Why[j] != "" || slices.Contains(rules.Never, j) {
			continue
		}
		for _, l := range legs {
			nearest[l.Place] = math.Min(nearest[l.Place], l.Time.Minutes())
		}
	}
	beyond, most, first := 0.0, limit, -1
	for i, w := range r.people {
		switch {
		case w == 0 || p.now[i].Minutes() <= limit:
		case nearest[i] <= limit:
			where = append(where, i)
		default:
			if beyond += w; first < 0 {
				first = i
			}
			most = math.Max(most, nearest[i])
		}
	}
	if first >= 0 && !r.spec.Siting.Partial {
		found, would := "no candidate that may open is nearer, and none is there today", "no limit"
		if !math.IsInf(nearest[first], 1) {
			found = fmt.Sprintf("the nearest candidate or center is %.2f minutes away", nearest[first])
		}
		if !math.IsInf(most, 1) {
			would = fmt.Sprintf("a limit of %g", math.Ceil(most*100)/100)
		}
		return nil, fmt.Errorf("place %s cannot be covered: %s and the limit is %g; %s would reach every place (partial: true covers who can be covered, all but %.0f people)",
			r.places.ID(first), found, limit, would, beyond)
	}
	if beyond > 0 {
		r.note("no candidate that may open is within %g minutes of %.0f people: they stay beyond it whatever opens", limit, beyond)
	}
	if rules.Pick == 0 {
		rules.Pick = len(r.candidates)
	}
	s.instance, err = site.NewCover(len(where), len(r.candidates), limit, rules, p.plain(rowsOf(where, len(r.people))))
	return where, err
}

// explained names the place, site or region that an impossible siting is about.
func (r *run) explained(err error, where []int) error {
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
		about += fmt.Sprintf(" (place %s)", r.places.ID(i))
	}
	if e.Site >= 0 {
		about += fmt.Sprintf(" (candidate %s)", r.candidates[e.Site].label())
	}
	if e.Region >= 0 && r.regions != nil {
		about += fmt.Sprintf(" (region %s)", r.regions.ID(e.Region))
	}
	return fmt.Errorf("siting cannot be done: %w%s", err, about)
}

// closure is what is lost when a center that is there closes.
type closure struct {
	site         int // of those there are
	loss, people float64
	without      float64 // people who would have no time
}

// stress closes each campus in turn: its people go to the next.
func (r *run) stress(ctx context.Context) ([]closure, error) {
	if len(r.sites) == 0 || r.spec.Siting.Goal == "burden" {
		return nil, nil // a course goes to several sites
	}
	t := r.base
	if t.k < 2 {
		var err error
		if t, err = r.trips(ctx, r.sites, 2); err != nil {
			return nil, err
		}
	}
	worth, weight, _ := r.worth(nil)
	campus := campuses(r.sites)
	by := map[int]*closure{}
	for _, j := range goals(r.sites) {
		if by[campus[j]] == nil {
			by[campus[j]] = &closure{site: j}
		}
	}
	for i := range r.people {
		legs := t.legs[i*t.k : (i+1)*t.k]
		if legs[0].Site < 0 {
			continue
		}
		c := by[campus[legs[0].Site]]
		next := slices.IndexFunc(legs, func(l travel.Leg) bool { return l.Site >= 0 && campus[l.Site] != campus[legs[0].Site] })
		c.people += r.people[i]
		if next < 0 {
			// The legs may all be doors of one campus; then the way is not known here.
			c.without += r.people[i]
			c.loss += weight[i] * (worth(legs[0].Time) - worth(max(fallback, legs[0].Time)))
			continue
		}
		c.loss += weight[i] * (worth(legs[0].Time) - worth(legs[next].Time))
	}
	var out []closure
	for _, j := range goals(r.sites) {
		if c := by[campus[j]]; c.site == j {
			out = append(out, *c)
		}
	}
	slices.SortStableFunc(out, func(a, b closure) int {
		switch {
		case a.loss > b.loss:
			return -1
		case a.loss < b.loss:
			return 1
		}
		return 0
	})
	return out, nil
}

// front is a plan between the goal and those who are favoured.
type front struct {
	times       float64
	open        []int
	gain        float64 // of all
	favoured    float64 // of those favoured
	gap         float64
	gini, worst float64 // of minutes, after
}

// pareto solves the study anew with the favoured counting more and more. Every
// point is a full plan; points that another is better than in both are left out.
func (r *run) pareto(ctx context.Context, s *search, p *plan, o site.Options) error {
	f := r.spec.Siting.Frontier
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
		weight := slices.Clone(plain)
		for i, is := range in {
			if is {
				weight[i] *= t
			}
		}
		problem.Weight = weight
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
		minutes := r.minutesWith(p, x.Open)
		point.gini, _ = access.Gini(minutes, r.people)
		point.worst = access.NewWeighted(minutes, r.people).Quantile(0.95)
		all = append(all, point)
	}
	for i, a := range all {
		dominated := false
		for j, b := range all {
			better := b.gain >= a.gain && b.favoured >= a.favoured
			if better && (b.gain > a.gain || b.favoured > a.favoured || j < i) && j != i {
				dominated = true
			}
		}
		if !dominated {
			s.frontier = append(s.frontier, a)
		}
	}
	return nil
}

// minutesWith are the minutes of every place once sites open.
func (r *run) minutesWith(p *plan, open []int) []float64 {
	out := slices.Clone(r.base.minutes)
	for _, j := range open {
		if !r.candidates[j].has("infuse") {
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

// presentSearch makes the tables of alternatives, closures and the frontier.
func (r *run) presentSearch() error {
	s := r.plan.search
	id := func(j int) string { return r.candidates[j].ID }
	if !s.minimum {
		var out, in, outName, inName []string
		var gain, loss []float64
		for _, a := range s.others {
			out, in = append(out, id(a.Out)), append(in, id(a.In))
			outName, inName = append(outName, r.candidates[a.Out].name), append(inName, r.candidates[a.In].name)
			gain = append(gain, s.gained(a.Cost))
			loss = append(loss, a.Cost-s.solution.Cost)
		}
		var sh sheet
		sh.text("instead_of", "Site of the plan", out)
		sh.text("instead_of_name", "Name", outName)
		sh.text("opens", "Site that opens instead", in)
		sh.text("opens_name", "Name", inName)
		sh.number("gain", "Gain of the plan with the swap", r.plan.unit, gain)
		sh.number("loss", "Lost against the plan", r.plan.unit, loss)
		if err := r.addTable(sh.table("alternatives", "Plans that differ by one site and are nearly as good")); err != nil {
			return err
		}
	}
	if len(s.closures) > 0 {
		var ids, name []string
		var loss, people, without []float64
		for _, c := range s.closures {
			ids, name = append(ids, r.sites[c.site].ID), append(name, r.sites[c.site].name)
			loss, people, without = append(loss, c.loss), append(people, c.people), append(without, c.without)
		}
		var sh sheet
		sh.text("name", "Name", name)
		sh.number("loss", "Lost if it closes", r.plan.unit, loss)
		sh.people("people", "People for whom it is the nearest", people)
		sh.people("people_without", "Of these, who would have no other", without)
		if err := r.addTable(geo.NewTable(geo.About{Name: "closures", Title: "What closing each center would lose"}, ids, sh.columns...)); err != nil {
			return err
		}
	}
	if len(s.hubCurve) > 0 {
		var minutes, gain, gap, open []float64
		for _, h := range s.hubCurve {
			minutes, gain, gap, open = append(minutes, h.minutes), append(gain, h.gain), append(gap, h.gap), append(open, float64(h.open))
		}
		var sh sheet
		sh.number("within_min", "Minutes from a spoke to its hub at most", "min", minutes)
		sh.count("sites", "Sites that the best plan opens", open)
		sh.number("gain", "What it gains", r.plan.unit, gain)
		sh.number("gap", "The most by which a plan could be better, as a share", "", gap)
		if err := r.addTable(sh.table("hub_range", "What the limit between spoke and hub costs")); err != nil {
			return err
		}
	}
	if len(s.contenders) > 1 && r.draws != nil {
		var name []string
		var first, mean, worst []float64
		for _, c := range s.contenders {
			name, first, mean, worst = append(name, c.name), append(first, c.first), append(mean, c.mean), append(worst, c.worst)
		}
		var sh sheet
		sh.text("plan", "Plan", name)
		sh.number("share_best", "Share of the draws in which none of these is better", "", first)
		sh.number("mean_regret", "Lost against the best found in each draw, mean", r.plan.unit, mean)
		sh.number("max_regret", "Lost against the best found in each draw, at worst", r.plan.unit, worst)
		if err := r.addTable(sh.table("regret", "Plans nearly as good, over the draws")); err != nil {
			return err
		}
	}
	if err := r.presentGains(); err != nil {
		return err
	}
	if len(s.frontier) > 0 {
		var open []string
		var times, gain, favoured, gap, gini, worst []float64
		for _, f := range s.frontier {
			text := ""
			for k, j := range f.open {
				if k > 0 {
					text += " "
				}
				text += id(j)
			}
			open = append(open, text)
			times, gain, favoured, gap = append(times, f.times), append(gain, f.gain), append(favoured, f.favoured), append(gap, f.gap)
			gini, worst = append(gini, f.gini), append(worst, f.worst)
		}
		var sh sheet
		sh.number("times", "How often the favoured count", "", times)
		sh.number("gain", "Gain of all", r.plan.unit, gain)
		sh.number("gain_favoured", "Gain of those favoured", r.plan.unit, favoured)
		sh.number("gap", "The most by which a plan could be better at these weights, as a share", "", gap)
		sh.number("gini", "Gini of the minutes afterwards; reported, not sought, and without a bound", "", gini)
		sh.number("p95_time_min", "95th percentile of the minutes afterwards", "min", worst)
		sh.text("open", "Sites", open)
		if err := r.addTable(sh.table("frontier", "Plans between the goal and those who are favoured")); err != nil {
			return err
		}
	}
	return nil
}

// presentGains says who gains by the plan: people by region, and by group.
func (r *run) presentGains() error {
	minutes := r.minutesWith(r.plan, r.plan.Open)
	type total struct{ people, nearer, before, after, timed float64 }
	var kind, group, name []string
	var people, nearer, before, after []float64
	add := func(k string, ids, names []string, of []int) {
		sums := make([]total, len(ids))
		for i, g := range of {
			if g < 0 {
				continue
			}
			s, w := &sums[g], r.people[i]
			s.people += w
			a, b := r.base.minutes[i], minutes[i]
			if b < a || math.IsNaN(a) && !math.IsNaN(b) {
				s.nearer += w
			}
			if !math.IsNaN(a) {
				s.before, s.after, s.timed = s.before+w*a, s.after+w*b, s.timed+w
			}
		}
		for g, s := range sums {
			if s.nearer == 0 {
				continue
			}
			kind, group, name = append(kind, k), append(group, ids[g]), append(name, names[g])
			people, nearer = append(people, s.people), append(nearer, s.nearer)
			before, after = append(before, s.before/s.timed), append(after, s.after/s.timed)
		}
	}
	if r.regions != nil {
		ids := make([]string, r.regions.Len())
		for i := range ids {
			ids[i] = r.regions.ID(i)
		}
		add("region", ids, r.regionName, r.region)
	}
	for _, f := range sorted(r.spec.Places.Groups) {
		of, names, err := r.groups(f, r.spec.Places.Groups[f])
		if err != nil {
			return err
		}
		add(f, names, names, of)
	}
	if len(kind) == 0 {
		return nil
	}
	var sh sheet
	sh.text("field", "By", kind)
	sh.text("group", "Region or group", group)
	sh.text("name", "Name", name)
	sh.people("people", "People", people)
	sh.people("people_nearer", "People who would travel less", nearer)
	sh.number("mean_time_min_before", "Mean time today, of those who have one", "min", before)
	sh.number("mean_time_min_after", "Mean time with the plan, of the same", "min", after)
	return r.addTable(sh.table("who_gains", "Who gains by the plan"))
}
