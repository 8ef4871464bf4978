package measure

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// JourneyMeasure asks what a course of treatment demands of patients: trips,
// hours, nights away, costs.
type JourneyMeasure struct {
	Jurisdiction  string      `yaml:"jurisdiction" doc:"US or EU: whose rules on staying near the center and driving"`
	Date          string      `yaml:"date" doc:"the day, YYYY-MM-DD, for rules that changed"`
	NearMin       float64     `yaml:"near_min" doc:"minutes within which a patient need not relocate, in place of the rule's"`
	InpatientDays *float64    `yaml:"inpatient_days" doc:"days in hospital after infusion"`
	Caregiver     bool        `yaml:"caregiver" doc:"true if somebody comes along and stays"`
	Stages        []StageSpec `yaml:"stages" most:"stages" doc:"the visits of the course"`
	Rates         *RatesSpec  `yaml:"rates" doc:"prices, in any one currency; what is left out is missing, not 0"`
}

// StageSpec is a step of the course.
type StageSpec struct {
	Name       string  `yaml:"name" doc:"such as consult or monitoring"`
	Role       string  `yaml:"role" doc:"done at the nearest open site with this role, or that infuses"`
	Visits     float64 `yaml:"visits" doc:"return trips"`
	Window     bool    `yaml:"window" doc:"true within the days near the center: who relocates makes no trips"`
	Telehealth bool    `yaml:"telehealth" doc:"true if seen from afar: no travel"`
	Days       []int64 `yaml:"days" most:"visits" doc:"the days of the visits, from the infusion; in place of visits"`
}

// RatesSpec is prices.
type RatesSpec struct {
	PerKm    *float64 `yaml:"per_km" doc:"a kilometre"`
	Night    *float64 `yaml:"night" doc:"a night away, a person"`
	MealDay  *float64 `yaml:"meal_day" doc:"meals of a day away, a person"`
	WageHour *float64 `yaml:"wage_hour" doc:"an hour of travel or care; 0 for none"`
}

// Acting is that of [Params].
func (*JourneyMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// Validate is that of [Params].
func (j *JourneyMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	if err := spec.Check(
		spec.That(spec.In(j.Jurisdiction, "US", "EU"), at+".jurisdiction", fmt.Sprintf("found %q", j.Jurisdiction), "US, EU"),
		spec.That(len(j.Stages) > 0, at+".stages", "is missing", "[{name, role, visits, window}]"),
		spec.That(j.InpatientDays != nil && *j.InpatientDays >= 0, at+".inpatient_days", "is missing", "days in hospital, 0 or more"),
		spec.That(j.NearMin >= 0, at+".near_min", "is below 0", "minutes"),
	); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, j.Date); err != nil {
		return &spec.SpecError{Field: at + ".date", Problem: fmt.Sprintf("found %q", j.Date), Accept: "a day, such as 2025-07-01"}
	}
	for _, s := range j.Stages {
		if len(s.Days) > 0 && s.Visits != 0 && s.Visits != float64(len(s.Days)) {
			return &spec.SpecError{Field: at + ".stages",
				Problem: fmt.Sprintf("%s has %v visits and %d days", s.Name, s.Visits, len(s.Days)), Accept: "one of them"}
		}
		if s.Name == "" || !slices.Contains(spec.Roles(), s.Role) || !(s.Visits >= 0) {
			return &spec.SpecError{Field: at + ".stages",
				Problem: fmt.Sprintf("%q with role %q and %v visits does not fit", s.Name, s.Role, s.Visits),
				Accept:  "a name, visits of 0 or more, a role of " + spec.Listed(spec.Roles()...)}
		}
	}
	return nil
}

// course is the measure with its regime and what is known of prices.
func (j *JourneyMeasure) course() (access.Course, error) {
	day, err := time.Parse(time.DateOnly, j.Date)
	if err != nil {
		return access.Course{}, err
	}
	c := access.Course{Inpatient: *j.InpatientDays, Caregiver: j.Caregiver, Rates: access.UnknownRates()}
	if c.Regime, err = access.RegimeOn(j.Jurisdiction, day); err != nil {
		return c, err
	}
	if j.NearMin > 0 {
		c.Regime.NearTime = travel.FromMinutes(j.NearMin)
	}
	if c.Regime.NearTime != c.Regime.NearTime {
		return c, &spec.SpecError{Field: "measures.journey.near_min", Accept: "minutes, such as 120 (the rule before) or 30 (many centers)",
			Problem: fmt.Sprintf("is missing: how near patients must stay under %s is not verified", c.Regime.Name)}
	}
	for _, s := range j.Stages {
		st := access.Stage{Name: s.Name, Role: s.Role, Visits: s.Visits, Window: s.Window, Remote: s.Telehealth}
		for _, d := range s.Days {
			st.Days = append(st.Days, int(d))
		}
		if len(st.Days) > 0 {
			st.Visits = float64(len(st.Days))
		}
		c.Stages = append(c.Stages, st)
	}
	if r := j.Rates; r != nil {
		for _, x := range []struct {
			from *float64
			to   *float64
		}{{r.PerKm, &c.Rates.PerKm}, {r.Night, &c.Rates.Night}, {r.MealDay, &c.Rates.MealDay}, {r.WageHour, &c.Rates.WageHour}} {
			if x.from != nil {
				*x.to = *x.from
			}
		}
	}
	return c, nil
}

// Journeys is the burden of every place.
type Journeys struct {
	*finding.Study
	Course access.Course
	ByRole map[string][]access.Way // by role
	Burden []access.Burden
	siteOf map[string][]int // by role, the site of each place's way; -1 without one
}

// burdens are those of every place, every speed multiplied by speed.
func (j *Journeys) burdens(speed float64) []access.Burden {
	monitor := j.ByRole["monitor"]
	out := make([]access.Burden, len(monitor))
	one := make([]access.Way, len(j.Course.Stages))
	at := func(w access.Way) access.Way {
		w.Time /= travel.Seconds(speed)
		return w
	}
	for i := range out {
		for k, s := range j.Course.Stages {
			one[k] = at(j.ByRole[s.Role][i])
		}
		out[i] = j.Course.Burden(one, at(monitor[i]))
	}
	return out
}

// burdenSum is the headlines of a journey: means over people.
type burdenSum struct{ hours, nights, relocate, people float64 }

func (j *Journeys) sum(burden []access.Burden, people []float64) (s burdenSum) {
	for i, b := range burden {
		if math.IsNaN(b.Trips) {
			continue
		}
		s.people += people[i]
		s.hours += people[i] * b.Hours
		s.nights += people[i] * (b.PatientNights + b.CaregiverNights)
		s.relocate += people[i] * float64(ground.Bit(b.Relocated))
	}
	s.hours, s.nights, s.relocate = s.hours/s.people, s.nights/s.people, s.relocate/s.people
	return s
}

// FindJourneys sends the patients of every place through the course: each stage at
// the nearest open site with its role. A site that infuses does every stage.
func FindJourneys(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	m := spec.Asked[*JourneyMeasure](s.Spec.Measures)
	if m == nil {
		return nil, nil
	}
	course, err := m.course()
	if err != nil {
		return nil, err
	}
	r := &Journeys{Study: s, Course: course, ByRole: map[string][]access.Way{}, siteOf: map[string][]int{}}
	for _, role := range append([]string{"monitor"}, roles(course.Stages)...) {
		if r.ByRole[role] == nil {
			if r.ByRole[role], r.siteOf[role], err = waysTo(ctx, s, role); err != nil {
				return nil, err
			}
		}
	}
	r.Burden = r.burdens(1)
	return r, nil
}

func roles(stages []access.Stage) []string {
	out := make([]string, len(stages))
	for i, s := range stages {
		out[i] = s.Role
	}
	return out
}

// waysTo is the way of every place to its nearest site with a role, and that site.
func waysTo(ctx context.Context, r *finding.Study, role string) ([]access.Way, []int, error) {
	out, site := make([]access.Way, r.Places.Len()), make([]int, r.Places.Len())
	for i := range out {
		out[i].Time, site[i] = travel.Unreached, -1
	}
	var open []int
	for i := range r.Sites {
		if r.Sites[i].Has(role) || r.Sites[i].Has("infuse") {
			open = append(open, i)
		}
	}
	err := r.ByGroup(r.Sites, open, func(p, s []int) error {
		q := r.Query(r.Sites, p, s)
		q.Lengths = true
		legs, err := r.Engine.Nearest(ctx, q, 1)
		if err != nil {
			return err
		}
		for k, l := range legs {
			if l.Site >= 0 {
				out[p[k]], site[p[k]] = access.Way{Time: l.Time, Km: l.Length.Kilometres()}, s[l.Site]
			}
		}
		return nil
	})
	return out, site, err
}

// byStage are the burdens of every place by stage; nil for one that reaches no site that
// monitors.
func (j *Journeys) byStage() [][]access.StageBurden {
	out, ways := make([][]access.StageBurden, len(j.Burden)), make([]access.Way, len(j.Course.Stages))
	for i, monitor := range j.ByRole["monitor"] {
		if monitor.Time == travel.Unreached {
			continue
		}
		for k, s := range j.Course.Stages {
			ways[k] = j.ByRole[s.Role][i]
		}
		for _, b := range j.Course.ByStage(ways, monitor) {
			out[i] = append(out[i], b)
		}
	}
	return out
}

// PlaceColumns are the burdens by place.
func (j *Journeys) PlaceColumns(sh *finding.Sheet) {
	n := len(j.Burden)
	trips, driven, hours, km := ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n)
	nights, care, days, cost := ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n)
	relocated, missing := ground.NaNs(n), make([]string, n)
	for i, b := range j.Burden {
		trips[i], hours[i], km[i], nights[i], care[i], cost[i], missing[i] = b.Trips, b.Hours, b.Km, b.PatientNights, b.CaregiverNights, b.Cost, b.Missing
		driven[i], days[i] = b.DriverTrips, b.CaregiverDays
		if !math.IsNaN(b.Trips) {
			relocated[i] = float64(ground.Bit(b.Relocated))
		}
	}
	sh.Number("journey_trips", trips)
	sh.Number("journey_driver_trips", driven)
	sh.Number("journey_hours", hours)
	sh.Number("journey_km", km)
	sh.Flag("journey_relocates", relocated)
	sh.Number("journey_nights", nights)
	sh.Number("journey_caregiver_nights", care)
	sh.Number("journey_caregiver_days", days)
	sh.Number("journey_cost", cost)
	sh.Text("journey_missing", missing)
}

// Tell gives the means, weighted by people.
func (j *Journeys) Tell(context.Context) error {
	n := len(j.Burden)
	hours, trips, nights, cost := ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n)
	for i, b := range j.Burden {
		hours[i], trips[i], nights[i], cost[i] = b.Hours, b.Trips, b.PatientNights+b.CaregiverNights, b.Cost
	}
	sum := j.sum(j.Burden, j.People)
	contact := math.NaN()
	if d, ok := j.Course.ContactDays(); ok {
		contact = float64(d)
	}
	j.Result.Summary.Journey = &finding.JourneySummary{Regime: j.Course.Regime.Name, Source: j.Course.Regime.Source,
		NearDays: finding.Num(j.Course.Regime.NearDays), NearMin: finding.Num(j.Course.Regime.NearTime.Minutes()), People: finding.Num(sum.people),
		Trips: finding.StatsOf(trips, j.People), Hours: finding.StatsOf(hours, j.People),
		Nights: finding.StatsOf(nights, j.People), Cost: finding.StatsOf(cost, j.People),
		ContactDays: finding.Num(contact), Relocate: finding.Num(sum.relocate * sum.people), RelocateShare: finding.Num(sum.relocate)}
	j.Note("journey.regime", "regime", j.Course.Regime.Name, "source", j.Course.Regime.Source)
	return nil
}

// Draw has the means in a draw.
func (j *Journeys) Draw(_ context.Context, x finding.Draw, d *finding.Drawn) error {
	s := j.sum(j.burdens(x.Speed), j.People)
	d.Add("journey_hours", s.hours)
	d.Add("journey_nights", s.nights)
	d.Add("journey_relocate_share", s.relocate)
	return nil
}

// Pitfalls is that of [Misleading].
func (j *Journeys) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 16, Key: "outpatient", Check: j.outpatient},
		{Number: 17, Key: "regime", Check: j.otherRegime},
	}
}

func (j *Journeys) outpatient(context.Context) (*finding.Note, error) {
	if j.Course.Inpatient >= 7 {
		return nil, nil
	}
	people := j.PeopleWhere(func(i int) bool { return j.Burden[i].Relocated && !math.IsNaN(j.Burden[i].Trips) })
	return finding.Mind("outpatient", people, "days", j.Course.Inpatient)
}

// jurisdictions are the countries that a regime is written foj.
var jurisdictions = map[string][]string{
	"US": {"US"},
	"EU": {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
		"LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "UK"},
}

func (j *Journeys) otherRegime(context.Context) (*finding.Note, error) {
	regime := j.Course.Regime
	people := j.PeopleWhere(func(i int) bool {
		return j.Country[i] != "" && !slices.Contains(jurisdictions[regime.Jurisdiction], j.Country[i])
	})
	if people == 0 {
		return nil, nil
	}
	return finding.Mind("regime", people, "regime", regime.Name)
}
