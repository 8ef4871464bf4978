package api

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"careshed/data"
	"careshed/geo"
)

// readers decodes what is sent by the readers of the program.
func readers(ctx context.Context, u Upload) (*geo.Layer, error) {
	source := data.Source{Format: u.Format, ID: u.ID, Lon: u.Lon, Lat: u.Lat, WKT: u.WKT, CRS: u.CRS, Decimal: u.Decimal, Table: u.Table}
	if u.Title != "" {
		source.Columns = map[string]string{"name": u.Title}
	}
	if u.Plain {
		source.Geometry = "none"
	}
	return data.Read(ctx, strings.NewReader(string(u.Body)), u.Name, source, data.Limits{})
}

func previewed(t *testing.T, query, body string) previewDoc {
	t.Helper()
	s := fixture(t, func(c *Config) { c.Key, c.Decode = "secret", readers })
	return read[previewDoc](t, do(t, s, call{method: "POST", path: "/preview?" + query, body: body, header: []string{"Content-Type", "application/octet-stream", "X-API-Key", "secret"}}))
}

// A table of any dialect is understood as its columns and values say.
func TestPreview(t *testing.T) {
	for what, c := range map[string]struct {
		query, body string
		read        previewRead
		separator   string
		located     int
	}{
		"German": {"format=csv", "Kennung;Klinik;Länge;Breite;Einwohner\nA;Köln West;6,9;50,9;1000\nB;Bonn;7,1;50,7;2000\n",
			previewRead{ID: "Kennung", Title: "Klinik", Lon: "Länge", Lat: "Breite", People: "Einwohner", Decimal: "comma"}, "semicolon", 2},
		"English, tabs": {"format=csv", "name\tlat\tlon\nA\t50.9\t6.9\n", previewRead{Title: "name", Lon: "lon", Lat: "lat"}, "tab", 1},
		"a name twice":  {"format=csv", "code,lon,lat\nA,6,50\nA,7,51\n", previewRead{Lon: "lon", Lat: "lat"}, "comma", 2},
		"metres": {"format=csv&crs=EPSG:25832", "id,x,y\nA,356000,5645000\n",
			previewRead{ID: "id", Lon: "x", Lat: "y", CRS: "EPSG:25832"}, "comma", 1},
		"shapes as text": {"format=csv", "id,geom\nA,POINT (6 50)\n", previewRead{ID: "id", WKT: "geom"}, "comma", 1},
		"GeoJSON": {"format=geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","id":"W","properties":{"name":"West","pop":5,"lon":1,"lat":1},"geometry":{"type":"Point","coordinates":[6,50]}}]}`,
			previewRead{Title: "name", People: "pop"}, "", 1},
	} {
		d := previewed(t, c.query, c.body)
		if d.Read != c.read || d.Separator != c.separator || d.Located != c.located || d.Problem != "" {
			t.Errorf("%s: %+v", what, d)
		}
		if c.located > 0 && (d.Box[0] < 5 || d.Box[2] > 8 || d.Box[1] < 49 || d.Box[3] > 52) {
			t.Errorf("%s: it lies at %v", what, d.Box)
		}
	}
}

// What is named stands over what is guessed; what cannot be read like this says why, and its
// rows are shown all the same.
func TestPreviewAsNamed(t *testing.T) {
	body := "id,lon,lat,other\nA,6,50,1\nB,7,51,2\n"
	if d := previewed(t, "format=csv&id=other", body); d.Read.ID != "other" {
		t.Errorf("the column that was named: %+v", d.Read)
	}
	d := previewed(t, "format=csv&lon=lat&lat=lat", "lon,lat\n6,500\n")
	if !strings.Contains(d.Problem, "500") || d.Rows != 1 || !slices.Equal(d.First[0], []string{"6", "500"}) {
		t.Errorf("coordinates that are none: %+v", d)
	}
	if d := previewed(t, "format=csv&guess=no", "Kennung;x1;y1\nA;6,5;50\n"); d.Read != (previewRead{}) || d.Located != 0 {
		t.Errorf("without guesses: %+v", d)
	}
}

// A preview changes nothing, shows no more than somebody looks at, and is for the holder of the
// key.
func TestPreviewKeepsNothing(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Key, c.Decode = "secret", readers })
	var b strings.Builder
	b.WriteString("id,lon,lat\n")
	for i := range 400 {
		fmt.Fprintf(&b, "%d,6,50\n", i)
	}
	post := func(key, body string) *answerOf {
		w := do(t, s, call{method: "POST", path: "/preview?format=csv", body: body, header: []string{"Content-Type", "text/csv", "X-API-Key", key}})
		return &answerOf{w.Code, w.Body.String(), w.Header()}
	}
	if a := post("secret", b.String()); a.code != 200 || !strings.Contains(a.body, `"rows":400`) || strings.Contains(a.body, `"5","6","50"`) {
		t.Errorf("%d %s", a.code, a.body)
	}
	if a := post("other", b.String()); a.code != 401 {
		t.Errorf("without the key: %d", a.code)
	}
	if a := post("secret", "\"id"); a.code != 422 {
		t.Errorf("no CSV: %d %s", a.code, a.body)
	}
	if list := do(t, s, call{path: "/collections"}).Body.String(); strings.Contains(list, `"id":"file"`) {
		t.Error("the file is kept")
	}
}

// A file in an archive is previewed as itself, and what can be chosen among is listed: the
// sheets of a workbook, or the files, of which none is read until one is named.
func TestPreviewOfArchivesAndSheets(t *testing.T) {
	packed := func(files ...string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range files {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(w, "Kennung;Länge;Breite\nA;6,9;50,9\n")
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	d := previewed(t, "format=shapefile", packed("orte.csv"))
	if d.Format != "csv" || d.Located != 1 || d.Read.Lon != "Länge" || d.Read.Decimal != "comma" || len(d.Tables) != 0 {
		t.Errorf("a CSV: %+v", d)
	}
	d = previewed(t, "format=shapefile", packed("orte.csv", "kliniken.csv"))
	if !slices.Equal(d.Tables, []string{"orte.csv", "kliniken.csv"}) || d.Problem == "" || d.Rows != 0 {
		t.Errorf("two of them: %+v", d)
	}
	if d = previewed(t, "format=shapefile&table=kliniken.csv", packed("orte.csv", "kliniken.csv")); d.Rows != 1 || d.Problem != "" || len(d.Tables) != 2 {
		t.Errorf("one of two: %+v", d)
	}
	var book bytes.Buffer
	layers := make([]*geo.Layer, 2)
	for i, name := range []string{"Erste", "Zweite"} {
		layers[i], _ = geo.NewTable(geo.About{Name: name}, nil, geo.Integers(geo.Field{Name: "n"}, []float64{1}))
	}
	if err := data.WriteXLSX(&book, layers...); err != nil {
		t.Fatal(err)
	}
	if d = previewed(t, "format=xlsx&table=Zweite", book.String()); !slices.Equal(d.Tables[:2], []string{"Erste", "Zweite"}) || d.Rows != 1 {
		t.Errorf("a workbook: %+v", d)
	}
}
