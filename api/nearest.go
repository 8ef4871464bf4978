package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/access"
	"careshed/access/study"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// reach answers for points that are no places of a study.
func (e *outcome) reach(ctx context.Context) (*study.Reach, error) {
	return e.reaches.get(ctx, func() (*study.Reach, error) {
		if e.result.Reach != nil {
			return e.result.Reach, nil
		}
		return study.ReachOf(context.WithoutCancel(ctx), e.world, e.result.Spec)
	})
}

type nearestIn struct {
	Lon     float64 `query:"lon" required:"true" min:"-180" max:"180" doc:"longitude, degrees" hint:"longitudes lie between -180 and 180"`
	Lat     float64 `query:"lat" required:"true" min:"-90" max:"90" doc:"latitude, degrees" hint:"latitudes lie between -90 and 90: are lon and lat swapped?"`
	K       int     `query:"k" min:"1" max:"50" def:"3" doc:"how many centers"`
	Country string  `query:"country" doc:"whose centers, by the two letters of ISO 3166; that of the point if left out"`
	Study   string  `query:"study" doc:"a study whose result is here, in place of the baseline"`
	Lang    string  `query:"lang" enum:"@languages" def:"en" doc:"the language of HTML"`
}

type nearestOut struct {
	Study    string        `json:"study"`
	Lon      study.Num     `json:"lon"`
	Lat      study.Num     `json:"lat"`
	Borders  string        `json:"borders"`
	Group    string        `json:"within,omitempty" doc:"the country or region whose centers these are"`
	Status   string        `json:"status" doc:"reached, sea (the first crosses water, or all lie across it) or unreached"`
	Reason   string        `json:"reason,omitempty" doc:"why there is no time"`
	Centers  []nearestRow  `json:"centers" doc:"quickest first; by straight line where there is no time"`
	Engine   string        `json:"engine"`
	Estimate bool          `json:"estimate" doc:"times are modelled, not measured on a network"`
	Notes    []string      `json:"notes"`
	Evidence []evidenceRow `json:"evidence"`
	Gap      string        `json:"gap,omitempty" doc:"what is known of the region of the point, where it may have a center that the list lacks; as the column gap of regions"`
	optimism string        // minutes that a modelled one is taken for, where the study says so
}

func (o nearestOut) rows() any { return o.Centers }

type nearestRow struct {
	Rank     int       `json:"rank"`
	ID       string    `json:"site_id"`
	Name     string    `json:"name"`
	Country  string    `json:"country"`
	Region   string    `json:"region_id"`
	Campus   string    `json:"campus_id" doc:"centers of one campus are one"`
	Lon      study.Num `json:"lon"`
	Lat      study.Num `json:"lat"`
	Geodesic study.Num `json:"geodesic_km" doc:"straight line"`
	Distance study.Num `json:"distance_km" doc:"along the way; null without a time"`
	Time     study.Num `json:"time_min"`
	Sea      bool      `json:"sea" doc:"the way crosses water without a bridge or tunnel"`
}

func (s *Server) nearest(ctx context.Context, q *request, in nearestIn) (any, error) {
	at := orb.Point{in.Lon, in.Lat}
	e, country, err := s.studyAt(ctx, at, in)
	if err != nil {
		return nil, err
	}
	r, err := e.reach(ctx)
	if err != nil {
		return nil, err
	}
	if in.Country != "" && r.Borders() != "same-country" {
		return nil, parameter("country", in.Country, "no country, or a study whose borders are same-country", "the borders of study %s are %s", e.id, r.Borders())
	}
	who, err := r.Someone(ctx, at, country)
	var cannotTell study.Unreachable
	switch {
	case errors.Is(err, study.ErrWhichCountry):
		return nil, parameter("country", "", "a country with sites", "%v", err)
	case errors.As(err, &cannotTell):
		return nil, cannot("study %s %v", e.id, err)
	case err != nil:
		return nil, err
	}
	about := r.Engine()
	out := nearestOut{Study: e.id, Lon: study.Num(in.Lon), Lat: study.Num(in.Lat), Borders: r.Borders(), Group: who.Group, Engine: about.Name, Estimate: about.Estimate,
		Status: "unreached", Centers: []nearestRow{}, Notes: []string{"travel times are those of free roads, without traffic or waits"}, Evidence: []evidenceRow{}}
	if about.Estimate {
		out.Notes, out.Evidence = []string{"travel times are estimates from straight lines, " + cmp.Or(about.Settings["basis"], travel.Calibrated)}, e.evidence("crow.")
	}
	if out.optimism = about.Settings["optimism"]; out.optimism != "" {
		out.Notes = append(out.Notes, fmt.Sprintf("every modelled minute is taken for %s minutes, as the study says", out.optimism))
		out.Evidence = append(out.Evidence, e.evidence("travel.optimism")...)
	}
	if who.Like != "" {
		out.Notes = append(out.Notes, fmt.Sprintf("which centers take patients from here is as for the nearest place, %s", who.Like))
	}
	ways, reason, err := r.Nearest(ctx, who, in.K)
	if err != nil {
		return nil, err
	}
	out.Centers = slices.Grow(out.Centers, len(ways))
	for k, w := range ways {
		out.Centers = append(out.Centers, nearestRow{k + 1, w.ID, w.Name, w.Country, r.RegionOf(w.Center), w.Campus, study.Num(w.At[0]), study.Num(w.At[1]),
			study.Num(w.Straight), study.Num(w.Km), study.Num(w.Minutes), w.AcrossWater})
	}
	out.Reason = string(reason)
	switch {
	case reason == travel.Sea:
		out.Status = "sea"
	case len(ways) > 0 && !math.IsNaN(ways[0].Minutes):
		out.Status = "reached"
	}
	if regions := e.result.Layer("regions"); regions != nil {
		if gap := access.Gap(fieldAt(regions, at, "gap")); gap != access.HasCenter && gap != access.NoCenter {
			out.Gap = string(gap)
		}
	}
	if q.format == asHTML {
		return s.nearestPage(ctx, q, in, out)
	}
	return out, nil
}

// studyAt is the study that answers about a point, and the country that is
// meant, "" where a study is named and no country.
func (s *Server) studyAt(ctx context.Context, at orb.Point, in nearestIn) (*outcome, string, error) {
	if in.Study != "" {
		e, err := s.study(ctx, in.Study)
		return e, in.Country, err
	}
	code := in.Country
	if code == "" {
		c, ok := s.layers["regions"]
		if !ok {
			return nil, "", parameter("study", "", "the id of a study", "this server has no regions of its own: name a study whose result is here")
		}
		o, err := c.open(ctx)
		if err != nil {
			return nil, "", err
		}
		if code = fieldAt(o.layer, at, "country"); code == "" {
			if other := fieldAt(o.layer, orb.Point{at[1], at[0]}, "country"); math.Abs(at[0]) <= 90 && other != "" {
				return nil, "", parameter("lon", strconv.FormatFloat(at[0], 'g', -1, 64), "longitude as lon, latitude as lat",
					"the point lies in no country with a baseline study, and in %s if lon and lat are swapped", other)
			}
			return nil, "", parameter("country", "", s.words()["countries"], "the point lies in no country with a baseline study; name the country whose centers are meant")
		}
	}
	for _, b := range s.base.list {
		if b.Code == code {
			e, err := s.baseline(ctx, b)
			return e, code, err
		}
	}
	known := strings.Split(s.words()["countries"], ",")
	near := ""
	if n := geo.Like(code, known); n != "" {
		near = "; did you mean " + n + "?"
	}
	return nil, "", parameter("country", code, strings.Join(known, ", "), "there is no baseline study of this country%s", near)
}

// fieldAt is a field of the region that a point lies in, "" if in none.
func fieldAt(l *geo.Layer, at orb.Point, field string) string {
	c, ok := l.Column(field)
	if !ok || l.IsTable() {
		return ""
	}
	row, _ := l.Locate(at, study.CoastReach)
	if row < 0 {
		return ""
	}
	return c.Text(row)
}
