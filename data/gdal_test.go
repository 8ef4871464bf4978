package data

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// gdal runs a program of GDAL and gives what it prints.
func gdal(t testing.TB, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("SKIPPED: no %s, GDAL's, to compare with; install gdal-bin", name)
	}
	var out, log bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &out, &log
	if err := c.Run(); err != nil || strings.Contains(log.String(), "ERROR") || strings.Contains(log.String(), "Warning") {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, log.String())
	}
	return out.String()
}

// save writes text into a file of its own.
func save(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// asGDAL is a layer of a file as GDAL reads it, with all digits.
func asGDAL(t testing.TB, path, layer string, options ...string) *geo.Layer {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.geojson")
	gdal(t, "ogr2ogr", append([]string{"-f", "GeoJSON", out, path, layer, "-lco", "COORDINATE_PRECISION=17", "-lco", "SIGNIFICANT_FIGURES=17", "-lco", "WRITE_NAME=NO"}, options...)...)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Read(context.Background(), bytes.NewReader(text), "gdal.geojson", Source{}, Limits{})
	if err != nil {
		t.Fatalf("%v\n%.1000s", err, text)
	}
	return l
}

// sameShapes compares the values of a column of GDAL's reading and the shapes
// with a layer, coordinates to 1e-12 degrees.
func sameShapes(t testing.TB, l, m *geo.Layer, fields map[string]string) {
	t.Helper()
	if l.Len() != m.Len() {
		t.Errorf("%d rows, GDAL has %d", l.Len(), m.Len())
		return
	}
	for i := range l.Len() {
		if l.Located(i) != m.Located(i) {
			t.Errorf("row %d: located %v, GDAL %v", i, l.Located(i), m.Located(i))
			return
		}
		var a, b []orb.Point
		for p := range positions(l.Shape(i)) {
			a = append(a, p)
		}
		for p := range positions(m.Shape(i)) {
			b = append(b, p)
		}
		if !l.Located(i) {
			a = nil
		}
		if _, ok := l.Shape(i).(orb.Bound); ok {
			continue
		}
		if len(a) != len(b) {
			t.Errorf("row %d: %d positions, GDAL has %d", i, len(a), len(b))
			return
		}
		for k := range a {
			if math.Abs(a[k][0]-b[k][0]) > 1e-12 || math.Abs(a[k][1]-b[k][1]) > 1e-12 {
				t.Errorf("row %d: %v, GDAL has %v", i, a[k], b[k])
				return
			}
		}
	}
	for ours, theirs := range fields {
		a, _ := l.Column(ours)
		b, ok := m.Column(theirs)
		if !ok {
			t.Errorf("GDAL has no field %s, but %v", theirs, m.Fields())
			continue
		}
		for i := range l.Len() {
			if a.Null(i) != b.Null(i) || !a.Null(i) && !sameValue(a.Value(i), b.Value(i)) {
				t.Errorf("field %s row %d: %v, GDAL has %v", ours, i, a.Value(i), b.Value(i))
				break
			}
		}
	}
}

// sameValue compares across types: GDAL may make 1 of 1.0 or true.
func sameValue(a, b any) bool {
	return a == b || fmt.Sprint(a) == fmt.Sprint(b) || a == true && b == int64(1) || a == false && b == int64(0)
}

var (
	gdalField  = regexp.MustCompile(`(?m)^(\S.*): (Integer64|Integer\(Boolean\)|Real|String)(?: \(\d+\.\d+\))?$`)
	gdalCount  = regexp.MustCompile(`(?m)^Feature Count: (\d+)$`)
	gdalExtent = regexp.MustCompile(`(?m)^Extent: \((.*), (.*)\) - \((.*), (.*)\)$`)
)

// GDAL reads what we write: the count, the types of the fields, the
// box, every value and every position.
func TestGDALReadsGeoPackage(t *testing.T) {
	types := map[geo.Type]string{geo.Integer: "Integer64", geo.Number: "Real", geo.Bool: "Integer(Boolean)", geo.Text: "String"}
	for name, l := range trying(t) {
		t.Run(name, func(t *testing.T) {
			path := save(t, "a.gpkg", written(t, l, GeoPackage))
			k := keep(l, gpkgID, gpkgGeometry)
			info := gdal(t, "ogrinfo", "-so", path, l.Name)
			if m := gdalCount.FindStringSubmatch(info); m == nil || m[1] != fmt.Sprint(l.Len()) {
				t.Errorf("count %v, want %d", m, l.Len())
			}
			found := gdalField.FindAllStringSubmatch(info, -1)
			if k.ID != "" {
				found = found[1:]
			}
			fields := map[string]string{}
			for i, f := range l.Fields() {
				if i >= len(found) || found[i][1] != k.Fields[i].Column || found[i][2] != types[f.Type] {
					t.Errorf("field %d %+v: GDAL has %q", i, f, found)
					break
				}
				if !strings.EqualFold(f.Name, "fid") { // GDAL's GeoJSON takes it for the id
					fields[f.Name] = k.Fields[i].Column
				}
			}
			if name == "texts" || l.Len() == 0 {
				return // GDAL's own GeoJSON does not keep these
			}
			if b := bounds(l); b.Min[0] <= b.Max[0] {
				want := fmt.Sprintf("[%.6f %.6f %.6f %.6f]", b.Min[0], b.Min[1], b.Max[0], b.Max[1])
				if m := gdalExtent.FindStringSubmatch(info); m == nil || fmt.Sprint(m[1:]) != want {
					t.Errorf("box %v, want %s", m, want)
				}
			}
			sameShapes(t, l, asGDAL(t, path, l.Name), fields)
		})
	}
}

func bounds(l *geo.Layer) orb.Bound {
	b := nothingInside
	for i := range l.Rows() {
		b = b.Union(l.Shape(i).Bound())
	}
	return b
}

// We read what GDAL writes of our GeoJSON: the real layers come back as they
// went.
func TestReadWhatGDALWrites(t *testing.T) {
	dir := shared(t)
	for _, file := range []string{"us-states.geojson", "ca-healthregions.geojson", "europe-nuts2.geojson", "it-province.geojson", "europe-hospitals.geojson", "us-hospitals.geojson"} {
		t.Run(file, func(t *testing.T) {
			l := fromDisk(t, filepath.Join(dir, file), Source{})
			out := filepath.Join(t.TempDir(), "a.gpkg")
			gdal(t, "ogr2ogr", "-f", "GPKG", out, filepath.Join(dir, file))
			sameRead(t, l, fromDisk(t, out, Source{}))
		})
	}
}

func fromDisk(t testing.TB, path string, s Source) *geo.Layer {
	t.Helper()
	s.File = filepath.Base(path)
	l, err := NewCatalog(filepath.Dir(path), map[string]Source{"l": s}).Layer(context.Background(), "l")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sameRead compares values and shapes, not the ids and types of columns
// without a value, which GDAL chooses.
func sameRead(t testing.TB, l, m *geo.Layer) {
	t.Helper()
	fields := map[string]string{}
	for _, f := range l.Fields() {
		fields[f.Name] = f.Name
	}
	sameShapes(t, l, m, fields)
}

// GDAL reads the real layers from our GeoPackage as they are.
func TestGDALReadsSharedLayers(t *testing.T) {
	dir := shared(t)
	if testing.Short() {
		t.Skip("SKIPPED: slow, without -short only")
	}
	for file := range figures {
		t.Run(file, func(t *testing.T) {
			l := fromDisk(t, filepath.Join(dir, file), Source{})
			path := save(t, "a.gpkg", written(t, l, GeoPackage))
			m := asGDAL(t, path, l.Name)
			sameRead(t, l, m)
		})
	}
}

// GDAL's checker of the requirements of OGC 12-128 finds nothing in our files.
func TestGeoPackageConforms(t *testing.T) {
	const check = `import sys
from osgeo_utils.samples import validate_gpkg
for path in sys.argv[1:]:
    for fault in validate_gpkg.check(path, extra_checks=True) or []:
        print(path, fault)`
	const python = "/usr/bin/python3" // the one that Debian's GDAL belongs to
	if exec.Command(python, "-c", "from osgeo_utils.samples import validate_gpkg").Run() != nil {
		t.Skip("SKIPPED: no checker of GeoPackage; install python3-gdal")
	}
	args := []string{"-c", check}
	var all []*geo.Layer
	for name, l := range trying(t) {
		args = append(args, save(t, name+".gpkg", written(t, l, GeoPackage)))
		all = append(all, l.Named(geo.About{Name: name}))
	}
	var together bytes.Buffer
	if err := WriteGeoPackage(&together, all...); err != nil {
		t.Fatal(err)
	}
	args = append(args, save(t, "all.gpkg", together.String()))
	out, err := exec.Command(python, args...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
