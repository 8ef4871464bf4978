package api

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

type isochroneIn struct {
	Lon     float64 `query:"lon" required:"true" min:"-180" max:"180" doc:"longitude, degrees" hint:"longitudes lie between -180 and 180"`
	Lat     float64 `query:"lat" required:"true" min:"-90" max:"90" doc:"latitude, degrees" hint:"latitudes lie between -90 and 90: are lon and lat swapped?"`
	Minutes string  `query:"minutes" def:"30,60" doc:"up to six limits, minutes, with commas between"`
	Roads   string  `query:"roads" doc:"an index of roads of this server, by name; the first if left out"`
	Engine  string  `query:"engine" enum:"road,crow" doc:"by road, or estimated from straight lines, water aside; road where this server knows roads, else crow"`
	Way     string  `query:"way" enum:"from,to" def:"from" doc:"whether the time counts from the point or to it"`
}

// mostMinutes and mostLimits bound what an isochrone may cost; within leastMinutes
// nobody gets far enough to draw it.
const (
	leastMinutes = 0.1
	mostMinutes  = 600
	mostLimits   = 6
)

// isochrone draws the areas within minutes of a point, by road or by the estimate.
func (s *Server) isochrone(ctx context.Context, q *request, in isochroneIn) (any, error) {
	var limits []travel.Seconds
	var minutes []float64
	for text := range strings.SplitSeq(in.Minutes, ",") {
		m, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(m >= leastMinutes && m <= mostMinutes) || len(minutes) == mostLimits {
			return nil, parameter("minutes", in.Minutes, fmt.Sprintf("up to %d numbers from %v to %v, with commas between", mostLimits, leastMinutes, mostMinutes), "these are no limits")
		}
		minutes, limits = append(minutes, m), append(limits, travel.FromMinutes(m))
	}
	var engine travel.Engine = &travel.Crow{}
	name := ""
	switch known := len(s.config.Roads) > 0; {
	case in.Engine == "crow" && in.Roads != "":
		return nil, parameter("roads", in.Roads, "roads or engine=crow", "the estimate knows no roads")
	case !known && (in.Engine == "road" || in.Roads != ""):
		return nil, cannot("this server knows no roads: its catalog names no index (roads: {NAME: FILE.roads})")
	case known && in.Engine != "crow":
		name = cmp.Or(in.Roads, s.config.Roads[0])
		var err error
		if engine, err = s.world.Roads(ctx, name); err != nil {
			return nil, parameter("roads", name, strings.Join(s.config.Roads, ", "), "no index of roads has this name")
		}
	}
	found := make([]orb.MultiPolygon, len(limits))
	at := orb.Point{in.Lon, in.Lat}
	crow, estimated := engine.(*travel.Crow)
	drawn, draws := travel.AreasOf(engine)
	switch {
	case draws:
		var err error
		if found, err = drawn.Areas(ctx, []travel.Stop{{ID: "point", At: at, Located: true}}, limits, in.Way == "to"); err != nil {
			return nil, cannot("%v", err)
		}
	case estimated:
		for k, limit := range limits {
			ring, err := crow.Around(at, limit)
			if err != nil {
				return nil, cannot("%v", err)
			}
			found[k] = orb.MultiPolygon{{ring}}
		}
	default:
		return nil, failed(fmt.Errorf("roads %s: the engine draws no areas", name))
	}
	type properties struct {
		Minutes float64 `json:"minutes"`
		Way     string  `json:"way"`
		Engine  string  `json:"engine"`
		Roads   string  `json:"roads"`
		Guess   bool    `json:"estimate"`
	}
	type featureDoc struct {
		Type       string            `json:"type"`
		ID         string            `json:"id"`
		Geometry   *geojson.Geometry `json:"geometry"`
		Properties properties        `json:"properties"`
	}
	out := struct {
		Type        string       `json:"type"`
		Matched     int          `json:"numberMatched"`
		Returned    int          `json:"numberReturned"`
		Time        string       `json:"timeStamp"`
		Attribution string       `json:"attribution,omitempty"`
		Features    []featureDoc `json:"features"`
		Links       []link       `json:"links"`
	}{Type: "FeatureCollection", Matched: len(found), Returned: len(found), Time: time.Now().UTC().Format(time.RFC3339),
		Attribution: engine.About().Settings["attribution"], Links: q.versions(asGeoJSON)}
	for k := len(found) - 1; k >= 0; k-- { // the larger first: a map shows the smaller on top
		out.Features = append(out.Features, featureDoc{"Feature", string(geo.AppendNumber(nil, minutes[k])), geojson.NewGeometry(found[k]),
			properties{minutes[k], in.Way, engine.About().Name, name, engine.About().Estimate}})
	}
	body, err := toJSON(out)
	return &answer{kind: asGeoJSON.kind, body: body}, err
}
