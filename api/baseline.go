package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"careshed/access/study"
	"careshed/geo"
)

// baseline is the study that the quick looks at a country answer from, unless a
// request names another.
type baseline struct {
	Country
	part    string   // "", or metropolitan
	near    []string // the regions it is kept to, quoted; nil: all
	text    string   // the spec, "" until the parts of the country are known
	outcome once[*outcome]

	plans  [21]once[sitesOut] // by the number of sites
	sheets once[*outcome]     // with a plan and draws
}

func (b *baseline) id() string {
	return strings.ToLower(strings.TrimSuffix("baseline-"+b.Code+"-"+b.part, "-"))
}

func (b *baseline) label() string {
	if b.part != "" {
		return b.Code + " (" + b.part + ")"
	}
	return b.Code
}

// baselines are the studies of all countries, and a second one for a country
// with regions overseas: without them.
type baselines struct {
	list  []*baseline
	parts once[[]*baseline] // those without the regions overseas
	turn  chan struct{}     // one runs at a time
}

// all are the studies that are known by now.
func (b *baselines) all() []*baseline {
	parts, _ := b.parts.peek()
	return append(slices.Clip(b.list), parts...)
}

// metropolitan is the field of the regions that is false overseas.
const metropolitan = "metropolitan"

func newBaselines(countries []Country) (*baselines, error) {
	all := &baselines{turn: make(chan struct{}, 1)}
	for _, c := range countries {
		b := &baseline{Country: c}
		b.text = b.spec("")
		if _, err := study.Parse(strings.NewReader(b.text), nil); err != nil {
			return nil, fmt.Errorf("api: baseline study of %q: %w", c.Code, err)
		}
		all.list = append(all.list, b)
	}
	return all, nil
}

// spec is the baseline study of a country: the nearest centers of the same
// country, density, gaps and penalty, all with their defaults; more are
// sections to add.
func (b *baseline) spec(more string) string {
	only, where := b.only(), ""
	if b.part != "" {
		where = ", " + metropolitan + ": true"
	}
	return fmt.Sprintf(`version: 1
name: %[4]s
title: %[5]q
places: {layer: settlements, where: {country: %[1]q%[2]s}, weight: population}
regions: {layer: regions, where: {country: %[1]q%[3]s}, join: region_code}
sites: {layer: centers, where: {country: %[1]q%[2]s, tier: [1, 2]}, count: campus}
travel: {engine: crow, borders: same-country}
measures:
  - travel: {k: 3}
  - density: {by: region, per: 10000000}
  - gaps: {beyond_min: 120}
  - penalty: {}
output: {links: none}
%[6]s`, b.Code, only, where, b.id(), strings.TrimSpace(b.Name+" "+b.part)+", baseline", more)
}

// only keeps places and sites to the regions of the part, if it is one.
func (b *baseline) only() string {
	if b.part == "" {
		return ""
	}
	return fmt.Sprintf(", region_code: [%s]", strings.Join(b.near, ", "))
}

// baseline is the result of a baseline study, carried out now if need be.
func (s *Server) baseline(ctx context.Context, b *baseline) (*outcome, error) {
	return b.outcome.get(ctx, func() (*outcome, error) { return s.inTurn(b.id(), b.text) })
}

// inTurn carries out a study of our own, one at a time.
func (s *Server) inTurn(id, text string) (*outcome, error) {
	select {
	case s.base.turn <- struct{}{}:
		defer func() { <-s.base.turn }()
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
	spec, err := study.Parse(strings.NewReader(text), nil)
	if err != nil {
		return nil, err
	}
	return s.atOnce(s.ctx, id, spec)
}

// overseas is a study without the regions overseas for every country that has
// some.
func (s *Server) overseas(ctx context.Context) ([]*baseline, error) {
	return s.base.parts.get(ctx, func() ([]*baseline, error) { return s.withoutOverseas(s.ctx) })
}

func (s *Server) withoutOverseas(ctx context.Context) ([]*baseline, error) {
	l, err := s.world.Layers.Layer(ctx, "regions")
	if err != nil {
		return nil, err
	}
	home, ok := l.Column(metropolitan)
	if !ok || home.Type != geo.Bool {
		return nil, nil
	}
	country, err := l.Texts("country")
	if err != nil {
		return nil, err
	}
	code, err := l.Texts("region_code")
	if err != nil {
		return nil, err
	}
	var out []*baseline
	for _, c := range s.config.Countries {
		var near []string
		far := 0
		for i := range country {
			if country[i] != c.Code || home.Null(i) {
				continue
			}
			if home.Number(i) == 0 {
				far++
			} else {
				near = append(near, fmt.Sprintf("%q", code[i]))
			}
		}
		if far == 0 || len(near) == 0 {
			continue
		}
		slices.Sort(near)
		b := &baseline{Country: c, part: metropolitan, near: near}
		b.text = b.spec("")
		out = append(out, b)
	}
	return out, nil
}

// studiesOf finds the studies that a quick look answers from: the one that is
// named, that of the country, or those of all countries.
func (s *Server) studiesOf(ctx context.Context, id, country string) ([]*outcome, error) {
	if id != "" {
		e, err := s.study(ctx, id)
		if err != nil {
			return nil, err
		}
		if country != "" {
			return nil, parameter("country", country, "study or country", "study %s says which countries it is about", shorten(id))
		}
		return []*outcome{e}, nil
	}
	var out []*outcome
	for _, b := range s.base.list {
		if country != "" && b.Code != country {
			continue
		}
		e, err := s.baseline(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("baseline study of %s: %w", b.label(), err)
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, parameter("study", "", "the id of a study", "this server has no countries of its own: name a study whose result is here")
	}
	return out, nil
}
