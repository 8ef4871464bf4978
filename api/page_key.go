package api

import (
	"net"
	"net/http"

	"github.com/gin-gonic/gin"
)

// pageKey gives the app the key by which it may send layers, on a server that listens to
// this machine alone and was started without a key: to a page of the server's own, asked
// for under a name of this machine, so that no other page in the browser gets it, and none
// whose name was made to lead here. To all others it is empty.
func (s *Server) pageKey(c *gin.Context) {
	r, key := c.Request, ""
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" && ours(r.RemoteAddr) && ours(r.Host) {
		key = s.config.Page
	}
	c.Writer.Header().Del("Access-Control-Allow-Origin")
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, map[string]string{"key": key})
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
