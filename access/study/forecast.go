package study

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// years are the numbers of a map by year, in their order.
func years(m map[string]float64) []access.YearCount {
	var out []access.YearCount
	for _, k := range slices.Sorted(maps.Keys(m)) { // years of four digits sort as text
		y, _ := strconv.Atoi(k)
		out = append(out, access.YearCount{Year: y, Count: m[k]})
	}
	return out
}

// roomIn is the treatments that there is room for in a year.
func roomIn(f *spec.ForecastSpec, year int) float64 {
	given := years(f.Capacity)
	switch {
	case len(given) == 0:
		return math.Inf(1)
	case year <= given[0].Year:
		return given[0].Count
	}
	for k := 1; k < len(given); k++ {
		if a, b := given[k-1], given[k]; year <= b.Year {
			return a.Count + (b.Count-a.Count)*float64(year-a.Year)/float64(b.Year-a.Year)
		}
	}
	return given[len(given)-1].Count
}

// growth is what the eligible are in a year over those of the first: people and
// incidence grow, and who is diagnosed in one year may reach the line in a later.
func (r *run) growth(year int) float64 {
	f := r.Spec.Forecast
	new := func(year int) float64 {
		return math.Pow((1+f.PeopleGrowth)*(1+f.IncidenceGrowth), float64(max(0, year-f.From)))
	}
	if len(r.Funnels) == 0 {
		return new(year)
	}
	var all, then float64
	for _, x := range r.Funnels {
		lag := x.Spec.Lag
		if len(lag) == 0 {
			lag = []float64{1}
		}
		all += x.Count.Eligible
		for l, share := range lag {
			then += x.Count.Eligible * share * new(year-l)
		}
	}
	if all == 0 {
		return new(year) // nobody grows as all do
	}
	return then / all
}

// tripsIn are the ways of a year: those of the scenario that stands by then.
func (r *run) tripsIn(year int) (*ground.Trips, string) {
	f := r.Spec.Forecast
	t, name, latest := r.base, "", math.MinInt
	for y, sc := range f.Opens {
		at, _ := strconv.Atoi(y)
		if at += f.BuildYears; at <= year && at > latest {
			for _, o := range r.outcome {
				if o.name == sc {
					t, name, latest = o.trips, o.name, at
				}
			}
		}
	}
	return t, name
}

// outlook takes a year apart, under a penalty curve, every speed multiplied by
// speed and every number of patients by rate; the room there is stays.
func (r *run) outlook(year int, c ground.Curve, speed, rate float64) access.Outlook {
	f, m := r.Spec.Forecast, r.model
	// The mean likelihood over the eligible who have a time today.
	average := func(t *ground.Trips, odds float64) float64 {
		var sum float64
		for i, e := range r.Eligible {
			// Who has a way only later is counted apart: nothing is known of them today.
			if p := c.At(t.Minutes[i] / speed); !math.IsNaN(p) && !math.IsNaN(r.base.Minutes[i]) {
				sum += e * odds * p / (1 - p + odds*p)
			}
		}
		return min(sum/m.Timed, 1) // above it by rounding only
	}
	first := average(r.base, 1)
	now := rate * m.Timed
	e := now * r.growth(year)
	t, _ := r.tripsIn(year)
	target := math.NaN()
	if f.Target != nil {
		target = 2 * first * e
		if f.Target.Double == "number" {
			target = 2 * first * now
		}
	}
	return access.Decompose(now, e, first, average(t, 1), average(t, math.Pow(1+f.ReferralGrowth, float64(year-f.From))), c.P0, roomIn(f, year), target)
}

// presentForecast makes the table by year, and takes the target apart.
func (r *run) presentForecast(context.Context) error {
	f := r.Spec.Forecast
	if f == nil {
		return nil
	}
	m := r.model
	c := m.Curves[0]
	s := &ForecastSummary{From: f.From, To: f.To, Denominator: cmp.Or(r.Spec.Demand.ReachOf(), "eligible"), Curve: string(c.Beyond)}
	var sh sheet
	var year, eligible, asked, room, treated, reach []float64
	var sites []string
	var outlook access.Outlook
	for y := f.From; y <= f.To; y++ {
		outlook = r.outlook(y, c, 1, 1)
		e := m.Timed * r.growth(y)
		_, name := r.tripsIn(y)
		year, eligible, sites = append(year, float64(y)), append(eligible, e), append(sites, name)
		asked = append(asked, outlook.Treated-outlook.Capacity)
		room = append(room, roomIn(f, y))
		treated, reach = append(treated, outlook.Treated), append(reach, reached(outlook.Treated, m.Denominator*r.growth(y)))
	}
	for k := range room {
		if math.IsInf(room[k], 1) {
			room[k] = math.NaN()
		}
	}
	last := len(year) - 1
	s.Eligible, s.Treated, s.Reach = Num(eligible[last]), Num(treated[last]), Num(reach[last])
	if f.Target != nil {
		s.Target = targetOf(f, outlook, eligible[last], m.Timed)
	}
	sh.count("year", "Year", year)
	sh.number("eligible", "Eligible patients with a way to a center", "patients a year", eligible)
	sh.number("asked", "Who would be treated, were there room", "patients a year", asked)
	sh.number("room", "Treatments that there is room for", "a year", room)
	sh.number("treated", "Treated", "patients a year", treated)
	sh.number("reach", "Treated of the study's denominator", "", reach)
	sh.text("scenario", "Scenario that stands by then", sites)
	r.noteNewly(f)
	if f.Target != nil && f.Target.Double == "proportion" && outlook.Target > eligible[last] {
		return fmt.Errorf("forecast.target.double: twice today's reach is more than everybody: %.4g of %.4g eligible", outlook.Target, eligible[last])
	}
	if err := r.trends(f, s, &sh, year); err != nil {
		return err
	}
	r.result.Summary.Forecast = s
	return r.addTable(sh.table("forecast", "Eligible and treated by year"))
}

// targetOf takes the target apart: what each part of the way to it brings, given
// the eligible of the last year and those of today who have a way to a center.
func targetOf(f *spec.ForecastSpec, outlook access.Outlook, eligible, timed float64) *TargetSummary {
	s := &TargetSummary{
		Double: f.Target.Double, Now: Num(outlook.Now), Target: Num(outlook.Target), Eligibles: Num(outlook.Eligibles),
		Geography: Num(outlook.Geography), Referral: Num(outlook.Referral), Capacity: Num(outlook.Capacity),
		Residual: Num(outlook.Residual), Ceiling: Num(outlook.Ceiling),
		Other: Num(2 * outlook.Now),
	}
	if f.Target.Double == "number" {
		s.Other = Num(2 * outlook.Now * eligible / timed)
	}
	s.Yearly = Num(math.Pow(outlook.Target/eligible/(outlook.Now/timed), 1/float64(f.To-f.From)) - 1)
	return s
}

// noteNewly notes the eligible whom the last year's centers give a way.
func (r *run) noteNewly(f *spec.ForecastSpec) {
	if late, _ := r.tripsIn(f.To); late != r.base {
		var newly float64
		for i, e := range r.Eligible {
			if math.IsNaN(r.base.Minutes[i]) && !math.IsNaN(late.Minutes[i]) {
				newly += e
			}
		}
		if newly > 0 {
			r.Note("forecast.newly", "n", newly)
		}
	}
}

// trends are what two curves make of the history, and how far off each is on the
// years that are held out.
func (r *run) trends(f *spec.ForecastSpec, s *ForecastSummary, sh *sheet, year []float64) error {
	history, last := years(f.History), len(year)-1
	for _, model := range []struct {
		name string
		fit  func([]access.YearCount) (access.Trend, error)
	}{{"logistic", access.LogisticTrend}, {"damped", access.DampedTrend}} {
		if len(history) == 0 {
			break
		}
		t, err := model.fit(history)
		if err != nil {
			return fmt.Errorf("forecast.history: %w", err)
		}
		v := make([]float64, len(year))
		for k, y := range year {
			v[k] = t.At(int(y))
		}
		sh.number("trend_"+model.name, "Trend of the history, "+model.name, "patients a year", v)
		x := TrendSummary{Model: model.name, Last: Num(v[last]), Edge: t.Edge, HoldOut: spec.Filled(*f).HoldOut}
		forecast, off, err := access.HoldOut(model.fit, history, x.HoldOut)
		if err != nil {
			return fmt.Errorf("forecast.hold_out: %w", err)
		}
		x.Forecast, x.Error = Num(forecast), Num(off)
		s.Trends = append(s.Trends, x)
		if t.Edge != "" {
			r.Note("forecast.edge", "trend", model.name, "what", t.Edge)
		}
	}
	return nil
}

// reached is the share of a denominator who are treated, who are among them: above
// 1 by rounding only.
func reached(treated, of float64) float64 {
	x := treated / of
	if x > 1 && x < 1+1e-12 {
		return 1
	}
	return x
}

// AttritionMeasure asks how many are lost between referral and infusion, and
// what shorter stages would save.
type AttritionMeasure struct {
	LeavePerMonth float64                       `yaml:"leave_per_month" doc:"rate at which patients die, progress or go elsewhere; 0.05 to 0.21 has been implied"`
	Days          map[string]float64            `yaml:"days" doc:"STAGE: its days, such as {referral: 11, apheresis: 107, vein_to_vein: 32}"`
	Levers        map[string]map[string]float64 `yaml:"levers" doc:"NAME: {STAGE: days}, the stages that would be shorter"`
}

// Acting is that of [Params].
func (*AttritionMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// Validate is that of [Params].
func (m *AttritionMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	if err := spec.Check(
		spec.That(m.LeavePerMonth > 0 && m.LeavePerMonth < 10, at+".leave_per_month", fmt.Sprintf("found %v", m.LeavePerMonth),
			"a rate above 0, such as 0.105"),
		spec.That(len(m.Days) > 0, at+".days", "is missing", "{STAGE: days}"),
	); err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(m.Days)) {
		if d := m.Days[k]; !(d >= 0) {
			return &spec.SpecError{Field: at + ".days." + k, Problem: fmt.Sprintf("found %v", d), Accept: "days of 0 or more"}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Levers)) {
		for stage, d := range m.Levers[name] {
			if _, ok := m.Days[stage]; !ok || !(d >= 0) {
				return &spec.SpecError{Field: at + ".levers." + name + "." + stage, Problem: fmt.Sprintf("found %v", d),
					Accept: "days of 0 or more for a stage of days: " + ground.Some(slices.Sorted(maps.Keys(m.Days)), 12)}
			}
		}
	}
	return nil
}

func (r *run) presentAttrition(context.Context) error {
	m := spec.Asked[*AttritionMeasure](r.Spec.Measures)
	if m == nil {
		return nil
	}
	stages := slices.Sorted(maps.Keys(m.Days))
	with := func(change map[string]float64) (days []float64, sum float64) {
		for _, k := range stages {
			d := m.Days[k]
			if v, ok := change[k]; ok {
				d = v
			}
			days = append(days, d)
			sum += d
		}
		return days, sum
	}
	days, sum := with(nil)
	lost := access.Attrition(days, m.LeavePerMonth)
	s := &AttritionSummary{Days: Num(sum), LeavePerMonth: Num(m.LeavePerMonth), Lost: Num(lost)}
	name, total, share, more := []string{"today"}, []float64{sum}, []float64{lost}, []float64{0}
	for _, l := range slices.Sorted(maps.Keys(m.Levers)) {
		days, sum := with(m.Levers[l])
		x := access.Attrition(days, m.LeavePerMonth)
		gain := math.NaN()
		if r.model != nil {
			gain = r.model.Treated * ((1-x)/(1-lost) - 1)
		}
		s.Levers = append(s.Levers, LeverSummary{l, Num(sum), Num(x), Num((1-x)/(1-lost) - 1), Num(gain)})
		name, total, share, more = append(name, l), append(total, sum), append(share, x), append(more, gain)
	}
	r.result.Summary.Attrition = s
	if r.queues != nil {
		r.Note("attrition.overlap")
	}
	var sh sheet
	sh.text("lever", "Lever", name)
	sh.number("days", "Days from referral to infusion", "days", total)
	sh.number("lost_share", "Share of the referred lost on the way", "", share)
	sh.number("treated_change", "More treated than today", "patients a year", more)
	return r.addTable(sh.table("attrition", "Lost between referral and infusion"))
}
