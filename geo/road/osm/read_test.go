package osm

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// What a profile writes it reads again, to the same hash; a file changes what it
// names and nothing else.
func TestProfileIsData(t *testing.T) {
	var b bytes.Buffer
	if _, err := Car().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again, err := ReadProfile(bytes.NewReader(b.Bytes()))
	if err != nil || again.Hash() != Car().Hash() || !reflect.DeepEqual(again, Car()) {
		t.Fatalf("%v\n%s", err, b.String())
	}
	for _, line := range []string{"name: car\n", "  - {name: motorway, speed_kmh: 90, rank: 9, oneway: true, through: true}\n", "  - {value: private, use: last mile}\n", "signed: "} {
		if !strings.Contains(strings.ReplaceAll(b.String(), `"`, ""), line) {
			t.Errorf("no line %q in\n%.1500s", line, b.String())
		}
	}
	p, err := ReadProfile(strings.NewReader("name: ambulance\nversion: 3\nsigned: 1.2\nkinds: [{name: primary, speed_kmh: 100, rank: 5}]\ncountries: {XX: {urban: 33}}\nrights: [{value: no, use: closed}, {value: yes, use: open}]\nwhen: 2026-05-13T08:00\n"))
	want := Car()
	want.Name, want.Version, want.Signed, want.When = "ambulance", 3, 1.2, "2026-05-13T08:00"
	want.Kinds, want.Countries, want.Rights = []Kind{{Name: "primary", Speed: 100, Rank: 5}}, map[string]map[string]float64{"XX": {"urban": 33}}, []Right{{"no", Closed}, {"yes", Open}}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("%+v, %v", p, err)
	}
	if p != nil && p.Hash() == Car().Hash() {
		t.Error("another profile has the same hash")
	}
}

func TestProfilesThatMeanNothing(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1": "no name", "name: x": "no version", "name: x\nversion: 1\nspeeds: 4": `unknown field "speeds"`,
		"name: x\nversion: 1\nsigned: fast": "signed: found a string", "name: x\nversion: 1\nsigned: 0": "signed: 0", "name: a b\nversion: 1": "accepted: a word",
		"name: x\nversion: 1\nkinds: []": "kinds: none", "name: x\nversion: 1\nkinds: [{name: primary, speed_kmh: 0}]": "speed of primary",
		"name: x\nversion: 1\nkinds: [{name: primary, speed_kmh: 20}, {name: primary, speed_kmh: 30}]": "twice",
		"name: x\nversion: 1\nwhen: tomorrow":                                     "when",
		"name: x\nversion: 1\nyield_s: -1":                                        "yield_s",
		"name: x\nversion: 1\nslowest_kmh: 50\nfastest_kmh: 40":                   "fastest_kmh",
		"name: x\nversion: 1\nrights: [{value: no, use: never}]":                  "accepted: open",
		"name: x\nversion: 1\nturns: {steps: [{up_to_deg: 90}, {up_to_deg: 90}]}": "rising",
		"name: x\nversion: 1\nsurfaces: [{value: mud, speed_kmh: 1e9}]":           "surfaces: mud",
		"[1, 2]": "profile", ": :": "profile", "": "no name",
	} {
		if p, err := ReadProfile(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", text, p, err, want)
		}
	}
	if _, err := ReadProfile(strings.NewReader(strings.Repeat("#", maxProfile+1))); err == nil {
		t.Error("a profile of a megabyte")
	}
}
