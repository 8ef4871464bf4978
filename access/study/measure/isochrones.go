package measure

import (
	"context"
	"fmt"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// isochrones are the areas within minutes of a center.
type isochrones struct {
	*finding.Study
	limits []float64 // minutes, as the spec has them
}

// FindIsochrones finds the areas within minutes of a center, where the study asks for it.
func FindIsochrones(_ context.Context, s *finding.Study) (finding.Finding, error) {
	m := spec.Asked[*TravelMeasure](s.Spec.Measures)
	if m == nil || len(m.IsochronesMin) == 0 {
		return nil, nil
	}
	return &isochrones{s, m.IsochronesMin}, nil
}

// Tell makes the layer of the areas within minutes of any center, the larger first so
// that a map shows the smaller on top. Borders are not seen: an area is where one can
// drive from, not who may.
func (r *isochrones) Tell(ctx context.Context) error {
	engine, ok := travel.AreasOf(r.Engine)
	if !ok {
		return fmt.Errorf("measures.travel.isochrones_min: engine %s knows no roads to draw them along; accepted: engine road", r.Engine.About().Name)
	}
	var stops []travel.Stop
	for _, j := range ground.Goals(r.Sites) {
		stops = append(stops, r.Sites[j].Stop)
	}
	n := len(r.limits)
	limits, minutes := make([]travel.Seconds, n), make([]float64, n)
	for k, at := range ground.Order(r.limits) {
		minutes[k] = r.limits[at]
		limits[k] = travel.FromMinutes(minutes[k])
	}
	found, err := engine.Areas(ctx, stops, limits, true)
	if err != nil {
		return fmt.Errorf("measures.travel.isochrones_min: %w", err)
	}
	ids, shapes := make([]string, n), make([]orb.Geometry, n)
	people, share := make([]float64, n), make([]float64, n)
	for k, a := range found {
		ids[k], shapes[k] = fmt.Sprintf("%g", minutes[k]), a
		band := access.Bands(r.Ways.Minutes, r.People, []float64{minutes[k]})[0]
		people[k], share[k] = band.People, band.Share
	}
	sh := finding.Sheet{Of: "isochrones"}
	sh.Number("minutes", minutes)
	sh.People("people", people)
	sh.Number("share", share)
	about := sh.About()
	about.Attribution = r.Engine.About().Settings["attribution"]
	return r.AddLayer(geo.NewLayer(about, ids, shapes, sh.Columns...))
}
