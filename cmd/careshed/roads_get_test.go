package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"careshed/geo/road/osm/osmtest"
)

// extractsServer is a mirror of one region that does what a test asks of it.
type extractsServer struct {
	mu       sync.Mutex
	date     string
	body     []byte
	sum      string // else the right one
	breaks   int    // so many downloads break off halfway
	noRanges bool
	tag      string // the ETag
	change   func() // called once, after a download broke off
	sent     int    // bytes of extracts
	asked    []string
}

func (s *extractsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("Range"))
	name := "/europe/toy-" + s.date + ".osm.pbf"
	switch r.URL.Path {
	case "/europe/toy-latest.osm.pbf":
		http.Redirect(w, r, name, http.StatusFound)
	case name + ".md5":
		sum := s.sum
		if sum == "" {
			sum = fmt.Sprintf("%x", md5.Sum(s.body))
		}
		fmt.Fprintf(w, "%s  toy-%s.osm.pbf\n", sum, s.date)
	case name:
		if s.tag != "" {
			w.Header().Set("ETag", s.tag)
		}
		if s.noRanges || s.tag != "" && r.Header.Get("If-Range") != "" && r.Header.Get("If-Range") != s.tag {
			r.Header.Del("Range")
		}
		if r.Method == http.MethodGet && s.breaks > 0 {
			s.breaks--
			from := 0
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			w.Header().Set("Content-Length", fmt.Sprint(len(s.body)-from))
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(s.body)-1, len(s.body)))
				w.WriteHeader(http.StatusPartialContent)
			}
			half := s.body[from : from+(len(s.body)-from)/2]
			s.sent += len(half)
			w.Write(half)
			if s.change != nil {
				s.change()
				s.change = nil
			}
			panic(http.ErrAbortHandler)
		}
		if r.Method == http.MethodGet {
			from := 0
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			s.sent += len(s.body) - from
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.body))
	case "/europe.html":
		fmt.Fprint(w, `<a href="europe/toyland.html">Toyland</a> <a href="europe/toyland-latest.osm.pbf">x</a> <a href="/europe/elsewhere-latest.osm.pbf">y</a>`)
	default:
		http.NotFound(w, r)
	}
}

// toyExtract is a small map in a file of some size.
func toyExtract(t *testing.T) []byte {
	var m strings.Builder
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 20000 {
		fmt.Fprintf(&m, "node %d %.6f %.6f\n", i+1, 5+0.001*float64(i), 45+0.01*r.Float64())
	}
	m.WriteString("way 1 1")
	for i := range 19999 {
		fmt.Fprintf(&m, ",%d", i+2)
	}
	m.WriteString(" highway=primary\n")
	return osmtest.Map(m.String()).PBF(t, osmtest.Style{})
}

// An extract is fetched, goes on where it broke off, is checked, kept by its date,
// built, and not fetched again.
func TestRoadsGet(t *testing.T) {
	s := &extractsServer{date: "260501", body: toyExtract(t), breaks: 2}
	server := httptest.NewServer(s)
	defer server.Close()
	dir := t.TempDir()
	m := mirror{base: server.URL, pause: time.Millisecond}
	file, fresh, err := m.get(t.Context(), "europe/toy", dir)
	if err != nil || !fresh || filepath.Base(file) != "europe-toy-260501.osm.pbf" {
		t.Fatal(file, fresh, err)
	}
	if got, _ := os.ReadFile(file); !bytes.Equal(got, s.body) || s.sent != len(s.body) {
		t.Errorf("%d bytes of %d, sent %d: a download that breaks off goes on\n%s", len(got), len(s.body), s.sent, strings.Join(s.asked, "\n"))
	}
	code, out, log := call(t, "roads", "get", "europe/toy", "--mirror", server.URL, "--dir", dir, "-q")
	if code != 0 || !strings.Contains(out, "is there already") || !strings.Contains(out, "europe-toy-260501.roads: 2 junctions") {
		t.Error(out, log)
	}
	if s.sent != len(s.body) {
		t.Errorf("fetched again: %d bytes of %d", s.sent, len(s.body))
	}
	if times := timesOf(t, filepath.Join(dir, "europe-toy-260501.roads"), "5.1,45.005,5.2,45.005"); times[0] == "" {
		t.Error("no way")
	}

	// The next day there is another; the first stays. A part of yesterday's under
	// today's name is found out by the sum, and fetched anew.
	s.date, s.body, s.noRanges = "260502", append(bytes.Clone(s.body), 0), false
	if err := os.WriteFile(filepath.Join(dir, "europe-toy-260502.osm.pbf.part"), bytes.Repeat([]byte{7}, 1000), 0o666); err != nil {
		t.Fatal(err)
	}
	file, fresh, err = m.get(t.Context(), "europe/toy", dir)
	if got, _ := os.ReadFile(file); err != nil || !fresh || !bytes.Equal(got, s.body) {
		t.Error(file, fresh, err)
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "*.osm.pbf")); len(kept) != 2 {
		t.Error(kept)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) != 0 {
		t.Error(left)
	}
}

func TestRoadsGetRefuses(t *testing.T) {
	s := &extractsServer{date: "260501", body: bytes.Repeat([]byte{1}, 100000)}
	server := httptest.NewServer(s)
	defer server.Close()
	m := mirror{base: server.URL, pause: time.Millisecond}
	get := func(region string) (string, error) {
		dir := t.TempDir()
		_, _, err := m.get(t.Context(), region, dir)
		files, _ := filepath.Glob(filepath.Join(dir, "*.osm.pbf"))
		if len(files) > 0 {
			t.Errorf("%s: kept %v", region, files)
		}
		parts, _ := filepath.Glob(filepath.Join(dir, "*.part"))
		return strings.Join(parts, " "), err
	}
	s.sum = strings.Repeat("0", 32)
	if part, err := get("europe/toy"); err == nil || !strings.Contains(err.Error(), "the check sum is") || part != "" {
		t.Errorf("a wrong sum: %v, %s", err, part)
	}
	s.sum = "<html>"
	if _, err := get("europe/toy"); err == nil || !strings.Contains(err.Error(), "md5") {
		t.Errorf("no sum: %v", err)
	}
	s.sum, s.breaks, s.noRanges = "", 100, true
	if part, err := get("europe/toy"); err == nil || !strings.Contains(err.Error(), "which are kept") || part == "" {
		t.Errorf("a mirror that always breaks off: %v, %s", err, part)
	}
	for region, want := range map[string]string{"europe/nowhere": "the mirror has no such file", "../etc/passwd": "accepted: small letters", "Europe": "accepted: small letters", "": "accepted: small letters", "a//b": "accepted: small letters"} {
		if _, err := get(region); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", region, err)
		}
	}
	if _, _, err := (&mirror{base: "ftp://x"}).get(t.Context(), "europe/toy", t.TempDir()); err == nil {
		t.Error("a mirror that is no address")
	}
	if code, _, log := call(t, "roads", "get", "europe/nowhere", "--mirror", server.URL, "--dir", t.TempDir(), "-q"); code == 0 || !strings.Contains(log, "no such file") {
		t.Error(code, log)
	}
}

// A file that changed on the mirror while it is fetched, or between two tries, is not
// glued to what was there: all of it is of one day.
func TestRoadsGetOfAFileThatChanges(t *testing.T) {
	old, young := bytes.Repeat([]byte{1}, 100_000), bytes.Repeat([]byte{2}, 120_000)
	s := &extractsServer{date: "260501", body: old, tag: `"one"`, breaks: 1}
	s.change = func() { s.body, s.tag = young, `"two"` }
	server := httptest.NewServer(s)
	defer server.Close()
	m := mirror{base: server.URL, pause: time.Millisecond}
	file, fresh, err := m.get(t.Context(), "europe/toy", t.TempDir())
	if got, _ := os.ReadFile(file); err != nil || !fresh || !bytes.Equal(got, young) {
		t.Errorf("changed meanwhile: %d bytes, %v", len(got), err)
	}

	dir := t.TempDir()
	s.body, s.tag, s.breaks = old, `"three"`, getTries
	if _, _, err := m.get(t.Context(), "europe/toy", dir); err == nil {
		t.Error("it always breaks off")
	}
	s.body, s.tag, s.breaks, s.sent = young, `"four"`, 0, 0
	file, _, err = m.get(t.Context(), "europe/toy", dir)
	if got, _ := os.ReadFile(file); err != nil || !bytes.Equal(got, young) || s.sent != len(young) {
		t.Errorf("changed between two tries: %d bytes, %d sent, %v", len(got), s.sent, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	s.breaks, s.sent = getTries, 0
	dir = t.TempDir()
	if _, _, err := m.get(t.Context(), "europe/toy", dir); err == nil {
		t.Error("it always breaks off")
	}
	s.breaks = 0
	if _, _, err = m.get(t.Context(), "europe/toy", dir); err != nil || s.sent > len(young)+4096 { // what a buffer held is lost
		t.Errorf("the same file goes on where it broke off: %d of %d bytes sent, %v", s.sent, len(young), err)
	}
}

// What is not there has something near; what is too large is refused before it comes,
// and what does not say how large it is, while it does.
func TestRoadsGetSaysWhatIsNear(t *testing.T) {
	s := &extractsServer{date: "260501", body: bytes.Repeat([]byte{1}, 100_000)}
	server := httptest.NewServer(s)
	defer server.Close()
	for region, want := range map[string]string{
		"europe/toylnd": "did you mean europe/toyland?", "europe/zzzzzzzzzz": "there are, in " + server.URL + "/europe.html: elsewhere, toyland",
		"asia/toyland": "asia/toyland-latest.osm.pbf: the mirror has no such file",
	} {
		if _, _, err := (&mirror{base: server.URL}).get(t.Context(), region, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", region, err, want)
		}
	}
	dir := t.TempDir()
	code, _, log := call(t, "roads", "get", "europe/toy", "--mirror", server.URL, "--dir", dir, "-q", "--most", "0.00001")
	if code != exitInput || !strings.Contains(log, "larger than --most allows") || s.sent != 0 {
		t.Errorf("exit %d, %s, %d bytes sent", code, log, s.sent)
	}
	part := filepath.Join(dir, "x.part")
	m := mirror{base: server.URL, most: 10_000}
	if done, err := m.goOn(t.Context(), remote{server.URL + "/europe/toy-260501.osm.pbf", -1, ""}, part); err == nil || done > 10_001 {
		t.Errorf("%d bytes of an unknown size, %v", done, err)
	}
	if code, out, log := call(t, "roads", "get", "europe/toy", "--mirror", server.URL, "--dir", dir, "-q", "--only"); code != 0 || !strings.Contains(out, "careshed roads build ") {
		t.Error(out, log)
	}
}
