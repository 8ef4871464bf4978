package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var soak = flag.Duration("soak", 0, "how long TestSoak lasts; it is skipped at 0")

// TestSoak is more than a day's work of a service in a short time: people who look, layers
// sent, studies, jobs that are ended, watchers that never read and clients that are slow. It
// fails on an answer that no server should give, and if memory, open files or goroutines are
// more in the last quarter than in the second, or do not go back when all have left.
//
//	go test ./cmd/careshed -run TestSoak -v -soak 2h -timeout 3h
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("needs -soak, such as -soak 2h")
	}
	t.Setenv(keyVariable, "0123456789abcdef")
	url, stop := started(t, built(t), "--state", filepath.Join(t.TempDir(), "state.sqlite"), "--memory", "2GiB")
	defer stop()
	time.Sleep(5 * time.Second)
	s := &soaked{t: t, url: url, refused: make([]atomic.Int64, len(dailyWork)), done: make([]atomic.Int64, len(dailyWork))}
	idle := s.sample()
	ctx, cancel := context.WithTimeout(context.Background(), *soak)
	defer cancel()
	var wg sync.WaitGroup
	for k, w := range dailyWork {
		for i := range w.clients {
			wg.Go(func() { s.work(ctx, k, rand.New(rand.NewPCG(uint64(k), uint64(i)))) })
		}
	}
	var seen []holding
	for every := *soak / 60; ctx.Err() == nil; {
		select {
		case <-ctx.Done():
		case <-time.After(every):
			seen = append(seen, s.sample())
		}
	}
	wg.Wait()
	for k, w := range dailyWork {
		t.Logf("%-12s %3d clients: %8d done (%d are a day's), %d told to come back", w.name, w.clients, s.done[k].Load(), w.day, s.refused[k].Load())
	}
	steady(t, seen)
	time.Sleep(90 * time.Second) // a connection that nobody reads is closed after a minute
	left := s.sample()
	t.Logf("idle before %+v, after %+v", idle, left)
	if left.goroutines > idle.goroutines+20 || left.files > idle.files+20 {
		t.Errorf("all have left, and there are %+v; before they came %+v", left, idle)
	}
}

// dailyWork is who asks for what, how long each rests between two, and how many are more than
// a ministry's service is asked for in a day.
var dailyWork = []struct {
	name    string
	clients int
	rest    time.Duration
	day     int
	once    func(s *soaked, ctx context.Context, r *rand.Rand) (status int, err error)
}{
	{"looks", 8, 20 * time.Millisecond, 200_000, (*soaked).look},
	{"studies", 1, 300 * time.Millisecond, 2_000, (*soaked).study},
	{"jobs", 2, time.Second, 1_000, (*soaked).job},
	{"layers", 1, time.Second, 1_000, (*soaked).layer},
	{"files", 1, time.Second, 1_000, (*soaked).file},
	{"watchers", 10, 5 * time.Second, 1_000, (*soaked).watch},
	{"slow clients", 20, time.Second, 2_000, (*soaked).slow},
}

// soaked is a server under load, what was done by kind of work, and how often it was told to
// come back.
type soaked struct {
	t             *testing.T
	url           string
	done, refused []atomic.Int64
	last          atomic.Value // id of the latest job
}

func (s *soaked) work(ctx context.Context, k int, r *rand.Rand) {
	w := dailyWork[k]
	for ctx.Err() == nil {
		status, err := w.once(s, ctx, r)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.t.Errorf("%s: %v", w.name, err)
		case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
			s.refused[k].Add(1)
		case status >= 300:
			s.t.Errorf("%s: status %d", w.name, status)
		default:
			s.done[k].Add(1)
		}
		select {
		case <-ctx.Done():
		case <-time.After(w.rest):
		}
	}
}

// answer is the status of a request, its answer read to the end.
func (s *soaked) answer(ctx context.Context, method, path, kind, body string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer 0123456789abcdef")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if method == http.MethodPost && strings.Contains(body, "draws") {
		req.Header.Set("Prefer", "respond-async")
	}
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return got.StatusCode, string(text), err
}

func (s *soaked) look(ctx context.Context, r *rand.Rand) (int, error) {
	z := 4 + r.IntN(5)
	paths := []string{
		fmt.Sprintf("/nearest?lon=%.4f&lat=%.4f&k=3", -100+15*r.Float64(), 33+8*r.Float64()),
		"/density?by=country", "/density?by=region&country=IT", "/penalty?country=FR", "/gaps", "/", "/search?q=zur", "/metrics", "/jobs?limit=20",
		fmt.Sprintf("/collections/regions/items?limit=20&bbox=%.3f,40,25,50", 5+5*r.Float64()),
		fmt.Sprintf("/tiles/counties/%d/%d/%d.pbf?filter=population%%3E%d", z, (1<<z)/4, (1<<z)*3/8, r.IntN(1000)),
		fmt.Sprintf("/collections/settlements/items?limit=50&filter=population%%3E%d", r.IntN(1e6)),
	}
	status, _, err := s.answer(ctx, http.MethodGet, paths[r.IntN(len(paths))], "", "")
	return status, err
}

func (s *soaked) study(ctx context.Context, r *rand.Rand) (int, error) {
	body := strings.Replace(italianStudy, "NAME", fmt.Sprintf("soak-%d", r.IntN(1e9)), 1)
	status, _, err := s.answer(ctx, http.MethodPost, "/processes/study/execution?keep=no", "application/yaml", body)
	return status, err
}

// job is sent, and ended at any moment, or waited for and taken away.
func (s *soaked) job(ctx context.Context, r *rand.Rand) (int, error) {
	body := strings.Replace(italianStudy, "NAME", fmt.Sprintf("job-%d", r.IntN(1e9)), 1) + fmt.Sprintf("uncertainty: {draws: %d, seed: 1}\n", 20+r.IntN(200))
	status, text, err := s.answer(ctx, http.MethodPost, "/processes/study/execution", "application/yaml", body)
	_, rest, ok := strings.Cut(text, `"jobID":"`)
	if err != nil || status >= 300 || !ok {
		return status, err
	}
	id, _, _ := strings.Cut(rest, `"`)
	s.last.Store(id)
	time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
	if r.IntN(4) == 0 {
		return status, nil // left as it is
	}
	status, _, err = s.answer(ctx, http.MethodDelete, "/jobs/"+id, "", "")
	return status, err
}

// layer is sent whole, one of five; now and then it is taken away.
func (s *soaked) layer(ctx context.Context, r *rand.Rand) (int, error) {
	path := fmt.Sprintf("/collections/soak-%d", r.IntN(5))
	if r.IntN(20) == 0 {
		status, _, err := s.answer(ctx, http.MethodDelete, path, "", "")
		if status == http.StatusNotFound {
			status = http.StatusOK
		}
		return status, err
	}
	var b strings.Builder
	b.WriteString("id,lon,lat,people\n")
	for i := range 1 + r.IntN(20_000) {
		fmt.Fprintf(&b, "p%d,%.5f,%.5f,%d\n", i, 7+r.Float64(), 45+r.Float64(), r.IntN(5000))
	}
	status, _, err := s.answer(ctx, http.MethodPut, path, "text/csv", b.String())
	return status, err
}

func (s *soaked) file(ctx context.Context, r *rand.Rand) (int, error) {
	paths := []string{"/studies/baseline-it/sheet/IT-16?f=pdf", "/collections/baseline-it-regions/map?f=png", "/collections/baseline-it-regions/map?f=svg", "/collections/baseline-es-regions/map?f=pdf",
		"/collections/settlements/items?limit=1000&f=csv&bbox=0,40,10,50"}
	status, _, err := s.answer(ctx, http.MethodGet, paths[r.IntN(len(paths))], "", "")
	return status, err
}

// watch asks for the events of a job and never reads them.
func (s *soaked) watch(ctx context.Context, r *rand.Rand) (int, error) {
	id, ok := s.last.Load().(string)
	if !ok {
		return http.StatusOK, nil
	}
	return http.StatusOK, s.halting(ctx, "GET /jobs/"+id+"/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer 0123456789abcdef\r\n\r\n", time.Duration(r.IntN(30))*time.Second)
}

// slow sends its question a few letters a second, or reads its answer so.
func (s *soaked) slow(ctx context.Context, r *rand.Rand) (int, error) {
	ask := "GET /collections/settlements/items?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n"
	return http.StatusOK, s.halting(ctx, ask[:r.IntN(len(ask)+1)], time.Duration(1+r.IntN(8))*time.Second)
}

// halting sends what is to be sent over a connection of its own, reads some letters of the
// answer a second, and leaves in the middle. That the server closes first is right.
func (s *soaked) halting(ctx context.Context, send string, stays time.Duration) error {
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		return err
	}
	defer c.Close()
	_, _ = io.WriteString(c, send)
	in := bufio.NewReaderSize(c, 16)
	for end := time.Now().Add(stays); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Second) {
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = in.Discard(16)
	}
	return nil
}

// holding is what a server holds at a moment.
type holding struct{ resident, files, goroutines int }

func (s *soaked) sample() (now holding) {
	status, text, err := s.answer(context.Background(), http.MethodGet, "/metrics", "", "")
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("/metrics: status %d, %v", status, err)
	}
	value := func(name string) int {
		_, rest, _ := strings.Cut(text, "\n"+name+" ")
		line, _, _ := strings.Cut(rest, "\n")
		v, err := strconv.ParseFloat(line, 64)
		if err != nil {
			s.t.Fatalf("/metrics has no %s", name)
		}
		return int(v)
	}
	return holding{value("process_resident_memory_bytes") >> 20, value("process_open_fds"), value("go_goroutines")}
}

// steady holds the last quarter of what was seen to the second: the first one warms up.
func steady(t *testing.T, seen []holding) {
	t.Helper()
	quarter := func(k int, of func(holding) int) int {
		var v []int
		for _, x := range seen[k*len(seen)/4 : (k+1)*len(seen)/4] {
			v = append(v, of(x))
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	for _, c := range []struct {
		name string
		of   func(holding) int
		room int
	}{
		{"MiB of memory", func(x holding) int { return x.resident }, 64},
		{"open files", func(x holding) int { return x.files }, 20},
		{"goroutines", func(x holding) int { return x.goroutines }, 40},
	} {
		second, last := quarter(1, c.of), quarter(3, c.of)
		t.Logf("%s: first quarter %d, second %d, third %d, last %d", c.name, quarter(0, c.of), second, quarter(2, c.of), last)
		if last > second+second/10+c.room {
			t.Errorf("%s grew from %d to %d", c.name, second, last)
		}
	}
}
