package api

import (
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
	kind := mediaType(f.kind)
	group, any, _ := strings.Cut(accept, "/")
	return accept == kind || slices.Contains(f.also, accept) || any == "*" && (group == "*" || strings.HasPrefix(kind, group+"/"))
}

// wish is one of the media ranges of an Accept header.
type wish struct {
	kind string
	q    float64
}

// wishes reads an Accept header, 64 ranges of it at most.
func wishes(header string) (out []wish) {
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
		if w.kind != "" && len(out) < 64 {
			out = append(out, w)
		}
	}
	return out
}

// preferred is the format that an Accept header would rather have, nil for none. The
// range that names a format most closely says how much it is wanted, 0 not at all
// (RFC 9110, 12.5.1); of those wanted as much the one that is named first.
func preferred(formats []*format, header string) (best *format) {
	asked := wishes(header)
	bestQ, bestAt := 0.0, 0
	for _, x := range formats {
		at := -1
		for k, w := range asked {
			if x.answers(w.kind) && (at < 0 || strings.Count(w.kind, "*") < strings.Count(asked[at].kind, "*")) {
				at = k
			}
		}
		if at >= 0 && (asked[at].q > bestQ || asked[at].q == bestQ && best != nil && at < bestAt) {
			best, bestQ, bestAt = x, asked[at].q, at
		}
	}
	return best
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
	if x := preferred(formats, header); x != nil {
		return x, nil
	}
	var kinds []string
	for _, x := range formats {
		kinds = append(kinds, mediaType(x.kind))
	}
	return nil, &problem{kind: notAcceptable, field: "Accept", found: shorten(header), accepted: strings.Join(kinds, ", "),
		detail: "none of the media types asked for is served here"}
}
