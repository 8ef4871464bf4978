package travel

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Spread runs do on ranges of 0..n, of the given size, on all cores. It returns
// when all are done, with the error of ctx if that ended first. What do panics
// with, Spread panics with: whoever called it can recover.
func Spread(ctx context.Context, n, size int, do func(from, to int)) error {
	return SpreadWith(ctx, n, size, func() struct{} { return struct{}{} }, func(_ struct{}, from, to int) { do(from, to) })
}

// SpreadWith is Spread with something of its own for each of those who work, such as
// space: own is called for each before they begin, one after the other, in the calling
// goroutine, min(cores, ranges) times.
func SpreadWith[T any](ctx context.Context, n, size int, own func() T, do func(own T, from, to int)) error {
	var (
		ranges  = (n + size - 1) / size
		next    atomic.Int64
		fault   atomic.Pointer[error]
		workers sync.WaitGroup
	)
	work := func(space T) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // mapped files: see road.Index.Guarded
		defer func() {
			if p := recover(); p != nil {
				cause, is := p.(error)
				if !is {
					cause = fmt.Errorf("%v", p)
				}
				err := fmt.Errorf("%w\n%s", cause, debug.Stack())
				fault.CompareAndSwap(nil, &err)
			}
		}()
		for k := int(next.Add(1)) - 1; k < ranges && ctx.Err() == nil && fault.Load() == nil; k = int(next.Add(1)) - 1 {
			do(space, k*size, min(n, (k+1)*size))
		}
	}
	all := make([]T, min(runtime.GOMAXPROCS(0), ranges))
	for w := range all {
		all[w] = own()
	}
	for _, space := range all {
		workers.Go(func() { work(space) })
	}
	workers.Wait()
	if err := fault.Load(); err != nil {
		panic(*err)
	}
	if int(next.Load()) < ranges+len(all) {
		return ctx.Err()
	}
	return nil
}
