package road

import (
	"context"
	"math/bits"
)

// Witness searches stop after so many nodes: one that stops too early costs a
// superfluous shortcut, never exactness. More finds next to nothing, for far
// ways around a node were shortened before.
const (
	trySettled  = 20  // to estimate what a node would cost
	takeSettled = 100 // to contract it
)

// link joins a node to head: what it costs to drive there and back, and of how
// many edges it is made.
type link struct {
	ahead, back cost
	head, hops  uint32
}

// span is where in the arena a node keeps its links.
type span struct{ at, n, room uint32 }

// contraction is a network of which nodes are being taken away. The links of a
// node that is gone stay as they were then: to those that went later, which is
// what the hierarchy is made of.
type contraction struct {
	spans []span
	links []link       // the arena
	spare [32][]uint32 // pieces of the arena that nobody holds, by the log2 of their room

	level []uint32     // a lower bound of the number of nodes below, in a chain
	dirty []bool       // a neighbour has gone since the node was weighed
	queue heap[uint64] // what a node weighs above, the node below: the lightest first

	seen    []seen // of the witness search
	touched []uint32
	heap    entries
	cuts    []cut
}

// seen is what a witness search knows of a node: what it costs to get there,
// and as long as no witness was found, the cost that one stays below; else 0.
type seen struct{ cost, need cost }

// cut is a shortcut from the i-th neighbour to the j-th.
type cut struct{ i, j uint32 }

// newContraction takes the links of every node, one after the other.
func newContraction(first []uint32, links []link) *contraction {
	n := len(first) - 1
	c := &contraction{
		spans: make([]span, n),
		links: links,
		level: make([]uint32, n),
		dirty: make([]bool, n),
		seen:  make([]seen, n),
	}
	for v := range c.spans {
		size := first[v+1] - first[v]
		c.spans[v] = span{first[v], size, size}
		c.seen[v].cost = never
	}
	return c
}

func (c *contraction) of(v uint32) []link {
	s := c.spans[v]
	return c.links[s.at : s.at+s.n]
}

// run takes all nodes away. The next is the one
// that adds the least for what it removes, and lies lowest (Geisberger et al.
// 2008); what a node weighs is found anew when it comes to the top after a
// neighbour went.
func (c *contraction) run(ctx context.Context, report func(done, of int)) error {
	n := len(c.spans)
	for v := range n {
		if v&0xffff == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		c.queue = append(c.queue, uint64(c.weigh(uint32(v), trySettled))<<32|uint64(v))
	}
	c.queue.fill()
	for done := 0; done < n; {
		v := uint32(c.queue[0])
		limit := takeSettled
		weight := c.weigh(v, limit)
		if c.dirty[v] {
			c.dirty[v] = false
			if key := uint64(weight)<<32 | uint64(v); key > c.queue.second() {
				c.queue.down(0, key)
				continue
			}
		}
		c.queue.pop()
		c.take(v)
		done++
		if done&0xfff == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if report != nil {
				report(done, n)
			}
		}
	}
	return nil
}

// weigh finds the shortcuts that v needs, into c.cuts, and what it would cost
// to take v away.
func (c *contraction) weigh(v uint32, limit int) uint32 {
	links := c.of(v)
	c.cuts = c.cuts[:0]
	removed, removedHops, added, addedHops := 0, 0, 0, 0
	for i := range links {
		in := &links[i]
		if in.ahead < never {
			removed++
			removedHops += int(in.hops)
		}
		if in.back >= never {
			continue
		}
		removed++
		removedHops += int(in.hops)
		bound, left := cost(0), 0
		for j := range links {
			if out := &links[j]; j != i && out.ahead < never {
				if need := in.back + out.ahead; need < never {
					c.seen[out.head].need = need + 1
					bound = max(bound, need)
					left++
				}
			}
		}
		if left == 0 {
			continue
		}
		c.witness(in.head, v, bound, left, limit)
		for j := range links {
			out := &links[j]
			if s := &c.seen[out.head]; s.need > 0 {
				s.need = 0
				c.cuts = append(c.cuts, cut{uint32(i), uint32(j)})
				added++
				addedHops += int(in.hops + out.hops)
			}
		}
	}
	if removed == 0 {
		return 1000 * c.level[v]
	}
	return uint32(1000*int(c.level[v]) + 4000*added/removed + 1000*addedHops/removedHops)
}

// witness looks for ways from one node to the nodes that need one, around
// skip, that cost no more than the need.
func (c *contraction) witness(from, skip uint32, bound cost, left, limit int) {
	c.heap = append(c.heap[:0], entry{node: from})
	c.seen[from].cost = 0
	c.touched = append(c.touched[:0], from)
search:
	for settled := 0; len(c.heap) > 0 && settled < limit; {
		top := c.heap.pop()
		if top.cost > c.seen[top.node].cost {
			continue
		}
		settled++
		s := c.spans[top.node]
		links := c.links[s.at : s.at+s.n]
		for i := range links {
			l := &links[i]
			d := top.cost + l.ahead
			if d > bound || l.head == skip {
				continue
			}
			s := &c.seen[l.head]
			if d >= s.cost {
				continue
			}
			if s.cost == never {
				c.touched = append(c.touched, l.head)
			}
			s.cost = d
			if d < s.need {
				s.need = 0
				if left--; left == 0 {
					break search
				}
			}
			c.heap.push(entry{d, l.head, top.hops + 1})
		}
	}
	for _, v := range c.touched {
		c.seen[v].cost = never
	}
}

// take removes v, of which c.cuts are the shortcuts.
func (c *contraction) take(v uint32) {
	links := c.of(v)
	for _, l := range links {
		u := l.head
		c.level[u] = max(c.level[u], c.level[v]+1)
		c.dirty[u] = true
		s := &c.spans[u]
		own := c.links[s.at : s.at+s.n]
		for k := range own {
			if own[k].head == v {
				own[k] = own[len(own)-1]
				s.n--
				break
			}
		}
	}
	for _, k := range c.cuts {
		in, out := c.of(v)[k.i], c.of(v)[k.j]
		total, hops := in.back+out.ahead, in.hops+out.hops
		c.join(in.head, link{ahead: total, back: never, head: out.head, hops: hops})
		c.join(out.head, link{ahead: never, back: total, head: in.head, hops: hops})
	}
}

// join gives v a link, or makes the one it has to the same head cheaper.
func (c *contraction) join(v uint32, l link) {
	s := &c.spans[v]
	own := c.links[s.at : s.at+s.n]
	for i := range own {
		if o := &own[i]; o.head == l.head {
			if l.ahead < o.ahead {
				o.ahead, o.hops = l.ahead, l.hops
			}
			if l.back < o.back {
				o.back, o.hops = l.back, l.hops
			}
			return
		}
	}
	if s.n == s.room {
		c.move(s)
	}
	c.links[s.at+s.n] = l
	s.n++
}

// move gives s more room, elsewhere.
func (c *contraction) move(s *span) {
	class := bits.Len32(s.room)
	at := uint32(len(c.links))
	if free := c.spare[class]; len(free) > 0 {
		at = free[len(free)-1]
		c.spare[class] = free[:len(free)-1]
	} else {
		c.links = append(c.links, make([]link, 1<<class)...)
	}
	copy(c.links[at:], c.links[s.at:s.at+s.n])
	if s.room > 0 {
		old := bits.Len32(s.room) - 1
		c.spare[old] = append(c.spare[old], s.at)
	}
	s.at, s.room = at, 1<<class
}
