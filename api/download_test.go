package api

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"careshed/data"
)

// A file holds all that a request selects, and reads back as that.
func TestDownloads(t *testing.T) {
	s := fixture(t, nil)
	for _, f := range s.files {
		format := f.Name
		switch f.Name {
		case data.KML: // 32-bit numbers
			continue
		case data.CSVWKT:
			format = data.CSV
		}
		for _, c := range []struct {
			query string
			rows  int
		}{{"", 1000}, {"&limit=7", 1000}, {"&bbox=-180,-85,0,0", -1}, {"&filter=whole<10", -1}} {
			w := do(t, s, call{path: "/collections/thousand/items?f=" + f.Name + c.query})
			if strings.Contains(c.query, "filter") && w.Code == 400 {
				t.Fatalf("%s: %s", c.query, w.Body)
			}
			if w.Code != 200 || w.Header().Get("Content-Type") != f.Media || !strings.Contains(w.Header().Get("Content-Disposition"), "thousand"+f.Ending) {
				t.Fatalf("%s%s: %d %v %.200s", f.Name, c.query, w.Code, w.Header(), w.Body)
			}
			l, err := data.Read(context.Background(), bytes.NewReader(w.Body.Bytes()), "thousand"+f.Ending, data.Source{Format: format}, data.Limits{})
			if err != nil {
				t.Fatalf("%s%s: %v", f.Name, c.query, err)
			}
			want := c.rows
			if want < 0 {
				want = get[featuresDoc](t, s, "/collections/thousand/items?limit=1"+c.query).Matched
			}
			if l.Len() != want {
				t.Errorf("%s%s: %d features, want %d", f.Name, c.query, l.Len(), want)
			}
		}
	}
	if w := do(t, s, call{path: "/studies/baseline-xa?f=xlsx"}); w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("PK")) {
		t.Errorf("the whole result as a workbook: status %d", w.Code)
	}
	if w := do(t, s, call{path: "/studies/baseline-xa?f=gpkg"}); w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("SQLite format 3")) {
		t.Errorf("a whole result: %d", w.Code)
	}
	few := fixture(t, func(c *Config) { c.Limits.Cells = 100 })
	if w := do(t, few, call{path: "/collections/thousand/items?f=gpkg"}); w.Code != 422 || !strings.Contains(w.Body.String(), "a filter") {
		t.Errorf("too large: %d %s", w.Code, w.Body)
	}
}

type featuresDoc struct {
	Matched int `json:"numberMatched"`
}
