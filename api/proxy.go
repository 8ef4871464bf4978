package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// baseURL is the landing page of a request as its client sees it, without a
// slash at the end: as configured, or as a trusted proxy says, or as the
// request says.
func (s *Server) baseURL(r *http.Request) string {
	if s.config.URL != "" {
		return strings.TrimRight(s.config.URL, "/")
	}
	scheme, host, prefix := "http", r.Host, ""
	if r.TLS != nil {
		scheme = "https"
	}
	if len(s.config.Proxies) > 0 && s.trusted(r.RemoteAddr) {
		if v := strings.ToLower(first(r.Header, "X-Forwarded-Proto")); v == "http" || v == "https" {
			scheme = v
		}
		if v := first(r.Header, "X-Forwarded-Host"); plainHost(v) {
			host = v
		}
		if v := strings.TrimRight(first(r.Header, "X-Forwarded-Prefix"), "/"); plainPrefix(v) {
			prefix = v
		}
	}
	return scheme + "://" + host + prefix
}

// trusted reports whether an address is that of a proxy whose word counts.
func (s *Server) trusted(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, p := range s.config.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// first is the value that the first of several proxies gave.
func first(h http.Header, name string) string {
	v, _, _ := strings.Cut(h.Get(name), ",")
	return strings.TrimSpace(v)
}

// plainHost lets nothing through but a host with or without a port.
func plainHost(v string) bool {
	if v == "" || len(v) > 255 {
		return false
	}
	u, err := url.Parse("http://" + v)
	return err == nil && u.Host == v && u.Path == "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && !strings.ContainsAny(v, "\"'<>\\ ")
}

// plainPrefix lets nothing through but a path.
func plainPrefix(v string) bool {
	if !strings.HasPrefix(v, "/") || strings.HasPrefix(v, "//") || len(v) > 255 || strings.Contains(v, "..") {
		return false
	}
	for _, c := range []byte(v) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("/-_.~", c) >= 0) {
			return false
		}
	}
	return true
}

// withoutSlash is a request whose path does not end with a slash: both ways of
// writing an address lead to the same place.
func withoutSlash(r *http.Request) *http.Request {
	path := r.URL.EscapedPath()
	if len(path) < 2 || !strings.HasSuffix(path, "/") || strings.HasSuffix(path, "//") {
		return r
	}
	u := *r.URL
	u.Path = strings.TrimSuffix(u.Path, "/")
	u.RawPath = strings.TrimSuffix(u.RawPath, "/")
	out := *r
	out.URL = &u
	return &out
}
