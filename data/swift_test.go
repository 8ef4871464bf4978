package data

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/geo"
)

// slowly reads a CSV file row by row: who says what stands for no value has every
// cell looked at.
func slowly(text string) (*geo.Layer, error) {
	return Read(context.Background(), strings.NewReader(text), "t.csv", Source{Geometry: "none", Missing: []string{"\x01"}}, Limits{})
}

func quickly(text string) (*geo.Layer, error) {
	return Read(context.Background(), strings.NewReader(text), "t.csv", Source{Geometry: "none"}, Limits{})
}

// same says how two readings of a text differ.
func same(text string) error {
	want, wrong := slowly(text)
	got, err := quickly(text)
	if fmt.Sprint(wrong) != fmt.Sprint(err) {
		return fmt.Errorf("read swiftly: %v; row by row: %v", err, wrong)
	}
	if err != nil {
		return nil
	}
	if got.Len() != want.Len() || len(got.Columns()) != len(want.Columns()) {
		return fmt.Errorf("%d rows of %d columns, want %d of %d", got.Len(), len(got.Columns()), want.Len(), len(want.Columns()))
	}
	for k, c := range got.Columns() {
		w := want.Columns()[k]
		if c.Name != w.Name || c.Type != w.Type {
			return fmt.Errorf("column %s is %v, want %s, %v", c.Name, c.Type, w.Name, w.Type)
		}
		for i := range c.Len() {
			if c.Text(i) != w.Text(i) || c.Null(i) != w.Null(i) {
				return fmt.Errorf("row %d of %s is %q, want %q", i+1, c.Name, c.Text(i), w.Text(i))
			}
		}
	}
	return nil
}

// Rows that are read swiftly give what they give cell by cell, among rows of every
// other form, well or wrongly formed.
func TestSwiftRows(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	cells := [][]string{
		{"a", "b", "US-001", "a b", " a", "a ", "é", "b\"", "\"a\"", "\"a,b\"", "\"a\nb\"", "\"\"\"a\"\"\"", "\" \"", " ", "", "true", "12", "-", "a\x00"},
		{"1", "2", "17031010100", "007", "-0", "-3", "1.50", "300.0", "0.0000001", "1e5", ".5", "5.", "1234567890123456", "99999999999999999999", "0.1234567890123456", "x", "", " 4", "4 ", "\"5\"", "-2.25", "0", "1.", "1.2.3", "+1", "1-2"},
	}
	wrong := 0
	for n := range 6000 {
		separator := []string{",", ";", "\t", "|"}[n%4]
		end := []string{"\n", "\n", "\r\n"}[n%3]
		columns := 1 + r.IntN(4)
		var b strings.Builder
		for k := range columns {
			fmt.Fprint(&b, []string{"", separator}[min(k, 1)], "c", k)
		}
		b.WriteString(end)
		likely := r.IntN(20) // of the cells are of the plain kind
		kind := []int{r.IntN(2), r.IntN(2), r.IntN(2), r.IntN(2)}
		for range r.IntN(30) {
			for k := range columns {
				if k > 0 {
					b.WriteString(separator)
				}
				all := cells[kind[k]]
				if r.IntN(20) < likely {
					all = all[:3]
				}
				b.WriteString(all[r.IntN(len(all))])
			}
			if r.IntN(60) == 0 {
				b.WriteString(separator)
			}
			if r.IntN(40) == 0 {
				b.WriteString(end)
			}
			b.WriteString(end)
		}
		text := b.String()
		if r.IntN(3) == 0 {
			text = strings.TrimSuffix(text, end)
		}
		if err := same(text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, err := quickly(text); err != nil {
			wrong++
		}
	}
	if wrong < 500 || wrong > 5500 {
		t.Errorf("%d of 6000 texts are wrong", wrong)
	}
}

// What digits begin with is the number that they are.
func TestLeadingNumber(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	found := 0
	for range 200_000 {
		b := make([]byte, r.IntN(19))
		for i := range b {
			b[i] = "0123456789.-e"[min(12, r.IntN(60)%13)]
			if r.IntN(4) > 0 {
				b[i] = "0123456789"[r.IntN(10)]
			}
		}
		v, kind, canonical, n := leadingNumber(b)
		if n == 0 || n < len(b) {
			continue
		}
		found++
		w, wantKind, wantCanonical := parseNumber(b)
		if v != w || kind != wantKind || canonical != wantCanonical {
			t.Fatalf("%s is %v (%v, %v), want %v (%v, %v)", b, v, kind, canonical, w, wantKind, wantCanonical)
		}
	}
	if found < 20_000 {
		t.Errorf("%d numbers", found)
	}
}

// A file much longer than the sample has all its rows.
func TestSwiftLongTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("place,site,minutes\n")
	for i := range 700 {
		for j := range 60 {
			fmt.Fprintf(&b, "%d,S%02d,%d.%d\n", 17031010100+i, j, (i*j)%400, i%10)
		}
	}
	if err := same(b.String()); err != nil {
		t.Error(err)
	}
}

// A file of Parquet whose rows are fields alone is read so; named ids have each
// row looked at, and give the same columns.
func TestDirectRows(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for n := range 60 {
		var place, site geo.TextColumn
		var minutes, whole []float64
		for i := range 1 + r.IntN(3000) {
			place.Append(fmt.Sprint("p", i))
			if r.IntN(9) == 0 {
				site.AppendNull()
			} else {
				site.Append([]string{"a", "b", "é", " ", "a,b"}[r.IntN(5)])
			}
			minutes = append(minutes, []float64{math.NaN(), r.Float64() * 100, 12.5}[r.IntN(3)])
			whole = append(whole, []float64{math.NaN(), float64(r.IntN(2000) - 1000)}[min(1, r.IntN(4))])
		}
		l, err := geo.NewTable(geo.About{Name: "m"}, nil, place.Column(geo.Field{Name: "place"}), site.Column(geo.Field{Name: "site"}),
			geo.Numbers(geo.Field{Name: "minutes"}, minutes), geo.Integers(geo.Field{Name: "whole"}, whole))
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := Write(&file, l, GeoParquet); err != nil {
			t.Fatal(err)
		}
		read := func(s Source) *geo.Layer {
			got, err := Read(context.Background(), bytes.NewReader(file.Bytes()), "m.parquet", s, Limits{})
			if err != nil {
				t.Fatalf("problem %d: %v", n, err)
			}
			return got
		}
		direct, each := read(Source{}), read(Source{ID: "place"})
		for k, c := range direct.Columns() {
			w := each.Columns()[k]
			if c.Name != w.Name || c.Type != w.Type || c.Len() != w.Len() {
				t.Fatalf("problem %d: column %s (%v, %d rows), want %s (%v, %d rows)", n, c.Name, c.Type, c.Len(), w.Name, w.Type, w.Len())
			}
			for i := range c.Len() {
				if c.Null(i) != w.Null(i) || c.Text(i) != w.Text(i) {
					t.Fatalf("problem %d: row %d of %s is %q, want %q", n, i+1, c.Name, c.Text(i), w.Text(i))
				}
			}
		}
	}
}
