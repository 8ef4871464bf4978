package api

import (
	"context"
	"errors"

	"careshed/access/study/spec"
	"careshed/api/state"
)

// changed drops what is here of what another server, or somebody beside, has changed: it
// is read again when it is asked for.
func (s *Server) changed(c state.Change) {
	if c.Job == "" {
		if err := s.restore(s.ctx); err != nil && s.ctx.Err() == nil {
			s.log.Error("layers were not read", "error", err.Error())
		}
	}
	if c.Layer != "" {
		return
	}
	for _, e := range s.studies.kept.all() {
		if c.Job == "" || c.Job == e.id {
			s.renew(e, c.Gone)
		}
	}
}

// renew holds a result that is in memory against what is kept of it.
func (s *Server) renew(e *outcome, gone bool) {
	j, err := s.state.Get(s.ctx, e.id)
	switch {
	case gone, errors.Is(err, state.ErrNone), err == nil && j.Status != state.Successful && j.Status != state.Running:
		s.studies.kept.remove(e.id)
	case err == nil:
		e.passes.Store(j.Passing)
	}
}

// sameHere refuses a job that another server took, to which a study of this text meant
// other layers, or which is of another version: its result would be that of something
// else than was asked.
func (s *Server) sameHere(ctx context.Context, j state.Job, asked spec.Spec) error {
	if !s.together || s.studyID(asked, sentBy(j)) == j.ID {
		return nil
	}
	if err := s.restore(ctx); err != nil { // what was sent just before it is here too
		return stateProblem(err)
	}
	if s.studyID(asked, sentBy(j)) == j.ID {
		return nil
	}
	return &problem{kind: unanswerable, detail: "a layer that this names has changed since it was sent, " +
		"or the servers that share the database differ in version, catalog or key; send it again"}
}
