package study

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// draws are the headlines of every draw.
type draws struct {
	*finding.Study
	names   []string
	value   map[string]float64
	drawn   map[string][]float64
	settled bool        // the headlines are those that the study itself has
	failed  atomic.Bool // a draw has, so that the rest is not looked for
	regionDraws
}

// regionDraws are figures by region over the draws, if they are kept.
type regionDraws struct {
	keeps    bool
	slowness []float64            // of each draw, what multiplies every time
	local    [][]finding.Regional // of each draw
	sure     []finding.Regional   // those of the study itself
}

func (d *draws) add(o finding.Drawn) {
	if d.drawn == nil {
		d.drawn, d.value = map[string][]float64{}, map[string]float64{}
	}
	for k, name := range o.Names {
		if _, ok := d.drawn[name]; !ok {
			if d.settled {
				continue // the study itself has no such headline
			}
			d.names = append(d.names, name)
		}
		d.drawn[name] = append(d.drawn[name], o.Value[k])
	}
}

// findDraws repeats the headlines for every draw. Nothing is travelled anew: times
// are divided by the drawn speed.
func findDraws(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	u := s.Spec.Uncertainty
	if u == nil {
		return nil, nil
	}
	m := s.Model
	if m == nil {
		m = s.Settings()
	}
	d := &draws{Study: s}
	d.keeps = d.keepsRegions()
	if err := d.undrawn(ctx, m); err != nil {
		return nil, err
	}
	// Draws are computed on all cores and taken in their order.
	all := finding.Drawings(u, m, len(s.Spec.Sensitivity.Decay))
	for i := range all {
		all[i].ByRegion, all[i].Of = d.keeps, s
	}
	found := d.drawAll(ctx, all)
	var failed error
	for i := range all {
		one := <-found[i]
		if failed == nil {
			failed = one.Err
		}
		if failed != nil {
			d.failed.Store(true)
			continue
		}
		d.add(one)
		if d.keeps {
			d.slowness, d.local = append(d.slowness, 1/all[i].Speed), append(d.local, one.Local)
		}
		finding.Each(s, func(f finding.Settling) error { f.Take(one); return nil })
		if i%8 == 0 {
			s.Report(Progress{Stage: "draws", Done: i, Total: u.Draws})
		}
	}
	if failed != nil {
		return nil, failed
	}
	finding.Each(s, func(f finding.Settling) error { f.Settle(); return nil })
	d.noteAllDrawn(u, m)
	return d, nil
}

// undrawn are the headlines without any variation: the values that the intervals
// are about. No draw adds another.
func (d *draws) undrawn(ctx context.Context, m *ground.Model) error {
	x := finding.Sure(m, d.Study)
	x.ByRegion = d.keeps
	one := once(ctx, d.Study, x)
	if one.Err != nil {
		return one.Err
	}
	d.add(one)
	for _, n := range d.names {
		d.value[n] = d.drawn[n][0]
		d.drawn[n] = nil
	}
	d.settled, d.sure = true, one.Local
	return nil
}

// drawAll computes every draw, on all cores; each hands its headlines over in a
// channel of its own.
func (r *draws) drawAll(ctx context.Context, all []finding.Draw) []chan finding.Drawn {
	found := make([]chan finding.Drawn, len(all))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range found {
		found[i] = make(chan finding.Drawn, 1)
	}
	go func() {
		for i, x := range all {
			slots <- struct{}{}
			if r.failed.Load() { // nobody waits for the rest
				found[i] <- finding.Drawn{}
				<-slots
				continue
			}
			go func() {
				in := r.Study
				if x.Other {
					in = elsewhere(in)
				}
				if in != nil {
					one, err := travel.Caught(func() (finding.Drawn, error) { return once(ctx, in, x), nil })
					if err != nil {
						one = finding.Drawn{Err: err}
					}
					found[i] <- one
				} else {
					found[i] <- finding.Drawn{} // in these units the study has no result
				}
				<-slots
			}()
		}
	}()
	return found
}

// noteAllDrawn notes the range of every factor that is varied.
func (r *draws) noteAllDrawn(u *spec.UncertaintySpec, m *ground.Model) {
	for _, v := range u.Varies() {
		switch v {
		case "speed":
			r.noteTimes(u)
		case "demand":
			if finding.OwnDemand(u, m) {
				continue
			}
			if d := r.Spec.Demand; d != nil && len(d.Indications) > 0 {
				times := math.Sqrt(m.Doubt[1] / m.Doubt[0])
				if times == 1 {
					break // numbers of the study's own, of whose doubt nothing is known
				}
				r.Note("draws.indications", "low", 1/times, "high", times)
				break
			}
			r.noteDrawn("draws.demand", 1, "demand.eligible_per_100k")
		case "effect":
			r.noteDrawn("draws.effect", m.Effect, "penalty.effect")
		}
	}
}

// noteTimes says between which multiples of the modelled times the drawn ones lie.
func (r *draws) noteTimes(u *spec.UncertaintySpec) {
	x, of := u.Times, r.Measured
	switch {
	case !x.Given():
		r.noteDrawn("draws.speed", 1, "crow.speed")
	case !x.Measured:
		r.Note("draws.times", "low", x.Low, "high", x.High)
	case r.Theirs:
		r.Note("draws.measured", "low", x.Low, "high", x.High, "of", of.Of, "journeys", of.Far.Journeys)
	default:
		r.Note("draws.measured.widest", "low", x.Low, "high", x.High, "of", of.Of, "journeys", of.Far.Journeys)
	}
}

// noteDrawn says between which values the middle 95 % of the draws of a factor lie.
func (r *draws) noteDrawn(key string, value float64, parameter string) {
	times := math.Exp(finding.Spread(parameter) * finding.Normal975)
	high := value * times
	if parameter == "penalty.effect" {
		high = min(1, high) // as the draws are
	}
	r.Note(key, "low", value/times, "high", high)
}

// once computes the headlines of one draw of a study.
func once(ctx context.Context, s *finding.Study, x finding.Draw) (d finding.Drawn) {
	d.Err = finding.Each(s, func(f finding.Drawable) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return f.Draw(ctx, x, &d)
	})
	return d
}

// Tell makes the tables of intervals, of the whole and by region.
func (d *draws) Tell(context.Context) error {
	d.Result.Summary.Uncertainty = d.intervals()
	if err := d.AddTable(d.table()); err != nil || !d.keeps {
		return err
	}
	return d.AddTable(d.localTable())
}

// intervals are the middle 95 % of the draws, by the same quantile as everywhere.
func (d *draws) intervals() []finding.Interval {
	out := make([]finding.Interval, 0, len(d.names))
	for _, n := range d.names {
		one := make([]float64, len(d.drawn[n]))
		for i := range one {
			one[i] = 1
		}
		w := access.NewWeighted(d.drawn[n], one)
		q := w.Quantiles(0.025, 0.975)
		x := finding.Interval{What: n, Value: finite(d.value[n]), Low: finite(q[0]), High: finite(q[1]), Draws: int(w.Total())}
		if math.IsNaN(float64(x.Value+x.Low+x.High)) || x.Draws == 0 {
			endless := 0
			for _, v := range d.drawn[n] {
				endless += ground.Bit(math.IsInf(v, 0))
			}
			x.Why = fmt.Sprintf("of %d draws %d have no value and %d an infinite one", d.Spec.Uncertainty.Draws, d.Spec.Uncertainty.Draws-x.Draws, endless)
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
	sh := finding.Sheet{Of: "uncertainty"}
	sh.Text("metric", what)
	sh.Number("value", value)
	sh.Number("low_2_5", low)
	sh.Number("high_97_5", high)
	sh.Count("draws", n)
	sh.Text("reason", why)
	return sh.Table("draws", d.Spec.Uncertainty.Draws)
}

// mostLocal bounds the figures by region that draws keep: regions times draws.
const mostLocal = 1_000_000

// keepsRegions says whether draws are kept by region: not where units change, since
// others have no regions of ours.
func (r *draws) keepsRegions() bool {
	u := r.Spec.Uncertainty
	if r.Regions == nil || slices.Contains(u.Varies(), "areal") {
		return false
	}
	if r.Regions.Len()*u.Draws > mostLocal {
		r.Note("draws.no_regions", "regions", r.Regions.Len(), "draws", u.Draws, "most", mostLocal)
		return false
	}
	return true
}

// localTable has the figures of each region with the middle 95 % of the draws.
func (r *draws) localTable() (*geo.Layer, error) {
	slow := access.NewWeighted(r.slowness, ground.Ones(len(r.slowness))).Quantiles(0.025, 0.975)
	regions := r.Result.Layer("regions")
	list := finding.Of[*measure.Regions](r.Study)
	var id, name, metric, unsure []string
	var value, low, high, n []float64
	add := func(row int, what string, v, l, h, draws float64) {
		if math.IsNaN(v) {
			return
		}
		id, name, metric = append(id, r.Regions.ID(row)), append(name, r.RegionName[row]), append(metric, what)
		value, low, high, n = append(value, v), append(low, l), append(high, h), append(n, draws)
		unsure = append(unsure, list.Unsure(row))
	}
	for row := range r.Regions.Len() {
		for _, what := range []string{"mean_time_min", "median_time_min", "p90_time_min"} {
			v, err := regions.Numbers(what)
			if err != nil {
				return nil, err
			}
			add(row, what, v[row], v[row]*slow[0], v[row]*slow[1], float64(len(r.slowness))) // a speed divides every time
		}
		for k, l := range r.sure {
			if finding.Of[*measure.Withheld](r.Study).OfRegions[row] && l.Name != "share_beyond" && (l.Name != "site_gain" || r.Spec.Siting.Goal == "treated") {
				continue // an interval would give the number away
			}
			one := make([]float64, len(r.local))
			for i := range one {
				one[i] = r.local[i][k].Value[row]
			}
			w := access.NewWeighted(one, ground.Ones(len(one)))
			q := w.Quantiles(0.025, 0.975)
			add(row, l.Name, l.Value[row], q[0], q[1], w.Total())
		}
	}
	sh := finding.Sheet{Of: "uncertainty_regions"}
	sh.Text("region_id", id)
	sh.Text("name", name)
	sh.Text("metric", metric)
	sh.Number("value", value)
	sh.Number("low_2_5", low)
	sh.Number("high_97_5", high)
	sh.Count("draws", n)
	sh.Text("region_gap", unsure)
	return sh.Table("draws", r.Spec.Uncertainty.Draws)
}
