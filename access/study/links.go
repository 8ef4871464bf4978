package study

import (
	"context"

	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// maxLinks is how many links are made without being asked for.
const maxLinks = 100_000

// mostLinks is how many are made at all: a line for each takes memory.
const mostLinks = 5_000_000

// links is the layer of links: a line from each place to each of its nearest sites.
type links struct{ *finding.Study }

func findLinks(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if !s.Spec.Measures.Has("travel") || s.Spec.Output["links"] == "none" || s.Places.IsTable() {
		return nil, nil
	}
	return &links{s}, nil
}

// Tell makes it, if it is not too large.
func (r *links) Tell(context.Context) error {
	n := 0
	for _, l := range r.Ways.Legs {
		if l.Site >= 0 {
			n++
		}
	}
	if n > maxLinks && r.Spec.Output["links"] == "" {
		r.Note("links.left_out", "n", n, "entry", "{links: csv}")
		return nil
	}
	if n > mostLinks {
		r.Note("links.too_many", "n", n, "most", mostLinks)
		return nil
	}
	var place, site []string
	var rank, min, km, straight []float64
	shapes := make([]orb.Geometry, 0, n)
	for at, l := range r.Ways.Legs {
		if l.Site < 0 {
			continue
		}
		i, s := int(l.Place), r.Sites[l.Site]
		place, site = append(place, r.Places.ID(i)), append(site, s.ID)
		rank, min, km = append(rank, float64(at%r.Ways.K+1)), append(min, l.Time.Minutes()), append(km, l.Length.Kilometres())
		straight = append(straight, geo.Distance(r.Stops[i].At, s.At).Kilometres())
		var line orb.Geometry // none where an end has no position, as in a matrix by id
		if r.Stops[i].Located && s.Located {
			line = orb.LineString{r.Stops[i].At, s.At}
		}
		shapes = append(shapes, line)
	}
	sh := finding.Sheet{Of: "links"}
	sh.Text("place_id", place)
	sh.Text("site_id", site)
	sh.Count("rank", rank)
	sh.Number("geodesic_km", straight)
	sh.Number("distance_km", km)
	sh.Number("time_min", min)
	return r.AddLayer(geo.NewLayer(geo.About{Name: "links", Title: r.Spec.Name + ": links"}, nil, shapes, sh.Columns...))
}
