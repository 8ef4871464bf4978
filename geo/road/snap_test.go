package road

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// streets is a network of w × h streets around a place, each step degrees long
// and 10 s and 100 m to drive.
func streets(at Coord, w, h int, step int32) *Network {
	n := &Network{}
	lon := func(v int64) int32 {
		if v > 1.8e9 {
			v -= 3.6e9
		}
		return int32(v)
	}
	for y := range h {
		for x := range w {
			n.Nodes = append(n.Nodes, Coord{lon(int64(at.Lon) + int64(x)*int64(step)), at.Lat + int32(y)*step})
		}
	}
	add := func(a, b int) {
		n.Edges = append(n.Edges, Edge{From: int32(a), To: int32(b), Ahead: 10000, Back: 10000, Length: 1000})
	}
	for y := range h {
		for x := range w {
			if x+1 < w {
				add(y*w+x, y*w+x+1)
			}
			if y+1 < h {
				add(y*w+x, y*w+x+w)
			}
		}
	}
	return n
}

// The nearest edge is the one that a look at all of them finds, anywhere on
// earth; its distance is the geodesic to the place on it.
func TestNearestEdgeIsTheNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, at := range []struct {
		name     string
		lon, lat float64
		size     int
	}{
		{"at the equator", 10, 0, 1e6}, {"in the north", 24, 65, 1e6}, {"across 180°", 179.97, -17, 1e6},
		{"at the pole", 0, 89.95, 1e6}, {"long edges", -100, 40, 4e6},
	} {
		t.Run(at.name, func(t *testing.T) {
			n := scatter(3, 400, 900)
			move := func(c Coord) Coord {
				lon := int64(at.lon*1e7) + (int64(c.Lon)-5e5)*int64(at.size)/1e6
				if at.lat > 89 { // all around
					lon = (int64(c.Lon)*3600 - 1800e6) % 1800e6
				}
				if lon > 1.8e9 {
					lon -= 3.6e9
				}
				return Coord{int32(lon), int32(min(9e8, at.lat*1e7+(float64(c.Lat)-5e5)*float64(at.size)/1e6))}
			}
			for i := range n.Nodes {
				n.Nodes[i] = move(n.Nodes[i])
			}
			for i := range n.Bends {
				n.Bends[i] = move(n.Bends[i])
			}
			g := n.Streets()
			all := make([]int32, len(n.Edges))
			for i := range all {
				all[i] = int32(i)
			}
			tree := g.newTree(all)
			ends := tree.levels()
			if !tree.valid(len(n.Edges)) {
				t.Fatal("the tree is not valid")
			}
			for range 300 {
				c := move(Coord{int32(r.IntN(1e6)), int32(r.IntN(1e6))})
				p := c.space()
				limit := 1e7
				by := rival{edge: math.MaxInt32, square: limit * limit}
				for _, e := range all {
					g.approach(e, p, &by)
				}
				want := hit{by.edge, by.share, math.Sqrt(by.square)}
				got, ok := g.find(&tree, ends, p, limit)
				if !ok || got != want {
					t.Fatalf("%v: %+v %v, want %+v", c.Point(), got, ok, want)
				}
				lon, lat := g.at(got)
				if d := float64(geo.Distance(c.Point(), orb.Point{lon, lat})); math.Abs(d-got.off) > 0.2+got.off*got.off*got.off/3e14 {
					t.Fatalf("%v: %v m off, the place is %v m away", c.Point(), got.off, d)
				}
				if _, ok := g.find(&tree, ends, p, want.off*0.999); ok && want.off > 0 {
					t.Fatal("found beyond the limit")
				}
			}
		})
	}
}

// Each edge's place is what nearest finds again.
func TestPlaceOnAnEdge(t *testing.T) {
	n := scatter(5, 50, 100)
	g := n.Streets()
	for e := range n.Edges {
		for _, share := range []float64{0, 0.3, 0.77, 1} {
			lon, lat := g.at(hit{edge: int32(e), share: share})
			back := rival{edge: math.MaxInt32, square: 1e12}
			g.approach(int32(e), spaceOf(lon, lat), &back)
			if off := math.Sqrt(back.square); off > 0.02 {
				t.Fatalf("edge %d, share %v: %v m off its own edge", e, share, off)
			}
		}
	}
}

func TestSnap(t *testing.T) {
	n := streets(Coord{1799990000, 0}, 4, 4, 10000) // 111 m, across 180°
	l := NewLocator(n)
	s, ok := l.Snap(orb.Point{-179.99995, 0.00002}) // between nodes 1 (180.0) and 2
	if !ok || s.Island || s.Zone != -1 {
		t.Fatalf("%+v %v", s, ok)
	}
	if n.Edges[s.Edge].From != 1 || n.Edges[s.Edge].To != 2 || math.Abs(s.Share-0.05) > 1e-3 || math.Abs(float64(s.Off)-2.2115) > 0.01 {
		t.Errorf("%+v", s)
	}
	if math.Abs(s.At[0]+179.99995) > 1e-6 || math.Abs(s.At[1]) > 1e-9 {
		t.Errorf("at %v", s.At)
	}
	// 2.2115 m at 15 km/h are 0.531 s.
	access := uint32(531)
	want := []Seed{{2, 9500 + access, 950 + 22, 22}, {1, 500 + access, 50 + 22, 22}}
	near := func(a, b uint32) bool { return a-b+2 <= 4 }
	for _, got := range [][]Seed{s.Out, s.In} {
		if len(got) != 2 {
			t.Fatalf("%+v", got)
		}
		for i := range got {
			if got[i].Node != want[i].Node || !near(got[i].Time, want[i].Time) || !near(got[i].Length, want[i].Length) {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
	}
	for _, p := range []orb.Point{{math.NaN(), 0}, {0, math.NaN()}, {0, 91}, {math.Inf(1), 0}, {20, 20}} {
		if s, ok := l.Snap(p); ok {
			t.Errorf("%v: %+v", p, s)
		}
	}
	if _, ok := l.Snap(orb.Point{180.0005, 0.0001}); !ok {
		t.Error("longitudes beyond 180 are the same places")
	}
}

// An island is not driven from the mainland, a slip of the map is no island.
func TestIslands(t *testing.T) {
	main := streets(Coord{0, 0}, 12, 12, 10000)
	join := func(other *Network) *Network {
		n := &Network{Nodes: slices.Concat(main.Nodes, other.Nodes), Edges: slices.Clone(main.Edges)}
		for _, e := range other.Edges {
			e.From += int32(len(main.Nodes))
			e.To += int32(len(main.Nodes))
			n.Edges = append(n.Edges, e)
		}
		return n
	}
	big := NewLocator(join(streets(Coord{300000, 0}, 6, 6, 10000))) // 60 edges of 100 m, 2.1 km away
	small := NewLocator(join(streets(Coord{300000, 0}, 3, 3, 10000)))
	for _, c := range []struct {
		lon        float64
		bigIsland  bool
		big, small bool
	}{
		{0.0111, false, true, true},
		{0.019, false, true, true}, // 890 m from the main network, 1,224 from the island
		{0.0265, true, true, true}, // 1,725 and 390
		{0.03, true, true, true},   // on it
		{0.0350001, true, true, true},
	} {
		s, ok := big.Snap(orb.Point{c.lon, 0})
		if ok != c.big || s.Island != c.bigIsland {
			t.Errorf("%v: %v on the island: %v", c.lon, ok, s.Island)
		}
		s, ok = small.Snap(orb.Point{c.lon, 0})
		if ok != c.small || s.Island {
			t.Errorf("%v: %v on a slip: %v", c.lon, ok, s.Island)
		}
	}
	if s, ok := big.Snap(orb.Point{0.11, 0}); !ok || !s.Island {
		t.Errorf("with no other road in reach, the island's: %+v %v", s, ok)
	}
}

// Nobody stops on a ferry or a motorway.
func TestThroughIsPassedOver(t *testing.T) {
	n := streets(Coord{0, 0}, 3, 3, 10000)
	for i := range n.Edges {
		if n.Edges[i].From == 0 {
			n.Edges[i].Through = true
		}
	}
	s, ok := NewLocator(n).Snap(orb.Point{0.0005, 0})
	if !ok || n.Edges[s.Edge].From == 0 {
		t.Errorf("%+v", s)
	}
}

// The ways onto the network, across it and off it, with the direct ones, are
// the ways of the whole: Local roads at the start and at the end, and never
// in between.
func TestWaysAreThoseOfTheWhole(t *testing.T) {
	for seed := range uint64(60) {
		n := scatter(seed, 14, 26)
		for i := range n.Edges {
			n.Edges[i].Local = (uint64(i)*7+seed)%5 < 2
		}
		l := NewLocator(n)
		r := rand.New(rand.NewPCG(seed, 9))
		for range 40 {
			a := l.on(hit{edge: int32(r.IntN(len(n.Edges))), share: float64(r.IntN(5)) / 4, off: float64(r.IntN(50))})
			b := l.on(hit{edge: int32(r.IntN(len(n.Edges))), share: float64(r.IntN(5)) / 4, off: float64(r.IntN(50))})
			got := joined(n, l, &a, &b)
			want := whole(n, l, &a, &b)
			if got != want {
				t.Fatalf("seed %d, from %+v to %+v: %d ms, the whole has %d", seed, a, b, got, want)
			}
		}
	}
}

// joined is the time by seeds.
func joined(n *Network, l *Locator, a, b *Snapped) uint32 {
	dist := make([]uint32, len(n.Nodes))
	for i := range dist {
		dist[i] = Never
	}
	for _, s := range a.Out {
		dist[s.Node] = min(dist[s.Node], s.Time)
	}
	settle(n, dist, func(e *Edge) bool { return !e.Local })
	best := uint32(Never)
	for _, s := range b.In {
		if dist[s.Node] < Never {
			best = min(best, dist[s.Node]+s.Time)
		}
	}
	if t, _, ok := l.Direct(a, b); ok {
		best = min(best, t)
	}
	return best
}

// settle spreads times over edges until nothing changes (Bellman-Ford).
func settle(n *Network, dist []uint32, may func(*Edge) bool) {
	for changed := true; changed; {
		changed = false
		for i := range n.Edges {
			e := &n.Edges[i]
			if !may(e) {
				continue
			}
			if dist[e.From] < Never && e.Ahead < Never && dist[e.From]+e.Ahead < dist[e.To] {
				dist[e.To], changed = dist[e.From]+e.Ahead, true
			}
			if dist[e.To] < Never && e.Back < Never && dist[e.To]+e.Back < dist[e.From] {
				dist[e.From], changed = dist[e.To]+e.Back, true
			}
		}
	}
}

// whole is the time by three layers: Local roads from the start, that end
// where a road open to all comes in; roads open to all; Local roads to the end.
func whole(n *Network, l *Locator, a, b *Snapped) uint32 {
	layer := func() []uint32 {
		d := make([]uint32, len(n.Nodes))
		for i := range d {
			d[i] = Never
		}
		return d
	}
	first, mid, last := layer(), layer(), layer()
	local := func(d, into []uint32) {
		for changed := true; changed; {
			changed = false
			step := func(from, to int32, time uint32) {
				if d[from] < Never && time < Never && d[from]+time < into[to] {
					into[to], changed = d[from]+time, true
				}
			}
			for i := range n.Edges {
				e := &n.Edges[i]
				if !e.Local {
					continue
				}
				if !l.public(e.From) || &d[0] != &into[0] {
					step(e.From, e.To, e.Ahead)
				}
				if !l.public(e.To) || &d[0] != &into[0] {
					step(e.To, e.From, e.Back)
				}
			}
			if &d[0] != &into[0] {
				return
			}
		}
	}
	startLocal := n.Edges[a.Edge].Local
	for _, w := range l.ends(nil, a.Edge, a.Share, false) {
		if w.Time < Never {
			d := first
			if !startLocal {
				d = mid
			}
			d[w.Node] = min(d[w.Node], w.Time+a.access)
		}
	}
	local(first, first)
	for v := range mid {
		if l.public(int32(v)) {
			mid[v] = min(mid[v], first[v])
		}
	}
	settle(n, mid, func(e *Edge) bool { return !e.Local })
	local(mid, last)
	local(last, last)
	best := uint32(Never)
	for _, w := range l.ends(nil, b.Edge, b.Share, true) {
		if w.Time >= Never {
			continue
		}
		at := mid[w.Node]
		if n.Edges[b.Edge].Local {
			at = min(at, first[w.Node])
			if !l.public(w.Node) {
				at = min(at, last[w.Node])
			}
		}
		if at < Never {
			best = min(best, at+w.Time+b.access)
		}
	}
	if a.Edge == b.Edge {
		best = min(best, l.between(a, b).time()) // along the edge: checked by hand below
	}
	return min(best, onFootOnly(a, b))
}

// onFootOnly is the straight line between two stops nearer to one another than to
// their roads, or than 50 m, at 15 km/h.
func onFootOnly(a, b *Snapped) uint32 {
	d := a.spot.to(b.spot)
	if d > math.Max(float64(a.Off), 25)+math.Max(float64(b.Off), 25) {
		return Never
	}
	return uint32(math.Round(d / 15 * 3600))
}

func TestDirect(t *testing.T) {
	n := streets(Coord{0, 0}, 3, 1, 10000)
	n.Edges[0].Back = Never
	l := NewLocator(n)
	on := func(e int32, share float64) *Snapped {
		s := l.on(hit{edge: e, share: share})
		return &s
	}
	for _, c := range []struct {
		a, b         *Snapped
		time, length uint32
		ok           bool
	}{
		{on(0, 0.2), on(0, 0.7), 5000, 500, true},
		{on(0, 0.7), on(0, 0.2), 0, 0, false},
		{on(1, 0.7), on(1, 0.2), 5000, 500, true},
		{on(1, 0.5), on(1, 0.5), 0, 0, true},
		{on(0, 0.5), on(1, 0.5), 0, 0, false},
	} {
		if time, length, ok := l.Direct(c.a, c.b); time != c.time || length != c.length || ok != c.ok {
			t.Errorf("%v to %v: %d ms, %d dm, %v", c.a.Share, c.b.Share, time, length, ok)
		}
	}
}

// What a Locator keeps opens again, and nonsense does not.
func TestOpenLocator(t *testing.T) {
	n := scatter(11, 300, 700)
	l := NewLocator(n)
	again, err := OpenLocator(n.Streets(), l.Nearby())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		p := orb.Point{float64(i) * 0.002, float64(i%7) * 0.01}
		a, ok := l.Snap(p)
		b, ok2 := again.Snap(p)
		if ok != ok2 || a.Edge != b.Edge || !slices.Equal(a.Out, b.Out) {
			t.Fatalf("%v: %+v and %+v", p, a, b)
		}
	}
	for name, spoil := range map[string]func(*Nearby){
		"an edge too many": func(x *Nearby) { x.Main.Order = append(slices.Clone(x.Main.Order), int32(len(n.Edges))) },
		"negative":         func(x *Nearby) { x.Main.Order = append([]int32{-1}, x.Main.Order[1:]...) },
		"boxes":            func(x *Nearby) { x.Main.Boxes = x.Main.Boxes[1:] },
		"islands":          func(x *Nearby) { x.Islands.Boxes = append(x.Islands.Boxes, Box{}) },
		"public":           func(x *Nearby) { x.Public = x.Public[1:] },
		"leads":            func(x *Nearby) { x.Leads = x.Leads[1:] },
		"led":              func(x *Nearby) { x.Led = append(x.Led, 0) },
		"halves":           func(x *Nearby) { x.Halves.Order = append(slices.Clone(x.Halves.Order), int32(len(n.Edges))) },
		"corner":           func(x *Nearby) { x.Corners = slices.Clone(x.Corners); x.Corners[0].Edge = 1 << 30 },
		"order":            func(x *Nearby) { x.Corners = slices.Clone(x.Corners); slices.Reverse(x.Corners) },
	} {
		near := l.Nearby()
		spoil(&near)
		if _, err := OpenLocator(n.Streets(), near); err == nil {
			t.Errorf("%s: it opened", name)
		}
	}
}
