package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"careshed/geo/travel"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// meters are what /metrics tells.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	prefix   string // of request ids, new with every start
	number   atomic.Uint64
}

func newMeters(s *Server) *meters {
	m := &meters{registry: prometheus.NewRegistry(), prefix: rand.Text()[:10] + "-",
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "careshed_requests_total", Help: "Requests answered."}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "careshed_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10, 60}}, []string{"route"})}
	gauge := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	m.registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge("careshed_requests_under_way", "Requests being answered.", func() float64 { return float64(len(s.load)) })
	gauge("careshed_bodies_under_way", "Requests whose bodies are being read.", func() float64 { return float64(len(s.readers)) })
	gauge("careshed_memory_taken_bytes", "Memory that is taken for what is being made, as estimated.", func() float64 { return float64(s.memory.Used()) })
	gauge("careshed_memory_most_bytes", "Memory that may be taken for it.", func() float64 { return float64(s.memory.Most()) })
	gauge("careshed_studies_under_way", "Studies being carried out.", func() float64 { return float64(len(s.studies.slots)) })
	gauge("careshed_jobs_watched", "Jobs whose progress is being sent.", func() float64 { return float64(len(s.feeds)) })
	gauge("careshed_studies_kept", "Results that are kept.", func() float64 { n, _ := s.studies.kept.size(); return float64(n) })
	gauge("careshed_studies_kept_bytes", "Results that are kept, bytes as estimated.", func() float64 { _, b := s.studies.kept.size(); return float64(b) })
	return m
}

// requestID takes over an id that a client or a proxy gave, if it is a plain
// word, or makes one.
func (m *meters) requestID(given string) string {
	if len(given) > 0 && len(given) <= 64 {
		plain := true
		for _, c := range []byte(given) {
			plain = plain && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.')
		}
		if plain {
			return given
		}
	}
	return m.prefix + strconv.FormatUint(m.number.Add(1), 10)
}

// observe stands around every request: an id, a limit on how many are under
// way, cross-origin headers, a line in the log, the meters, and a net for
// panics.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	h, r := c.Writer.Header(), c.Request
	id := s.meters.requestID(r.Header.Get("X-Request-Id"))
	h["X-Request-Id"] = []string{id}
	s.shared(h, r)
	if s.config.Audit != nil {
		r = r.WithContext(context.WithValue(r.Context(), trailKey{}, &trail{}))
		c.Request = r
	}
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic", "id", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				s.fail(c.Writer, r, problemOf(&travel.PanicError{Value: p}))
			}
		}
		s.record(c.Writer, r, c.FullPath(), id, time.Since(start))
		s.audit(r, id, c.Writer.Status(), time.Since(start))
	}()
	s.placed(c)
}

// shared says which pages of other origins a browser lets ask here: any may read and
// send studies; those that the server was told of may change and give the key too.
func (s *Server) shared(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	own := origin != "" && slices.Contains(s.config.Origins, origin)
	h["Access-Control-Allow-Origin"] = []string{"*"}
	if own {
		h["Access-Control-Allow-Origin"] = []string{origin}
	}
	if len(s.config.Origins) > 0 {
		h["Vary"] = []string{"Origin"}
	}
	if origin == "" {
		return
	}
	h["Access-Control-Expose-Headers"] = []string{"Content-Crs, ETag, Link, Location, Retry-After, X-Request-Id, OGC-NumberMatched, OGC-NumberReturned"}
	if r.Method != http.MethodOptions {
		return
	}
	methods, headers := "GET, HEAD, POST, OPTIONS", "Accept, Content-Type, If-None-Match, Prefer, X-Request-Id"
	if own {
		methods, headers = methods+", PUT, DELETE", headers+", Authorization, X-API-Key"
	}
	h["Access-Control-Allow-Methods"], h["Access-Control-Allow-Headers"] = []string{methods}, []string{headers}
	h["Access-Control-Max-Age"] = []string{"86400"}
}

// record counts a request and writes its line.
func (s *Server) record(w gin.ResponseWriter, r *http.Request, route, id string, took time.Duration) {
	if route == "" {
		route = "none"
	}
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	s.meters.requests.WithLabelValues(route, method, strconv.Itoa(w.Status())).Inc()
	s.meters.seconds.WithLabelValues(route).Observe(took.Seconds())
	level := slog.LevelInfo
	if w.Status() == http.StatusInternalServerError {
		level = slog.LevelError
	}
	if s.log.Enabled(context.Background(), level) {
		s.log.LogAttrs(context.Background(), level, "request", slog.String("id", id), slog.String("method", shorten(r.Method)), slog.String("path", shorten(r.URL.Path)),
			slog.String("query", shorten(withoutSecrets(r.URL.RawQuery))), slog.Int("status", w.Status()), slog.Int("bytes", max(0, w.Size())),
			slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("from", r.RemoteAddr))
	}
}
