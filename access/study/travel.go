package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
)

// TravelMeasure asks for the way to the nearest sites.
type TravelMeasure struct {
	K             int       `yaml:"k" default:"1" doc:"how many of the nearest sites"`
	IsochronesMin []float64 `yaml:"isochrones_min" doc:"engine road: also the areas within so many minutes of a center, as a layer"`
	BandsMin      []float64 `yaml:"bands_min" doc:"minutes within which people are counted; 30, 60, 90, 120, 180, 240 if left out"`
}

// Validate is that of [Params].
func (m *TravelMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	beyond := func(v float64) bool { return !(v > 0 && v <= 1440) }
	if err := spec.Check(
		spec.That(m.K >= 0 && m.K <= 100, at+".k", fmt.Sprintf("found %d", m.K), "1 to 100"),
		spec.That(len(m.IsochronesMin) <= 12 && !slices.ContainsFunc(m.IsochronesMin, beyond), at+".isochrones_min", "does not fit",
			"up to 12 numbers of minutes, above 0 and up to 1440"),
	); err != nil {
		return err
	}
	for _, b := range m.BandsMin {
		if b <= 0 {
			return &spec.SpecError{Field: at + ".bands_min", Problem: fmt.Sprintf("found %v", b), Accept: "minutes above 0"}
		}
	}
	return nil
}

// Acting is that of [Params].
func (m *TravelMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "k", Value: fmt.Sprint(max(1, m.K)), Given: m.K > 0},
		{Name: "bands_min", Value: fmt.Sprint(m.bands()), Given: len(m.BandsMin) > 0}}
}

// bands are the minutes that people are counted within.
func (m *TravelMeasure) bands() []float64 {
	if m != nil && len(m.BandsMin) > 0 {
		return m.BandsMin
	}
	return []float64{30, 60, 90, 120, 180, 240}
}

// bandLimits are those of the study.
func (r *run) bandLimits() []float64 { return spec.Asked[*TravelMeasure](r.Spec.Measures).bands() }

func (r *run) seaPeople() float64 {
	var sea float64
	for i, s := range r.base.Sea {
		if s {
			sea += r.People[i]
		}
	}
	return sea
}

func (r *run) presentTravel(context.Context) error {
	if !r.Spec.Measures.Has("travel") {
		return nil
	}
	t := &TravelSummary{Engine: r.Engine.About(), Borders: r.Borders(), Sea: Num(r.seaPeople()), WithoutTime: map[string]Num{},
		GeodesicKm: stats(r.base.Straight, r.People), DistanceKm: stats(r.base.Km, r.People), TimeMin: stats(r.base.Minutes, r.People)}
	for reason, people := range r.base.Without(r.People) {
		t.WithoutTime[reason] = Num(people)
	}
	var sh sheet
	var minutes, people, share []float64
	for _, b := range access.Bands(r.base.Minutes, r.People, r.bandLimits()) {
		t.Bands = append(t.Bands, Band{Num(b.Minutes), Num(b.People), Num(b.Share)})
		minutes, people, share = append(minutes, b.Minutes), append(people, b.People), append(share, b.Share)
	}
	r.result.Summary.Travel = t
	sh.number("minutes", "Within minutes", "min", minutes)
	sh.people("people", "People", people)
	sh.number("share", "Share of all people", "", share)
	return r.addTable(geo.NewTable(geo.About{Name: "bands", Title: "People within minutes of a center"}, nil, sh.columns...))
}

// unsureSites says for how many people a site of which it is not known whether it
// takes them would be nearer.
func (r *run) unsureSites(ctx context.Context) error {
	unsure := append(slices.Clone(r.Doubtful), r.SilentSites()...)
	if len(unsure) == 0 {
		return nil
	}
	with, err := r.Trips(ctx, append(slices.Clone(r.Sites), unsure...), 1)
	if err != nil {
		return err
	}
	var people float64
	for i, t := range with.Minutes {
		if t < r.base.Minutes[i] || math.IsNaN(r.base.Minutes[i]) && !math.IsNaN(t) {
			people += r.People[i]
		}
	}
	if people > 0 {
		r.Note("accepts.unsure", "people", people, "n", len(unsure))
	}
	return nil
}
