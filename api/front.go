package api

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"slices"

	"careshed/access/study"
	"careshed/api/draw"
	"careshed/api/words"
)

//go:embed front.html
var frontText string

var frontPage = template.Must(template.New("front").Parse(frontText))

// front is the page that people see first: the countries on a map, what was found of
// one, and three ways on.
type front struct {
	landing
	Home, Lang string
	World      template.HTML
	Legend     []frontKey
	Countries  []countryOnMap
	Chosen     *countryOnMap // with what was found there; nil: none is chosen
	Study      string        // its baseline
	AsOf       string        // the youngest source of a center
	Others     []*words.Language
	say        *words.Language
}

// Say is a text in the language of the page.
func (f front) Say(key string, arguments ...any) string { return f.say.Say(key, arguments...) }

// Add1 is the number of a class by its place in the legend; Short reports whether the list of
// some country is short.
func (f front) Add1(k int) int { return k + 1 }
func (f front) Short() bool {
	return slices.ContainsFunc(f.Countries, func(c countryOnMap) bool { return c.Doubt })
}

func (s *Server) front(ctx context.Context, q *request, in landingIn, l landing) (any, error) {
	say, err := words.In(in.Lang)
	if err != nil {
		return nil, err // the parameter accepts no other
	}
	f := front{landing: l, Home: q.base + "/", Lang: in.Lang, say: say}
	for _, b := range s.base.list {
		c := countryOnMap{Code: b.Code, Name: cmp.Or(b.Name, b.Code)}
		if in.Lang != words.English {
			c.Name = cmp.Or(say.Country(b.Code), c.Name)
		}
		c.counted(b, say)
		f.Countries = append(f.Countries, c)
		if b.Code != in.Country {
			continue
		}
		e, err := s.baseline(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("baseline study of %s: %w", b.Label(), err)
		}
		if c.Said, err = draw.Finding(e.result, "mean_time_min", say); err != nil {
			return nil, err
		}
		if n := e.result.Summary.Gaps.Unsure(); n > 0 {
			c.Said += " " + say.Say("front.unsure", "n", n, "regions", e.result.Summary.Gaps.Regions)
		}
		f.Chosen, f.Study = &c, b.ID()
	}
	slices.SortFunc(f.Countries, func(a, b countryOnMap) int { return cmp.Compare(plain(a.Name), plain(b.Name)) })
	for _, code := range words.Known() {
		if other, err := words.In(code); err == nil && code != in.Lang {
			f.Others = append(f.Others, other)
		}
	}
	f.Legend = f.legend()
	if f.World, err = s.worldMap(ctx, f); err != nil {
		return nil, err
	}
	if f.AsOf, err = s.youngest(ctx); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := frontPage.Execute(&b, f); err != nil {
		return nil, err
	}
	return &answer{kind: asHTML.kind, body: b.Bytes()}, nil
}

// worldMap is the picture of the world; shapes are drawn once.
func (s *Server) worldMap(ctx context.Context, f front) (template.HTML, error) {
	shapes, err := s.shapes.get(ctx, func() (worldShapes, error) { return s.worldShapes(s.ctx) })
	if err != nil {
		return "", err
	}
	return shapes.picture(f), nil
}

// youngest is the date of the youngest source of a center, "" where none says.
func (s *Server) youngest(ctx context.Context) (string, error) {
	l, err := s.world.Layers.Layer(ctx, "centers")
	if err != nil {
		return "", err
	}
	return study.Youngest(l), nil
}
