package api

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"strings"

	"careshed/api/draw"
	"careshed/api/words"

	"github.com/paulmach/orb"
)

// worldWidth is the width of the world's picture on the front page, pixels; its height
// follows from the projection, less the Antarctic.
const worldWidth = 960.0

// equalEarth is the projection of Šavrič, Patterson & Jenny (2018): areas are true, and
// shapes are as people know them. It gives pixels of the picture.
func equalEarth(p orb.Point) (x, y float64) {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	t := math.Asin(math.Sqrt(3) / 2 * math.Sin(p[1]*math.Pi/180))
	t2 := t * t
	t6 := t2 * t2 * t2
	x = 2 * math.Sqrt(3) * p[0] * math.Pi / 180 * math.Cos(t) / (3 * (9*a4*t6*t2 + 7*a3*t6 + 3*a2*t2 + a1))
	y = t * (a1 + a2*t2 + t6*(a3+a4*t2))
	const half = 2.70663 // the equator's end
	return (x/half + 1) * worldWidth / 2, (1.3173 - y) * worldWidth / 2 / half
}

// outline writes the outer rings of a shape as a path, to a pixel: what is smaller is not
// there.
func outline(g orb.Geometry) string {
	var polygons []orb.Polygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = []orb.Polygon{g}
	case orb.MultiPolygon:
		polygons = g
	}
	var b strings.Builder
	for _, p := range polygons {
		if len(p) == 0 {
			continue
		}
		var ring [][2]int
		for _, at := range p[0] {
			x, y := equalEarth(at)
			here := [2]int{int(math.Round(x)), int(math.Round(y))}
			n := len(ring)
			switch {
			case n > 0 && ring[n-1] == here:
			case n > 1 && (ring[n-1][0]-ring[n-2][0])*(here[1]-ring[n-1][1]) == (ring[n-1][1]-ring[n-2][1])*(here[0]-ring[n-1][0]):
				ring[n-1] = here // straight on
			default:
				ring = append(ring, here)
			}
		}
		if len(ring) < 4 {
			continue
		}
		fmt.Fprintf(&b, "M%d %d", ring[0][0], ring[0][1])
		for k := 1; k < len(ring); k++ {
			fmt.Fprintf(&b, "l%d %d", ring[k][0]-ring[k-1][0], ring[k][1]-ring[k-1][1])
		}
		b.WriteByte('Z')
	}
	return b.String()
}

// countryOnMap is a country that the front page links, with what was found there.
type countryOnMap struct {
	Code, Name, Said string
	Tip              string // its name, with its number of centers once that is known
	Class            int    // of the legend, counted from 1; 0: it is not known yet
	Doubt            bool   // the list of centers lacks more than a tenth of those published
}

// frontKey is a line of the legend of the world's picture.
type frontKey struct {
	Colour template.CSS
	Text   string
}

// legend are the classes of the world's picture.
func (f front) legend() []frontKey {
	breaks, colours := draw.Densities()
	var out []frontKey
	for k, c := range colours {
		text := ""
		switch {
		case k == 0:
			text = f.Say("map.under", "a", breaks[0])
		case k == len(breaks):
			text = f.Say("map.or_more", "a", breaks[k-1])
		default:
			text = f.Say("map.from_to", "a", breaks[k-1], "b", breaks[k])
		}
		out = append(out, frontKey{template.CSS(c), text})
	}
	return out
}

// counted says of a country how many centers it has for its people, if its study is there:
// nobody waits for it.
func (c *countryOnMap) counted(b *baseline, say *words.Language) {
	c.Tip = c.Name
	e, ok := b.outcome.peek()
	if !ok || e.result.Summary.Density == nil || len(e.result.Summary.Density.Countries) == 0 {
		return
	}
	d := e.result.Summary.Density.Countries[0]
	breaks, _ := draw.Densities()
	for c.Class = 1; c.Class <= len(breaks) && float64(d.PerPeople) >= breaks[c.Class-1]; {
		c.Class++
	}
	c.Tip = say.Say("front.tip", "name", c.Name, "n", say.Decimal(float64(d.PerPeople), 1))
	if 10*d.Listed < 9*d.Published {
		c.Doubt = true
		c.Tip = say.Say("front.tip.short", "name", c.Name, "n", say.Decimal(float64(d.PerPeople), 1), "listed", d.Listed, "published", d.Published)
	}
}

// worldShapes are the paths of the land, and of each country.
type worldShapes struct {
	land    string
	country map[string]string
}

func (s *Server) worldShapes(ctx context.Context) (worldShapes, error) {
	out := worldShapes{country: map[string]string{}}
	regions, err := s.world.Layers.Layer(ctx, "regions")
	if err != nil {
		return out, err
	}
	of, err := regions.Texts("country")
	if err != nil {
		return out, err
	}
	for i := range regions.Len() {
		out.country[of[i]] += outline(regions.Shape(i))
	}
	if _, ok := s.layers["land"]; ok {
		land, err := s.world.Layers.Layer(ctx, "land")
		if err != nil {
			return out, err
		}
		for i := range land.Len() {
			out.land += outline(land.Shape(i))
		}
	}
	return out, nil
}

// picture draws the land and the countries, each with a link to its own front page.
func (w worldShapes) picture(f front) template.HTML {
	var b strings.Builder
	label := template.HTMLEscapeString(f.Say("front.map.label"))
	fmt.Fprintf(&b, `<svg viewBox="0 -6 %g 426" role="group" aria-label="%s">`, worldWidth, label)
	b.WriteString(`<defs><pattern id="doubt" width="2.4" height="2.4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<path d="M0 0h.8v2.4H0z"/></pattern></defs>`)
	fmt.Fprintf(&b, `<path class="land" d="%s"/>`, w.land)
	for _, c := range f.Countries {
		tip, chosen := template.HTMLEscapeString(c.Tip), ""
		if f.Chosen != nil && f.Chosen.Code == c.Code {
			chosen = ` class="on" aria-current="true"`
		}
		fmt.Fprintf(&b, `<a href="%s?country=%s&amp;lang=%s"%s aria-label="%s"><title>%s</title><path class="k%d" d="%s"/>`,
			template.HTMLEscapeString(f.Home), c.Code, f.Lang, chosen, tip, tip, c.Class, w.country[c.Code])
		if c.Doubt {
			fmt.Fprintf(&b, `<path class="doubt" d="%s"/>`, w.country[c.Code])
		}
		b.WriteString(`</a>`)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}
