package api

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// behind asks from an address with headers and gives the first link.
func behind(t *testing.T, s *Server, from, path string, header ...string) string {
	t.Helper()
	r := httptest.NewRequest("GET", "http://inner:8080"+path, nil)
	r.RemoteAddr = from
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	_, rest, _ := strings.Cut(w.Body.String(), `"href":"`)
	href, _, _ := strings.Cut(rest, `"`)
	return href
}

func TestForwardedHeadersCountFromTrustedProxiesOnly(t *testing.T) {
	all := []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "maps.example.com", "X-Forwarded-Prefix", "/care/"}
	trusting := func(c *Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	plain, trusted := fixture(t, nil), fixture(t, trusting)
	named := fixture(t, func(c *Config) { trusting(c); c.URL = "https://other.example.com/y//" })
	for _, c := range []struct {
		s      *Server
		from   string
		header []string
		want   string
	}{
		{plain, "10.1.2.3:99", all, "http://inner:8080/"},
		{trusted, "10.1.2.3:99", all, "https://maps.example.com/care/"},
		{trusted, "[::ffff:10.1.2.3]:99", all, "https://maps.example.com/care/"},
		{trusted, "[::1]:99", all, "https://maps.example.com/care/"},
		{trusted, "192.168.1.1:99", all, "http://inner:8080/"},
		{trusted, "nowhere", all, "http://inner:8080/"},
		{trusted, "10.1.2.3:99", all[:2], "https://inner:8080/"},
		{trusted, "10.1.2.3:99", []string{"X-Forwarded-Proto", "https, http", "X-Forwarded-Host", "a.example, b.example"}, "https://a.example/"},
		{trusted, "10.1.2.3:99", []string{"X-Forwarded-Proto", "javascript", "X-Forwarded-Host", `evil"><script>`, "X-Forwarded-Prefix", "//evil.example"}, "http://inner:8080/"},
		{trusted, "10.1.2.3:99", []string{"X-Forwarded-Host", "user@evil.example", "X-Forwarded-Prefix", "/a/../b"}, "http://inner:8080/"},
		{named, "10.1.2.3:99", all, "https://other.example.com/y/"},
	} {
		if got := behind(t, c.s, c.from, "/", c.header...); got != c.want {
			t.Errorf("from %s with %v: %s, want %s", c.from, c.header, got, c.want)
		}
	}
	// What one proxy's client is told is not told to another's.
	for _, path := range []string{"/collections/centers", "/collections/centers/items", "/api"} {
		a := behind(t, trusted, "10.1.2.3:99", path, all...)
		b := behind(t, trusted, "192.168.1.1:99", path)
		if strings.HasPrefix(b, "https://maps") || path != "/api" && !strings.HasPrefix(a, "https://maps") {
			t.Errorf("%s: %s, then %s", path, a, b)
		}
	}
}

func TestSlashAtTheEnd(t *testing.T) {
	s := fixture(t, nil)
	for path, want := range map[string]int{"/": 200, "/collections/": 200, "/collections/centers/items/": 200, "/collections/centers/items/?limit=2": 200, "/conformance/": 200,
		"/collections/centers/items/c1/": 200, "/tiles/regions/0/0/0.pbf/": 200, "//": 404, "/collections//": 404, "/nothing/": 404, "/collections/thousand/items/a%2F": 404} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "http://example.org"+path, nil))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}
