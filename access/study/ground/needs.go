package ground

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// What things take in memory, in bytes, while they are made and kept. They were
// measured on studies of all settlements, and are rather too much than too little.
const (
	ofPlace     = 1500 // a place with its columns, whatever is asked
	ofMeasure   = 150  // a place and measure
	ofScenario  = 250  // a place and scenario
	ofTrip      = 130  // a place and each of its nearest centers
	ofLeg       = 36   // a leg of a matrix
	ofOffer     = 160  // a leg to a candidate, with what the solvers make of it
	ofPair      = 50   // the same where no center is there yet
	ofNeighbour = 90   // a neighbour of a place
	ofDrawn     = 48   // a place and a candidate that draws it
	ofDraw      = 20_000
	ofStudy     = 16 << 20
)

// reserve waits for the memory that a study needs at least, now that it is known how
// many places there are; what more it needs, it takes as it finds out.
func (in *Ground) reserve(ctx context.Context) error {
	places, s := int64(in.Places.Len()), &in.Spec
	each := int64(ofPlace + ofMeasure*len(s.Measures)*max(1, len(s.Inequality)/4) + ofScenario*len(s.Scenarios))
	need := ofStudy + places*each
	if u := s.Uncertainty; u != nil {
		need += int64(u.Draws) * ofDraw
	}
	if s.Regions != nil && s.Uncertainty != nil && in.Regions != nil {
		need += 32 * int64(in.Regions.Len()) * int64(s.Uncertainty.Draws)
	}
	return in.World.Share.Take(ctx, fmt.Sprintf("what is asked of %d places", places), need)
}

// room takes memory for something that a part of the study is about to make, so many
// of so many bytes.
func (in *Ground) room(what string, n, bytes int64) error {
	if n > math.MaxInt64/max(1, bytes) {
		n = math.MaxInt64 / max(1, bytes)
	}
	return in.World.Share.Grow(what, n*bytes)
}

// RoomForOffers takes memory for the legs to candidates, as they come.
func (in *Ground) RoomForOffers(legs int) error {
	return in.room("ways to candidates", int64(legs), ofOffer)
}

// RoomForPairs takes memory for the ways from places to candidates, from nothing.
func (in *Ground) RoomForPairs(legs int) error {
	return in.room("ways to candidates", int64(legs), ofPair)
}

// RoomForDraws takes memory for how strongly candidates draw places, a pair each.
func (in *Ground) RoomForDraws(pairs int) error {
	return in.room("candidates that people may choose", int64(pairs), ofDrawn)
}

// RoomForSearch takes memory for what a search for so many of the candidates keeps of
// each pair of a candidate and an open site, on every core.
func (in *Ground) RoomForSearch(g *spec.SitingSpec) error {
	slots := int64(min(2*max(32, g.Pick), 2*len(in.Candidates)+1))
	return in.room("candidates in place of open sites", slots*int64(len(in.Candidates)), 8*int64(1+runtime.GOMAXPROCS(0)))
}

// RoomForNeighbours takes memory for so many neighbours.
func (in *Ground) RoomForNeighbours(pairs int) error {
	return in.room("neighbours", int64(pairs), ofNeighbour)
}

// metered is an engine whose legs are counted as they come.
type metered struct {
	travel.Engine
	take func(legs int) error
}

func (m metered) Sweep(ctx context.Context, q travel.Query, each func(site int, legs []travel.Leg) error) error {
	return m.Engine.Sweep(ctx, q, func(site int, legs []travel.Leg) error {
		if err := m.take(len(legs)); err != nil {
			return err
		}
		return each(site, legs)
	})
}

// collect is [travel.Collect] in the memory that the study may have.
func (in *Ground) collect(ctx context.Context, q travel.Query) (*travel.Matrix, error) {
	take := func(legs int) error { return in.room("ways from places to centers", int64(legs), ofLeg) }
	if _, table := in.Engine.(*travel.Table); table { // which has them in memory already
		return travel.Collect(ctx, in.Engine, q)
	}
	return travel.Collect(ctx, metered{in.Engine, take}, q)
}
