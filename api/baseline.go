package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"careshed/access/study"
)

// baseline is the study that the quick looks at a country answer from, unless a
// request names another.
type baseline struct {
	study.Baseline
	outcome once[*outcome]

	plans  [21]once[sitesOut] // by the number of sites
	sheets once[*outcome]     // with a plan and draws
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

func newBaselines(countries []Country) (*baselines, error) {
	all := &baselines{turn: make(chan struct{}, 1)}
	for _, c := range countries {
		b := &baseline{Baseline: study.Baseline{Code: c.Code, Name: c.Name}}
		if _, err := b.Spec(""); err != nil {
			return nil, fmt.Errorf("api: baseline study of %q: %w", c.Code, err)
		}
		all.list = append(all.list, b)
	}
	return all, nil
}

// baseline is the result of a baseline study, carried out now if need be.
func (s *Server) baseline(ctx context.Context, b *baseline) (*outcome, error) {
	return b.outcome.get(ctx, func() (*outcome, error) { return s.inTurn(b.ID(), b.Text("")) })
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

func (s *Server) withoutOverseas(ctx context.Context) (out []*baseline, err error) {
	l, err := s.world.Layers.Layer(ctx, "regions")
	if err != nil {
		return nil, err
	}
	for _, b := range s.base.list {
		if part, ok := b.OnMainland(l); ok {
			out = append(out, &baseline{Baseline: part})
		}
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
			return nil, fmt.Errorf("baseline study of %s: %w", b.Label(), err)
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, parameter("study", "", "the id of a study", "this server has no countries of its own: name a study whose result is here")
	}
	return out, nil
}
