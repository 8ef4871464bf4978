package api

import (
	"container/list"
	"context"
	"sync"

	"careshed/geo/travel"
)

// once is a value that is made once, by whoever asks for it first; others wait.
// A failure is told to all who wait, and the next one tries again. The zero
// value is empty.
type once[T any] struct {
	mu    sync.Mutex
	made  bool
	value T
	turn  *attempt[T]
}

// get is the value, made in a goroutine of its own if need be: a caller that
// gives up does not stop it.
func (c *once[T]) get(ctx context.Context, make func() (T, error)) (T, error) {
	c.mu.Lock()
	if c.made {
		defer c.mu.Unlock()
		return c.value, nil
	}
	if c.turn == nil {
		c.turn = begin(make, func(value T, err error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.turn = nil
			if err == nil {
				c.made, c.value = true, value
			}
		})
	}
	t := c.turn
	c.mu.Unlock()
	return t.wait(ctx)
}

// attempt is the making of a value.
type attempt[T any] struct {
	done  chan struct{}
	value T
	err   error

	waiting int    // how many wait for it, where somebody counts them
	stop    func() // ends it, where nobody waiting any more does
}

// begin makes a value in a goroutine of its own; then comes after, then those
// who wait.
func begin[T any](make func() (T, error), after func(T, error)) *attempt[T] {
	t := &attempt[T]{done: newDone()}
	go func() {
		defer close(t.done)
		t.value, t.err = travel.Caught(make)
		after(t.value, t.err)
	}()
	return t
}

func newDone() chan struct{} { return make(chan struct{}) }

func (t *attempt[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-t.done:
		return t.value, t.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// peek is the value if it has been made.
func (c *once[T]) peek() (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.made
}

// cache keeps values by key, the latest used longest, within a number and a
// sum of bytes.
type cache[T any] struct {
	mu        sync.Mutex
	most      int
	mostBytes int64
	bytes     int64
	order     list.List // of *kept[T], the latest used first
	byKey     map[string]*list.Element
}

type kept[T any] struct {
	key   string
	value T
	bytes int64
}

func newCache[T any](most int, mostBytes int64) *cache[T] {
	return &cache[T]{most: most, mostBytes: mostBytes, byKey: map[string]*list.Element{}}
}

func (s *cache[T]) get(key string) (value T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[key]
	if !ok {
		return value, false
	}
	s.order.MoveToFront(e)
	return e.Value.(*kept[T]).value, true
}

// put keeps a value. One that is too large alone is kept until the next comes,
// so that whoever asked for it can have it.
func (s *cache[T]) put(key string, value T, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byKey[key]; ok {
		s.drop(e)
	}
	s.byKey[key] = s.order.PushFront(&kept[T]{key, value, bytes})
	s.bytes += bytes
	for s.order.Len() > 1 && (s.order.Len() > s.most || s.bytes > s.mostBytes) {
		s.drop(s.order.Back())
	}
}

// remove takes a value out, if it is there.
func (s *cache[T]) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byKey[key]; ok {
		s.drop(e)
	}
}

func (s *cache[T]) drop(e *list.Element) {
	k := s.order.Remove(e).(*kept[T])
	delete(s.byKey, k.key)
	s.bytes -= k.bytes
}

// all are the values, the latest used first.
func (s *cache[T]) all() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]T, 0, s.order.Len())
	for e := s.order.Front(); e != nil; e = e.Next() {
		out = append(out, e.Value.(*kept[T]).value)
	}
	return out
}

// size is the number of values and their bytes.
func (s *cache[T]) size() (n int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.order.Len(), s.bytes
}
