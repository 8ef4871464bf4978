package api

import (
	"bytes"
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"careshed/access"
	"careshed/access/study"
	"careshed/api/web"

	"github.com/prometheus/common/expfmt"
)

// link is a link of a document.
type link struct {
	Href  string `json:"href" doc:"where it leads"`
	Rel   string `json:"rel" doc:"what it is to this document"`
	Type  string `json:"type,omitempty" doc:"media type"`
	Title string `json:"title,omitempty" doc:"for people"`

	Templated bool `json:"templated,omitempty" doc:"href has names in braces to fill in"`
}

// to is a link to one of our own paths.
func (q *request) to(path, rel, kind, title string) link {
	return link{Href: q.base + path, Rel: rel, Type: kind, Title: title}
}

// at is the address of this request with some parameters changed; "" takes one
// out.
func (q *request) at(changes ...string) string {
	v := url.Values{}
	for k, x := range q.query {
		v[k] = x
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if v.Del(changes[i]); changes[i+1] != "" {
			v.Set(changes[i], changes[i+1])
		}
	}
	if len(v) == 0 {
		return q.base + q.path
	}
	return q.base + q.path + "?" + v.Encode()
}

// versions are the links from a document to itself and to its other formats.
func (q *request) versions(formats ...*format) []link {
	self := link{Href: q.at(), Rel: "self", Type: mediaType(q.format.kind), Title: "This page"}
	out := []link{self}
	for _, f := range formats {
		if f != q.format {
			out = append(out, link{Href: q.at("f", f.name), Rel: "alternate", Type: mediaType(f.kind), Title: "For developers: this page as " + strings.ToUpper(f.name)})
		}
	}
	return out
}

type landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Version     string `json:"version" doc:"of the program"`
	Links       []link `json:"links"`
}

type landingIn struct {
	Country string `query:"country" enum:"@countries" doc:"the country that the page is about"`
	Lang    string `query:"lang" enum:"@languages" def:"en" doc:"the language of the page"`
}

func (s *Server) landing(ctx context.Context, q *request, in landingIn) (any, error) {
	out := landing{Title: "careshed", Version: s.config.Version,
		Description: "How fairly people can reach CAR-T cell therapy: travel times, centers per people, regions without a center, what distance costs, and where the next center would help most."}
	q.path = "/"
	out.Links = q.versions(asJSON, asHTML)
	if web.Built() {
		out.Links = append(out.Links, q.to("/app/", "related", "text/html", "The web app: maps, what if, where next"))
	}
	out.Links = append(out.Links,
		q.to("/api", "service-desc", asOpenAPI.kind, "For developers: the API, OpenAPI 3.0"),
		q.to("/api.html", "service-doc", "text/html", "For developers: the API, explained"),
		q.to("/conformance", "conformance", "application/json", "For developers: standards"),
		q.to("/collections", "data", "application/json", "Layers and tables"),
		q.to("/tileMatrixSets", "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", "application/json", "For developers: vector tiles"),
		q.to("/processes", "http://www.opengis.net/def/rel/ogc/1.0/processes", "application/json", "For developers: processes"),
		q.to("/jobs", "http://www.opengis.net/def/rel/ogc/1.0/job-list", "application/json", "For developers: jobs"),
		q.to("/studies", "related", "application/json", "Studies whose results are here"),
		q.to("/evidence", "related", "application/json", "What the defaults rest on"))
	if len(s.config.Countries) > 0 {
		c := s.config.Countries[0].Code
		out.Links = append(out.Links,
			q.to("/density?by=country", "related", "application/json", "Compare the countries: centers per 10 million people"),
			q.to("/gaps?country="+c, "related", "application/json", "Regions without a center"),
			q.to("/penalty?country="+c, "related", "application/json", "What distance costs in treatments"),
			q.to("/sites?country="+c, "related", "application/json", "Where the next centers would help most"))
	}
	for _, country := range s.config.Countries {
		at := "/collections/" + study.Baseline{Code: country.Code}.ID() + "-regions"
		name := cmp.Or(country.Name, country.Code)
		out.Links = append(out.Links,
			q.to(at, "related", "application/json", name+": regions"),
			q.to(at+"/map", "preview", asSVG.kind, name+": centers per 10 million people"))
	}
	if q.format == asHTML && len(s.config.Countries) > 0 {
		return s.front(ctx, q, in, out)
	}
	return out, nil
}

type conformance struct {
	ConformsTo []string `json:"conformsTo"`
}

func (s *Server) conformance(context.Context, *request, none) (any, error) {
	return conformance{classesKept}, nil
}

// classesKept are the conformance classes that are kept whole.
var classesKept = func() (out []string) {
	for _, of := range []struct {
		spec    string
		classes []string
	}{
		{"ogcapi-common-1/1.0", []string{"core", "landing-page", "json", "html", "oas30"}},
		{"ogcapi-common-2/1.0", []string{"collections"}},
		{"ogcapi-features-1/1.0", []string{"core", "oas30", "html", "geojson"}},
		{"ogcapi-features-2/1.0", []string{"crs"}},
		{"ogcapi-features-3/1.0", []string{"queryables", "queryables-query-parameters", "filter", "features-filter"}},
		{"cql2/1.0", []string{"cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison", "accent-insensitive-comparison",
			"basic-spatial-functions", "basic-spatial-functions-plus", "property-property", "arithmetic"}},
		{"ogcapi-tiles-1/1.0", []string{"core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"}},
	} {
		for _, class := range of.classes {
			out = append(out, "http://www.opengis.net/spec/"+of.spec+"/conf/"+class)
		}
	}
	return out
}()

type evidenceOut struct {
	Description string            `json:"description"`
	Rows        []access.Evidence `json:"evidence"`
	Links       []link            `json:"links"`
}

func (e evidenceOut) rows() any { return e.Rows }

func (s *Server) evidence(_ context.Context, q *request, _ none) (any, error) {
	return evidenceOut{"Every default that acts on a result, and published values that act where a study names them, with interval, population, source and status.",
		access.Register, q.versions(asJSON, asCSV, asHTML)}, nil
}

type health struct {
	Status string `json:"status"`
}

func (s *Server) healthz(context.Context, *request, none) (any, error) {
	return health{Status: "up"}, nil
}

func (s *Server) readyz(ctx context.Context, _ *request, _ none) (any, error) {
	if err := s.state.Ping(ctx); err != nil {
		return nil, stateProblem(err)
	}
	var waiting []string
	for _, b := range s.base.list {
		if _, ok := b.outcome.peek(); !ok {
			waiting = append(waiting, b.Label())
		}
	}
	if len(waiting) > 0 {
		return nil, &problem{kind: notReady, retry: time.Second, detail: "the baseline studies of " + strings.Join(waiting, ", ") + " are not there yet"}
	}
	return health{Status: "ready"}, nil
}

func (s *Server) metrics(context.Context, *request, none) (any, error) {
	families, err := s.meters.registry.Gather()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := expfmt.NewEncoder(&b, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if err := w.Encode(f); err != nil {
			return nil, err
		}
	}
	return &answer{kind: asMetrics.kind, body: b.Bytes()}, nil
}
