package osm

import (
	"cmp"
	"math"

	"careshed/geo/road"
)

// alike is how much the speeds of two pieces may differ for the two to become
// one edge: a place along an edge is timed as if all of it had one speed.
const alike = 1.25

// junctions knows which pieces meet where. An end of a piece is its number
// doubled, plus one for the end at to.
type junctions struct {
	*pieces
	first []uint32 // the ends at vertex v are ends[first[v]:first[v+1]]
	ends  []uint32
	done  []bool // pieces that are part of an edge

	fixed map[int32]bool      // vertices that are nodes whatever meets there: a restriction turns on them
	node  []int32             // of a vertex, plus one; 0: none yet
	ranks []uint8             // of edges
	ways  map[int32][2]int32  // of edges of ways that restrictions name: that at From and that at To
	roads []wayRoad           // that pieces are of
	drawn *column[road.Coord] // Network.Bends
	runs  *column[road.Run]   // Network.Ways.Runs
}

func newJunctions(ps *pieces) *junctions {
	j := &junctions{pieces: ps, first: make([]uint32, len(ps.at)+2), ends: make([]uint32, 2*len(ps.list)), done: make([]bool, len(ps.list))}
	for i := range ps.list {
		j.first[ps.list[i].from+2]++
		j.first[ps.list[i].to+2]++
	}
	for v := 2; v < len(j.first); v++ {
		j.first[v] += j.first[v-1]
	}
	put := func(v int32, end uint32) {
		j.ends[j.first[v+1]] = end
		j.first[v+1]++
	}
	for i := range ps.list {
		put(ps.list[i].from, uint32(2*i))
		put(ps.list[i].to, uint32(2*i+1))
	}
	j.first = j.first[:len(ps.at)+1]
	return j
}

func (j *junctions) at(v int32) []uint32 { return j.ends[j.first[v]:j.first[v+1]] }

// into and out are the seconds towards the vertex at an end and away from it.
func (j *junctions) into(end uint32) float32 {
	if end&1 == 1 {
		return j.list[end/2].ahead
	}
	return j.list[end/2].back
}

func (j *junctions) out(end uint32) float32 { return j.into(end ^ 1) }

// wait puts the turns on the pieces. The network knows junctions and not
// turns, so that the cost is put on the way into the junction: the whole of
// Yield for who comes to a road of higher rank, Cross where all are equal,
// Pass along the highest rank where lower ones meet it.
func (j *junctions) wait(p *rules) {
	for v := range j.pieces.at {
		ends := j.at(int32(v))
		if len(ends) < 3 {
			continue
		}
		top, low := uint8(0), uint8(math.MaxUint8)
		for _, e := range ends {
			r := j.list[e/2].rank
			top, low = max(top, r), min(low, r)
		}
		for _, e := range ends {
			q := &j.list[e/2]
			cost := p.Cross
			switch {
			case q.rank < top:
				cost = p.Yield
			case low < top:
				cost = p.Pass
			}
			if e&1 == 1 {
				q.waitAhead += float32(cost)
			} else {
				q.waitBack += float32(cost)
			}
		}
	}
}

// passable says whether nothing happens at a vertex: two pieces meet that are
// alike, and whoever may come may go on.
func (j *junctions) passable(v int32) bool {
	ends := j.at(v)
	if j.fixed[v] || len(ends) != 2 || ends[0]/2 == ends[1]/2 {
		return false
	}
	a, b := ends[0], ends[1]
	p, q := &j.list[a/2], &j.list[b/2]
	return p.alikeFlags(q) &&
		similar(p, q, j.into(a), j.out(b)) &&
		similar(p, q, j.out(a), j.into(b))
}

// similar compares the pace of s seconds along p and t along q.
func similar(p, q *piece, s, t float32) bool {
	if s == never || t == never {
		return s == t
	}
	// Paces s/p and t/q, multiplied out so that no length divides.
	x, y := float64(s)*float64(q.metres), float64(t)*float64(p.metres)
	return x <= alike*y && y <= alike*x
}

// join makes edges of chains of pieces and nodes of the vertices between them,
// and says which edges are tracks.
func (j *junctions) join(scratch func() (Scratch, error)) (net *road.Network, tracks rank, err error) {
	net, tracks = &road.Network{}, newRank(len(j.list))
	if j.drawn, err = newColumn[road.Coord](scratch); err != nil {
		return nil, tracks, err
	}
	if j.runs, err = newColumn[road.Run](scratch); err != nil {
		return nil, tracks, err
	}
	j.node, j.ways = make([]int32, len(j.pieces.at)), map[int32][2]int32{}
	node := j.node
	nodeOf := func(v int32) int32 {
		if node[v] == 0 {
			net.Nodes = append(net.Nodes, j.pieces.at[v])
			node[v] = int32(len(net.Nodes))
		}
		return node[v] - 1
	}
	pass, passed := newRank(len(j.pieces.at)), 0
	for v := range j.pieces.at {
		switch {
		case len(j.at(int32(v))) == 0:
		case j.passable(int32(v)):
			pass.set(v)
			passed++
		default:
			nodeOf(int32(v))
		}
	}
	// But for rings, each vertex that is passed makes one edge of two pieces.
	most := len(j.list) - passed
	net.Edges, net.Ways.Ends, j.ranks = make([]road.Edge, 0, most), make([]uint32, 0, most), make([]uint8, 0, most)
	var chain []uint32 // pieces in order, as the ends at which they are left
	for i := range j.list {
		if j.done[i] {
			continue
		}
		// Go back to where the chain begins, or once around.
		start := uint32(2 * i)
		for pass.has(int(j.vertex(start))) {
			start = j.other(start) ^ 1
			if start == uint32(2*i) {
				break
			}
		}
		chain = chain[:0]
		for end := start ^ 1; ; {
			chain = append(chain, end)
			j.done[end/2] = true
			if !pass.has(int(j.vertex(end))) {
				break
			}
			end = j.other(end) ^ 1
			if end == start^1 {
				break
			}
		}
		if j.list[i].track {
			tracks.set(len(net.Edges))
		}
		j.edge(net, chain, nodeOf(j.vertex(start)), nodeOf(j.vertex(chain[len(chain)-1])))
	}
	return net, tracks, j.loadInto(net)
}

// loadInto ends what was written of the edges and takes it into memory; the pieces go.
func (j *junctions) loadInto(net *road.Network) (err error) {
	if err = cmp.Or(j.pieces.bends.err, j.drawn.seal(), j.runs.seal()); err != nil {
		return err
	}
	j.pieces, j.first, j.ends, j.done, j.roads = nil, nil, nil, nil, nil
	if net.Bends, err = j.drawn.load(); err != nil {
		return err
	}
	net.Ways.Runs, err = j.runs.load()
	return err
}

func (j *junctions) vertex(end uint32) int32 {
	if end&1 == 1 {
		return j.list[end/2].to
	}
	return j.list[end/2].from
}

// other is the other end at the vertex of an end where just two meet.
func (j *junctions) other(end uint32) uint32 {
	ends := j.at(j.vertex(end))
	if ends[0] == end {
		return ends[1]
	}
	return ends[0]
}

// edge appends a chain as one edge.
func (j *junctions) edge(net *road.Network, chain []uint32, from, to int32) {
	var ahead, back, metres float64
	for n, end := range chain {
		p := &j.list[end/2]
		forward := end&1 == 1
		there, here := float64(p.ahead)+float64(p.waitAhead), float64(p.back)+float64(p.waitBack)
		if !forward {
			there, here = here, there
		}
		ahead, back, metres = ahead+there, back+here, metres+float64(p.metres)
		bends := j.shape(int(end / 2))
		if forward {
			for _, c := range bends {
				j.drawn.add(c)
			}
		} else {
			for k := len(bends) - 1; k >= 0; k-- {
				j.drawn.add(bends[k])
			}
		}
		if n < len(chain)-1 {
			j.drawn.add(j.pieces.at[j.vertex(end)])
		}
	}
	one, last := &j.list[chain[0]/2], &j.list[chain[len(chain)-1]/2]
	if one.way != 0 || last.way != 0 {
		j.ways[int32(len(net.Edges))] = [2]int32{one.way, last.way}
	}
	j.ranks = append(j.ranks, one.rank)
	j.origins(&net.Ways, chain)
	net.Edges = append(net.Edges, road.Edge{
		From: from, To: to, Ahead: millis(ahead), Back: millis(back), Length: decimetres(metres),
		Bends: uint32(j.drawn.n), Local: one.local, Through: one.through,
	})
}

// origins appends of which ways an edge is: one run for all that is of one way in a row.
func (j *junctions) origins(o *road.Origins, chain []uint32) {
	var ahead, back, metres float64
	end := func(of int32) {
		if of > 0 {
			r := &j.roads[of-1]
			j.runs.add(road.Run{Way: r.id, Ahead: driven(ahead), Back: driven(back), Length: decimetres(metres), Class: uint32(r.class)})
		}
		ahead, back, metres = 0, 0, 0
	}
	last := int32(0)
	for _, e := range chain {
		p := &j.list[e/2]
		there, here := float64(p.ahead), float64(p.back)
		if e&1 == 0 {
			there, here = here, there
		}
		if p.road != last {
			end(last)
		}
		ahead, back, metres, last = ahead+there, back+here, metres+float64(p.metres), p.road
	}
	end(last)
	o.Ends = append(o.Ends, uint32(j.runs.n))
}

// driven is a time of driving alone, which may be none.
func driven(seconds float64) uint32 {
	if math.IsInf(seconds, 1) {
		return road.Never
	}
	return uint32(min(math.Round(seconds*1000), road.Never-1))
}

func decimetres(metres float64) uint32 { return uint32(min(math.Round(metres*10), road.Never)) }

func (j *junctions) shape(i int) []road.Coord {
	from := uint32(0)
	if i > 0 {
		from = j.list[i-1].bends
	}
	return j.pieces.bends.slice(int(from), int(j.list[i].bends))
}

// millis is a time as the network keeps it: never 0, and Never only for what
// cannot be driven.
func millis(seconds float64) uint32 {
	if math.IsInf(seconds, 1) {
		return road.Never
	}
	return uint32(max(1, min(math.Round(seconds*1000), road.Never-1)))
}
