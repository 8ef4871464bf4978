package road

import (
	"errors"
	"fmt"
	"strings"
)

// Origins say of which ways of the map edges are made: the runs of edge e are
// Runs[Ends[e-1]:Ends[e]], from its From to its To. Edges beyond Ends (those that
// splitting junctions added) have none. The zero value knows nothing.
type Origins struct {
	Ends    []uint32
	Runs    []Run
	Classes []string
}

// Run is the part of an edge that is of one way. Ahead and Back are the times of
// driving along it in milliseconds, without what gates, signals and junctions cost;
// Never where one may not.
type Run struct {
	Way         int64
	Ahead, Back uint32
	Length      uint32 // decimetres
	Class       uint32 // of the Classes
}

// Of are the runs of an edge.
func (o *Origins) Of(e int) []Run {
	if e >= len(o.Ends) {
		return nil
	}
	first := uint32(0)
	if e > 0 {
		first = o.Ends[e-1]
	}
	return o.Runs[first:o.Ends[e]]
}

// Sections of the origins, which files of version 2 and those of graphs without ways
// lack.
const (
	sectionWayEnds    = "ways.ends"
	sectionWayRuns    = "ways.runs"
	sectionWayClasses = "ways.classes"
)

// addOrigins gives an index the sections, if the network knows its ways.
func (x *Index) addOrigins(o *Origins) {
	if len(o.Ends) == 0 {
		return
	}
	add(x, sectionWayEnds, o.Ends)
	add(x, sectionWayRuns, o.Runs)
	add(x, sectionWayClasses, []byte(strings.Join(o.Classes, "\n")))
}

// ErrNoWays is the error of what needs to know the ways of the map, on an index
// that was built without them.
var ErrNoWays = errors.New("the index does not say of which ways and classes its roads are, " +
	"for an earlier version of this program built it, or it is of a graph without them; " +
	"accepted: an index built from an OpenStreetMap extract by this version (careshed roads build)")

// Origins are the ways of the edges, or ErrNoWays.
func (x *Index) Origins() (o Origins, err error) {
	if x.sections[sectionWayEnds] == nil {
		return o, ErrNoWays
	}
	classes, err := column[byte](x, sectionWayClasses, nil)
	if err != nil {
		return o, err
	}
	o.Classes = strings.Split(string(classes), "\n")
	if o.Runs, err = column(x, sectionWayRuns, func(runs []Run) error {
		for i, r := range runs {
			if r.Ahead > Never || r.Back > Never || int64(r.Class) >= int64(len(o.Classes)) {
				return fmt.Errorf("run %d is not sound", i)
			}
		}
		return nil
	}); err != nil {
		return o, err
	}
	o.Ends, err = column(x, sectionWayEnds, func(ends []uint32) error {
		last := uint32(0)
		for e, end := range ends {
			if end < last || uint64(end) > uint64(len(o.Runs)) || e >= x.edges {
				return fmt.Errorf("edge %d: its runs end at %d, those before at %d, of %d", e, end, last, len(o.Runs))
			}
			last = end
		}
		return nil
	})
	return o, err
}
