package road

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// crossroads is a random network of streets some kilometres long, with one-way and
// private ones, loops and parallels, ranks and bans.
func crossroads(seed uint64) (*Network, Turns) {
	r := rand.New(rand.NewPCG(seed, 8))
	n := &Network{}
	nodes := 3 + r.IntN(7)
	for range nodes {
		n.Nodes = append(n.Nodes, Coord{Lon: int32(r.IntN(500000)), Lat: int32(r.IntN(500000))})
	}
	t := Turns{Table: TurnTable{Straight: 45, Back: float64(r.IntN(20)), Steps: []TurnStep{{45, float64(r.IntN(2))}, {135, 3.75}, {180, 7.5}}}}
	if r.IntN(4) == 0 {
		t.Table.Steps = nil
	}
	for range nodes + r.IntN(2*nodes) {
		e := Edge{From: int32(r.IntN(nodes)), To: int32(r.IntN(nodes)), Length: 1000}
		e.Ahead, e.Back = 5000+uint32(r.IntN(30000)), 5000+uint32(r.IntN(30000))
		switch r.IntN(5) {
		case 0:
			e.Ahead = Never
		case 1:
			e.Back = Never
		}
		e.Local = r.IntN(12) == 0
		if r.IntN(2) == 0 || e.From == e.To {
			n.Bends = append(n.Bends, Coord{Lon: int32(r.IntN(500000)), Lat: int32(r.IntN(500000))})
		}
		e.Bends = uint32(len(n.Bends))
		n.Edges = append(n.Edges, e)
		t.Rank = append(t.Rank, uint8(r.IntN(3)))
	}
	for range r.IntN(6) {
		var ban []Dart
		for len(ban) < 2+r.IntN(3) {
			d := Dart{int32(r.IntN(len(n.Edges))), r.IntN(2) == 0}
			if n.Edges[d.Edge].Local || n.timeOf(d) >= Never {
				break
			}
			if k := len(ban); k > 0 {
				var next []Dart
				for i := range n.Edges {
					for _, back := range [2]bool{false, true} {
						if f := (Dart{int32(i), back}); n.tail(f) == n.head(ban[k-1]) && !n.Edges[i].Local && n.timeOf(f) < Never {
							next = append(next, f)
						}
					}
				}
				if len(next) == 0 {
					break
				}
				d = next[r.IntN(len(next))]
			}
			ban = append(ban, d)
		}
		if len(ban) >= 2 {
			t.Banned = append(t.Banned, ban)
		}
	}
	return n, t
}

func cloned(n *Network) *Network {
	c := *n
	c.Nodes, c.Edges, c.Bends = slices.Clone(n.Nodes), slices.Clone(n.Edges), slices.Clone(n.Bends)
	return &c
}

// byEdges is Dijkstra over darts, with all that was driven before: the plain way to
// know what turns cost and which are banned.
type byEdges struct {
	*Network
	t      Turns
	strict []bool
	group  map[[2]int32]int // of a dart's edge and its end: 0 From, 1 To
	change [][][]uint32     // by node
	memory int
}

func newByEdges(n *Network, t Turns) *byEdges {
	b := &byEdges{Network: cloned(n), t: t, strict: make([]bool, len(n.Nodes)), group: map[[2]int32]int{}, memory: 1}
	u := &turner{Network: b.Network, t: t}
	u.gather()
	for v := range n.Nodes {
		var arms []arm
		for _, end := range u.at(int32(v)) {
			if !n.Edges[end/2].Local {
				arms = append(arms, arm{edge: int32(end / 2), to: end&1 == 1})
			}
		}
		b.change = append(b.change, u.roads(arms))
		for _, a := range arms {
			end := int32(0)
			if a.to {
				end = 1
			}
			b.group[[2]int32{a.edge, end}] = a.group
		}
	}
	for _, ban := range t.Banned {
		for _, d := range ban[1:] {
			b.strict[n.tail(d)] = true
		}
		b.memory = max(b.memory, len(ban)-1)
	}
	return b
}

// may says whether a journey may go on by a dart, and what the turn costs.
func (b *byEdges) may(driven []Dart, d Dart) (uint32, bool) {
	for _, ban := range b.t.Banned {
		if k := len(ban) - 1; len(driven) >= k && ban[k] == d && slices.Equal(driven[len(driven)-k:], ban[:k]) {
			return 0, false
		}
	}
	last := driven[len(driven)-1]
	if last.Edge == d.Edge && last.Back != d.Back {
		if b.strict[b.tail(d)] || b.strict[b.tail(last)] {
			return uint32(b.t.Table.Back * 1000), true
		}
		return 0, true
	}
	end := func(d Dart, head bool) [2]int32 {
		if d.Back != head {
			return [2]int32{d.Edge, 1}
		}
		return [2]int32{d.Edge, 0}
	}
	return b.change[b.tail(d)][b.group[end(last, true)]][b.group[end(d, false)]], true
}

// time is the quickest way from a place on an edge to another.
func (b *byEdges) time(from int32, share float64, to int32, at float64) uint32 {
	type state struct {
		driven []Dart
		time   uint32
	}
	best := map[string]uint32{}
	var open []state
	push := func(driven []Dart, time uint32) {
		if time >= Never {
			return
		}
		driven = slices.Clone(driven[max(0, len(driven)-b.memory):])
		key := fmt.Sprint(driven)
		if old, known := best[key]; !known || time < old {
			best[key] = time
			open = append(open, state{driven, time})
		}
	}
	part := func(d Dart, share float64) uint32 {
		if d.Back {
			share = 1 - share
		}
		return partOf(b.timeOf(d), share)
	}
	answer := uint32(Never)
	if gap := at - share; from == to && gap >= 0 {
		answer = partOf(b.Edges[from].Ahead, gap)
	}
	if gap := share - at; from == to && gap >= 0 {
		answer = min(answer, partOf(b.Edges[from].Back, gap))
	}
	for _, back := range [2]bool{false, true} {
		d := Dart{from, back}
		left := 1 - share
		if back {
			left = share
		}
		push([]Dart{d}, partOf(b.timeOf(d), left))
	}
	for len(open) > 0 {
		k := 0
		for i := range open {
			if open[i].time < open[k].time {
				k = i
			}
		}
		s := open[k]
		open = slices.Delete(open, k, k+1)
		if s.time > best[fmt.Sprint(s.driven)] || s.time >= answer {
			continue
		}
		v := b.head(s.driven[len(s.driven)-1])
		for i := range b.Edges {
			for _, back := range [2]bool{false, true} {
				d := Dart{int32(i), back}
				if b.tail(d) != v || b.Edges[i].Local || b.timeOf(d) >= Never {
					continue
				}
				cost, ok := b.may(s.driven, d)
				if !ok {
					continue
				}
				if d.Edge == to {
					answer = min(answer, s.time+cost+part(d, at))
				}
				push(append(slices.Clone(s.driven), d), s.time+cost+b.timeOf(d))
			}
		}
	}
	return answer
}

// With turns that cost and turns that are banned, every time is that of Dijkstra
// over the edges, to the millisecond.
func TestTurnsAgreeWithEdges(t *testing.T) {
	count := 10_000
	if testing.Short() {
		count = 1000
	}
	banned, split, copies, reached := 0, 0, 0, 0
	for seed := range uint64(count) {
		n, turns := crossroads(seed)
		plain := newByEdges(n, turns)
		s, err := n.Turn(turns)
		if err != nil {
			t.Fatal(err)
		}
		banned, split = banned+len(turns.Banned), split+s.Junctions
		for _, m := range n.Mates {
			copies += int(m.Copy)
		}
		x, err := Build(context.Background(), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		l, err := x.Locator()
		if err != nil {
			t.Fatal(err)
		}
		q, err := x.NewQuery()
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(seed, 9))
		pick := func() (int32, float64) {
			for range 99 {
				e := int32(r.IntN(len(plain.Edges)))
				if one := plain.Edges[e]; !one.Local && min(one.Ahead, one.Back) < Never {
					return e, float64(1+r.IntN(3)) / 4
				}
			}
			return -1, 0
		}
		for range 6 {
			from, share := pick()
			to, at := pick()
			if from < 0 {
				continue
			}
			a, b := l.on(hit{edge: from, share: share}), l.on(hit{edge: to, share: at})
			got := l.between(&a, &b).time()
			if ms, _, ok := q.Pair(a.Out, b.In); ok {
				got = min(got, ms)
			}
			want := plain.time(from, share, to, at)
			if got != want {
				t.Fatalf("seed %d: from %v of edge %d to %v of edge %d: %d ms, over the edges %d; banned %v", seed, share, from, at, to, got, want, turns.Banned)
			}
			if want < Never {
				reached++
			}
		}
	}
	if banned < count || split < count || copies < count/10 || reached < 3*count {
		t.Errorf("%d bans, %d junctions split, %d copies, %d journeys: too few to tell", banned, split, copies, reached)
	}
}
