package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"careshed/api/fleet"
	"careshed/data/blob"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"
)

// workerMeters are what a worker counts for Prometheus.
type workerMeters struct {
	registry *prometheus.Registry
	shards   *prometheus.CounterVec
	seconds  prometheus.Histogram
	bytes    *prometheus.CounterVec
}

func newWorkerMeters() *workerMeters {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	m := &workerMeters{registry: prometheus.NewRegistry(),
		shards: counter("careshed_shards_total", "Shards that this worker ended, by what became of them.", "outcome"),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "careshed_shard_seconds",
			Help: "Time that a shard took this worker, with reading and keeping.", Buckets: []float64{.1, .5, 2.5, 10, 60, 300, 1800, 7200}}),
		bytes: counter("careshed_store_bytes_total", "Bytes that this worker read from the store, and put into it.", "direction")}
	for _, outcome := range []string{"done", "failed", "given_back"} {
		m.shards.WithLabelValues(outcome)
	}
	m.registry.MustRegister(m.shards, m.seconds, m.bytes, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// ended counts a shard.
func (m *workerMeters) ended(ctx context.Context, err error, took time.Duration) {
	outcome := "done"
	switch {
	case err != nil && (ctx.Err() != nil || errors.Is(err, fleet.ErrElsewhere)):
		outcome = "given_back"
	case err != nil:
		outcome = "failed"
	}
	m.shards.WithLabelValues(outcome).Inc()
	m.seconds.Observe(took.Seconds())
}

// counted is a store whose bytes are counted.
func (m *workerMeters) counted(s blob.Store) blob.Store {
	return meteredStore{s, m.bytes.WithLabelValues("read"), m.bytes.WithLabelValues("put")}
}

type meteredStore struct {
	blob.Store
	read, put prometheus.Counter
}

func (s meteredStore) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	return s.Store.Put(ctx, key, meteredReader{io.NopCloser(r), s.put}, size)
}

func (s meteredStore) Write(ctx context.Context, write func(io.Writer) error) (string, error) {
	return s.Store.Write(ctx, func(w io.Writer) error { return write(meteredWriter{w, s.put}) })
}

func (s meteredStore) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := s.Store.Get(ctx, key)
	return meteredReader{r, s.read}, err
}

type meteredReader struct {
	io.ReadCloser
	bytes prometheus.Counter
}

func (r meteredReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.bytes.Add(float64(n))
	return n, err
}

type meteredWriter struct {
	io.Writer
	bytes prometheus.Counter
}

func (w meteredWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.bytes.Add(float64(n))
	return n, err
}

// fleetFigures are those of all workers together, asked of the database when Prometheus
// asks. If it does not answer, they are not there.
type fleetFigures struct{ *fleet.Fleet }

func (f fleetFigures) Describe(chan<- *prometheus.Desc) {}

func (f fleetFigures) Collect(out chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	o, err := f.Overview(ctx)
	tell := func(kind prometheus.ValueType, name, help string, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, labels[:len(labels)/2], nil), kind, value, labels[len(labels)/2:]...)
	}
	if err != nil {
		tell(prometheus.GaugeValue, "careshed_fleet_up", "Whether the database answers.", 0)
		return
	}
	tell(prometheus.GaugeValue, "careshed_fleet_up", "Whether the database answers.", 1)
	for status, n := range o.Shards {
		const help = "Shards of this version in the database, by status: those that wait are the queue."
		tell(prometheus.GaugeValue, "careshed_fleet_shards", help, float64(n), "status", string(status))
	}
	alive := 0
	for _, w := range o.Workers {
		if !w.Lost(30 * time.Second) {
			alive++
		}
	}
	tell(prometheus.GaugeValue, "careshed_fleet_workers", "Workers that were heard of in the last half minute.", float64(alive))
	tell(prometheus.CounterValue, "careshed_fleet_retries_total", "How often shards were begun again.", float64(o.Retries))
	tell(prometheus.CounterValue, "careshed_fleet_shard_seconds_total", "Time that shards took that are done.", o.Seconds)
}

// page serves the page of workers, the same as JSON, and the figures, until stop is called.
func (e *env) page(addr string, f *fleet.Fleet, m *workerMeters) (stop func(), err error) {
	m.registry.MustRegister(fleetFigures{f})
	routes := http.NewServeMux()
	for path, form := range map[string]string{"/{$}": "html", "/jobs": "json"} {
		kind := map[string]string{"html": "text/html; charset=utf-8", "json": "application/json"}[form]
		routes.HandleFunc("GET "+path, answering(kind, func(ctx context.Context, w io.Writer) error {
			o, err := f.Overview(ctx)
			if err != nil {
				return err
			}
			return statusAs[form](w, o)
		}))
	}
	routes.HandleFunc("GET /metrics", answering("text/plain; version=0.0.4; charset=utf-8", m.tell))
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, usageError{fmt.Errorf("--metrics %s: %w", addr, err)}
	}
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	go func() { _ = server.Serve(l) }()
	fmt.Fprintf(e.log, "the fleet is shown at http://%s/, and told to Prometheus at /metrics\n", l.Addr())
	return func() { _ = server.Close() }, nil
}

// tell writes all figures.
func (m *workerMeters) tell(_ context.Context, w io.Writer) error {
	families, err := m.registry.Gather()
	if err != nil {
		return err
	}
	out := expfmt.NewEncoder(w, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if err := out.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// answering is a handler that answers whole, or with 503 where the database does not answer.
func answering(kind string, write func(context.Context, io.Writer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, stop := context.WithTimeout(r.Context(), 10*time.Second)
		defer stop()
		var text bytes.Buffer
		if err := write(ctx, &text); err != nil {
			http.Error(w, "the fleet cannot be told of: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_, _ = w.Write(text.Bytes())
	}
}
