package api

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/state"
	"careshed/api/words"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/gin-gonic/gin"
)

// Server answers over HTTP. It may be used from several goroutines.
type Server struct {
	config Config
	limits Limits
	log    *slog.Logger
	engine *gin.Engine
	table  []*route
	files  enclosures // in which all features of a layer come as one file
	meters *meters

	ctx     context.Context // of what runs in the background
	stop    context.CancelFunc
	world   study.World // of a spec without layers of its own
	layers  map[string]*collection
	base    *baselines
	studies *studies
	answers *cache[*answer]
	names   once[[]named]
	shapes  once[worldShapes] // of the world, on the front page
	pages   *cache[*keptPage]
	tiles   *cache[*keptPage]
	writers *cache[*keptRows]

	selections *cache[*selection]

	zippers sync.Pool
	html    *template.Template
	load    chan struct{} // a token for each request under way
	readers chan struct{} // a token for each whose body is read
	guests  guests        // requests that are open by address

	state      *state.Store
	restored   chan struct{} // closed once the layers are here that are kept
	together   bool          // other servers have the same state
	uploads    uploads
	paces      paces          // of the keys
	feeds      chan struct{}  // a token for each job that is watched
	easels     chan struct{}  // a token for each map that is drawn
	memory     *study.Budget  // of studies, uploads, maps, sheets and files
	background sync.WaitGroup // results that are being written
	closed     sync.Once
}

// New makes a server. It computes nothing yet: Warm does.
func New(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{config: c, limits: c.Limits.withDefaults(), log: c.Log, layers: map[string]*collection{}, html: newPage()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.load = make(chan struct{}, s.limits.Requests)
	s.readers = make(chan struct{}, 2*s.limits.Requests)
	s.guests.seed = maphash.MakeSeed()
	s.memory = study.NewBudget(s.limits.Memory)
	s.zippers.New = func() any {
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is one there is
		}
		return z
	}
	s.answers = newCache[*answer](4096, s.limits.AnswerBytes)
	s.pages = newCache[*keptPage](4096, s.limits.PagesBytes)
	s.tiles = newCache[*keptPage](1<<16, s.limits.TilesBytes)
	s.writers = newCache[*keptRows](64, s.limits.AnswerBytes)
	s.selections = newCache[*selection](1024, s.limits.AnswerBytes)
	s.studies = newStudies(s.limits)
	s.uploads.by = map[string]*uploaded{}
	s.restored, s.together = make(chan struct{}), state.Shared(c.State)
	inner := c.World
	s.config.World = func(ctx context.Context, spec spec.Spec) (study.World, error) {
		w, err := inner(ctx, spec)
		if w.Layers != nil {
			w.Layers = withUploads{w.Layers, &s.uploads, spec, holdsKey(ctx)}
		}
		w.Asker = served
		return w, err
	}
	var err error
	if s.world, err = inner(s.ctx, spec.Spec{}); err != nil {
		return nil, err
	}
	for _, l := range c.Layers {
		s.layers[l.Name] = s.catalogued(l)
	}
	if s.base, err = newBaselines(c.Countries); err != nil {
		return nil, err
	}
	s.feeds = make(chan struct{}, s.limits.Feeds)
	s.easels = make(chan struct{}, s.limits.Maps)
	if err := s.openJobs(); err != nil {
		s.stop()
		return nil, err
	}
	s.meters = newMeters(s)
	s.files = newEnclosures(c.Enclosures)
	s.table = s.routes()
	s.engine = s.router()
	s.sweeping()
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.engine.ServeHTTP(w, withoutSlash(r))
}

// Close stops what runs in the background: jobs under way are marked as
// interrupted, those that wait go on when a server next opens the same file.
func (s *Server) Close() {
	s.stop()
	s.closed.Do(func() {
		s.background.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.state.Close(ctx); err != nil {
			s.log.Error("jobs were not closed", "error", err.Error())
		}
	})
}

// Warm computes the baseline studies and reads the layers, so that later
// requests need not wait. /readyz answers 200 once the baselines are there. The
// error names what failed; whatever did is tried again when it is asked for.
func (s *Server) Warm(ctx context.Context) error {
	var failed []error
	for _, b := range s.base.list {
		if _, err := s.baseline(ctx, b); err != nil {
			failed = append(failed, fmt.Errorf("baseline study of %s: %w", b.Label(), err))
		}
	}
	if len(failed) == 0 && len(s.base.list) > 0 {
		if _, err := s.byCountry(ctx, s.base.list); err != nil {
			failed = append(failed, err)
		}
	}
	for _, l := range s.config.Layers {
		if _, err := s.layers[l.Name].open(ctx); err != nil {
			failed = append(failed, fmt.Errorf("layer %s: %w", l.Name, err))
		}
	}
	return errors.Join(failed...)
}

// Serve answers on a listener until ctx ends; requests under way are then given
// a little time. It closes the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      s.toAnswer(), // large answers get a deadline of their own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() {
		start := time.Now()
		if _, err := travel.Caught(func() (struct{}, error) { return struct{}{}, s.Warm(s.ctx) }); err != nil {
			if s.ctx.Err() == nil {
				s.log.Error("not ready", "error", err.Error())
			}
			return
		}
		s.log.Info("ready", "seconds", time.Since(start).Seconds())
	}()
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(l) }()
	select {
	case err := <-ended:
		s.Close()
		return err
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	s.Close() // studies under way end with an error that says so
	err := h.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) {
		return h.Close()
	}
	return err
}

// toAnswer is the time in which a request is answered, from its headers or the end of
// its body.
func (s *Server) toAnswer() time.Duration { return s.limits.Patience + s.limits.Run + s.limits.Write }

// router makes the router of the table.
func (s *Server) router() *gin.Engine {
	if gin.Mode() != gin.ReleaseMode {
		gin.SetMode(gin.ReleaseMode)
	}
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash, e.RedirectFixedPath = false, false
	e.UseEscapedPath, e.UnescapePathValues = true, false // gin would take + for a space
	e.ForwardedByClientIP = false
	if err := e.SetTrustedProxies(nil); err != nil {
		panic(err) // none is a list that can be set
	}
	e.Use(s.observe)
	methods := map[string][]string{}
	for _, rt := range s.table {
		path := ginPath(rt.path)
		methods[path] = append(methods[path], rt.method)
		e.Handle(rt.method, path, s.handler(rt))
		if rt.method == http.MethodGet {
			methods[path] = append(methods[path], http.MethodHead)
			e.HEAD(path, s.handler(rt))
		}
	}
	for path, m := range methods {
		allow := strings.Join(append(m, http.MethodOptions), ", ")
		e.OPTIONS(path, func(c *gin.Context) {
			c.Header("Allow", allow)
			c.Status(http.StatusNoContent)
		})
	}
	e.GET("/favicon.ico", func(c *gin.Context) { c.Status(http.StatusNoContent) }) // browsers ask for one
	e.GET("/page-key", s.pageKey)
	for _, path := range []string{"/app", "/app/*file"} {
		e.GET(path, s.app)
		e.HEAD(path, s.app)
	}
	e.NoRoute(func(c *gin.Context) { s.fail(c.Writer, c.Request, s.nothingHere(c.Request.URL.Path)) })
	e.NoMethod(func(c *gin.Context) {
		p := &problem{kind: wrongMethod, found: c.Request.Method, allow: c.Writer.Header().Get("Allow")}
		p.accepted = p.allow
		p.detail = fmt.Sprintf("%s is not answered here", shorten(c.Request.Method))
		s.fail(c.Writer, c.Request, p)
	})
	return e
}

// braced is a parameter in a path of OpenAPI, with an ending if it has one.
var braced = regexp.MustCompile(`\{(\w+)\}(\.\w+)?`)

// ginPath is a path as the router writes it; an ending such as .pbf belongs to
// the parameter there.
func ginPath(path string) string { return braced.ReplaceAllString(path, ":$1") }

// endings are the endings of the parameters of a path.
func endings(path string) map[string]string {
	var out map[string]string
	for _, m := range braced.FindAllStringSubmatch(path, -1) {
		if m[2] != "" {
			out = map[string]string{m[1]: m[2]}
		}
	}
	return out
}

// nothingHere suggests the route that a path resembles.
func (s *Server) nothingHere(path string) *problem {
	p := &problem{kind: noSuchRoute, found: shorten(path), detail: "no route has this path; / lists what there is"}
	var known []string
	for _, rt := range s.table {
		if !strings.Contains(rt.path, "{") {
			known = append(known, rt.path)
		}
	}
	if near := geo.Like(shorten(path), known); near != "" {
		p.detail = fmt.Sprintf("no route has this path; did you mean %s?", near)
	}
	return p
}

// words are what the tags of parameters look up.
func (s *Server) words() map[string]string {
	var codes []string
	for _, c := range s.config.Countries {
		codes = append(codes, c.Code)
	}
	return map[string]string{"countries": strings.Join(codes, ","), "page": strconv.Itoa(s.limits.Page), "pageMost": strconv.Itoa(s.limits.PageMost),
		"languages": strings.Join(words.Known(), ",")}
}
