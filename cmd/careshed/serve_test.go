package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"careshed/api"
)

// server is the program's own server over the atlas and a catalog file.
func server(t testing.TB, config string) *httptest.Server {
	t.Helper()
	c, err := (&env{out: io.Discard, log: io.Discard}).apiConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	s, err := api.New(c)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() { h.Close(); s.Close() })
	return h
}

func fetch(t testing.TB, url string, into any) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: status %d, %v: %.300s", url, r.StatusCode, err, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

type row struct {
	id         string
	geometry   string
	properties string // as written
}

type features struct {
	NumberMatched int
	Features      []struct {
		ID         string
		Geometry   json.RawMessage
		Properties json.RawMessage
	}
	Links []struct{ Rel, Href string }
}

func (f features) rows() []row {
	var out []row
	for _, x := range f.Features {
		out = append(out, row{x.ID, string(x.Geometry), string(x.Properties)})
	}
	return out
}

// pages follows a collection to its end.
func pages(t *testing.T, url string) []row {
	t.Helper()
	var out []row
	for url != "" {
		var p features
		fetch(t, url, &p)
		out = append(out, p.rows()...)
		url = ""
		for _, l := range p.Links {
			if l.Rel == "next" {
				url = l.Href
			}
		}
		if url == "" && len(out) != p.NumberMatched {
			t.Errorf("%d features on the pages, %d matched", len(out), p.NumberMatched)
		}
	}
	slices.SortStableFunc(out, func(a, b row) int { return strings.Compare(a.id, b.id) })
	return out
}

// same compares rows with the lines of a CSV file, cell by cell.
func same(t *testing.T, name string, rows []row, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	head, lines := lines[0], lines[1:]
	slices.SortStableFunc(lines, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	if len(lines) != len(rows) {
		t.Fatalf("%s: %d lines of CSV, %d features", name, len(lines), len(rows))
	}
	for i, line := range lines {
		if line[0] != rows[i].id {
			t.Fatalf("%s: row %d is %q in CSV and %q over HTTP", name, i, line[0], rows[i].id)
		}
		var properties map[string]any
		if err := json.Unmarshal([]byte(rows[i].properties), &properties); err != nil {
			t.Fatal(err)
		}
		n := 0
		for k, field := range head {
			v, ok := properties[field]
			if !ok {
				if field != "id" && field != "lon" && field != "lat" {
					t.Fatalf("%s: %s is in CSV only", name, field)
				}
				continue
			}
			n++
			equal := false
			switch v := v.(type) {
			case nil:
				equal = line[k] == ""
			case string:
				equal = line[k] == v
			case bool:
				equal = line[k] == strconv.FormatBool(v)
			case float64:
				x, err := strconv.ParseFloat(line[k], 64)
				equal = err == nil && x == v
			}
			if !equal {
				t.Fatalf("%s: %s of %s is %q in CSV and %v over HTTP", name, field, line[0], line[k], v)
			}
		}
		if n != len(properties) {
			t.Fatalf("%s: %d fields in CSV, %d over HTTP", name, n, len(properties))
		}
	}
}

// The six studies give the same by command and over HTTP, in CSV and GeoJSON:
// those with files of their own once with small ones and once with real ones.
func TestSixStudiesByCommandAndHTTP(t *testing.T) {
	specs, err := filepath.Glob("../../testdata/specs/*.yaml")
	if err != nil || len(specs) < 6 {
		t.Fatalf("%d specs, %v", len(specs), err)
	}
	small, err := filepath.Glob("../../testdata/specs/[a-z]*.[cg]*")
	if err != nil {
		t.Fatal(err)
	}
	bothWays(t, specs, small)
	t.Run("real", func(t *testing.T) {
		if testing.Short() {
			t.Skip("takes its time")
		}
		root := shared(t)
		case6 := filepath.Join(root, "cases", "access", "belo-horizonte")
		own := slices.DeleteFunc(slices.Clone(specs), func(f string) bool { return filepath.Base(f) < "5" })
		bothWays(t, own, []string{filepath.Join(root, "data", "layers", "us-counties.geojson"), filepath.Join(case6, "land_use.csv"), filepath.Join(case6, "travel_matrix.csv.gz")})
	})
}

func bothWays(t *testing.T, specs, small []string) {
	dir := t.TempDir()
	config := "layers:\n  counties: {file: us-counties.geojson, id: fips}\n  hexes: {file: land_use.csv, id: id, geometry: none}\n  ttm: {file: travel_matrix.csv.gz}\nstudies:\n"
	for _, f := range append(slices.Clone(specs), small...) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range specs {
		config += "  - " + filepath.Base(f) + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "careshed.yaml"), []byte(config), 0o666); err != nil {
		t.Fatal(err)
	}
	h := server(t, filepath.Join(dir, "careshed.yaml"))
	for _, f := range specs {
		t.Run(filepath.Base(f), func(t *testing.T) {
			path, out := filepath.Join(dir, filepath.Base(f)), t.TempDir()
			var log bytes.Buffer
			if code := run(context.Background(), []string{"run", "-q", path, "-o", out}, nil, io.Discard, &log); code != exitDone {
				t.Fatalf("exit %d: %s", code, log.String())
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.Post(h.URL+"/processes/study/execution", "application/yaml", bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			var done struct {
				ID      string
				Summary any
				Links   []struct{ Rel, Href string }
				Detail  string
			}
			if err := json.NewDecoder(r.Body).Decode(&done); err != nil || r.StatusCode != 200 {
				t.Fatalf("status %d, %v: %s", r.StatusCode, err, done.Detail)
			}
			var summary any
			if text, err = os.ReadFile(filepath.Join(out, "summary.json")); err != nil || json.Unmarshal(text, &summary) != nil {
				t.Fatalf("summary.json: %v", err)
			}
			if fmt.Sprint(summary) != fmt.Sprint(done.Summary) {
				t.Error("the summaries differ")
			}
			compared := 0
			for _, l := range done.Links {
				id := l.Href[strings.LastIndexByte(l.Href, '/')+1:]
				if l.Rel == "self" {
					continue
				}
				name := strings.TrimPrefix(id, done.ID+"-")
				rows := pages(t, l.Href+"/items?limit=10000")
				for _, file := range []string{name + ".csv", "tables/" + name + ".csv"} {
					if _, err := os.Stat(filepath.Join(out, file)); err == nil {
						same(t, name, rows, filepath.Join(out, file))
						compared++
					}
				}
				text, err := os.ReadFile(filepath.Join(out, name+".geojson"))
				if err != nil {
					continue
				}
				var whole features
				if err := json.Unmarshal(text, &whole); err != nil {
					t.Fatal(err)
				}
				other := whole.rows()
				slices.SortStableFunc(other, func(a, b row) int { return strings.Compare(a.id, b.id) })
				if len(other) != len(rows) {
					t.Fatalf("%s: %d features in GeoJSON, %d over HTTP", name, len(other), len(rows))
				}
				for i := range rows {
					if rows[i] != other[i] {
						t.Fatalf("%s: feature %s differs from %s", name, rows[i].id, other[i].id)
					}
				}
				compared++
			}
			if compared < 2 {
				t.Errorf("only %d outputs were compared", compared)
			}
			t.Logf("%d outputs are the same", compared)
		})
	}
}

// A study that a request brings cannot reach a file that the catalog does not
// name, wherever it lies.
func TestRequestsReachNoFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"careshed.yaml": "layers: {mine: {file: mine.csv}}\n", "mine.csv": "id,lon,lat\na,1,2\n", "secret.csv": "id,lon,lat,key\na,1,2,hunter2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	h := server(t, filepath.Join(dir, "careshed.yaml"))
	for _, file := range []string{"secret.csv", filepath.Join(dir, "secret.csv"), "./mine.csv", "/etc/passwd", "../" + filepath.Base(dir) + "/secret.csv"} {
		r, err := http.Post(h.URL+"/processes/study/execution", "application/yaml", strings.NewReader(fmt.Sprintf(
			"version: 1\nname: s\nlayers: {x: {file: %q}}\nplaces: {layer: settlements}\nsites: {layer: x}\ntravel: {engine: crow}\n", file)))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != 422 || !strings.Contains(string(text), "mine.csv") || strings.Contains(string(text), "hunter2") {
			t.Errorf("%s: status %d: %s", file, r.StatusCode, text)
		}
	}
	var p features
	if fetch(t, h.URL+"/collections/mine/items", &p); p.NumberMatched != 1 {
		t.Errorf("the catalog's own layer has %d features", p.NumberMatched)
	}
}

// The quick looks stand on the atlas: every country with a listed center,
// metropolitan France apart.
func TestQuickLooksOnTheAtlas(t *testing.T) {
	h := server(t, "")
	var d struct {
		Countries []struct {
			Country, Part, List_completeness string
			Campuses, Rows                   int
			Per_10m, Mean_geodesic_km        float64
		}
	}
	fetch(t, h.URL+"/density?by=country", &d)
	var seen []string
	for _, c := range d.Countries {
		seen = append(seen, c.Country+c.Part)
		if c.Campuses == 0 || c.Rows < c.Campuses || c.Per_10m < 0.3 || c.Per_10m > 11.4 || c.Mean_geodesic_km <= 0 || c.Part == "" && c.List_completeness == "" {
			t.Errorf("%+v", c)
		}
	}
	if want := []string{"AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "FRmetropolitan", "GB", "GR", "HU", "IE", "IT", "NL", "NO", "PL", "PT", "SE", "SK", "US"}; !slices.Equal(seen, want) {
		t.Errorf("rows %v, want %v", seen, want)
	}
	var n struct {
		Within  string
		Centers []struct {
			Name     string
			Time_min *float64
		}
	}
	fetch(t, h.URL+"/nearest?lon=15.80&lat=40.64", &n)
	if n.Within != "IT" || len(n.Centers) != 3 || n.Centers[0].Time_min == nil {
		t.Errorf("Potenza: %+v", n)
	}
	for _, path := range []string{"/gaps", "/penalty", "/sites?country=IT&pick=2", "/density?by=region", "/collections", "/studies", "/collections/baseline-gb-regions/items?limit=2"} {
		var v map[string]any
		fetch(t, h.URL+path, &v)
	}
}

func TestServeStartsAndStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "-q"}, nil, out, io.Discard)
		out.Close()
	}()
	url, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Links []any }
	if fetch(t, strings.TrimSpace(url), &v); len(v.Links) == 0 {
		t.Error("no links")
	}
	cancel()
	select {
	case got := <-code:
		if got != exitDone {
			t.Errorf("exit %d", got)
		}
	case <-time.After(2 * time.Minute):
		t.Error("does not stop")
	}
}

func TestServeIsCalledWrongly(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "careshed.yaml")
	if err := os.WriteFile(bad, []byte("layerz: {}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, calls := range map[int][][]string{
		exitUsage: {{"serve", "--addr", "nowhere:x"}, {"serve", "x"}, {"serve", "--url", "ftp://x"}, {"serve", "--adr", "x"}},
		exitInput: {{"serve", "--config", bad}, {"serve", "--config", "no-such-file.yaml"}},
	} {
		for _, args := range calls {
			var log bytes.Buffer
			if got := run(context.Background(), args, nil, io.Discard, &log); got != want || log.Len() == 0 {
				t.Errorf("%v: exit %d, want %d: %s", args, got, want, log.String())
			}
		}
	}
}
