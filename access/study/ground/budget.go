package ground

import (
	"context"
	"fmt"
	"sync"
)

// Budget is the bytes that all who compute at the same time have together. It counts
// what they say they need, before they take it.
type Budget struct {
	most int64

	mu   sync.Mutex
	used int64
	line []*waiting // the first is served first
}

// waiting is somebody who waits for a share.
type waiting struct {
	bytes int64
	ready chan struct{}
}

// NewBudget is a budget of so many bytes.
func NewBudget(most int64) *Budget { return &Budget{most: most} }

// Most is all there is, Used what is taken, in bytes.
func (b *Budget) Most() int64 { return b.most }
func (b *Budget) Used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// NoMemory says that there is not enough memory for something.
type NoMemory struct {
	What       string // that needs it
	Need, Most int64  // bytes, of what asks in all, and that there are
	Never      bool   // however long it waits
}

func (e *NoMemory) Error() string {
	if e.Never {
		return fmt.Sprintf("with %s this needs about %s of memory; accepted: up to %s", e.What, Bytes(e.Need), Bytes(e.Most))
	}
	return fmt.Sprintf("with %s this needs about %s of the %s of memory there is, and others have too much of it now", e.What, Bytes(e.Need), Bytes(e.Most))
}

// Bytes writes a number of bytes for people.
func Bytes(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MiB", (n+1<<20-1)>>20)
}

// Share is what one of them has. A nil share is without bounds. Its methods may be
// called from several goroutines.
type Share struct {
	of       *Budget
	patience func(context.Context) (context.Context, context.CancelFunc)

	mu   sync.Mutex
	held int64
}

// Share is a share of nothing yet. patience bounds how long it waits; nil: as long as
// the context lasts.
func (b *Budget) Share(patience func(context.Context) (context.Context, context.CancelFunc)) *Share {
	if patience == nil {
		patience = func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }
	}
	return &Share{of: b, patience: patience}
}

// Wait takes bytes for something, once they are free. Whoever holds much must not wait
// for more: see Grow.
func (s *Share) Wait(ctx context.Context, what string, bytes int64) error {
	if s == nil || bytes <= 0 {
		return nil
	}
	s.mu.Lock()
	need := s.held + bytes
	s.mu.Unlock()
	b := s.of
	if need > b.most {
		return &NoMemory{what, need, b.most, true}
	}
	b.mu.Lock()
	if len(b.line) == 0 && b.used+bytes <= b.most {
		b.used += bytes
		b.mu.Unlock()
		s.add(bytes)
		return nil
	}
	w := &waiting{bytes, make(chan struct{})}
	b.line = append(b.line, w)
	b.mu.Unlock()
	patient, done := s.patience(ctx)
	defer done()
	select {
	case <-w.ready:
		s.add(bytes)
		return nil
	case <-patient.Done():
	}
	if b.leave(w) { // it was served in the same moment
		s.add(bytes)
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return &NoMemory{what, need, b.most, false}
}

// leave takes somebody off the line, and reports whether it was served before.
func (b *Budget) leave(w *waiting) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, o := range b.line {
		if o == w {
			b.line = append(b.line[:i], b.line[i+1:]...)
			b.serve() // those behind may be content with less
			return false
		}
	}
	return true
}

// serve gives those who wait what is free, in their order.
func (b *Budget) serve() {
	for len(b.line) > 0 && b.used+b.line[0].bytes <= b.most {
		b.used += b.line[0].bytes
		close(b.line[0].ready)
		b.line = b.line[1:]
	}
}

func (s *Share) add(bytes int64) {
	s.mu.Lock()
	s.held += bytes
	s.mu.Unlock()
}

// Take is Wait for whoever has nothing yet, and Grow for others.
func (s *Share) Take(ctx context.Context, what string, bytes int64) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	first := s.held == 0
	s.mu.Unlock()
	if first {
		return s.Wait(ctx, what, bytes)
	}
	return s.Grow(what, bytes)
}

// Grow takes bytes for something at once, or refuses: two who each wait for what the
// other has would wait for ever. What is taken is given back with the rest.
func (s *Share) Grow(what string, bytes int64) error {
	if s == nil || bytes <= 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.of
	b.mu.Lock()
	defer b.mu.Unlock()
	if need := s.held + bytes; need > b.most || b.used+bytes > b.most {
		return &NoMemory{what, need, b.most, need > b.most}
	}
	b.used += bytes
	s.held += bytes
	return nil
}

// Give gives everything back.
func (s *Share) Give() {
	if s == nil {
		return
	}
	s.mu.Lock()
	bytes := s.held
	s.held = 0
	s.mu.Unlock()
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.of.used -= bytes
	s.of.serve()
}
