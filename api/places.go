package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// guests counts the requests that are open by address: one client alone cannot take
// every place.
type guests struct {
	mu   sync.Mutex
	open map[netip.Prefix]int
}

// enter counts a request of an address in, false if so many are open already.
func (g *guests) enter(from netip.Prefix, most int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[from] >= most {
		return false
	}
	g.open[from]++
	return true
}

func (g *guests) leave(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[from]--; g.open[from] == 0 {
		delete(g.open, from)
	}
}

// guest is whom a request is counted to: its address, or of IPv6 the network of 64
// bits that one client has. Behind a trusted proxy it is what the proxy says; a proxy
// that says nothing is counted to nobody (false).
func (s *Server) guest(r *http.Request) (netip.Prefix, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}, false
	}
	ip := at.Addr().Unmap().WithZone("")
	if len(s.config.Proxies) > 0 && s.trusted(r.RemoteAddr) {
		known := false
		chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for k := len(chain) - 1; k >= 0 && !known; k-- { // from the nearest, past those that are trusted too
			if ip, err = netip.ParseAddr(strings.TrimSpace(chain[k])); err != nil {
				break
			}
			ip = ip.Unmap().WithZone("")
			known = !s.trusted(ip.String())
		}
		if !known {
			return netip.Prefix{}, false
		}
	}
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	from, err := ip.Prefix(bits)
	return from, err == nil
}

// tooBusy is what a request is told for which there is no place.
func tooBusy(format string, args ...any) *problem {
	return &problem{kind: busy, retry: time.Second, detail: fmt.Sprintf(format, args...)}
}

// alwaysAnswered is the path that needs no place: whether the server runs is asked just
// when it is full.
const alwaysAnswered = "/healthz"

// hasBody reports whether a request brings a body.
func hasBody(r *http.Request) bool {
	return r.ContentLength != 0 && r.Body != nil && r.Body != http.NoBody
}

// placed carries a request out once it has its place. One that brings a body waits for
// it among the readers first, however slowly it comes, and has its place after that:
// see seated. /healthz needs none.
func (s *Server) placed(c *gin.Context) {
	if c.FullPath() == alwaysAnswered {
		c.Next()
		return
	}
	if from, ok := s.guest(c.Request); ok {
		if !s.guests.enter(from, s.limits.ByAddress) {
			s.fail(c.Writer, c.Request, tooBusy("%d requests of this address are under way", s.limits.ByAddress))
			c.Abort()
			return
		}
		defer s.guests.leave(from)
	}
	if hasBody(c.Request) {
		select {
		case s.readers <- struct{}{}:
			defer func() { <-s.readers }()
			c.Next()
		default:
			s.fail(c.Writer, c.Request, tooBusy("%d requests are sending their bodies", cap(s.readers)))
			c.Abort()
		}
		return
	}
	leave, err := s.seated()
	if err != nil {
		s.fail(c.Writer, c.Request, problemOf(err))
		c.Abort()
		return
	}
	defer leave()
	c.Next()
}

// seated is a place among the requests that are carried out, and what leaves it.
func (s *Server) seated() (leave func(), err error) {
	select {
	case s.load <- struct{}{}:
		return func() { <-s.load }, nil
	default:
		return nil, tooBusy("%d requests are under way", s.limits.Requests)
	}
}

// seat is what a request has that it gives back once it is answered.
type seat struct{ leaves []func() }

// take has a request that brought a body take its place; others have theirs.
func (p *seat) take(s *Server, r *http.Request) error {
	if !hasBody(r) || r.URL.Path == alwaysAnswered {
		return nil
	}
	leave, err := s.seated()
	if err == nil {
		p.leaves = append(p.leaves, leave)
	}
	return err
}

func (p *seat) leave() {
	for _, f := range p.leaves {
		f()
	}
}

// errTooSlow says that a body came, and too little of it.
var errTooSlow = errors.New("the body comes too slowly")

// paced reads a body as it comes: in every window at least so many bytes must.
type paced struct {
	io.Reader
	conn   *http.ResponseController
	window time.Duration
	least  int64

	now   func() time.Time
	until time.Time
	got   int64
}

func (p *paced) Read(b []byte) (int, error) {
	if now := p.now(); p.until.IsZero() || p.got >= p.least {
		p.until, p.got = now.Add(p.window), 0
		// Where there is no connection behind it, there is none to hold up.
		_ = p.conn.SetReadDeadline(p.until)
	} else if now.After(p.until) {
		return 0, errTooSlow
	}
	n, err := p.Reader.Read(b)
	p.got += int64(n)
	return n, err
}

// end lets the connection go on without a deadline for reading; the time to answer
// begins with the end of the body.
func (p *paced) end(answer time.Duration) {
	_ = p.conn.SetReadDeadline(time.Time{})
	_ = p.conn.SetWriteDeadline(p.now().Add(answer))
}
