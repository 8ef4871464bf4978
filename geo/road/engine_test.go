package road_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
	"careshed/geo/travel"
	"careshed/geo/travel/traveltest"

	"github.com/paulmach/orb"
)

func engine(t testing.TB, x *road.Index) *road.Engine {
	t.Helper()
	e, err := road.NewEngine(x)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// around are stops beside the roads of a network, some of them at one spot, on
// one edge, or nowhere.
func around(net *road.Network, r *rand.Rand, kind string, n int) (out []travel.Stop) {
	for i := range n {
		c := net.Nodes[r.IntN(len(net.Nodes))].Point()
		s := travel.Stop{ID: fmt.Sprint(kind, i), At: orb.Point{c[0] + 0.002*(r.Float64()-0.5), c[1] + 0.002*(r.Float64()-0.5)}, Located: true}
		switch {
		case i%11 == 4 && i > 0:
			s.At = out[i-1].At
		case i%11 == 5 && i > 0:
			s.At = orb.Point{out[i-1].At[0] + 1e-4, out[i-1].At[1]}
		case i%23 == 7:
			s.At = orb.Point{c[0] + 2, c[1]} // no road for many kilometres
		}
		out = append(out, s)
	}
	return out
}

// The engine passes what all engines do, with both of its ways to an answer, and
// its times are those of Dijkstra between the roads of the stops.
func TestEngine(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	net := roadtest.Generate(5, 3000)
	for i := range net.Edges { // some private roads
		if r.IntN(40) == 0 {
			net.Edges[i].Local = true
		}
	}
	x := build(t, net)
	var file bytes.Buffer
	if _, err := x.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	opened, err := road.Open(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	e := engine(t, opened)
	for _, size := range [][2]int{{60, 20}, {400, 3}, {5, 90}} {
		places, sites := around(net, r, "p", size[0]), around(net, r, "s", size[1])
		t.Run(fmt.Sprint(size), func(t *testing.T) { traveltest.Run(t, e, places, sites) })
		for _, back := range []bool{false, true} {
			againstDijkstra(t, net, e, places, sites, back)
		}
	}
}

// The same where turns cost and some are banned: places on streets that were split
// for it are left and reached as the junctions say.
func TestEngineWithTurns(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9))
	net := roadtest.Generate(6, 2500)
	leaving := map[int32][]int32{}
	for i := range net.Edges {
		if r.IntN(40) == 0 {
			net.Edges[i].Local = true
			continue
		}
		leaving[net.Edges[i].From] = append(leaving[net.Edges[i].From], int32(i))
	}
	turns := road.Turns{Table: road.TurnTable{Straight: 40, Back: 20, Steps: []road.TurnStep{{UpTo: 45}, {UpTo: 180, Seconds: 3}}}}
	for i, e := range net.Edges {
		if next := leaving[e.To]; !e.Local && len(next) > 0 && r.IntN(8) == 0 {
			ban := []road.Dart{{Edge: int32(i)}, {Edge: next[r.IntN(len(next))]}}
			if further := leaving[net.Edges[ban[1].Edge].To]; len(further) > 0 && r.IntN(3) == 0 {
				ban = append(ban, road.Dart{Edge: further[r.IntN(len(further))]})
			}
			turns.Banned = append(turns.Banned, ban)
		}
	}
	split, err := net.Turn(turns)
	if err != nil || split.Junctions < 300 || len(net.Mates) < 300 {
		t.Fatalf("%+v, %d mates, %v", split, len(net.Mates), err)
	}
	e := engine(t, build(t, net))
	for _, size := range [][2]int{{60, 20}, {400, 3}, {5, 90}} {
		places, sites := around(net, r, "p", size[0]), around(net, r, "s", size[1])
		t.Run(fmt.Sprint(size), func(t *testing.T) { traveltest.Run(t, e, places, sites) })
		for _, back := range []bool{false, true} {
			againstDijkstra(t, net, e, places, sites, back)
		}
	}
}

func againstDijkstra(t *testing.T, net *road.Network, e *road.Engine, places, sites []travel.Stop, back bool) {
	t.Helper()
	l := road.NewLocator(net)
	g := graph(t, net, road.From)
	m, err := travel.Collect(context.Background(), e, travel.Query{Places: places, Sites: sites, Back: back})
	if err != nil {
		t.Fatal(err)
	}
	reached := 0
	for i, p := range places {
		js, times := m.Row(i)
		got := map[int32]travel.Seconds{}
		for k, j := range js {
			got[j] = times[k]
		}
		from, ok := l.Snap(p.At)
		for j, s := range sites {
			want := travel.Unreached
			to, found := l.Snap(s.At)
			if ok && found {
				a, b := from, to
				if back {
					a, b = to, from
				}
				ms := uint32(road.Never)
				reach := g.Times(a.Out, road.Never-1, nil)
				for _, in := range b.In {
					if reach[in.Node] < road.Never {
						ms = min(ms, reach[in.Node]+in.Time)
					}
				}
				if d, _, ok := l.Direct(&a, &b); ok {
					ms = min(ms, d)
				}
				if ms < road.Never {
					want = travel.Seconds(float64(ms) / 1000)
					reached++
				}
			}
			have, is := got[int32(j)]
			if !is {
				have = travel.Unreached
			}
			if have != want {
				t.Fatalf("back %v: %s to %s takes %v, by Dijkstra %v", back, p.ID, s.ID, have, want)
			}
			if is == math.IsInf(float64(want), 1) {
				t.Fatalf("%s to %s: %v", p.ID, s.ID, want)
			}
		}
	}
	if reached == 0 {
		t.Error("nobody reaches anything")
	}
}

// Whoever has no time is told why.
func TestEngineReasons(t *testing.T) {
	m := roadtest.Draw(t, `
		a--b--c    x--y
	`)
	e := engine(t, build(t, m.Network))
	at := func(name byte) travel.Stop {
		return travel.Stop{ID: string(name), At: m.Network.Nodes[m.Node(name)].Point(), Located: true}
	}
	far := travel.Stop{ID: "far", At: orb.Point{90, 45}, Located: true}
	for _, c := range []struct {
		place travel.Stop
		sites []travel.Stop
		want  travel.Reason
	}{
		{travel.Stop{ID: "nowhere"}, []travel.Stop{at('a')}, travel.NoLocation},
		{far, []travel.Stop{at('a')}, travel.NoRoad},
		{at('a'), nil, travel.NoSite},
		{at('a'), []travel.Stop{at('c')}, travel.BeyondLimit},
		{at('a'), []travel.Stop{far}, travel.NoWay},
	} {
		if got := e.Reason(c.place, c.sites); got != c.want {
			t.Errorf("%s: %q, want %q", c.place.ID, got, c.want)
		}
	}
}

// A pair is a leg of the table.
func TestPairs(t *testing.T) {
	net := roadtest.Generate(9, 1500)
	o := newOracle(t, net)
	for range 300 {
		from, onFrom := o.seeds(1 + o.r.IntN(3))
		to, onTo := o.seeds(1 + o.r.IntN(3))
		want := uint32(road.Never)
		reach := o.graphs[road.From].Times(from, road.Never-1, nil)
		for _, s := range to {
			if reach[s.Node] < road.Never {
				want = min(want, reach[s.Node]+s.Time)
			}
		}
		got, _, ok := o.q.Pair(onFrom, onTo)
		if ok != (want < road.Never) || ok && got != want {
			t.Fatalf("%v to %v takes %d (%v), by Dijkstra %d", from, to, got, ok, want)
		}
	}
}

// The way there is not the way back, in every form of the question.
func TestEngineIsDirected(t *testing.T) {
	m := roadtest.Draw(t, `
		a>>b
		^  |
		d<<c
	`)
	for i := range m.Network.Nodes { // far apart: what is near to one another is no drive
		c := &m.Network.Nodes[i]
		c.Lon, c.Lat = 20*c.Lon, 20*c.Lat
	}
	at := func(name byte) travel.Stop {
		return travel.Stop{ID: string(name), At: m.Network.Nodes[m.Node(name)].Point(), Located: true}
	}
	a, b := at('a'), at('b')
	e := engine(t, build(t, m.Network))
	traveltest.OneWay(t, e, a, b, 2, 4)
	memory := &travel.Memory{Most: 1 << 20}
	traveltest.OneWay(t, memory.Over(e), a, b, 2, 4)
}
