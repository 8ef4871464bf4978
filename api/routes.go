package api

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"careshed/access/study"
	"careshed/api/draw"
	"careshed/api/keys"
	factsheet "careshed/api/sheet"

	"github.com/gin-gonic/gin"
)

// route is a row of the table that the router and the OpenAPI document share.
type route struct {
	method, path string // the path as OpenAPI writes it
	id, summary  string
	params       []param
	out          any // a sample of the answer, or a schema
	formats      []*format
	media        []string // of the body; none: there is no body
	layer        bool     // the body is a layer, not a study
	keyed        bool     // for those who give the key of the server
	made         any      // a sample of the answer with status 201; nil: there is none
	live         bool     // changes from call to call: never kept by a client
	fixed        bool     // the same for as long as the server runs: encoded once
	empty        bool     // may have nothing to show: 204
	endings      map[string]string
	only         func(*opened) bool // the collections that it is offered for; nil: all
	handle       func(ctx context.Context, q *request, query url.Values, path func(string) string) (any, error)
}

// request is what a handler knows of a call beside its parameters.
type request struct {
	base   string // URL of the landing page, without a slash at the end
	path   string // as it came, escaped
	query  url.Values
	format *format
	params []param // of the route
	body   []byte
	prefer string // what the client would like (RFC 7240)
	media  string // of the body
	who    caller
}

// none are the parameters of a route that has none.
type none struct{}

// on makes a row whose handler takes the parameters in a struct.
func on[In any](s *Server, method, path, summary string, out any, do func(context.Context, *request, In) (any, error), formats ...*format) *route {
	rt := &route{method: method, path: path, summary: summary, out: out, formats: formats,
		params: paramsOf(reflect.TypeFor[In](), s.words()), endings: endings(path)}
	rt.id = strings.Trim(strings.NewReplacer("{", "", "}", "", "/", "-", ".", "-").Replace(strings.ToLower(method)+path), "-")
	rt.handle = func(ctx context.Context, q *request, query url.Values, path func(string) string) (any, error) {
		var in In
		if err := bind(reflect.ValueOf(&in).Elem(), rt.params, query, path); err != nil {
			return nil, err
		}
		return do(ctx, q, in)
	}
	return rt
}

func (rt *route) needsKey() *route { rt.keyed = true; return rt }

// takesLayers says that the body is a layer.
func (rt *route) takesLayers() *route {
	rt.layer, rt.keyed = true, true
	rt.media = slices.Sorted(maps.Keys(uploadMedia))
	rt.media = append(rt.media, "application/octet-stream")
	return rt
}

// of says which collections it is offered for.
func (rt *route) of(only func(*opened) bool) *route { rt.only = only; return rt }

func (rt *route) makes(sample any) *route { rt.made = sample; return rt }
func (rt *route) isLive() *route          { rt.live = true; return rt }
func (rt *route) isFixed() *route         { rt.fixed = true; return rt }

func (rt *route) mayBeEmpty() *route { rt.empty = true; return rt }
func (rt *route) takes(media ...string) *route {
	rt.media = media
	return rt
}

func (s *Server) routes() []*route {
	const get, post = http.MethodGet, http.MethodPost
	return []*route{
		on(s, get, "/", "Start page", landing{}, s.landing, asJSON, asHTML),
		on(s, get, "/search", "Countries, regions, centers and towns by name", searchOut{}, s.search, asJSON, asCSV, asHTML),
		on(s, get, "/conformance", "Standards", conformance{}, s.conformance, asJSON, asHTML),
		on(s, get, "/api", "This service as OpenAPI 3.0", schema{"type": "object"}, s.openAPI, asOpenAPI),
		on(s, get, "/api.html", "The API, explained", schema{"type": "string"}, s.manual, asHTML),
		on(s, get, "/collections", "All layers and tables", collectionList{}, s.listCollections, asJSON, asHTML),
		on(s, get, "/collections/{collectionId}", "A layer or table", collectionDoc{}, s.oneCollection, asJSON, asHTML),
		on(s, http.MethodPut, "/collections/{collectionId}", "Send a layer, or a new version of one", uploadDoc{}, s.upload, asJSON).isLive().makes(uploadDoc{}).takesLayers(),
		on(s, http.MethodDelete, "/collections/{collectionId}", "Take a layer away that was sent", versionList{}, s.drop, asJSON).isLive().needsKey(),
		on(s, post, "/preview", "What is in a file, before it is sent as a layer", previewDoc{}, s.preview, asJSON).isLive().takesLayers(),
		on(s, get, "/collections/{collectionId}/versions", "What was sent of a layer, and when", versionList{}, s.versions, asJSON, asCSV).isLive(),
		on(s, get, "/collections/{collectionId}/items", "The features of a layer, page by page", featureCollection, s.items, s.files.formats(asGeoJSON, asCSV, asHTML)...),
		on(s, get, "/collections/{collectionId}/items/{featureId}", "A feature", feature, s.item, asGeoJSON, asCSV, asHTML),
		on(s, get, "/collections/{collectionId}/queryables", "What a filter may name", schema{"type": "object"}, s.queryables, asSchema, asHTML),
		on(s, get, "/collections/{collectionId}/schema", "What features are made of", schema{"type": "object"}, s.featureSchema, asSchema, asHTML),
		on(s, get, "/collections/{collectionId}/map", "A map of a layer", schema{"type": "string"}, s.mapOf, asSVG, asPNG, asPDF).of((*opened).drawn),
		on(s, get, "/collections/{collectionId}/classes", "The class limits and colours of a map", draw.Classed{}, s.classes, asJSON).of((*opened).drawn),
		on(s, get, "/collections/{collectionId}/tiles", "The vector tiles of a layer", tileSetList{}, s.listTileSets, asJSON, asHTML).of((*opened).spatial),
		on(s, get, "/collections/{collectionId}/tiles/WebMercatorQuad", "The vector tiles of a layer on the web's map", tileSet{}, s.oneTileSet, asJSON, asHTML).of((*opened).spatial),
		on(s, get, "/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "A vector tile", schema{"type": "string", "format": "binary"}, s.tileOGC, asMVT).mayBeEmpty().of((*opened).spatial),
		on(s, get, "/tiles/{collectionId}.json", "Where the vector tiles of a layer are", tileJSON{}, s.tileJSON, asTileJSON).of((*opened).spatial),
		on(s, get, "/tiles/{collectionId}/metadata.json", "The same for GDAL", tileMetadata{}, s.tileMetadata, asTileJSON).of((*opened).spatial),
		on(s, get, "/tiles/{collectionId}/{z}/{x}/{y}.pbf", "A vector tile, by column and row", schema{"type": "string", "format": "binary"}, s.tileXYZ, asMVT).mayBeEmpty().of((*opened).spatial),
		on(s, get, "/tileMatrixSets", "Vector tiles: the grids", matrixSetList{}, s.listMatrixSets, asJSON, asHTML),
		on(s, get, "/tileMatrixSets/WebMercatorQuad", "The tiles of the web's map", matrixSet{}, s.oneMatrixSet, asJSON, asHTML),
		on(s, get, "/nearest", "The centers nearest to a point", nearestOut{}, s.nearest, asJSON, asCSV, asHTML),
		on(s, get, "/isochrone", "The area within minutes of a point, by road", featureCollection, s.isochrone, asGeoJSON).isLive(),
		on(s, get, "/density", "Centers per 10 million people, with distances and published counts", densityOut{}, s.density, asJSON, asCSV, asHTML).isFixed(),
		on(s, get, "/gaps", "Regions without a center, and what is known of them", gapsOut{}, s.gaps, asJSON, asCSV, asHTML).isFixed(),
		on(s, get, "/penalty", "What distance costs in treatments", penaltyOut{}, s.penalty, asJSON, asCSV, asHTML).isFixed(),
		on(s, get, "/sites", "Where the next centers would help most", sitesOut{}, s.sites, asJSON, asCSV, asHTML),
		on(s, get, "/evidence", "What the defaults rest on", evidenceOut{}, s.evidence, asJSON, asCSV, asHTML),
		on(s, get, "/processes", "Processes", processList{}, s.listProcesses, asJSON, asHTML),
		on(s, get, "/processes/study", "How to write a study", processDoc{}, s.oneProcess, asJSON, asHTML),
		on(s, post, "/processes/study/execution", "Carry out a study", studyDoc{}, s.execute, asJSON).isLive().makes(jobDoc{}).
			takes("application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "application/vnd.yaml"),
		on(s, get, "/processes/{processId}", "The inputs of a process", quickDoc{}, s.quickProcess, asJSON, asHTML),
		on(s, post, "/processes/{processId}/execution", "Ask a process", schema{"type": "object"}, s.executeQuick, asJSON).isLive().takes("application/json"),
		on(s, get, "/jobs", "Jobs: studies that wait, run or are done", jobList{}, s.listJobs, asJSON, asHTML).isLive(),
		on(s, get, "/jobs/{jobId}", "How far a job is", jobDoc{}, s.oneJob, asJSON, asHTML).isLive(),
		on(s, http.MethodDelete, "/jobs/{jobId}", "End a job, or take one that is done off the list", jobDoc{}, s.dismissJob, asJSON).isLive(),
		on(s, get, "/jobs/{jobId}/results", "What a job found", studyDoc{}, s.jobResults, asJSON, asHTML).isLive(),
		on(s, get, "/jobs/{jobId}/events", "The progress of a job as it comes", schema{"type": "string"}, s.jobEvents, asEvents).isLive(),
		on(s, get, "/studies", "The studies whose results are here", studyList{}, s.listStudies, asJSON, asHTML),
		on(s, get, "/studies/{studyId}", "The summary and manifest of a study", studyDoc{}, s.oneStudy, s.whole(asJSON, asHTML)...),
		on(s, http.MethodPut, "/studies/{studyId}", "Keep a result that would go after a while", studyDoc{}, s.keepStudy, asJSON).isLive(),
		on(s, get, "/studies/{studyId}/sheet", "The fact sheet of a study as a whole", factsheet.Sheet{}, s.wholeSheet, asJSON, asHTML, asPDF),
		on(s, get, "/studies/{studyId}/sheet/{regionId}", "The fact sheet of a region", factsheet.Sheet{}, s.regionSheet, asJSON, asHTML, asPDF),
		on(s, get, "/healthz", "Whether the server runs", health{}, s.healthz, asJSON).isLive(),
		on(s, get, "/readyz", "Whether the baseline studies are there", health{}, s.readyz, asJSON).isLive(),
		on(s, get, "/metrics", "Figures for Prometheus", schema{"type": "string"}, s.metrics, asMetrics).isLive(),
	}
}

// handler turns a route into what the router calls.
func (s *Server) handler(rt *route) gin.HandlerFunc {
	return func(c *gin.Context) {
		for name, ending := range rt.endings {
			if !strings.HasSuffix(c.Param(name), ending) {
				s.fail(c.Writer, c.Request, s.nothingHere(c.Request.URL.Path))
				return
			}
		}
		var place seat
		defer place.leave()
		a, err := s.answer(c.Writer, c.Request, rt, &place, func(name string) string {
			text, err := url.PathUnescape(c.Param(name))
			if err != nil {
				text = c.Param(name)
			}
			return strings.TrimSuffix(text, rt.endings[name])
		})
		if err != nil {
			p := problemOf(err)
			if p.kind == internal && s.ctx.Err() != nil { // what it stood on is closed
				p = &problem{kind: stopping, detail: "the server is stopping", cause: p.cause, retry: 5 * time.Second}
			}
			if p.kind == internal && p.cause != nil {
				s.log.Error("failed", "id", c.Writer.Header().Get("X-Request-Id"), "error", p.cause.Error())
			}
			s.fail(c.Writer, c.Request, p)
			return
		}
		s.write(c.Writer, c.Request, a)
	}
}

// answer answers a request, in its place once its body is read; w is needed to bound
// the body only.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, rt *route, place *seat, path func(string) string) (*answer, error) {
	key := ""
	given := givenKey(r)
	who := s.callerOf(given)
	t := trailOf(r.Context())
	if t != nil {
		t.who = who
	}
	if err := s.admit(rt, who); err != nil {
		return nil, err
	}
	if accept := r.Header["Accept"]; rt.fixed && given == "" && len(r.URL.RawQuery) < 256 && len(accept) < 2 && len(strings.Join(accept, "")) < 256 {
		key = rt.path + "?" + r.URL.RawQuery + "\n" + strings.Join(accept, "") + "\n"
		if s.config.URL == "" {
			key += s.baseURL(r)
		}
		if a, ok := s.answers.get(key); ok {
			return a, nil
		}
	}
	query, err := queryOf(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	q := &request{base: s.baseURL(r), path: r.URL.EscapedPath(), query: query, params: rt.params, prefer: strings.ToLower(strings.Join(r.Header["Prefer"], ","))}
	if q.format, err = choose(rt.formats, query["f"], r.Header["Accept"]); err != nil {
		return nil, err
	}
	q.who = who
	ctx := r.Context()
	if who.role == keys.Admin {
		ctx = asHolder(ctx)
	} else if who.name != "" {
		ctx = sender{true, who.name}.asked(ctx)
	}
	if rt.keyed { // before anything is read that nobody would take
		if err := s.permit(q); err != nil {
			return nil, err
		}
	}
	if rt.media != nil {
		if q.body, err = s.body(w, r, rt, place); err != nil {
			return nil, err
		}
		q.media = mediaType(r.Header.Get("Content-Type"))
		t.body(q.body)
	} else if hasBody(r) {
		// What nobody reads, the server takes a little of when all is said.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.limits.Pace))
	}
	if err := place.take(s, r); err != nil {
		return nil, err
	}
	v, err := rt.handle(ctx, q, query, path)
	if err != nil {
		return nil, err
	}
	a, err := s.encode(rt, q, v)
	if err != nil {
		return nil, err
	}
	if (senderOf(ctx).private || s.config.Closed) && !a.private {
		kept := *a // which others may be given without a key, but no cache may hand on
		kept.private, a = true, &kept
	}
	if rt.live || a.stream != nil {
		a.tag = ""
	} else if a.tag == "" {
		a.tag = tagOf(a.body)
	}
	if key != "" && int64(len(a.body)) < s.limits.AnswerBytes/16 {
		if len(a.body) >= smallest {
			a.zipped = s.zip(a.body)
		}
		s.answers.put(key, a, int64(len(key)+len(a.body)+len(a.zipped)+512))
	}
	return a, nil
}

// givenKey is the key that a request gives: in a header, or as a parameter.
func givenKey(r *http.Request) string {
	key := ""
	if h := r.Header["X-Api-Key"]; len(h) > 0 {
		key = h[0]
	} else if h := r.Header["Authorization"]; len(h) > 0 {
		key = strings.TrimPrefix(h[0], "Bearer ")
	}
	if key == "" && strings.Contains(r.URL.RawQuery, "key") {
		if k := r.URL.Query()["key"]; len(k) == 1 {
			key = k[0]
		}
	}
	return key
}

// body reads the body of a request, no further than the limit, at the least pace, and
// within the memory that is free for a layer.
func (s *Server) body(w http.ResponseWriter, r *http.Request, rt *route, place *seat) ([]byte, error) {
	media, what, most := rt.media, "a study is a document", s.limits.Body
	if rt.layer {
		what, most = "a layer is sent in a body", s.limits.Upload
	}
	if given := r.Header.Get("Content-Type"); given != "" {
		kind, _, err := mime.ParseMediaType(given)
		if err != nil || !slices.Contains(media, kind) {
			return nil, &problem{kind: wrongMedia, field: "Content-Type", found: shorten(given), accepted: strings.Join(media, ", "),
				detail: what + " of another type"}
		}
	}
	large := &problem{kind: tooLarge, detail: what + " of at most " + bytesText(most)}
	if r.ContentLength > most {
		w.Header().Set("Connection", "close") // the rest is not read
		return nil, large
	}
	var share *study.Share
	taken := max(r.ContentLength, unsaid)
	if rt.layer {
		share = s.memory.Share(s.patiently)
		place.leaves = append(place.leaves, share.Give)
		if err := share.Wait(r.Context(), "a layer that is sent", ofSent*taken); err != nil {
			return nil, err
		}
	}
	p := &paced{Reader: http.MaxBytesReader(w, r.Body, most), conn: http.NewResponseController(w), window: s.limits.Pace, least: s.limits.PaceBytes, now: time.Now}
	b, err := io.ReadAll(p)
	p.end(s.toAnswer())
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, large
	case err != nil:
		return nil, &problem{kind: badBody, detail: "the body ended before its time, or came too slowly"}
	case len(b) == 0:
		return nil, &problem{kind: badBody, detail: "the body is empty", accepted: strings.Join(media, ", ")}
	}
	return b, share.Grow("a layer that was sent", ofSent*(int64(len(b))-taken))
}
