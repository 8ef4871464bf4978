package study

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// ReferralMeasure asks for the way from referring hospitals to the centers. It
// is a distance of its own kind, never mixed with that from home.
type ReferralMeasure struct {
	Layer  string `yaml:"layer" doc:"the layer of referring hospitals"`
	Where  Where  `yaml:"where" doc:"which hospitals"`
	Weight string `yaml:"weight" doc:"a field to weight by, such as beds; every hospital alike if left out"`
}

// Validate is that of [Params].
func (m *ReferralMeasure) Validate(_ *Spec, _ Measure, at string) error {
	return check(rule{m.Layer != "", at + ".layer", "is missing", "a layer of hospitals"})
}

// Acting is that of [Params].
func (*ReferralMeasure) Acting(Measure) []Acting { return nil }

// presentReferral measures the way from hospitals to centers. It is a distance
// of its own kind: nothing of it enters the figures from home.
func (r *run) presentReferral(ctx context.Context) error {
	m := Asked[*ReferralMeasure](r.spec.Measures)
	if m == nil {
		return nil
	}
	l, err := r.layer(ctx, "measures.referral", m.Layer, m.Where)
	if err != nil {
		return err
	}
	s := r.spec
	s.Places = PlacesSpec{Layer: m.Layer, Where: m.Where, Weight: "weight"}
	weight := make([]float64, l.Len())
	for i := range weight {
		weight[i] = 1
	}
	if m.Weight != "" {
		if weight, err = r.amounts(l, m.Weight); err != nil {
			return fmt.Errorf("measures.referral.weight: %w", err)
		}
	}
	from := &inputs{spec: s, world: r.world, used: r.used, engine: r.engine, crow: r.crow, places: l, people: weight, regions: r.regions,
		sites: r.sites, siteFields: r.siteFields, country: make([]string, l.Len()), stops: stops(l)}
	if c, ok := l.Column("country"); ok {
		for i := range from.country {
			from.country[i] = c.Text(i)
		}
	}
	if r.spec.Travel.Borders.Rule == "same-region" && r.regions != nil {
		at := make([]orb.Point, l.Len())
		for i := range at {
			at[i] = l.Point(i)
		}
		if from.region, _, err = r.assign(l, at); err != nil {
			return fmt.Errorf("measures.referral: %w", err)
		}
	}
	if err := from.loadBorders(ctx); err != nil {
		return fmt.Errorf("measures.referral: %w", err)
	}
	t, err := from.trips(ctx, r.sites, 1)
	if err != nil {
		return err
	}
	r.result.Summary.Referral = &ReferralSummary{Hospitals: l.Len(), Weight: cmp.Or(m.Weight, "each hospital alike"),
		GeodesicKm: stats(t.straight, weight), DistanceKm: stats(t.km, weight), TimeMin: stats(t.minutes, weight)}
	if lost := len(weight) - timed(t.minutes); lost > 0 {
		r.note("referral.lost", "n", lost, "of", len(weight))
	}
	r.note("referral.apart")
	return nil
}

func timed(minutes []float64) (n int) {
	for _, m := range minutes {
		n += b2i(!math.IsNaN(m))
	}
	return n
}
