package api

import (
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"
)

// pageKey gives the app the key by which it may send layers, on a server that listens to
// this machine alone and was started without a key: to a page of the server's own, asked
// for under a name of this machine, so that no other page in the browser gets it, and none
// whose name was made to lead here. To all others it is empty, and to whoever comes through
// a proxy on this machine, which tells of itself.
func (s *Server) pageKey(c *gin.Context) {
	r, key := c.Request, ""
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" && ours(r.RemoteAddr) && ours(r.Host) && asksFrom(r) == r.Host && !proxied(r.Header) {
		key = s.config.Page
	}
	c.Writer.Header().Del("Access-Control-Allow-Origin")
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, map[string]string{"key": key})
}

// asksFrom is the host of the page that asks, as the browser of the user knows it.
func asksFrom(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil {
		return ""
	}
	return u.Host
}

// proxied reports whether a request was handed on by a proxy.
func proxied(h http.Header) bool {
	return slices.ContainsFunc([]string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"},
		func(name string) bool { return h.Get(name) != "" })
}

// ours reports whether an address, with or without a port, is of this machine.
func ours(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
