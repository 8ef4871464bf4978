package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// spatial is where values gather.
type spatial struct{ *finding.Study }

func findSpatial(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if s.Spec.Spatial == nil {
		return nil, nil
	}
	return &spatial{s}, nil
}

// Tell computes the global Moran's I and, by place, local Moran, Gi
// and Gi* of columns of the places that have a value everywhere they are asked.
func (r *spatial) Tell(ctx context.Context) error {
	x := r.Spec.Spatial
	var t gathering
	for _, name := range x.Of {
		if err := r.gatherings(ctx, &t, name); err != nil {
			return err
		}
	}
	sh := finding.Sheet{Of: "spatial"}
	sh.Text("place_id", t.ids)
	sh.Text("of", t.of)
	sh.Number("local_moran", t.moran)
	sh.Number("local_moran_p", t.moranP)
	sh.Text("cluster", t.cluster)
	sh.Number("gi", t.gi)
	sh.Number("gi_star", t.star)
	sh.Number("gi_p", t.giP)
	sh.Text("spot", t.spotted)
	sh.Text("reason", t.reason)
	return r.AddTable(sh.Table())
}

// gathering is the table of where values gather: a row a place and column.
type gathering struct {
	ids, of, cluster, spotted, reason []string
	moran, moranP, gi, giP, star      []float64
}

// gatherings looks where the values of a column gather.
func (r *spatial) gatherings(ctx context.Context, t *gathering, name string) error {
	x, places := r.Spec.Spatial, r.Result.Layer("places")
	rows, value, err := r.valuesAt(places, name)
	if err != nil {
		return err
	}
	at, shapes := make([]orb.Point, len(rows)), make([]orb.Geometry, len(rows))
	for k, i := range rows {
		at[k], shapes[k] = places.Point(i), places.Shape(i)
	}
	summary := finding.SpatialSummary{Of: name, Neighbours: x.Words(), Places: len(rows), Moran: Num(math.NaN()), Z: Num(math.NaN())}
	w, err := r.neighbours(ctx, at, shapes)
	var refused *spec.SpecError
	var full *ground.NoMemory
	if gone := ctx.Err(); gone != nil || errors.As(err, &refused) || errors.As(err, &full) {
		return cmp.Or(gone, err)
	}
	if err != nil && (x.Neighbours == "contiguity" || x.K > 0) { // what the study asks for itself
		return fmt.Errorf("spatial: %w", err)
	}
	var m access.Moran
	if err == nil {
		m, err = access.MoranI(value, w)
	}
	if err != nil {
		// What the places have is no ground to lose the rest of the study.
		summary.Why = err.Error()
		r.Result.Summary.Spatial = append(r.Result.Summary.Spatial, summary)
		return nil
	}
	permutations, seed, rate := cmp.Or(x.Permutations, 999), cmp.Or(x.Seed, 1), cmp.Or(x.Rate, 0.05)
	asked := float64(permutations) * float64(len(w.To)) * float64(len(x.Of))
	if err := r.World.Asker.Allows("permuted", "spatial.permutations", asked); err != nil {
		return err
	}
	s, err := localScores(ctx, value, w, drawing{permutations, seed, rate})
	if err != nil {
		return err
	}
	found, spots := t.add(scoredColumn{places, rows, name, value}, s)
	if found+spots == 0 && 1/float64(permutations+1) > rate/float64(len(rows)) {
		r.Note("spatial.permutations", "n", permutations, "least", 1/float64(permutations+1), "places", len(rows), "of", name)
	}
	summary.Moran, summary.Z, summary.Clusters, summary.Spots = Num(m.I), Num(m.ZRandom), found, spots
	switch {
	case math.IsNaN(m.I):
		summary.Why = "no place has a neighbour"
	case math.IsNaN(m.ZRandom):
		summary.Why = "the index is the same for every order of the values: there is no score"
	}
	r.Result.Summary.Spatial = append(r.Result.Summary.Spatial, summary)
	return nil
}

// valuesAt are the places that have a value of a column and lie somewhere, and the
// values.
func (r *spatial) valuesAt(places *geo.Layer, name string) (rows []int, value []float64, err error) {
	v, err := places.Numbers(name)
	if err != nil {
		return nil, nil, fmt.Errorf("spatial.of: %w", err)
	}
	for i := range v {
		if !math.IsNaN(v[i]) && (places.IsTable() || places.Located(i)) {
			rows, value = append(rows, i), append(value, v[i])
		}
	}
	if left := len(v) - len(rows); left > 0 {
		r.Note("spatial.left", "n", left, "of", name)
	}
	if places.IsTable() {
		return nil, nil, fmt.Errorf("spatial: layer %s has no coordinates, and neighbours need them; "+
			"accepted: columns lon and lat, or shapes", r.Spec.Places.Layer)
	}
	return rows, value, nil
}

// locals are the scores of every place, and the p-values up to which they count at
// the false discovery rate.
type locals struct {
	moran, without, with access.Local // local Moran, Gi, Gi*
	limit, warm          float64      // of the first and the second
}

// drawing is how often and from which seed the others are drawn, and the false discovery
// rate at which a score counts.
type drawing struct {
	permutations int
	seed         uint64
	rate         float64
}

func localScores(ctx context.Context, value []float64, w *access.Neighbours, d drawing) (s locals, err error) {
	if s.moran, err = access.LocalMoran(ctx, value, w, d.permutations, d.seed); err != nil {
		return s, err
	}
	if s.without, err = access.GetisOrd(ctx, value, w, access.Without, d.permutations, d.seed); err != nil {
		return s, err
	}
	if s.with, err = access.GetisOrd(ctx, value, w, access.WithItself, 0, d.seed); err != nil {
		return s, err
	}
	s.limit, s.warm = access.FalseDiscovery(s.moran.P, d.rate), access.FalseDiscovery(s.without.P, d.rate)
	return s, nil
}

// scoredColumn is a column of places of which some rows have a value.
type scoredColumn struct {
	places *geo.Layer
	rows   []int
	name   string
	value  []float64
}

// add takes the scores of a column, and counts the clusters and the spots.
func (t *gathering) add(c scoredColumn, s locals) (found, spots int) {
	l, g, gs, value := s.moran, s.without, s.with, c.value
	mean := 0.0
	for _, y := range value {
		mean += y / float64(len(value))
	}
	height := func(high bool) string { return []string{"low", "high"}[ground.Bit(high)] }
	for k, i := range c.rows {
		kind := ""
		if l.P[k] <= s.limit {
			found++
			kind = height(value[k] > mean) + "-" + height((l.Value[k] > 0) == (value[k] > mean))
		}
		spot := ""
		if g.P[k] <= s.warm {
			spots++
			spot = []string{"cold", "hot"}[ground.Bit(g.Z[k] > 0)]
		}
		t.giP, t.spotted = append(t.giP, g.P[k]), append(t.spotted, spot)
		t.ids, t.of, t.cluster = append(t.ids, c.places.ID(i)), append(t.of, c.name), append(t.cluster, kind)
		t.reason = append(t.reason, cmp.Or(l.Why[k], cmp.Or(g.Why[k], gs.Why[k])))
		t.moran, t.moranP = append(t.moran, l.Value[k]), append(t.moranP, l.P[k])
		t.gi, t.star = append(t.gi, g.Z[k]), append(t.star, gs.Z[k])
	}
	return found, spots
}

// neighbours are those that the spec asks for.
func (r *spatial) neighbours(ctx context.Context, at []orb.Point, shapes []orb.Geometry) (w *access.Neighbours, err error) {
	x, most := r.Spec.Spatial, int(r.World.Asker.Most("pairs"))
	switch x.Neighbours {
	case "within":
		w, err = access.NeighboursWithin(ctx, at, geo.Metres(x.WithinKm*1000), most)
	case "contiguity":
		if !slices.ContainsFunc(shapes, func(g orb.Geometry) bool { return g != nil && strings.HasSuffix(g.GeoJSONType(), "Polygon") }) {
			return nil, fmt.Errorf("contiguity needs places that are polygons; accepted: neighbours: nearest")
		}
		w, err = access.Contiguous(ctx, shapes, most)
	default:
		if err := r.RoomForNeighbours(len(at) * x.NearestK()); err != nil {
			return nil, err
		}
		return access.NearestNeighbours(ctx, at, x.NearestK())
	}
	if many := (*access.TooManyNeighbours)(nil); errors.As(err, &many) {
		return nil, spec.Refused("spatial.neighbours", fmt.Sprintf("up to %d neighbours of all places: a smaller within_km, or nearest", many.Most), "%v", many)
	}
	if err == nil {
		err = r.RoomForNeighbours(len(w.To))
	}
	return w, err
}
