package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The app's own page is given the key of a server that was started without one; no page of
// another origin, no name that was made to lead here, nobody from elsewhere, and nobody at
// all where there is a key.
func TestPageKey(t *testing.T) {
	own := fixture(t, func(c *Config) { c.Page, c.Decode = "page", lines })
	keyed := fixture(t, withKey)
	for what, c := range map[string]struct {
		s                  *Server
		host, remote, site string
		want               string
	}{
		"its own page":               {own, "127.0.0.1:8080", "127.0.0.1:5000", "same-origin", "page"},
		"by name":                    {own, "localhost:8080", "[::1]:5000", "same-origin", "page"},
		"a page of another origin":   {own, "127.0.0.1:8080", "127.0.0.1:5000", "cross-site", ""},
		"another port":               {own, "127.0.0.1:8080", "127.0.0.1:5000", "same-site", ""},
		"no browser":                 {own, "127.0.0.1:8080", "127.0.0.1:5000", "", ""},
		"a name that leads here":     {own, "careshed.example.org", "127.0.0.1:5000", "same-origin", ""},
		"somebody from elsewhere":    {own, "127.0.0.1:8080", "192.0.2.7:5000", "same-origin", ""},
		"a server with a key":        {keyed, "127.0.0.1:8080", "127.0.0.1:5000", "same-origin", ""},
		"a server that takes nobody": {fixture(t, nil), "127.0.0.1:8080", "127.0.0.1:5000", "same-origin", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/page-key", nil)
		r.Host, r.RemoteAddr = c.host, c.remote
		r.Header.Set("Sec-Fetch-Site", c.site)
		r.Header.Set("Referer", "http://127.0.0.1:8080/app/")
		if c.host == "localhost:8080" {
			r.Header.Set("Referer", "http://localhost:8080/app/")
		}
		w := httptest.NewRecorder()
		c.s.ServeHTTP(w, r)
		if got := w.Body.String(); got != `{"key":"`+c.want+`"}` {
			t.Errorf("%s: %s", what, got)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: other origins may read it", what)
		}
	}
	for name, value := range map[string]string{"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "careshed.example.org", "Forwarded": "for=192.0.2.7",
		"Via": "1.1 proxy", "X-Real-IP": "192.0.2.7", "Referer": "https://careshed.example.org/app/"} {
		r := httptest.NewRequest(http.MethodGet, "/page-key", nil)
		r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:5000"
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Referer", "http://127.0.0.1:8080/app/")
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		own.ServeHTTP(w, r)
		if got := w.Body.String(); got != `{"key":""}` {
			t.Errorf("through a proxy (%s): %s", name, got)
		}
	}
	if a := send(t, own, "/collections/clinics", "page", "a 1 1 5\n"); a.code != 201 && a.code != 200 {
		t.Errorf("the key of the page: %d %s", a.code, a.body)
	}
	if a := send(t, own, "/collections/clinics", "other", "a 1 1 5\n"); a.code != 401 {
		t.Errorf("another key: %d", a.code)
	}
}
