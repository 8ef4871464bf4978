package api

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"careshed/api/state"
)

// passing says of a result whether it is in no list and goes after a while, as those do that
// a page asks for at every click, and when it was last used.
type passing struct {
	passes atomic.Bool
	used   atomic.Int64 // milliseconds since 1970
}

func (p *passing) touch() { p.used.Store(time.Now().UnixMilli()) }

type keepIn struct {
	ID string `path:"studyId" doc:"the id of a study whose result is here"`
}

// keepStudy makes a result that passes one like others.
func (s *Server) keepStudy(ctx context.Context, q *request, in keepIn) (any, error) {
	e, err := s.study(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.stay(ctx, e); err != nil {
		return nil, err
	}
	return q.studyDoc(e), nil
}

// stay keeps a result that passes.
func (s *Server) stay(ctx context.Context, e *outcome) error {
	if !e.passes.Load() {
		return nil
	}
	return s.stayed(ctx, e.id)
}

// stayed keeps the result of a study that passes, and that of its job if it has one.
func (s *Server) stayed(ctx context.Context, id string) error {
	err := s.state.Stay(ctx, id)
	if err != nil && !errors.Is(err, state.ErrNone) {
		return stateProblem(err)
	}
	if e, ok := s.studies.kept.get(id); ok && e.passes.CompareAndSwap(true, false) && err != nil {
		s.keep(e, time.Now())
	}
	return nil
}

// sweep lets the results go that pass and were not used since a time.
func (s *Server) sweep(since time.Time) {
	for _, e := range s.studies.kept.all() {
		if e.passes.Load() && e.used.Load() < since.UnixMilli() {
			s.studies.kept.remove(e.id)
		}
	}
	if err := s.state.Sweep(s.ctx); err != nil && s.ctx.Err() == nil {
		s.log.Error("jobs were not swept", "error", err.Error())
	}
}

// sweeping sweeps now and then, until the server is closed.
func (s *Server) sweeping() {
	s.background.Go(func() {
		every := time.NewTicker(max(time.Second, s.limits.Passing/24))
		defer every.Stop()
		for {
			select {
			case now := <-every.C:
				s.sweep(now.Add(-s.limits.Passing))
			case <-s.ctx.Done():
				return
			}
		}
	})
}
