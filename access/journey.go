package access

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"careshed/geo/travel"
)

// Stage is a step of a patient's way that needs a visit: consult, work-up,
// apheresis, bridging, lymphodepletion, infusion, monitoring, follow-up. It is
// done at the nearest open site with its role.
type Stage struct {
	Name   string
	Role   string
	Visits float64 // return trips, where the patient lives near enough to travel
	Window bool    // within the days near the center: no trips if the patient relocates
	Remote bool    // by telehealth: no travel, and no site is needed
	Days   []int   // of the visits, counted from the infusion; nil if they are not dated
}

// Regime is what a jurisdiction asks of patients from a date on.
type Regime struct {
	Name         string
	From         time.Time      // first day
	NearDays     float64        // days to stay near the center after infusion
	NearTime     travel.Seconds // how near; NaN where it is not verified and must be named
	NoDriveDays  float64
	Source       string
	Jurisdiction string
}

// Regimes are those that are published, oldest first; a zero From is from the
// start. Two hours stand in the European and British product information; many
// United States centers ask for 30 minutes. NaN: not verified.
var Regimes = []Regime{
	{"US until June 2025", time.Time{}, 28, 7200, 56, "FDA REMS and labels; Mushtaq 2021", "US"},
	{"US from 26 June 2025", time.Date(2025, 6, 26, 0, 0, 0, 0, time.UTC), 14, travel.Seconds(math.NaN()), 14, "FDA safety communication, 26 June 2025; whether two hours stand in the present label is not verified", "US"},
	{"EU and UK label", time.Time{}, 28, 7200, math.NaN(), "Kymriah product information: within two hours, four weeks; whether it stands today is not verified", "EU"},
}

// RegimeOn is the regime of a jurisdiction on a day.
func RegimeOn(jurisdiction string, day time.Time) (Regime, error) {
	var found *Regime
	for i, r := range Regimes {
		if r.Jurisdiction == jurisdiction && !day.Before(r.From) {
			found = &Regimes[i]
		}
	}
	if found == nil {
		return Regime{}, fmt.Errorf("no regime is known for %q on %s; known are US and EU", jurisdiction, day.Format(time.DateOnly))
	}
	return *found, nil
}

// Rates are prices that the user brings. A rate that is NaN is not known, and no
// cost that needs it is given: missing is not zero.
type Rates struct {
	PerKm, Night, MealDay, WageHour float64
}

// Unknown rates.
func UnknownRates() Rates {
	n := math.NaN()
	return Rates{n, n, n, n}
}

// Course is a course of treatment: its stages, the days in hospital, and whether
// somebody comes along.
type Course struct {
	Stages    []Stage
	Inpatient float64 // days
	Caregiver bool
	Regime    Regime
	Rates     Rates
}

// Burden is what a course asks of a patient and those around. NaN: cannot be
// said, because a stage has no site within reach or a rate is not known.
type Burden struct {
	Trips, Hours, Km float64 // return trips; hours and kilometres of travel
	DriverTrips      float64 // of the dated trips, those on days when the patient may not drive; NaN where the regime does not say
	Relocated        bool    // lives farther from the monitoring site than the regime allows
	PatientNights    float64 // away from home, outside the hospital
	CaregiverNights  float64
	CaregiverDays    float64
	Cost             float64
	Missing          string // the stage without a site, or the rate that is not known
}

// Way is the journey to the site of a stage: one way.
type Way struct {
	Time travel.Seconds // Unreached if there is no site
	Km   float64
}

// StageBurden is what a stage asks of a patient. NaN: its site cannot be reached.
type StageBurden struct {
	Trips, Hours, Km float64 // return trips; hours and kilometres of travel
	DriverTrips      float64 // of the dated trips; NaN where the regime does not say
	Nights           float64 // away, of patient and caregiver: at the stage whose return trip is the stay
}

// relocates says whether a patient stays near the site that monitors, and for how many
// nights: of the patient outside the hospital, and of the caregiver.
func (c Course) relocates(monitor Way) (stays bool, patient, caregiver float64) {
	if stays = monitor.Time > c.Regime.NearTime; !stays {
		return false, 0, 0
	}
	if c.Caregiver {
		caregiver = c.Regime.NearDays
	}
	return true, math.Max(0, c.Regime.NearDays-c.Inpatient), caregiver
}

// ByStage are the burdens of the stages in their order, given the way to the site of
// each and to the site that monitors, which must be reached. They add up to that of the
// course, but for the nights of who relocates in a course without a stage in the window.
func (c Course) ByStage(ways []Way, monitor Way) iter.Seq2[int, StageBurden] {
	return func(yield func(int, StageBurden) bool) {
		relocated, patient, caregiver := c.relocates(monitor)
		stayed := false
		for i, s := range c.Stages {
			b, w := StageBurden{DriverTrips: c.Regime.NoDriveDays * 0}, ways[i] // NaN stays NaN
			visits, driven := c.visits(s)
			if s.Window && relocated && !s.Remote {
				visits, driven = 0, 0
				if !stayed {
					visits, stayed, w = 1, true, monitor // there and back once, to stay
					driven = b2i(c.Regime.NearDays < c.Regime.NoDriveDays)
					b.Nights = patient + caregiver
				}
			}
			switch {
			case visits == 0:
			case w.Time == travel.Unreached:
				n := math.NaN()
				b = StageBurden{n, n, n, n, n}
			default:
				b.Trips, b.DriverTrips = visits, b.DriverTrips+float64(driven)
				b.Hours, b.Km = 2*visits*float64(w.Time)/3600, 2*visits*w.Km
			}
			if !yield(i, b) {
				return
			}
		}
	}
}

// visits are the trips that a stage asks of who lives near: none for one seen from afar,
// and none on a day in hospital; and those of them on days without driving.
func (c Course) visits(s Stage) (visits float64, driven int) {
	if s.Remote {
		return 0, 0
	}
	visits = s.Visits
	for _, d := range s.Days {
		if d > 0 && float64(d) < c.Inpatient {
			visits-- // in hospital already
			continue
		}
		driven += b2i(float64(d) >= 0 && float64(d) < c.Regime.NoDriveDays)
	}
	return visits, driven
}

// Burden computes the course of a patient, given the way to the site of each
// stage and to the site that monitors (C4 of the evidence).
//
// Somebody who lives farther from that site than the regime allows stays near
// it: as many nights as the regime asks for, less those in hospital; the trips
// of stages within the window fall away but for one return trip. A caregiver
// comes on every trip and stays all the days.
func (c Course) Burden(ways []Way, monitor Way) Burden {
	b := Burden{Cost: math.NaN(), DriverTrips: c.Regime.NoDriveDays * 0} // NaN stays NaN
	if monitor.Time == travel.Unreached {
		return Burden{Trips: math.NaN(), DriverTrips: math.NaN(), Hours: math.NaN(), Km: math.NaN(), PatientNights: math.NaN(), CaregiverNights: math.NaN(), CaregiverDays: math.NaN(), Cost: math.NaN(), Missing: "monitor"}
	}
	b.Relocated, b.PatientNights, b.CaregiverNights = c.relocates(monitor)
	for i, s := range c.ByStage(ways, monitor) {
		b.Trips, b.DriverTrips, b.Hours, b.Km = b.Trips+s.Trips, b.DriverTrips+s.DriverTrips, b.Hours+s.Hours, b.Km+s.Km
		if math.IsNaN(s.Trips) {
			b.Missing = c.Stages[i].Name
		}
	}
	if c.Caregiver {
		b.CaregiverDays = c.Regime.NearDays
	}
	if b.Missing != "" { // the course cannot be gone through: nothing of it is known
		b.PatientNights, b.CaregiverNights, b.CaregiverDays = math.NaN(), math.NaN(), math.NaN()
	}
	b.Cost, b.Missing = c.cost(b)
	return b
}

// cost adds up what rates are known for all of.
func (c Course) cost(b Burden) (float64, string) {
	if b.Missing != "" {
		return math.NaN(), b.Missing
	}
	persons := 1.0
	if c.Caregiver {
		persons = 2
	}
	nights := b.PatientNights + b.CaregiverNights
	parts := []struct {
		name         string
		amount, rate float64
	}{
		{"rate per km", b.Km, c.Rates.PerKm}, {"rate per night", nights, c.Rates.Night}, {"rate per day of meals", nights, c.Rates.MealDay},
		{"wage", b.Hours*persons + 8*b.CaregiverDays, c.Rates.WageHour},
	}
	var sum float64
	for _, p := range parts {
		if p.amount == 0 || p.rate == 0 {
			continue
		}
		if math.IsNaN(p.amount) {
			return math.NaN(), "kilometres of the way"
		}
		if math.IsNaN(p.rate) {
			return math.NaN(), p.name
		}
		sum += p.amount * p.rate
	}
	return sum, ""
}

// ContactDays is the days of the course on which the patient is seen: those of
// dated visits in person and those in hospital, each once. ok is false where a
// stage in person has visits without dates.
func (c Course) ContactDays() (days int, ok bool) {
	var visits []int
	for _, s := range c.Stages {
		if s.Remote {
			continue
		}
		if float64(len(s.Days)) != s.Visits {
			return 0, false
		}
		visits = append(visits, s.Days...)
	}
	return ContactDays(visits, 0, int(math.Ceil(c.Inpatient))-1), true
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ContactDays is the number of different days with a visit or in hospital: two
// visits of one day are one day (days from 0; the stay covers from to, both
// included).
func ContactDays(visits []int, from, to int) int {
	days := slices.Clone(visits)
	for d := from; d <= to; d++ {
		days = append(days, d)
	}
	slices.Sort(days)
	return len(slices.Compact(days))
}
