// Package study carries out a study: a document that names layers, travel,
// demand, penalty, measures, scenarios, siting and uncertainty. Run is the only
// orchestrator; whatever presents a result calls it, so that no two can
// disagree.
//
// The package reads no file: a World brings the layers and the engines.
package study

import (
	"context"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Run carries a study out. report, if not nil, is called now and then from the
// calling goroutine. The same world and spec give the same result to the bit.
func Run(ctx context.Context, w World, s spec.Spec, report func(Progress)) (*finding.Result, error) {
	if report == nil {
		report = func(Progress) {}
	}
	report(Progress{Stage: "read layers"})
	in, err := ground.Load(ctx, w, s)
	if err != nil {
		return nil, err
	}
	under := newStudy(in, report)
	for _, k := range ordered(parts()) {
		if err := find(ctx, under, k); err != nil {
			return nil, err
		}
	}
	report(Progress{Stage: "results"})
	return tell(ctx, under)
}

// newStudy is a study of which nothing is found yet.
func newStudy(in *ground.Ground, report func(Progress)) *finding.Study {
	return &finding.Study{Ground: in, Report: report, Result: &finding.Result{Spec: in.Spec}, Found: make([]finding.Finding, len(parts()))}
}

// find has a part of the study found, by its place among the parts.
func find(ctx context.Context, s *finding.Study, k int) (err error) {
	p := parts()[k]
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.stage != "" {
		s.Report(Progress{Stage: p.stage})
	}
	s.Found[k], err = p.find(ctx, s)
	if gone := ctx.Err(); gone != nil {
		return gone // what is cut short is neither found nor refused
	}
	return err
}

// tell makes layers, tables, summary and manifest of what was found.
func tell(ctx context.Context, s *finding.Study) (*finding.Result, error) {
	sum := &s.Result.Summary
	sum.Name, sum.Title, sum.Places, sum.Population = s.Spec.Name, s.Spec.Title, s.Places.Len(), Num(s.Total)
	sum.Sites = s.Count(s.Sites)
	told := func(f finding.Finding) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return f.Tell(ctx)
	}
	if err := finding.Each(s, told); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err // what is cut short is no result
	}
	sum.NoValue = lacking(sum)
	sum.Notes = append(Notes{}, s.Notes...)
	s.Result.Manifest, s.Result.Reach = manifest(s), s.Reach()
	return s.Result, nil
}

// ReachOf answers for points that are no places: who may go to which center, and how
// long it takes.
func ReachOf(ctx context.Context, w World, s spec.Spec) (*ground.Reach, error) {
	in, err := ground.Load(ctx, w, s)
	if err != nil {
		return nil, err
	}
	return in.Reach(), nil
}
