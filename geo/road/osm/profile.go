package osm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"careshed/geo/road"
)

// Kind is a kind of road: the value of highway=, or a ferry.
type Kind struct {
	Name  string  `json:"name"`
	Speed float64 `json:"speed_kmh"`
	// Rank orders kinds at a junction: who comes from a lower rank gives way.
	Rank uint8 `json:"rank"`
	// Oneway says that the kind is one-way unless it says otherwise.
	Oneway bool `json:"oneway,omitempty"`
	// Local serves those who start or end on it, or behind it, only.
	Local bool `json:"local,omitempty"`
	// Through is passed along: nobody starts or ends on it.
	Through bool `json:"through,omitempty"`
}

// Cap is a limit of speed, in km/h, for a value of a tag.
type Cap struct {
	Value string  `json:"value"`
	Speed float64 `json:"speed_kmh"`
}

// Barrier is what a node with barrier= costs; Blocks closes it.
type Barrier struct {
	Value   string  `json:"value"`
	Seconds float64 `json:"seconds"`
	Blocks  bool    `json:"blocks,omitempty"`
}

// Right is what a value of an access tag allows.
type Right struct {
	Value string `json:"value"`
	Use   Use    `json:"use"`
}

// Use is who may drive.
type Use uint8

const (
	Open   Use = iota // everybody
	Behind            // those who start or end there
	Closed            // nobody
)

// Profile is all that turns tags into times. Two profiles with the same
// numbers have the same Hash.
type Profile struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	// When is the moment, 2006-01-02T15:04 by the clock there, at which what the map
	// says of hours and days counts; "": nothing that is said of some times counts.
	When string `json:"when,omitempty"`

	Kinds   []Kind `json:"kinds"`
	Ferry   Kind   `json:"ferry"`   // its speed where no duration is given
	Shuttle Kind   `json:"shuttle"` // trains that carry cars, likewise

	// Signed is the share of a posted limit that is driven. A posted limit
	// takes the place of the speed of the kind, up or down.
	Signed   float64 `json:"signed"`
	Unposted float64 `json:"unposted_kmh"` // maxspeed=none on motorways and trunk roads; elsewhere it says nothing
	Walk     float64 `json:"walk_kmh"`     // maxspeed=walk
	Slowest  float64 `json:"slowest_kmh"`  // no speed is below
	Fastest  float64 `json:"fastest_kmh"`  // nor above
	// Countries are the limits behind codes such as DE:rural, posted km/h. A
	// code of a country that is not listed has the limit of its word under "".
	Countries map[string]map[string]float64 `json:"countries"`
	Surfaces  []Cap                         `json:"surfaces"`
	Tracks    []Cap                         `json:"tracktypes"`
	Smooth    []Cap                         `json:"smoothness"`
	Services  []Cap                         `json:"services"` // service=, Local all; speed 0 closes

	Rights   []Right   `json:"rights"`
	Barriers []Barrier `json:"barriers"`
	// Blocked is whether a barrier that is not listed closes the road.
	Blocked bool `json:"blocked"`

	Turns road.TurnTable `json:"turns"` // by angle, between the roads of a junction

	// What a junction costs, in seconds. See the turns of docs/methods/roads.md.
	Yield   float64 `json:"yield_s"`   // to reach a junction with a road of higher rank
	Cross   float64 `json:"cross_s"`   // to reach a junction of equals
	Pass    float64 `json:"pass_s"`    // to go on along the road of the highest rank
	Signals float64 `json:"signals_s"` // to pass traffic signals
	Stop    float64 `json:"stop_s"`    // to pass a stop sign
	GiveWay float64 `json:"give_way_s"`
}

// String is the name, the version and the hash: what a Network says of it.
func (p *Profile) String() string {
	return fmt.Sprintf("%s %d %s", p.Name, p.Version, p.Hash())
}

// Hash is 12 hexadecimal digits that change when any number of p changes.
func (p *Profile) Hash() string {
	text, err := json.Marshal(p) // maps are written in the order of their keys
	if err != nil {
		panic(err) // a table of numbers and strings: only NaN or infinity, a bug of ours
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// classes are the names of all kinds of road.
func (p *Profile) classes() (names []string) {
	for _, k := range p.Kinds {
		names = append(names, k.Name)
	}
	return append(names, p.Ferry.Name, p.Shuttle.Name)
}

const whenLayout = "2006-01-02T15:04"

// at is When.
func (p *Profile) at() time.Time {
	t, _ := time.Parse(whenLayout, p.When) // checked by Import
	return t
}

// Car is the profile of a private car.
//
// Speeds by kind, the share of posted limits, the cost of signals and the caps
// of surfaces are those of OSRM's car profile, but for the ramps of motorways
// and trunk roads (60 and 50 km/h for its 45 and 40), which were out of line
// with Valhalla. Yield is half of OSRM's 7.5 s for the sharpest turn: what its
// formula gives at a right angle, on average of left and right. Limits by
// country are of the OpenStreetMap wiki (Default speed limits), in km/h.
func Car() *Profile {
	return &Profile{
		Name:    "car",
		Version: 6,
		Kinds: []Kind{
			{Name: "motorway", Speed: 90, Rank: 9, Oneway: true, Through: true},
			{Name: "motorway_link", Speed: 60, Rank: 8, Oneway: true, Through: true},
			{Name: "trunk", Speed: 85, Rank: 8},
			{Name: "trunk_link", Speed: 50, Rank: 7},
			{Name: "primary", Speed: 65, Rank: 7},
			{Name: "primary_link", Speed: 30, Rank: 6},
			{Name: "secondary", Speed: 55, Rank: 6},
			{Name: "secondary_link", Speed: 25, Rank: 5},
			{Name: "tertiary", Speed: 40, Rank: 5},
			{Name: "tertiary_link", Speed: 20, Rank: 4},
			{Name: "unclassified", Speed: 25, Rank: 3},
			{Name: "residential", Speed: 25, Rank: 3},
			{Name: "living_street", Speed: 10, Rank: 2},
			{Name: "service", Speed: 15, Rank: 1},
			{Name: "road", Speed: 10, Rank: 3},
			{Name: "track", Speed: 10, Rank: 0, Local: true},
		},
		Ferry:    Kind{Name: "ferry", Speed: 5, Rank: 9, Through: true},
		Shuttle:  Kind{Name: "shuttle_train", Speed: 60, Rank: 9, Through: true},
		Signed:   0.8,
		Unposted: 140,
		Walk:     7,
		Slowest:  3,
		Fastest:  140,
		Countries: map[string]map[string]float64{
			"":   {"urban": 50, "rural": 80, "trunk": 100, "motorway": 120, "living_street": 20, "zone": 30},
			"AT": {"rural": 100, "motorway": 130},
			"AU": {"rural": 100, "motorway": 110},
			"BE": {"rural": 70, "trunk": 120},
			"BR": {"urban": 60, "rural": 60, "trunk": 80, "motorway": 110},
			"CA": {"motorway": 100},
			"CH": {"motorway": 120},
			"DE": {"rural": 100, "trunk": 100, "motorway": 140, "living_street": 7},
			"DK": {"motorway": 130},
			"ES": {"rural": 90, "trunk": 90},
			"FR": {"trunk": 110, "motorway": 130},
			"GB": {"urban": 48, "nsl_single": 97, "nsl_dual": 113, "nsl_restricted": 48, "rural": 97, "motorway": 113},
			"IT": {"rural": 90, "trunk": 110, "motorway": 130},
			"NL": {"rural": 80, "motorway": 100},
			"PL": {"rural": 90, "motorway": 140},
			"PT": {"rural": 90},
			"UK": {"urban": 48, "nsl_single": 97, "nsl_dual": 113, "rural": 97, "motorway": 113},
			"US": {"urban": 40, "rural": 89, "trunk": 89, "motorway": 105},
		},
		Surfaces: []Cap{
			{"gravel", 40}, {"fine_gravel", 40}, {"compacted", 40}, {"unpaved", 40}, {"pebblestone", 40},
			{"cobblestone", 30}, {"unhewn_cobblestone", 20}, {"sett", 40},
			{"dirt", 20}, {"earth", 20}, {"ground", 20}, {"grass", 20}, {"sand", 20}, {"mud", 10}, {"rock", 20}, {"ice", 20}, {"snow", 20},
		},
		Tracks: []Cap{{"grade1", 60}, {"grade2", 40}, {"grade3", 30}, {"grade4", 20}, {"grade5", 10}},
		Smooth: []Cap{{"bad", 40}, {"very_bad", 20}, {"horrible", 10}, {"very_horrible", 5}, {"impassable", 0}},
		Services: []Cap{
			{"driveway", 10}, {"parking_aisle", 10}, {"drive-through", 10}, {"emergency_access", 0},
		},
		Rights: []Right{
			{"yes", Open}, {"permissive", Open}, {"designated", Open}, {"official", Open}, {"public", Open},
			{"private", Behind}, {"destination", Behind}, {"customers", Behind}, {"delivery", Behind}, {"permit", Behind},
			{"residents", Behind}, {"permit_holders", Behind}, {"visitors", Behind}, {"patients", Behind}, {"staff", Behind},
			{"resident", Behind}, {"local", Behind}, {"employees", Behind}, {"employee", Behind}, {"members", Behind}, {"tenants", Behind}, {"guests", Behind},
			{"students", Behind}, {"authorized", Behind}, {"authorised", Behind}, {"restricted", Behind}, {"service", Behind}, {"no_through_traffic", Behind},
			{"no", Closed}, {"agricultural", Closed}, {"forestry", Closed}, {"military", Closed}, {"emergency", Closed},
			{"psv", Closed}, {"bus", Closed}, {"hgv", Closed}, {"bicycle", Closed}, {"foot", Closed}, {"use_sidepath", Closed},
			{"taxi", Closed}, {"coach", Closed}, {"tourist_bus", Closed}, {"goods", Closed}, {"tractor", Closed}, {"motorcycle", Closed}, {"moped", Closed},
			{"dismount", Closed}, {"horse", Closed}, {"police", Closed},
		},
		Barriers: []Barrier{
			{"no", 0, false}, {"entrance", 0, false}, {"gate", 60, false}, {"lift_gate", 60, false}, {"swing_gate", 60, false},
			{"sliding_gate", 60, false}, {"hampshire_gate", 60, false}, {"bump_gate", 60, false}, {"wicket_gate", 60, false},
			{"chain", 60, false}, {"toll_booth", 15, false}, {"border_control", 60, false}, {"cattle_grid", 5, false},
			{"sally_port", 0, false}, {"height_restrictor", 0, false}, {"arch", 0, false}, {"kerb", 0, false}, {"coupure", 0, false},
			{"spikes", 0, false}, {"sump_buster", 60, true},
		},
		Blocked: true,
		Turns:   road.TurnTable{Straight: 40, Back: 20},
		Yield:   3.75,
		Signals: 2,
		Stop:    2,
	}
}

// CarTurns is Car with turns that cost by their angle, and with speeds to go with
// them: the posted limit and not 0.8 of it, for that share stands for what turns and
// junctions take, and a tenth more on most roads without one. Its numbers were fitted
// to Valhalla 3.6.1 (costing auto) on 1,000 pairs each in five extracts: medians of
// ours to its 1.00 to 1.05. Neither is the truth.
func CarTurns() *Profile {
	p := Car()
	p.Name, p.Version = "car-turns", 1
	for name, speed := range map[string]float64{
		"motorway": 100, "motorway_link": 65, "trunk": 90, "trunk_link": 55, "primary": 70, "primary_link": 35, "secondary": 60, "secondary_link": 30,
		"tertiary": 45, "tertiary_link": 25, "unclassified": 30, "residential": 30,
	} {
		for i := range p.Kinds {
			if p.Kinds[i].Name == name {
				p.Kinds[i].Speed = speed
			}
		}
	}
	p.Signed, p.Yield = 1, 1
	p.Turns.Steps = []road.TurnStep{{UpTo: 45, Seconds: 0}, {UpTo: 120, Seconds: 1.5}, {UpTo: 180, Seconds: 4}}
	return p
}

// Profiles are those that have a name here.
func Profiles() map[string]*Profile {
	return map[string]*Profile{"car": Car(), "car-turns": CarTurns()}
}
