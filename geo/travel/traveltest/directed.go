package traveltest

import (
	"context"
	"fmt"
	"testing"

	"careshed/geo/travel"
)

// OneWay checks that an engine tells the way there from the way back, between two
// stops where the two take different times: and that it is a check, by asking an
// engine that mixes them up.
func OneWay(t *testing.T, e travel.Engine, from, to travel.Stop, there, back travel.Seconds) {
	t.Helper()
	if there == back {
		t.Fatal("there and back take the same: that tells nothing")
	}
	if err := directed(e, from, to, there, back); err != nil {
		t.Error(err)
	}
	if directed(swapped{e}, from, to, there, back) == nil {
		t.Error("an engine with sources and targets swapped passes as well")
	}
}

// swapped is an engine that answers with the way back.
type swapped struct{ travel.Engine }

func (s swapped) Sweep(ctx context.Context, q travel.Query, each func(int, []travel.Leg) error) error {
	q.Back = !q.Back
	return s.Engine.Sweep(ctx, q, each)
}

func (s swapped) Nearest(ctx context.Context, q travel.Query, k int) ([]travel.Leg, error) {
	q.Back = !q.Back
	return s.Engine.Nearest(ctx, q, k)
}

// directed asks for both ways in each of the four forms of the question.
func directed(e travel.Engine, from, to travel.Stop, there, back travel.Seconds) error {
	ctx := context.Background()
	for _, c := range []struct {
		place, site travel.Stop
		back        bool
		want        travel.Seconds
	}{{from, to, false, there}, {from, to, true, back}, {to, from, false, back}, {to, from, true, there}} {
		q := travel.Query{Places: []travel.Stop{c.place}, Sites: []travel.Stop{c.site}, Back: c.back}
		ask := func(way string, got travel.Seconds, err error) error {
			if err != nil && c.back {
				return nil // an engine may refuse to tell the way back
			}
			if err == nil && got != c.want {
				err = fmt.Errorf("%v s, want %v", got, c.want)
			}
			if err != nil {
				return fmt.Errorf("%s, place %s, site %s, back %v: %w", way, c.place.ID, c.site.ID, c.back, err)
			}
			return nil
		}
		swept := travel.Unreached
		err := e.Sweep(ctx, q, func(_ int, legs []travel.Leg) error {
			for _, l := range legs {
				swept = l.Time
			}
			return nil
		})
		if err := ask("sweep", swept, err); err != nil {
			return err
		}
		near, err := e.Nearest(ctx, q, 1)
		if err != nil {
			near = []travel.Leg{{}}
		}
		if err := ask("nearest", near[0].Time, err); err != nil {
			return err
		}
	}
	return nil
}
