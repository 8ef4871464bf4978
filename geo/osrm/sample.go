package osrm

import (
	"context"
	"fmt"
	"math"

	"careshed/geo/travel"
)

// samples is how many pairs of an engine's first tables, there and back, are asked
// for once more, one by one.
const samples = 5

// Two answers of a service to one question may differ by so much: it rounds, and
// searches otherwise.
const (
	agreeSeconds = 2.0
	agreeShare   = 0.02
)

// sample asks again for some pairs of a table: a service, or what stands before it,
// that mixes up rows and columns, or sources and targets, is found out before a
// result rests on it. Cells are by site, then place.
func (e *Engine) sample(ctx context.Context, q travel.Query, places, sites []int, cells []cell) error {
	if len(cells) < 2 {
		return nil
	}
	e.mu.Lock()
	left := samples - e.sampled[q.Back]
	if left > 0 {
		e.sampled[q.Back] = samples
	}
	e.mu.Unlock()
	for n := range max(0, min(left, len(cells))) {
		at := (n*(len(cells)-1) + (n*len(cells))/3) % len(cells) // ends and middles
		site, place := sites[at/len(places)], places[at%len(places)]
		one, err := e.ask(ctx, points(q.Places, []int{place}), points(q.Sites, []int{site}), q.Back)
		if err != nil {
			return fmt.Errorf("%s: a pair once more: %w", e.name(), err)
		}
		a, b := cells[at], one[0]
		if a.why != b.why || a.why == travel.None && math.Abs(a.time-b.time) > max(agreeSeconds, agreeShare*max(a.time, b.time)) {
			return fmt.Errorf("%s: between place %s and site %s the service answers %s in a table and %s alone: it cannot be relied on", e.name(), q.Places[place].ID, q.Sites[site].ID, a.words(), b.words())
		}
	}
	return nil
}

func (c *cell) words() string {
	if c.why != travel.None {
		return string(c.why)
	}
	return fmt.Sprintf("%g s", c.time)
}
