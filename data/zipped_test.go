package data

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const zippedTowns = "id,lon,lat,people\na,11,45,10\nb,12,46,20\n"

// A ZIP archive is read as the one file in it, whatever its format, with its own limits.
func TestAFileInAZIPArchiveIsRead(t *testing.T) {
	l := places(t)
	var gpkg, book bytes.Buffer
	if err := errors.Join(WriteGeoPackage(&gpkg, l), WriteXLSX(&book, l)); err != nil {
		t.Fatal(err)
	}
	other := "id,lon,lat\nc,1,2\n"
	for _, c := range []struct {
		what   string
		files  map[string]string
		source Source
		format string
		rows   int
		tables []string
	}{
		{"CSV", map[string]string{"data/towns.csv": zippedTowns}, Source{}, CSV, 2, nil},
		{"beside a text, and what macOS adds", map[string]string{"README.txt": "x", "towns.csv": zippedTowns,
			"__MACOSX/._towns.csv": "\x00", ".DS_Store": "x"}, Source{}, CSV, 2, nil},
		{"a text alone", map[string]string{"towns.txt": zippedTowns}, Source{}, CSV, 2, nil},
		{"one of two", map[string]string{"towns.csv": zippedTowns, "other.csv": other}, Source{Table: "other.csv"}, CSV, 1, []string{"other.csv", "towns.csv"}},
		{"GeoPackage", map[string]string{"a.gpkg": gpkg.String()}, Source{}, GeoPackage, l.Len(), nil},
		{"a workbook", map[string]string{"a.xlsx": book.String()}, Source{}, XLSX, l.Len(), nil},
	} {
		got, err := Read(context.Background(), strings.NewReader(zipped(t, c.files)), "a.zip", c.source, Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		slices.Sort(got.Origin.Tables)
		if got.Len() != c.rows || got.Origin.Format != c.format || got.IsTable() || c.tables != nil && !slices.Equal(got.Origin.Tables, c.tables) {
			t.Errorf("%s: %d rows, %+v, without shapes %v", c.what, got.Len(), got.Origin, got.IsTable())
		}
		if !slices.ContainsFunc(got.Notes, func(n string) bool { return strings.Contains(n, "which was read") }) {
			t.Errorf("%s: no note says what was read: %q", c.what, got.Notes)
		}
	}
	two := zipped(t, map[string]string{"towns.csv": zippedTowns, "other.csv": other})
	for _, table := range []string{"", "town.csv"} {
		_, err := Read(context.Background(), strings.NewReader(two), "a.zip", Source{Table: table}, Limits{})
		var wrong *InputError
		if !errors.As(err, &wrong) || len(wrong.Choice()) != 2 || !strings.Contains(err.Error(), "towns.csv") {
			t.Errorf("two files, table %q: %v", table, err)
		}
	}
	tight := Limits{Formats: map[string]int64{XLSX: 100}}
	if _, err := Read(context.Background(), strings.NewReader(zipped(t, map[string]string{"a.xlsx": book.String()})), "a.zip", Source{}, tight); err == nil {
		t.Error("a workbook in an archive is larger than a workbook may be")
	}
}

// A layer of a study may be such an archive.
func TestACatalogReadsAZIPArchive(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "towns.zip"), []byte(zipped(t, map[string]string{"towns.csv": zippedTowns})), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := NewCatalog(dir, map[string]Source{"towns": {File: "towns.zip"}}).Layer(context.Background(), "towns")
	if err != nil || l.Len() != 2 || l.ID(1) != "b" {
		t.Errorf("%v, %v", l, err)
	}
}
