package osm

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// Who may drive which way is what the tags say, read word by word: the most
// particular mode first, of each what is said of now, of the direction, of all.
func TestAccessByDirection(t *testing.T) {
	p := Car()
	p.When = "2026-05-13T08:30" // a Wednesday
	timed, timeless := newRules(p), newRules(Car())
	closed := map[string]bool{"no": true, "forestry": true}
	plainly := func(tags map[string]string, side string, now bool) (value string) {
		for _, mode := range []string{"motorcar", "motor_vehicle", "vehicle", "access"} {
			for _, k := range []string{mode + ":" + side + ":conditional", mode + ":" + side, mode + ":conditional", mode} {
				v := tags[k]
				if strings.HasSuffix(k, ":conditional") {
					var when string
					if v, when, _ = strings.Cut(v, " @ "); !now || when == "(Sa)" {
						continue
					}
				}
				if v != "" {
					return v
				}
			}
		}
		return "yes"
	}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	kinds := map[string]int{}
	for range 20000 {
		all := map[string]string{}
		for range 1 + r.IntN(3) {
			k, v := pick("motorcar", "motor_vehicle", "vehicle", "access")+pick("", ":forward", ":backward"), pick("yes", "no", "private", "forestry", "destination")
			if r.IntN(3) == 0 {
				k, v = k+":conditional", v+" @ "+pick("(Mo-Fr 07:00-09:00)", "(Sa)", "(Su-We;Dec)")
			}
			all[k] = v
		}
		t0 := tagged("highway=residential")
		for k, v := range all {
			t0[keyOf[k]] = v
		}
		for _, rules := range []*rules{timed, timeless} {
			roads, n := rules.way(&t0)
			now := rules == timed
			got := map[string]string{"forward": "closed", "backward": "closed"}
			for _, w := range roads[:n] {
				word := "open"
				if w.local {
					word = "last mile"
				}
				if w.ahead > 0 {
					got["forward"] = word
				}
				if w.back > 0 {
					got["backward"] = word
				}
			}
			for side, g := range got {
				v := plainly(all, side, now)
				want := "last mile"
				switch {
				case v == "yes":
					want = "open"
				case closed[v]:
					want = "closed"
				}
				if g != want {
					t.Fatalf("%v, %s, with a time %v: %s, want %s", all, side, now, g, want)
				}
			}
			kinds[got["forward"]+" "+got["backward"]]++
		}
	}
	if len(kinds) != 9 {
		t.Errorf("%v: not every pair is tried", kinds)
	}
}

func TestOnewayFor(t *testing.T) {
	p := Car()
	p.When = "2026-05-13T08:30"
	for _, c := range []struct {
		tags          tags
		ahead, behind bool
	}{
		{tagged("oneway:motorcar=yes"), true, false},
		{tagged("oneway:vehicle=yes"), true, false},
		{tagged("oneway:motor_vehicle=-1"), false, true},
		{tagged("oneway=yes", "oneway:vehicle=no"), true, true},
		{tagged("oneway=-1", "oneway:motorcar=yes", "oneway:vehicle=no"), true, false},
		{tagged("oneway=reversible"), false, false},
		{tagged("oneway=reversible", "oneway:conditional=yes @ (Mo-Fr 05:00-11:00); -1 @ (Mo-Fr 12:00-23:00)"), true, false},
		{tagged("oneway=reversible", "oneway:conditional=-1 @ (05:00-11:00); yes @ (12:00-23:00)"), false, true},
		{tagged("oneway=alternating"), true, true},
		{tagged("oneway=unheard"), true, true},
	} {
		if a, b := newRules(p).directions(&c.tags, false); a != c.ahead || b != c.behind {
			t.Errorf("%v: %v %v", c.tags, a, b)
		}
	}
}

// What is being built or planned is not driven, a motorway is one-way unless it says
// otherwise, and so are ramps and roundabouts.
func TestKindsOfWays(t *testing.T) {
	for _, c := range []struct {
		tags tags
		want string
	}{
		{tagged("highway=construction"), "none"}, {tagged("highway=proposed"), "none"}, {tagged("highway=razed"), "none"},
		{tagged("highway=motorway"), "ahead"}, {tagged("highway=motorway", "oneway=no"), "both"}, {tagged("highway=motorway_link"), "ahead"},
		{tagged("highway=motorway", "oneway=-1"), "back"}, {tagged("highway=trunk"), "both"},
		{tagged("highway=tertiary", "junction=roundabout"), "ahead"}, {tagged("highway=tertiary", "junction=circular"), "ahead"},
		{tagged("highway=tertiary", "junction=jughandle"), "both"}, {tagged("highway=residential", "area=yes"), "none"},
		{tagged("highway=residential", "motor_vehicle:forward=no", "motor_vehicle:backward=no"), "none"},
		{tagged("highway=residential", "oneway=yes", "vehicle:forward=no"), "none"},
	} {
		roads, n := newRules(Car()).way(&c.tags)
		got := "none"
		if n > 0 {
			got = map[[2]bool]string{{true, true}: "both", {true, false}: "ahead", {false, true}: "back"}[[2]bool{roads[0].ahead > 0, roads[0].back > 0}]
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.tags, got, c.want)
		}
	}
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		condition string
		at        string
		want      bool
	}{
		{"Mo-Fr 07:00-09:00", "2026-05-13T07:00", true}, {"Mo-Fr 07:00-09:00", "2026-05-13T09:00", false}, {"Mo-Fr 07:00-09:00", "2026-05-16T08:00", false},
		{"07:00-09:00,16:00-18:00", "2026-05-16T17:59", true}, {"Mo,We 10:00-12:00", "2026-05-13T11:00", true}, {"Mo,We 10:00-12:00", "2026-05-12T11:00", false},
		{"22:00-06:00", "2026-05-13T23:00", true}, {"22:00-06:00", "2026-05-13T05:59", true}, {"22:00-06:00", "2026-05-13T06:00", false},
		{"Fr 22:00-06:00", "2026-05-16T05:00", true}, {"Fr 22:00-06:00", "2026-05-15T05:00", false}, // Saturday morning is Friday's night
		{"Sa-Mo", "2026-05-17T12:00", true}, {"Sa-Mo", "2026-05-13T12:00", false},
		{"Apr-Oct", "2026-05-13T12:00", true}, {"Nov-Mar", "2026-05-13T12:00", false}, {"Nov-Mar", "2026-01-13T12:00", true},
		{"Nov 15-Mar 31", "2026-11-15T12:00", true}, {"Nov 15-Mar 31", "2026-11-14T12:00", false}, {"Nov 15-Mar 31", "2026-03-31T23:00", true}, {"May 10-20", "2026-05-13T12:00", true}, {"May 13", "2026-05-13T12:00", true},
		{"Apr-Oct Mo-Fr 08:00-10:00", "2026-05-13T08:30", true}, {"Apr-Oct Sa 08:00-10:00", "2026-05-13T08:30", false},
		{"Mo-Fr 07:00-09:00; Sa 08:00-09:00", "2026-05-16T08:30", true},
		{"24/7", "2026-05-13T08:30", true},
		{"weight>7.5", "2026-05-13T08:30", false}, {"Mo-Fr 07:00-09:00 AND weight>7.5", "2026-05-13T08:30", false}, {"PH", "2026-05-13T08:30", false},
		{"sunset-sunrise", "2026-05-13T08:30", false}, {"snow", "2026-05-13T08:30", false}, {"", "2026-05-13T08:30", false}, {"-", "2026-05-13T08:30", false}, {"25:00", "2026-05-13T08:30", false},
		{"Mo-Fr AND 07:00-09:00", "2026-05-13T08:30", true}, {"May 40", "2026-05-13T08:30", false}, {"07:00-", "2026-05-13T08:30", false},
	} {
		at, err := time.Parse(whenLayout, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := holds(c.condition, at); got != c.want {
			t.Errorf("%q at %s: %v", c.condition, c.at, got)
		}
	}
	p := Car()
	p.When = "2026-05-13T08:30"
	for text, want := range map[string]string{
		"no @ (Mo-Fr 07:00-09:00)": "no", "no @ Mo-Fr 07:00-09:00": "no", "no @ (Mo 07:00-09:00; We)": "no",
		"no @ (Mo); destination @ (We 06:00-20:00)": "destination", "no @ (We); yes @ (Mo)": "no", "no": "", "no @ (weight>3)": "", "@": "", "no @ ((": "",
	} {
		if got := newRules(p).now(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := newRules(Car()).now(text); got != "" {
			t.Errorf("%q without a time: %q", text, got)
		}
	}
}

func FuzzConditions(f *testing.F) {
	f.Add("Nov 15-Mar 31 Mo-Fr 07:00-09:00, 16:00-18:00")
	f.Add("may 1-")
	f.Fuzz(func(t *testing.T, condition string) {
		at := time.Date(2026, 5, 13, 8, 30, 0, 0, time.UTC)
		if holds(condition, at) != holds(condition, at.AddDate(0, 0, 0)) {
			t.Error("not the same the second time")
		}
		p := Car()
		p.When = "2026-05-13T08:30"
		newRules(p).now(condition)
	})
}
