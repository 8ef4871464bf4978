package road_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// file is an index of a small network, written.
func file(t testing.TB, nodes int) []byte {
	t.Helper()
	net := roadtest.Generate(5, nodes)
	net.Stamp = "2026-01-31T00:00:00Z"
	for i := range net.Edges {
		net.Edges[i].Local = i%20 == 0
		if i%3 == 0 {
			net.Bends = append(net.Bends, road.Coord{Lon: int32(i), Lat: int32(-i)}, road.Coord{Lon: 1})
		}
		net.Edges[i].Bends = uint32(len(net.Bends))
		if i%4 != 0 {
			e := net.Edges[i]
			net.Ways.Runs = append(net.Ways.Runs, road.Run{Way: int64(i / 3), Ahead: e.Ahead, Back: e.Back, Length: e.Length, Class: uint32(i % 2)})
		}
		net.Ways.Ends = append(net.Ways.Ends, uint32(len(net.Ways.Runs)))
	}
	net.Ways.Classes = []string{"primary", "residential"}
	var b bytes.Buffer
	n, err := build(t, net).WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("%d bytes written, %d said, %v", b.Len(), n, err)
	}
	return b.Bytes()
}

// aligned is a copy that starts at a multiple of eight, as files in memory do.
func aligned(data []byte) []byte {
	return append(make([]byte, 0, max(64, len(data))), data...)
}

// use asks an index everything.
func use(x *road.Index) error {
	q, err := x.NewQuery()
	if err != nil {
		return err
	}
	n := x.Nodes()
	var ends [][]road.Seed
	for i := range min(n, 9) {
		ends = append(ends, []road.Seed{{Node: int32(i * n / 9)}, {Node: int32(n - 1), Time: 7}})
	}
	for _, way := range []road.Way{road.From, road.To} {
		for _, e := range ends {
			q.Times(way, e, nil)
			q.Lengths(way, e, nil, nil)
		}
		q.Batch(way, ends[:min(len(ends), road.Lanes)], nil)
		q.Nearest(way, ends, nil)
		q.NearestK(way, ends, 3, nil)
		b, err := x.NewBuckets(context.Background(), way, ends, nil)
		if err != nil {
			return err
		}
		for _, e := range ends {
			b.Row(q, e, nil)
		}
	}
	if _, err := x.Numbers(); err != nil {
		return err
	}
	s, err := x.Streets()
	if err != nil {
		return err
	}
	var shape []road.Coord
	for i := range s.Len() {
		if e := s.Edge(i); int(e.From) >= n || int(e.To) >= n {
			panic("an edge that leaves the network")
		}
		shape = s.Shape(i, shape[:0])
	}
	if _, _, err := x.Changed(context.Background(), []travel.RoadChange{{Factor: 0.5}, {Close: true, Classes: []string{"primary"}}}, nil); err != nil && !errors.Is(err, road.ErrNoWays) && x.Nodes() < 1000 {
		return err
	}
	l, err := x.Locator()
	if err != nil {
		return err
	}
	coords, err := x.Coords()
	if err != nil {
		return err
	}
	var found []road.Snapped
	for _, c := range coords[:min(n, 3)] {
		for _, p := range []orb.Point{c.Point(), {c.Point()[0] + 1e-3, c.Point()[1]}} {
			if s, ok := l.Snap(p); ok {
				found = append(found, s)
			}
		}
	}
	for i := range found {
		l.Direct(&found[i], &found[(i+1)%len(found)])
		q.Trip(l, &found[i], &found[len(found)-1])
	}
	return nil
}

// What is read is what was written, and writes the same again.
func TestFileRoundTrip(t *testing.T) {
	net := roadtest.Generate(5, 300)
	data := file(t, 300)
	x, err := road.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := use(x); err != nil {
		t.Fatal(err)
	}
	if a := x.Source(); a.Origin != net.Origin || a.Profile != net.Profile || a.Stamp != "2026-01-31T00:00:00Z" {
		t.Errorf("source: %+v", a)
	}
	var again bytes.Buffer
	if _, err := x.WriteTo(&again); err != nil || !bytes.Equal(again.Bytes(), data) {
		t.Errorf("written again it differs (%v)", err)
	}
	s, err := x.Streets()
	if err != nil {
		t.Fatal(err)
	}
	numbers, _ := x.Numbers()
	if s.Len() != len(net.Edges) || x.Edges() != s.Len() {
		t.Fatalf("%d edges of %d", s.Len(), len(net.Edges))
	}
	for i := range net.Edges {
		e, want := s.Edge(i), net.Edges[i]
		if int32(numbers[e.From]) != want.From || int32(numbers[e.To]) != want.To || e.Ahead != want.Ahead || e.Back != want.Back ||
			e.Length != want.Length || e.Local != (i%20 == 0) {
			t.Fatalf("edge %d is %+v, was %+v", i, e, want)
		}
		shape := s.Shape(i, nil)
		bends := 2
		if i%3 == 0 {
			bends = 4
		}
		if len(shape) != bends || shape[0] != net.Nodes[want.From] || shape[bends-1] != net.Nodes[want.To] {
			t.Fatalf("edge %d has shape %v", i, shape)
		}
	}
}

func TestEmptyNetworkHasAFile(t *testing.T) {
	var b bytes.Buffer
	if _, err := build(t, &road.Network{}).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	x, err := road.Open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := use(x); err != nil {
		t.Error(err)
	}
}

// A file cut off anywhere, or with any bit changed, is found out at the latest
// when the damaged section is used; only bytes between sections do not matter.
func TestDamagedFiles(t *testing.T) {
	good := file(t, 100)
	for _, n := range []int{0, 1, 7, 8, 55, 56, 100, 600, 700, len(good) / 2, len(good) - 64, len(good) - 1} {
		if _, err := road.Open(good[:n]); err == nil {
			t.Errorf("opened with %d bytes of %d", n, len(good))
		}
	}
	if _, err := road.Open(append(slices.Clone(good), 0)); err == nil {
		t.Error("opened with a byte too many")
	}
	inside := used(good)
	data := slices.Clone(good)
	step := 1
	if testing.Short() {
		step = 101
	}
	for i := 0; i < len(data); i += step {
		data[i] ^= 1 << (i % 8)
		x, err := road.Open(data)
		if err == nil {
			err = use(x)
		}
		if (err != nil) != inside[i] {
			t.Fatalf("byte %d of %d changed: %v", i, len(data), err)
		}
		data[i] = good[i]
	}
}

// used says of each byte whether it means something: the header, and what the
// table names.
func used(data []byte) []bool {
	out := make([]bool, len(data))
	mark := func(from, size uint64) {
		for i := range size {
			out[from+i] = true
		}
	}
	le := binary.LittleEndian
	n := uint64(le.Uint32(data[24:]))
	mark(0, 56+48*n+uint64(le.Uint32(data[28:])+le.Uint32(data[32:])+le.Uint32(data[36:])))
	for i := range n {
		e := data[56+48*i:]
		mark(le.Uint64(e[24:]), le.Uint64(e[32:]))
	}
	return out
}

// reseal makes the sums right again, so that what is wrong must be found by
// looking at it.
func reseal(data []byte) {
	if len(data) < 56 {
		return
	}
	le := binary.LittleEndian
	table := crc32.MakeTable(crc32.Castagnoli)
	n := min(uint64(le.Uint32(data[24:])), 64)
	end := 56 + 48*n + uint64(le.Uint32(data[28:])) + uint64(le.Uint32(data[32:])) + uint64(le.Uint32(data[36:]))
	if end > uint64(len(data)) {
		return
	}
	for i := range n {
		e := data[56+48*i:]
		from, size := le.Uint64(e[24:]), le.Uint64(e[32:])
		if from <= uint64(len(data)) && size <= uint64(len(data))-from {
			le.PutUint32(e[44:], crc32.Checksum(data[from:from+size], table))
		}
	}
	le.PutUint64(data[40:], uint64(len(data)))
	le.PutUint32(data[48:], 0)
	le.PutUint32(data[48:], crc32.Checksum(data[:end], table))
}

// Files made to harm have the right sums: no query panics or hangs.
func TestHostileFiles(t *testing.T) {
	good := file(t, 100)
	slower := 200 // less and less often: the sections after the header are long
	if testing.Short() {
		slower = 20
	}
	for i := 0; i < len(good); i += 1 + i/slower {
		for _, v := range []byte{0, 0x7f, 0xff, good[i] + 1} {
			data := slices.Clone(good)
			data[i] = v
			reseal(data)
			if x, err := road.Open(data); err == nil {
				_ = use(x)
			}
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	good := file(t, 300)
	change := func(at int, v byte) []byte {
		data := slices.Clone(good)
		data[at] = v
		reseal(data)
		return data
	}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not a road index"},
		{"another file", []byte(strings.Repeat("PK\x03\x04", 100)), "not a road index"},
		{"cut off", good[:len(good)-64], "cut off"},
		{"another version", change(8, 9), "version 9"},
		{"another order", change(12, 9), "order of bytes"},
		{"sections beyond the end", change(56+29, 9), "section"},
	} {
		if _, err := road.Open(c.data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
	off := append(make([]byte, 1, len(good)+1), good...)[1:]
	if x, err := road.Open(off); err == nil {
		if err := use(x); err == nil || !strings.Contains(err.Error(), "aligned") {
			t.Errorf("not aligned: %v", err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(file(f, 9), false)
	f.Add(file(f, 9), true)
	f.Add([]byte("CARROADS"), false)
	f.Fuzz(func(t *testing.T, data []byte, sealed bool) {
		data = aligned(data)
		if sealed {
			reseal(data)
		}
		if x, err := road.Open(data); err == nil {
			_ = use(x)
		}
	})
}
