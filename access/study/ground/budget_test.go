package ground

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// Nobody has more than there is, whoever comes first is served first, and all is given
// back.
func TestBudget(t *testing.T) {
	b := NewBudget(100)
	first, second, third := b.Share(nil), b.Share(nil), b.Share(nil)
	if err := first.Wait(t.Context(), "layers", 60); err != nil || b.Used() != 60 {
		t.Fatal(err)
	}
	var no *NoMemory
	if err := second.Wait(t.Context(), "layers", 101); !errors.As(err, &no) || !no.Never || no.Need != 101 || no.Most != 100 {
		t.Errorf("more than there is: %v", err)
	}
	if err := first.Grow("ways", 41); !errors.As(err, &no) || !no.Never || no.Need != 101 {
		t.Errorf("more than there is, with what it has: %v", err)
	}
	var order []int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for k, s := range []*Share{second, third} { // the third would fit at once, and waits its turn
		wg.Go(func() {
			if err := s.Wait(t.Context(), "layers", int64(50-20*k)); err != nil {
				t.Error(err)
			}
			mu.Lock()
			order = append(order, k)
			mu.Unlock()
		})
		for b.waitingFor() != k+1 {
		}
	}
	if err := b.Share(nil).Grow("ways", 41); !errors.As(err, &no) || no.Never {
		t.Errorf("more than is free: %v", err)
	}
	first.Give()
	wg.Wait()
	if b.Used() != 80 || len(order) != 2 {
		t.Errorf("%d used, served %v", b.Used(), order)
	}
	second.Give()
	second.Give()
	third.Give()
	if b.Used() != 0 {
		t.Errorf("%d are left", b.Used())
	}
	var none *Share
	if err := errors.Join(none.Wait(t.Context(), "", 1<<60), none.Grow("", 1<<60)); err != nil {
		t.Errorf("without a budget: %v", err)
	}
	none.Give()
}

func (b *Budget) waitingFor() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.line)
}

// Whoever gives up leaves the line, and those behind are served.
func TestBudgetOfTheImpatient(t *testing.T) {
	b := NewBudget(10)
	holder := b.Share(nil)
	if err := holder.Grow("all but one", 9); err != nil {
		t.Fatal(err)
	}
	spent := func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return ctx, cancel
	}
	var no *NoMemory
	if err := b.Share(spent).Wait(t.Context(), "two", 2); !errors.As(err, &no) || no.Never || b.waitingFor() != 0 {
		t.Errorf("out of patience: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() { failed <- b.Share(nil).Wait(ctx, "two", 2) }()
	for b.waitingFor() != 1 {
	}
	small := make(chan error)
	go func() { small <- b.Share(nil).Wait(t.Context(), "one", 1) }()
	for b.waitingFor() != 2 {
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if err := <-small; err != nil || b.Used() != 10 {
		t.Errorf("behind it: %v, %d used", err, b.Used())
	}
}

// Whatever many take, wait for and give back, there is never more out than there is.
func TestBudgetHolds(t *testing.T) {
	b := NewBudget(1000)
	var out, most atomic.Int64
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(k), 8))
			for range 2000 {
				s, held := b.Share(nil), int64(0)
				if n := r.Int64N(600); s.Wait(t.Context(), "x", n) == nil {
					held += n
				}
				if n := r.Int64N(600); s.Grow("y", n) == nil {
					held += n
				}
				now := out.Add(held)
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				out.Add(-held)
				s.Give()
			}
		})
	}
	wg.Wait()
	if b.Used() != 0 || most.Load() > b.Most() || most.Load() < 600 {
		t.Errorf("%d are left, %d were out", b.Used(), most.Load())
	}
}
