package api

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

// guests counts the requests that are open by address: one client alone cannot take
// every place. Two addresses may share a count, which nobody can bring about, since the
// seed is the server's own.
type guests struct {
	seed maphash.Seed
	open [1 << 12]atomic.Int32
}

// of is the count of an address.
func (g *guests) of(from netip.Addr) *atomic.Int32 {
	return &g.open[maphash.Comparable(g.seed, from)%uint64(len(g.open))]
}

// guest is whom a request is counted to: its address, or of IPv6 the network of 64
// bits that one client has. Behind a trusted proxy it is what the proxy says; a proxy
// that says nothing is counted to nobody (false).
func (s *Server) guest(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
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
			return netip.Addr{}, false
		}
	}
	if ip.Is6() {
		network := ip.As16()
		clear(network[8:])
		ip = netip.AddrFrom16(network)
	}
	return ip, true
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
// see [seat]. /healthz needs none.
func (s *Server) placed(c *gin.Context) {
	if c.FullPath() == alwaysAnswered {
		c.Next()
		return
	}
	if from, ok := s.guest(c.Request); ok {
		open := s.guests.of(from)
		defer open.Add(-1)
		if open.Add(1) > int32(s.limits.ByAddress) {
			s.fail(c.Writer, c.Request, tooBusy("%d requests of this address are under way", s.limits.ByAddress))
			c.Abort()
			return
		}
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
	select {
	case s.load <- struct{}{}:
		defer func() { <-s.load }()
		c.Next()
	default:
		s.fail(c.Writer, c.Request, s.full())
		c.Abort()
	}
}

func (s *Server) full() *problem { return tooBusy("%d requests are under way", s.limits.Requests) }

// seat is what a request has that it gives back once it is answered.
type seat struct{ leaves []func() }

// take has a request that brought a body take its place; others have theirs.
func (p *seat) take(s *Server, r *http.Request) error {
	if !hasBody(r) || r.URL.Path == alwaysAnswered {
		return nil
	}
	select {
	case s.load <- struct{}{}:
		p.leaves = append(p.leaves, func() { <-s.load })
		return nil
	default:
		return s.full()
	}
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
