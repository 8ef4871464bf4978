package osm_test

import (
	"context"
	"math"
	"testing"

	"careshed/geo"
	"careshed/geo/road"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Whatever a map names and lies within an area by more than a cell takes no longer
// than its limit, and whatever lies outside by more than that takes longer.
func TestAreasAndTimesAgree(t *testing.T) {
	extracts(t) // or it is skipped
	for name, minutes := range map[string][]float64{"liechtenstein_valhalla": {5, 12}, "heidelberg_ors": {10, 15}, "monaco_osrm": {3, 8}} {
		if testing.Short() && name != "monaco_osrm" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			x, points := indexed(t, name)
			e, err := road.NewEngine(x)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, e, points, minutes, name == "monaco_osrm")
		})
	}
}

func agree(t *testing.T, e *road.Engine, points []orb.Point, minutes []float64, to bool) {
	t.Helper()
	ctx := context.Background()
	start := []travel.Stop{{At: points[len(points)/2], Located: true}}
	var limits []travel.Seconds
	for _, m := range minutes {
		limits = append(limits, travel.FromMinutes(m))
	}
	areas, err := e.Areas(ctx, start, limits, to)
	if err != nil {
		t.Fatal(err)
	}
	var places []travel.Stop
	for _, p := range points {
		places = append(places, travel.Stop{At: p, Located: true})
	}
	legs, err := e.Nearest(ctx, travel.Query{Places: places, Sites: start, Back: !to}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for k, a := range areas {
		bound := a.Bound()
		tall := float64(geo.Distance(bound.Min, orb.Point{bound.Min[0], bound.Max[1]}))
		wide := float64(geo.Distance(bound.Min, orb.Point{bound.Max[0], bound.Min[1]}))
		cell := math.Max(100, (math.Max(tall, wide)+20000)/400)
		wrong, near, within := 0, 0, 0
		for i, p := range points {
			inside, takes := planar.MultiPolygonContains(a, p), legs[i].Time <= limits[k]
			if takes {
				within++
			}
			switch {
			case inside == takes:
			case border(a, p) <= cell*math.Sqrt2:
				near++
			default:
				wrong++
			}
		}
		t.Logf("to %v, %v min: %d of %d within; %d otherwise within a cell (%.0f m) of the border, %d beyond", to, minutes[k], within, len(points), near, cell, wrong)
		// A pocket narrower than a cell (behind a railway, at the end of a lane) is not
		// drawn: one point of 710 in Heidelberg stands in one.
		if wrong > len(points)/500 || near > len(points)/20 {
			t.Errorf("to %v, %v min: %d points disagree, %d more beside the border", to, minutes[k], wrong, near)
		}
	}
}

// border is how far the border of an area is, in metres.
func border(m orb.MultiPolygon, p orb.Point) float64 {
	best := math.Inf(1)
	k := 111195 * math.Cos(p[1]*math.Pi/180)
	for _, polygon := range m {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				ax, ay := (ring[i-1][0]-p[0])*k, (ring[i-1][1]-p[1])*111195
				bx, by := (ring[i][0]-p[0])*k, (ring[i][1]-p[1])*111195
				dx, dy := bx-ax, by-ay
				f := 0.0
				if l := dx*dx + dy*dy; l > 0 {
					f = math.Max(0, math.Min(1, -(ax*dx+ay*dy)/l))
				}
				best = math.Min(best, math.Hypot(ax+f*dx, ay+f*dy))
			}
		}
	}
	return best
}
