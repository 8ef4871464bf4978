package access_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"careshed/access"
	"careshed/geo/travel"
)

func course(regime access.Regime) access.Course {
	return access.Course{Inpatient: 15, Caregiver: true, Regime: regime, Rates: access.UnknownRates(), Stages: []access.Stage{
		{Name: "consult", Role: "evaluate", Visits: 2}, {Name: "apheresis", Role: "apheresis", Visits: 1},
		{Name: "infusion", Role: "infuse", Visits: 1, Window: true}, {Name: "monitoring", Role: "monitor", Visits: 14, Window: true}}}
}

func TestJourneyByHand(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	old, err := access.RegimeOn("US", day("2025-06-25"))
	fresh, err2 := access.RegimeOn("US", day("2025-06-26"))
	if err != nil || err2 != nil || old.NearDays != 28 || fresh.NearDays != 14 || old.NoDriveDays != 56 || fresh.NoDriveDays != 14 {
		t.Fatalf("%+v, %+v", old, fresh)
	}
	if _, err := access.RegimeOn("MARS", day("2025-06-26")); err == nil {
		t.Error("there is a regime on Mars")
	}
	hour, far := access.Way{Time: 3600, Km: 60}, access.Way{Time: 3 * 3600, Km: 250}
	c := course(old)
	// An hour away: 2 + 1 + 1 + 14 return trips of two hours, no relocation.
	b := c.Burden([]access.Way{hour, hour, hour, hour}, hour)
	if b.Relocated || b.Trips != 18 || b.Hours != 36 || b.Km != 18*120 || b.PatientNights != 0 || b.CaregiverDays != 28 {
		t.Errorf("%+v", b)
	}
	// Three hours away: the window's trips are one; 13 nights out of hospital, 28
	// of the caregiver.
	b = c.Burden([]access.Way{far, far, far, far}, far)
	if !b.Relocated || b.Trips != 4 || b.Hours != 24 || b.PatientNights != 13 || b.CaregiverNights != 28 {
		t.Errorf("%+v", b)
	}
	// Missing is not zero.
	if !math.IsNaN(b.Cost) || b.Missing != "rate per km" {
		t.Errorf("without rates the cost is %v, missing %q", b.Cost, b.Missing)
	}
	c.Rates = access.Rates{PerKm: 0.5, Night: 100, MealDay: 40, WageHour: 0}
	if b = c.Burden([]access.Way{far, far, far, far}, far); !near(b.Cost, 0.5*2000+41*140, 1e-9) {
		t.Errorf("cost %v", b.Cost)
	}
	if b = c.Burden([]access.Way{far, {Time: travel.Unreached}, far, far}, far); !math.IsNaN(b.Trips) || b.Missing != "apheresis" {
		t.Errorf("%+v", b)
	}
	if got := access.ContactDays([]int{1, 1, 3, 20}, 3, 7); got != 7 { // 1, 3-7, 20
		t.Errorf("%d contact days", got)
	}
}

// A shorter regime raises nothing; a smaller radius lowers no nights; a spoke
// nearer for a stage raises no hours.
func TestJourneyLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	way := func() access.Way {
		h := r.ExpFloat64() * 2
		return access.Way{Time: travel.Seconds(3600 * h), Km: 70 * h}
	}
	for range 500 {
		c := course(access.Regimes[0])
		c.Inpatient, c.Caregiver = float64(r.IntN(30)), r.IntN(2) == 0
		c.Rates = access.Rates{PerKm: r.Float64(), Night: 100 * r.Float64(), MealDay: 30 * r.Float64(), WageHour: 20 * r.Float64()}
		ways, monitor := []access.Way{way(), way(), way(), way()}, way()
		b := c.Burden(ways, monitor)
		short := c
		short.Regime.NearDays = 14
		if s := short.Burden(ways, monitor); s.PatientNights > b.PatientNights || s.CaregiverNights > b.CaregiverNights || s.CaregiverDays > b.CaregiverDays || s.Hours > b.Hours || s.Cost > b.Cost+1e-9 {
			t.Fatalf("fewer days: %+v, then %+v", b, s)
		}
		tight := c
		tight.Regime.NearTime = 1800
		if s := tight.Burden(ways, monitor); s.PatientNights < b.PatientNights || s.CaregiverNights < b.CaregiverNights {
			t.Fatalf("a smaller radius: %+v, then %+v", b, s)
		}
		spoke := append([]access.Way{}, ways...)
		k := r.IntN(2)
		spoke[k] = access.Way{Time: ways[k].Time / 2, Km: ways[k].Km / 2}
		if s := c.Burden(spoke, monitor); s.Hours > b.Hours+1e-9 || s.Cost > b.Cost+1e-9 {
			t.Fatalf("a spoke: %+v, then %+v", b, s)
		}
	}
}

// Visits on a day when the patient may not drive need a driver; two visits of a
// day are one contact day; telehealth travels nowhere.
func TestDatedVisits(t *testing.T) {
	c := course(access.Regimes[0]) // 28 days near, 56 without driving
	c.Inpatient = 10
	c.Stages = []access.Stage{
		{Name: "consult", Visits: 1, Days: []int{-30}},
		{Name: "monitoring", Visits: 4, Window: true, Days: []int{12, 12, 20, 27}},
		{Name: "follow-up", Visits: 2, Days: []int{40, 90}},
		{Name: "calls", Visits: 5, Remote: true}}
	hour, far := access.Way{Time: 3600, Km: 60}, access.Way{Time: 3 * 3600, Km: 250}
	ways := func(w access.Way) []access.Way { return []access.Way{w, w, w, {Time: travel.Unreached}} }
	if b := c.Burden(ways(hour), hour); b.Trips != 7 || b.DriverTrips != 5 || b.Hours != 14 { // days 12, 12, 20, 27, 40
		t.Errorf("near: %+v", b)
	}
	// Who relocates goes home on day 28, driven, and is driven on day 40.
	if b := c.Burden(ways(far), far); b.Trips != 4 || b.DriverTrips != 2 {
		t.Errorf("far: %+v", b)
	}
	if d, ok := c.ContactDays(); !ok || d != 16 { // -30; 0 to 9; 12, 20, 27; 40, 90
		t.Errorf("%d contact days, %v", d, ok)
	}
	c.Regime = access.Regimes[1] // 14 days
	c.Regime.NearTime = 7200
	if b := c.Burden(ways(hour), hour); b.DriverTrips != 2 {
		t.Errorf("with 14 days: %+v", b)
	}
	if b := c.Burden(ways(far), far); b.DriverTrips != 0 {
		t.Errorf("with 14 days, relocated: %+v", b)
	}
	c.Regime = access.Regimes[2] // says nothing of driving
	if b := c.Burden(ways(hour), hour); !math.IsNaN(b.DriverTrips) || b.Trips != 7 {
		t.Errorf("unknown: %+v", b)
	}
	// A call within the window is not the way there.
	c.Stages = []access.Stage{{Name: "calls", Visits: 3, Window: true, Remote: true}, {Name: "visits", Visits: 4, Window: true, Days: []int{3, 12, 20, 27}}}
	if b := c.Burden([]access.Way{far, far}, far); b.Trips != 1 || b.Hours != 6 {
		t.Errorf("calls and visits: %+v", b)
	}
	// On day 3 of 10 the patient is in hospital already.
	if b := c.Burden([]access.Way{hour, hour}, hour); b.Trips != 3 {
		t.Errorf("a visit in hospital: %+v", b)
	}
	c.Stages[1].Days = nil
	if _, ok := c.ContactDays(); ok {
		t.Error("undated visits have contact days")
	}
}

// The stages by hand: of who stays, the stay and its nights stand at the first stage in
// the window, and what is seen from afar asks for nothing.
func TestStagesByHand(t *testing.T) {
	c := course(access.Regime{Name: "two hours", NearDays: 28, NearTime: 7200, NoDriveDays: 56})
	c.Stages = append(c.Stages, access.Stage{Name: "calls", Visits: 3, Remote: true})
	hour, far := access.Way{Time: 3600, Km: 60}, access.Way{Time: 3 * 3600, Km: 250}
	for _, x := range []struct {
		ways    []access.Way
		monitor access.Way
		want    []access.StageBurden
	}{
		{[]access.Way{hour, hour, far, hour, {Time: travel.Unreached}}, hour, []access.StageBurden{{Trips: 2, Hours: 4, Km: 240}, {Trips: 1, Hours: 2, Km: 120},
			{Trips: 1, Hours: 6, Km: 500}, {Trips: 14, Hours: 28, Km: 1680}, {}}},
		// 13 nights of the patient outside the hospital, 28 of the caregiver.
		{[]access.Way{hour, far, hour, far, far}, far, []access.StageBurden{{Trips: 2, Hours: 4, Km: 240}, {Trips: 1, Hours: 6, Km: 500},
			{Trips: 1, Hours: 6, Km: 500, Nights: 41, DriverTrips: 1}, {}, {}}}, // home before 56 days are over
	} {
		for k, got := range c.ByStage(x.ways, x.monitor) {
			if want := x.want[k]; got != want {
				t.Errorf("stage %s: %+v, want %+v", c.Stages[k].Name, got, want)
			}
		}
	}
}
