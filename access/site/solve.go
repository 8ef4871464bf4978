package site

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Options say how long to search. The zero value searches with the budgets
// given below; budgets count steps, not seconds, so that a run repeats.
type Options struct {
	Exact      bool    // search until the plan is proven best; Nodes is not looked at
	Gap        float64 // stop when (Cost − Bound) / Cost is no more; 0: search for proof
	Iterations int     // of the bound at the root; 0: 3,000
	Nodes      int     // of branch and bound; 0: 2,000
	Starts     int     // plans that the search for better ones combines; 0: 8
	Seed       uint64

	bounded bool // only the bound is asked for: of best plans any will do
}

// Solution is a plan with what is known of the best one. No plan that keeps
// the rules costs less than Bound.
type Solution struct {
	Open    []int   // ascending
	Served  []int32 // site of each place, -1: its fallback
	Cost    float64
	Bound   float64
	Proven  bool   // no plan is better by more than a billionth
	Stopped string // why the search ended: Proven, Gap, Budget or Cancelled

	// No plan that opens a site costs less than Use, and none that leaves it
	// closed less than Avoid: above Cost, the site is provably in no best plan,
	// or in every one. They hold under all rules: distances, hubs and volumes are
	// left out of the relaxation or only narrow its sites, and both can only make
	// a floor lower than the truth. Where a rule alone decides a site (a hub
	// without room), the floor need not show it. Nil with capacities.
	Use, Avoid []float64

	Iterations, Nodes int
}

// Why a search ended.
const (
	Proven    = "proven"
	WithinGap = "gap"
	Budget    = "iterations"
	Cancelled = "cancelled"
)

// Gap is the distance from the bound as a share of the cost.
func (s Solution) Gap() float64 {
	if s.Cost == s.Bound {
		return 0
	}
	return (s.Cost - s.Bound) / math.Abs(s.Cost)
}

// Never reports whether site j is provably in no best plan, and Always whether
// it is in every one.
func (s Solution) Never(j int) bool  { return s.Use != nil && s.Use[j] > s.Cost }
func (s Solution) Always(j int) bool { return s.Avoid != nil && s.Avoid[j] > s.Cost }

// ErrEnough is the cause of a context that ends a search for a better plan, and not
// the wish for a plan: what is begun for a first one is then ended.
var ErrEnough = errors.New("the best plan so far is enough")

// abandoned reports whether nobody waits for a plan any more.
func abandoned(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrEnough)
}

// search is one solve.
type search struct {
	ctx    context.Context
	in     *Instance
	o      Options
	better func(Solution)

	best       []int
	cost       float64 // +Inf: no plan yet
	bound      float64 // of all plans
	enough     float64 // a plan of no more cost is as good as the best: whether there is one is all that is asked
	use, avoid []float64
	elite      []plan
	tried      map[[2]string]bool // pairs of plans walked between
	x          *exchange
	spare      []*exchange              // one for each core, to improve several plans at once
	pack       *packing                 // with capacities
	judge      func(open []int) float64 // what a plan counts, never less than its cost; nil: its cost
	nodes      int
	iterations int
	nextPolish int  // the iteration from which a relaxed plan is improved
	limited    bool // the budget ran out somewhere
}

// plan is a set of sites and its cost.
type plan struct {
	open []int
	cost float64
}

// Solve finds a set of open sites of least cost, and proves as much as the
// options let it. It calls better, if given, with each better plan or bound.
// When ctx ends it returns the best plan so far, Stopped as Cancelled, and no
// error unless there is no plan at all. One that ends before there is a first plan
// has none, unless its cause is [ErrEnough]. Rules that no plan can keep give an
// *Infeasible.
func Solve(ctx context.Context, in *Instance, o Options, better func(Solution)) (Solution, error) {
	if o.Gap < 0 || math.IsNaN(o.Gap) || o.Iterations < 0 || o.Nodes < 0 || o.Starts < 0 {
		return Solution{}, fmt.Errorf("gap %v, %d iterations, %d nodes, %d starts: each must be 0 or more", o.Gap, o.Iterations, o.Nodes, o.Starts)
	}
	if abandoned(ctx) {
		return Solution{}, ctx.Err()
	}
	if err := in.impossible(); err != nil {
		return Solution{}, err
	}
	s := newSearch(ctx, in, o, better)
	if in.rules.Capacity != nil {
		s.packed()
	} else {
		s.run()
	}
	return s.result()
}

func newSearch(ctx context.Context, in *Instance, o Options, better func(Solution)) *search {
	return &search{ctx: ctx, in: in, o: o, better: better, cost: math.Inf(1), bound: in.floor(), enough: math.Inf(-1), tried: make(map[[2]string]bool),
		use: filled(in.sites, math.Inf(-1)), avoid: filled(in.sites, math.Inf(-1))}
}

// floor is what the places cost if each had the site it likes best: a bound of
// every plan before any search.
func (in *Instance) floor() float64 {
	var sum float64
	for i, f := range in.fallback {
		if k := in.start[i]; k < in.start[i+1] {
			f = in.cost[k]
		}
		sum += f
	}
	return math.Nextafter(sum*(1-1e-13), 0) // rounding must not lift a bound above the truth
}

func (s *search) run() {
	root := newCore(s.in)
	marks := make([]int8, s.in.sites)
	some := len(s.in.rules.Forced)+len(s.in.rules.Never) > 0 || !s.in.rules.free() || s.in.idle()
	for _, j := range s.in.rules.Forced {
		marks[j] = opening
	}
	for _, j := range s.in.rules.Never {
		marks[j] = closing
	}
	if some {
		if root = root.decide(marks); root == nil {
			s.bound = math.Inf(1)
			return
		}
	}
	if s.start(); abandoned(s.ctx) {
		return
	}
	s.bound = max(s.bound, s.branch(root, s.firstMultipliers(root), math.Inf(-1), 0))
}

// idle reports whether some place has no pair that matters.
func (in *Instance) idle() bool {
	for i := range in.fallback {
		if in.start[i] == in.start[i+1] {
			return true
		}
	}
	return false
}

// start opens sites greedily and improves them.
func (s *search) start() {
	s.x = newExchange(s.ctx, s.in, max(1, min(s.in.rules.pick(s.in.sites), 32)))
	s.x.set(s.in.rules.Forced)
	if s.x.fill(); abandoned(s.ctx) {
		return
	}
	open := s.x.sites()
	s.offer(open)
	s.polish(open)
}

// polish improves a plan by interchange and offers it.
func (s *search) polish(open []int) { s.offer(s.improved(s.x, open)) }

// improved is a plan after interchange.
func (s *search) improved(x *exchange, open []int) []int {
	x.set(open)
	var allows func(m move) bool
	if !s.in.rules.free() {
		allows = func(m move) bool {
			return s.in.breaks(x.after(m)) == nil && s.in.rules.needed(x.after(m)) <= s.in.rules.needed(x.sites())
		}
	}
	x.improve(s.in.rules.pick(s.in.sites), allows)
	return x.sites()
}

// offer keeps a plan if it keeps the rules and is better than the best.
func (s *search) offer(open []int) float64 {
	if s.in.Check(open) != nil {
		return math.Inf(1)
	}
	cost := s.in.Evaluate(open).Cost
	if s.judge != nil && !math.IsInf(cost, 1) {
		if judged := s.judge(open); math.IsInf(judged, 1) {
			return cost // it may not be taken, and leads to others
		} else {
			cost = judged
		}
	}
	if math.IsInf(cost, 1) {
		return cost
	}
	s.remember(open, cost)
	if cost < s.cost {
		s.best, s.cost = append([]int{}, open...), cost
		slices.Sort(s.best)
		s.tell()
	}
	return cost
}

// remember keeps the plan among the best few different ones.
func (s *search) remember(open []int, cost float64) {
	p := plan{slices.Clone(open), cost}
	slices.Sort(p.open)
	at := len(s.elite)
	for k, e := range s.elite {
		if e.cost == cost && slices.Equal(e.open, p.open) {
			return
		}
		if cost < e.cost {
			at = min(at, k)
		}
	}
	s.elite = slices.Insert(s.elite, at, p)
	s.elite = s.elite[:min(len(s.elite), 12)]
}

func (s *search) tell() {
	if s.better != nil && s.best != nil {
		if sol, err := s.result(); err == nil {
			s.better(sol)
		}
	}
}

// cutoff is the least bound at which a part of the search is over: no plan in
// it is better than the best known, or by no more than the gap asked for.
func (s *search) cutoff() float64 {
	if s.o.Gap > 0 && !math.IsInf(s.cost, 1) {
		return min(s.proof(), s.cost*(1-s.o.Gap))
	}
	return s.proof()
}

// proof is the bound above which no better plan can lie.
func (s *search) proof() float64 {
	switch {
	case s.enough >= 0 && s.cost > s.enough:
		return s.enough + 1e-6
	case math.IsInf(s.cost, 1) || s.cost <= s.enough:
		return s.cost
	case s.in.integral:
		return s.cost - 1 + 1e-6
	}
	return s.cost - slack*max(1e-9*s.in.size, math.Abs(s.cost))
}

// first takes, of plans that are proven best and differ by one site, the one whose
// sites come first, and leaves out sites that add nothing beside those before them:
// sums in another unit would else decide by their last digits.
func (s *search) first() {
	tie := sameGain * math.Abs(s.cost)
	if s.every(tie) {
		return
	}
	idle := false
	for k := range s.best {
		idle = idle || len(s.best) > 1 && s.in.Evaluate(slices.Delete(slices.Clone(s.best), k, k+1)).Cost <= s.cost+tie
	}
	if idle {
		s.shorten(tie)
	}
	most := min(200, 10_000/max(1, s.in.Places())) // plans looked at: ties are of small or made-up numbers
	for again, tries := true, 0; again && tries < most; {
		again = false
		for k := range s.best {
			for j := 0; j < s.best[k] && tries < most; j++ {
				if slices.Contains(s.best, j) || s.use[j] > s.cost+tie {
					continue
				}
				other := slices.Clone(s.best)
				other[k] = j
				slices.Sort(other)
				tries++
				if c := s.in.Evaluate(other).Cost; c <= s.cost+tie && s.in.Check(other) == nil {
					s.best, s.cost, again = other, c, true
					s.bound = math.Min(s.bound, c)
					break
				}
			}
		}
	}
}

// every looks at all plans where they are few, and takes of those that are as good
// the one of fewest sites, of these the one whose sites come first. It reports
// whether they are few.
func (s *search) every(tie float64) bool {
	const few = 12 // sites: some thousand plans
	if s.in.sites > few || s.in.Places()<<s.in.sites > 1<<16 {
		return false
	}
	most := s.in.rules.pick(s.in.sites)
	var built []int
	var add func(from, more int) bool
	add = func(from, more int) bool {
		if more == 0 {
			c := s.in.Evaluate(built).Cost
			if c > s.cost+tie || s.in.Check(built) != nil {
				return false
			}
			s.best, s.cost, s.bound = append([]int{}, built...), c, math.Min(s.bound, c)
			return true
		}
		for j := from; j <= s.in.sites-more; j++ {
			built = append(built, j)
			if add(j+1, more-1) {
				return true
			}
			built = built[:len(built)-1]
		}
		return false
	}
	for n := range most + 1 {
		if add(0, n) {
			break
		}
	}
	return true
}

// shorten opens the sites of the best plan one after the other, each time the one
// that saves most, as long as they save anything.
func (s *search) shorten(tie float64) {
	var built []int
	waiting, before := slices.Clone(s.best), math.Inf(1)
	soft := s.in.soft()
	for len(waiting) > 0 {
		best, least := 0, math.Inf(1)
		for k, j := range waiting {
			if s.ctx.Err() != nil {
				return
			}
			if c := soft.Evaluate(append(slices.Clone(built), j)).Cost; k == 0 || above(least, c) {
				best, least = k, c
			}
		}
		if before-least <= tie {
			break
		}
		before = least
		built, waiting = append(built, waiting[best]), slices.Delete(waiting, best, best+1)
	}
	slices.Sort(built)
	if c := s.in.Evaluate(built).Cost; len(built) > 0 && len(built) < len(s.best) && c <= s.cost+tie && s.in.Check(built) == nil {
		s.best, s.cost, s.bound = built, c, math.Min(s.bound, c)
	}
}

// result is the solution as it stands.
func (s *search) result() (Solution, error) {
	out := Solution{Cost: s.cost, Bound: s.bound, Iterations: s.iterations, Nodes: s.nodes}
	if s.best == nil {
		switch {
		case s.ctx.Err() != nil:
			return out, s.ctx.Err()
		case s.limited:
			return out, fmt.Errorf("no plan that keeps the rules was found in %d nodes, nor proven impossible: allow more nodes", s.nodes)
		}
		return out, s.in.unserved(s.ctx)
	}
	if s.pack == nil && s.judge == nil && !s.o.bounded && s.bound >= s.proof() {
		s.first()
		out.Cost = s.cost
	}
	if s.pack != nil {
		s.pack.dismiss()
		out.Cost = s.cost
	}
	e := s.in.Evaluate(s.best)
	out.Open, out.Served = slices.Clone(s.best), e.Served
	if s.pack != nil {
		out.Served = slices.Clone(s.pack.served)
	}
	switch {
	case out.Bound >= s.proof():
		out.Proven, out.Stopped = true, Proven
		out.Bound = s.cost
		if !s.in.integral {
			out.Bound = s.proof()
		}
	case s.ctx.Err() != nil:
		out.Stopped = Cancelled
	case s.o.Gap > 0 && out.Gap() <= s.o.Gap:
		out.Stopped = WithinGap
	default:
		out.Stopped = Budget
	}
	if s.pack == nil {
		out.Use, out.Avoid = slices.Clone(s.use), slices.Clone(s.avoid)
	}
	return out, nil
}
