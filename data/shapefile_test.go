package data

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// zipped is a ZIP archive of the files.
func zipped(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shpOf is a .shp file of records.
func shpOf(records ...[]byte) string {
	b := make([]byte, 100)
	binary.BigEndian.PutUint32(b, 9994)
	for i, r := range records {
		b = binary.BigEndian.AppendUint32(b, uint32(i+1))
		b = binary.BigEndian.AppendUint32(b, uint32(len(r)/2))
		b = append(b, r...)
	}
	binary.BigEndian.PutUint32(b[24:], uint32(len(b)/2))
	return string(b)
}

func shpPoint(x, y float64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 1)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(y))
}

func shpPolygon(rings ...orb.Ring) []byte {
	b := make([]byte, 44)
	b[0] = 5
	binary.LittleEndian.PutUint32(b[36:], uint32(len(rings)))
	n := 0
	for _, r := range rings {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
		n += len(r)
	}
	binary.LittleEndian.PutUint32(b[40:], uint32(n))
	for _, r := range rings {
		for _, p := range r {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[0]))
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[1]))
		}
	}
	return b
}

// dbfOf is a .dbf file: fields such as "NAME C10" or "N N9.2", then records.
func dbfOf(codepage byte, fields []string, records ...string) string {
	b := make([]byte, 32)
	b[0], b[29] = 3, codepage
	size := 1
	for _, f := range fields {
		name, kind, _ := strings.Cut(f, " ")
		d := make([]byte, 32)
		copy(d, name)
		d[11] = kind[0]
		width, decimals := 0, 0
		for i, part := range strings.Split(kind[1:], ".") {
			for _, c := range part {
				if i == 0 {
					width = 10*width + int(c-'0')
				} else {
					decimals = 10*decimals + int(c-'0')
				}
			}
		}
		d[16], d[17] = byte(width), byte(decimals)
		size += width
		b = append(b, d...)
	}
	b = append(b, 0x0d)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(records)))
	binary.LittleEndian.PutUint16(b[8:], uint16(len(b)))
	binary.LittleEndian.PutUint16(b[10:], uint16(size))
	return string(b) + strings.Join(records, "") + "\x1a"
}

const (
	prjWGS84 = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	prjUTM   = `PROJCS["ETRS_1989_UTM_Zone_32N",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"]]`
)

func TestShapefile(t *testing.T) {
	fields := []string{"NAME C8", "N N5", "X N8.2", "D D8", "OK L1", "MEMO M10"}
	memo := strings.Repeat(" ", 10)
	records := []string{
		" " + "Z\xfcrich  " + "   12" + "    1.50" + "20200102" + "T" + memo,
		" " + "Caf\xe9 \x80  " + "*****" + "        " + "00000000" + "?" + memo,
		"*" + "gone    " + "    1" + "    1.00" + "20200102" + "F" + memo,
	}
	l := read(t, "a.zip", zipped(t, map[string]string{"x/a.SHP": shpOf(shpPoint(8.5, 47.4), []byte{0, 0, 0, 0}, shpPoint(1, 2)),
		"x/a.dbf": dbfOf(0x57, fields, records...), "x/a.prj": prjWGS84, "x/a.shx": "any", "__MACOSX/x/._a.shp": "any"}), Source{})
	want := "Zürich Café € 12  1.5  2020-01-02  true  "
	var got strings.Builder
	for _, c := range l.Columns() {
		got.WriteString(c.Text(0) + " " + c.Text(1) + " ")
	}
	if got.String() != want || l.Len() != 2 || l.Located(1) || l.Point(0) != (orb.Point{8.5, 47.4}) || len(l.Notes) != 1 {
		t.Errorf("got %q, %d rows, %v", got.String(), l.Len(), l.Notes)
	}
	types := ""
	for _, f := range l.Fields() {
		types += f.Type.String() + " "
	}
	if types != "text integer number text bool " {
		t.Error(types)
	}
	// Rings: two outer ones, a hole in each, and an island in a hole.
	turn := func(r orb.Ring) orb.Ring { r = r.Clone(); r.Reverse(); return r }
	box := func(x, size float64) orb.Ring { // anticlockwise
		return orb.Ring{{x, x}, {x + size, x}, {x + size, x + size}, {x, x + size}, {x, x}}
	}
	rings := []orb.Ring{box(3, 4), turn(box(0, 10)), turn(box(4, 2)), turn(box(20, 5)), box(21, 1), box(40, 1)}
	l = read(t, "a.zip", zipped(t, map[string]string{"a.shp": shpOf(shpPolygon(rings...)), "a.prj": prjWGS84}), Source{})
	if want := (orb.MultiPolygon{{rings[1], rings[0]}, {rings[2]}, {rings[3], rings[4]}, {rings[5]}}); !orb.Equal(l.Shape(0), want) {
		t.Errorf("got %v, want %v", l.Shape(0), want)
	}
	for cpg, text := range map[string]string{"UTF-8": "Zürich", "ISO-8859-1": "Z\xfcrich", "1252": "Z\xfcrich", "": "Zürich"} {
		l = read(t, "a.zip", zipped(t, map[string]string{"a.shp": shpOf(shpPoint(1, 2)), "a.cpg": cpg, "a.dbf": dbfOf(0, []string{"NAME C10"}, " "+text+strings.Repeat(" ", 10-len(text))), "a.prj": prjWGS84}), Source{})
		if c := l.Columns()[0]; c.Text(0) != "Zürich" {
			t.Errorf("%s: %q", cpg, c.Text(0))
		}
	}
}

func TestShapefileRefuses(t *testing.T) {
	shp, dbf := shpOf(shpPoint(1, 2)), dbfOf(0, []string{"N N5"}, "     1")
	with := func(name, content string) string {
		files := map[string]string{"a.shp": shp, "a.dbf": dbf, "a.prj": prjWGS84}
		files[name] = content
		return zipped(t, files)
	}
	for _, c := range []struct {
		name, input string
		source      Source
		want        string
	}{
		{"no archive", shp, Source{}, "a.zip: is a .shp file; accepted: a shapefile in a ZIP archive"},
		{"nothing in it", zipped(t, map[string]string{"a.pdf": ""}), Source{}, "a.zip: holds no file that can be read; accepted: " + acceptZIP},
		{"two", with("b.shp", shp), Source{}, "a.zip: holds 2 shapefiles; accepted: the name of one of them as table: a, b"},
		{"another", with("b.shp", shp), Source{Table: "c"}, `a.zip: table is "c": not there, did you mean "a"?; accepted: a, b`},
		{"UTM", with("a.prj", prjUTM), Source{}, `a.zip: crs is "ETRS_1989_UTM_Zone_32N": in metres or feet, but all coordinates look like degrees`},
		{"British grid", with("a.prj", `PROJCS["British_National_Grid",GEOGCS["x"]]`), Source{}, `a.zip: .prj is "British_National_Grid": a system that has no datum with its ellipsoid; accepted: `},
		{"OSGB degrees", with("a.prj", `GEOGCS["GCS_OSGB_1936",DATUM["D_OSGB_1936",SPHEROID["Airy_1830",6377563.396,299.3249646]],UNIT["Degree",0.0174532925199433]]`), Source{}, `a.zip: crs is "GCS_OSGB_1936": not the system of these coordinates: all of them would lie far outside its area`},
		{"encoding", with("a.cpg", "Klingon"), Source{}, `a.zip: .cpg is "Klingon": not an encoding that is read; accepted: such as UTF-8`},
		{"code page", with("a.dbf", dbfOf(0x68, []string{"N N5"}, "     1")), Source{}, `a.zip: .dbf is "0x68": not a code page that is read`},
		{"not UTF-8", zipped(t, map[string]string{"a.shp": shp, "a.dbf": dbfOf(0, []string{"T C3"}, " \xff  "), "a.prj": prjWGS84, "a.cpg": "UTF-8"}), Source{}, `a.zip: feature 1: T is "`},
		{"number", with("a.dbf", dbfOf(0, []string{"N N5"}, "   1,5")), Source{}, `a.zip: feature 1: N is "1,5": not a number; accepted: a decimal number, or nothing`},
		{"date", with("a.dbf", dbfOf(0, []string{"D D8"}, " 2020-1-1")), Source{}, `a.zip: feature 1: D is "2020-1-1": not a date`},
		{"truth", with("a.dbf", dbfOf(0, []string{"L L1"}, " X")), Source{}, `a.zip: feature 1: L is "X": not a truth value`},
		{"cut table", with("a.dbf", dbf[:len(dbf)-4]), Source{}, "a.zip: .dbf announces 1 records and has room for 0: it ends in the middle"},
		{"few records", with("a.shp", shpOf(shpPoint(1, 2), shpPoint(1, 2))), Source{}, "a.zip: .dbf has 1 records, the .shp file has more"},
		{"cut shapes", with("a.shp", shp[:len(shp)-4]), Source{}, "a.zip: .shp announces 128 bytes and has 124: it ends in the middle"},
		{"no shapes", with("a.shp", strings.Repeat("x", 100)), Source{}, "a.zip: .shp does not begin as shapefiles do"},
		{"many positions", with("a.shp", shpOf(append(make([]byte, 36), 0xff, 0xff, 0xff, 0x7f))), Source{}, "a.zip: "},
		{"multipatch", with("a.shp", shpOf([]byte{31, 0, 0, 0})), Source{}, "a.zip: feature 1: .shp has a shape of kind 31, which is not read"},
		{"open ring", with("a.shp", shpOf(shpPolygon(orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 1}}))), Source{}, "a.zip: feature 1: geometry has a ring from 0,0 to 0,1 that is not closed"},
		{"swapped", with("a.shp", shpOf(shpPoint(47.4, 108.5))), Source{}, "a.zip: feature 1: position is \"47.4,108.5\": longitude and latitude look swapped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(context.Background(), strings.NewReader(c.input), "a.zip", c.source, Limits{})
			var input *InputError
			if c.name == "many positions" && err == nil {
				return // zero positions: a shape of none
			}
			if !errors.As(err, &input) || got != nil || !strings.HasPrefix(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// We read the shapefiles that GDAL makes of the real layers, in two encodings.
func TestShapefileOfGDAL(t *testing.T) {
	dir := shared(t)
	for _, file := range []string{"us-states.geojson", "fr-departements.geojson", "es-provincias.geojson", "it-province.geojson", "us-hospitals.geojson"} {
		for _, encoding := range []string{"UTF-8", "ISO-8859-1"} {
			t.Run(file+" "+encoding, func(t *testing.T) {
				if file == "us-hospitals.geojson" && encoding != "UTF-8" {
					t.Skip("its names have dashes that ISO-8859-1 has not")
				}
				l := fromDisk(t, filepath.Join(dir, file), Source{})
				folder := t.TempDir()
				gdal(t, "ogr2ogr", "-f", "ESRI Shapefile", filepath.Join(folder, "a.shp"), filepath.Join(dir, file), "-lco", "ENCODING="+encoding, "-select", shortNames(l))
				files := map[string]string{}
				for _, ext := range []string{".shp", ".dbf", ".prj", ".cpg", ".shx"} {
					b, err := os.ReadFile(filepath.Join(folder, "a"+ext))
					if err != nil {
						t.Fatal(err)
					}
					files["a"+ext] = string(b)
				}
				m := read(t, "a.zip", zipped(t, files), Source{})
				fields := map[string]string{}
				for _, f := range l.Fields() {
					if _, ok := m.Column(f.Name); ok && f.Type != geo.Number { // GDAL rounds to 15 digits
						fields[f.Name] = f.Name
					}
				}
				if len(fields) < 2 {
					t.Errorf("only %v of %v", fields, m.Fields())
				}
				sameArea(t, l, m, fields)
			})
		}
	}
}

// shortNames are the fields whose names a shapefile can hold.
func shortNames(l *geo.Layer) string {
	var names []string
	for _, f := range l.Fields() {
		if len(f.Name) <= 10 && f.Type != geo.Bool {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ",")
}

// sameArea is sameShapes for rings that may come in another order and turned:
// the areas, boxes and counts of positions and parts must be equal.
func sameArea(t *testing.T, l, m *geo.Layer, fields map[string]string) {
	t.Helper()
	if l.Len() != m.Len() {
		t.Fatalf("%d rows, %d", l.Len(), m.Len())
	}
	for i := range l.Len() {
		a, b := l.Shape(i), m.Shape(i)
		if a.Bound() != b.Bound() || polygons(a) != polygons(b) || math.Abs(planar.Area(a)-planar.Area(b)) > 1e-9 {
			t.Errorf("row %d (id %s): %v %v %v, %v %v %v", i, l.ID(i), a.Bound(), polygons(a), planar.Area(a), b.Bound(), polygons(b), planar.Area(b))
			return
		}
	}
	for ours, theirs := range fields {
		a, _ := l.Column(ours)
		b, _ := m.Column(theirs)
		for i := range l.Len() {
			if !sameValue(a.Value(i), b.Value(i)) && !(a.Type == geo.Text && a.Text(i) == b.Text(i)) {
				t.Errorf("field %s row %d: %v, %v", ours, i, a.Value(i), b.Value(i))
				break
			}
		}
	}
}

// polygons counts polygons and rings.
func polygons(g orb.Geometry) [2]int {
	switch g := g.(type) {
	case orb.Polygon:
		return [2]int{1, len(g)}
	case orb.MultiPolygon:
		n := [2]int{len(g), 0}
		for _, p := range g {
			n[1] += len(p)
		}
		return n
	}
	return [2]int{}
}

func FuzzShapefile(f *testing.F) {
	f.Add([]byte(shpOf(shpPoint(1, 2), shpPolygon(square))), []byte(dbfOf(0, []string{"N N5", "D D8", "T C3", "L L1", "X N8.2"}, "     120200102abcT    1.50", "     120200102abcT    1.50")))
	f.Add([]byte(shpOf(shpPolygon(square, square), []byte{0, 0, 0, 0})), []byte(dbfOf(3, []string{"N N5"}, "     1", "*    1")))
	f.Fuzz(func(t *testing.T, shp, dbf []byte) {
		fuzzRead(t, []byte(zipped(t, map[string]string{"a.shp": string(shp), "a.dbf": string(dbf), "a.prj": prjWGS84})), Shapefile)
	})
}
