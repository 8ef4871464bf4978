package road_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
)

// onMap answers in names: the seconds from a junction to each, in the order of
// their numbers, -1 where there is no way.
func onMap(t *testing.T, m *roadtest.Map, x *road.Index, way road.Way, name byte) []int {
	t.Helper()
	numbers, err := x.Numbers()
	if err != nil {
		t.Fatal(err)
	}
	at := int32(slices.Index(numbers, uint32(m.Node(name))))
	out := make([]int, len(numbers))
	for p, ms := range query(t, x).Times(way, []road.Seed{{Node: at}}, nil) {
		out[numbers[p]] = int(ms) / 1000
		if ms == road.Never {
			out[numbers[p]] = -1
		}
	}
	return out
}

func TestDrawnRoads(t *testing.T) {
	for _, c := range []struct {
		name, drawing string
		from          byte
		ahead, back   []int
	}{
		{"a way round is quicker than the road", `
			a-----b
			 \   /
			  c-d
		`, 'a', []int{0, 3, 1, 2}, []int{0, 3, 1, 2}},
		{"one-way streets", `
			a>>b
			^  |
			d<<c
		`, 'a', []int{0, 2, 5, 3}, []int{0, 4, 1, 3}},
		{"private roads are not driven through", `
			a..b
			|  |
			c--d
		`, 'a', []int{0, 4, 1, 3}, []int{0, 4, 1, 3}},
		{"nor driven on at all", `a--b..c`, 'a', []int{0, 2, -1}, []int{0, 2, -1}},
		{"islands", `
			a-b c-d
		`, 'a', []int{0, 1, -1, -1}, []int{0, 1, -1, -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := roadtest.Draw(t, c.drawing)
			x := build(t, m.Network)
			if got := onMap(t, m, x, road.From, c.from); !slices.Equal(got, c.ahead) {
				t.Errorf("from %c: %v, want %v", c.from, got, c.ahead)
			}
			if got := onMap(t, m, x, road.To, c.from); !slices.Equal(got, c.back) {
				t.Errorf("to %c: %v, want %v", c.from, got, c.back)
			}
		})
	}
}

// Of two ways that take the same time, the length is that of the shorter.
func TestTiesGoToTheShorterWay(t *testing.T) {
	net := &road.Network{Nodes: make([]road.Coord, 3), Edges: []road.Edge{
		{From: 0, To: 1, Ahead: 500, Back: 500, Length: 90},
		{From: 1, To: 2, Ahead: 500, Back: 500, Length: 90},
		{From: 0, To: 2, Ahead: 1000, Back: 1000, Length: 170},
		{From: 0, To: 2, Ahead: 1000, Back: 1000, Length: 160},
	}}
	o := newOracle(t, net)
	_, lengths := o.q.Lengths(road.From, []road.Seed{{Node: o.places[0]}}, nil, nil)
	if got := lengths[o.places[2]]; got != 160 {
		t.Errorf("%d dm, want 160", got)
	}
}

func TestBuildRefuses(t *testing.T) {
	nodes := make([]road.Coord, 2)
	for name, net := range map[string]*road.Network{
		"a node that is not there": {Nodes: nodes, Edges: []road.Edge{{From: 0, To: 2, Ahead: 1, Back: 1}}},
		"bends beyond the end":     {Nodes: nodes, Edges: []road.Edge{{From: 0, To: 1, Ahead: 1, Back: 1, Bends: 1}}},
		"a time beyond never":      {Nodes: nodes, Edges: []road.Edge{{From: 0, To: 1, Ahead: 1 << 31, Back: 1}}},
		"faster than aeroplanes":   {Nodes: nodes, Edges: []road.Edge{{From: 0, To: 1, Ahead: 10, Back: 10, Length: 21}, {From: 0, To: 1, Ahead: road.Never - 1, Back: road.Never, Length: 1<<32 - 1}}},
	} {
		if _, err := road.Build(context.Background(), net, nil); err == nil {
			t.Errorf("%s was built", name)
		}
		if _, err := road.NewGraph(net, road.From); err == nil {
			t.Errorf("%s was made a graph", name)
		}
	}
}

func TestBuildReportsAndStops(t *testing.T) {
	net := roadtest.Generate(2, 20_000)
	ctx, stop := context.WithCancel(context.Background())
	var stages []string
	_, err := road.Build(ctx, net, func(stage string, done, of int) {
		if done > of || of != len(net.Nodes) {
			t.Errorf("%s: %d of %d", stage, done, of)
		}
		stages = append(stages, stage)
		if done > of/2 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || len(stages) == 0 {
		t.Errorf("%v after %v", err, stages)
	}
	if x := build(t, net); x.Nodes() != len(net.Nodes) {
		t.Errorf("%d nodes", x.Nodes())
	}
	if _, err := build(t, net).NewBuckets(ctx, road.From, make([][]road.Seed, 5000), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a table that was cancelled: %v", err)
	}
}

// The nearest of a place with several ways onto the network are the first of
// all its ways to all owners.
func TestPick(t *testing.T) {
	o := newOracle(t, roadtest.Generate(9, 2000))
	const k = 3
	_, owners := o.ends(20, 2)
	closest := o.q.NearestK(road.To, owners, k, nil)
	rows := make([][]uint64, 50) // by place: time, length and owner of all
	_, places := o.ends(len(rows), 3)
	b, err := o.x.NewBuckets(context.Background(), road.From, places, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range owners {
		for _, leg := range b.Row(o.q, owners[i], nil) {
			rows[leg.Place] = append(rows[leg.Place], uint64(leg.Time)<<32|uint64(leg.Length)<<8|uint64(i))
		}
	}
	got := make([]road.Reached, k)
	for p, want := range rows {
		slices.Sort(want)
		closest.Pick(places[p], got)
		for i, r := range got {
			w := road.Missed()
			if i < len(want) {
				if key := uint64(r.Time())<<32 | uint64(r.Length())<<8 | uint64(uint32(r.Owner)); key == want[i] {
					continue
				}
			} else if r == w {
				continue
			}
			t.Fatalf("place %d has %+v as number %d", p, r, i)
		}
	}
}

// The time of a journey is never more than by a stop on the way, and the same
// there as back on roads that are the same both ways.
func TestLaws(t *testing.T) {
	net := roadtest.Generate(4, 3000)
	for i := range net.Edges {
		e := &net.Edges[i]
		e.Ahead = min(e.Ahead, e.Back)
		e.Back = e.Ahead
	}
	x := build(t, net)
	q := query(t, x)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		a, b := int32(r.IntN(x.Nodes())), int32(r.IntN(x.Nodes()))
		fromA := q.Times(road.From, []road.Seed{{Node: a}}, nil)
		fromB := q.Times(road.From, []road.Seed{{Node: b}}, nil)
		if toA := q.Times(road.To, []road.Seed{{Node: a}}, nil); !slices.Equal(fromA, toA) {
			t.Error("there is not back")
		}
		for v := range fromA {
			if fromA[v] > min(fromA[b]+fromB[v], road.Never) {
				t.Fatalf("from %d to %d takes %d ms, by %d only %d", a, v, fromA[v], b, fromA[b]+fromB[v])
			}
		}
	}
}
