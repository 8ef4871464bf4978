package travel

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// Every number is done once, whatever the size of the ranges; each worker has its own.
func TestSpread(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 1000} {
		for _, size := range []int{1, 3, 1024} {
			seen, made := make([]atomic.Int32, n), 0
			err := SpreadWith(t.Context(), n, size, func() *int { made++; return new(int) }, func(mine *int, from, to int) {
				if to-from > size {
					t.Errorf("a range of %d", to-from)
				}
				for k := from; k < to; k++ {
					seen[k].Add(1)
				}
				*mine++ // a race would be found here
			})
			for k := range seen {
				if seen[k].Load() != 1 {
					t.Errorf("%d of %d by %d is done %d times", k, n, size, seen[k].Load())
				}
			}
			if err != nil || n == 0 && made > 0 {
				t.Errorf("%v, %d spaces for %d", err, made, n)
			}
		}
	}
}

// An end is heard between two ranges, and what is done by then stays.
func TestSpreadEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var done atomic.Int32
	err := Spread(ctx, 1_000_000, 1, func(int, int) {
		if done.Add(1) == 10 {
			stop()
		}
	})
	if n := done.Load(); err == nil || n < 10 || n > 1000 {
		t.Errorf("%v after %d", err, n)
	}
	if err := Spread(ctx, 0, 1, func(int, int) {}); err != nil {
		t.Errorf("nothing to do: %v", err)
	}
}

// A panic comes to whoever called, with where it was.
func TestSpreadPanics(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "broken") || !strings.Contains(p, "spread_test.go") {
			t.Errorf("recovered %.200s", p)
		}
	}()
	_ = Spread(t.Context(), 100, 1, func(from, _ int) {
		if from == 7 {
			panic("broken")
		}
	})
	t.Error("it came back")
}
