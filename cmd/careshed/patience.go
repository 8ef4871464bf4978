package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"

	"careshed/access/study"
)

// patience is how long somebody waits: the first interrupt while sites are
// searched keeps the best plan so far, any other ends the program.
type patience struct {
	log io.Writer
	end context.CancelFunc

	mu        sync.Mutex
	searching bool
	spent     bool
	enough    chan struct{}
}

type patienceKey struct{}

// listen makes a context that interrupts end, the first of them only where no
// search is under way.
func listen(ctx context.Context, log io.Writer) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	p := &patience{log: log, end: end, enough: make(chan struct{})}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		for {
			select {
			case <-interrupts:
				p.interrupt()
			case <-ctx.Done():
				signal.Stop(interrupts)
				return
			}
		}
	}()
	return context.WithValue(ctx, patienceKey{}, p), end
}

func (p *patience) interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.searching || p.spent {
		p.end()
		return
	}
	p.spent = true
	close(p.enough)
	fmt.Fprintln(p.log, "\ncareshed: the search ends with the best plan so far; interrupt again to end all")
}

// watch hands a study's progress on, and says to the world when it is enough.
func watch(ctx context.Context, w *study.World, report func(study.Progress)) func(study.Progress) {
	p, ok := ctx.Value(patienceKey{}).(*patience)
	if !ok {
		return report
	}
	w.Enough = p.enough
	return func(now study.Progress) {
		p.mu.Lock()
		p.searching = strings.HasPrefix(now.Stage, study.Searching)
		p.mu.Unlock()
		report(now)
	}
}
