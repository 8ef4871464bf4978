package site

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
)

// Closing answers what is lost when several sites close together, and which sets
// lose most (r-interdiction median: Church, Scaparra & Middleton 2004). Who loses
// a site goes to the next. The zero value has no places.
//
// A place loses a further part when the second of its sites closes too, and so
// on: losses are kept by the set of sites that must all be closed, so that the
// loss of a closure is the sum over its subsets.
type Closing struct {
	part  map[string]float64 // by set, ascending
	of    map[int32][]string // the sets with a site
	sites []int32
}

// Add takes a place: its sites, the nearest first, and what it has lost when as
// many of them as the index, and one, are closed. Losses must not fall.
func (c *Closing) Add(order []int32, loss []float64) {
	if c.part == nil {
		c.part, c.of = map[string]float64{}, map[int32][]string{}
	}
	before := 0.0
	for m := range min(len(order), len(loss)) {
		d := loss[m] - before
		before = loss[m]
		if d <= 0 {
			continue
		}
		key := setKey(order[:m+1])
		if _, ok := c.part[key]; !ok {
			for _, j := range order[:m+1] {
				if c.of[j] == nil {
					c.sites = append(c.sites, j)
				}
				c.of[j] = append(c.of[j], key)
			}
		}
		c.part[key] += d
	}
}

func setKey(set []int32) string {
	sorted := slices.Clone(set)
	slices.Sort(sorted)
	b := make([]byte, 0, 4*len(sorted))
	for _, j := range sorted {
		b = binary.BigEndian.AppendUint32(b, uint32(j))
	}
	return string(b)
}

// within reports whether every site of a set is closed.
func within(key string, closed []int32) bool {
	for ; key != ""; key = key[4:] {
		if !slices.Contains(closed, int32(binary.BigEndian.Uint32([]byte(key[:4])))) {
			return false
		}
	}
	return true
}

// Loss is what closing sites loses.
func (c *Closing) Loss(closed []int32) float64 {
	var sum float64
	for k, j := range closed {
		sum += c.further(closed[:k], j)
	}
	return sum
}

// further is what closing j loses beside sites that are closed already.
func (c *Closing) further(closed []int32, j int32) float64 {
	var sum float64
	all := append(slices.Clone(closed), j)
	for _, key := range c.of[j] {
		if within(key, all) {
			sum += c.part[key]
		}
	}
	return sum
}

// closingNodes bounds the search for the worst closure.
const closingNodes = 500_000

// closingTies bounds the search for the first of sets that lose as much.
const closingTies = 10_000

// Worst finds the k sites whose closing together loses most, ascending. It is
// proven unless the search was too long. A set that must be closed as a whole
// counts for each of its sites with its share, which bounds what further sites
// can add.
func (c *Closing) Worst(ctx context.Context, k int) (closed []int32, loss float64, proven bool) {
	share := map[int32]float64{}
	order := slices.Clone(c.sites)
	slices.Sort(order)
	for _, j := range order {
		for _, key := range c.of[j] {
			share[j] += c.part[key] / float64(len(key)/4)
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(share[b], share[a]) })
	k = min(k, len(order))
	nodes := 0
	proven = true
	var chosen []int32
	var search func(from int, lost, shares float64)
	search = func(from int, lost, shares float64) {
		if len(chosen) == k {
			set := slices.Sorted(slices.Values(chosen))
			if closed == nil || above(lost, loss) || !above(loss, lost) && slices.Compare(set, closed) < 0 {
				closed, loss = set, lost
			}
			return
		}
		for at := from; at <= len(order)-(k-len(chosen)); at++ {
			most := shares
			for _, j := range order[at : at+k-len(chosen)] {
				most += share[j]
			}
			// Of sets that lose as much the first is taken, where looking at all ties is
			// short.
			if closed != nil && (above(loss, most) || nodes > closingTies && !above(most, loss)) {
				return
			}
			if nodes++; nodes > closingNodes || ctx.Err() != nil {
				proven = false
				return
			}
			j := order[at]
			d := c.further(chosen, j)
			chosen = append(chosen, j)
			search(at+1, lost+d, shares+share[j])
			chosen = chosen[:len(chosen)-1]
		}
	}
	search(0, 0, 0)
	return closed, loss, proven
}
