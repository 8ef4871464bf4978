package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// lines decodes a body of lines "id lon lat people"; "bad" is refused.
func lines(_ context.Context, u Upload) (*geo.Layer, error) {
	if u.Format != "csv" {
		return nil, fmt.Errorf("format %q; accepted: csv", u.Format)
	}
	var ids []string
	var at []orb.Point
	var people []float64
	for n, line := range strings.Split(strings.TrimSpace(string(u.Body)), "\n") {
		var id string
		var p orb.Point
		var v float64
		if _, err := fmt.Sscan(line, &id, &p[0], &p[1], &v); err != nil {
			return nil, errors.New(u.Name + ".csv: line " + fmt.Sprint(n+1) + ": found " + line)
		}
		ids, at, people = append(ids, id), append(at, p), append(people, v)
	}
	return geo.NewPoints(geo.About{Name: u.Name}, ids, at, nums("population", people...))
}

func withKey(c *Config) { c.Key, c.Decode = "secret", lines }

func send(t testing.TB, s *Server, path, key, body string) *answerOf {
	t.Helper()
	header := []string{"Content-Type", "text/csv"}
	if key != "" {
		header = append(header, "Authorization", "Bearer "+key)
	}
	w := do(t, s, call{method: "PUT", path: path, body: body, header: header})
	return &answerOf{w.Code, w.Body.String(), w.Header()}
}

type answerOf struct {
	code   int
	body   string
	header http.Header
}

const sent = `version: 1
name: sent
places: {layer: mine, weight: population}
sites: {layer: centers}
travel: {engine: crow, borders: free}
measures: [travel]
`

// A layer that is sent stands in the place of the one before at once; studies use
// it, and ask anew; what is wrong changes nothing.
func TestUploads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.sqlite")
	s := fixture(t, func(c *Config) { withKey(c); c.State = path })
	if a := send(t, s, "/collections/mine", "", "a 7 47 10"); a.code != 401 || a.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("without a key: %d %v", a.code, a.header)
	}
	if a := send(t, s, "/collections/mine", "Secret", "a 7 47 10"); a.code != 401 {
		t.Errorf("with another key: %d", a.code)
	}
	if a := send(t, s, "/collections/mine?key=secret", "", "a 7 47 10\nb 8 47 20"); a.code != 201 || !strings.Contains(a.body, `"rows":2`) || !strings.Contains(a.body, `"name":"population","type":"number","without_value":0`) {
		t.Fatalf("sent: %d %s", a.code, a.body)
	}
	items := func(s *Server) string { return do(t, s, call{path: "/collections/mine/items"}).Body.String() }
	if got := items(s); !strings.Contains(got, `"numberMatched":2`) || !strings.Contains(got, `"population":20.0`) {
		t.Errorf("items: %.300s", got)
	}
	if list := do(t, s, call{path: "/collections"}).Body.String(); !strings.Contains(list, `"id":"mine"`) {
		t.Error("it is not listed")
	}
	first := read[studyDoc](t, post(t, s, sent))
	if first.Summary.Population != 30 || len(first.Manifest.Inputs) == 0 || !strings.Contains(fmt.Sprint(first.Manifest.Inputs), "mine, version 1") {
		t.Errorf("a study of it: %v %v", first.Summary.Population, first.Manifest.Inputs)
	}

	// What cannot be read changes nothing, and says what and where.
	for body, says := range map[string]string{"a seven 47 10": "mine.csv: line 1", "": "empty"} {
		if a := send(t, s, "/collections/mine", "secret", body); a.code != 422 && a.code != 400 || !strings.Contains(a.body, says) {
			t.Errorf("%q: %d %s", body, a.code, a.body)
		}
	}
	for _, name := range []string{"centers", "Mine", "baseline-xa-places", "a_b", first.ID + "-places"} {
		if a := send(t, s, "/collections/"+name, "secret", "a 7 47 10"); a.code != 400 || !strings.Contains(a.body, "collectionId") {
			t.Errorf("name %s: %d %s", name, a.code, a.body)
		}
	}
	if got := items(s); !strings.Contains(got, `"numberMatched":2`) {
		t.Errorf("after mistakes: %.300s", got)
	}

	// A new version is another question.
	if a := send(t, s, "/collections/mine", "secret", "a 7 47 10\nb 8 47 20\nc 9 47 5"); a.code != 200 || !strings.Contains(a.body, `"version":2`) {
		t.Fatalf("sent again: %d %s", a.code, a.body)
	}
	if got := items(s); !strings.Contains(got, `"numberMatched":3`) {
		t.Errorf("the new version: %.300s", got)
	}
	second := read[studyDoc](t, post(t, s, sent))
	if second.ID == first.ID || second.Summary.Population != 35 {
		t.Errorf("a study of the new version: %s %v", second.ID, second.Summary.Population)
	}
	if v := get[versionList](t, s, "/collections/mine/versions"); len(v.Versions) != 2 || !v.Versions[0].Current || v.Versions[1].Current || v.Versions[1].Rows != 2 {
		t.Errorf("%+v", v)
	}
	s.Close()

	// It is there after a restart.
	s = fixture(t, func(c *Config) { withKey(c); c.State = path })
	if got := items(s); !strings.Contains(got, `"numberMatched":3`) {
		t.Errorf("after a restart: %.300s", got)
	}
	if doc := get[studyDoc](t, s, "/studies/"+second.ID); doc.Summary.Population != 35 {
		t.Errorf("%+v", doc.Summary)
	}
	for _, code := range []int{200, 404} {
		if w := do(t, s, call{method: "DELETE", path: "/collections/mine", header: []string{"X-API-Key", "secret"}}); w.Code != code {
			t.Errorf("taken away: %d, want %d", w.Code, code)
		}
	}
	if w := do(t, s, call{path: "/collections/mine/items"}); w.Code != 404 {
		t.Errorf("it is still there: %d", w.Code)
	}
	if w := post(t, s, sent); w.Code != 422 {
		t.Errorf("a study of it: %d", w.Code)
	}
}

// A server without a key takes none, and reads nothing.
func TestUploadsAreOffByDefault(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Decode = lines })
	if a := send(t, s, "/collections/mine", "", "a 7 47 10"); a.code != 403 {
		t.Errorf("%d %s", a.code, a.body)
	}
	if a := send(t, s, "/collections/mine", "anything", "a 7 47 10"); a.code != 403 {
		t.Errorf("%d %s", a.code, a.body)
	}
	s = fixture(t, func(c *Config) { withKey(c); c.Limits.Upload = 100 })
	if a := send(t, s, "/collections/mine", "secret", strings.Repeat("x", 101)); a.code != 413 {
		t.Errorf("too large: %d", a.code)
	}
}
