package data

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// altered is a GeoPackage of layers after some SQL.
func altered(t testing.TB, statements string, layers ...*geo.Layer) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.gpkg")
	if err := WriteFile(path, func(w io.Writer) error { return WriteGeoPackage(w, layers...) }); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers { // their triggers need functions of an editor
		for _, event := range []string{"insert", "update1", "update2", "update3", "update4", "delete"} {
			if _, err := db.Exec("DROP TRIGGER IF EXISTS " + sqlName("rtree_"+l.Name+"_geom_"+event)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func places(t testing.TB) *geo.Layer {
	l, err := geo.NewPoints(geo.About{Name: "places"}, []string{"a", "b"}, []orb.Point{{8.5, 47.4}, {1, 2}},
		geo.Integers(geo.Field{Name: "pop"}, []float64{5, 7}), geo.Bools(geo.Field{Name: "ok"}, []float64{1, 0}), geo.Labels(geo.Field{Name: "name"}, []string{"Zürich", "x"}))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestGeoPackageRefuses(t *testing.T) {
	l := places(t)
	other := l.Named(geo.About{Name: "others"})
	accepted := "; accepted: " + acceptCRS
	for _, c := range []struct {
		name, input string
		source      Source
		want        string
	}{
		{"nothing", "", Source{}, "a.gpkg: is empty; accepted: a whole file"},
		{"text", "id,lon,lat\n", Source{}, "a.gpkg: is not an SQLite database; accepted: " + acceptGPKG},
		{"header only", written(t, l, GeoPackage)[:100], Source{}, "a.gpkg: damaged or not a GeoPackage: "},
		{"cut", written(t, l, GeoPackage)[:9000], Source{}, "a.gpkg: damaged or not a GeoPackage: "},
		{"no GeoPackage", altered(t, "DROP TABLE gpkg_contents", l), Source{}, "a.gpkg: has no table gpkg_contents: an SQLite database, but no GeoPackage; accepted: " + acceptGPKG},
		{"no table", altered(t, "DELETE FROM gpkg_contents", l), Source{}, "a.gpkg: has no table of features or attributes; accepted: " + acceptGPKG},
		{"two tables", altered(t, "", l, other), Source{}, "a.gpkg: has 2 tables; accepted: the name of one of them as table: others, places"},
		{"table by a wrong name", altered(t, "", l, other), Source{Table: "place"}, `a.gpkg: table is "place": not there, did you mean "places"?; accepted: others, places`},
		{"endless view", altered(t, "CREATE VIEW v AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT x FROM r WHERE x > 1; UPDATE gpkg_contents SET table_name = 'v'", l), Source{},
			`a.gpkg: table is "v": a view that is recursive; accepted: a table`},
		{"a list that is a view", altered(t, "ALTER TABLE gpkg_contents RENAME TO x; CREATE VIEW gpkg_contents AS SELECT * FROM x", l), Source{}, "a.gpkg: has no table gpkg_contents"},
		{"missing table", altered(t, "UPDATE gpkg_contents SET table_name = 'v'", l), Source{}, `a.gpkg: table is "v": not a table`},
		{"British grid", altered(t, `INSERT INTO gpkg_spatial_ref_sys VALUES ('OSGB36 / British National Grid', 27700, 'EPSG', 27700, 'PROJCS["OSGB36 / British National Grid"]', ''); UPDATE gpkg_geometry_columns SET srs_id = 27700`, l), Source{},
			`a.gpkg: crs is "OSGB36 / British National Grid (EPSG:27700)": in metres or feet, but all coordinates look like degrees; accepted: coordinates of the system that the file names`},
		{"Swiss grid", altered(t, `INSERT INTO gpkg_spatial_ref_sys VALUES ('CH1903+ / LV95', 2056, 'EPSG', 2056, 'undefined', ''); UPDATE gpkg_geometry_columns SET srs_id = 2056`, l), Source{},
			`a.gpkg: srs is "CH1903+ / LV95 (EPSG:2056)": a system that is in Hotine Oblique Mercator (variant B), which is not converted` + accepted},
		{"two systems", altered(t, `INSERT INTO gpkg_spatial_ref_sys VALUES ('ED50', 4230, 'EPSG', 4230, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]', ''); UPDATE gpkg_geometry_columns SET srs_id = 4230`, l), Source{},
			`a.gpkg: srs is "ED50 (EPSG:4230)": another system than its definition, WGS 84; accepted: a code and a definition of one system`},
		{"unknown system", altered(t, "UPDATE gpkg_geometry_columns SET srs_id = 99", l), Source{}, `a.gpkg: srs is ":0": a system that is not known` + accepted},
		{"undefined metres", altered(t, "UPDATE gpkg_geometry_columns SET srs_id = -1; UPDATE places SET geom = x'4750000100000000010100000000000000E0701A4100000000E0701A41'", l), Source{},
			"a.gpkg: feature 1 (id a): position is \"433208,433208\": not degrees; accepted: degrees of WGS84"},
		{"text in a column of numbers", altered(t, "UPDATE places SET pop = 'n/a' WHERE id = 'b'", l), Source{}, `a.gpkg: feature 2 (id b): pop is "n/a": a text in a column of type integer; accepted: a number, or nothing`},
		{"no truth", altered(t, "UPDATE places SET ok = 2 WHERE id = 'b'", l), Source{}, `a.gpkg: feature 2 (id b): ok is 2: not a truth value; accepted: 0 or 1`},
		{"infinite", altered(t, "ALTER TABLE places ADD COLUMN x DOUBLE; UPDATE places SET x = 1e999", l), Source{}, `a.gpkg: feature 1 (id a): x is "+Inf": infinite; accepted: a finite number, or nothing`},
		{"bytes as text", altered(t, "UPDATE places SET name = x'ff'", l), Source{}, "a.gpkg: feature 1 (id a): name a row of bytes in a column of type text; accepted: a text, a number or nothing"},
		{"no geometry", altered(t, "UPDATE places SET geom = 'POINT (1 2)'", l), Source{}, "a.gpkg: feature 1 (id a): geometry is not the geometry of a GeoPackage; accepted: bytes that begin with GP"},
		{"id twice", altered(t, "UPDATE places SET id = 'a'", l), Source{}, "a.gpkg: feature 2: id is \"a\": the id of feature 1 too; accepted: an id that differs in every feature"},
		{"no id", written(t, l, GeoPackage), Source{ID: "nme"}, `a.gpkg: id names column "nme", which is not there, did you mean "name"?; there are: id, pop, ok, name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(context.Background(), strings.NewReader(c.input), "a.gpkg", c.source, Limits{})
			var input *InputError
			if !errors.As(err, &input) || got != nil || !strings.HasPrefix(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// Whatever table is read is a table: one that is a view or virtual is taken for none, and
// nothing that it would compute is computed. What stands for the view here ends at once.
func TestGeoPackageReadsTablesAlone(t *testing.T) {
	base := places(t)
	for _, name := range []string{"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "gpkg_metadata", "gpkg_metadata_reference", "gpkg_data_columns"} {
		moved := fmt.Sprintf("ALTER TABLE %[1]s RENAME TO x; CREATE VIEW %[1]s AS SELECT * FROM x WHERE abs(-9223372036854775808) > 0", name)
		l, err := Read(context.Background(), strings.NewReader(altered(t, moved, base)), "a.gpkg", Source{}, Limits{})
		if err != nil && strings.Contains(err.Error(), "overflow") || err == nil && l.Len() != base.Len() {
			t.Errorf("%s as a view: %v", name, err)
		}
		needed := name == "gpkg_contents" || name == "gpkg_spatial_ref_sys" || name == "gpkg_geometry_columns"
		if needed != (err != nil) {
			t.Errorf("%s as a view: %v", name, err)
		}
		virtual := fmt.Sprintf("DROP TABLE %[1]s; CREATE VIRTUAL TABLE %[1]s USING rtree(id, a, b)", name)
		if _, err := Read(context.Background(), strings.NewReader(altered(t, virtual, base)), "a.gpkg", Source{}, Limits{}); needed != (err != nil) {
			t.Errorf("%s as a virtual table: %v", name, err)
		}
	}
	view := altered(t, "ALTER TABLE places RENAME TO x; CREATE VIEW places AS SELECT * FROM x", base)
	if _, err := Read(context.Background(), strings.NewReader(view), "a.gpkg", Source{}, Limits{Tables: true}); err == nil || !strings.Contains(err.Error(), "a view, which is not read here") {
		t.Errorf("%v", err)
	}
	if l, err := Read(context.Background(), strings.NewReader(view), "a.gpkg", Source{}, Limits{}); err != nil || l.Len() != base.Len() {
		t.Errorf("%v", err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(done, strings.NewReader(written(t, base, GeoPackage)), "a.gpkg", Source{}, Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// What other programs write is read: other systems, types and keys.
func TestGeoPackageOfOthers(t *testing.T) {
	l := places(t)
	got := func(statements string, s Source) *geo.Layer {
		t.Helper()
		m, err := Read(context.Background(), strings.NewReader(altered(t, statements, l)), "a.gpkg", s, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := got("DELETE FROM gpkg_metadata; DELETE FROM gpkg_metadata_reference; UPDATE places SET id = 'z', fid = fid + 10; ALTER TABLE places ADD COLUMN d DATE; UPDATE places SET d = '2020-01-02'; ALTER TABLE places ADD COLUMN b BLOB; ALTER TABLE places ADD COLUMN n NUMERIC; UPDATE places SET n = 9007199254740995", Source{})
	if m.ID(0) != "1" { // a column id that is not unique
		t.Errorf("id %s", m.ID(0))
	}
	if c, _ := m.Column("d"); c.Type != geo.Text || c.Text(0) != "2020-01-02" {
		t.Errorf("date %v %q", c.Type, c.Text(0))
	}
	if c, _ := m.Column("n"); c.Type != geo.Text || c.Text(1) != "9007199254740995" {
		t.Errorf("large number %v %q", c.Type, c.Text(1))
	}
	if _, ok := m.Column("b"); ok || len(m.Notes) != 2 {
		t.Errorf("blob: %v", m.Notes)
	}
	m = got("DELETE FROM gpkg_metadata; DELETE FROM gpkg_metadata_reference; ALTER TABLE places DROP COLUMN id; UPDATE places SET fid = fid + 10", Source{})
	if m.ID(0) != "11" || len(m.Fields()) != 3 {
		t.Errorf("id %s, fields %v", m.ID(0), m.Fields())
	}
	if m = got("", Source{ID: "name", Geometry: "none"}); m.ID(0) != "Zürich" || !m.IsTable() {
		t.Errorf("id %s", m.ID(0))
	}
	// Zürich in metres of Web Mercator, with an altitude.
	point := binary.LittleEndian.AppendUint32([]byte{1}, 1001)
	for _, v := range []float64{950961.6, 6004030.5, 408} {
		point = binary.LittleEndian.AppendUint64(point, math.Float64bits(v))
	}
	blob := append([]byte("GP\x00\x01\x11\x0f\x00\x00"), point...)
	const hex = "0123456789abcdef"
	var text strings.Builder
	for _, b := range blob {
		text.WriteByte(hex[b>>4])
		text.WriteByte(hex[b&15])
	}
	m = got("INSERT INTO gpkg_spatial_ref_sys VALUES ('Pseudo-Mercator', 3857, 'EPSG', 3857, '', ''); UPDATE gpkg_geometry_columns SET srs_id = 3857; UPDATE places SET geom = x'"+text.String()+"'", Source{})
	if p := m.Point(0); math.Abs(p[0]-8.5426) > 1e-3 || math.Abs(p[1]-47.3769) > 1e-2 || len(m.Notes) != 2 {
		t.Errorf("at %v, %v", p, m.Notes)
	}
}

func TestTables(t *testing.T) {
	l := places(t)
	table, err := geo.NewTable(geo.About{Name: "Bands", Title: "Travel bands"}, nil, geo.Integers(geo.Field{Name: "n"}, []float64{1}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Tables(context.Background(), strings.NewReader(altered(t, "", l, table, l)), "a.gpkg", Limits{})
	want := []Table{{"Bands", "Travel bands", "", 1}, {"places", "places", "POINT", 2}, {"places_2", "places_2", "POINT", 2}}
	if err != nil || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %v, %v", got, err)
	}
}

// A file that an editor still has changes beside is refused, not read without
// them.
func TestGeoPackageWithLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gpkg")
	for name, content := range map[string]string{path: written(t, places(t), GeoPackage), path + "-wal": "changes"} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := NewCatalog(filepath.Dir(path), map[string]Source{"a": {File: "a.gpkg"}})
	if _, err := c.Layer(context.Background(), "a"); err == nil || !strings.Contains(err.Error(), "has changes beside it, in a.gpkg-wal") {
		t.Error(err)
	}
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Layer(context.Background(), "a"); err != nil {
		t.Error(err)
	}
	files, err := c.Digest("a")
	if info, _ := os.Stat(path); err != nil || files[0].Bytes != info.Size() {
		t.Errorf("%v, %v", files, err)
	}
}

// Reading a GeoPackage ends with its context.
func TestGeoPackageCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, bytes.NewReader([]byte(written(t, places(t), GeoPackage))), "a.gpkg", Source{}, Limits{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
