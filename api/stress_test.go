package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
)

// serving starts a server on loopback; stop ends it as an interrupt would.
func serving(t *testing.T, s *Server) (addr string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	once := sync.Once{}
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Serve: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return l.Addr().String(), stop
}

func TestManyClients(t *testing.T) {
	before := runtime.NumGoroutine()
	s := fixture(t, nil)
	addr, stop := serving(t, s)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	paths := []string{"/nearest?lon=7&lat=47", "/nearest?lon=12&lat=49&k=1", "/density", "/density?by=region&f=csv", "/gaps", "/penalty?country=XA", "/sites?country=XA&pick=2",
		"/collections", "/collections/thousand/items?limit=50", "/collections/baseline-xa-places/items?f=html", "/", "/api", "/metrics", "/readyz"}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var asked atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			for k := i; ctx.Err() == nil; k++ {
				path := paths[k%len(paths)]
				if path == "/readyz" {
					path = "/healthz"
				}
				r, err := client.Get("http://" + addr + path)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(r.Body)
				r.Body.Close()
				if r.StatusCode != 200 || err != nil || len(body) == 0 {
					t.Errorf("%s: status %d, %v: %.200s", path, r.StatusCode, err, body)
					return
				}
				asked.Add(1)
			}
		})
	}
	for i := range 3 { // studies beside them
		wg.Go(func() {
			r, err := client.Post("http://"+addr+"/processes/study/execution", "application/yaml", strings.NewReader(small(fmt.Sprint("s", i), "")))
			if err != nil {
				t.Error(err)
				return
			}
			r.Body.Close()
			if r.StatusCode != 200 && r.StatusCode != 429 {
				t.Errorf("a study: status %d", r.StatusCode)
			}
		})
	}
	wg.Wait()
	client.CloseIdleConnections()
	stop()
	t.Logf("%d requests", asked.Load())
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before+2 })
	if len(s.load) != 0 {
		t.Errorf("%d requests are still under way", len(s.load))
	}
}

// A client that takes nothing is cut off; others are served meanwhile.
func TestSlowReader(t *testing.T) {
	s := fixture(t, func(c *Config) {
		c.Limits.Write = 300 * time.Millisecond
		c.Limits.Run = 10 * time.Second
	})
	addr, _ := serving(t, s)
	var slow []net.Conn
	for range 20 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
		// Several large answers on one connection: more than the buffers hold.
		for range 60 {
			fmt.Fprintf(c, "GET /collections/thousand/items?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		slow = append(slow, c)
	}
	start := time.Now()
	for range 20 {
		r, err := http.Get("http://" + addr + "/density")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("others waited %v", took)
	}
	eventually(t, "nobody under way", func() bool { return len(s.load) == 0 })
	time.Sleep(200 * time.Millisecond)
	// What the kernel still holds trickles through a small buffer.
	if err := slow[0].(*net.TCPConn).SetReadBuffer(4 << 20); err != nil {
		t.Fatal(err)
	}
	slow[0].SetReadDeadline(time.Now().Add(5 * time.Second)) // the kernel may rest for minutes between its attempts
	n, err := io.Copy(io.Discard, slow[0])
	if full := int64(60 * 190_000); n >= full {
		t.Errorf("a client that took nothing was sent all of %d bytes (%v)", n, err)
	}
}

// A body far beyond the limit is answered before it is sent.
func TestHugeBody(t *testing.T) {
	s := fixture(t, nil)
	addr, _ := serving(t, s)
	for name, head := range map[string]string{"announced": fmt.Sprintf("Content-Length: %d", 1<<30), "in chunks": "Transfer-Encoding: chunked"} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /processes/study/execution HTTP/1.1\r\nHost: x\r\nContent-Type: application/yaml\r\n%s\r\n\r\n", head)
		chunk := strings.Repeat("#", 64<<10)
		sent := 0
		go func() {
			for sent < 1<<30 {
				n, err := fmt.Fprintf(c, "%x\r\n%s\r\n", len(chunk), chunk)
				if sent += n; err != nil {
					return
				}
			}
		}()
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.StatusCode != http.StatusRequestEntityTooLarge || r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: status %d", name, r.StatusCode)
		}
	}
	// A body where none belongs does no harm either.
	r, err := http.Post("http://"+addr+"/density", "text/plain", strings.NewReader(strings.Repeat("x", 4<<20)))
	if err == nil {
		r.Body.Close()
		if r.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST /density: status %d", r.StatusCode)
		}
	}
}

func TestMoreRequestsThanTheLimit(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.Requests = 1 })
	s.load <- struct{}{}
	w := do(t, s, call{path: "/evidence"})
	if problemIn(t, w); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d", w.Code)
	}
	for name, body := range map[string]string{"alone": "", "with a body": "x"} {
		if w := do(t, s, call{path: "/healthz", body: body}); w.Code != 200 {
			t.Errorf("health %s: status %d", name, w.Code)
		}
	}
	<-s.load
	if w := do(t, s, call{path: "/evidence"}); w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
}

// A server that is stopped ends studies under way with an answer.
func TestStopping(t *testing.T) {
	begun := make(chan struct{})
	s := fixture(t, func(c *Config) {
		world := c.World
		c.World = func(ctx context.Context, spec spec.Spec) (w study.World, err error) {
			if spec.Name == "long" {
				close(begun)
				<-ctx.Done()
				return w, ctx.Err()
			}
			return world(ctx, spec)
		}
	})
	addr, stop := serving(t, s)
	code := make(chan int, 1)
	go func() {
		r, err := http.Post("http://"+addr+"/processes/study/execution", "application/yaml", strings.NewReader(small("long", "")))
		if err != nil {
			code <- 0
			return
		}
		r.Body.Close()
		code <- r.StatusCode
	}()
	<-begun
	start := time.Now()
	stop()
	if got := <-code; got != 503 || time.Since(start) > time.Minute {
		t.Errorf("status %d after %v", got, time.Since(start))
	}
}
