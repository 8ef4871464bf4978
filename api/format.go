package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// format is a way to write an answer: its name for ?f= and its media type.
type format struct {
	name, kind string
	also       []string // other media types that ask for it
}

// The formats there are.
var (
	asJSON    = &format{"json", "application/json", nil}
	asGeoJSON = &format{"json", "application/geo+json", []string{"application/json", "application/vnd.geo+json"}}
	asCSV     = &format{"csv", "text/csv; charset=utf-8", nil}
	asHTML    = &format{"html", "text/html; charset=utf-8", []string{"application/xhtml+xml"}}
	asSVG     = &format{"svg", "image/svg+xml", nil}
	asPNG     = &format{"png", "image/png", nil}
	asPDF     = &format{"pdf", "application/pdf", nil}
	asOpenAPI = &format{"json", "application/vnd.oai.openapi+json;version=3.0", []string{"application/json", "application/openapi+json"}}
	asEvents  = &format{"events", "text/event-stream", nil}
	asMetrics = &format{"text", "text/plain; version=0.0.4; charset=utf-8", []string{"application/openmetrics-text"}}
)

func mediaType(s string) string {
	kind, _, _ := strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func (f *format) answers(accept string) bool {
	group, any, _ := strings.Cut(accept, "/")
	for _, k := range append([]string{mediaType(f.kind)}, f.also...) {
		if accept == k || any == "*" && (group == "*" || strings.HasPrefix(k, group+"/")) {
			return true
		}
	}
	return false
}

func names(formats []*format) string {
	out := make([]string, len(formats))
	for i, f := range formats {
		out[i] = f.name
	}
	return strings.Join(out, ", ")
}

// choose finds the format of an answer: by f, else by Accept, else the first.
func choose(formats []*format, f []string, accept []string) (*format, error) {
	if len(f) > 0 {
		for _, x := range formats {
			if len(f) == 1 && x.name == f[0] {
				return x, nil
			}
		}
		return nil, parameter("f", strings.Join(f, ", "), names(formats), "there is no such format here")
	}
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return formats[0], nil
	}
	type wish struct {
		kind string
		q    float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		w := wish{mediaType(part), 1}
		_, rest, _ := strings.Cut(part, ";")
		for p := range strings.SplitSeq(rest, ";") {
			if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "q") {
				if q, err := strconv.ParseFloat(v, 64); err == nil {
					w.q = q
				}
			}
		}
		if w.kind != "" && w.q > 0 && len(wishes) < 64 {
			wishes = append(wishes, w)
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.q > b.q:
			return -1
		case a.q < b.q:
			return 1
		}
		return 0
	})
	for _, w := range wishes {
		for _, x := range formats {
			if x.answers(w.kind) {
				return x, nil
			}
		}
	}
	var kinds []string
	for _, x := range formats {
		kinds = append(kinds, mediaType(x.kind))
	}
	return nil, &problem{kind: notAcceptable, field: "Accept", found: shorten(header), accepted: strings.Join(kinds, ", "),
		detail: "none of the media types asked for is served here"}
}

// acceptsGzip reports whether a client takes gzip.
func acceptsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
			if name != "gzip" && name != "*" {
				continue
			}
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
