package site

import (
	"math"
	"slices"
)

// core is what is left of an instance once some sites are open and others
// excluded: a smaller instance over the undecided sites. A node of the search
// is a core; the root's shares the instance's own arrays.
type core struct {
	in      *Instance
	site    []int32 // the undecided sites, numbered as in the instance; nil at the root: all
	opened  []int   // decided to be open
	left    int     // how many more may be opened
	settled float64 // cost of the places that no undecided site improves, and fees of the opened

	start, colStart []int
	at              []int32 // undecided site of each pair
	cost            []float64
	least           []float64 // of each place, the cost at its cheapest undecided site; its fallback where there is none
	colPlace, colAt []int32
	fallback        []float64 // what a place costs if no undecided site opens
	from            []int32   // of each place, its place in the core this one was made of

	fee        []float64
	region     []int32
	room, need []int   // of each region: how many more may and must open
	budget     float64 // what is left
}

// newCore is the root: forced sites are still undecided in it.
func newCore(in *Instance) *core {
	r := &in.rules
	c := &core{in: in, left: r.pick(in.sites), start: in.start, at: in.site, cost: in.cost,
		colStart: in.colStart, colPlace: in.colPlace, colAt: in.colAt, fallback: in.fallback,
		fee: r.SiteFee, region: r.Region, budget: r.Budget}
	if c.fee == nil {
		c.fee = make([]float64, in.sites)
	}
	c.site = make([]int32, in.sites)
	for j := range c.site {
		c.site[j] = int32(j)
	}
	for g := range r.regions() {
		c.room = append(c.room, r.atMost(g))
		c.need = append(c.need, r.atLeast(g))
	}
	if c.region == nil {
		c.region = make([]int32, in.sites)
		for j := range c.region {
			c.region[j] = -1
		}
	}
	c.cheapest()
	return c
}

// cheapest fills least, which lies close together where the rows do not.
func (c *core) cheapest() {
	c.least = make([]float64, len(c.fallback))
	for i, f := range c.fallback {
		if c.start[i] < c.start[i+1] {
			f = c.cost[c.start[i]]
		}
		c.least[i] = f
	}
}

func (c *core) places() int { return len(c.fallback) }
func (c *core) sites() int  { return len(c.site) }

// group is the region of undecided site j if any limit holds there, else -1.
func (c *core) group(j int) int {
	if g := int(c.region[j]); g < len(c.room) {
		return g
	}
	return -1
}

// What may be decided of an undecided site.
const (
	undecided = int8(iota)
	opening
	closing
)

// decide makes the core in which the sites marked opening are open and those
// marked closing excluded, with all that follows from the rules. It returns
// nil if the rules allow no such plan, and changes marks.
func (c *core) decide(marks []int8) *core {
	next := &core{in: c.in, opened: slices.Clone(c.opened), left: c.left, settled: c.settled,
		budget: c.budget, room: slices.Clone(c.room), need: slices.Clone(c.need)}
	for j, m := range marks {
		if m == opening {
			next.open(c, j)
		}
	}
	if next.left < 0 || next.budget < -slack*c.in.rules.Budget || !next.follow(c, marks) {
		return nil
	}
	next.shrink(c, marks)
	return next
}

func (c *core) open(parent *core, j int) {
	c.opened = append(c.opened, int(parent.site[j]))
	c.left--
	c.settled += parent.fee[j]
	if g := parent.group(j); g >= 0 {
		c.room[g]--
		c.need[g]--
	}
	if p := c.in.rules.Price; p != nil {
		c.budget -= p[parent.site[j]]
	}
}

// follow excludes the sites that can no longer be opened. It reports whether
// the rules can still be kept as far as each of them tells by itself.
func (c *core) follow(parent *core, marks []int8) bool {
	r := &c.in.rules
	isOpen := make(map[int]bool, len(c.opened))
	for _, j := range c.opened {
		isOpen[j] = true
	}
	barred := make(map[int]bool)
	for _, pair := range r.Apart {
		a, b := isOpen[pair[0]], isOpen[pair[1]]
		switch {
		case a && b:
			return false
		case a:
			barred[pair[1]] = true
		case b:
			barred[pair[0]] = true
		}
	}
	var seats *links
	if r.Hubs != nil {
		seats = newLinks(r.Hubs, c.in.sites)
		for _, j := range c.opened {
			if !seats.take(j) {
				return false
			}
		}
	}
	needed := 0
	for g := range c.room {
		if c.room[g] < 0 {
			return false
		}
		needed += max(0, c.need[g])
	}
	free := make([]int, len(c.room))
	for j, m := range marks {
		if m != undecided {
			continue
		}
		g, site := parent.group(j), int(parent.site[j])
		switch {
		case c.left == 0, barred[site],
			g >= 0 && c.room[g] == 0,
			needed == c.left && (g < 0 || c.need[g] <= 0),
			r.Price != nil && r.Price[site] > c.budget+slack*r.Budget,
			seats != nil && !seats.could(site):
			marks[j] = closing
		case g >= 0:
			free[g]++
		}
	}
	for g := range c.need {
		if c.need[g] > free[g] {
			return false
		}
	}
	return needed <= c.left && c.volumes()
}

// volumes reports whether every opened site serves its least volume: further
// sites can only take places away from it.
func (c *core) volumes() bool {
	r := &c.in.rules
	if r.Least == nil || len(c.opened) == 0 {
		return true
	}
	volume := c.in.volume(c.opened)
	for _, j := range c.opened {
		if volume[j] < r.Least[j]*(1-slack) {
			return false
		}
	}
	return true
}

// shrink fills c with what is left of parent: the undecided sites, and the
// places that one of them serves more cheaply than the opened sites do.
func (c *core) shrink(parent *core, marks []int8) {
	if !slices.ContainsFunc(marks, func(m int8) bool { return m != undecided }) {
		c.settle(parent)
		return
	}
	c.keep(parent, marks)
}

// keep is shrink by going through all of parent's pairs.
func (c *core) keep(parent *core, marks []int8) {
	fallback := slices.Clone(parent.fallback)
	number := make([]int32, len(marks))
	for j, m := range marks {
		number[j] = -1
		switch m {
		case undecided:
			number[j] = int32(len(c.site))
			c.site = append(c.site, parent.site[j])
			c.fee = append(c.fee, parent.fee[j])
			c.region = append(c.region, parent.region[j])
		case opening:
			for k := parent.colStart[j]; k < parent.colStart[j+1]; k++ {
				i := parent.colPlace[k]
				fallback[i] = min(fallback[i], parent.cost[parent.colAt[k]])
			}
		}
	}
	c.pairs(parent, fallback, number)
	c.colStart, c.colPlace, c.colAt = columns(c.start, c.at, len(c.site))
	c.cheapest()
}

// pairs takes over parent's pairs that cost less than the fallbacks, of the sites
// that have a number.
func (c *core) pairs(parent *core, fallback []float64, number []int32) {
	pairs, kept := 0, 0
	for i, f := range fallback {
		before := pairs
		for k := parent.start[i]; k < parent.start[i+1] && parent.cost[k] < f; k++ {
			if number[parent.at[k]] >= 0 {
				pairs++
			}
		}
		if pairs > before {
			kept++
		}
	}
	c.at, c.cost = make([]int32, 0, pairs), make([]float64, 0, pairs)
	c.start, c.fallback, c.from = make([]int, 1, kept+1), make([]float64, 0, kept), make([]int32, 0, kept)
	for i, f := range fallback {
		for k := parent.start[i]; k < parent.start[i+1] && parent.cost[k] < f; k++ {
			if j := number[parent.at[k]]; j >= 0 {
				c.at, c.cost = append(c.at, j), append(c.cost, parent.cost[k])
			}
		}
		if len(c.at) == c.start[len(c.start)-1] {
			c.settled += f
			continue
		}
		c.start = append(c.start, len(c.at))
		c.fallback, c.from = append(c.fallback, f), append(c.from, int32(i))
	}
}

// settle is shrink where no site is decided: only the places without a pair go, and
// the pairs stay parent's own.
func (c *core) settle(parent *core) {
	c.site, c.fee, c.region = parent.site, parent.fee, parent.region
	c.at, c.cost, c.colStart, c.colAt = parent.at, parent.cost, parent.colStart, parent.colAt
	number := make([]int32, len(parent.fallback))
	c.start = make([]int, 1, len(parent.start))
	for i, f := range parent.fallback {
		if parent.start[i] == parent.start[i+1] {
			c.settled += f
			continue
		}
		number[i] = int32(len(c.fallback))
		c.start = append(c.start, parent.start[i+1])
		c.fallback, c.from = append(c.fallback, f), append(c.from, int32(i))
	}
	c.colPlace = make([]int32, len(parent.colPlace))
	for k, i := range parent.colPlace {
		c.colPlace[k] = number[i]
	}
	c.cheapest()
}

// carry takes the parent's multipliers over to this core's places.
func (c *core) carry(m multipliers) multipliers {
	out := multipliers{lambda: make([]float64, len(c.from)), mu: m.mu, step: m.step, over: m.over}
	for i, k := range c.from {
		out.lambda[i] = min(m.lambda[k], c.fallback[i])
	}
	if m.drift != nil {
		out.drift = make([]float64, len(c.from))
		for i, k := range c.from {
			out.drift[i] = m.drift[k]
		}
	}
	return out
}

// hopeless reports whether a place that must be served can be served no more.
func (c *core) hopeless() bool { return math.IsInf(c.settled, 1) }
