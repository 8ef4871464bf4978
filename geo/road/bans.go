package road

import (
	"fmt"
	"math"
	"slices"
)

// bans are journeys that may not be driven, in a machine that follows one on its
// way (Aho and Corasick 1975): its states are the beginnings of bans. That of one
// dart is whoever drives it; that of more is a copy of the last dart, for those who
// came by the others.
type bans struct {
	states []state // the first is the start
}

type state struct {
	dart  Dart
	depth int
	next  map[Dart]int32
	fail  int32 // the longest end of this beginning that is another
	over  bool  // here a ban is complete
	time  uint32
}

func (b *bans) add(ban []Dart) {
	if len(b.states) == 0 {
		b.states = []state{{next: map[Dart]int32{}}}
	}
	at := int32(0)
	for i, d := range ban {
		to, ok := b.states[at].next[d]
		if !ok {
			to = int32(len(b.states))
			b.states = append(b.states, state{dart: d, depth: i + 1, next: map[Dart]int32{}})
			b.states[at].next[d] = to
		}
		at = to
	}
	b.states[at].over = true
}

// finish finds where to go on where a beginning does not, the shallow ones first.
func (b *bans) finish() {
	if len(b.states) == 0 {
		b.states = []state{{next: map[Dart]int32{}}}
	}
	order := make([]int32, len(b.states))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return b.states[i].depth - b.states[j].depth })
	for _, i := range order {
		for d, to := range b.states[i].next {
			if i != 0 {
				b.states[to].fail = b.follow(b.states[i].fail, d)
			}
			b.states[to].over = b.states[to].over || b.states[b.states[to].fail].over
		}
	}
}

// follow is the state after one more dart.
func (b *bans) follow(s int32, d Dart) int32 {
	for {
		if to, ok := b.states[s].next[d]; ok {
			return to
		}
		if s == 0 {
			return 0
		}
		s = b.states[s].fail
	}
}

// coming is a way to arrive at a junction, going a way to leave it: an arm, or the
// copy of one (a state), or a road of the last mile, to which no rule applies.
type coming struct {
	arm   *arm
	state int32
	free  bool
}

// crossbar splits a junction by the edges that one comes by and those that one goes
// on, as far as they differ, and joins what may follow one another.
func (u *turner) crossbar(v int32, arms []arm, change [][]uint32) {
	u.split.Junctions++
	var ins, outs []coming
	for i := range arms {
		a := &arms[i]
		if u.timeOf(a.in()) < Never {
			ins = append(ins, coming{arm: a, state: u.rules.follow(0, a.in())})
		}
		if u.timeOf(a.out()) < Never {
			outs = append(outs, coming{arm: a})
		}
	}
	for s := range u.rules.states {
		st := &u.rules.states[s]
		if st.depth < 2 || st.over {
			continue
		}
		for i := range arms {
			switch a := &arms[i]; st.dart {
			case a.in():
				ins = append(ins, coming{arm: a, state: int32(s)})
			case a.out():
				outs = append(outs, coming{arm: a, state: int32(s)})
			}
		}
	}
	free := slices.ContainsFunc(u.at(v), func(end uint32) bool { return u.Edges[end/2].Local })
	if free {
		ins, outs = append(ins, coming{free: true}), append(outs, coming{free: true})
	}
	// What may follow, and at what cost.
	rows := make([][]uint32, len(ins))
	for i := range ins {
		rows[i] = make([]uint32, len(outs))
		for j := range outs {
			rows[i][j] = u.turn(&ins[i], &outs[j], change)
		}
	}
	used := false
	node := func() int32 { // the first is v itself
		if !used {
			used = true
			return v
		}
		return u.node(v)
	}
	inNode, outNode := make([]int32, len(ins)), make([]int32, len(outs))
	rowOf, colOf := map[string]int32{}, map[string]int32{}
	var inReps, outReps []int
	for i := range ins {
		key := fmt.Sprint(rows[i])
		if _, known := rowOf[key]; !known {
			rowOf[key] = node()
			inReps = append(inReps, i)
		}
		inNode[i] = rowOf[key]
	}
	for j := range outs {
		col := make([]uint32, len(ins))
		for i := range ins {
			col[i] = rows[i][j]
		}
		key := fmt.Sprint(col)
		if _, known := colOf[key]; !known {
			colOf[key] = node()
			outReps = append(outReps, j)
		}
		outNode[j] = colOf[key]
	}
	for _, i := range inReps {
		for _, j := range outReps {
			if rows[i][j] < Never {
				u.link(inNode[i], outNode[j], rows[i][j], Never)
			}
		}
	}
	u.settle(v, ins, outs, inNode, outNode)
}

// turn is the cost of going on from one to another, Never if one may not.
func (u *turner) turn(in, out *coming, change [][]uint32) uint32 {
	if in.free || out.free {
		if out.state != 0 {
			return Never
		}
		return 0
	}
	d := out.arm.out()
	to := u.rules.follow(in.state, d)
	st := &u.rules.states[to]
	if st.over {
		return Never
	}
	copied := int32(0)
	if st.depth >= 2 {
		copied = to
	}
	if copied != out.state {
		return Never
	}
	// An arm that is a loop has two ends here: to come by one and leave by the other
	// is no turn back.
	if back := in.arm.in(); d.Edge == back.Edge && d.Back != back.Back {
		if v := u.tail(d); u.strict[v] || u.strict[u.tail(back)] {
			return uint32(math.Round(u.t.Table.Back * 1000))
		}
		return 0
	}
	return change[in.arm.group][out.arm.group]
}

// settle puts the edges of a split junction, and the copies, where they belong.
func (u *turner) settle(v int32, ins, outs []coming, inNode, outNode []int32) {
	type doors struct{ out, in int32 }
	at := map[*arm]*doors{}
	local := doors{v, v}
	door := func(a *arm) *doors {
		if at[a] == nil {
			at[a] = &doors{v, v}
		}
		return at[a]
	}
	berthOf := func(s int32) *berth {
		if u.copies[s] == nil {
			u.copies[s] = &berth{}
		}
		return u.copies[s]
	}
	for i, c := range ins {
		switch {
		case c.free:
			local.in = inNode[i]
		case u.rules.states[c.state].depth >= 2:
			berthOf(c.state).head = inNode[i]
		default:
			door(c.arm).in = inNode[i]
		}
	}
	for j, c := range outs {
		switch {
		case c.free:
			local.out = outNode[j]
		case c.state != 0:
			berthOf(c.state).tail = outNode[j]
		default:
			door(c.arm).out = outNode[j]
		}
	}
	for a, d := range at {
		u.place(a, d.out, d.in)
	}
	for _, end := range u.at(v) {
		if u.Edges[end/2].Local {
			u.place(&arm{edge: int32(end / 2), to: end&1 == 1}, local.out, local.in)
		}
	}
}
