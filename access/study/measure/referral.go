package measure

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"

	"github.com/paulmach/orb"
)

// ReferralMeasure asks for the way from referring hospitals to the centers. It
// is a distance of its own kind, never mixed with that from home.
type ReferralMeasure struct {
	Layer  string     `yaml:"layer" doc:"the layer of referring hospitals"`
	Where  spec.Where `yaml:"where" doc:"which hospitals"`
	Weight string     `yaml:"weight" doc:"a field to weight by, such as beds; every hospital alike if left out"`
}

// Validate is that of [Params].
func (m *ReferralMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(spec.That(m.Layer != "", at+".layer", "is missing", "a layer of hospitals"))
}

// Acting is that of [Params].
func (*ReferralMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// referral is the way from hospitals to centers. It is a distance of its own kind:
// nothing of it enters the figures from home.
type referral struct {
	*finding.Study
	of *ReferralMeasure
}

// FindReferral finds the way from hospitals, where the study asks for it.
func FindReferral(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if m := spec.Asked[*ReferralMeasure](s.Spec.Measures); m != nil {
		return &referral{s, m}, nil
	}
	return nil, nil
}

// Tell measures it.
func (r *referral) Tell(ctx context.Context) error {
	m := r.of
	l, err := r.Layer(ctx, "measures.referral", m.Layer, m.Where)
	if err != nil {
		return err
	}
	s := r.Spec
	s.Places = spec.PlacesSpec{Layer: m.Layer, Where: m.Where, Weight: "weight"}
	weight := make([]float64, l.Len())
	for i := range weight {
		weight[i] = 1
	}
	if m.Weight != "" {
		if weight, err = r.Referred(l, m.Weight); err != nil {
			return fmt.Errorf("measures.referral.weight: %w", err)
		}
	}
	from := &ground.Ground{Spec: s, World: r.World}
	from.Used, from.Engine, from.Crow, from.Regions = r.Used, r.Engine, r.Crow, r.Regions
	from.Places, from.People, from.Country, from.Stops = l, weight, make([]string, l.Len()), ground.Stops(l)
	from.Sites, from.SiteFields = r.Sites, r.SiteFields
	if c, ok := l.Column("country"); ok {
		for i := range from.Country {
			from.Country[i] = c.Text(i)
		}
	}
	if r.Spec.Travel.Borders.Rule == "same-region" && r.Regions != nil {
		at := make([]orb.Point, l.Len())
		for i := range at {
			at[i] = l.Point(i)
		}
		if from.Region, _, err = r.Assign(l, at); err != nil {
			return fmt.Errorf("measures.referral: %w", err)
		}
	}
	if err := from.LoadBorders(ctx); err != nil {
		return fmt.Errorf("measures.referral: %w", err)
	}
	t, err := from.Trips(ctx, r.Sites, 1)
	if err != nil {
		return err
	}
	r.Result.Summary.Referral = &finding.ReferralSummary{Hospitals: l.Len(), Weight: cmp.Or(m.Weight, "each hospital alike"),
		GeodesicKm: finding.StatsOf(t.Straight, weight), DistanceKm: finding.StatsOf(t.Km, weight), TimeMin: finding.StatsOf(t.Minutes, weight)}
	if lost := len(weight) - timed(t.Minutes); lost > 0 {
		r.Note("referral.lost", "n", lost, "of", len(weight))
	}
	r.Note("referral.apart")
	return nil
}

func timed(minutes []float64) (n int) {
	for _, m := range minutes {
		n += ground.Bit(!math.IsNaN(m))
	}
	return n
}
