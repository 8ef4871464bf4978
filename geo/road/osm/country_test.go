package osm_test

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"testing"

	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"
)

var (
	countryFile      = flag.String("country", "", "write a made-up country to this file, FILE.osm.pbf")
	countryJunctions = flag.Int("junctions", 1_000_000, "how many junctions -country has")
)

// A made-up country of any size, to try an import on:
//
//	go test ./geo/road/osm -run WriteCountry -country big.osm.pbf -junctions 24000000
func TestWriteCountry(t *testing.T) {
	if *countryFile == "" {
		t.Skip("SKIPPED: needs -country FILE.osm.pbf")
	}
	f, err := os.Create(*countryFile)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = osmtest.Country{Seed: 1, Junctions: *countryJunctions}.PBF(w)
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		t.Fatal(err)
	}
}

// madeUp is a country as a file.
func madeUp(t testing.TB, seed uint64, junctions int) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := (osmtest.Country{Seed: seed, Junctions: junctions}).PBF(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A made-up country is like a real one: as many junctions as asked for, the edges and
// points of real extracts, most of it in one piece; and the same each time.
func TestCountryIsLikeReal(t *testing.T) {
	const junctions = 20000
	file := madeUp(t, 1, junctions)
	if !bytes.Equal(file, madeUp(t, 1, junctions)) || bytes.Equal(file, madeUp(t, 2, junctions)) {
		t.Error("the file does not follow from the seed")
	}
	net, sum, err := osm.Import(t.Context(), osmtest.Opener(file), osm.Car(), nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, net)
	share := func(what string, got, of int, least, most float64) {
		if s := float64(got) / float64(of); s < least || s > most {
			t.Errorf("%s: %d of %d, %.3f; want %v to %v", what, got, of, s, least, most)
		}
	}
	nodes := len(net.Nodes) - sum.Split.Nodes
	share("junctions", nodes, junctions, 0.95, 1.05)
	share("edges a junction", len(net.Edges)-sum.Split.Edges, nodes, 1.2, 1.6)
	share("points a junction", sum.Points, nodes, 7, 13)
	share("open nodes in the largest part", sum.Main, sum.Open, 0.8, 1)
	share("restrictions", sum.Bans, nodes, 0.001, 0.01)
	share("restrictions that are not clear", sum.Unclear, max(1, sum.Bans), 0, 0.05)
}
