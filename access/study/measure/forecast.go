package measure

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Forecast is what years to come may bring.
type Forecast struct{ *finding.Study }

// FindForecast finds the years to come, where the study asks for it.
func FindForecast(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if s.Spec.Forecast == nil {
		return nil, nil
	}
	return &Forecast{s}, nil
}

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
func (r *Forecast) growth(year int) float64 {
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
func (r *Forecast) tripsIn(year int) (*ground.Trips, string) {
	f := r.Spec.Forecast
	t, name, latest := r.Ways, "", math.MinInt
	for y, sc := range f.Opens {
		at, _ := strconv.Atoi(y)
		if at += f.BuildYears; at <= year && at > latest {
			for _, o := range finding.Outcomes(r.Study) {
				if o.Name == sc {
					t, name, latest = o.Ways, o.Name, at
				}
			}
		}
	}
	return t, name
}

// outlook takes a year apart, under a penalty curve, every speed multiplied by
// speed and every number of patients by rate; the room there is stays.
func (r *Forecast) outlook(year int, c ground.Curve, speed, rate float64) access.Outlook {
	f, m := r.Spec.Forecast, r.Model
	// The mean likelihood over the eligible who have a time today.
	average := func(t *ground.Trips, odds float64) float64 {
		var sum float64
		for i, e := range r.Eligible {
			// Who has a way only later is counted apart: nothing is known of them today.
			if p := c.At(t.Minutes[i] / speed); !math.IsNaN(p) && !math.IsNaN(r.Ways.Minutes[i]) {
				sum += e * odds * p / (1 - p + odds*p)
			}
		}
		return min(sum/m.Timed, 1) // above it by rounding only
	}
	first := average(r.Ways, 1)
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

// Tell makes the table by year, and takes the target apart.
func (r *Forecast) Tell(context.Context) error {
	f := r.Spec.Forecast
	m := r.Model
	c := m.Curves[0]
	s := &finding.ForecastSummary{From: f.From, To: f.To, Denominator: cmp.Or(r.Spec.Demand.ReachOf(), "eligible"), Curve: string(c.Beyond)}
	sh := finding.Sheet{Of: "forecast"}
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
	s.Eligible, s.Treated, s.Reach = finding.Num(eligible[last]), finding.Num(treated[last]), finding.Num(reach[last])
	if f.Target != nil {
		s.Target = targetOf(f, outlook, eligible[last], m.Timed)
	}
	sh.Count("year", year)
	sh.Number("eligible", eligible)
	sh.Number("asked", asked)
	sh.Number("room", room)
	sh.Number("treated", treated)
	sh.Number("reach", reach)
	sh.Text("scenario", sites)
	r.noteNewly(f)
	if f.Target != nil && f.Target.Double == "proportion" && ground.More(outlook.Target, eligible[last]) {
		return fmt.Errorf("forecast.target.double: twice today's reach is more than everybody: %.4g of %.4g eligible", outlook.Target, eligible[last])
	}
	if err := r.trends(f, s, &sh, year); err != nil {
		return err
	}
	r.Result.Summary.Forecast = s
	return r.AddTable(sh.Table())
}

// targetOf takes the target apart: what each part of the way to it brings, given
// the eligible of the last year and those of today who have a way to a center.
func targetOf(f *spec.ForecastSpec, outlook access.Outlook, eligible, timed float64) *finding.TargetSummary {
	s := &finding.TargetSummary{
		Double: f.Target.Double, Now: finding.Num(outlook.Now), Target: finding.Num(outlook.Target), Eligibles: finding.Num(outlook.Eligibles),
		Geography: finding.Num(outlook.Geography), Referral: finding.Num(outlook.Referral), Capacity: finding.Num(outlook.Capacity),
		Residual: finding.Num(outlook.Residual), Ceiling: finding.Num(outlook.Ceiling),
		Other: finding.Num(2 * outlook.Now),
	}
	if f.Target.Double == "number" {
		s.Other = finding.Num(2 * outlook.Now * eligible / timed)
	}
	s.Yearly = finding.Num(math.Pow(outlook.Target/eligible/(outlook.Now/timed), 1/float64(f.To-f.From)) - 1)
	return s
}

// noteNewly notes the eligible whom the last year's centers give a way.
func (r *Forecast) noteNewly(f *spec.ForecastSpec) {
	if late, _ := r.tripsIn(f.To); late != r.Ways {
		var newly float64
		for i, e := range r.Eligible {
			if math.IsNaN(r.Ways.Minutes[i]) && !math.IsNaN(late.Minutes[i]) {
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
func (r *Forecast) trends(f *spec.ForecastSpec, s *finding.ForecastSummary, sh *finding.Sheet, year []float64) error {
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
		sh.Number("trend_{model}", v, "model", model.name)
		x := finding.TrendSummary{Model: model.name, Last: finding.Num(v[last]), Edge: t.Edge, HoldOut: spec.Filled(*f).HoldOut}
		forecast, off, err := access.HoldOut(model.fit, history, x.HoldOut)
		if err != nil {
			return fmt.Errorf("forecast.hold_out: %w", err)
		}
		x.Forecast, x.Error = finding.Num(forecast), finding.Num(off)
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

// DrawPatients has the last year's headlines, under the leading curve.
func (r *Forecast) DrawPatients(_ context.Context, x finding.Draw, under finding.Curve, d *finding.Drawn) error {
	if !under.Leads || under.Of == nil {
		return nil
	}
	o := r.outlook(r.Spec.Forecast.To, *under.Of, x.Speed, x.Rate)
	d.Add("treated_in_last_year", o.Treated)
	if r.Spec.Forecast.Target != nil {
		d.Add("residual_in_last_year", o.Residual)
	}
	return nil
}

// Pitfalls is that of [Misleading].
func (r *Forecast) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 23, Key: "doubling", Check: r.doubling},
	}
}

func (r *Forecast) doubling(context.Context) (*finding.Note, error) {
	if r.Spec.Forecast.Target == nil {
		return nil, nil
	}
	t := r.Result.Summary.Forecast.Target
	if t.Target == t.Other {
		return finding.Mind("doubling.one", r.Total, "target", float64(t.Target), "ceiling", float64(t.Ceiling))
	}
	return finding.Mind("doubling", r.Total, "double", t.Double, "target", float64(t.Target), "other", float64(t.Other), "ceiling", float64(t.Ceiling))
}
