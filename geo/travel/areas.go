package travel

import (
	"context"

	"github.com/paulmach/orb"
)

// Areas is an engine that can draw what lies within limits of the nearest of some
// stops, one area a limit; with to, the time counts to them.
type Areas interface {
	Areas(ctx context.Context, stops []Stop, limits []Seconds, to bool) ([]orb.MultiPolygon, error)
}

// AreasOf is an engine as one that draws areas, also where it remembers what it was
// asked or scales its times; false if it cannot.
func AreasOf(e Engine) (Areas, bool) {
	by, scaled := Beneath[*Scaled](e)
	a, ok := Beneath[Areas](e)
	if scaled && ok {
		a = scaledAreas{a, by}
	}
	return a, ok
}
