package osm

import (
	"math"
	"strings"
	"testing"
)

// tagged are tags as KEY=VALUE.
func tagged(all ...string) (t tags) {
	for _, one := range all {
		k, v, _ := strings.Cut(one, "=")
		if keyOf[k] == noKey {
			panic(k)
		}
		t[keyOf[k]] = v
	}
	return t
}

// one is the road of a way that is one road at most.
func one(r *rules, t *tags) (roadway, bool) {
	roads, n := r.way(t)
	return roads[0], n == 1
}

func TestPostedSpeeds(t *testing.T) {
	r := newRules(Car())
	for _, c := range []struct {
		text string
		want float64
	}{
		{"", 25}, {"50", 40}, {"50 km/h", 40}, {"30 mph", 38.62}, {"30mph", 38.62}, {"10 knots", 14.82}, {"walk", 7}, {"DE:walk", 7}, {"none", 112},
		{"signals", 25}, {"variable", 25}, {"DE:rural", 80}, {"de:urban", 40}, {"DE:zone:30", 24}, {"DE:zone30", 24}, {"FR:zone30", 24},
		{"RO:urban", 40}, {"RO:unheard", 25}, {"US:25", 32.19}, {"50;30", 40}, {"30|50|80", 64}, {"0", 25}, {"-50", 25}, {"9999", 25}, {"NaN", 25}, {"1e300", 25}, {"50 furlongs", 25},
	} {
		if got := r.posted(c.text, 25, true); math.Abs(got-c.want) > 0.01 {
			t.Errorf("%q: %v km/h, want %v", c.text, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		text string
		want uint32
	}{
		{"20", 1200}, {"0:20", 1200}, {"01:20", 4800}, {"1:20:30", 4830}, {"PT20M", 1200}, {"PT1H30M", 5400}, {"P1DT2H", 93600}, {"PT90S", 90}, {"1.5", 90}, {"90 min", 5400}, {"1 h 30 min", 5400}, {"2h", 7200}, {"1h30m", 5400}, {"45 minutes", 2700}, {"0:45", 2700},
		{"", 0}, {"-5", 0}, {"5 days", 0}, {"min", 0}, {"1 h soon", 0}, {"1000 h", 0}, {"P1Y", 0}, {"PT", 0}, {"P", 0}, {"1:2:3:4", 0}, {"99999999", 0}, {"soon", 0}, {"NaN", 0}, {"PTNaNM", 0}, {"PT5D", 0}, {"P5H", 0},
	} {
		got, ok := parseDuration(c.text)
		if !ok {
			got = 0
		}
		if got != c.want || ok != (c.want > 0) {
			t.Errorf("%q: %d s %v, want %d", c.text, got, ok, c.want)
		}
	}
}

func TestAccess(t *testing.T) {
	r := newRules(Car())
	for _, c := range []struct {
		tags   tags
		use    Use
		stated bool
	}{
		{tags{}, Open, false},
		{tagged("access=no"), Closed, true},
		{tagged("access=no", "motor_vehicle=yes"), Open, true},
		{tagged("access=yes", "vehicle=no"), Closed, true},
		{tagged("vehicle=no", "motorcar=private"), Behind, true},
		{tagged("motor_vehicle=agricultural;destination"), Behind, true},
		{tagged("motor_vehicle=agricultural; forestry"), Closed, true},
		{tagged("access=customers"), Behind, true},
		{tagged("motor_vehicle=unheard", "access=private"), Behind, true},
		{tagged("access=employees"), Behind, true},
		{tagged("access=no_through_traffic"), Behind, true},
		{tagged("motor_vehicle=taxi"), Closed, true},
		{tagged("motor_vehicle=taxi;residents"), Behind, true},
	} {
		if use, stated := r.use(&c.tags, atTimes, plain); use != c.use || stated != c.stated {
			t.Errorf("%+v: %v %v", c.tags, use, stated)
		}
	}
}

func TestDirections(t *testing.T) {
	for _, c := range []struct {
		tags          tags
		implied       bool
		ahead, behind bool
	}{
		{tags{}, false, true, true},
		{tags{}, true, true, false},
		{tagged("oneway=no"), true, true, true},
		{tagged("oneway=-1"), false, false, true},
		{tagged("oneway=yes"), false, true, false},
		{tags{junction: "roundabout"}, false, true, false},
		{tagged("junction=roundabout", "oneway=-1"), false, false, true},
		{tagged("oneway=yes", "oneway:motor_vehicle=no"), false, true, true},
		{tagged("oneway=reversible"), false, false, false},
	} {
		if a, b := newRules(Car()).directions(&c.tags, c.implied); a != c.ahead || b != c.behind {
			t.Errorf("%+v: %v %v", c.tags, a, b)
		}
	}
}

// A speed is the kind's, or the posted one, and the surface caps both.
func TestSpeeds(t *testing.T) {
	r := newRules(Car())
	for _, c := range []struct {
		tags tags
		want uint16 // tenths of km/h
	}{
		{tags{highway: "primary"}, 650},
		{tags{highway: "primary", maxspeed: "100"}, 800},
		{tags{highway: "primary", maxspeed: "100", surface: "gravel"}, 400},
		{tags{highway: "residential", surface: "gravel"}, 250},
		{tags{highway: "residential", surface: "earth"}, 200},
		{tags{highway: "track", tracktype: "grade5"}, 100},
		{tags{highway: "primary", maxspeed: "1"}, 30},
		{tags{highway: "residential", surface: "asphalt;earth; gravel"}, 200}, // as good as its worst stretch
		{tags{highway: "primary", maxspeedType: "DE:rural"}, 800},             // no number is written
		{tags{highway: "primary", maxspeedZone: "DE:30"}, 240},
		{tags{highway: "primary", maxspeedType: "BE-VLG:rural"}, 560},
		{tags{highway: "primary", maxspeedSource: "FR:urban"}, 400},
		{tags{highway: "primary", maxspeedType: "DE:rural", maxspeed: "70"}, 560},
		{tags{highway: "primary", maxspeedType: "sign"}, 650},
		{tags{highway: "primary", maxspeedSource: "https://example.org/limits/50"}, 650},
		{tags{highway: "service", service: "driveway"}, 100},
	} {
		w, ok := one(r, &c.tags)
		if !ok || w.ahead != c.want || w.back != c.want {
			t.Errorf("%+v: %+v", c.tags, w)
		}
	}
	if _, n := r.way(&tags{highway: "primary", smoothness: "good;impassable"}); n != 0 {
		t.Error("a road that is impassable in part is driven")
	}
	w, _ := one(r, &tags{highway: "primary", maxspeed: "80", maxspeedAhead: "50"})
	if w.ahead != 400 || w.back != 640 {
		t.Errorf("by direction: %+v", w)
	}
}

// The hash changes with any number.
func TestHash(t *testing.T) {
	seen := map[string]bool{Car().Hash(): true}
	for _, change := range []func(*Profile){
		func(p *Profile) { p.Version++ },
		func(p *Profile) { p.Kinds[3].Speed++ },
		func(p *Profile) { p.Kinds[3].Rank++ },
		func(p *Profile) { p.Kinds[9].Local = true },
		func(p *Profile) { p.Ferry.Speed++ },
		func(p *Profile) { p.Signed += 0.01 },
		func(p *Profile) { p.Countries["DE"]["rural"]++ },
		func(p *Profile) { p.Surfaces[0].Speed++ },
		func(p *Profile) { p.Rights[0].Use = Closed },
		func(p *Profile) { p.Barriers[2].Seconds++ },
		func(p *Profile) { p.Yield += 0.5 },
		func(p *Profile) { p.Signals++ },
	} {
		p := Car()
		change(p)
		if seen[p.Hash()] {
			t.Errorf("the hash is one that was there before: %+v", p)
		}
		seen[p.Hash()] = true
	}
	if again := Car().Hash(); !seen[again] {
		t.Error("the hash is not stable")
	}
}
