package road

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/geo/travel"
)

// Changed is an index of the same roads with changes, made one after the other: without
// the edges that are closed, and with other times on those with other speeds. Every time
// and every length is as exact as before, the same as if Build had made the index of the
// roads as they are then, unless closures leave two parts that are equally the largest:
// either may then be the main one, to which stops belong.
//
// The first time, an order of the junctions is found that does not hang on times, and kept
// with x; from then on only the costs on the hierarchy of that order are found anew, in a
// fraction of what Build takes (see frame). Sweeps over it take up to 1.6 times what they
// take over one of Build. A network so dense that the order is no help is built anew.
//
// An edge is closed as a whole where a way of it is, or where any of it lies in an
// area; its speed changes along the runs that are meant, and as far as they lie in
// the area, evenly spread. What gates, signals and turns cost stays, and so do the bans of turns.
func (x *Index) Changed(ctx context.Context, changes []travel.RoadChange, report func(stage string, done, of int)) (*Index, []travel.Met, error) {
	c, err := newChanger(x)
	if err != nil {
		return nil, nil, err
	}
	met := make([]travel.Met, len(changes))
	for i, ch := range changes {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if met[i], err = c.change(&ch); err != nil {
			return nil, nil, err
		}
	}
	numbers, err := x.Numbers()
	if err != nil {
		return nil, nil, err
	}
	anew, err := c.index(ctx, x, report)
	if err != nil {
		return nil, nil, err
	}
	again, err := anew.Numbers()
	if err != nil {
		return nil, nil, err
	}
	for p, v := range again { // of the network that x was built of
		again[p] = numbers[v]
	}
	var said []string
	for i, ch := range changes {
		said = append(said, fmt.Sprintf("%s (%s)", ch, met[i]))
	}
	anew.changed, anew.sum = strings.Join(said, "; "), x.sum+"+"+hashOf(changes)
	return anew, met, nil
}

// index is that of what the changes have left of x.
func (c *changer) index(ctx context.Context, x *Index, report func(stage string, done, of int)) (*Index, error) {
	net := c.network(x.source)
	f, err := x.frame(ctx, c.Streets)
	if errors.Is(err, errDense) {
		return Build(ctx, net, report)
	}
	if err != nil {
		return nil, err
	}
	if len(net.Edges) < x.edges {
		return f.index(ctx, net, nil)
	}
	l, err := x.Locator() // where nothing is closed, the same roads are near
	if err != nil {
		return nil, err
	}
	near := l.Nearby()
	return f.index(ctx, net, &near)
}

// hashOf tells changes from others.
func hashOf(changes []travel.RoadChange) string {
	h := sha256.New()
	for _, c := range changes {
		fmt.Fprintf(h, "%v %v %v %v %q %v %q\n", c.Close, c.Factor, c.Kmh, c.Ways, c.Classes, c.Within, c.Area)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// changer holds what changes come to.
type changer struct {
	*Streets
	origins Origins
	runs    []Run  // with the times as they are by now
	closed  []bool // edges
}

func newChanger(x *Index) (*changer, error) {
	c := &changer{closed: make([]bool, x.edges)}
	var err error
	if c.Streets, err = x.Streets(); err != nil {
		return nil, err
	}
	if c.origins, err = x.Origins(); err != nil {
		return nil, err
	}
	c.runs = slices.Clone(c.origins.Runs)
	return c, nil
}

// change makes one change. One that meets no road is an error: a number was mistyped,
// or an area lies elsewhere.
func (c *changer) change(ch *travel.RoadChange) (met travel.Met, err error) {
	switch {
	case ch.Close:
	case ch.Kmh != 0 && !(ch.Kmh >= travel.LeastKmh && ch.Kmh <= travel.MostKmh):
		return met, fmt.Errorf("%v km/h; accepted: %v to %v", ch.Kmh, travel.LeastKmh, travel.MostKmh)
	case ch.Kmh == 0 && !(ch.Factor >= travel.LeastFactor && ch.Factor <= travel.MostFactor):
		return met, fmt.Errorf("a factor of %v; accepted: %v to %v", ch.Factor, travel.LeastFactor, travel.MostFactor)
	}
	means, err := c.meant(ch)
	if err != nil {
		return met, err
	}
	var in *patch
	if ch.Within != nil {
		in = newPatch(ch.Within)
	}
	var shape []Coord
	end, meant := uint32(0), false
	for e, next := range c.origins.Ends {
		from, share := end, 1.0
		end = next
		own := c.runs[from:end]
		if !slices.ContainsFunc(own, means) {
			continue
		}
		if in != nil {
			shape = c.Shape(e, shape[:0])
			touches := false
			if share, touches = in.within(shape); !touches {
				continue
			}
		}
		if meant = true; c.closed[e] { // by a change before
			continue
		}
		met.Stretches++
		met.Metres += float64(c.Edge(e).Length) / 10
		if c.closed[e] = ch.Close; ch.Close {
			continue
		}
		for i := range own {
			if means(own[i]) {
				own[i].Ahead, own[i].Back = paced(ch, &own[i], own[i].Ahead, share), paced(ch, &own[i], own[i].Back, share)
			}
		}
	}
	if !meant && (ch.Within != nil || len(ch.Ways) > 0) {
		return met, fmt.Errorf("%s: there are none on this index", ch)
	}
	return met, nil
}

// paced is the time along a run with another speed on a share of it.
func paced(ch *travel.RoadChange, r *Run, time uint32, share float64) uint32 {
	if time >= Never {
		return time
	}
	anew := float64(time) / ch.Factor
	if ch.Kmh > 0 {
		anew = float64(r.Length) * 360 / ch.Kmh // decimetres, km/h, milliseconds
	}
	return uint32(min(math.Round(share*anew+(1-share)*float64(time)), Never-1))
}

// meant says which runs a change means, by way and class. Ways and classes that the
// index does not have are an error.
func (c *changer) meant(ch *travel.RoadChange) (func(Run) bool, error) {
	classes := make([]bool, len(c.origins.Classes))
	for _, name := range ch.Classes {
		i := slices.Index(c.origins.Classes, name)
		if i < 0 {
			known := slices.DeleteFunc(slices.Clone(c.origins.Classes), func(s string) bool { return s == "" })
			return nil, fmt.Errorf("there are no roads of class %q; accepted: %s", name, strings.Join(known, ", "))
		}
		classes[i] = true
	}
	ways := map[int64]bool{}
	for _, w := range ch.Ways {
		ways[w] = false
	}
	if len(ways) > 0 {
		for _, r := range c.runs {
			if _, is := ways[r.Way]; is {
				ways[r.Way] = true
			}
		}
	}
	for _, w := range ch.Ways {
		if !ways[w] {
			return nil, fmt.Errorf("way %d is not on this index; accepted: the number of a way in OpenStreetMap "+
				"that cars may use and that the extract had", w)
		}
	}
	return func(r Run) bool {
		return (len(ch.Classes) == 0 || classes[r.Class]) && (len(ch.Ways) == 0 || ways[r.Way])
	}, nil
}

// network is what the changes have left, in the order of the index.
func (c *changer) network(of Source) *Network {
	for _, m := range c.mates {
		c.closed[m.Mate] = c.closed[m.Mate] || c.closed[m.Edge]
	}
	type more struct{ ahead, back int64 }
	slower := make([]more, c.Len())
	end := uint32(0)
	for e, next := range c.origins.Ends {
		for i := end; i < next; i++ {
			slower[e].ahead += int64(c.runs[i].Ahead) - int64(c.origins.Runs[i].Ahead)
			slower[e].back += int64(c.runs[i].Back) - int64(c.origins.Runs[i].Back)
		}
		end = next
	}
	for _, m := range c.mates {
		slower[m.Mate] = slower[m.Edge]
	}
	later := func(t uint32, by int64) uint32 {
		if t >= Never || by == 0 {
			return t
		}
		return uint32(max(1, min(int64(t)+by, Never-1)))
	}
	net := &Network{Nodes: c.nodes, Origin: of.Origin, Profile: of.Profile, Stamp: of.Stamp}
	place := make([]int32, c.Len())
	for i := range c.Len() {
		e := c.Edge(i)
		first := uint32(0)
		if i > 0 {
			first = c.edges[i-1].bends
		}
		if c.closed[i] {
			continue
		}
		net.Bends = append(net.Bends, c.bends[first:e.Bends]...)
		e.Bends = uint32(len(net.Bends))
		e.Ahead, e.Back = later(e.Ahead, slower[i].ahead), later(e.Back, slower[i].back)
		place[i] = int32(len(net.Edges))
		net.Edges = append(net.Edges, e)
	}
	for _, m := range c.mates {
		if !c.closed[m.Edge] && !c.closed[m.Mate] {
			net.Mates = append(net.Mates, Mate{place[m.Edge], place[m.Mate], m.Copy})
		}
	}
	return net
}
