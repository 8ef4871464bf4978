// Package web is the web app: MapLibre GL, Preact and our own TypeScript in src,
// built by Vite into dist (make build) and served from the binary. It asks this
// server alone and works without any other.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var built embed.FS

// policy lets the app reach this server and nothing else. MapLibre sets styles on
// elements and draws what it makes itself.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// Built reports whether the binary was built with the app.
func Built() bool {
	_, err := built.Open("dist/index.html.gz")
	return err == nil
}

var kinds = map[string]string{".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".png": "image/png"}

// codings are those in which a file is there, the smallest first.
var codings = []struct{ coding, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// Serve answers with a file of the app; "" is its page. found is false, and
// nothing is written, if there is no such file.
func Serve(w http.ResponseWriter, r *http.Request, name string) (found bool) {
	name = strings.Trim(name, "/")
	if name == "" {
		name = "index.html"
	}
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		return false
	}
	packed, err := built.ReadFile("dist/" + name + ".gz")
	if err != nil {
		return false
	}
	if strings.Contains(r.Header.Get("Range"), ",") {
		r.Header.Del("Range") // many parts of a file would be larger than all of it
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if name == "index.html" {
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-cache")
	} else { // named after what they hold
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	for _, as := range codings {
		if body, err := built.ReadFile("dist/" + name + as.ending); err == nil && Takes(r.Header, as.coding) {
			h.Set("Content-Encoding", as.coding)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
			return true
		}
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return false
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return false
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(plain))
	return true
}

// Takes reports whether a client takes a coding of contents, as its Accept-Encoding says
// (RFC 9110, 12.5.3): it is named, or else all are by *, and not with q=0.
func Takes(h http.Header, coding string) bool {
	all := false
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			name, q, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
			takes := q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
			if strings.EqualFold(name, coding) {
				return takes
			}
			all = all || takes && name == "*"
		}
	}
	return all
}
