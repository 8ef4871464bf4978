package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"careshed/geo/travel"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/state"
)

// openJobs opens the queue and what was kept of it.
func (s *Server) openJobs() (err error) {
	o := state.Options{Runs: s.limits.Runs, Waiting: s.limits.Waiting, Bytes: s.limits.KeptBytes, Passing: s.limits.Passing, Log: s.log,
		Problem: func(err error) []byte {
			p := problemOf(studyProblem(err, s.limits.JobRun))
			if err.Error() == state.Interrupted {
				p = &problem{kind: stopping, detail: state.Interrupted}
			}
			if p.kind == internal {
				s.log.Error("a job failed", "error", err.Error())
			}
			text, err := toJSON(p.doc("", ""))
			if err != nil {
				return []byte(`{}`)
			}
			return text
		}}
	if s.config.State == "" {
		o.Bytes = s.limits.StudyBytes / 2 // beside the results that are kept in memory anyway
	}
	if s.state, err = state.Open(s.ctx, s.config.State, s.work, o); err != nil {
		return err
	}
	defer close(s.restored)
	if err := s.restore(s.ctx); err != nil {
		return errors.Join(err, s.state.Close(s.ctx))
	}
	s.state.Follow(s.changed)
	return nil
}

// stateProblem is what a client is told of an error of the jobs and layers that are kept:
// what is locked is soon free, and a database may come back.
func stateProblem(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, state.ErrLocked):
		return &problem{kind: notReady, retry: time.Second, detail: "another program, or others who write, have what is kept here locked", cause: err}
	case errors.Is(err, state.ErrAway):
		return &problem{kind: notReady, retry: 5 * time.Second, detail: "the database of jobs and results does not answer", cause: err}
	}
	return failed(err)
}

// work carries out a study as a job.
func (s *Server) work(ctx context.Context, j state.Job, report func(stage string, done, total int)) ([]byte, error) {
	select {
	case <-s.restored: // jobs wait from before the start, and their layers
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	spec, err := study.Parse(strings.NewReader(string(j.Input)), nil)
	if err != nil {
		return nil, err
	}
	if err := s.sameHere(ctx, j, spec); err != nil {
		return nil, err
	}
	ctx = sentBy(j).asked(ctx)
	ctx, cancel := context.WithTimeout(ctx, s.limits.JobRun)
	defer cancel()
	e, err := s.carryOut(ctx, j.ID, spec, s.memory.Share(nil), func(p study.Progress) { report(p.Stage, p.Done, p.Total) })
	if err != nil {
		return nil, err
	}
	e.passes.Store(j.Passing)
	if now, err := s.state.Get(ctx, j.ID); err == nil {
		e.passes.Store(now.Passing) // somebody asked to keep it meanwhile
	}
	s.studies.kept.put(e.id, e, e.bytes())
	return e.result.Pack()
}

// sentBy is who sent a job.
func sentBy(j state.Job) sender { return sender{j.Private, j.Owner} }

// recalled is a study whose result was kept, nil if none was.
func (s *Server) recalled(ctx context.Context, id string) (*outcome, error) {
	body, of, err := s.state.Result(ctx, id)
	if errors.Is(err, state.ErrNone) || err == nil && !sentBy(of).tells(ctx) {
		return nil, nil
	}
	if err != nil {
		return nil, stateProblem(err)
	}
	give, err := s.room(ctx, "a result", ofRecall*int64(len(body)))
	if err != nil {
		return nil, err
	}
	defer give()
	r, err := study.Unpack(body)
	if err != nil {
		return nil, failed(fmt.Errorf("study %s: %w", id, err))
	}
	w, err := s.config.World(ctx, r.Spec)
	if err != nil {
		return nil, err
	}
	e := s.outcomeOf(id, w, r, sentBy(of))
	e.passes.Store(of.Passing)
	s.studies.kept.put(id, e, e.bytes())
	return e, nil
}

// keep writes a result that was asked for at once among those of jobs, so that it outlives
// the program where they are in a file, and the results that come after it in any case.
func (s *Server) keep(e *outcome, started time.Time) {
	s.background.Go(func() { s.keeping(e, started) })
}

func (s *Server) keeping(e *outcome, started time.Time) {
	body, err := travel.Caught(e.result.Pack)
	if err == nil {
		err = s.state.Keep(context.WithoutCancel(s.ctx), state.Job{ID: e.id, Process: "study", Title: titleOf(e.result.Spec), Input: e.result.Spec.Text(), Private: e.to.private, Owner: e.to.owner,
			Passing: e.passes.Load(), Created: started, Started: started, Finished: time.Now()}, body)
	}
	if err != nil {
		s.log.Error("a result was not kept", "study", e.id, "error", err.Error())
	}
}

func titleOf(s spec.Spec) string { return cmp.Or(s.Title, s.Name) }

// jobDoc is a job as OGC API Processes has it (statusInfo).
type jobDoc struct {
	Type     string          `json:"type" doc:"process"`
	ID       string          `json:"jobID"`
	Process  string          `json:"processID"`
	Title    string          `json:"title"`
	Status   string          `json:"status" doc:"accepted, running, successful, failed or dismissed"`
	Message  string          `json:"message,omitempty" doc:"what it is at, or why it failed"`
	Progress int             `json:"progress" doc:"percent of the stage that it is at; 100 when successful"`
	Created  time.Time       `json:"created"`
	Started  *time.Time      `json:"started,omitempty"`
	Finished *time.Time      `json:"finished,omitempty"`
	Updated  *time.Time      `json:"updated,omitempty"`
	Problem  json.RawMessage `json:"problem,omitempty" doc:"of a job that failed: problem+json"`
	Links    []link          `json:"links"`
}

func (q *request) jobDoc(j state.Job) jobDoc {
	at := "/jobs/" + url.PathEscape(j.ID)
	d := jobDoc{Type: "process", ID: j.ID, Process: j.Process, Title: j.Title, Status: string(j.Status), Message: j.Stage, Progress: int(100 * j.Share()),
		Created: j.Created, Links: []link{q.to(at, "self", "application/json", "This job")}}
	if !j.Started.IsZero() {
		d.Started, d.Updated = &j.Started, &j.Started
	}
	if !j.Finished.IsZero() {
		d.Finished, d.Updated = &j.Finished, &j.Finished
	}
	switch {
	case j.Status == state.Successful:
		d.Links = append(d.Links, q.to(at+"/results", "http://www.opengis.net/def/rel/ogc/1.0/results", "application/json", "What it found"))
	case j.Status == state.Failed:
		d.Problem = j.Problem
		var p problemDoc
		if json.Unmarshal(j.Problem, &p) == nil {
			d.Message = p.Detail
		}
	case !j.Status.Done():
		d.Links = append(d.Links, q.to(at+"/events", "monitor", "text/event-stream", "Its progress as it comes"))
	}
	return d
}

type jobList struct {
	Jobs  []jobDoc `json:"jobs" doc:"the latest first; on a server with a key, for whoever gives it"`
	Links []link   `json:"links"`
}

type jobsIn struct {
	Limit int    `query:"limit" min:"1" max:"1000" def:"100" clamp:"true" doc:"how many jobs"`
	After string `query:"after" doc:"the id of the last job of the page before"`
}

// listJobs lists jobs page by page, without what was asked.
func (s *Server) listJobs(ctx context.Context, q *request, in jobsIn) (any, error) {
	out := jobList{Jobs: []jobDoc{}, Links: q.versions(asJSON, asHTML)}
	owner := senderOf(ctx).owner
	if !s.lists(ctx) && owner == "" {
		return out, nil
	}
	list, err := s.state.List(ctx, owner, in.After, in.Limit+1)
	if errors.Is(err, state.ErrNone) {
		return nil, parameter("after", in.After, "the id of a job", "there is no such job")
	}
	if err != nil {
		return nil, stateProblem(err)
	}
	for _, j := range list[:min(len(list), in.Limit)] {
		out.Jobs = append(out.Jobs, q.jobDoc(j))
	}
	if len(list) > in.Limit {
		out.Links = append(out.Links, q.to(fmt.Sprintf("/jobs?limit=%d&after=%s", in.Limit, url.QueryEscape(list[in.Limit-1].ID)), "next", "application/json", "The next page"))
	}
	return out, nil
}

type jobIn struct {
	ID string `path:"jobId" doc:"the id of a job"`
}

func (s *Server) job(ctx context.Context, id string) (state.Job, error) {
	j, err := s.state.Get(ctx, id)
	switch {
	case errors.Is(err, state.ErrNone), err == nil && !sentBy(j).tells(ctx):
		return state.Job{}, missing("there is no job %q; /jobs lists them", shorten(id))
	case err != nil:
		return j, stateProblem(err)
	}
	return j, nil
}

func (s *Server) oneJob(ctx context.Context, q *request, in jobIn) (any, error) {
	j, err := s.job(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return q.jobDoc(j), nil
}

func (s *Server) jobResults(ctx context.Context, q *request, in jobIn) (any, error) {
	j, err := s.job(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	switch j.Status {
	case state.Accepted, state.Running:
		return nil, &problem{kind: notReady, retry: 2 * time.Second, detail: fmt.Sprintf("job %s is %s; its results come when it is done", j.ID, j.Status)}
	case state.Failed, state.Dismissed:
		p := &problem{kind: unanswerable, detail: fmt.Sprintf("job %s was %s and has no results", j.ID, j.Status)}
		var doc problemDoc
		if json.Unmarshal(j.Problem, &doc) == nil && doc.Detail != "" {
			p.detail, p.field, p.found, p.accepted = fmt.Sprintf("job %s failed: %s", j.ID, doc.Detail), doc.Field, doc.Found, doc.Accepted
		}
		return nil, p
	}
	e, err := s.study(ctx, j.ID)
	if err != nil {
		return nil, err
	}
	return q.studyDoc(e), nil
}

func (s *Server) dismissJob(ctx context.Context, q *request, in jobIn) (any, error) {
	if _, err := s.job(ctx, in.ID); err != nil {
		return nil, err
	}
	j, err := s.state.Dismiss(ctx, in.ID)
	switch {
	case errors.Is(err, state.ErrNone):
		return nil, missing("there is no job %q; /jobs lists them", shorten(in.ID))
	case err != nil:
		return nil, stateProblem(err)
	}
	s.studies.kept.remove(in.ID)
	return q.jobDoc(j), nil
}

// send puts a study into the queue, and gives the job of that question.
func (s *Server) enqueue(ctx context.Context, q *request, asked state.Job, spec spec.Spec) (any, error) {
	by := senderOf(ctx)
	asked.Process, asked.Title, asked.Input, asked.Private, asked.Owner = "study", titleOf(spec), spec.Text(), by.private, by.owner
	j, added, err := s.state.Add(ctx, asked)
	switch {
	case errors.Is(err, state.ErrFull):
		return nil, &problem{kind: busy, retry: 10 * time.Second, detail: fmt.Sprintf("%d jobs wait, as many as this server takes", s.limits.Waiting)}
	case err != nil:
		return nil, stateProblem(err)
	}
	if !added { // as its id says, and that is not taken on trust
		if before, err := study.Parse(bytes.NewReader(j.Input), nil); err != nil || before.Digest() != spec.Digest() {
			return nil, failed(fmt.Errorf("job %s is kept with another content than the one that was sent: %w", asked.ID, err))
		}
		if j.Passing && !asked.Passing {
			if err := s.stayed(ctx, j.ID); err != nil {
				return nil, err
			}
		}
	}
	status := http.StatusOK // the question was asked before
	if added {
		status = http.StatusCreated
	}
	return replied{q.jobDoc(j), status, []string{"Location", q.base + "/jobs/" + url.PathEscape(j.ID), "Preference-Applied", "respond-async"}}, nil
}

// How events go out: a heartbeat keeps proxies from closing what is silent.
const (
	heartbeat   = 15 * time.Second
	longestFeed = time.Hour
)

// jobEvents streams the states of a job as server-sent events, until it is done.
func (s *Server) jobEvents(ctx context.Context, q *request, in jobIn) (any, error) {
	if _, err := s.job(ctx, in.ID); err != nil {
		return nil, err
	}
	if len(s.feeds) == cap(s.feeds) {
		return nil, &problem{kind: busy, retry: 10 * time.Second, detail: fmt.Sprintf("%d jobs are watched, as many as this server lets; ask /jobs/%s now and then", cap(s.feeds), in.ID)}
	}
	return &answer{kind: asEvents.kind, stream: func(ctx context.Context, w io.Writer, flush func()) error {
		select {
		case s.feeds <- struct{}{}:
			defer func() { <-s.feeds }()
		case <-ctx.Done():
			return ctx.Err()
		}
		states, end, err := s.state.Watch(ctx, in.ID)
		if err != nil {
			return err
		}
		defer end()
		stop := time.After(longestFeed)
		for {
			select {
			case j := <-states:
				text, err := toJSON(q.jobDoc(j))
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", j.Status, strings.TrimSuffix(string(text), "\n")); err != nil {
					return err
				}
				flush()
				if j.Status.Done() {
					return nil
				}
			case <-time.After(heartbeat):
				if _, err := io.WriteString(w, ": still here\n\n"); err != nil {
					return err
				}
				flush()
			case <-stop:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			case <-s.ctx.Done():
				return s.ctx.Err()
			}
		}
	}}, nil
}
