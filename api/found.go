package api

import (
	"bytes"
	"embed"
	"html/template"
	"net/url"
	"strings"

	"careshed/access/study"
	"careshed/api/words"
)

//go:embed plain.html found.html nearest.html
var plainFiles embed.FS

// plainPages are pages of cards, for people: what a search found, and the centers near a point.
var plainPages = template.Must(template.ParseFS(plainFiles, "*.html"))

// foundDoc is the page of what was found, for people: each with its ways on.
type foundDoc struct {
	Home, Lang string
	searchOut
	Hits []foundHit
	say  *words.Language
}

type foundHit struct {
	Name, Kind, Within, People string
	Links                      []link
}

// Say is a text in the language of the page.
func (f foundDoc) Say(key string, arguments ...any) string { return f.say.Say(key, arguments...) }

// foundPage is what was found as a page in the language of its reader.
func (s *Server) foundPage(q *request, out searchOut, lang string) (any, error) {
	say, err := words.In(lang)
	if err != nil {
		return nil, err // the parameter accepts no other
	}
	f := foundDoc{Home: q.base + "/", Lang: lang, searchOut: out, say: say}
	for _, h := range out.Found {
		one := foundHit{Name: h.Name, Within: h.Within, Kind: say.Say("front.kind." + h.Kind), Links: f.ways(h)}
		if country := say.Country(h.Country); lang != words.English && country != "" { // the last of the names of where it is
			names := strings.Split(h.Within, ", ")
			names[len(names)-1] = country
			one.Within = strings.Join(names, ", ")
			if h.Kind == "country" {
				one.Name, one.Within = country, ""
			}
		}
		if h.People > 0 {
			one.People = say.Say("front.people", "n", float64(h.People))
		}
		f.Hits = append(f.Hits, one)
	}
	return plainPage("found.html", f)
}

func plainPage(name string, of any) (any, error) {
	var b bytes.Buffer
	if err := plainPages.ExecuteTemplate(&b, name, of); err != nil {
		return nil, err
	}
	return &answer{kind: asHTML.kind, body: b.Bytes()}, nil
}

// ways are the pages that say more of something: that of its name first.
func (f foundDoc) ways(h hit) []link {
	lang, app := "&lang="+f.Lang, f.Home+"app/#country="+h.Country
	base := f.Home + "studies/" + study.Baseline{Code: h.Country}.ID() + "/sheet"
	plan := f.Home + "collections/" + study.Baseline{Code: h.Country}.ID() + "-regions/map?column=mean_time_min&page=a4&f=pdf" + lang
	switch h.Kind {
	case "country":
		return []link{{Href: h.Page + lang, Title: h.Name}, {Href: plan, Title: f.Say("front.door.map") + " (PDF)"},
			{Href: base + "?f=pdf" + lang, Title: f.Say("front.door.sheet") + " (PDF)"}, {Href: app + lang, Title: f.Say("front.door.explore")}}
	case "region":
		return []link{{Href: h.Page + lang, Title: h.Name}, {Href: base + "/" + url.PathEscape(h.ID) + "?f=pdf" + lang, Title: f.Say("front.door.sheet") + " (PDF)"},
			{Href: plan, Title: f.Say("front.door.map") + " (PDF)"}, {Href: app + "&region=" + url.QueryEscape(h.ID) + lang, Title: f.Say("front.door.explore")}}
	}
	return []link{{Href: h.Page + lang, Title: h.Name}, {Href: app + lang, Title: f.Say("front.door.explore")}}
}
