package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"careshed/geo"
)

type itemsIn struct {
	ID         string              `path:"collectionId" doc:"the id of a collection"`
	Box        box                 `query:"bbox" list:"true" shared:"true" doc:"features that meet this box, and those without a geometry: west,south,east,north, or with heights, which are ignored: west,south,low,east,north,high. West may be greater than east: the box then reaches across the antimeridian"`
	BoxCRS     refSystem           `query:"bbox-crs" shared:"true" doc:"the reference system of bbox; in EPSG:4326 latitude comes first"`
	Time       instants            `query:"datetime" shared:"true" doc:"an instant, a day or an interval (RFC 3339, .. for open ends): features whose time is in it, by the first column of dates or times; those without one are in all"`
	Limit      int                 `query:"limit" shared:"true" doc:"features on a page at most; a page may end earlier, and links to the next" min:"1" max:"@pageMost" def:"@page" clamp:"true"`
	Filter     string              `query:"filter" shared:"true" doc:"a condition in CQL2, such as country = 'IT' AND population > 100000; /collections/ID/queryables lists the properties"`
	FilterLang string              `query:"filter-lang" shared:"true" doc:"how the filter is written" enum:"cql2-text,cql2-json" def:"cql2-text"`
	FilterCRS  refSystem           `query:"filter-crs" shared:"true" doc:"the reference system of the geometries in the filter"`
	Properties string              `query:"properties" list:"true" shared:"true" doc:"the properties that features are to have, with commas between; all if left out"`
	Sort       string              `query:"sortby" list:"true" shared:"true" doc:"properties to sort by, with commas between; - before one for falling values. Features without a value come last"`
	CRS        refSystem           `query:"crs" shared:"true" doc:"the reference system of the positions in the answer (GeoJSON only); in EPSG:4326 latitude comes first"`
	Cursor     string              `query:"cursor" doc:"where the page begins, from a next link"`
	Offset     int                 `query:"offset" shared:"true" doc:"how many features come before the page: another way to page than cursor, whose next links have it too" min:"0"`
	Start      int                 `query:"startindex" doc:"the same as offset, as older clients call it" min:"0"`
	Skip       string              `query:"skipGeometry" shared:"true" doc:"true: features without their geometry" enum:"false,true" def:"false"`
	Result     string              `query:"resulttype" doc:"hits: how many features there are, and none of them" enum:"results,hits" def:"results"`
	Equal      map[string][]string `query:"*" doc:"any property: features that have this value, or one of several if it stands several times"`
}

func (in *itemsIn) wanted() *wanted {
	return &wanted{box: in.Box, boxCRS: in.BoxCRS, time: in.Time, filter: in.Filter, lang: in.FilterLang, filterCRS: in.FilterCRS, sort: in.Sort, equal: in.Equal}
}

// page is part of a selection.
type page struct {
	rows    []int32 // at most the limit
	matched int
	at      int // how many features come before it
	next    int // the row that the next page begins with, -1 for none
}

// page is what a page that begins at a row, or -1 for the first, may hold.
func (x *selection) page(from, limit int) page {
	at := 0
	if from >= 0 {
		at = max(0, x.find(int32(from)))
	}
	return x.pageAt(at, limit)
}

// pageAt is what a page after so many features may hold.
func (x *selection) pageAt(at, limit int) page {
	p := page{matched: len(x.rows), next: -1, at: min(at, len(x.rows))}
	to := min(len(x.rows), p.at+limit)
	if p.rows = x.rows[p.at:to]; to < len(x.rows) {
		p.next = int(x.rows[to])
	}
	return p
}

// cut ends a page after n rows.
func (p *page) cut(n int) {
	if n < len(p.rows) {
		p.next, p.rows = int(p.rows[n]), p.rows[:n]
	}
}

// cursor names the row that the next page begins with, and the selection, so
// that it cannot be used elsewhere or made up.
func (c *collection) cursor(x *selection, row int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%x.%d", c.mark(x, row), row))
}

func (c *collection) mark(x *selection, row int) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %d %d %s", c.id, x.of.layer.Len(), row, x.key)
	return h.Sum32()
}

// place is the row that a cursor names, -1 if there is no cursor.
func (c *collection) place(cursor string, x *selection) (int, error) {
	bad := &problem{kind: badCursor, field: "cursor", found: shorten(cursor), accepted: "the cursor of a next link of this collection, with the same filter, bbox and sortby", detail: "the cursor does not belong here"}
	if cursor == "" {
		return -1, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(text) > 32 {
		return 0, bad
	}
	mark, at, found := strings.Cut(string(text), ".")
	n, err := strconv.Atoi(at)
	if !found || err != nil || mark != strconv.FormatUint(uint64(c.mark(x, n)), 16) || n < 0 || n >= x.of.layer.Len() || x.find(int32(n)) < 0 {
		return 0, bad
	}
	return n, nil
}

// sheet is a page with what is needed to write it.
type sheet struct {
	page
	q    *request
	c    *collection
	x    *selection
	rows Rows
	crs  refSystem
	skip bool // geometries
	step bool // pages are counted by offset
}

// nextPage is the address of the next page, by offset for those who page so.
func (h *sheet) nextPage() string {
	if h.step {
		return h.q.at("offset", strconv.Itoa(h.at+len(h.page.rows)), "startindex", "")
	}
	return h.q.at("cursor", h.c.cursor(h.x, h.next))
}

// items answers a page of features. It is kept for the next who asks the same.
func (s *Server) items(ctx context.Context, q *request, in itemsIn) (any, error) {
	c, o, err := s.opened(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	for name := range in.Equal {
		if _, ok := o.layer.Column(name); !ok {
			return nil, unknownParameter(name, q.params, o.layer.Fields()...)
		}
	}
	key := c.id + "\n" + q.format.name + "\n" + q.at()
	if known, ok := s.pages.get(key); ok && known.of == o {
		return known.answer, nil
	}
	x, err := s.selected(ctx, c, o, in.wanted())
	if err != nil {
		return nil, err
	}
	if file, ok := s.files.find(q.format); ok {
		if !in.CRS.plain() {
			return nil, parameter("crs", in.CRS.uri, crs84, "%s is written in longitude and latitude only", q.format.name)
		}
		return s.download(ctx, c, x, in, file)
	}
	h := &sheet{q: q, c: c, x: x, crs: in.CRS, skip: in.Skip == "true"}
	if h.step = len(q.query["offset"])+len(q.query["startindex"]) > 0; h.step {
		if in.Cursor != "" {
			return nil, parameter("offset", strconv.Itoa(max(in.Offset, in.Start)), "one of them", "offset and cursor both say where the page begins")
		}
		h.page = x.pageAt(max(in.Offset, in.Start), in.Limit)
	} else {
		from, err := c.place(in.Cursor, x)
		if err != nil {
			return nil, err
		}
		h.page = x.page(from, in.Limit)
	}
	if in.Result == "hits" {
		h.page.rows, h.page.next = nil, -1
	}
	if q.format != asGeoJSON && !in.CRS.plain() {
		return nil, parameter("crs", in.CRS.uri, crs84, "%s is written in longitude and latitude only", q.format.name)
	}
	var a *answer
	switch q.format {
	case asHTML:
		return s.htmlPage(h, in.Properties)
	case asCSV:
		a, err = s.csvPage(h, in.Properties)
	default:
		a, err = s.geoPage(h, in.Properties)
	}
	if err != nil {
		return nil, err
	}
	if int64(len(a.body)) < s.limits.PagesBytes/8 && len(key) < 8<<10 {
		if len(a.body) >= smallest {
			a.zipped = s.zip(a.body)
		}
		a.tag = cmp.Or(a.tag, tagOf(a.body))
		s.pages.put(key, &keptPage{a, o}, int64(len(key)+len(a.body)+len(a.zipped)+512))
	}
	return a, nil
}

// keptPage is a page with the layer that it shows.
type keptPage struct {
	answer *answer
	of     *opened
}

// fill appends rows with a separator until the page is full.
func (s *Server) fill(b []byte, h *sheet, between string) []byte {
	start := len(b)
	for n, row := range h.page.rows {
		if n > 0 {
			if len(b)-start > s.limits.PageBytes {
				h.cut(n)
				break
			}
			b = append(b, between...)
		}
		b = h.rows.Append(b, int(row))
	}
	return b
}

func (h *sheet) links() []link {
	q, c := h.q, h.c
	links := q.versions(h.c.server.files.formats(asGeoJSON, asCSV, asHTML)...)
	if h.next >= 0 {
		links = append(links, link{Href: h.nextPage(), Rel: "next", Type: mediaType(q.format.kind), Title: "The next page"})
	}
	return append(links, q.to("/collections/"+url.PathEscape(c.id), "collection", "application/json", c.title))
}

func (s *Server) geoPage(h *sheet, properties string) (a *answer, err error) {
	if h.rows, err = s.writer(h.c, h.x.of, "geojson", properties, &h.crs, h.skip); err != nil {
		return nil, err
	}
	b := make([]byte, 0, 4096+1024*len(h.page.rows))
	b = append(b, `{"type":"FeatureCollection","features":[`+"\n"...)
	b = s.fill(b, h, ",\n")
	links, err := toJSON(h.links())
	if err != nil {
		return nil, err
	}
	b = fmt.Appendf(b, "\n],\"numberMatched\":%d,\"numberReturned\":%d,\"links\":", h.matched, len(h.page.rows))
	b = append(b, links[:len(links)-1]...)
	tag := tagOf(b) // the time below says nothing of the content
	b = append(b, `,"timeStamp":"`...)
	b = time.Now().UTC().AppendFormat(b, time.RFC3339)
	b = append(b, "\"}\n"...)
	return &answer{kind: asGeoJSON.kind, body: b, tag: tag, header: append(h.header(), contentCRS(&h.crs)...)}, nil
}

// contentCRS names the reference system of an answer (Part 2).
func contentCRS(crs *refSystem) []string {
	return []string{"Content-Crs", "<" + crs.orDefault() + ">"}
}

func (s *Server) csvPage(h *sheet, properties string) (a *answer, err error) {
	if h.rows, err = s.writer(h.c, h.x.of, "csv", properties, &h.crs, h.skip); err != nil {
		return nil, err
	}
	b := s.fill(h.rows.Head(nil), h, "")
	return &answer{kind: asCSV.kind, body: b, header: h.header()}, nil
}

// header says in the header what CSV has no place for.
func (h *sheet) header() []string {
	out := []string{"OGC-NumberMatched", strconv.Itoa(h.matched), "OGC-NumberReturned", strconv.Itoa(len(h.page.rows))}
	if h.next >= 0 {
		out = append(out, "Link", fmt.Sprintf("<%s>; rel=\"next\"; type=%q", h.nextPage(), mediaType(h.q.format.kind)))
	}
	return out
}

// mostCells is how many rows a page for people shows.
const mostCells = 1000

func (s *Server) htmlPage(h *sheet, properties string) (any, error) {
	l := h.x.of.layer
	columns, err := columnsOf(l, properties)
	if err != nil {
		return nil, err
	}
	if columns == nil {
		columns = l.Columns()
	}
	h.cut(mostCells)
	v := view{Title: h.c.title, Home: h.q.base + "/", Links: h.links(), Head: []string{"id"},
		Text: fmt.Sprintf("%d features; %d on this page.", h.matched, len(h.page.rows))}
	for _, c := range columns {
		v.Head = append(v.Head, c.Name)
	}
	for _, row := range h.page.rows {
		line := []string{l.ID(int(row))}
		for _, col := range columns {
			line = append(line, col.Text(int(row)))
		}
		v.Cells = append(v.Cells, line)
	}
	return s.render(v)
}

type itemIn struct {
	ID         string    `path:"collectionId" doc:"the id of a collection"`
	Feature    string    `path:"featureId" doc:"the id of a feature"`
	Properties string    `query:"properties" list:"true" shared:"true" doc:"the properties that features are to have, with commas between; all if left out"`
	Skip       string    `query:"skipGeometry" shared:"true" doc:"true: features without their geometry" enum:"false,true" def:"false"`
	CRS        refSystem `query:"crs" shared:"true" doc:"the reference system of the positions in the answer (GeoJSON only); in EPSG:4326 latitude comes first"`
}

// item answers one feature.
func (s *Server) item(ctx context.Context, q *request, in itemIn) (any, error) {
	c, o, err := s.opened(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	row, ok := o.layer.Find(in.Feature)
	if !ok {
		return nil, missing("collection %s has no feature %q", c.id, shorten(in.Feature))
	}
	if q.format != asGeoJSON && !in.CRS.plain() {
		return nil, parameter("crs", in.CRS.uri, crs84, "%s is written in longitude and latitude only", q.format.name)
	}
	columns, err := columnsOf(o.layer, in.Properties)
	if err != nil {
		return nil, err
	}
	links := append(q.versions(asGeoJSON, asCSV, asHTML), q.to("/collections/"+url.PathEscape(c.id), "collection", "application/json", c.title))
	if q.format == asHTML {
		v := view{Title: c.title + ": " + o.layer.ID(row), Home: q.base + "/", Links: links, Head: []string{"field", "value", "unit", "what it is"}}
		for _, col := range o.layer.Columns() {
			if columns == nil || slices.ContainsFunc(columns, func(c geo.Column) bool { return c.Name == col.Name }) {
				v.Cells = append(v.Cells, []string{col.Name, col.Text(row), col.Unit, col.Title})
			}
		}
		return s.render(v)
	}
	r, err := s.writer(c, o, map[*format]string{asCSV: "csv", asGeoJSON: "geojson"}[q.format], in.Properties, &in.CRS, in.Skip == "true")
	if err != nil {
		return nil, err
	}
	if q.format == asCSV {
		return &answer{kind: asCSV.kind, body: r.Append(r.Head(nil), row)}, nil
	}
	b := r.Append(nil, row)
	text, err := toJSON(links)
	if err != nil {
		return nil, err
	}
	b = append(b[:len(b)-1], `,"links":`...) // within the brace that ends the feature
	b = append(b, text[:len(text)-1]...)
	return &answer{kind: asGeoJSON.kind, body: append(b, "}\n"...), header: contentCRS(&in.CRS)}, nil
}
