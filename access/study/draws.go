package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

// draw is one set of values for what is not known.
type draw struct {
	effect, speed, rate float64
	family              access.Family
	decay               int  // 0: each measure's own; else one of sensitivity.decay
	other               bool // the other areal units
}

// draws are the headlines of every draw.
type draws struct {
	names   []string
	value   map[string]float64
	drawn   map[string][]float64
	n       int
	settled bool // the headlines are those that the study itself has

	slowness  []float64    // of each draw, what multiplies every time
	local     [][]regional // figures by region of each draw, if they are kept
	localSure []regional   // those of the study itself
}

// drawn is the headlines of one draw, and what it would open.
type drawn struct {
	names   []string
	value   []float64
	open    []int
	rivals  []float64 // gains of the contenders
	best    float64   // gain of the best plan found in this draw
	planned bool      // such a plan was found
	local   []regional
	err     error
}

func (o *drawn) add(name string, v float64) {
	o.names, o.value = append(o.names, name), append(o.value, v)
}

func (d *draws) add(o drawn) {
	if d.drawn == nil {
		d.drawn, d.value = map[string][]float64{}, map[string]float64{}
	}
	for k, name := range o.names {
		if _, ok := d.drawn[name]; !ok {
			if d.settled {
				continue // the study itself has no such headline
			}
			d.names = append(d.names, name)
		}
		d.drawn[name] = append(d.drawn[name], o.value[k])
	}
}

// drawings draws the values, the same for the same seed. Effect, speed and demand
// are log-normal around their value, with the interval of the register as the
// middle 95 %; the family is one of the three smooth ones, the decay one of
// those that are named, the units one of the two, each as likely.
func drawings(u *spec.UncertaintySpec, m *ground.Model, decays int) []draw {
	r, more := rand.New(rand.NewPCG(u.RandomSeed(), 0x5eed)), rand.New(rand.NewPCG(u.RandomSeed(), 0xa4ea1))
	effect, speed, rate := spread("penalty.effect"), spread("crow.speed"), spread("demand.eligible_per_100k")
	l, _ := u.Factor()
	out := make([]draw, u.Draws)
	for i := range out {
		// All are drawn always, so that varying one more leaves the others as they were.
		n, f := [3]float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}, r.IntN(3)
		decay, unit := more.IntN(decays+1), more.IntN(2)
		var z [3]float64
		for k := range z {
			for j := range k + 1 {
				z[k] += l[k][j] * n[j]
			}
		}
		d := draw{effect: m.Effect, speed: 1, rate: 1, family: m.Family}
		for _, v := range u.Varies() {
			switch v {
			case "effect":
				d.effect = min(1, m.Effect*math.Exp(z[0]*effect))
			case "speed":
				d.speed = math.Exp(z[1] * speed)
			case "demand":
				d.rate = math.Exp(z[2] * rate)
			case "family":
				d.family = []access.Family{access.Exponential, access.Gaussian, access.Logistic}[f]
			case "decay":
				d.decay = decay
			case "areal":
				d.other = unit == 1
			}
		}
		out[i] = d
	}
	return out
}

// fastest is the highest speed that is drawn, so that matrices reach far enough.
func fastest(u *spec.UncertaintySpec) float64 {
	most := 1.0
	for _, d := range drawings(u, &ground.Model{Effect: 0.6}, 0) {
		most = max(most, d.speed)
	}
	return most
}

// uncertainty repeats the headlines for every draw. Nothing is travelled anew:
// times are divided by the drawn speed.
func (r *run) uncertainty(ctx context.Context) error {
	u := r.Spec.Uncertainty
	if u == nil {
		return nil
	}
	m := r.model
	if m == nil {
		m = r.Settings()
	}
	r.byRegion = r.localDraws()
	d, err := r.undrawn(ctx, m)
	if err != nil {
		return err
	}
	d.n = u.Draws
	// Draws are computed on all cores and taken in their order.
	all := drawings(u, m, len(r.Spec.Sensitivity.Decay))
	found := r.drawAll(ctx, all)
	planned := 0.0 // draws with a plan
	picked := make([]float64, len(r.Candidates))
	place := make([][]float64, len(r.Candidates)) // in the order of opening, where it opens
	var failed error
	for i := range all {
		one := <-found[i]
		if failed == nil {
			failed = one.err
		}
		if failed != nil {
			continue // what was started ends on its own
		}
		d.add(one)
		if r.byRegion {
			d.slowness, d.local = append(d.slowness, 1/all[i].speed), append(d.local, one.local)
		}
		planned += float64(ground.Bit(one.planned))
		for k, j := range one.open {
			picked[j]++
			place[j] = append(place[j], float64(k+1))
		}
		if r.plan != nil && r.plan.search != nil {
			r.plan.search.settle(one)
		}
		if i%8 == 0 {
			r.report(Progress{Stage: "draws", Done: i, Total: u.Draws})
		}
	}
	if failed != nil {
		return failed
	}
	if r.plan != nil {
		r.plan.settle(r.Spec.Siting.Goal, planned, picked, place)
	}
	r.draws = d
	r.noteAllDrawn(u, m)
	return nil
}

// undrawn are the headlines without any variation: the values that the intervals
// are about. No draw adds another.
func (r *run) undrawn(ctx context.Context, m *ground.Model) (*draws, error) {
	d := &draws{}
	sure := r.once(ctx, draw{effect: m.Effect, speed: 1, rate: 1, family: m.Family}, r.plan)
	if sure.err != nil {
		return nil, sure.err
	}
	d.add(sure)
	for _, n := range d.names {
		d.value[n] = d.drawn[n][0]
		d.drawn[n] = nil
	}
	d.settled, d.localSure = true, sure.local
	return d, nil
}

// drawAll computes every draw, on all cores; each hands its headlines over in a
// channel of its own.
func (r *run) drawAll(ctx context.Context, all []draw) []chan drawn {
	found := make([]chan drawn, len(all))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range found {
		found[i] = make(chan drawn, 1)
	}
	go func() {
		for i, x := range all {
			slots <- struct{}{}
			go func() {
				in := r
				if x.other {
					in = r.other
				}
				if in != nil {
					found[i] <- in.once(ctx, x, r.plan)
				} else {
					found[i] <- drawn{} // in these units the study has no result
				}
				<-slots
			}()
		}
	}()
	return found
}

// settle turns what was counted over the draws that have a plan into shares of
// them. picked is how often a candidate is in the plan, place when it opens.
func (p *plan) settle(goal string, planned float64, picked []float64, place [][]float64) {
	if p.search != nil {
		for k := range p.search.contenders {
			p.search.contenders[k].first /= planned
			p.search.contenders[k].mean /= planned
		}
	}
	if spec.In(goal, "worst_time", "all_covered", "worst_group", "gini") {
		return
	}
	for j := range picked {
		p.inDraws[j] = picked[j] / planned // no value where no draw has a plan
		q := access.NewWeighted(place[j], ground.Ones(len(place[j]))).Quantiles(0.025, 0.975)
		p.place[0][j], p.place[1][j] = q[0], q[1]
	}
}

// noteAllDrawn notes the range of every factor that is varied.
func (r *run) noteAllDrawn(u *spec.UncertaintySpec, m *ground.Model) {
	for _, v := range u.Varies() {
		switch v {
		case "speed":
			r.noteDrawn("draws.speed", 1, "crow.speed")
		case "demand":
			r.noteDrawn("draws.demand", 1, "demand.eligible_per_100k")
		case "effect":
			r.noteDrawn("draws.effect", m.Effect, "penalty.effect")
		}
	}
}

// noteDrawn says between which values the middle 95 % of the draws of a factor lie.
func (r *run) noteDrawn(key string, value float64, parameter string) {
	times := math.Exp(spread(parameter) * normal975)
	high := value * times
	if parameter == "penalty.effect" {
		high = min(1, high) // as the draws are
	}
	r.Note(key, "low", value/times, "high", high)
}

// once computes the headlines of one draw and, with siting, what it would open.
// plan is the study's, if it has one: what it gains in this draw is a headline.
func (r *run) once(ctx context.Context, x draw, plan *plan) (d drawn) {
	d.err = r.fill(ctx, &d, x, plan)
	return d
}

func (r *run) fill(ctx context.Context, d *drawn, x draw, plan *plan) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g := r.basis.faster(x.speed)
	minutes := g.minutes()
	r.fillTimes(d, minutes, x.speed)
	if r.model != nil {
		if err := r.fillTreated(ctx, d, x, minutes, plan); err != nil {
			return err
		}
	}
	if r.plan != nil && r.Spec.Siting.Goal != "treated" && !spec.In(r.Spec.Siting.Goal, "worst_time", "all_covered", "worst_group", "gini") {
		if err := r.replan(ctx, d, nil, x.speed, 1, plan); err != nil {
			return err
		}
	}
	if r.journeys != nil {
		s := r.journeys.sum(r.journeys.burdens(x.speed), r.People)
		d.add("journey_hours", s.hours)
		d.add("journey_nights", s.nights)
		d.add("journey_relocate_share", s.relocate)
	}
	if err := r.fillScores(ctx, d, g, x.decay); err != nil {
		return err
	}
	for _, o := range r.outcome {
		scores, err := r.scoresIn(ctx, o, x.speed)
		if err != nil {
			return err
		}
		for _, s := range scores {
			d.add("mean_"+s.column+"_"+o.name, s.mean)
		}
	}
	return nil
}

// fillTimes are the headlines of the ways at the speed of a draw.
func (r *run) fillTimes(d *drawn, minutes []float64, speed float64) {
	var all, far float64
	limit := r.beyond()
	for i, t := range minutes {
		if !math.IsNaN(t) {
			all += r.People[i] * t
		}
		if !(t <= limit) {
			far += r.People[i]
		}
	}
	var timed float64
	for i, t := range minutes {
		if !math.IsNaN(t) {
			timed += r.People[i]
		}
	}
	d.add("mean_time_min", all/timed)
	d.add("median_time_min", r.base.Timed.Quantile(0.5)/speed)
	d.add("p90_time_min", r.base.Timed.Quantile(0.9)/speed)
	d.add("share_beyond", far/r.Total)
	r.localWay(d, minutes)
	for _, band := range access.Bands(minutes, r.People, r.bandLimits()) {
		d.add(fmt.Sprintf("share_within_%g_min", band.Minutes), band.Share)
	}
	for _, o := range r.outcome {
		d.add("mean_time_min_"+o.name, access.Mean(o.trips.Minutes, r.People)/speed)
	}
}

// fillTreated are the headlines of the model, by what holds beyond four hours.
func (r *run) fillTreated(ctx context.Context, d *drawn, x draw, minutes []float64, plan *plan) error {
	for k, b := range r.model.Beyond {
		if b == access.Recover {
			continue
		}
		c, l, err := r.model.Calibrate(x.family, x.effect, b, r.base, x.speed)
		if errors.Is(err, access.ErrCannotBe) {
			// In this draw so many cannot be treated: these headlines have no value.
			r.localNothing(d, b, k == 0 && r.plan != nil && r.Spec.Siting.Goal == "treated" && r.plan.regions != nil)
			continue
		}
		if err != nil {
			return err
		}
		d.add("foregone_"+string(b), x.rate*r.model.Foregone(c, l))
		d.add("ceiling_"+string(b), x.rate*r.model.Timed*c.P0)
		d.add("implied_relative_risk_"+string(b), c.ImpliedRisk(c.P0))
		r.localPatients(d, c, l, x.rate)
		if k == 0 && r.queues != nil {
			r.fillQueues(d, c, x)
		}
		if k == 0 && r.Spec.Forecast != nil {
			o := r.outlook(r.Spec.Forecast.To, c, x.speed, x.rate)
			d.add("treated_in_last_year", o.Treated)
			d.add("residual_in_last_year", o.Residual)
		}
		for _, o := range r.outcome {
			var gain float64
			for i, e := range r.model.Eligible {
				if y := o.trips.Minutes[i] / x.speed; !math.IsNaN(y) && !math.IsNaN(minutes[i]) {
					gain += e * (c.At(y) - l[i])
				}
			}
			d.add("treated_change_"+o.name+"_"+string(b), x.rate*gain)
		}
		if k == 0 && r.plan != nil && r.Spec.Siting.Goal == "treated" {
			if err := r.replan(ctx, d, &c, x.speed, x.rate, plan); err != nil {
				return err
			}
		}
	}
	return nil
}

// fillQueues are the headlines of who waits.
func (r *run) fillQueues(d *drawn, c ground.Curve, x draw) {
	served, lost, waiting := math.NaN(), math.NaN(), math.NaN()
	if q, err := r.queue(c, x.speed, x.rate); err == nil { // else a list grows without end in this draw
		s := q.sum()
		served, lost, waiting = float64(s.Served), float64(s.Lost), float64(s.Waiting)
	}
	d.add("served_per_month", served)
	d.add("lost_per_month", lost)
	d.add("waiting", waiting)
}

// replan has what the study's plan gains in a draw, and the best that is found
// there. A draw in which a cost is too large to be a number has neither; one in
// which no plan keeps the rules has no best.
func (r *run) replan(ctx context.Context, d *drawn, c *ground.Curve, speed, rate float64, plan *plan) error {
	problem, _, err := r.problem(r.plan, c, speed)
	if cannotBe(err) {
		r.localNoGain(d)
		return nil
	}
	if err != nil {
		return err
	}
	d.add("plan_gain", plan.net(problem, plan.Open, rate))
	r.localGain(d, problem, rate)
	open, err := r.reopen(ctx, problem)
	if cannotBe(err) {
		return nil
	}
	if err != nil {
		return err
	}
	d.compare(problem, open, plan, rate)
	d.add("best_gain_found", d.best)
	return nil
}

// fillScores adds the means and indices of the valued measures in a draw.
func (r *run) fillScores(ctx context.Context, d *drawn, g *basis, decay int) error {
	for _, m := range valuedOf(r.Spec.Measures) {
		if decay > 0 {
			if other, ok := m.WithDecay(&r.Spec.Sensitivity.Decay[decay-1]); ok {
				m = other // one that does not suit the measure leaves it its own
			}
		}
		scores, err := g.scores(ctx, m)
		if err != nil {
			return err
		}
		for _, s := range scores {
			d.add("mean_"+s.column, s.mean)
			if s.bySite {
				continue // no people to compare
			}
			q, err := indices(r.Ground, s.value, unbounded)
			if err != nil {
				return err
			}
			for _, i := range q {
				if i.Why != "" {
					continue
				}
				d.add(i.Name+underscore(i.Rank)+i.Rank+"_"+s.column, float64(i.Value))
			}
		}
	}
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
func (r *run) reopen(ctx context.Context, problem *site.Problem) ([]int, error) {
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
func (d *drawn) compare(problem *site.Problem, found []int, plan *plan, rate float64) {
	d.open, d.best, d.planned = found, plan.net(problem, found, rate), true
	if plan.search == nil {
		return
	}
	for k := range plan.search.contenders {
		open := plan.search.contenders[k].open // the rest of it is being written
		g := plan.net(problem, open, rate)
		d.rivals = append(d.rivals, g)
		if g > d.best {
			d.open, d.best = problem.Ordered(open), g
		}
	}
}

// settle counts how the contenders fared in a draw.
func (s *search) settle(d drawn) {
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

// intervals are the middle 95 % of the draws, by the same quantile as everywhere.
func (d *draws) intervals() []Interval {
	out := make([]Interval, 0, len(d.names))
	for _, n := range d.names {
		one := make([]float64, len(d.drawn[n]))
		for i := range one {
			one[i] = 1
		}
		w := access.NewWeighted(d.drawn[n], one)
		q := w.Quantiles(0.025, 0.975)
		x := Interval{What: n, Value: finite(d.value[n]), Low: finite(q[0]), High: finite(q[1]), Draws: int(w.Total())}
		if math.IsNaN(float64(x.Value+x.Low+x.High)) || x.Draws == 0 {
			endless := 0
			for _, v := range d.drawn[n] {
				endless += ground.Bit(math.IsInf(v, 0))
			}
			x.Why = fmt.Sprintf("of %d draws %d have no value and %d an infinite one", d.n, d.n-x.Draws, endless)
		}
		out = append(out, x)
	}
	return out
}

// finite is a number, or no value where it is infinite.
func finite(v float64) Num {
	if math.IsInf(v, 0) {
		return Num(math.NaN())
	}
	return Num(v)
}

func (d *draws) table() (*geo.Layer, error) {
	var what, why []string
	var value, low, high, n []float64
	for _, i := range d.intervals() {
		what, why = append(what, i.What), append(why, i.Why)
		value, low, high, n = append(value, float64(i.Value)), append(low, float64(i.Low)), append(high, float64(i.High)), append(n, float64(i.Draws))
	}
	var sh sheet
	sh.text("metric", "Metric", what)
	sh.number("value", "Value", "", value)
	sh.number("low_2_5", "2.5 % of the draws are lower", "", low)
	sh.number("high_97_5", "2.5 % of the draws are higher", "", high)
	sh.count("draws", "Draws in which it has a value", n)
	sh.text("reason", "Why a number has no value", why)
	return geo.NewTable(geo.About{Name: "uncertainty", Title: fmt.Sprintf("Headlines over %d draws", d.n)}, nil, sh.columns...)
}
