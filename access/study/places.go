package study

import (
	"context"
	"maps"
	"slices"

	"careshed/access/study/finding"
	"careshed/geo"
)

// places is the layer of places: where each goes, how long it takes, what that does
// to the likelihood of treatment, and every score.
type places struct{ *finding.Study }

func findPlaces(_ context.Context, s *finding.Study) (finding.Finding, error) { return &places{s}, nil }

// Tell puts it first among the layers.
func (r *places) Tell(context.Context) error {
	sh := finding.Sheet{Of: "places"}
	sh.Carried(r.Places, "name", "country", "region_code")
	if r.Regions != nil {
		r.regionOfPlaces(&sh)
	}
	sh.People("population", r.People)
	sh.Carried(r.Places, slices.Sorted(maps.Keys(r.Spec.Places.Groups))...)
	for _, q := range r.Spec.Inequality {
		sh.Carried(r.Places, q.Field())
	}
	if err := finding.Each(r.Study, func(f finding.OfPlaces) error { f.PlaceColumns(&sh); return nil }); err != nil {
		return err
	}
	about := geo.About{Name: "places", Title: r.Spec.Name + ": places", Licence: r.Places.Licence, Attribution: r.Places.Attribution}
	l, err := r.Places.Replaced(about, sh.Columns...)
	if err != nil {
		return err
	}
	r.Result.Layers = append([]*geo.Layer{l}, r.Result.Layers...)
	return nil
}

// regionOfPlaces are the region of each place, and whether it lies off all.
func (r *places) regionOfPlaces(sh *finding.Sheet) {
	n := r.Places.Len()
	region := make([]string, n)
	for i, row := range r.Region {
		if row >= 0 {
			region[i] = r.Regions.ID(row)
		}
	}
	sh.Text("region_id", region)
	if slices.Contains(r.Coastal, true) {
		off := make([]float64, n)
		for i, c := range r.Coastal {
			if c {
				off[i] = 1
			}
		}
		sh.Flag("region_nearest", off)
	}
}
