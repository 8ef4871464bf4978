package site

import (
	"context"
	"sync"

	"careshed/geo/travel"
)

// Sizes are the best plans of one site, of two, and so on to as many as an instance asks for;
// the forced ones at least. Each is searched once, when somebody first asks for it.
type Sizes struct {
	in    *Instance
	found []func() (Solution, error) // by number of sites, less one
	ahead sync.WaitGroup
}

// NewSizes are those of an instance, searched with the options given: bounds rather than plans.
func NewSizes(ctx context.Context, in *Instance, o Options) *Sizes {
	s := &Sizes{in: in, found: make([]func() (Solution, error), in.rules.pick(in.sites))}
	o.bounded = true
	for k := range s.found {
		s.found[k] = sync.OnceValues(func() (Solution, error) {
			return travel.Caught(func() (Solution, error) {
				smaller := *in
				smaller.rules.Pick = max(k+1, len(in.rules.Forced))
				return Solve(ctx, &smaller, o, nil)
			})
		})
	}
	return s
}

// Ahead searches them while something else is done, those of fewer sites than the whole plan
// has, the longest first. It returns at once, and goes on until its context ends.
func (s *Sizes) Ahead(ctx context.Context) {
	last := len(s.found) - 1
	s.ahead.Go(func() {
		for k := last - 1; k >= max(0, len(s.in.rules.Forced)-1) && ctx.Err() == nil; k-- {
			_, _ = s.found[k]() // told to whoever asks
		}
	})
}

// Wait returns when nothing is searched ahead any more.
func (s *Sizes) Wait() { s.ahead.Wait() }
