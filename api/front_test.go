package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/access/study/spec"
)

// The front page links every country on the map and in the list; of the one that is
// chosen it says what was found, and leads to map, sheet and app.
func TestFrontPage(t *testing.T) {
	s := fixture(t, nil)
	get := func(query string) string {
		w := do(t, s, call{method: "GET", path: "/?f=html" + query})
		if w.Code != 200 {
			t.Fatalf("%s: %d %.300s", query, w.Code, w.Body)
		}
		return w.Body.String()
	}
	all := get("")
	for _, want := range []string{"Exa", "?country=XA&amp;lang=en", "?country=XB&amp;lang=en", `name="q"`, "<svg ", `<path d="M`, "/conformance"} {
		if !strings.Contains(all, want) {
			t.Errorf("the front page has no %s", want)
		}
	}
	if strings.Contains(all, "/sheet") {
		t.Error("the front page leads to a sheet, and no country is chosen")
	}
	one := get("&country=XA")
	for _, want := range []string{"collections/baseline-xa-regions/map?column=mean_time_min", "studies/baseline-xa/sheet?lang=en", "app/#country=XA",
		"minutes", `class="on"`, "a center that our list lacks"} {
		if !strings.Contains(one, want) {
			t.Errorf("the front page of a country has no %s", want)
		}
	}
	if de := get("&lang=de&country=XA"); !strings.Contains(de, "Faktenblatt") || strings.Contains(de, "Fact sheet") || !strings.Contains(de, "sheet?lang=de") {
		t.Error("the German front page is not in German")
	}
	if w := do(t, s, call{method: "GET", path: "/?f=html&country=ZZ"}); w.Code != 400 {
		t.Errorf("an unknown country: %d", w.Code)
	}
}

// The map of the front page has the colour of each country's number of centers, says the
// number in its tooltip, and hatches those whose list lacks some; a country whose study is
// not there yet has none.
func TestFrontMapIsColoured(t *testing.T) {
	s := fixture(t, func(c *Config) {
		world := c.World
		c.World = func(ctx context.Context, of spec.Spec) (study.World, error) {
			w, err := world(ctx, of)
			w.Completeness = func(_, country string) study.List {
				if country == "XB" {
					return study.List{Listed: 1, Published: 4}
				}
				return study.List{Listed: 4, Published: 4}
			}
			return w, err
		}
	})
	page := func() string { return do(t, s, call{path: "/?f=html"}).Body.String() }
	if before := page(); !strings.Contains(before, `<path class="k0"`) || strings.Contains(before, `class="doubt" d=`) {
		t.Error("a country is coloured before its study is there")
	}
	if err := s.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := page()
	for _, b := range s.base.list {
		e, _ := b.outcome.peek()
		class, n := 1, float64(e.result.Summary.Density.Countries[0].PerPeople)
		for _, limit := range []float64{0.3, 2, 4, 11.4} {
			if n >= limit {
				class++
			}
		}
		at := strings.Index(after, "country="+b.Code+"&amp;")
		if at < 0 {
			t.Fatalf("%s is not on the map", b.Code)
		}
		link := after[at : at+strings.Index(after[at:], "</a>")]
		short := b.Code == "XB"
		if !strings.Contains(link, fmt.Sprintf(`class="k%d"`, class)) || !strings.Contains(link, fmt.Sprintf("%.1f centers per 10 million people", n)) ||
			strings.Contains(link, `class="doubt"`) != short || strings.Contains(link, "our list has 1 of 4 centers") != short {
			t.Errorf("%s (%v): %.300s", b.Code, n, link)
		}
	}
	for _, want := range []string{"under 0.3", "11.4 or more", "lacks more than a tenth"} {
		if !strings.Contains(after, want) {
			t.Errorf("the legend does not say %q", want)
		}
	}
}

// A country is found by its name in every language, and stands once.
func TestSearchForACountry(t *testing.T) {
	h := named{hit{Kind: "country", Name: "Germany"}, nil}
	for _, name := range append(countryNames("DE"), h.Name) {
		h.plain = append(h.plain, plain(name))
	}
	for word, want := range map[string]int{"deutschland": 0, "germany": 0, "deut": 1, "schland": 2, "france": notCalled} {
		if got := h.rank(word); got != want {
			t.Errorf("%s: rank %d, expected %d", word, got, want)
		}
	}
}

// What is found by name is what holds the word, marks and capitals aside: an exact name
// first, then a beginning, then the rest; and every page that is named is there.
func TestSearch(t *testing.T) {
	s := fixture(t, nil)
	find := func(word string) searchOut {
		var out searchOut
		w := do(t, s, call{method: "GET", path: "/search?limit=100&q=" + url.QueryEscape(word)})
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v %.200s", word, w.Code, err, w.Body)
		}
		return out
	}
	all, err := s.namesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, h := range all {
		kinds[h.Kind] = true
		out := find(strings.ToUpper(h.Name))
		if len(out.Found) == 0 || plain(out.Found[0].Name) != h.plain[0] {
			t.Errorf("%s is not found first: %+v", h.Name, out.Found)
		}
		n := 0
		for _, other := range all {
			if slices.ContainsFunc(other.plain, func(name string) bool { return strings.Contains(name, h.plain[0]) }) {
				n++
			}
		}
		if n != len(out.Found)+out.More {
			t.Errorf("%s: %d found, %d hold it", h.Name, len(out.Found)+out.More, n)
		}
	}
	if !kinds["country"] || !kinds["region"] || !kinds["center"] || !kinds["town"] {
		t.Errorf("only %v are known", kinds)
	}
	for _, h := range find("e").Found {
		at := h.Page[strings.Index(h.Page[8:], "/")+8:]
		if w := do(t, s, call{method: "GET", path: at}); w.Code != 200 {
			t.Errorf("%s %s leads to %s: %d %.200s", h.Kind, h.Name, at, w.Code, w.Body)
		}
	}
	for _, bad := range []string{"", "%20", strings.Repeat("x", 101)} {
		if w := do(t, s, call{method: "GET", path: "/search?q=" + bad}); w.Code != 400 {
			t.Errorf("%.20q: %d", bad, w.Code)
		}
	}
}

// What was found is a page in the language of its reader, with the ways on from each.
func TestFoundPage(t *testing.T) {
	s := fixture(t, nil)
	for _, c := range []struct{ query, want string }{
		{"q=e", "Search for"}, {"q=e&lang=de", "Suche nach"}, {"q=e&lang=de", "lang=de"}, {"q=e", "/sheet/"}, {"q=e", "page=a4"}, {"q=zzzz&lang=fr", "Rien ici"}, {"q=%3Cb%3E", "&lt;b&gt;"},
	} {
		if w := do(t, s, call{path: "/search?f=html&" + c.query}); w.Code != 200 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: status %d, no %q in %s", c.query, w.Code, c.want, w.Body.String())
		}
	}
}

// The centers near a point are a page in the language of its reader, that gives no time across water.
func TestNearestPage(t *testing.T) {
	s := fixture(t, nil)
	for _, c := range []struct {
		query     string
		want, not []string
	}{
		{"lon=7&lat=47", []string{"The centers nearest to a point in", "by road", "in a straight line", "estimated from straight-line distance", "Latitude 47.000"}, []string{"across water", "†"}},
		{"lon=7&lat=47&lang=de", []string{`<html lang="de">`, "Die nächsten Zentren von einem Punkt in", "Luftlinie", "47,000", "lang=de"}, []string{"by road", "straight"}},
		{"lon=-60.5&lat=14.5&lang=fr", []string{"au-delà de l’eau", "à vol d’oiseau", "<p class=\"pale\">†"}, []string{"par la route,"}},
	} {
		w := do(t, s, call{path: "/nearest?f=html&" + c.query})
		for _, text := range c.want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: status %d, no %q in %s", c.query, w.Code, text, w.Body.String())
			}
		}
		for _, text := range c.not {
			if strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %q in %s", c.query, text, w.Body.String())
			}
		}
	}
	if w := do(t, s, call{path: "/nearest?f=html&lon=7&lat=47&lang=xx"}); w.Code != 400 {
		t.Errorf("lang=xx: status %d", w.Code)
	}
}
