package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"careshed/api/web"

	"github.com/klauspost/compress/gzip"
)

// answer is an answer as it goes out.
type answer struct {
	kind   string // media type
	body   []byte
	zipped []byte // body compressed, if that was done ahead
	tag    string // identifies the content; "" if it may not be kept
	header []string
	age    time.Duration // for which a client need not ask again
	status int           // 0: 200

	private bool // it was given for a key

	// stream writes the body as it comes, in place of body.
	stream func(ctx context.Context, w io.Writer, flush func()) error
}

// replied is a value with a status and headers of its own.
type replied struct {
	value  any
	status int
	header []string
}

// smallest is the body worth compressing, in bytes; slow the one that a client
// gets a deadline of its own for.
const (
	smallest = 2048
	slow     = 64 << 10
)

// tagOf identifies a content.
func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}

// toJSON writes a value on one line.
func toJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

func (s *Server) zip(body []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(body) / 4)
	z := s.zippers.Get().(*gzip.Writer)
	z.Reset(&b)
	z.Write(body) // into memory: it cannot fail
	z.Close()
	s.zippers.Put(z)
	return b.Bytes()
}

// write sends an answer. What is sent depends on the answer and the headers of
// the request alone.
func (s *Server) write(w http.ResponseWriter, r *http.Request, a *answer) {
	h := w.Header()
	h["Content-Type"] = []string{a.kind}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Vary"] = append(h["Vary"], "Accept, Accept-Encoding")
	for i := 0; i+1 < len(a.header); i += 2 {
		h.Add(a.header[i], a.header[i+1])
	}
	if strings.HasPrefix(a.kind, "text/html") {
		h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self' data:; font-src data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	}
	if a.kind == asSVG.kind { // a picture that is opened by itself runs and loads nothing
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; frame-ancestors 'self'; sandbox")
	}
	if a.tag == "" {
		h["Cache-Control"] = []string{"no-store"}
	} else {
		h["Cache-Control"] = []string{"no-cache"}
		if a.age > 0 {
			h["Cache-Control"] = []string{"public, max-age=" + strconv.Itoa(int(a.age.Seconds()))}
		}
		if a.private { // no cache in between may keep it
			h["Cache-Control"] = []string{"private, no-cache"}
		}
		h["Etag"] = []string{a.tag}
		if matches(r.Header["If-None-Match"], a.tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if a.status == http.StatusNoContent {
		h.Del("Content-Type")
		w.WriteHeader(a.status)
		return
	}
	if a.stream != nil {
		out := http.NewResponseController(w)
		_ = out.SetWriteDeadline(time.Time{}) // it ends when its job does, or its client
		h["X-Accel-Buffering"] = []string{"no"}
		w.WriteHeader(http.StatusOK)
		if r.Method != http.MethodHead {
			_ = a.stream(r.Context(), w, func() { _ = out.Flush() }) // a client that is gone is nobody's fault
		}
		return
	}
	status := http.StatusOK
	if a.status != 0 {
		status = a.status
	}
	s.send(w, r, status, a.body, a.zipped)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, body, zipped []byte) {
	h := w.Header()
	if len(body) >= smallest && h.Get("Content-Type") != asPNG.kind && h.Get("Content-Type") != asPDF.kind && web.Takes(r.Header, "gzip") { // these are packed
		if zipped == nil {
			zipped = s.zip(body)
		}
		body = zipped
		h["Content-Encoding"] = []string{"gzip"}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if len(body) >= slow {
		// Where there is no connection behind w, there is none to hold up.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.Write))
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // a client that is gone is nobody's fault
	}
}

// matches reports whether a client has the content already.
func matches(header []string, tag string) bool {
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.TrimSpace(part)
			if part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}

// fail sends a problem.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, p *problem) {
	h := w.Header()
	h["Content-Type"] = []string{"application/problem+json"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Cache-Control"] = []string{"no-store"}
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int(p.retry.Seconds()))))
	}
	if p.kind == unauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	body, err := toJSON(p.doc(r.URL.EscapedPath(), h.Get("X-Request-Id")))
	if err != nil {
		panic(err) // texts and a number
	}
	s.send(w, r, kinds[p.kind].status, body, nil)
}
