package data

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

// A table that is read column by column, whole pages at once where nothing in them is unusual, is
// the one that is read row by row, with or without dictionaries, and whatever a page begins with.
func TestParquetByColumnAndByRow(t *testing.T) {
	type row struct {
		Key    string   `parquet:"key"`
		Plain  float64  `parquet:"plain"`
		Coded  float64  `parquet:"coded,dict"`
		Holes  *float64 `parquet:"holes,optional,dict"`
		Whole  int64    `parquet:"whole"`
		Wholes *int64   `parquet:"wholes,optional,dict"`
		Text   string   `parquet:"text,dict"`
		Texts  *string  `parquet:"texts,optional"`
		Wide   int64    `parquet:"wide,dict"`
		NaN    float64  `parquet:"nan,dict"`
	}
	r := rand.New(rand.NewPCG(3, 12))
	for _, n := range []int{1, 700, 5000} {
		rows := make([]row, n)
		for i := range rows {
			x, w, text := math.Round(r.Float64()*100)/4, r.Int64N(50), fmt.Sprintf("t%d", r.IntN(40))
			rows[i] = row{Key: fmt.Sprint("k", i), Plain: r.Float64(), Coded: x, Whole: r.Int64(), Text: text, NaN: x}
			if i > n/2 {
				rows[i].Whole = w
			}
			if i == n-1 {
				rows[i].Wide, rows[i].NaN = 1<<60+1, math.NaN()
			}
			if i > 3000 || i%7 > 0 {
				rows[i].Holes, rows[i].Wholes, rows[i].Texts = &x, &w, &text
			}
		}
		file := parquetFile(t, rows, parquet.PageBufferSize(1<<12), parquet.MaxRowsPerRowGroup(int64(n/2+1)))
		byColumn, byRow := read(t, "a.parquet", file, Source{}), read(t, "a.parquet", file, Source{ID: "key"})
		if byColumn.Len() != n || byRow.Len() != n {
			t.Fatalf("%d and %d of %d rows", byColumn.Len(), byRow.Len(), n)
		}
		for _, c := range byRow.Columns() {
			o, _ := byColumn.Column(c.Name)
			if o.Type != c.Type {
				t.Errorf("%s is of type %s by column, %s by row", c.Name, o.Type, c.Type)
			}
			for i := range n {
				if o.Text(i) != c.Text(i) || o.Null(i) != c.Null(i) {
					t.Fatalf("%s of row %d is %q by column, %q by row", c.Name, i, o.Text(i), c.Text(i))
				}
			}
		}
	}
}

// What a frame of zstd unpacks to is believed where it says so and is alone, and else found out.
func TestSizeOfZstd(t *testing.T) {
	text := bytes.Repeat([]byte("careshed "), 60_000)
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	alone := e.EncodeAll(text, nil)
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	for part := text; len(part) > 0; part = part[min(len(part), 50_000):] { // of a stream, which knows no size
		if _, err := w.Write(part[:min(len(part), 50_000)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		packed []byte
		size   uint64
		ok     bool
	}{
		{"one frame", alone, uint64(len(text)), true},
		{"two frames", append(bytes.Clone(alone), alone...), 0, false},
		{"a byte more", append(bytes.Clone(alone), 0), 0, false},
		{"cut off", alone[:len(alone)-5], 0, false},
		{"of a stream", b.Bytes(), 0, false},
		{"nothing", nil, 0, false},
	} {
		size, ok := zstdSize(bytes.NewReader(c.packed), int64(len(c.packed)))
		if ok != c.ok || ok && size != c.size {
			t.Errorf("%s: %d %v", c.name, size, ok)
		}
	}
}
