package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// presentSpatial computes the global Moran's I and, by place, local Moran, Gi
// and Gi* of columns of the places that have a value everywhere they are asked.
func (r *run) presentSpatial(context.Context) error {
	x := r.Spec.Spatial
	if x == nil {
		return nil
	}
	places := r.result.Layer("places")
	var sh sheet
	var ids, of, cluster, spotted, reason []string
	var moran, moranP, gi, giP, star []float64
	for _, name := range x.Of {
		v, err := places.Numbers(name)
		if err != nil {
			return fmt.Errorf("spatial.of: %w", err)
		}
		var rows []int
		for i := range v {
			if !math.IsNaN(v[i]) && (places.IsTable() || places.Located(i)) {
				rows = append(rows, i)
			}
		}
		if left := len(v) - len(rows); left > 0 {
			r.Note("spatial.left", "n", left, "of", name)
		}
		value := make([]float64, len(rows))
		at, shapes := make([]orb.Point, len(rows)), make([]orb.Geometry, len(rows))
		for k, i := range rows {
			value[k], at[k], shapes[k] = v[i], places.Point(i), places.Shape(i)
		}
		if places.IsTable() {
			return fmt.Errorf("spatial: layer %s has no coordinates, and neighbours need them; accepted: columns lon and lat, or shapes", r.Spec.Places.Layer)
		}
		summary := SpatialSummary{Of: name, Neighbours: x.Words(), Places: len(rows), Moran: Num(math.NaN()), Z: Num(math.NaN())}
		w, err := neighbours(x, at, shapes)
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
			r.result.Summary.Spatial = append(r.result.Summary.Spatial, summary)
			continue
		}
		permutations, seed, rate := x.Permutations, x.Seed, x.Rate
		if permutations == 0 {
			permutations = 999
		}
		if seed == 0 {
			seed = 1
		}
		if rate == 0 {
			rate = 0.05
		}
		l, err := access.LocalMoran(value, w, permutations, seed)
		if err != nil {
			return err
		}
		g, err := access.GetisOrd(value, w, access.Without, permutations, seed)
		if err != nil {
			return err
		}
		gs, err := access.GetisOrd(value, w, access.WithItself, 0, seed)
		if err != nil {
			return err
		}
		limit, warm := access.FalseDiscovery(l.P, rate), access.FalseDiscovery(g.P, rate)
		mean := 0.0
		for _, y := range value {
			mean += y / float64(len(value))
		}
		found, spots := 0, 0
		for k, i := range rows {
			c := ""
			if l.P[k] <= limit {
				found++
				c = []string{"low", "high"}[ground.Bit(value[k] > mean)] + "-" + []string{"low", "high"}[ground.Bit((l.Value[k] > 0) == (value[k] > mean))]
			}
			spot := ""
			if g.P[k] <= warm {
				spots++
				spot = []string{"cold", "hot"}[ground.Bit(g.Z[k] > 0)]
			}
			giP, spotted = append(giP, g.P[k]), append(spotted, spot)
			ids, of, cluster = append(ids, places.ID(i)), append(of, name), append(cluster, c)
			reason = append(reason, cmp.Or(l.Why[k], cmp.Or(g.Why[k], gs.Why[k])))
			moran, moranP, gi, star = append(moran, l.Value[k]), append(moranP, l.P[k]), append(gi, g.Z[k]), append(star, gs.Z[k])
		}
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
		r.result.Summary.Spatial = append(r.result.Summary.Spatial, summary)
	}
	sh.text("place_id", "Place", ids)
	sh.text("of", "Column", of)
	sh.number("local_moran", "Local Moran's I", "", moran)
	sh.number("local_moran_p", "Its p-value by permutation, one-sided", "", moranP)
	sh.text("cluster", "High or low among high or low, at the false discovery rate", cluster)
	sh.number("gi", "Gi, z score", "", gi)
	sh.number("gi_star", "Gi*, z score", "", star)
	sh.number("gi_p", "p-value of both by permutation of the others, one-sided", "", giP)
	sh.text("spot", "hot or cold by Gi, at the false discovery rate", spotted)
	sh.text("reason", "Why a score has no value", reason)
	return r.addTable(geo.NewTable(geo.About{Name: "spatial", Title: "Where values gather"}, nil, sh.columns...))
}

// neighbours are those that the spec asks for.
func neighbours(x *spec.SpatialSpec, at []orb.Point, shapes []orb.Geometry) (*access.Neighbours, error) {
	switch x.Neighbours {
	case "within":
		return access.NeighboursWithin(at, geo.Metres(x.WithinKm*1000))
	case "contiguity":
		if !slices.ContainsFunc(shapes, func(g orb.Geometry) bool { return g != nil && strings.HasSuffix(g.GeoJSONType(), "Polygon") }) {
			return nil, fmt.Errorf("contiguity needs places that are polygons; accepted: neighbours: nearest")
		}
		return access.Contiguous(shapes), nil
	}
	return access.NearestNeighbours(at, x.NearestK())
}
