package road

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Turns are what a network of junctions and edges does not know by itself: what it
// costs to turn, and which turns are banned. Turn puts them into the network, by
// splitting junctions, so that whatever is asked of it afterwards stays exact.
//
// Through a junction roads are taken to go straight on: of its edges, those that
// lie in one line belong together, the highest ranks first. Who goes straight on
// pays nothing; who changes from one such road to another pays by the angle, both
// ways the same (left and right are averaged); an edge that is the end of a road
// (of a T) costs that much to come from or to turn into. Most junctions need no
// splitting for that. A ban splits its junction by the edges one comes by. Turning
// back on the spot is free but at a junction with a ban, and at the next where one
// came from such: there it would undo the ban.
type Turns struct {
	Table  TurnTable
	Rank   []uint8  // of each edge; nil: all equal
	Banned [][]Dart // journeys, of two darts or more, that may not be driven as a whole
}

// Dart is an edge in one direction: Back is from its To to its From.
type Dart struct {
	Edge int32
	Back bool
}

// TurnTable is what turns cost. The zero value costs nothing.
type TurnTable struct {
	// Straight is by how many degrees two edges may miss one line to be one road.
	Straight float64 `json:"straight_deg"`
	// Steps are the seconds for turns, by their angle: 90 is a right angle, 180 back.
	Steps []TurnStep `json:"steps,omitempty"`
	// Back are the seconds to turn back at a junction with a ban or next to one.
	Back float64 `json:"back_s"`
}

// TurnStep is the cost of turns up to an angle, from the step before on.
type TurnStep struct {
	UpTo    float64 `json:"up_to_deg"`
	Seconds float64 `json:"seconds"`
}

// of is the cost of a turn by so many degrees, in milliseconds.
func (t *TurnTable) of(angle float64) uint32 {
	for _, s := range t.Steps {
		if angle <= s.UpTo {
			return uint32(math.Round(s.Seconds * 1000))
		}
	}
	if n := len(t.Steps); n > 0 {
		return uint32(math.Round(t.Steps[n-1].Seconds * 1000))
	}
	return 0
}

// sideways is the cost of a turn by an angle or by what is missing to 180, whichever
// way one turns: the mean.
func (t *TurnTable) sideways(angle float64) uint32 { return (t.of(angle) + t.of(180-angle)) / 2 }

// Mate is an edge that lies where another does, made by splitting junctions: its
// other direction, or, if Copy, the same road for those who came a certain way.
type Mate struct {
	Edge, Mate int32
	Copy       int32 // 1 or 0
}

// Split is what Turn added to a network.
type Split struct {
	Junctions int // that were split
	Nodes     int // added
	Edges     int // added
}

// arm is an end of an edge at a junction; to says that it is its To.
type arm struct {
	edge    int32
	to      bool
	bearing float64 // outwards, in degrees
	group   int
}

// in is the dart that comes to the junction by an arm, out the one that leaves.
func (a *arm) in() Dart  { return Dart{a.edge, !a.to} }
func (a *arm) out() Dart { return Dart{a.edge, a.to} }

// turner puts turns into a network.
type turner struct {
	*Network
	t       Turns
	first   []uint32 // the ends at node v are ends[first[v]:first[v+1]]
	ends    []uint32 // edge<<1 | 1 at its To
	rules   bans
	strict  map[int32]bool // junctions with a ban
	seats   map[int32]*seat
	touched []int32
	copies  map[int32]*berth // of a state of the bans
	split   Split
}

// seat is where an edge is left and arrived at, at its two ends.
type seat struct{ fromOut, fromIn, toOut, toIn int32 }

// berth is where the copy of a dart starts and ends.
type berth struct{ tail, head int32 }

// Turn puts t into the network, of which it changes the times and the ends of edges
// and appends nodes, edges and mates. Edges keep their numbers. It is called once.
func (n *Network) Turn(t Turns) (Split, error) {
	if len(n.Mates) > 0 {
		return Split{}, errors.New("turns: the network has them")
	}
	if t.Rank != nil && len(t.Rank) != len(n.Edges) {
		return Split{}, fmt.Errorf("turns: %d ranks of %d edges", len(t.Rank), len(n.Edges))
	}
	if err := n.check(); err != nil {
		return Split{}, err
	}
	u := &turner{Network: n, t: t, strict: map[int32]bool{}, seats: map[int32]*seat{}, copies: map[int32]*berth{}}
	for i, b := range t.Banned {
		if err := u.ban(b); err != nil {
			return Split{}, fmt.Errorf("turns: ban %d: %w", i, err)
		}
	}
	u.rules.finish()
	u.gather()
	next := map[int32]bool{}
	for v := range u.strict {
		for _, end := range u.at(v) {
			if e := &n.Edges[end/2]; !e.Local {
				next[e.From], next[e.To] = true, true
			}
		}
	}
	for v := range int32(len(n.Nodes)) {
		u.junction(v, next[v])
	}
	u.seat()
	slices.SortFunc(n.Mates, func(a, b Mate) int { return cmp.Or(cmp.Compare(a.Edge, b.Edge), cmp.Compare(a.Mate, b.Mate)) })
	return u.split, nil
}

func (n *Network) tail(d Dart) int32 {
	if d.Back {
		return n.Edges[d.Edge].To
	}
	return n.Edges[d.Edge].From
}

func (n *Network) head(d Dart) int32 { return n.tail(Dart{d.Edge, !d.Back}) }

func (n *Network) timeOf(d Dart) uint32 {
	if d.Back {
		return n.Edges[d.Edge].Back
	}
	return n.Edges[d.Edge].Ahead
}

// ban notes a ban and the junctions at which it turns.
func (u *turner) ban(b []Dart) error {
	if len(b) < 2 {
		return fmt.Errorf("of %d edges", len(b))
	}
	for i, d := range b {
		if d.Edge < 0 || int(d.Edge) >= len(u.Edges) || u.Edges[d.Edge].Local {
			return fmt.Errorf("edge %d is not there, or is for the last mile", d.Edge)
		}
		if i > 0 && u.head(b[i-1]) != u.tail(d) {
			return fmt.Errorf("edges %d and %d do not meet", b[i-1].Edge, d.Edge)
		}
	}
	for _, d := range b[1:] {
		u.strict[u.tail(d)] = true
	}
	u.rules.add(b)
	return nil
}

// gather finds the ends of edges at every node.
func (u *turner) gather() {
	u.first = make([]uint32, len(u.Nodes)+2)
	for i := range u.Edges {
		u.first[u.Edges[i].From+2]++
		u.first[u.Edges[i].To+2]++
	}
	for v := 2; v < len(u.first); v++ {
		u.first[v] += u.first[v-1]
	}
	u.ends = make([]uint32, 2*len(u.Edges))
	for i := range u.Edges {
		for k, v := range [2]int32{u.Edges[i].From, u.Edges[i].To} {
			u.ends[u.first[v+1]] = uint32(2*i + k)
			u.first[v+1]++
		}
	}
}

func (u *turner) at(v int32) []uint32 { return u.ends[u.first[v]:u.first[v+1]] }

// junction deals with node v; near says that a ban is there or at the other end of
// an edge.
func (u *turner) junction(v int32, near bool) {
	ends := u.at(v)
	if len(ends) < 3 && !near || len(u.t.Table.Steps) == 0 && !near {
		return
	}
	var arms []arm
	for _, end := range ends {
		if e := &u.Edges[end/2]; !e.Local {
			arms = append(arms, arm{edge: int32(end / 2), to: end&1 == 1})
		}
	}
	change := u.roads(arms)
	switch {
	case near:
		u.crossbar(v, arms, change)
	case len(change) > 1:
		u.crossing(v, arms, change)
	}
}

// roads says which arms of a junction are one road (their groups) and what it costs
// to change from one to another; what it costs to come from an arm that ends there,
// or to turn into it, is put on the edge.
func (u *turner) roads(arms []arm) (change [][]uint32) {
	if len(arms) < 3 || len(u.t.Table.Steps) == 0 {
		return [][]uint32{{0}}
	}
	for i := range arms {
		arms[i].bearing = u.bearing(&arms[i])
	}
	pairs := u.pairs(arms)
	single := make([]bool, len(arms))
	for i := range arms {
		single[i] = true
	}
	for g, p := range pairs {
		for _, i := range p {
			arms[i].group, single[i] = g, false
		}
	}
	change = make([][]uint32, max(1, len(pairs)))
	for g := range change {
		change[g] = make([]uint32, len(change))
		for h := range change[g] {
			if g != h {
				change[g][h] = u.t.Table.sideways(between(arms[pairs[g][0]].bearing, arms[pairs[h][0]].bearing))
			}
		}
	}
	for k := range change { // by way of a third, if that is less
		for g := range change {
			for h := range change {
				change[g][h] = min(change[g][h], change[g][k]+change[k][h])
			}
		}
	}
	for i := range arms {
		if !single[i] {
			continue
		}
		aside := uint32(0)
		if len(pairs) > 0 {
			aside = u.t.Table.sideways(between(arms[i].bearing, arms[pairs[0][0]].bearing))
		} else { // half of it at each of two ends
			sum := 0.0
			for k := range arms {
				if k != i {
					sum += float64(u.t.Table.of(180 - between(arms[i].bearing, arms[k].bearing)))
				}
			}
			aside = uint32(math.Round(sum / float64(2*(len(arms)-1))))
		}
		e := &u.Edges[arms[i].edge]
		for _, t := range [2]*uint32{&e.Ahead, &e.Back} {
			if *t < Never {
				*t = min(*t+aside, Never-1)
			}
		}
	}
	return change
}

// pairs are the arms that lie in one line and can be driven from one to the other:
// the highest ranks first, then the straightest.
func (u *turner) pairs(arms []arm) (out [][2]int) {
	type pair struct {
		i, j int
		rank uint8
		off  float64
	}
	var all []pair
	rank := func(i int) uint8 {
		if u.t.Rank == nil {
			return 0
		}
		return u.t.Rank[arms[i].edge]
	}
	may := func(i, j int) bool { return u.timeOf(arms[i].in()) < Never && u.timeOf(arms[j].out()) < Never }
	for i := range arms {
		for j := range i {
			off := 180 - between(arms[i].bearing, arms[j].bearing)
			if off <= u.t.Table.Straight && (may(i, j) || may(j, i)) {
				all = append(all, pair{j, i, min(rank(i), rank(j)), off})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.off, b.off)) })
	taken := make([]bool, len(arms))
	for _, p := range all {
		if !taken[p.i] && !taken[p.j] {
			taken[p.i], taken[p.j] = true, true
			out = append(out, [2]int{p.i, p.j})
		}
	}
	return out
}

// between is the angle of two bearings, 0 to 180.
func between(a, b float64) float64 { return math.Abs(math.Remainder(a-b, 360)) }

// lookAhead is how far along an edge its bearing is taken, in metres.
const lookAhead = 20

// bearing is the direction in which an edge leaves a junction, as far as lookAhead.
func (u *turner) bearing(a *arm) float64 {
	shape := u.Shape(int(a.edge))
	if a.to {
		slices.Reverse(shape)
	}
	start, at := shape[0], shape[0]
	for _, c := range shape[1:] {
		at = c
		if start.space().to(c.space()) >= lookAhead {
			break
		}
	}
	x := math.Remainder(float64(at.Lon)-float64(start.Lon), 3.6e9) * math.Cos(float64(start.Lat)*math.Pi/180e7)
	return math.Atan2(x, float64(at.Lat)-float64(start.Lat)) * 180 / math.Pi
}

// node is one more node where v is.
func (u *turner) node(v int32) int32 {
	u.Nodes = append(u.Nodes, u.Nodes[v])
	u.split.Nodes++
	return int32(len(u.Nodes) - 1)
}

// link is an edge within a junction. Nobody stops on it.
func (u *turner) link(from, to int32, ahead, back uint32) {
	u.Edges = append(u.Edges, Edge{From: from, To: to, Ahead: ahead, Back: back, Bends: uint32(len(u.Bends)), Through: true})
	u.split.Edges++
}

// place says where an edge is left and arrived at, at one end.
func (u *turner) place(a *arm, out, in int32) {
	s := u.seats[a.edge]
	if s == nil {
		e := &u.Edges[a.edge]
		s = &seat{e.From, e.From, e.To, e.To}
		u.seats[a.edge] = s
		u.touched = append(u.touched, a.edge)
	}
	if a.to {
		s.toOut, s.toIn = out, in
	} else {
		s.fromOut, s.fromIn = out, in
	}
}

// crossing gives every road of a junction a node of its own, and joins them.
func (u *turner) crossing(v int32, arms []arm, change [][]uint32) {
	u.split.Junctions++
	nodes := []int32{v}
	for range change[1:] {
		nodes = append(nodes, u.node(v))
	}
	for i := range arms {
		if g := arms[i].group; g > 0 {
			u.place(&arms[i], nodes[g], nodes[g])
		}
	}
	for g := range nodes {
		for h := range g {
			u.link(nodes[h], nodes[g], change[h][g], change[g][h])
		}
	}
}

// seat gives edges their ends: one that is left and arrived at in different places
// becomes two of one direction.
func (u *turner) seat() {
	for s := range u.copies {
		u.rules.states[s].time = u.timeOf(u.rules.states[s].dart)
	}
	slices.Sort(u.touched)
	for _, i := range u.touched {
		s, e := u.seats[i], &u.Edges[i]
		switch {
		case e.Back >= Never:
			e.From, e.To = s.fromOut, s.toIn
		case e.Ahead >= Never:
			e.From, e.To = s.fromIn, s.toOut
		case s.fromOut == s.fromIn && s.toOut == s.toIn:
			e.From, e.To = s.fromIn, s.toIn
		default:
			mate := *e
			mate.From, mate.To, mate.Ahead, mate.Bends = s.fromIn, s.toOut, Never, uint32(len(u.Bends))
			e.From, e.To, e.Back = s.fromOut, s.toIn, Never
			u.Mates = append(u.Mates, Mate{Edge: i, Mate: int32(len(u.Edges))})
			u.Edges = append(u.Edges, mate)
			u.split.Edges++
		}
	}
	states := make([]int32, 0, len(u.copies))
	for s := range u.copies {
		states = append(states, s)
	}
	slices.Sort(states)
	for _, s := range states {
		b, d := u.copies[s], u.rules.states[s].dart
		e := u.Edges[d.Edge]
		c := Edge{From: b.tail, To: b.head, Ahead: u.rules.states[s].time, Back: Never, Length: e.Length, Bends: uint32(len(u.Bends)), Through: true}
		if d.Back {
			c.From, c.To, c.Ahead, c.Back = b.head, b.tail, Never, c.Ahead
		}
		u.Mates = append(u.Mates, Mate{d.Edge, int32(len(u.Edges)), 1})
		u.Edges = append(u.Edges, c)
		u.split.Edges++
	}
}
