package study

import (
	"context"
	"maps"
	"slices"

	"careshed/geo"
)

// places is the layer of places: where each goes, how long it takes, what that does
// to the likelihood of treatment, and every score.
type places struct{ *Study }

func findPlaces(_ context.Context, s *Study) (Finding, error) { return &places{s}, nil }

// Tell puts it first among the layers.
func (r *places) Tell(context.Context) error {
	var sh sheet
	sh.carried(r.Places, "name", "country", "region_code")
	if r.Regions != nil {
		r.regionOfPlaces(&sh)
	}
	sh.people("population", "People", r.People)
	sh.carried(r.Places, slices.Sorted(maps.Keys(r.Spec.Places.Groups))...)
	for _, q := range r.Spec.Inequality {
		sh.carried(r.Places, q.Field())
	}
	if err := Each(r.Study, func(f OfPlaces) error { f.PlaceColumns(&sh); return nil }); err != nil {
		return err
	}
	about := geo.About{Name: "places", Title: r.Spec.Name + ": places", Licence: r.Places.Licence, Attribution: r.Places.Attribution}
	l, err := r.Places.Replaced(about, sh.columns...)
	if err != nil {
		return err
	}
	r.Result.Layers = append([]*geo.Layer{l}, r.Result.Layers...)
	return nil
}

// regionOfPlaces are the region of each place, and whether it lies off all.
func (r *places) regionOfPlaces(sh *sheet) {
	n := r.Places.Len()
	region := make([]string, n)
	for i, row := range r.Region {
		if row >= 0 {
			region[i] = r.Regions.ID(row)
		}
	}
	sh.text("region_id", "Region", region)
	if slices.Contains(r.Coastal, true) {
		off := make([]float64, n)
		for i, c := range r.Coastal {
			if c {
				off[i] = 1
			}
		}
		sh.flag("region_nearest", "Lies off every region's generalised border; counted in the nearest", off)
	}
}
