package data

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"careshed/geo"
)

// shared is the folder of the real data, which is no part of the repository.
func shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("CARESHED_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "layers")); err != nil {
		t.Skipf("SKIPPED: no real data in %s; set CARESHED_SHARED", dir)
	}
	return filepath.Join(dir, "data", "layers")
}

func content(b *testing.B, file string) []byte {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(shared(b), file))
	if err != nil {
		b.Fatal(err)
	}
	return text
}

func benchmarkRead(b *testing.B, file string) {
	text := content(b, file)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(context.Background(), bytes.NewReader(text), file, Source{}, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadBlockGroups(b *testing.B) { benchmarkRead(b, "us-blockgroups.csv") }
func BenchmarkReadCounties(b *testing.B)    { benchmarkRead(b, "us-counties.geojson") }
func BenchmarkReadHospitals(b *testing.B)   { benchmarkRead(b, "europe-hospitals.geojson") }

// wide is the layer of block groups with ten columns of numbers besides, as a
// result has.
func wide(b *testing.B) *geo.Layer {
	text := content(b, "us-blockgroups.csv")
	l, err := Read(context.Background(), bytes.NewReader(text), "us-blockgroups.csv", Source{}, Limits{})
	if err != nil {
		b.Fatal(err)
	}
	for k := range 12 {
		v := make([]float64, l.Len())
		for i := range v {
			v[i] = float64(i*7919%100003) / float64(k+3)
		}
		if l, err = l.With(geo.Numbers(geo.Field{Name: "v" + strconv.Itoa(k)}, v)); err != nil {
			b.Fatal(err)
		}
	}
	return l
}

func benchmarkWrite(b *testing.B, format string) {
	l := wide(b)
	for b.Loop() {
		if err := Write(io.Discard, l, format); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteCSV(b *testing.B)     { benchmarkWrite(b, CSV) }
func BenchmarkWriteGeoJSON(b *testing.B) { benchmarkWrite(b, GeoJSON) }

func BenchmarkWriteGeoPackage(b *testing.B) { benchmarkWrite(b, GeoPackage) }
func BenchmarkWriteGeoParquet(b *testing.B) { benchmarkWrite(b, GeoParquet) }

func benchmarkReadBack(b *testing.B, format string) {
	l := wide(b)
	var w bytes.Buffer
	if err := Write(&w, l, format); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(w.Len()))
	for b.Loop() {
		if _, err := Read(context.Background(), bytes.NewReader(w.Bytes()), "l", Source{Format: format}, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadGeoPackage(b *testing.B) { benchmarkReadBack(b, GeoPackage) }
func BenchmarkReadGeoParquet(b *testing.B) { benchmarkReadBack(b, GeoParquet) }
