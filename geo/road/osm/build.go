package osm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/geo"
	"careshed/geo/road"
)

// enclave is the length of road, in metres, below which a part of the network
// that only tracks lead to counts as one more piece of track. A longer one is
// a village whose road is missing: nobody is sent to it through the woods.
const enclave = 5000

// piece is a stretch of one way between two vertices. A vertex is a point that
// several ways share, an end of a way, or one of the copies of a closed point.
type piece struct {
	from, to    int32
	bends       uint32  // its bends are pieces.bends[bends of the one before:bends]
	metres      float32 //
	ahead, back float32 // seconds of driving; +Inf: one may not
	waitAhead   float32 // seconds at signals, gates and junctions
	waitBack    float32
	way         int32 // of those that restrictions name, from 1; else 0
	road        int32 // of the roads of the importer, from 1; 0: none, at a barrier
	rank        uint8
	local       bool
	track       bool
	through     bool
}

func (p *piece) alikeFlags(q *piece) bool {
	return p.local == q.local && p.track == q.track && p.through == q.through
}

// pieces are all of them, and where vertices are.
type pieces struct {
	list  []piece
	bends *column[road.Coord]
	at    []road.Coord // of the vertices
}

var never = float32(math.Inf(1))

// build makes the network of what the two passes collected.
func (im *importer) build(ctx context.Context) (*road.Network, error) {
	ps, err := im.cut(ctx)
	if err != nil {
		return nil, err
	}
	im.sum.Dropped *= im.mean()
	fixed := im.corner()
	im.ids, im.refs, im.coords, im.spots = idSet{}, nil, nil, nil
	j := newJunctions(ps)
	j.fixed, j.roads, im.roads = fixed, im.roads, nil
	j.wait(im.rules)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	net, tracks, err := j.join(im.scratch)
	if err != nil {
		return nil, err
	}
	if len(net.Edges) == 0 {
		return nil, fmt.Errorf("the file holds %d roads and not one whole stretch of them: %d of their %d points are missing", im.sum.Ways, im.sum.Missing, im.sum.Points)
	}
	net.Ways.Classes = im.rules.Profile.classes()
	im.sum.enclose(net, tracks)
	if err := im.turns(net, j); err != nil {
		return nil, err
	}
	return net, nil
}

// cut takes the ways apart at their vertices.
func (im *importer) cut(ctx context.Context) (*pieces, error) {
	bends, err := newColumn[road.Coord](im.scratch)
	if err != nil {
		return nil, err
	}
	ps := &pieces{list: make([]piece, 0, im.stretches()), at: make([]road.Coord, 0, im.ids.shared.total), bends: bends}
	im.ids.shared.members(func(i int) { ps.at = append(ps.at, im.coords[i]) })
	copies := map[int32][]int32{} // of a point with a barrier: a vertex for each end of a piece
	vertex := func(i int32, s spot) (int32, error) {
		if s.use == Open {
			return int32(im.ids.shared.of(int(i))), nil
		}
		if len(ps.at) >= math.MaxInt32 {
			return 0, fmt.Errorf("more than %d junctions", math.MaxInt32)
		}
		ps.at = append(ps.at, im.coords[i])
		v := int32(len(ps.at) - 1)
		copies[i] = append(copies[i], v)
		return v, nil
	}
	var points []int32 // of the way at hand
	start := uint64(0)
	hint := 0
	for n := range im.roads {
		if n%(1<<16) == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		way := &im.roads[n]
		points = points[:0]
		w := wire{data: im.refs[start:way.end]}
		start = way.end
		id := int64(0)
		for len(w.data) > 0 {
			id += w.signed()
			i, ok := im.ids.find(id, hint)
			if !ok {
				return nil, fmt.Errorf("node %d was lost between two passes", id) // a bug of ours
			}
			hint = i
			if k := len(points); k > 0 && points[k-1] == int32(i) {
				continue // the same point twice in a row
			}
			points = append(points, int32(i))
		}
		if im.sum.Missing > 0 {
			im.dropped(way, points)
		}
		if err := im.cutWay(ps, n, points, vertex); err != nil {
			return nil, err
		}
	}
	// Where a barrier lets those pass who start or end behind it, Local edges
	// of no length join the copies; where it lets nobody pass, nothing does.
	closed := make([]int32, 0, len(copies))
	for i := range copies {
		closed = append(closed, i)
	}
	slices.Sort(closed)
	for _, i := range closed {
		s, c := im.spots[i], copies[i]
		if s.use == Closed {
			im.sum.Cut++
			continue
		}
		for _, v := range c[1:] {
			wait := float32(s.seconds)
			ps.list = append(ps.list, piece{from: c[0], to: v, bends: uint32(ps.bends.n), waitAhead: wait, waitBack: wait, local: true})
		}
	}
	return ps, ps.bends.seal()
}

// stretches is how many pieces the roads fall into, but for what is missing or closed:
// of their points the shared ones, which are all but those that were met once, end them.
func (im *importer) stretches() int {
	shared := pointsOf(im.refs) - (im.ids.len() - im.ids.shared.total)
	return max(0, shared-len(im.roads))
}

// dropped counts the stretches between two points of a way of which one is
// missing, and the length of the others.
func (im *importer) dropped(way *wayRoad, points []int32) {
	gap := Gap{Way: way.id}
	known := false
	for k := 1; k < len(points); k++ {
		a, b := im.coords[points[k-1]], im.coords[points[k]]
		if a != nowhere && b != nowhere {
			im.kept++
			im.metres += im.between(points[k-1], points[k])
			continue
		}
		gap.Stretches++
		for _, c := range []road.Coord{a, b} {
			if c != nowhere && !known {
				gap.At, known = c, true
			}
		}
	}
	if gap.Stretches == 0 {
		return
	}
	im.sum.Dropped += float64(gap.Stretches)
	im.sum.Gaps = append(im.sum.Gaps, gap)
	slices.SortStableFunc(im.sum.Gaps, func(a, b Gap) int {
		if known := func(g Gap) bool { return g.At != (road.Coord{}) }; known(a) != known(b) {
			if known(a) {
				return -1
			}
			return 1
		}
		return b.Stretches - a.Stretches
	})
	im.sum.Gaps = im.sum.Gaps[:min(len(im.sum.Gaps), 3)]
}

// mean is the length of a stretch, metres, that has both its ends.
func (im *importer) mean() float64 {
	if im.kept == 0 {
		return 0
	}
	return im.metres / float64(im.kept)
}

// cutWay appends the pieces of a way, which is one of the roads.
func (im *importer) cutWay(ps *pieces, nth int, points []int32, vertex func(int32, spot) (int32, error)) error {
	way := &im.roads[nth]
	metres := 0.0 // of the whole way, for those that give a time for the whole
	if way.seconds > 0 {
		for k := 1; k < len(points); k++ {
			metres += im.between(points[k-1], points[k])
		}
	}
	speed := func(tenths uint16) float64 { // metres a second
		switch {
		case tenths == 0:
			return 0
		case way.seconds > 0 && metres > 0:
			// A slip in a duration makes no ferry fly.
			return min(metres/float64(way.seconds), im.rules.Fastest/3.6)
		}
		return float64(tenths) / 36
	}
	ahead, back := speed(way.ahead), speed(way.back)
	for from := 0; from < len(points)-1; {
		if im.coords[points[from]] == nowhere {
			from++
			continue
		}
		to := from + 1
		length := 0.0
		var waits spot
		pass := func(i int32, share float64) spot {
			s := im.spots[i]
			if s.use == Open { // what is closed is dealt with apart
				waits.ahead += share * (s.seconds + s.ahead)
				waits.back += share * (s.seconds + s.back)
			}
			return s
		}
		first := pass(points[from], 0.5)
		for ; to < len(points); to++ {
			i := points[to]
			if im.coords[i] == nowhere {
				break
			}
			length += im.between(points[to-1], i)
			if to == len(points)-1 || im.ids.shared.has(int(i)) || im.spots[i].use != Open {
				break
			}
			pass(i, 1)
		}
		end := to
		if to == len(points) || im.coords[points[to]] == nowhere {
			end = to - 1 // the piece ends where the file ends
		}
		if end == from {
			from = to
			continue
		}
		last := pass(points[end], 0.5)
		p := piece{metres: float32(length), rank: way.rank, local: way.local, track: way.track, through: way.through, ahead: never, back: never, waitAhead: float32(waits.ahead), waitBack: float32(waits.back), way: im.bannedWays[way.id], road: int32(nth + 1)}
		var err error
		if p.from, err = im.end(ps, points[from], first, vertex); err != nil {
			return err
		}
		if p.to, err = im.end(ps, points[end], last, vertex); err != nil {
			return err
		}
		if ahead > 0 {
			p.ahead = float32(length / ahead)
		}
		if back > 0 {
			p.back = float32(length / back)
		}
		for _, i := range points[from+1 : end] {
			ps.bends.add(im.coords[i])
		}
		if uint64(ps.bends.n) > math.MaxUint32 || len(ps.list) >= math.MaxInt32/2 {
			return fmt.Errorf("more roads than are supported: %d stretches; take an extract of a part", len(ps.list))
		}
		p.bends = uint32(ps.bends.n)
		ps.list = append(ps.list, p)
		from = to
	}
	return nil
}

// end is the vertex at an end of a piece. A point within a way may become one
// because the file ends after it.
func (im *importer) end(ps *pieces, i int32, s spot, vertex func(int32, spot) (int32, error)) (int32, error) {
	if s.use == Open && !im.ids.shared.has(int(i)) {
		ps.at = append(ps.at, im.coords[i])
		return int32(len(ps.at) - 1), nil
	}
	return vertex(i, s)
}

func (im *importer) between(i, j int32) float64 {
	a, b := im.coords[i], im.coords[j]
	if a == nowhere || b == nowhere || a == b {
		return 0
	}
	return float64(geo.Distance(a.Point(), b.Point()))
}

// enclose makes Local what only Local edges lead to (a hospital's ground, a
// gated estate), and counts. tracks says which edges are tracks.
func (s *Summary) enclose(n *road.Network, tracks rank) {
	component, count := n.Strong()
	length := make([]float64, count)
	public := make([]bool, count)      // a road open to all leads out or in
	behind := make([]bool, count)      // a private one does
	woods := make([]bool, count)       // a track does
	open := make([]bool, len(n.Nodes)) // a road open to all ends there
	for i := range n.Edges {
		e := &n.Edges[i]
		s.Metres += float64(e.Length) / 10
		a, b := component[e.From], component[e.To]
		switch {
		case e.Local && tracks.has(i):
			woods[a], woods[b] = true, true
		case e.Local:
			behind[a], behind[b] = true, true
		case a == b:
			length[a] += float64(e.Length) / 10
		default:
			public[a], public[b] = true, true
		}
		if !e.Local {
			open[e.From], open[e.To] = true, true
		}
	}
	size := make([]int, count)
	for v, c := range component {
		if open[v] {
			s.Open++
			size[c]++
		}
	}
	main := 0
	for c := range size {
		if size[c] > size[main] {
			main = c
		}
		if size[c] > 0 {
			s.Strong++
		}
	}
	s.Main = size[main]
	for i := range n.Edges {
		e := &n.Edges[i]
		c := component[e.From]
		if !e.Local && c == component[e.To] && int(c) != main && !public[c] && (behind[c] || woods[c] && length[c] < enclave) {
			e.Local = true
			s.Behind++
		}
	}
}
