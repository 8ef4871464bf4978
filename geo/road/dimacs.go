package road

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"careshed/geo"
)

// DIMACS is the profile of a network whose times are the weights of such a graph,
// and whose nodes are known by their numbers there.
const DIMACS = "DIMACS weights"

// fewNodes is how many nodes a graph may announce whatever else is in it;
// beyond that it needs an arc for every 64.
const fewNodes = 1 << 20

// Weights is what a weight of a DIMACS graph is, in milliseconds. The format does
// not say: whoever has the graph does.
type Weights uint32

const (
	Milliseconds Weights = 1
	Tenths       Weights = 100 // of a second
	Seconds      Weights = 1000
)

// Weighed is what a graph was found to be, for people.
type Weighed struct {
	Zero int // arcs of weight 0, which take no time
	Fast int // arcs faster than 720 km/h: are the weights something else?
	Cut  int // of those, the ones whose length is cut to what 720 km/h allow
}

// ReadDIMACS reads a graph in the format of the 9th DIMACS implementation
// challenge, "Shortest Paths" (2006): graph is a .gr file; coordinates is its .co
// file, or nil. Either may be compressed by gzip. Node 1 of the file is node 0 of
// the network.
//
// The format has no lengths. With coordinates, an arc is as long as the
// geodesic between its ends; without, lengths are 0 and all nodes lie at 0, 0. In a
// graph of more than 400,000 km of arcs lengths are cut to what 720 km/h allow. An
// arc and its equal opposite become one edge.
func ReadDIMACS(graph, coordinates io.Reader, weights Weights) (*Network, Weighed, error) {
	var sum Weighed
	net := &Network{Origin: "DIMACS graph", Profile: DIMACS}
	most := int64(Never-1) / int64(max(1, weights))
	type oneWay struct{ from, to, time uint32 }
	var arcs []oneWay
	nodes, announced := int64(-1), int64(0)
	err := dimacsLines(graph, func(f [][]byte) error {
		switch string(f[0]) {
		case "p":
			if nodes >= 0 {
				return errors.New("a second line p")
			}
			if len(f) != 4 || string(f[1]) != "sp" {
				return errors.New("want p sp NODES ARCS")
			}
			v, err := numbers(f[2:], 0, Never-1)
			if err != nil {
				return err
			}
			nodes, announced = v[0], v[1]
			arcs = make([]oneWay, 0, min(announced, fewNodes))
		case "a":
			if nodes < 0 {
				return errors.New("an arc before the line p")
			}
			if len(f) != 4 {
				return errors.New("want a FROM TO WEIGHT")
			}
			ends, err := numbers(f[1:3], 1, nodes)
			if err != nil {
				return err
			}
			t, err := numbers(f[3:], 0, most)
			if err != nil {
				return err
			}
			if int64(len(arcs)) == announced {
				return fmt.Errorf("more than the %d arcs that line p announces", announced)
			}
			arcs = append(arcs, oneWay{uint32(ends[0] - 1), uint32(ends[1] - 1), uint32(t[0]) * uint32(weights)})
		default:
			return fmt.Errorf("a line %q: want c, p or a", f[0])
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, sum, fmt.Errorf("graph: %w", err)
	case nodes < 0:
		return nil, sum, errors.New("graph: no line p")
	case int64(len(arcs)) < announced:
		return nil, sum, fmt.Errorf("graph: %d arcs, and line p announces %d: is it cut off?", len(arcs), announced)
	case nodes > fewNodes && nodes/64 > int64(len(arcs)):
		return nil, sum, fmt.Errorf("graph: %d nodes with no more than %d arcs", nodes, len(arcs))
	}
	net.Nodes = make([]Coord, nodes)
	if coordinates != nil {
		if err := dimacsCoords(coordinates, net.Nodes); err != nil {
			return nil, sum, fmt.Errorf("coordinates: %w", err)
		}
	}

	// An arc meets its opposite beside it when sorted by the pair of nodes and
	// the time; of the two, the first in the file stands for both.
	order := make([]uint32, len(arcs))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int {
		a, b := arcs[i], arcs[j]
		return cmp.Or(
			cmp.Compare(min(a.from, a.to), min(b.from, b.to)),
			cmp.Compare(max(a.from, a.to), max(b.from, b.to)),
			cmp.Compare(a.time, b.time), cmp.Compare(i, j))
	})
	const alone, second = -1, -2
	mate := make([]int32, len(arcs))
	for i := range mate {
		mate[i] = alone
	}
	for k := 1; k < len(order); k++ {
		i, j := order[k-1], order[k]
		if a, b := arcs[i], arcs[j]; mate[i] == alone && a.from != a.to && a.from == b.to && a.to == b.from && a.time == b.time {
			mate[min(i, j)], mate[max(i, j)] = int32(max(i, j)), second
		}
	}
	for i, a := range arcs {
		if mate[i] == second {
			continue
		}
		e := Edge{From: int32(a.from), To: int32(a.to), Ahead: a.time, Back: Never}
		if mate[i] >= 0 {
			e.Back = a.time
		}
		if coordinates != nil {
			d := geo.Distance(net.Nodes[a.from].Point(), net.Nodes[a.to].Point())
			e.Length = uint32(math.Round(float64(d) * 10))
		}
		if a.time == 0 {
			sum.Zero++
		}
		net.Edges = append(net.Edges, e)
	}
	long := net.long()
	for i := range net.Edges {
		if e := &net.Edges[i]; e.fast() {
			sum.Fast++
			if long {
				sum.Cut++
				e.Length = 2 * max(1, min(e.Ahead, e.Back))
			}
		}
	}
	return net, sum, nil
}

func dimacsCoords(r io.Reader, nodes []Coord) error {
	known := make([]bool, len(nodes))
	count := 0
	err := dimacsLines(r, func(f [][]byte) error {
		switch string(f[0]) {
		case "p":
			if len(f) != 5 {
				return errors.New("want p aux sp co NODES")
			}
			v, err := numbers(f[4:], 0, Never-1)
			if err != nil {
				return err
			}
			if v[0] != int64(len(nodes)) {
				return fmt.Errorf("%d nodes, and the graph has %d", v[0], len(nodes))
			}
		case "v":
			if len(f) != 4 {
				return errors.New("want v NODE LON LAT")
			}
			v, err := numbers(f[1:2], 1, int64(len(nodes)))
			if err != nil {
				return err
			}
			// In the challenge's files, millionths of a degree.
			lon, err := numbers(f[2:3], -180e6, 180e6)
			if err != nil {
				return err
			}
			lat, err := numbers(f[3:4], -90e6, 90e6)
			if err != nil {
				return err
			}
			if known[v[0]-1] {
				return fmt.Errorf("node %d a second time", v[0])
			}
			known[v[0]-1] = true
			count++
			nodes[v[0]-1] = Coord{int32(lon[0] * 10), int32(lat[0] * 10)}
		default:
			return fmt.Errorf("a line %q: want c, p or v", f[0])
		}
		return nil
	})
	if err != nil {
		return err
	}
	if count < len(nodes) {
		return fmt.Errorf("%d nodes of %d: is it cut off?", count, len(nodes))
	}
	return nil
}

// dimacsLines calls each with the fields of every line that is not a comment.
func dimacsLines(r io.Reader, each func(fields [][]byte) error) error {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if head, err := buffered.Peek(2); err == nil && bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return err
		}
		buffered = bufio.NewReaderSize(z, 1<<16)
	}
	lines := bufio.NewScanner(buffered)
	var fields [][]byte
	n := 0
	for lines.Scan() {
		n++
		fields = fields[:0]
		for f := range bytes.FieldsSeq(lines.Bytes()) {
			fields = append(fields, f)
		}
		if len(fields) == 0 || fields[0][0] == 'c' {
			continue
		}
		if err := each(fields); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("after line %d: %w", n, err)
	}
	return nil
}

// numbers are whole numbers of a line, each from lo to hi.
func numbers(fields [][]byte, lo, hi int64) ([2]int64, error) {
	var out [2]int64
	for i, f := range fields {
		v, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return out, fmt.Errorf("%q is not a whole number", f)
		}
		if v < lo || v > hi {
			return out, fmt.Errorf("%d is not from %d to %d", v, lo, hi)
		}
		out[i] = v
	}
	return out, nil
}
