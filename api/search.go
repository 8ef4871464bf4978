package api

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"

	"careshed/access/study"
	"careshed/api/words"
	"careshed/geo"

	"golang.org/x/text/unicode/norm"
)

type searchIn struct {
	Q     string `query:"q" doc:"a country, region, hospital or town, or the beginning of its name"`
	Limit int    `query:"limit" min:"1" max:"100" def:"20" clamp:"true" doc:"how many"`
	Lang  string `query:"lang" enum:"@languages" def:"en" doc:"the language of the page, for f=html"`
}

type searchOut struct {
	Query string `json:"query"`
	Found []hit  `json:"found" doc:"those whose name is what was asked first, then those that begin with it, then those that hold it; the largest first"`
	More  int    `json:"more" doc:"how many others there are"`
}

func (o searchOut) rows() any { return o.Found }

// hit is something of a name, and where more of it stands.
type hit struct {
	Kind    string    `json:"kind" doc:"country, region, center or town"`
	Name    string    `json:"name"`
	Within  string    `json:"within" doc:"the region or town, and the country"`
	Country string    `json:"country"`
	ID      string    `json:"id"`
	People  study.Num `json:"people" none:"not a place with people"`
	Lon     study.Num `json:"lon" none:"countries and regions are no points"`
	Lat     study.Num `json:"lat" none:"countries and regions are no points"`
	Page    string    `json:"page" doc:"its page"`
}

// named is a hit with its names as they are looked for, without marks and capitals: its
// own, and those that a country has in other languages.
type named struct {
	hit
	plain []string
}

// rank is how well a word names something: 0 exactly, 1 as a beginning, 2 as a part, and
// notCalled.
func (n named) rank(word string) int {
	best := notCalled
	for _, name := range n.plain {
		switch at := strings.Index(name, word); {
		case name == word:
			return 0
		case at == 0 || at > 0 && name[at-1] == ' ':
			best = min(best, 1)
		case at > 0:
			best = min(best, 2)
		}
	}
	return best
}

const notCalled = 3

// namesOf are all names that the server knows: countries, regions, centers and towns of
// the countries with a baseline study.
func (s *Server) namesOf(ctx context.Context) ([]named, error) {
	return s.names.get(ctx, func() ([]named, error) {
		country, nowhere := map[string]string{}, study.Num(math.NaN())
		var all []named
		add := func(h hit, also ...string) {
			names := []string{plain(h.Name)}
			for _, name := range also {
				names = append(names, plain(name))
			}
			all = append(all, named{h, names})
		}
		for _, c := range s.config.Countries {
			country[c.Code] = cmp.Or(c.Name, c.Code)
			add(hit{Kind: "country", Name: country[c.Code], Country: c.Code, ID: c.Code, People: nowhere, Lon: nowhere, Lat: nowhere}, countryNames(c.Code)...)
		}
		region := map[string]string{}
		for _, of := range []struct{ kind, layer, name string }{{"region", "regions", "region_name"}, {"center", "centers", "name"}, {"town", "settlements", "name"}} {
			l, err := s.world.Layers.Layer(s.ctx, of.layer)
			if err != nil {
				return nil, err
			}
			f := fields{l}
			for i := range l.Len() {
				h := hit{Kind: of.kind, Name: f.text(of.name, i), Country: f.text("country", i), ID: l.ID(i), People: f.number("population", i), Lon: nowhere, Lat: nowhere}
				if country[h.Country] == "" || h.Name == "" {
					continue
				}
				key := h.Country + " " + f.text("region_code", i)
				h.Within = country[h.Country]
				if of.kind == "region" {
					region[key] = h.Name
				} else {
					h.Within = strings.Join(slices.Compact(slices.DeleteFunc([]string{f.text("city", i), region[key], h.Within},
						func(s string) bool { return s == "" || s == h.Name })), ", ")
				}
				if of.kind != "region" && l.Located(i) {
					h.Lon, h.Lat = study.Num(l.Point(i)[0]), study.Num(l.Point(i)[1])
				}
				add(h)
			}
		}
		return all, nil
	})
}

// countryNames are the names of a country in all languages.
func countryNames(code string) (names []string) {
	for _, of := range words.Known() {
		if l, err := words.In(of); err == nil && l.Country(code) != "" {
			names = append(names, l.Country(code))
		}
	}
	return names
}

// plain is a name without marks and capitals.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.TrimSpace(name)))
}

// search finds what is called so.
func (s *Server) search(ctx context.Context, q *request, in searchIn) (any, error) {
	word := plain(in.Q)
	switch n := len([]rune(word)); {
	case n == 0:
		return nil, parameter("q", in.Q, "a name, or its beginning", "q is missing")
	case n > 100:
		return nil, parameter("q", shorten(in.Q), "100 letters", "the name has %d letters", n)
	}
	all, err := s.namesOf(ctx)
	if err != nil {
		return nil, err
	}
	kinds := []string{"country", "region", "center", "town"}
	ranks := make([][]named, notCalled)
	for _, h := range all {
		if r := h.rank(word); r < notCalled {
			ranks[r] = append(ranks[r], h)
		}
	}
	out := searchOut{Query: in.Q, Found: []hit{}}
	for _, r := range ranks {
		slices.SortStableFunc(r, func(a, b named) int {
			return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(b.People, a.People))
		})
		for _, h := range r {
			if len(out.Found) == in.Limit {
				out.More++
				continue
			}
			h.Page = q.base + "/" + s.pageOf(h.hit)
			out.Found = append(out.Found, h.hit)
		}
	}
	if q.format == asHTML {
		return s.foundPage(q, out, in.Lang)
	}
	return out, nil
}

// pageOf is where more stands of what was found: of a country its front page, of a
// region its fact sheet, of a center or town the centers nearest to it.
func (s *Server) pageOf(h hit) string {
	switch h.Kind {
	case "country":
		return "?country=" + h.Country
	case "region":
		return "studies/" + study.Baseline{Code: h.Country}.ID() + "/sheet/" + h.ID + "?f=html"
	}
	return "nearest?country=" + h.Country + "&lon=" + string(geo.AppendNumber(nil, float64(h.Lon))) + "&lat=" + string(geo.AppendNumber(nil, float64(h.Lat))) + "&f=html"
}
