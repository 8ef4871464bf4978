package data

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"careshed/geo"
)

// parseNumber agrees with strconv, and canonical means what it says.
func TestParseNumber(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300000 {
		literal := fmt.Sprintf("%.*f", r.IntN(9), (r.Float64()-0.5)*float64(uint64(1)<<r.IntN(62)))
		switch r.IntN(8) {
		case 0:
			literal = strconv.FormatFloat(r.NormFloat64(), "efg"[r.IntN(3)], r.IntN(19)-1, 64)
		case 1:
			literal = strings.TrimLeft(literal, "0")
		case 2:
			literal = strconv.FormatInt(r.Int64()>>r.IntN(63), 10)
		}
		v, kind, canonical := parseNumber([]byte(literal))
		want, err := strconv.ParseFloat(literal, 64)
		if err != nil {
			if kind != notNumber {
				t.Fatalf("%q is %v", literal, v)
			}
			continue
		}
		again := string(geo.AppendNumber(nil, want))
		if kind == notNumber {
			if again == literal {
				t.Fatalf("%q is refused", literal)
			}
			continue
		}
		if v != want || canonical != (again == literal) {
			t.Fatalf("%q: %v, canonical %v; want %v, written %s", literal, v, canonical, want, again)
		}
	}
}

// The pieces in which a file arrives make no difference.
func TestPieces(t *testing.T) {
	var b strings.Builder
	b.WriteString("lon,lat,n,t\n")
	for i := range 9000 {
		fmt.Fprintf(&b, "%d.5,%d,%d,\"line %d\n\"\"x\"\"%s\"\r\n", i%180, i%90, i, i, strings.Repeat("y", i%37))
	}
	whole := read(t, "a.csv", b.String(), Source{})
	if whole.Len() != 9000 {
		t.Fatalf("%d rows", whole.Len())
	}
	pieces, err := Read(context.Background(), iotest.HalfReader(iotest.DataErrReader(strings.NewReader(b.String()))), "a.csv", Source{}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := difference(whole, pieces, whole.Columns(), pieces.Columns()); d != "" {
		t.Error(d)
	}
	text := written(t, whole, GeoJSONSeq)
	pieces, err = Read(context.Background(), iotest.OneByteReader(strings.NewReader(text)), "a.geojsonseq", Source{}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := difference(whole, pieces, whole.Columns(), pieces.Columns()); d != "" {
		t.Error(d)
	}
}
