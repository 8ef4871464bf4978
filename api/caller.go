package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"careshed/api/keys"

	"golang.org/x/time/rate"
)

// caller is who asks: whose key was given, "" for nobody's, and what they may.
type caller struct {
	name string
	role keys.Role
}

// theKey is the name of the one key that is no file's: CARESHED_KEY, or that of the app.
const theKey = "CARESHED_KEY"

// callerOf is whose key was given. A key that is not known is as good as none.
func (s *Server) callerOf(given string) caller {
	switch {
	case given == "":
	case s.isKey(given):
		return caller{theKey, keys.Admin}
	case s.config.Keys != nil:
		if name, role := s.config.Keys(given); role > keys.None {
			return caller{name, role}
		}
	}
	if s.config.Closed {
		return caller{}
	}
	return caller{role: keys.Run}
}

// needs is the role that a route takes.
func (rt *route) needs() keys.Role {
	switch {
	case rt.keyed:
		return keys.Write
	case rt.method == http.MethodGet:
		return keys.Read
	}
	return keys.Run
}

// admit refuses who may not, and who asks too often.
func (s *Server) admit(rt *route, who caller) error {
	if who.role < rt.needs() && !rt.keyed && rt.path != alwaysAnswered && rt.path != "/readyz" {
		if who.name == "" {
			return &problem{kind: unauthorized, field: "Authorization", accepted: "Authorization: Bearer KEY, X-API-Key: KEY, or the parameter key", detail: "this server answers to keys alone; whoever runs it makes them (careshed keys create)"}
		}
		return notAllowed(who, rt.needs())
	}
	if who.name == "" || who.name == theKey || s.paces.of(who.name).Allow() {
		return nil
	}
	return tooBusy("the key %s asks more than %d times at once and %d times a second", who.name, burstByKey, rateByKey)
}

func notAllowed(who caller, needs keys.Role) *problem {
	return &problem{kind: forbidden, found: who.role.String(), accepted: needs.String() + ", or a role above it", detail: "the key " + who.name + " may not do this"}
}

// How often one key may ask: a map of tiles and a reader of pages ask much at once.
const (
	rateByKey  = 200
	burstByKey = 2000
)

// paces are how often each key asks.
type paces struct{ by sync.Map }

func (p *paces) of(name string) *rate.Limiter {
	l, ok := p.by.Load(name)
	if !ok {
		l, _ = p.by.LoadOrStore(name, rate.NewLimiter(rateByKey, burstByKey))
	}
	return l.(*rate.Limiter)
}

// Audited is a line of the audit log: who did what, when, with what outcome. It holds
// neither what was sent nor what was asked for in a query.
type Audited struct {
	Time   time.Time `json:"time"`
	ID     string    `json:"request_id"`
	Key    string    `json:"key"` // its name; "" is nobody's
	Role   string    `json:"role"`
	From   string    `json:"from"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	SHA256 string    `json:"sha256,omitempty"` // of the body
	Status int       `json:"status"`
	MS     int64     `json:"ms"`
}

// trail is what is found out about a request for its line.
type trail struct {
	who caller
	sum string
}

type trailKey struct{}

func trailOf(ctx context.Context) *trail {
	t, _ := ctx.Value(trailKey{}).(*trail)
	return t
}

// body takes the sum of what was sent.
func (t *trail) body(b []byte) {
	if t != nil && len(b) > 0 {
		sum := sha256.Sum256(b)
		t.sum = hex.EncodeToString(sum[:])
	}
}

// audit writes the line of a request that changes something, or was refused.
func (s *Server) audit(r *http.Request, id string, status int, took time.Duration) {
	t := trailOf(r.Context())
	if t == nil {
		return
	}
	refused := status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests
	if reads := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions; reads && !refused {
		return
	}
	from := r.RemoteAddr
	if ip, ok := s.guest(r); ok {
		from = ip.String()
	}
	s.config.Audit(Audited{Time: time.Now().UTC(), ID: id, Key: t.who.name, Role: t.who.role.String(), From: from,
		Method: shorten(r.Method), Path: shorten(r.URL.Path), SHA256: t.sum, Status: status, MS: took.Milliseconds()})
}
