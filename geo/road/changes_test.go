package road

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// named gives the edges of a network ways and classes: up to three runs each, of ways
// that lie on several edges, and some time at junctions beside.
func named(n *Network, r *rand.Rand) {
	n.Ways.Classes = []string{"primary", "residential", "ferry"}
	for _, e := range n.Edges {
		count := r.IntN(4)
		for i := range count {
			part := func(time uint32) uint32 {
				if time >= Never {
					return Never
				}
				return time / uint32(count+1) // the rest is waited
			}
			n.Ways.Runs = append(n.Ways.Runs, Run{Way: int64(1000 + r.IntN(len(n.Edges))), Class: uint32(r.IntN(3)),
				Ahead: part(e.Ahead), Back: part(e.Back), Length: e.Length / uint32(count) * uint32(min(i, 1))})
		}
		n.Ways.Ends = append(n.Ways.Ends, uint32(len(n.Ways.Runs)))
	}
}

// randomChanges are some that the network knows the ways of.
func randomChanges(n *Network, r *rand.Rand, closing bool) (all []travel.RoadChange) {
	for range 1 + r.IntN(3) {
		c := travel.RoadChange{Factor: 0.25 + 2*r.Float64()}
		switch kind := r.IntN(4); {
		case kind == 0 && closing:
			c.Close = true
		case kind == 1:
			c.Kmh = 5 + 90*r.Float64()
		}
		for range r.IntN(3) {
			if k := len(n.Ways.Runs); k > 0 {
				c.Ways = append(c.Ways, n.Ways.Runs[r.IntN(k)].Way)
			}
		}
		if len(c.Ways) == 0 && (c.Close || r.IntN(2) == 0) {
			c.Classes = []string{n.Ways.Classes[r.IntN(3)]}
		}
		all = append(all, c)
	}
	return all
}

// plainly makes changes on a network, edge by edge: closed ones can be driven neither
// way.
func plainly(n *Network, changes []travel.RoadChange) (changed *Network, closed []bool) {
	n, closed = cloned(n), make([]bool, len(n.Edges))
	for e := range n.Edges {
		edge := &n.Edges[e]
		runs := slices.Clone(n.Ways.Of(e))
		for _, c := range changes {
			if closed[e] {
				break
			}
			for i := range runs {
				run := &runs[i]
				if len(c.Ways) > 0 && !slices.Contains(c.Ways, run.Way) || len(c.Classes) > 0 && !slices.Contains(c.Classes, n.Ways.Classes[run.Class]) {
					continue
				}
				if c.Close {
					closed[e] = true
					break
				}
				for _, t := range [2][2]*uint32{{&run.Ahead, &edge.Ahead}, {&run.Back, &edge.Back}} {
					if *t[0] == Never {
						continue
					}
					anew := math.Round(float64(*t[0]) / c.Factor)
					if c.Kmh > 0 {
						anew = math.Round(float64(run.Length) / 10 / (c.Kmh / 3.6) * 1000)
					}
					*t[1] = uint32(int64(*t[1]) + int64(anew) - int64(*t[0]))
					*t[0] = uint32(anew)
				}
			}
		}
		if closed[e] {
			edge.Ahead, edge.Back = Never, Never
		}
	}
	return n, closed
}

// reopened is an index by way of a file.
func reopened(t *testing.T, x *Index) *Index {
	t.Helper()
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Open(append([]byte(nil), b.Bytes()...))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// An index with roads closed and at other speeds has, between any places, the times of
// Dijkstra over the edges of a network that was changed plainly, to the millisecond;
// turns and bans among them.
func TestChangedRoadsAgreeWithEdges(t *testing.T) {
	count := 4000
	if testing.Short() {
		count = 400
	}
	reached, closures := 0, 0
	for seed := range uint64(count) {
		n, turns := crossroads(seed)
		r := rand.New(rand.NewPCG(seed, 22))
		named(n, r)
		closing := seed%4 != 0
		if closing {
			turns.Table.Steps = nil // which arms are one road is decided before anything is closed
		}
		changes := randomChanges(n, r, closing)
		without, closed := plainly(n, changes)
		plain := newByEdges(without, turns)
		if _, err := n.Turn(turns); err != nil {
			t.Fatal(err)
		}
		x, err := Build(context.Background(), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		y, _, err := reopened(t, x).Changed(context.Background(), changes, nil)
		if err != nil {
			t.Fatal(err)
		}
		l, err := y.Locator()
		if err != nil {
			t.Fatal(err)
		}
		q, err := y.NewQuery()
		if err != nil {
			t.Fatal(err)
		}
		var left []int32 // edges that are still there, in their order
		for e := range closed {
			if !closed[e] {
				left = append(left, int32(e))
			} else {
				closures++
			}
		}
		if len(left) == 0 {
			continue
		}
		for range 6 {
			a, b := r.IntN(len(left)), r.IntN(len(left))
			if one, two := without.Edges[left[a]], without.Edges[left[b]]; one.Local || two.Local || min(one.Ahead, one.Back) == Never || min(two.Ahead, two.Back) == Never {
				continue
			}
			share, at := float64(1+r.IntN(3))/4, float64(1+r.IntN(3))/4
			from, to := l.on(hit{edge: int32(a), share: share}), l.on(hit{edge: int32(b), share: at})
			got := l.between(&from, &to).time()
			if ms, _, ok := q.Pair(from.Out, to.In); ok {
				got = min(got, ms)
			}
			if want := plain.time(left[a], share, left[b], at); got != want {
				t.Fatalf("seed %d: from edge %d to %d: %d ms, over the edges %d; %v", seed, left[a], left[b], got, want, changes)
			} else if want < Never {
				reached++
			}
		}
	}
	if reached < count || closures < count {
		t.Errorf("%d journeys, %d edges closed: too few to tell", reached, closures)
	}
}

// bridged is a road between two towns with a bridge in its middle, and a way round.
func bridged() *Network {
	n := &Network{Nodes: []Coord{{0, 0}, {100000, 0}, {200000, 0}, {300000, 0}, {100000, 300000}, {200000, 300000}}}
	add := func(a, b int32, way int64, class uint32) {
		n.Edges = append(n.Edges, Edge{From: a, To: b, Ahead: 60000, Back: 70000, Length: 11132})
		n.Ways.Runs = append(n.Ways.Runs, Run{Way: way, Ahead: 50000, Back: 60000, Length: 11132, Class: class})
		n.Ways.Ends = append(n.Ways.Ends, uint32(len(n.Ways.Runs)))
	}
	n.Ways.Classes = []string{"primary", "residential"}
	add(0, 1, 11, 0)
	add(1, 2, 12, 0) // the bridge
	add(2, 3, 13, 0)
	add(1, 4, 14, 1)
	add(4, 5, 14, 1)
	add(5, 2, 15, 1)
	return n
}

// timesOn are the seconds from the first town to the last, there and back, with
// changes.
func timesOn(t *testing.T, changes ...travel.RoadChange) (there, back float64, met []travel.Met, err error) {
	t.Helper()
	x, err := Build(context.Background(), bridged(), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(reopened(t, x))
	if err != nil {
		t.Fatal(err)
	}
	c, met, err := e.Changed(context.Background(), changes)
	if err != nil {
		return 0, 0, nil, err
	}
	q := travel.Query{Places: []travel.Stop{{At: orb.Point{0, 0}, Located: true}}, Sites: []travel.Stop{{At: orb.Point{0.03, 0}, Located: true}}}
	for _, to := range [2]*float64{&there, &back} {
		legs, err := c.Nearest(context.Background(), q, 1)
		if err != nil {
			t.Fatal(err)
		}
		*to = float64(legs[0].Time)
		q.Back = true
	}
	return there, back, met, nil
}

func TestChangedByHand(t *testing.T) {
	square := func(west, south, east, north float64) []orb.Polygon {
		return []orb.Polygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
	}
	for _, c := range []struct {
		name        string
		change      travel.RoadChange
		there, back float64
		stretches   int
	}{
		{"the bridge closed", travel.RoadChange{Close: true, Ways: []int64{12}}, 300, 350, 1},
		{"closed by an area that touches it", travel.RoadChange{Close: true, Within: square(0.014, -1e-3, 0.015, 1e-3)}, 300, 350, 1},
		{"half as fast, which is nothing to waiting", travel.RoadChange{Factor: 0.5, Ways: []int64{12}}, 230, 270, 1},
		{"so slow that the way round is quicker", travel.RoadChange{Factor: 0.1, Ways: []int64{12}}, 300, 350, 1},
		{"by class", travel.RoadChange{Factor: 2, Classes: []string{"primary"}}, 105, 120, 3},
		{"all roads", travel.RoadChange{Factor: 2}, 105, 120, 6},
		{"40.0752 km/h is 100 s along each", travel.RoadChange{Kmh: 40.0752, Classes: []string{"primary"}}, 330, 330, 3},
		{"half of the bridge lies in the area", travel.RoadChange{Factor: 0.5, Within: square(0.015, -1e-3, 0.0199999, 1e-3)}, 205, 240, 1},
		{"what is both", travel.RoadChange{Factor: 0.5, Within: square(0.005, -1, 0.015, 1), Ways: []int64{12, 15}}, 205, 240, 1},
	} {
		there, back, met, err := timesOn(t, c.change)
		if err != nil || math.Abs(there-c.there) > 0.01 || math.Abs(back-c.back) > 0.01 || met[0].Stretches != c.stretches {
			t.Errorf("%s: %v s there, %v back, %v; want %v, %v, %d stretches: %v", c.name, there, back, met, c.there, c.back, c.stretches, err)
		}
	}
	for _, c := range []struct {
		change travel.RoadChange
		want   string
	}{
		{travel.RoadChange{Close: true, Ways: []int64{12, 99}}, "way 99 is not on this index; accepted"},
		{travel.RoadChange{Close: true, Classes: []string{"motorway"}}, "accepted: primary, residential"},
		{travel.RoadChange{Close: true, Area: "flood", Within: square(3, 3, 4, 4)}, "closed: roads in flood: there are none"},
		{travel.RoadChange{}, "a factor of 0; accepted"},
		{travel.RoadChange{Factor: math.NaN()}, "accepted"},
		{travel.RoadChange{Kmh: 1000}, "accepted: 1 to 300"},
	} {
		if _, _, _, err := timesOn(t, c.change); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v; want %q", c.change, err, c.want)
		}
	}
}

// What was changed is built once, told apart by its key, and named.
func TestChangedIsKeptAndNamed(t *testing.T) {
	x, err := Build(context.Background(), bridged(), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(reopened(t, x))
	if err != nil {
		t.Fatal(err)
	}
	changed := func(c travel.RoadChange) travel.Keyed {
		one, _, err := e.Changed(context.Background(), []travel.RoadChange{c})
		if err != nil {
			t.Fatal(err)
		}
		return one.(travel.Keyed)
	}
	bridge, slow := travel.RoadChange{Close: true, Ways: []int64{12}}, travel.RoadChange{Factor: 0.5}
	one, two, again := changed(bridge), changed(slow), changed(bridge)
	if one != again || one.Key() == two.Key() || one.Key() == e.Key() || two.Key() == e.Key() {
		t.Errorf("%q, %q of %q", one.Key(), two.Key(), e.Key())
	}
	if got := one.About().Settings["roads_changed"]; got != "closed: way 12 (1 stretch, 1.1 km)" {
		t.Errorf("%q", got)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, _, err := e.Changed(stopped, []travel.RoadChange{{Factor: 0.7}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// An index without ways, as version 2 was, answers as ever, and refuses closures.
func TestChangedNeedsWays(t *testing.T) {
	n := bridged()
	n.Ways = Origins{}
	x, err := Build(context.Background(), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := x.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	data[8] = 2
	texts := 0
	for _, s := range [...]string{x.source.Origin, x.source.Profile, x.source.Stamp} {
		texts += len(s)
	}
	head := bytes.Clone(data[:headSize+entrySize*len(x.names)+texts])
	clear(head[48:52])
	sum := crc(head)
	for i := range 4 {
		data[48+i] = byte(sum >> (8 * i))
	}
	old, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewEngine(old); err != nil {
		t.Error(err)
	}
	if _, _, err := old.Changed(context.Background(), []travel.RoadChange{{Factor: 0.5}}, nil); !errors.Is(err, ErrNoWays) {
		t.Error(err)
	}
}
