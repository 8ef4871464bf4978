package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/data"
	"careshed/geo"
)

// print shows a result as asked.
func (e *env) print(r *study.Result, format, layer string) error {
	switch format {
	case "json":
		return writeJSON(e.out, r.Summary)
	case "table":
		_, err := io.WriteString(e.out, headlines(r))
		return err
	}
	l := r.Layer(layer)
	if l == nil {
		var known []string
		for _, x := range append(append([]*geo.Layer{}, r.Layers...), r.Tables...) {
			known = append(known, x.Name)
		}
		return usageError{fmt.Errorf("--layer %q is not in this result; it has %s", layer, strings.Join(known, ", "))}
	}
	if err := holds(format, l); err != nil {
		return err
	}
	return data.Write(e.out, l, format)
}

// holds refuses a format of shapes for a table that has none.
func holds(format string, l *geo.Layer) error {
	if f, ok := data.FormatNamed(format); ok && f.Shapes && l.IsTable() {
		return usageError{fmt.Errorf("%s is a table without shapes; accepted: --format %s", l.Name,
			strings.Join(data.Names(func(f data.Format) bool { return f.Writes() && !f.Shapes }), ", "))}
	}
	return nil
}

// page collects lines of words and numbers.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// number writes n with thousands separated and so many decimals, – for none.
func number(n study.Num, decimals int) string {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return "–"
	}
	s := fmt.Sprintf("%.*f", decimals, float64(n))
	whole, rest, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if !strings.ContainsAny(s, "123456789") {
		sign = "" // nothing is not less than nothing
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		rest = "." + rest
	}
	return sign + whole + rest
}

func percent(n study.Num) string { return number(100*n, 1) + " %" }

// amount is a number of people: whole where there are many, and with significant
// digits where there are few, as of eligible patients or of people in thousands.
func amount(n study.Num) string {
	if a := math.Abs(float64(n)); a < 10 && float64(n) != math.Trunc(float64(n)) {
		return short(n)
	}
	return number(n, 0)
}

// people is a number of them, in words.
func people(n study.Num) string {
	if n == 1 {
		return "1 person"
	}
	return amount(n) + " people"
}

// patients is a number of them with so many decimals; few are not written as none.
func patients(n study.Num, decimals int) string {
	if s := number(n, decimals); strings.ContainsAny(s, "123456789") || math.Abs(float64(n)) < 1e-9 {
		return s
	}
	first, _ := strconv.ParseFloat(fmt.Sprintf("%.1g", float64(n)), 64)
	return strconv.FormatFloat(first, 'f', -1, 64)
}

// several is a number of things, in words.
func several(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return number(study.Num(n), 0) + " " + thing
}

// tooFew says how many centers have too little room.
func tooFew(n int) string {
	if n == 1 {
		return "1 center is asked for more than it has"
	}
	return several(n, "center") + " are asked for more than they have"
}

// headlines are the summary as a person reads it.
func headlines(r *study.Result) string {
	s := r.Summary
	var p page
	p.line("%s: %s in %s, %s (%s)", cmp.Or(s.Title, s.Name), people(s.Population), several(s.Places, "place"), several(s.Sites.Campuses, "center"),
		several(s.Sites.Rows, "row"))
	if t := s.Travel; t != nil {
		p.line("\nTo the nearest center (engine %s, borders %s)", t.Engine.Name, t.Borders)
		p.line("  %-26s %10s %10s %10s %10s", "", "mean", "median", "P90", "P95")
		for _, row := range []struct {
			name string
			s    study.Stats
		}{{"straight line, km", t.GeodesicKm}, {"way, km", t.DistanceKm}, {"time, minutes", t.TimeMin}} {
			p.line("  %-26s %10s %10s %10s %10s", row.name, number(row.s.Mean, 1), number(row.s.Median, 1), number(row.s.P90, 1), number(row.s.P95, 1))
		}
		for _, b := range t.Bands {
			p.line("  within %4s minutes        %21s %8s", number(b.Minutes, 0), people(b.People), percent(b.Share))
		}
		for _, b := range t.BandsKm {
			p.line("  within %4s kilometres     %21s %8s", number(b.Km, 0), people(b.People), percent(b.Share))
		}
		for _, reason := range sortedKeys(t.WithoutTime) {
			p.line("  no time: %-17s %21s %8s", reason, people(t.WithoutTime[reason]), percent(t.WithoutTime[reason]/s.Population))
		}
	}
	if g := s.Gaps; g != nil {
		p.line("\nMore than %s minutes away: %s (%s), %s of them without a road route; %s", number(g.BeyondMin, 0), people(g.PeopleBeyond), percent(g.ShareBeyond),
			amount(g.WithoutTime), several(g.Regions, "region"))
		for _, status := range sortedKeys(g.Names) {
			p.line("  %-16s %3d  %s", status, g.Count[status], some(g.Names[status]))
		}
	}
	if a := s.Apart; a != nil {
		p.line("  without %s, where our list of centers is not to be trusted (%s): median %s min, 90 %% within %s, %s farther than %s min",
			some(a.Regions), people(a.People), number(a.TimeMin.Median, 1), number(a.TimeMin.P90, 1), percent(a.ShareBeyond), number(a.BeyondMin, 0))
	}
	if g := s.Gaps; g != nil && g.Published != "" {
		p.line("  published: without a center are %s", g.Published)
	}
	if d := s.Density; d != nil {
		p.line("\nCenters per %s people (published for 25 countries: 0.3 to 11.4 per 10 million)", number(d.Per, 0))
		for _, c := range d.Countries {
			list := ""
			if c.List != "" {
				list = "; our list: " + c.List
			}
			if c.Published > c.Campuses && c.Listed < c.Published {
				list += fmt.Sprintf("; with all %d it would be up to %s", c.Published, number(study.Num(c.Published)*d.Per/c.Population, 2))
			}
			p.line("  %-8s %6s from %s (%s), %s%s", cmp.Or(c.Country, "all"), number(c.PerPeople, 2), several(c.Campuses, "center"), several(c.Rows, "row"), c.Position,
				list)
		}
	}
	if d := s.Density; d != nil && d.ByRegion != nil {
		p.line("  by region  lowest %s, median %s, highest %s", number(d.ByRegion.Lowest, 2), number(d.ByRegion.Median, 2), number(d.ByRegion.Highest, 2))
	}
	if x := s.Penalty; x != nil {
		p.line("\nTreatments, %s (%s form, %s, effect %s): %s eligible a year, %s treated", strings.Join(x.Patients, "; "), x.Form, x.Family, number(x.Effect, 2), patients(x.Eligible, 1), patients(x.Observed, 1))
		if x.WithoutTime > 0 {
			p.line("  %s eligible have no road route and are left out", patients(x.WithoutTime, 1))
		}
		if len(s.Uncertainty) == 0 {
			p.line("  no likely range was computed: the study does not ask for one (uncertainty)")
		}
		for _, c := range x.Curves {
			p.line("  beyond 4 h: %-9s lost to distance %8s%s; were all within 30 minutes %s (%s more); at 2 to 4 hours %s less likely to be treated",
				c.Beyond, patients(c.Foregone, 1), likely(s, "foregone_"+c.Beyond), patients(c.Ceiling, 1), percent(c.CeilingGain), percent(1-c.ImpliedRisk))
			for _, sent := range c.Sent {
				p.line("    known to be sent elsewhere: %s, %s, %s (%s), %s", sent.Area, sent.When, number(sent.Count, 0), sent.Qualifier, sent.Source)
			}
		}
		for _, c := range s.Counted {
			beside := c.NoModel
			if beside == "" {
				beside = fmt.Sprintf("expected %s, %.2f: %.1f times", patients(c.Model, 1), c.Model100k, c.Ratio)
			}
			if c.Unsure != "" {
				beside += "; " + mayHaveOne(c.Unsure)
			}
			p.line("  counted, %s, %s: %s a year (%s, %s), %.2f per 100,000; %s", c.Area, c.When, number(c.Yearly, 0), c.Indication, c.Stage, c.Per100k, beside)
		}
	}
	if x := s.Penalty; x != nil {
		for _, q := range x.Inequality {
			p.line("  of the likelihood, %s%s: %s%s %s", q.Name, rank(q.Rank), short(q.Value), interval(q), q.Why)
		}
	}
	if d := s.Demand; d != nil {
		p.line("\nFrom new cases to eligible patients, a year: %s eligible, %s per 100,000 people", patients(d.Eligible, 1), number(d.Per100k, 2))
		for _, f := range d.Funnels {
			p.line("  %-20s line %d: %s new, %s treated at all, %s reach the line, %s inside the label, %s fit, %s eligible", f.Name, f.Line,
				patients(f.Incident, 1), patients(f.FirstLine, 1), patients(f.AtLine, 1), patients(f.Label, 1), patients(f.Fit, 1), patients(f.Eligible, 1))
		}
		if !math.IsNaN(float64(d.ReachFit)) {
			p.line("  treated: %s of those inside the label, %s of the fit", percent(d.ReachLabel), percent(d.ReachFit))
		}
	}
	if c := s.Capacity; c != nil {
		p.line("\nA month: %s arrive, room for %s; %s treated, %s lost from the list, %s sent on, %s deterred by the longer way", patients(c.Arrivals, 2), patients(c.Capacity, 2), patients(c.Served, 2), patients(c.Lost, 2), patients(c.SentOn, 2), patients(c.Deterred, 2))
		p.line("  %s wait in the long run, %s after %s months; %s a month wait longer than %s days; %s", patients(c.Waiting, 1), patients(c.Later, 1), number(c.Months, 0), patients(c.Delayed, 2),
			number(c.DelayDays, 0), tooFew(c.Full))
	}
	if a := s.Attrition; a != nil {
		p.line("\nFrom referral to infusion %s days: %s of the referred are lost at %s a month", number(a.Days, 0), percent(a.Lost), short(a.LeavePerMonth))
		for _, l := range a.Levers {
			p.line("  %-24s %s days, %s lost, %s %% treated (%s a year)", l.Name, number(l.Days, 0), percent(l.Lost), signed(100*l.More, 1), more(l.Change, 1))
		}
	}
	if f := s.Forecast; f != nil {
		p.line("\n%d: %s eligible, %s treated, reach %s (of the %s)", f.To, patients(f.Eligible, 1), patients(f.Treated, 1), percent(f.Reach), f.Denominator)
		if t := f.Target; t != nil {
			p.line("  target: double the %s: %s (the other reading: %s)", t.Double, number(t.Target, 1), number(t.Other, 1))
			p.line("  today %s, more eligible %s, geography %s, referral %s, capacity %s, left for other levers %s", patients(t.Now, 1), more(t.Eligibles, 1), more(t.Geography, 1), more(t.Referral, 1), more(t.Capacity, 1), more(t.Residual, 1))
			p.line("  ceiling of geography, everybody within half an hour: %s", patients(t.Ceiling, 1))
		}
		for _, t := range f.Trends {
			p.line("  %s trend: %s; tested on the last %d years it was %s %% off", t.Model, number(t.Last, 0), t.HoldOut, signed(100*t.Error, 1))
		}
	}
	for _, g := range s.Representation {
		p.line("\n%s: %s of recipients, %s of people, ratio %s", g.Group, percent(g.Recipients), percent(g.People), short(g.Ratio))
	}
	for _, m := range s.Measures {
		if m.Of == "sites" {
			p.line("\n%s (%s): mean %s, median %s over the sites", m.Column, settings(m.Parameters), short(m.Mean), short(m.Median))
			continue
		}
		over := people(m.People)
		if m.Parameters["demand"] == "eligible" {
			over = amount(m.People) + " eligible patients a year"
		}
		p.line("\n%s (%s): mean %s, median %s over %s", m.Column, settings(m.Parameters), short(m.Mean), short(m.Median), over)
		if m.Bound >= 0 {
			p.line("  no cost is off that of the equilibrium by more than %s of it", roundedUp(float64(m.Bound)))
		}
		for _, reason := range sortedKeys(m.None) {
			p.line("  %s: %s", reason, people(m.None[reason]))
		}
		for _, q := range m.Inequality {
			over := ""
			if q.People < m.People {
				over = fmt.Sprintf(" over %s of %s", amount(q.People), people(m.People))
			}
			p.line("  %s%s: %s%s%s %s", q.Name, rank(q.Rank), short(q.Value), interval(q), over, q.Why)
		}
	}
	for _, x := range s.Spatial {
		p.line("\n%s gathers: Moran's I %s (z %s, %s neighbours); %d of %d places in clusters", x.Of, number(x.Moran, 3), number(x.Z, 1), x.Neighbours, x.Clusters, x.Places)
		if x.Why != "" {
			p.line("  no value: %s", x.Why)
		}
	}
	if j := s.Journey; j != nil {
		p.line("\nA course of treatment (%s: %s days within %s minutes of the center), over %s", j.Regime, number(j.NearDays, 0), number(j.NearMin, 0), people(j.People))
		p.line("  mean %s return trips, %s hours of travel, %s nights away; %s of people must stay near the center", number(j.Trips.Mean, 1), number(j.Hours.Mean, 1), number(j.Nights.Mean, 1), percent(j.RelocateShare))
		if !math.IsNaN(float64(j.Cost.Mean)) {
			p.line("  mean cost %s by the rates given", number(j.Cost.Mean, 0))
		}
	}
	p.transfer(s.Transfer)
	if f := s.Referral; f != nil {
		p.line("\nFrom %d referring hospitals (not from home): mean %s km straight, %s minutes", f.Hospitals, number(f.GeodesicKm.Mean, 1), number(f.TimeMin.Mean, 1))
	}
	p.byChoice(s.ByChoice)
	p.flows(s)
	if d := s.Delay; d != nil {
		p.line("\nDelay of %s days: %s life-years of the population", number(d.Days, 1), number(d.LifeYears, 0))
	}
	for _, o := range s.Scenarios {
		p.line("\nScenario %s (%s), compared with %s", o.Name, strings.Join(o.Changes, "; "), o.ComparedWith)
		p.line("  mean time %s minutes (%s); nearer for %s, farther for %s", number(o.MeanTimeMin, 1), signed(o.MeanChange, 2), people(o.PeopleNearer), amount(o.PeopleFarther))
		if o.NewlyTimed+o.NoLonger > 0 {
			p.line("  a way for the first time for %s, none any more for %s; the change of the mean is that of those who have a time in both", people(o.NewlyTimed), amount(o.NoLonger))
		}
		for _, g := range o.Treated {
			p.line("  beyond 4 h: %-9s treated %s (%s a year)", g.Beyond, patients(g.Treated, 2), more(g.Change, 3))
		}
		for _, m := range o.Measures {
			p.line("  %s: mean %s (%s)", m.Column, short(m.Mean), signed(m.Change, 3))
		}
	}
	if x := s.Siting; x != nil {
		asked := ""
		if x.Asked > 0 {
			asked = fmt.Sprintf(" of %d", x.Asked)
		}
		p.line("\nWhere next: %d%s sites, goal %s, %d of %d candidates within the rules", x.Opened, asked, x.Goal, x.Allowed, x.Candidates)
		for _, l := range x.Short {
			p.line("  not proven: our list has %d of the %d published centers of %s; with the missing ones other sites may be better", l.Listed, l.Published, l.Country)
		}
		for i, step := range x.Plan {
			hub := ""
			if step.Hub != "" {
				hub = fmt.Sprintf(", hub %s at %s min", step.Hub, number(step.HubMin, 0))
			}
			draws := ""
			if !math.IsNaN(float64(step.InDraws)) {
				draws = fmt.Sprintf(", in %s of the draws", percent(step.InDraws))
			}
			apart := ""
			if step.Apart > 0 {
				apart = fmt.Sprintf(" (alone, %s of people without a time today)", short(step.Apart))
			}
			if step.Unsure != "" {
				apart += "; " + mayHaveOne(step.Unsure)
			}
			p.line("  %2d  %-28s gain %s%s%s%s", i+1, cmp.Or(step.Name, step.ID), short(step.Gain), apart, hub, draws)
		}
		switch {
		case !math.IsNaN(float64(x.Value)) && math.IsNaN(float64(x.Bound)):
			p.line("  %s %s; no bound is known", short(x.Value), x.Unit)
		case !math.IsNaN(float64(x.Value)):
			p.line("  %s %s; no plan does with less than %s", short(x.Value), x.Unit, short(x.Bound))
		case !math.IsNaN(float64(x.Bound)):
			p.line("  together %s %s; no plan gains more than %s (gap %s)", short(x.Gain), x.Unit, short(x.Bound), gap(x))
		default:
			p.line("  together %s %s", short(x.Gain), x.Unit)
		}
		if x.Why != "" {
			p.line("  %s", x.Why)
		}
		if x.LeastRegret != "" && x.LeastRegret != "the plan" {
			p.line("  if inputs are uncertain, a safer choice is: %s", x.LeastRegret)
		}
		if m := x.Moves; m != nil {
			p.line("  if %d centers might close: %s %s (no plan gains more than %s); closes %s, opens %s", m.Allowed, short(m.Gain), x.GainUnit, short(m.Bound), cmp.Or(some(m.Closes), "none"), cmp.Or(some(m.Opens), "none"))
		}
		if len(x.Short) > 0 {
			p.line("  %s", strings.Replace(x.Method, "proven best", "the best for this list of centers", 1))
		} else {
			p.line("  %s", x.Method)
		}
	}
	if len(s.Uncertainty) > 0 {
		p.line("\nOver %d draws, the middle 95 %%", s.Uncertainty[0].Draws)
		for _, i := range s.Uncertainty {
			p.line("  %-34s %s (%s to %s)%s", i.What, short(i.Value), short(i.Low), short(i.High), because(i.Why))
		}
	}
	var lost []study.Missing
	for _, m := range s.NoValue {
		// Indices, spatial statistics and draws have said why where they stand.
		if m.Lost() && !strings.Contains(m.Field, "inequality") && !strings.HasPrefix(m.Field, "spatial") && !strings.HasPrefix(m.Field, "uncertainty") {
			lost = append(lost, m)
		}
	}
	if len(lost) > 0 {
		p.line("\nNo value")
		for _, m := range lost {
			p.line("  - %s: %s", m.Field, m.Why)
		}
	}
	if len(s.Notes) > 0 {
		p.line("\nNotes")
		for _, n := range s.Notes {
			p.line("  - %s", n.Text)
		}
	}
	return p.String()
}

// mayHaveOne marks a number of a region that may have a center which the list lacks.
func mayHaveOne(list string) string { return "not sure: the region may have a center (" + list + ")" }

// likely is the likely range of a headline, where one was computed.
func likely(s study.Summary, what string) string {
	for _, u := range s.Uncertainty {
		if u.What == what && !math.IsNaN(float64(u.Low)) {
			return fmt.Sprintf(" (likely %s to %s)", patients(u.Low, 1), patients(u.High, 1))
		}
	}
	return ""
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return "; " + why
}

// interval is that of an index, where it has one.
func interval(q study.IndexSummary) string {
	if q.Draws == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s to %s)", short(q.Low), short(q.High))
}

// gap is how far from the best possible a plan may be, as people read it.
func gap(x *study.SitingSummary) string {
	switch {
	case x.Proven && len(x.Short) > 0:
		return "0 for this list of centers"
	case x.Proven:
		return "0, proven for this list of centers"
	case x.Gap == 0:
		return "below 0.01 %"
	}
	return fmt.Sprintf("%.2g %%", 100*float64(x.Gap))
}

// some are the first of many names.
func some(names []string) string {
	const most = 12
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + ", …"
}

// short writes a number with four significant digits.
func short(n study.Num) string {
	v := float64(n)
	switch a := math.Abs(v); {
	case math.IsNaN(v), math.IsInf(v, 0):
		return "–"
	case a >= 1000 || a == 0:
		return number(n, 0)
	case a >= 1:
		return number(n, 3)
	}
	return fmt.Sprintf("%.4g", v)
}

// more is a change in patients, see [patients].
func more(n study.Num, decimals int) string {
	if n > 0 {
		return "+" + patients(n, decimals)
	}
	return patients(n, decimals)
}

func signed(n study.Num, decimals int) string {
	if n > 0 {
		return "+" + number(n, decimals)
	}
	return number(n, decimals)
}

func rank(r string) string {
	if r == "" {
		return ""
	}
	return " by " + r
}

func settings(m map[string]string) string {
	var parts []string
	for _, k := range sortedKeys(m) {
		parts = append(parts, k+" "+m[k])
	}
	return strings.Join(parts, ", ")
}

// roundedUp writes a bound: one digit of it, rounded up.
func roundedUp(bound float64) string {
	if bound == 0 || math.IsInf(bound, 1) {
		return fmt.Sprint(bound)
	}
	unit := math.Pow(10, math.Floor(math.Log10(bound)))
	return fmt.Sprintf("%.0e", math.Ceil(bound/unit)*unit)
}
