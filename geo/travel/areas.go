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
// asked; false if it cannot.
func AreasOf(e Engine) (Areas, bool) {
	if k, remembers := e.(interface{ Unwrap() Engine }); remembers {
		e = k.Unwrap()
	}
	a, ok := e.(Areas)
	return a, ok
}
