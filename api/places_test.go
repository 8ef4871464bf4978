package api

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// announced opens a connection that announces a body and sends one byte of it.
func announced(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST /processes/study/execution HTTP/1.1\r\nHost: x\r\nContent-Type: application/yaml\r\nContent-Length: 1000\r\n\r\nv")
	return c
}

func status(t *testing.T, addr, path string) int {
	t.Helper()
	r, err := http.Get("http://" + addr + path)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

// Bodies that come slowly take no place of those who are answered.
func TestSlowBodiesTakeNoPlace(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.Requests = 2 })
	addr, _ := serving(t, s)
	var slow []net.Conn
	for range 4 {
		slow = append(slow, announced(t, addr))
	}
	eventually(t, "four send their bodies", func() bool { return len(s.readers) == 4 })
	if got := status(t, addr, "/evidence"); got != 200 {
		t.Errorf("beside slow bodies: %d", got)
	}
	r, err := http.Post("http://"+addr+"/processes/study/execution", "application/yaml", strings.NewReader(small("x", "")))
	if err != nil || r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
		t.Errorf("one body more than are read at once: %v %v", r, err)
	}
	for _, c := range slow {
		c.Close()
	}
	eventually(t, "they are gone", func() bool { return len(s.readers) == 0 })
}

// One address has no more than its part; whether the server runs it is told all the
// same.
func TestRequestsByAddress(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.ByAddress = 3 })
	addr, _ := serving(t, s)
	var slow []net.Conn
	for range 3 {
		slow = append(slow, announced(t, addr))
	}
	eventually(t, "three are open", func() bool { return len(s.readers) == 3 })
	if got := status(t, addr, "/evidence"); got != http.StatusTooManyRequests {
		t.Errorf("a fourth: %d", got)
	}
	if got := status(t, addr, "/healthz"); got != 200 {
		t.Errorf("health: %d", got)
	}
	slow[0].Close()
	eventually(t, "its place is free", func() bool { return status(t, addr, "/evidence") == 200 })
}

// A body may take longer than an answer: that time begins with its end.
func TestLongBodies(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	s := fixture(t, func(c *Config) {
		withKey(c)
		c.Limits.Run, c.Limits.Write, c.Limits.Patience = time.Second, time.Second, time.Second
	})
	addr, _ := serving(t, s)
	body, in := io.Pipe()
	go func() {
		for i := range 8 {
			time.Sleep(500 * time.Millisecond)
			fmt.Fprintf(in, "p%d 6 46 10\n", i)
		}
		in.Close()
	}()
	r, err := http.NewRequest("PUT", "http://"+addr+"/collections/slow", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("X-API-Key", "secret")
	got, err := http.DefaultClient.Do(r)
	if err != nil || got.StatusCode != http.StatusCreated {
		t.Errorf("%v %v", got, err)
	}
}

func TestGuests(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for _, c := range []struct{ from, said, want string }{
		{"192.0.2.1:9", "", "192.0.2.1"},
		{"[2001:db8::1:2:3:4]:9", "", "2001:db8::"},
		{"[::ffff:192.0.2.1]:9", "", "192.0.2.1"},
		{"192.0.2.1:9", "198.51.100.7", "192.0.2.1"}, // nobody trusts it
		{"10.0.0.1:9", "198.51.100.7", "198.51.100.7"},
		{"10.0.0.1:9", "203.0.113.9, 198.51.100.7, 10.0.0.2", "198.51.100.7"},
		{"10.0.0.1:9", "", ""},
		{"10.0.0.1:9", "unknown", ""},
		{"@", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.from
		if c.said != "" {
			r.Header.Set("X-Forwarded-For", c.said)
		}
		got, ok := s.guest(r)
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("from %s, said %q: %v %v", c.from, c.said, got, ok)
		}
	}
}

// A body may take as long as it likes if enough of it comes in every window, and is
// given up where too little does.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		each time.Duration // between bytes
		ends bool
	}{{100 * time.Millisecond, true}, {time.Second, true}, {1200 * time.Millisecond, false}, {time.Minute, false}} {
		now := time.Unix(0, 0)
		r := &paced{Reader: iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 1000))), conn: http.NewResponseController(httptest.NewRecorder()),
			window: 10 * time.Second, least: 10, now: func() time.Time { now = now.Add(c.each); return now }}
		b, err := io.ReadAll(r)
		if ends := err == nil && len(b) == 1000; ends != c.ends || err != nil && !errors.Is(err, errTooSlow) {
			t.Errorf("a byte in %v: %d bytes, %v", c.each, len(b), err)
		}
	}
}
