package data

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// reader is a program of others that reads a file that we wrote and prints its
// rows as JSON: a list of objects with the values and, as "_shape", GeoJSON or
// well-known text where it has them.
type foreignReader struct {
	name    string
	formats []string
	// needs is a module of Node.js in CARESHED_NODE, or a test whether Python or R
	// has its library.
	node   string
	probe  []string
	script func(file, format string) []string
}

const duckScript = `const {DuckDBInstance}=require('@duckdb/node-api');(async()=>{const c=await(await DuckDBInstance.create()).connect();
const r=await c.runAndReadAll("SELECT * FROM read_parquet('"+process.argv[1]+"')");
console.log(JSON.stringify(r.getRowObjectsJson().map(o=>{delete o.geometry;return o})))})()`

const hyparquetScript = `(async()=>{const {asyncBufferFromFile,parquetReadObjects}=await import('hyparquet');const {compressors}=await import('hyparquet-compressors');
const rows=await parquetReadObjects({file:await asyncBufferFromFile(process.argv[1]),compressors});
console.log(JSON.stringify(rows.map(o=>{if(o.geometry)o._shape=o.geometry;delete o.geometry;return o}),(k,v)=>typeof v==='bigint'?v.toString():v))})()`

const gdal3Script = `const init=require('gdal3.js/node');(async()=>{const G=await init();const o=await G.open(process.argv[1]);
const out=await G.ogr2ogr(o.datasets[0],['-f','GeoJSON','-lco','COORDINATE_PRECISION=15']);const b=await G.getFileBytes(out);const d=JSON.parse(Buffer.from(b).toString());
console.log(JSON.stringify(d.features.map(f=>({...f.properties,_shape:f.geometry}))));process.exit(0)})()`

const togeojsonScript = `(async()=>{const t=await import('@tmcw/togeojson');const {DOMParser}=require('@xmldom/xmldom');
const d=t.kml(new DOMParser().parseFromString(require('fs').readFileSync(process.argv[1],'utf8'),'text/xml'));
console.log(JSON.stringify(d.features.map(f=>({...f.properties,_shape:f.geometry}))))})()`

const mapshaperScript = `const m=require('mapshaper');const fs=require('fs');const ext=require('path').extname(process.argv[1]);const i={};i['in'+ext]=fs.readFileSync(process.argv[1]);
m.applyCommands('-i in'+ext+' -o out.json format=geojson',i).then(o=>{const d=JSON.parse(o['out.json']);console.log(JSON.stringify(d.features.map(f=>({...f.properties,_shape:f.geometry}))))})`

const pandasScript = `import sys,json,warnings;warnings.simplefilter('ignore');import geopandas
d=geopandas.read_file(sys.argv[1]) if not sys.argv[1].endswith('parquet') else geopandas.read_parquet(sys.argv[1])
print(json.dumps([f['properties']|{'_shape':f['geometry']} for f in json.loads(d.to_json())['features']]))`

const sfScript = `suppressMessages(library(sf));a<-commandArgs(TRUE);d<-st_read(a[1],quiet=TRUE,stringsAsFactors=FALSE);p<-st_drop_geometry(d);p[["_shape"]]<-st_as_text(st_geometry(d),digits=17);cat(jsonlite::toJSON(p,na="null",digits=NA,auto_unbox=TRUE))`

var foreignReaders = []foreignReader{
	{name: "DuckDB", formats: []string{GeoParquet}, node: "@duckdb/node-api", script: nodeScript(duckScript)},
	{name: "hyparquet", formats: []string{GeoParquet}, node: "hyparquet-compressors", script: nodeScript(hyparquetScript)},
	{name: "GDAL 3.8 (gdal3.js)", formats: []string{GeoPackage, GeoJSON}, node: "gdal3.js", script: nodeScript(gdal3Script)},
	{name: "togeojson", formats: []string{KML}, node: "@tmcw/togeojson", script: nodeScript(togeojsonScript)},
	{name: "mapshaper", formats: []string{GeoJSON, KML}, node: "mapshaper", script: nodeScript(mapshaperScript)},
	{name: "geopandas", formats: []string{GeoPackage, GeoJSON}, probe: []string{"/usr/bin/python3", "-c", "import geopandas"},
		script: func(file, _ string) []string { return []string{"/usr/bin/python3", "-c", pandasScript, file} }},
	{name: "sf", formats: []string{GeoPackage, GeoJSON}, probe: []string{"Rscript", "-e", "library(sf);library(jsonlite)"},
		script: func(file, _ string) []string { return []string{"Rscript", "-e", sfScript, file} }},
}

func nodeScript(text string) func(file, format string) []string {
	return func(file, _ string) []string { return []string{"node", "-e", text, file} }
}

// What we write is read by other people's programs, cell by cell, as far as they
// are here.
func TestOthersReadWhatWeWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: starts other programs, without -short only")
	}
	nan := math.NaN()
	l, err := geo.NewPoints(geo.About{Name: "places"}, []string{"01001", "01002", "x"}, []orb.Point{{8.5, 47.25}, {-179.5, -33.125}, {0.1, 0.2}},
		geo.Integers(geo.Field{Name: "people"}, []float64{5, -7, nan}), geo.Numbers(geo.Field{Name: "share"}, []float64{0.1, 2, nan}),
		geo.Bools(geo.Field{Name: "ok"}, []float64{1, 0, nan}), geo.Texts(geo.Field{Name: "label"}, []string{"Łódź \"x\" <&", "01", ""}, func(i int) bool { return i < 2 }))
	if err != nil {
		t.Fatal(err)
	}
	endings := map[string]string{GeoPackage: ".gpkg", GeoParquet: ".parquet", GeoJSON: ".geojson", KML: ".kml"}
	tried := 0
	for _, r := range foreignReaders {
		home := os.Getenv("CARESHED_NODE")
		if r.node != "" {
			if _, err := os.Stat(filepath.Join(home, "node_modules", r.node)); home == "" || err != nil {
				t.Logf("SKIPPED: no %s; npm install %s into a folder and name that as CARESHED_NODE", r.name, r.node)
				continue
			}
		} else if exec.Command(r.probe[0], r.probe[1:]...).Run() != nil {
			t.Logf("SKIPPED: no %s", r.name)
			continue
		}
		for _, format := range r.formats {
			t.Run(r.name+"/"+format, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "places"+endings[format])
				if err := os.WriteFile(file, []byte(written(t, l, format)), 0o600); err != nil {
					t.Fatal(err)
				}
				args := r.script(file, format)
				c := exec.Command(args[0], args[1:]...)
				if r.node != "" {
					c.Dir = home
				}
				var errors strings.Builder
				c.Stderr = &errors
				out, err := c.Output()
				if err != nil {
					t.Fatalf("%v: %s", err, shorten(errors.String()))
				}
				lines := strings.Split(strings.TrimSpace(string(out)), "\n")
				var rows []map[string]any
				d := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
				d.UseNumber()
				if err := d.Decode(&rows); err != nil {
					t.Fatalf("%v in %.300s", err, out)
				}
				sameRows(t, l, rows, format)
			})
			tried++
		}
	}
	if tried == 0 {
		t.Skip("SKIPPED: no other reader is here")
	}
}

// sameRows compares what another program read with the layer.
func sameRows(t *testing.T, l *geo.Layer, rows []map[string]any, format string) {
	t.Helper()
	if len(rows) != l.Len() {
		t.Fatalf("%d rows, want %d", len(rows), l.Len())
	}
	for i, row := range rows {
		for _, c := range l.Columns() {
			got, want := cellText(row[c.Name]), c.Text(i)
			if c.Null(i) {
				want = ""
			}
			if c.Type == geo.Bool { // 0 and 1 of some formats and programs
				got = strings.NewReplacer("true", "1", "false", "0", "TRUE", "1", "FALSE", "0").Replace(got)
				want = strings.NewReplacer("true", "1", "false", "0").Replace(want)
			}
			if got != want {
				t.Errorf("row %d: %s is %q, want %q", i, c.Name, got, want)
			}
		}
		if id, has := row["id"]; has && cellText(id) != l.ID(i) {
			t.Errorf("row %d: id is %q, want %q", i, cellText(id), l.ID(i))
		}
		var x, y float64
		switch s := row["_shape"].(type) {
		case map[string]any:
			at, _ := s["coordinates"].([]any)
			if len(at) >= 2 {
				x, _ = strconv.ParseFloat(cellText(at[0]), 64)
				y, _ = strconv.ParseFloat(cellText(at[1]), 64)
			}
		case string:
			if _, err := fmt.Sscanf(s, "POINT (%g %g)", &x, &y); err != nil {
				t.Errorf("row %d: %v in %q", i, err, s)
			}
		default:
			continue
		}
		if p := l.Point(i); math.Abs(x-p[0]) > 1e-7 || math.Abs(y-p[1]) > 1e-7 {
			t.Errorf("row %d is at %v, %v, want %v", i, x, y, p)
		}
	}
}

// cellText is a value of JSON as we write it in a cell.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return string(geo.AppendNumber(nil, f))
	case string:
		return v
	}
	return fmt.Sprint(v)
}
