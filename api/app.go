package api

import (
	"net/http"
	"strings"

	"careshed/api/web"

	"github.com/gin-gonic/gin"
)

// app serves the web app. It is no part of the interface: no row of the table.
func (s *Server) app(c *gin.Context) {
	name := strings.TrimPrefix(c.Param("file"), "/")
	if asked, _, _ := strings.Cut(c.Request.RequestURI, "?"); name == "" && !strings.HasSuffix(asked, "/") {
		http.Redirect(c.Writer, c.Request, s.baseURL(c.Request)+"/app/", http.StatusPermanentRedirect) // its files are named relative to its page
		return
	}
	if web.Serve(c.Writer, c.Request, name) {
		return
	}
	p := s.nothingHere(c.Request.URL.Path)
	if !web.Built() {
		p.detail = "this program was built without the web app: make build makes it with"
	}
	s.fail(c.Writer, c.Request, p)
}
