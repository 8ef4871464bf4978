package data

import (
	"slices"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// A file is written as what its ending says it is: what is only read under an
// ending (tabs, macros, packed KML) is not written under it.
func TestEndingsOfWhatIsWritten(t *testing.T) {
	for name, want := range map[string]string{"a.csv": CSV, "a.csv.gz": CSV, "A.GeoJSON": GeoJSON, "a.json": GeoJSON, "a.jsonl": NDJSON,
		"a.geojsons": GeoJSONSeq, "a.gpkg": GeoPackage, "a.geoparquet": GeoParquet, "a.xlsx": XLSX, "a.kml": KML, "a.htm": HTML,
		"a.tsv": "", "a.txt": "", "a.xlsm": "", "a.kmz": "", "a.zip": "", "a.fgb": "", "a.topojson": "", "a.ods": "", "a": ""} {
		if got := FormatOf(name); got != want {
			t.Errorf("%s is written as %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"a.tsv": CSV, "a.txt.gz": CSV, "a.xlsm": XLSX, "a.kmz": KML, "a.zip": Shapefile, "a.fgb": FlatGeobuf,
		"a.topojson": TopoJSON, "a.geojsonl": NDJSON, "a.html": "", "a": ""} {
		if got := readAs(name); got != want {
			t.Errorf("%s is read as %q, want %q", name, got, want)
		}
	}
}

// Every row of the table has what its flags promise, and no ending is of two
// formats that are read, or of two that are written, but for the CSV of shapes.
func TestTableOfFormats(t *testing.T) {
	read, written := map[string]string{}, map[string]string{}
	for _, f := range Formats() {
		if !f.Reads() && !f.Writes() || f.Name == "" || f.Title == "" || f.Media == "" || len(f.Endings) == 0 || (f.Result || f.Enclose || f.Whole()) && !f.Writes() {
			t.Errorf("%+v", f)
		}
		if f.Null && !f.Shapes {
			t.Errorf("%s says of shapes that they may lack, and takes tables", f.Name)
		}
		for _, e := range slices.Concat(f.Endings, f.Also) {
			if f.Reads() {
				if read[e] != "" {
					t.Errorf("%s is read as %s and %s", e, read[e], f.Name)
				}
				read[e] = f.Name
			}
		}
		for _, e := range f.Endings {
			if f.Writes() && f.Name != CSVWKT {
				if written[e] != "" {
					t.Errorf("%s is written as %s and %s", e, written[e], f.Name)
				}
				written[e] = f.Name
			}
		}
	}
}

// A row whose only cell is empty is a row, for us and for whoever else reads it.
func TestEmptyOnlyCell(t *testing.T) {
	l := read(t, "a.csv", "A\n1\n\"\"\n3\n", Source{})
	if l.Len() != 3 {
		t.Fatalf("%d rows", l.Len())
	}
	if got := written(t, l, CSV); got != "A\n1\n\"\"\n3\n" {
		t.Errorf("written as %q", got)
	}
	shapes, err := geo.NewLayer(geo.About{Name: "a"}, nil, []orb.Geometry{orb.Point{1, 2}, nil, orb.Point{3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	if got := written(t, shapes, CSVWKT); strings.Contains(got, "\n\n") {
		t.Errorf("written as %q", got)
	}
}
