package data

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// foreign is a file of the shared cases of other people's files.
func foreign(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("CARESHED_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	file := filepath.Join(dir, "cases", "foreign", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("SKIPPED: no %s; set CARESHED_SHARED", file)
	}
	return file
}

// foreignLayer reads a shared case.
func foreignLayer(t testing.TB, name string, s Source) (*geo.Layer, error) {
	t.Helper()
	f, err := os.Open(foreign(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return Read(context.Background(), f, filepath.Base(name), s, Limits{})
}

// rowOf is what a layer says of a row: id, position to a decimal of 1e-7, values.
func rowOf(l *geo.Layer, i int) string {
	text := l.ID(i)
	if !l.IsTable() && l.Located(i) {
		if p, ok := l.Shape(i).(orb.Point); ok {
			text += fmt.Sprintf(" %s,%s", appendDegrees(nil, p[0]), appendDegrees(nil, p[1]))
		} else {
			text += " " + l.Shape(i).GeoJSONType()
		}
	}
	for _, c := range l.Columns() {
		if c.Name == "id" {
			continue
		}
		text += " " + c.Name + "=" + c.Text(i)
	}
	return text
}

// told reports whether a note of a layer holds words.
func told(l *geo.Layer, words string) bool {
	for _, n := range l.Notes {
		if strings.Contains(n, words) {
			return true
		}
	}
	return false
}

// Files as other people's programs wrote them, with the row that is right and
// the words that must stand in a note.
func TestForeignFiles(t *testing.T) {
	const taken = "its coordinates were taken for WGS84 degrees"
	for _, c := range []struct{ file, row, note string }{
		{"09-web-mercator-by-name-only/cm150.zip", "1 -31.56,-18.14 code=SUV population=1000", "WGS_1984_Web_Mercator_Auxiliary_Sphere"},
		{"09-web-mercator-by-name-only/cm180.zip", "1 -1.56,-18.14 code=SUV population=1000", "converted"},
		{"09-web-mercator-by-name-only/fe.zip", "1 -1.56,-18.14 code=SUV population=1000", "converted"},
		{"09-web-mercator-by-name-only/feet.zip", "1 54.3886208,-5.6148288 code=SUV population=1000", "converted"},
		{"09-web-mercator-by-name-only/prime-meridian-180.zip", "1 -1.56,-18.14 code=SUV population=1000", "converted"},
		{"f01-parquet-native-crs-ignored/mercator-v2.parquet", "m0 9.9999999,45.0000001 population=1000", "Web Mercator"},
		{"f01-parquet-native-crs-ignored/osgb36-v2.parquet", "f0 -0.1292063,51.5077103 population=1000", "right to 2 metres"},
		{"f01-parquet-native-crs-ignored/paris-grads-v2.parquet", "f0 2.3481161,48.8533707 population=1000", "NTF (Paris)"},
		{"f02-parquet-native-crs-refused/crs84-native.parquet", "m0 10,45 population=1000", ""},
		{"f02-parquet-native-crs-refused/mercator-native.parquet", "m0 9.9999999,45.0000001 population=1000", "Web Mercator"},
		{"f02-parquet-native-crs-refused/n_epsg4269.parquet", "a 10,45 population=10", "NAD83"},
		{"f02-parquet-native-crs-refused/n_inl4326.parquet", "a 10,45 population=10", ""},
		{"f02-parquet-native-crs-refused/n_projjsonkey.parquet", "a 10,45 population=10", ""},
		{"f02-parquet-native-crs-refused/n_srid0.parquet", "a 10,45 population=10", taken},
		{"f02-parquet-native-crs-refused/n_srid4326.parquet", "a 10,45 population=10", ""},
		{"f03-parquet-wide-integers/cells_dec.parquet", "1 12.49,41.9 s2=9926594390645424128 h3d=613155289766364135 population=1000", ""},
		{"f04-parquet-decimal-uuid-time/sumdec.parquet", "0 10,45 population=13.5", ""},
		{"f04-parquet-decimal-uuid-time/time.parquet", "0 10,45 population=10 opens=10:11:12", ""},
		{"f07-unknown-crs-no-note/g_crsnull.parquet", "a 10,45 population=10", taken},
		{"f07-unknown-crs-no-note/srs0.gpkg", "", taken},
		{"f07-unknown-crs-no-note/srsm1.gpkg", "", taken},
		{"f07-unknown-crs-no-note/noprj.zip", "", taken},
		{"f09-geojson-crs/n4269.geojson", "", "NAD83"},
		{"f09-geojson-crs/n4269.gpkg", "", "NAD83"},
		{"f09-geojson-crs/sf3857.geojson", "", "Web Mercator"},
		{"f13-geography/n_geog.parquet", "a 10,45 population=10", "great circles"},
		{"g01-geojson-wgs84-with-heights/direct.geojson", "", "Altitudes"},
		{"g01-geojson-wgs84-with-heights/h.geojson", "", "Altitudes"},
		{"g01-geojson-wgs84-with-heights/hshp.zip", "", "Altitudes"},
		{"g01-geojson-wgs84-with-heights/z.gpkg", "", "Altitudes"},
		{"g02-geojson-heights-without-note/h.geojsonl", "", "Altitudes"},
		{"g02-geojson-heights-without-note/z.csv", "", "Altitudes"},
		{"g08-float32/f32.parquet", "", ""},
		{"16-go-types-in-messages/crswkt.parquet", "a 12.5,41.9 population=1000", ""},
		{"16-go-types-in-messages/crs4326str.parquet", "a 12.5,41.9 population=1000", ""},
		{"19-empty-and-odd-files/nogeo.parquet", "", "looks like shapes (WKB)"},
	} {
		t.Run(c.file, func(t *testing.T) {
			l, err := foreignLayer(t, c.file, Source{})
			if err != nil {
				t.Fatal(err)
			}
			got := rowOf(l, 0)
			if c.row != "" && got != c.row && !strings.HasSuffix(got, strings.SplitN(c.row, " ", 2)[1]) {
				t.Errorf("got  %s\nwant %s", got, c.row)
			}
			if !told(l, c.note) && c.note != "" || c.note == "" && len(l.Notes) > 0 {
				t.Errorf("notes %q, want %q", l.Notes, c.note)
			}
		})
	}
}

// An empty layer reads the same from every format.
func TestForeignEmptyShapes(t *testing.T) {
	var want string
	for _, file := range []string{"e.csv", "eo.gpkg", "eo.geojson"} {
		l, err := foreignLayer(t, "g03-empty-shapes-geojson/"+file, Source{})
		if err != nil {
			t.Fatal(err)
		}
		var located []bool
		for i := range l.Len() {
			located = append(located, l.Located(i))
		}
		if got := fmt.Sprint(located, l.Point(1)); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
	for _, g := range []string{`{"type":"MultiPolygon","coordinates":[[[]]]}`, `{"type":"LineString","coordinates":[ ]}`, `{"type":"GeometryCollection","geometries":[]}`} {
		l := read(t, "a.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":`+g+`},{"type":"Feature","properties":{"a":2},"geometry":{"type":"Point","coordinates":[9,45]}}]}`, Source{})
		if l.Len() != 2 || l.Located(0) || !l.Located(1) {
			t.Errorf("%s: %v", g, l)
		}
	}
}

const gcsWGS84 = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// The same place in one system, in every way that a definition is written.
func TestOneSystemInEveryForm(t *testing.T) {
	forms := []string{"EPSG:27700", "urn:ogc:def:crs:EPSG::27700", "urn:ogc:def:crs:EPSG:6.9:27700", "http://www.opengis.net/def/crs/EPSG/0/27700",
		"https://www.opengis.net/def/crs/EPSG/9.9.1/27700", "http://www.opengis.net/gml/srs/epsg.xml#27700", "[EPSG:27700]", "epsg:27700", "srid:27700", "27700",
		"urn:ogc:def:crs,crs:EPSG::27700,crs:EPSG::5701", "EPSG:27700+5701", "EPSG:7405",
		`PROJCS["British_National_Grid",GEOGCS["GCS_OSGB_1936",DATUM["D_OSGB_1936",SPHEROID["Airy_1830",6377563.396,299.3249646]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",400000.0],PARAMETER["False_Northing",-100000.0],PARAMETER["Central_Meridian",-2.0],PARAMETER["Scale_Factor",0.9996012717],PARAMETER["Latitude_Of_Origin",49.0],UNIT["Meter",1.0]]`,
		`PROJCRS["a name that says nothing",BASEGEOGCRS["OSGB36",DATUM["Ordnance Survey of Great Britain 1936",ELLIPSOID["Airy 1830",6377563.396,299.3249646,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]],CONVERSION["British National Grid",METHOD["Transverse Mercator",ID["EPSG",9807]],PARAMETER["Latitude of natural origin",49,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural origin",-2,ANGLEUNIT["degree",0.0174532925199433]],PARAMETER["Scale factor at natural origin",0.9996012717,SCALEUNIT["unity",1]],PARAMETER["False easting",400000,LENGTHUNIT["metre",1]],PARAMETER["False northing",-100000,LENGTHUNIT["metre",1]]],CS[Cartesian,2],AXIS["(E)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["metre",1]]]`,
		`{"type":"ProjectedCRS","name":"x","base_crs":{"name":"OSGB36","datum":{"type":"GeodeticReferenceFrame","name":"Ordnance Survey of Great Britain 1936","ellipsoid":{"name":"Airy 1830","semi_major_axis":6377563.396,"inverse_flattening":299.3249646}},"coordinate_system":{"subtype":"ellipsoidal","axis":[{"name":"lat","abbreviation":"","direction":"north","unit":"degree"},{"name":"lon","abbreviation":"","direction":"east","unit":"degree"}]}},"conversion":{"name":"British National Grid","method":{"name":"Transverse Mercator"},"parameters":[{"name":"Latitude of natural origin","value":49,"unit":"degree"},{"name":"Longitude of natural origin","value":-2,"unit":"degree"},{"name":"Scale factor at natural origin","value":0.9996012717,"unit":"unity"},{"name":"False easting","value":400,"unit":{"type":"LinearUnit","name":"kilometre","conversion_factor":1000}},{"name":"False northing","value":-100000,"unit":"metre"}]},"coordinate_system":{"subtype":"Cartesian","axis":[{"name":"E","abbreviation":"E","direction":"east","unit":"metre"},{"name":"N","abbreviation":"N","direction":"north","unit":"metre"}]}}`,
	}
	for _, form := range forms {
		s := systemOfText(form)
		tab := newTable("x", Source{}, Limits{}.withDefaults())
		if problem := tab.use(s); problem != "" || tab.crs == nil {
			t.Errorf("%.60s: %s", form, problem)
			continue
		}
		lon, lat, problem := tab.crs.degrees(530034, 180381)
		if d := apart([2]float64{lon, lat}, [2]float64{-0.12772401, 51.50740693}); problem != "" || d > 0.01 {
			t.Errorf("%.60s: %.8f, %.8f %s, %g m off", form, lon, lat, problem, d)
		}
	}
}

// Parameters that differ from what the name promises are believed; what cannot
// be is refused by name.
func TestDefinitionsDecide(t *testing.T) {
	mercator := func(parameters, unit string) string {
		return `PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",` + gcsWGS84 + `,PROJECTION["Mercator_Auxiliary_Sphere"],` + parameters + `,` + unit + `]`
	}
	const metre = `UNIT["Meter",1.0]`
	for _, c := range []struct {
		text     string
		x, y     float64
		lon, lat float64
		problem  string
	}{
		{mercator(`PARAMETER["Central_Meridian",100]`, metre), 1113194.9079327357, 0, 110, 0, ""},
		{mercator(`PARAMETER["False_Northing",-1000]`, metre), 0, -1000, 0, 0, ""},
		{mercator(`PARAMETER["Auxiliary_Sphere_Type",1]`, metre), 0, 0, 0, 0, "Auxiliary_Sphere_Type"},
		{mercator(`PARAMETER["Latitude_Of_Center",7]`, metre), 0, 0, 0, 0, "parameters that its projection does not allow"},
		{mercator(`PARAMETER["False_Easting",0]`, `UNIT["Foot",0.3048]`), 1113194.9079327357 / 0.3048, 0, 10, 0, ""},
		{`GEOGCS["NTF (Paris)",DATUM["Nouvelle_Triangulation_Francaise_Paris",SPHEROID["Clarke 1880 (IGN)",6378249.2,293.466021293627]],PRIMEM["Paris",2.33722917],UNIT["grad",0.01570796326794897]]`, 0.0129, 54.2816, 2.3481161, 48.8533707, ""},
		{`GEOGCS["Monte Mario (Rome)",DATUM["Monte_Mario_Rome",SPHEROID["International 1924",6378388,297]],PRIMEM["Rome",12.45233333333333],UNIT["degree",0.0174532925199433]]`, 0, 41.9, 12.4521531, 41.9006481, ""},
		{`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Ferro",-17.66666666666667],UNIT["Degree",0.0174532925199433]]`, 27.66666666666667, 45, 10, 45, ""},
		{`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Radian",1]]`, math.Pi / 18, math.Pi / 4, 10, 45, ""},
		{`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["Airy_1830",6377563.396,299.3249646]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`, 0, 0, 0, 0, "another ellipsoid"},
		{`GEOGCS["Moon",DATUM["D_Moon_2000",SPHEROID["Moon",1737400,0]],PRIMEM["x",0],UNIT["Degree",0.0174532925199433]]`, 0, 0, 0, 0, "D_Moon_2000"},
		{`GEOGCS["mine",DATUM["mine",SPHEROID["Bessel 1841",6377397.155,299.1528128],TOWGS84[598.1,73.7,418.2,0.202,0.045,-2.455,6.7]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`, 13.4, 52.5, 13.3982585, 52.4985953, ""},
		{`GEOCCS["x",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["metre",1]]`, 0, 0, 0, 0, "GEOCCS"},
		{`PROJCS["x",` + gcsWGS84 + `,PROJECTION["Transverse_Mercator"],PARAMETER["Central_Meridian",9],UNIT["Meter",1.0],AXIS["Westing",WEST],AXIS["Southing",SOUTH]]`, 0, 0, 0, 0, "points west"},
		{`PROJCS["Bern",` + gcsWGS84 + `,PROJECTION["Hotine_Oblique_Mercator"],UNIT["Meter",1.0]]`, 0, 0, 0, 0, "Hotine_Oblique_Mercator"},
		{`PROJCS["x",GEOGCS["x"`, 0, 0, 0, 0, "not well-known text"},
	} {
		s := systemOfText(c.text)
		tab := newTable("x", Source{}, Limits{}.withDefaults())
		problem := tab.use(s)
		if c.problem != "" {
			if !strings.Contains(problem, c.problem) {
				t.Errorf("%.200s: %q, want %q", c.text, problem, c.problem)
			}
			continue
		}
		if problem != "" || tab.crs == nil {
			t.Errorf("%.200s: %s", c.text, problem)
			continue
		}
		lon, lat, problem := tab.crs.degrees(c.x, c.y)
		if d := apart([2]float64{lon, lat}, [2]float64{c.lon, c.lat}); problem != "" || d > 0.02 {
			t.Errorf("%.200s: %.7f, %.7f %s", c.text, lon, lat, problem)
		}
	}
}

// Forms with heights are their flat ones, with a note; a system may stand behind
// the features.
func TestSystemsOfGeoJSON(t *testing.T) {
	doc := func(name, coordinates string, late bool) string {
		crs := `"crs":{"type":"name","properties":{"name":"` + name + `"}}`
		features := `"features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"MultiPoint","coordinates":[` + coordinates + `]}}]`
		if late {
			return `{"type":"FeatureCollection",` + features + `,` + crs + `}`
		}
		return `{"type":"FeatureCollection",` + crs + `,` + features + `}`
	}
	for _, c := range []struct{ name, coordinates, note string }{
		{"urn:ogc:def:crs:EPSG::4979", "[9,45,10]", "Altitudes"}, {"urn:ogc:def:crs:OGC::CRS84h", "[9,45,10]", "Altitudes"},
		{"http://www.opengis.net/def/crs/OGC/0/CRS84h", "[9,45]", "Altitudes"}, {"EPSG:4937", "[9,45,1]", "ETRS89"}, {"EPSG:7843", "[9,45]", "GDA2020"},
		{"EPSG:6319", "[9,45,2]", "NAD83"}, {"EPSG:4258", "[9,45]", "ETRS89"}, {"EPSG:4674", "[9,45]", "SIRGAS"}, {"ESRI:102100", "[1001875.4171394622,5621521.486192066]", "Web Mercator"},
		{"EPSG:25832", "[500000,4982950.400226527]", "EPSG:25832"}, {"EPSG:3035", "[4242424.2,2439999.9]", "EPSG:3035"}, {"OGC:CRS83", "[9,45]", "NAD83"},
	} {
		for _, late := range []bool{false, true} {
			l := read(t, "a.geojson", doc(c.name, c.coordinates, late), Source{})
			p := l.Shape(0).(orb.MultiPoint)[0]
			if math.Abs(p[0]-9) > 1e-5 && c.name != "EPSG:3035" || math.Abs(p[1]-45) > 1e-5 && c.name != "EPSG:3035" || !told(l, c.note) {
				t.Errorf("%s, late %t: %v, %q", c.name, late, p, l.Notes)
			}
		}
	}
	for _, text := range []string{doc("EPSG:27700", "[530034,280381],[1,2e7]", true), strings.Replace(doc("EPSG:4326", "[530034,180381]", true), `"crs"`, `"no"`, 1)} {
		if l, err := Read(context.Background(), strings.NewReader(text), "a.geojson", Source{}, Limits{}); err == nil {
			t.Errorf("%v from %s", l.Shape(0), text)
		}
	}
}
