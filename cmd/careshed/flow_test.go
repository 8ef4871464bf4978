package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// flow is which of our packages each package may import. The data go one way:
// geo, travel, measures, siting, study, presentation; cmd wires.
var flow = map[string][]string{
	"geo":                   {},
	"geo/role":              {"geo"},
	"geo/travel":            {"geo", "geo/role"},
	"geo/travel/traveltest": {"geo/travel"},
	"geo/road":              {"geo", "geo/travel"},
	"geo/road/roadtest":     {"geo/road"},
	"geo/road/osm/osmtest":  {"geo", "geo/road", "geo/road/osm"},
	"geo/road/osm":          {"geo", "geo/road"},
	"geo/osrm":              {"geo", "geo/travel"},
	"access":                {"geo", "geo/travel"},
	"access/site":           {"geo", "geo/travel"},
	"access/study/spec":     {"geo", "geo/role", "geo/travel", "access"},
	"access/study/ground":   {"geo", "geo/role", "geo/travel", "access", "access/study/spec", "api/words"}, // words: the texts of notes
	"access/study/finding":  {"geo", "geo/travel", "access", "access/study/spec", "access/study/ground"},
	"access/study/measure":  {"geo", "geo/travel", "access", "access/study/spec", "access/study/ground", "access/study/finding"},
	"access/study/scenario": {"geo", "geo/travel", "access", "access/study/spec", "access/study/ground", "access/study/finding"},
	"access/study/siting": {"geo", "geo/travel", "access", "access/site", "access/study/spec", "access/study/ground", "access/study/finding",
		"access/study/measure"},
	"access/study": {"geo", "geo/role", "geo/travel", "access", "access/study/spec", "access/study/ground", "access/study/finding",
		"access/study/measure", "access/study/scenario", "access/study/siting"},
	"data":         {"geo", "geo/role"},
	"data/atlas":   {"geo", "data"},
	"data/blob":    {},
	"data/pgtest":  {},
	"api/postgres": {},
	"api/state":    {"api/postgres"}, // jobs of servers that share a database
	"api/fleet":    {"api/postgres"},
	"api/keys":     {},
	"api":          {"api/state", "api/keys", "geo", "geo/travel", "access", "access/site", "access/study", "access/study/spec", "api/cql2", "api/draw", "api/sheet", "api/tile", "api/web", "api/words"},
	"api/cql2":     {"geo"},
	"api/tile":     {"geo"},
	"api/words":    {},
	"api/web":      {},
	"api/canvas":   {},
	"api/draw":     {"geo", "access", "access/study", "access/study/spec", "access/study/ground", "api/canvas", "api/words"},
	"api/sheet":    {"geo", "access", "access/study", "api/canvas", "api/draw", "api/words"},
	"cmd/careshed": nil, // wires: anything
}

// pure packages compute and nothing else.
var pure = []string{"geo", "geo/role", "geo/travel", "geo/road", "geo/road/osm", "access", "access/site", "access/study", "access/study/spec", "access/study/ground", "access/study/finding", "access/study/measure",
	"access/study/scenario", "access/study/siting", "api/cql2", "api/tile", "api/keys"}

// only says which packages alone import a library, that it may be changed in
// one place: each is there for one reason.
var only = map[string]string{
	"modernc.org/sqlite":            "data api/state",      // the file of GeoPackage; that of jobs
	"github.com/riverqueue/river":   "api/state api/fleet", // the queue of jobs; that of shards
	"github.com/parquet-go/":        "data",                // the file of GeoParquet
	"github.com/klauspost/compress": "data api data/blob",  // what a packed page of Parquet unpacks to; answers; results in a store
	"github.com/twpayne/go-geom":    "data",                // (E)WKB and WKT
	"github.com/twpayne/go-kml":     "data",                // KML
	"github.com/xuri/excelize":      "data",                // workbooks of Excel
	"github.com/andybalholm/brotli": "data",                // what a packed page of Parquet unpacks to
	"github.com/pierrec/lz4":        "data",                // the same
	"golang.org/x/text/encoding":    "data",                // texts in other encodings than UTF-8
	// tables of PostGIS; the shards of a fleet; jobs and layers of servers; the way to both
	"github.com/jackc/pgx":      "data api/fleet api/state api/postgres",
	"github.com/minio/minio-go": "data/blob",  // a store in a bucket
	"golang.org/x/time":         "api",        // how often a key asks
	"golang.org/x/image":        "api/canvas", // outlines of type; the pixels of a shape
}

// impure is what they may not import.
var impure = []string{"os", "net", "net/http", "log", "log/slog", "database/sql", "github.com/gin-gonic/gin"}

func TestImportsGoOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "careshed/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		name := strings.TrimPrefix(f[0], "careshed/")
		allowed, known := flow[name]
		if !known {
			t.Errorf("package %s has no place in the flow", name)
			continue
		}
		seen++
		for _, imp := range f[1:] {
			own, ours := strings.CutPrefix(imp, "careshed/")
			if ours && allowed != nil && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s: a new arrow", name, own)
			}
			for library, owner := range only {
				if strings.HasPrefix(imp, library) && !slices.Contains(strings.Fields(owner), name) {
					t.Errorf("%s imports %s, which is for %s alone", name, imp, owner)
				}
			}
			if slices.Contains(pure, name) && slices.Contains(impure, imp) {
				t.Errorf("%s imports %s and should be pure", name, imp)
			}
		}
	}
	// Pure packages have no clock: time is for dates that the user gives.
	for _, dir := range pure {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", dir, files, err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(f, "_test.go") && (strings.Contains(string(text), "time.Now") || strings.Contains(string(text), "time.Since")) {
				t.Errorf("%s looks at the clock", f)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d packages were listed", seen)
	}
}
