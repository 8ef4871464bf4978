package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// kind is a kind of problem: the last part of its type.
type kind string

const (
	badParameter  kind = "parameter"
	badCursor     kind = "cursor"
	noSuchRoute   kind = "route"
	notFound      kind = "not-found"
	wrongMethod   kind = "method"
	notAcceptable kind = "not-acceptable"
	tooLarge      kind = "too-large"
	wrongMedia    kind = "media-type"
	badBody       kind = "body"
	badStudy      kind = "study"
	badLayer      kind = "layer"
	unauthorized  kind = "key"
	forbidden     kind = "forbidden"
	unanswerable  kind = "unanswerable"
	busy          kind = "busy"
	tooLong       kind = "too-long"
	tooMuch       kind = "too-much"
	noMemory      kind = "memory"
	notReady      kind = "not-ready"
	lostFile      kind = "lost"
	overQuota     kind = "quota"
	stopping      kind = "stopping"
	internal      kind = "internal"
)

// kinds are the status and title of each kind.
var kinds = map[kind]struct {
	status int
	title  string
}{
	badParameter:  {http.StatusBadRequest, "A parameter was not accepted"},
	badCursor:     {http.StatusBadRequest, "The cursor does not belong here"},
	badBody:       {http.StatusBadRequest, "The body could not be read"},
	noSuchRoute:   {http.StatusNotFound, "There is nothing here"},
	notFound:      {http.StatusNotFound, "Not found"},
	wrongMethod:   {http.StatusMethodNotAllowed, "The method is not allowed here"},
	notAcceptable: {http.StatusNotAcceptable, "No format that would be accepted"},
	tooLarge:      {http.StatusRequestEntityTooLarge, "The body is too large"},
	wrongMedia:    {http.StatusUnsupportedMediaType, "The media type is not supported"},
	badStudy:      {http.StatusUnprocessableEntity, "The study was not accepted"},
	badLayer:      {http.StatusUnprocessableEntity, "The layer was not accepted"},
	unauthorized:  {http.StatusUnauthorized, "A key is needed"},
	forbidden:     {http.StatusForbidden, "This is not taken here"},
	overQuota:     {http.StatusForbidden, "This key has as much as it may"},
	unanswerable:  {http.StatusUnprocessableEntity, "The study does not answer this"},
	busy:          {http.StatusTooManyRequests, "Too much at once"},
	tooMuch:       {http.StatusUnprocessableEntity, "This needs more memory than there is"},
	noMemory:      {http.StatusServiceUnavailable, "There is not enough memory now"},
	tooLong:       {http.StatusServiceUnavailable, "The study took too long"},
	notReady:      {http.StatusServiceUnavailable, "Not ready yet"},
	lostFile:      {http.StatusServiceUnavailable, "A file that this is computed from has changed"},
	stopping:      {http.StatusServiceUnavailable, "The server is stopping"},
	internal:      {http.StatusInternalServerError, "The server failed"},
}

// problem is an error that the client is told.
type problem struct {
	kind   kind
	detail string
	// For input: the parameter or field, what was found and what is accepted.
	field, found, accepted string

	retry time.Duration // after which to try again
	allow string        // the methods that are allowed
	cause error         // for the log only

	choice []string // tables of a file, of which one must be named
}

func (p *problem) Error() string {
	if p.field != "" {
		return p.field + ": " + p.detail
	}
	return p.detail
}

func (p *problem) Unwrap() error { return p.cause }

// problemDoc is a problem as it is written (RFC 9457).
type problemDoc struct {
	Type      string `json:"type" doc:"the kind of problem"`
	Title     string `json:"title" doc:"the kind of problem for people"`
	Status    int    `json:"status" doc:"the HTTP status"`
	Detail    string `json:"detail" doc:"what is wrong with this request"`
	Instance  string `json:"instance" doc:"the path that was asked for"`
	Field     string `json:"field,omitempty" doc:"the parameter, or the field of the study"`
	Found     string `json:"found,omitempty" doc:"what was found there"`
	Accepted  string `json:"accepted,omitempty" doc:"what would be accepted"`
	RequestID string `json:"request_id" doc:"names the request in the log of the server"`
}

func (p *problem) doc(instance, id string) problemDoc {
	k := kinds[p.kind]
	return problemDoc{Type: "urn:careshed:problem:" + string(p.kind), Title: k.title, Status: k.status, Detail: p.detail,
		Instance: instance, Field: p.field, Found: p.found, Accepted: p.accepted, RequestID: id}
}

func parameter(name, found, accepted, format string, args ...any) *problem {
	return &problem{kind: badParameter, field: name, found: shorten(found), accepted: accepted, detail: fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) *problem {
	return &problem{kind: notFound, detail: fmt.Sprintf(format, args...)}
}

func cannot(format string, args ...any) *problem {
	return &problem{kind: unanswerable, detail: fmt.Sprintf(format, args...)}
}

// failed is what went wrong here. That somebody left before the answer, or that the server
// stops, is no fault of it.
func failed(err error) *problem {
	if errors.Is(err, context.Canceled) {
		return &problem{kind: stopping, detail: "the request was given up, or the server is stopping", cause: err, retry: 5 * time.Second}
	}
	return &problem{kind: internal, detail: "the server failed; its log says why", cause: err}
}

// problemOf is what a client is told of an error.
func problemOf(err error) *problem {
	var p *problem
	var full *study.NoMemory
	var lost *travel.LostError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &lost):
		return &problem{kind: lostFile, detail: lost.Error(), retry: time.Minute, cause: err}
	case errors.As(err, &full):
		return memoryProblem(full)
	}
	return failed(err)
}

// memoryProblem is what a client is told of something for which there is not the memory:
// never, or not now.
func memoryProblem(e *study.NoMemory) *problem {
	p := &problem{kind: noMemory, detail: e.Error(), retry: 10 * time.Second, found: study.Bytes(e.Need), accepted: "up to " + study.Bytes(e.Most)}
	if e.Never {
		p.kind, p.retry = tooMuch, 0
	}
	return p
}

// studyProblem is what a client is told of an error of a study it sent. What a
// study says of its layers and fields is the client's to mend.
func studyProblem(err error, limit time.Duration) error {
	var spec *spec.SpecError
	var file *fs.PathError
	var bug *travel.PanicError
	var p *problem
	var full *study.NoMemory
	var lost *travel.LostError
	switch {
	case err == nil, errors.As(err, &p), errors.As(err, &full), errors.As(err, &lost), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &spec):
		out := &problem{kind: badStudy, field: spec.Field, accepted: spec.Accept, detail: spec.Problem}
		if spec.Line > 0 {
			out.detail = fmt.Sprintf("line %d: %s", spec.Line, spec.Problem)
		}
		return out
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{kind: tooLong, retry: limit,
			detail: fmt.Sprintf("the study took longer than the %s that this server gives it; careshed run carries it out without a limit", limit)}
	case errors.As(err, &file), errors.As(err, &bug):
		return failed(err)
	}
	return &problem{kind: badStudy, detail: err.Error()}
}

func shorten(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return string([]rune(s[:most])[:most/4]) + "…"
}
