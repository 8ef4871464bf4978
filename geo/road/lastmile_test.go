package road

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// town is a random network of 400 m by 400 m: a third of its streets private, a
// third one-way.
func town(seed uint64, nodes, edges int) *Network {
	r := rand.New(rand.NewPCG(seed, 4))
	n := &Network{}
	for range nodes {
		n.Nodes = append(n.Nodes, Coord{Lon: int32(r.IntN(36000)), Lat: int32(r.IntN(36000))})
	}
	for range edges {
		e := Edge{From: int32(r.IntN(nodes)), To: int32(r.IntN(nodes))}
		bend := Coord{Lon: int32(r.IntN(36000)), Lat: int32(r.IntN(36000))} // no two streets lie on one another
		n.Bends = append(n.Bends, bend)
		e.Bends = uint32(len(n.Bends))
		metres := n.Nodes[e.From].space().to(bend.space()) + bend.space().to(n.Nodes[e.To].space())
		e.Length = uint32(math.Round(metres * 10))
		e.Ahead = 1 + uint32(metres*3600/float64(5+r.IntN(40)))
		e.Back = e.Ahead
		switch r.IntN(6) {
		case 0:
			e.Ahead = Never
		case 1:
			e.Back = Never
		}
		e.Local = r.IntN(3) == 0
		e.Through = r.IntN(20) == 0 && !e.Local
		n.Edges = append(n.Edges, e)
	}
	return n
}

// plain answers what Snap and the queries do by looking at everything.
type plain struct {
	*Network
	l                   *Locator
	public, leads, led  []bool
	main                []bool
	reaches             [][]bool
	wholeEdges, oneWays []int32
}

func newPlain(n *Network, l *Locator) *plain {
	p := &plain{Network: n, l: l, public: make([]bool, len(n.Nodes)), leads: make([]bool, len(n.Nodes)), led: make([]bool, len(n.Nodes)), main: make([]bool, len(n.Nodes))}
	for v := range n.Nodes {
		row := make([]bool, len(n.Nodes))
		for w, t := range timesFrom(n, v) {
			row[w] = t < Never
		}
		p.reaches = append(p.reaches, row)
	}
	for _, e := range n.Edges {
		if !e.Local {
			p.public[e.From], p.public[e.To] = true, true
		}
	}
	most, first := 0, 0
	for v := range n.Nodes {
		size := 0
		for w := range n.Nodes {
			if p.public[w] && p.reaches[v][w] && p.reaches[w][v] {
				size++
			}
		}
		if size > most {
			most, first = size, v
		}
	}
	for v := range n.Nodes {
		p.leads[v] = p.public[v] && p.reaches[v][first]
		p.led[v] = p.public[v] && p.reaches[first][v]
		p.main[v] = p.leads[v] && p.led[v]
	}
	for i := range n.Edges {
		e := &n.Edges[i]
		leave := slices.ContainsFunc(p.drive(int32(i), 0.5, false), func(w Seed) bool { return p.leads[w.Node] })
		enter := slices.ContainsFunc(p.drive(int32(i), 0.5, true), func(w Seed) bool { return p.led[w.Node] })
		switch {
		case e.Through:
		case leave && enter:
			p.wholeEdges = append(p.wholeEdges, int32(i))
		case leave || enter:
			p.oneWays = append(p.oneWays, int32(i))
		}
	}
	return p
}

// drive are the ways from a place on an edge to junctions open to all, over Local
// edges, or from them to it (Bellman-Ford).
func (p *plain) drive(edge int32, share float64, in bool) (out []Seed) {
	d := make([]uint32, len(p.Nodes))
	for i := range d {
		d[i] = Never
	}
	for _, w := range p.l.ends(nil, edge, share, in) {
		d[w.Node] = min(d[w.Node], w.Time)
	}
	for changed := p.Edges[edge].Local; changed; {
		changed = false
		step := func(from, to int32, time uint32) {
			if !p.public[from] && d[from] < Never && time < Never && d[from]+time < d[to] {
				d[to], changed = d[from]+time, true
			}
		}
		for _, e := range p.Edges {
			if !e.Local {
				continue
			}
			ahead, back := e.Ahead, e.Back
			if in {
				ahead, back = back, ahead
			}
			step(e.From, e.To, ahead)
			step(e.To, e.From, back)
		}
	}
	for v, t := range d {
		if t < Never && p.public[v] {
			out = append(out, Seed{Node: int32(v), Time: t})
		}
	}
	return out
}

// foot are the ways on foot along Local edges and those of one direction, up to
// 500 m, that start off metres away.
func (p *plain) foot(edge int32, share, off float64, in bool) (out []Seed) {
	serves := p.leads
	if in {
		serves = p.led
	}
	d := make([]uint32, len(p.Nodes))
	for i := range d {
		d[i] = Never
	}
	dm := uint32(math.Round(off * 10))
	e := &p.Edges[edge]
	d[e.From] = dm + e.Length - partOf(e.Length, 1-share)
	d[e.To] = min(d[e.To], dm+partOf(e.Length, 1-share))
	for changed := true; changed; {
		changed = false
		for i := range p.Edges {
			e := &p.Edges[i]
			if !e.Local && !slices.Contains(p.oneWays, int32(i)) {
				continue
			}
			for _, ends := range [2][2]int32{{e.From, e.To}, {e.To, e.From}} {
				if a, b := ends[0], ends[1]; d[a] <= 5000 && !serves[a] && d[a]+e.Length < d[b] {
					d[b], changed = d[a]+e.Length, true
				}
			}
		}
	}
	for v, length := range d {
		if length <= 5000 && serves[v] {
			out = append(out, Seed{Node: int32(v), Time: uint32(math.Round(float64(length) / 10 * 3600 / 15))})
		}
	}
	return out
}

// candidates are the roads of a stop: the nearest that serves both ways, and up to
// eight nearer that serve one.
func (p *plain) candidates(at orb.Point) (out []Snapped) {
	spot := spaceOf(at[0], at[1])
	near := func(edges []int32) (hits []rival) {
		for _, e := range edges {
			one := rival{edge: math.MaxInt32, square: 1e12}
			p.l.approach(e, spot, &one)
			hits = append(hits, one)
		}
		slices.SortFunc(hits, func(a, b rival) int { return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.edge, b.edge)) })
		return hits
	}
	take := func(h rival) {
		off := math.Sqrt(h.square)
		out = append(out, Snapped{Edge: h.edge, Share: h.share, Off: geo.Metres(off), Zone: p.l.zone(h.edge), access: p.l.walk(off)})
	}
	limit := 500.0 * 500
	if w := near(p.wholeEdges); len(w) > 0 {
		take(w[0])
		limit = min(limit, w[0].square)
	}
	for i, h := range near(p.oneWays) {
		if i < 8 && h.square < limit {
			take(h)
		}
	}
	return out
}

// ways are those of a candidate, on the road or on foot.
func (p *plain) ways(c *Snapped, in bool) []Seed {
	serves := p.leads
	if in {
		serves = p.led
	}
	out := p.drive(c.Edge, c.Share, in)
	for i := range out {
		out[i].Time += c.access
	}
	if !slices.ContainsFunc(out, func(w Seed) bool { return serves[w.Node] }) {
		out = append(out, p.foot(c.Edge, c.Share, float64(c.Off), in)...)
	}
	return out
}

// The road at a stop, the ways over it and those from stop to stop are what one
// finds who looks at every edge: with private and one-way streets at both ends.
func TestLastMileAgainstEverything(t *testing.T) {
	reached, oneWay, strolls, straight := 0, 0, 0, 0
	for seed := range uint64(400) {
		n := town(seed, 9, 14)
		l := NewLocator(n)
		p := newPlain(n, l)
		r := rand.New(rand.NewPCG(seed, 5))
		spot := func() orb.Point { return Coord{int32(r.IntN(36000)), int32(r.IntN(36000))}.Point() }
		for range 12 {
			at, to := spot(), spot()
			if r.IntN(6) == 0 {
				to = orb.Point{at[0] + 1e-4*r.Float64(), at[1]}
			}
			a, ok := l.Snap(at)
			b, ok2 := l.Snap(to)
			as, bs := p.candidates(at), p.candidates(to)
			if ok != (len(as) > 0) || ok2 != (len(bs) > 0) {
				t.Fatalf("seed %d: found %v and %v, candidates %d and %d", seed, ok, ok2, len(as), len(bs))
			}
			if !ok || !ok2 {
				continue
			}
			got, want := joined(n, l, &a, &b), p.time(as, bs, &a, &b)
			if got != want {
				t.Fatalf("seed %d, %v to %v: %d ms, by looking at everything %d", seed, at, to, got, want)
			}
			oneWay += len(a.OneWay)
			if got < Never {
				reached++
			}
			if onFootOnly(&a, &b) == got {
				straight++
			}
			for i := range a.OneWay {
				if len(p.foot(a.OneWay[i].Edge, a.OneWay[i].Share, float64(a.OneWay[i].Off), true)) > 0 {
					strolls++
				}
			}
		}
	}
	if reached < 1000 || oneWay < 300 || strolls < 100 || straight < 100 {
		t.Errorf("%d journeys, %d roads of one direction, %d ways on foot, %d straight: too few to tell", reached, oneWay, strolls, straight)
	}
}

// time is the quickest of all ways between two stops.
func (p *plain) time(as, bs []Snapped, a, b *Snapped) uint32 {
	best := onFootOnly(a, b)
	mid := make([]uint32, len(p.Nodes))
	for i := range mid {
		mid[i] = Never
	}
	for i := range as {
		for _, w := range p.ways(&as[i], false) {
			mid[w.Node] = min(mid[w.Node], w.Time)
		}
	}
	settle(p.Network, mid, func(e *Edge) bool { return !e.Local })
	for k := range bs {
		for _, w := range p.ways(&bs[k], true) {
			if mid[w.Node] < Never {
				best = min(best, mid[w.Node]+w.Time)
			}
		}
	}
	for i := range as {
		for k := range bs {
			if as[i].Edge == bs[k].Edge || as[i].Zone >= 0 && as[i].Zone == bs[k].Zone {
				best = min(best, p.zoneTime(&as[i], &bs[k]))
			}
		}
	}
	return best
}

// zoneTime is the way along an edge or over Local edges.
func (p *plain) zoneTime(a, b *Snapped) uint32 {
	best := uint32(Never)
	e := &p.Edges[a.Edge]
	if gap := math.Abs(a.Share - b.Share); a.Edge == b.Edge {
		if a.Share <= b.Share {
			best = min(best, partOf(e.Ahead, gap))
		}
		if a.Share >= b.Share {
			best = min(best, partOf(e.Back, gap))
		}
	}
	if e.Local && p.Edges[b.Edge].Local {
		d := make([]uint32, len(p.Nodes))
		for i := range d {
			d[i] = Never
		}
		for _, w := range p.l.ends(nil, a.Edge, a.Share, false) {
			d[w.Node] = min(d[w.Node], w.Time)
		}
		for range p.Nodes {
			for _, e := range p.Edges {
				if e.Local && !p.public[e.From] && d[e.From] < Never && e.Ahead < Never {
					d[e.To] = min(d[e.To], d[e.From]+e.Ahead)
				}
				if e.Local && !p.public[e.To] && d[e.To] < Never && e.Back < Never {
					d[e.From] = min(d[e.From], d[e.To]+e.Back)
				}
			}
		}
		for _, w := range p.l.ends(nil, b.Edge, b.Share, true) {
			if w.Time < Never && d[w.Node] < Never {
				best = min(best, d[w.Node]+w.Time)
			}
		}
	}
	if best >= Never {
		return Never
	}
	return best + a.access + b.access
}
