package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	factsheet "careshed/api/sheet"
	"careshed/api/state"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// outcome is a study that was carried out, with its result.
type outcome struct {
	id string
	to sender // who sent it
	passing
	world       study.World
	result      *study.Result
	collections []*collection
	reaches     once[*study.Reach]
	sheets      once[*factsheet.Maker]
}

func (e *outcome) collection(id string) *collection {
	for _, c := range e.collections {
		if c.id == id {
			return c
		}
	}
	return nil
}

// studies keeps results and bounds what is carried out at once.
type studies struct {
	kept  *cache[*outcome] // by id
	slots chan struct{}    // a token for each study under way

	mu      sync.Mutex
	running map[string]*attempt[*outcome] // by id
}

func newStudies(l Limits) *studies {
	return &studies{kept: newCache[*outcome](l.Studies, l.StudyBytes), slots: make(chan struct{}, l.Runs), running: map[string]*attempt[*outcome]{}}
}

func (x *studies) collection(id string) *collection {
	for _, e := range x.kept.all() {
		if c := e.collection(id); c != nil {
			x.kept.get(e.id) // it is in use
			e.touch()
			return c
		}
	}
	return nil
}

// atOnce runs a study within the limit of those that are waited for.
func (s *Server) atOnce(ctx context.Context, id string, spec spec.Spec) (*outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limits.Run)
	defer cancel()
	return s.carryOut(ctx, id, spec, s.memory.Share(s.patiently), nil)
}

// carryOut runs a study until it is done or ctx ends. The result belongs to id.
func (s *Server) carryOut(ctx context.Context, id string, spec spec.Spec, share *study.Share, report func(study.Progress)) (*outcome, error) {
	w, err := s.config.World(ctx, spec)
	if err != nil {
		return nil, err
	}
	defer share.Give()
	w.Share = share
	r, err := study.Run(ctx, w, spec, report)
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && s.ctx.Err() == nil {
			return nil, context.DeadlineExceeded
		}
		return nil, err
	}
	w.Share = nil // it is given back
	return s.outcomeOf(id, w, r, senderOf(ctx)), nil
}

// patiently is a context of somebody who waits for an answer.
func (s *Server) patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.limits.Patience)
}

// room takes memory for what a request is about to make, and gives what gives it back.
func (s *Server) room(ctx context.Context, what string, bytes int64) (give func(), err error) {
	share := s.memory.Share(s.patiently)
	return share.Give, share.Wait(ctx, what, bytes)
}

// What things take in memory while they are made, in bytes, rather too much.
const (
	ofMap    = 96 << 20
	ofSheet  = 48 << 20
	ofCell   = 64
	ofSent   = 5       // times the bytes of a layer that is sent
	unsaid   = 1 << 20 // of a body that does not say how long it is, until it is read
	ofRecall = 6       // times the bytes of a result as it is kept
)

// outcomeOf makes collections of a result.
func (s *Server) outcomeOf(id string, w study.World, r *study.Result, to sender) *outcome {
	e := &outcome{id: id, to: to, world: w, result: r}
	e.touch()
	for _, ls := range [][]*geo.Layer{r.Layers, r.Tables} {
		for _, l := range ls {
			title := cmp.Or(l.Title, l.Name)
			if name := r.Spec.Name; !strings.HasPrefix(title, name+": ") {
				title = name + ": " + title
			}
			c := s.found(id+"-"+l.Name, title, l)
			c.to = to
			e.collections = append(e.collections, c)
		}
	}
	return e
}

// bytesOf estimates what a layer holds in memory.
func bytesOf(l *geo.Layer) (n int64) {
	for _, col := range l.Columns() {
		if col.Type != geo.Text {
			n += 8 * int64(col.Len())
			continue
		}
		n += 4 * int64(col.Len())
		_, words := col.Codes()
		for _, w := range words {
			n += int64(len(w)) + 16
		}
	}
	n += 40 * int64(l.Len()) // id, point, place in the order
	for i := range l.Len() {
		n += vertices(l.Shape(i))
	}
	return n
}

// bytes estimates what a result holds in memory.
func (e *outcome) bytes() int64 {
	n := int64(len(e.result.Manifest.Spec)) + 64<<10
	for _, c := range e.collections {
		l, _ := c.load(context.Background()) // it is there
		n += bytesOf(l)
	}
	return n
}

// vertices are the bytes of a shape's positions; those of a point are counted
// with its row.
func vertices(g orb.Geometry) int64 {
	n := 0
	switch g := g.(type) {
	case orb.MultiPoint:
		n = len(g)
	case orb.LineString:
		n = len(g) + 2
	case orb.MultiLineString:
		for _, l := range g {
			n += len(l) + 2
		}
	case orb.Ring:
		n = len(g)
	case orb.Polygon:
		for _, r := range g {
			n += len(r) + 2
		}
	case orb.MultiPolygon:
		for _, p := range g {
			for _, r := range p {
				n += len(r) + 2
			}
		}
	}
	return 16 * int64(n)
}

// outcomes are the studies whose results are here: the baselines that
// are there, then those that requests brought, the latest used first.
func (s *Server) outcomes() []*outcome {
	var out []*outcome
	for _, b := range s.base.all() {
		if e, ok := b.outcome.peek(); ok {
			out = append(out, e)
		}
	}
	return append(out, s.studies.kept.all()...)
}

// listed are the outcomes that whoever asks is told of.
func (s *Server) listed(ctx context.Context) []*outcome {
	var out []*outcome
	for _, b := range s.base.all() {
		if e, ok := b.outcome.peek(); ok {
			out = append(out, e)
		}
	}
	owner := senderOf(ctx).owner
	for _, e := range s.studies.kept.all() {
		if !e.passes.Load() && (owner != "" && e.to.owner == owner || owner == "" && s.lists(ctx)) {
			out = append(out, e)
		}
	}
	return out
}

// study finds a study whose result is here.
func (s *Server) study(ctx context.Context, id string) (*outcome, error) {
	for _, b := range s.base.all() {
		if b.ID() == id {
			return s.baseline(ctx, b)
		}
	}
	e, ok := s.studies.kept.get(id)
	if !ok {
		var err error
		if e, err = s.recalled(ctx, id); err != nil {
			return nil, err
		}
	}
	if e != nil && e.to.tells(ctx) {
		e.touch()
		return e, nil
	}
	return nil, missing("no result of a study %q is here; /studies lists them. Results are kept for a while only: send the study again", shorten(id))
}

// served is who sends studies: their limits are those of a service.
const served = spec.Served

// parse reads a study that a request brought: it may name layers and files of
// the catalog, and extend studies of the catalog, and nothing else.
func (s *Server) parse(body []byte) (spec.Spec, error) {
	spec, err := study.Parse(bytes.NewReader(body), func(name string) (io.Reader, error) {
		for listed, text := range s.config.Studies {
			if path.Clean(listed) == name || listed == name {
				return strings.NewReader(text), nil
			}
		}
		return nil, fmt.Errorf("%q is not among the studies that this server lists", shorten(name))
	})
	if err == nil {
		err = spec.Allows(served)
	}
	if err != nil {
		return spec, err
	}
	for name, l := range spec.Layers {
		if l.PostGIS != "" {
			return spec, &problem{kind: badStudy, field: "layers." + name + ".postgis", accepted: "the name of a layer of the server's own catalog",
				detail: "requests name no databases"}
		}
		if err := s.permitted("layers."+name+".file", l.File); err != nil {
			return spec, err
		}
		if l.Join != nil {
			if err := s.permitted("layers."+name+".join.file", l.Join.File); err != nil {
				return spec, err
			}
		}
	}
	return spec, nil
}

func (s *Server) permitted(field, file string) error {
	if slices.Contains(s.config.Files, file) {
		return nil
	}
	accept := "a file that the server's own catalog names; it names none"
	if len(s.config.Files) > 0 {
		accept = "a file that the server's own catalog names: " + strings.Join(s.config.Files, ", ")
	}
	return &problem{kind: badStudy, field: field, found: shorten(file), accepted: accept,
		detail: "requests name no files but those of the server's own catalog"}
}

// studyID is the name of a result: the study's own name as far as it fits into
// an address, and a digest of the study, the layers and files of this server and
// the version of the program: the same question has the same name, and only it.
// What is sent with the key has a name of its own, which nobody can make without it.
func (s *Server) studyID(spec spec.Spec, by sender) string {
	var b strings.Builder
	for _, c := range strings.ToLower(spec.Name) {
		switch {
		case b.Len() >= 40:
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	text := spec.Digest() + "\n" + s.config.Version + "\n" + s.config.Digest + s.uploads.digest(string(spec.Text()))
	if by.private {
		mac := hmac.New(sha256.New, []byte(s.config.Key))
		mac.Write([]byte(text))
		if by.owner != "" {
			mac.Write([]byte("\n" + by.owner))
		}
		text = string(mac.Sum(nil))
	}
	sum := sha256.Sum256([]byte(text))
	return strings.Trim(b.String()+"-"+hex.EncodeToString(sum[:16]), "-")
}

type executeIn struct {
	Keep string `query:"keep" enum:"yes,no" def:"yes" doc:"no: the result is in no list, and goes some time after its last use, unless PUT /studies/{studyId} keeps it"`
}

// execute carries out the study in the body, or finds its result.
func (s *Server) execute(ctx context.Context, q *request, in executeIn) (any, error) {
	spec, err := s.parse(unwrapped(q.body))
	if err != nil {
		return nil, studyProblem(err, s.limits.Run)
	}
	id := s.studyID(spec, senderOf(ctx))
	if strings.Contains(q.prefer, "respond-async") {
		return s.enqueue(ctx, q, state.Job{ID: id, Passing: in.Keep == "no"}, spec)
	}
	e, err := s.run(ctx, id, spec, in.Keep == "no")
	if err == nil && in.Keep != "no" {
		err = s.stay(ctx, e)
	}
	if err != nil {
		return nil, studyProblem(err, s.limits.Run)
	}
	return q.studyDoc(e), nil
}

// asked is the outcome if it is that of a study, which its id says: a digest alone is
// never taken for the question.
func (e *outcome) asked(s spec.Spec) (*outcome, error) {
	if e.result.Spec.Digest() != s.Digest() {
		return nil, failed(fmt.Errorf("study %s is kept with another content than the one that was sent", e.id))
	}
	return e, nil
}

// unwrapped is the study in a body, which may stand in inputs, as OGC API
// Processes has it: {"inputs": {"study": {…}}}.
func unwrapped(body []byte) []byte {
	var wrapped struct {
		Inputs struct {
			Study json.RawMessage `json:"study"`
		} `json:"inputs"`
	}
	if json.Unmarshal(body, &wrapped) == nil && len(wrapped.Inputs.Study) > 0 {
		return wrapped.Inputs.Study
	}
	return body
}

// run gives the result of a study: the one that is kept, that of a run under
// way, or that of a new run if there is a slot for it, which may pass.
func (s *Server) run(ctx context.Context, id string, spec spec.Spec, passes bool) (*outcome, error) {
	x := s.studies
	x.mu.Lock()
	if e, ok := x.kept.get(id); ok {
		x.mu.Unlock()
		return e.asked(spec)
	}
	x.mu.Unlock()
	if e, err := s.recalled(ctx, id); err != nil {
		return nil, err
	} else if e != nil {
		return e.asked(spec)
	}
	x.mu.Lock()
	t, ok := x.running[id]
	if !ok {
		select {
		case x.slots <- struct{}{}:
		default:
			x.mu.Unlock()
			return nil, &problem{kind: busy, retry: 5 * time.Second, detail: fmt.Sprintf("%d studies are being carried out, as many as this server takes at once", cap(x.slots))}
		}
		started := time.Now()
		work, stop := context.WithCancel(senderOf(ctx).asked(s.ctx))
		t = begin(func() (*outcome, error) { return s.atOnce(work, id, spec) }, func(e *outcome, err error) {
			stop()
			if err == nil {
				e.passes.Store(passes)
				x.kept.put(id, e, e.bytes())
				switch {
				case s.together: // whoever asks another server next finds it there
					s.keeping(e, started)
				case !passes && s.config.State != "":
					s.keep(e, started)
				}
			}
			x.mu.Lock()
			if x.running[id] == t {
				delete(x.running, id)
			}
			x.mu.Unlock()
			<-x.slots
		})
		t.stop = stop
		x.running[id] = t
	}
	t.waiting++
	x.mu.Unlock()
	defer x.leave(id, t)
	return t.wait(ctx)
}

// leave is the end of waiting for a study: with the last who waits it is ended, for
// nobody would see its result. Who asks for it then has it begun anew.
func (x *studies) leave(id string, t *attempt[*outcome]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if t.waiting--; t.waiting > 0 {
		return
	}
	t.stop()
	if x.running[id] == t {
		delete(x.running, id)
	}
}

type studyDoc struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Summary  study.Summary  `json:"summary"`
	Manifest study.Manifest `json:"manifest" doc:"what the result rests on"`
	Links    []link         `json:"links" doc:"the layers and tables of the result"`
}

func (q *request) studyDoc(e *outcome) studyDoc {
	d := studyDoc{ID: e.id, Title: cmp.Or(e.result.Summary.Title, e.result.Summary.Name), Summary: e.result.Summary, Manifest: e.result.Manifest,
		Links: []link{q.to("/studies/"+url.PathEscape(e.id), "self", "application/json", "This study")}}
	for _, c := range e.collections {
		d.Links = append(d.Links, q.to("/collections/"+url.PathEscape(c.id), "http://www.opengis.net/def/rel/ogc/1.0/results", "application/json", c.title))
	}
	return d
}

type studyIn struct {
	ID string `path:"studyId" doc:"the id of a study"`
}

func (s *Server) oneStudy(ctx context.Context, q *request, in studyIn) (any, error) {
	e, err := s.study(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if file, ok := s.files.find(q.format); ok && file.Whole {
		return s.wholeResult(ctx, e, file)
	}
	return q.studyDoc(e), nil
}

type studyList struct {
	Title   string     `json:"title"`
	Studies []studyRow `json:"studies"`
	Links   []link     `json:"links"`
}

type studyRow struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	Population study.Num `json:"population"`
	Campuses   int       `json:"campuses"`
	Links      []link    `json:"links"`
}

func (s *Server) listStudies(ctx context.Context, q *request, _ none) (any, error) {
	out := studyList{Title: "Studies whose results are here", Studies: []studyRow{}, Links: q.versions(asJSON, asHTML)}
	for _, e := range s.listed(ctx) {
		sum := e.result.Summary
		out.Studies = append(out.Studies, studyRow{e.id, cmp.Or(sum.Title, sum.Name), sum.Population, sum.Sites.Campuses,
			[]link{q.to("/studies/"+url.PathEscape(e.id), "item", "application/json", "Its summary, manifest and collections")}})
	}
	return out, nil
}

type processList struct {
	Processes []processRow `json:"processes"`
	Links     []link       `json:"links"`
}

type processRow struct {
	ID          string   `json:"id"`
	Version     string   `json:"version"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Control     []string `json:"jobControlOptions"`
	Links       []link   `json:"links"`
}

type processDoc struct {
	ID          string          `json:"id"`
	Version     string          `json:"version"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Control     []string        `json:"jobControlOptions"`
	Body        processBody     `json:"body"`
	Schema      json.RawMessage `json:"schema" doc:"JSON Schema of a study"`
	Inputs      processInputs   `json:"inputs"`
	Outputs     processOutputs  `json:"outputs"`
	Links       []link          `json:"links"`
}

// processInputs and processOutputs are those of a study as OGC API Processes
// describes them.
type processInputs struct {
	Study processValue `json:"study"`
}

type processOutputs struct {
	Summary  processValue `json:"summary"`
	Manifest processValue `json:"manifest"`
	Links    processValue `json:"links"`
}

type processValue struct {
	Title  string          `json:"title"`
	Schema json.RawMessage `json:"schema"`
}

type processBody struct {
	Media   []string `json:"mediaTypes"`
	Most    int64    `json:"maxBytes"`
	Seconds float64  `json:"maxSeconds" doc:"after which a run is given up"`
	Layers  []string `json:"layers" doc:"the layers that a study may name"`
	Files   []string `json:"files" doc:"the files that the layers of a study may name"`
	Bases   []string `json:"bases" doc:"the studies that a study may extend"`
	Example string   `json:"example"`
}

func (s *Server) process(q *request) processRow {
	return processRow{"study", "1.0.0", "Carry out a study",
		"The body is the study itself, YAML or JSON. The answer is its summary, with links to its layers and tables. The same study is carried out once and its result kept. With the header Prefer: respond-async it becomes a job: the answer says where to follow it.",
		[]string{"sync-execute", "async-execute", "dismiss"}, []link{
			q.to("/processes/study", "self", "application/json", "How to write a study"),
			q.to("/processes/study/execution", "http://www.opengis.net/def/rel/ogc/1.0/execute", "application/json", "Send a study here (POST)"),
		}}
}

func (s *Server) listProcesses(_ context.Context, q *request, _ none) (any, error) {
	out := processList{[]processRow{s.process(q)}, q.versions(asJSON, asHTML)}
	for _, p := range quickProcesses {
		out.Processes = append(out.Processes, p.row(q))
	}
	return out, nil
}

func (s *Server) oneProcess(_ context.Context, q *request, _ none) (any, error) {
	p := s.process(q)
	object := json.RawMessage(`{"type": "object"}`)
	d := processDoc{Inputs: processInputs{processValue{"The study; it may as well be the body itself", study.Schema()}},
		Outputs: processOutputs{processValue{"The headlines", object}, processValue{"What they rest on", object}, processValue{"The layers and tables", json.RawMessage(`{"type": "array"}`)}}, ID: p.ID, Version: p.Version, Title: p.Title, Description: p.Description, Control: p.Control, Links: p.Links, Schema: study.Schema(),
		Body: processBody{Most: s.limits.Body, Seconds: s.limits.Run.Seconds(), Layers: []string{}, Files: append([]string{}, s.config.Files...), Bases: []string{}}}
	for _, rt := range s.table {
		if rt.method == http.MethodPost && rt.path == "/processes/study/execution" {
			d.Body.Media = rt.media
		}
	}
	for _, l := range s.config.Layers {
		d.Body.Layers = append(d.Body.Layers, l.Name)
	}
	for name := range s.config.Studies {
		d.Body.Bases = append(d.Body.Bases, name)
	}
	slices.Sort(d.Body.Bases)
	if len(s.base.list) > 0 {
		d.Body.Example = s.base.list[0].Text("")
	}
	return d, nil
}

// bytesText writes a number of bytes for people.
func bytesText(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
