package api

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"careshed/api/words"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// nearestDoc is the page of the centers near a point, for people.
type nearestDoc struct {
	Home, Lang, Title, Point string
	Of                       string // the country, where there is one
	Why                      string // no time is told
	Doubt                    bool   // the region may have a center that the list lacks
	Rows                     []nearestCard
	Told                     []string // what the times are
	say                      *words.Language
}

type nearestCard struct {
	Name, Within string
	Figures      []string
}

// Say is a text in the language of the page.
func (d nearestDoc) Say(key string, arguments ...any) string { return d.say.Say(key, arguments...) }

// nearestPage is the answer about a point as a page in the language of its reader.
func (s *Server) nearestPage(ctx context.Context, q *request, in nearestIn, out nearestOut) (any, error) {
	say, err := words.In(in.Lang)
	if err != nil {
		return nil, err // the parameter accepts no other
	}
	where, err := s.whereabouts(ctx, say)
	if err != nil {
		return nil, err
	}
	d := nearestDoc{Home: q.base + "/", Lang: in.Lang, Title: say.Say("near.title"), say: say,
		Point: say.Say("near.point", "lat", say.Decimal(in.Lat, 3), "lon", say.Decimal(in.Lon, 3))}
	country, _, _ := strings.Cut(out.Group, "-")
	if slices.ContainsFunc(s.base.list, func(b *baseline) bool { return b.Code == country }) {
		d.Of = country
	}
	if place := where(orb.Point{in.Lon, in.Lat}, country); place != "" {
		d.Title = say.Say("near.title.in", "place", place)
	}
	if d.Why = say.Say("near.unreached"); len(out.Centers) > 0 {
		d.Why = ""
	}
	d.Doubt = out.Gap != ""
	for _, c := range out.Centers {
		d.Rows = append(d.Rows, d.card(c, where(orb.Point{float64(c.Lon), float64(c.Lat)}, c.Country)))
	}
	if out.Gap != "" {
		d.Told = append(d.Told, say.Say("sheet.doubt.region."+strings.ReplaceAll(out.Gap, " ", "-")))
	}
	if out.Estimate {
		d.Told = append(d.Told, say.Say("near.estimate"))
	} else {
		d.Told = append(d.Told, say.Say("near.free"))
	}
	if out.optimism != "" {
		d.Told = append(d.Told, say.Say("near.optimism", "factor", out.optimism))
	}
	return plainPage("nearest.html", d)
}

// card is a center with its way: where it crosses water no time is known.
func (d nearestDoc) card(c nearestRow, within string) nearestCard {
	way, mark := d.say.Say("near.timeless"), ""
	if d.Doubt {
		mark = " †"
	}
	if t := float64(c.Time); !math.IsNaN(t) {
		way = d.say.Say("near.way", "time", d.say.Say("unit.min", "n", math.Round(t))+mark, "length", d.say.Length(float64(c.Distance)))
	} else if c.Sea {
		way = d.say.Say("near.sea")
	}
	return nearestCard{c.Name, within, []string{way, d.say.Say("near.line", "length", d.say.Length(float64(c.Geodesic)))}}
}

// whereabouts tells where a point lies: its region, by the regions of this server, and its country.
func (s *Server) whereabouts(ctx context.Context, say *words.Language) (func(at orb.Point, country string) string, error) {
	var regions *geo.Layer
	if c, ok := s.layers["regions"]; ok {
		o, err := c.open(ctx)
		if err != nil {
			return nil, err
		}
		regions = o.layer
	}
	return func(at orb.Point, country string) string {
		names := []string{cmp.Or(say.Country(country), country)}
		if regions != nil {
			names = []string{fieldAt(regions, at, "region_name"), names[0]}
		}
		return strings.Join(slices.DeleteFunc(names, func(s string) bool { return s == "" }), ", ")
	}, nil
}
