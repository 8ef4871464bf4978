package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

type itemsIn struct {
	ID     string   `path:"collectionId" doc:"the id of a collection"`
	Box    box      `query:"bbox" shared:"true" doc:"features whose box meets this one: west,south,east,north, or with heights, which are ignored: west,south,low,east,north,high. West may be greater than east: the box then reaches across the antimeridian"`
	Time   instants `query:"datetime" shared:"true" doc:"an instant or an interval (RFC 3339, .. for open ends); no feature has a time, so every one meets it"`
	Limit  int      `query:"limit" shared:"true" doc:"features on a page at most; a page may end earlier, and links to the next" min:"1" max:"@pageMost" def:"@page" clamp:"true"`
	Cursor string   `query:"cursor" doc:"where the page begins, from a next link"`
}

// box is a bounding box.
type box struct {
	orb.Bound
	given bool
}

func (*box) schema() schema {
	return schema{"type": "array", "minItems": 4, "maxItems": 6, "items": schema{"type": "number"}}
}

func (b *box) read(text string) (accepted string, err error) {
	accepted = "west,south,east,north in degrees"
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return accepted, fmt.Errorf("bbox has %d numbers; it takes 4 or 6", len(parts))
	}
	v := make([]float64, len(parts))
	for i, p := range parts {
		v[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(v[i]) || math.IsInf(v[i], 0) {
			return accepted, fmt.Errorf("bbox holds %q, which is not a number", shorten(p))
		}
	}
	if len(v) == 6 {
		if v[2] > v[5] {
			return accepted, errors.New("bbox: the low height is above the high one")
		}
		v = []float64{v[0], v[1], v[3], v[4]}
	}
	for _, lat := range []float64{v[1], v[3]} {
		if math.Abs(lat) > 90 {
			return accepted, fmt.Errorf("bbox: latitude %v is beyond 90; are longitude and latitude swapped?", lat)
		}
	}
	for _, lon := range []float64{v[0], v[2]} {
		if math.Abs(lon) > 180 {
			return accepted, fmt.Errorf("bbox: longitude %v is beyond 180", lon)
		}
	}
	if v[1] > v[3] {
		return accepted, errors.New("bbox: south is north of north")
	}
	b.Bound = orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}
	b.given = true
	return "", nil
}

// instants is an instant or an interval. Nothing here has a time, and what has
// none meets every interval.
type instants struct{}

func (*instants) schema() schema { return schema{"type": "string"} }

func (*instants) read(text string) (accepted string, err error) {
	accepted = "an RFC 3339 time, or two with / between, .. for an open end"
	ends := strings.Split(text, "/")
	if len(ends) > 2 {
		return accepted, errors.New("datetime has more than two ends")
	}
	var at []time.Time
	for _, e := range ends {
		if len(ends) == 2 && (e == ".." || e == "") {
			continue
		}
		t, err := time.Parse(time.RFC3339, e)
		if err != nil {
			if t, err = time.Parse(time.DateOnly, e); err != nil {
				return accepted, fmt.Errorf("datetime holds %q, which is not a time", shorten(e))
			}
		}
		at = append(at, t)
	}
	if len(at) == 2 && at[1].Before(at[0]) {
		return accepted, errors.New("datetime ends before it begins")
	}
	return "", nil
}

// page is part of a collection.
type page struct {
	rows    []int32 // at most the limit
	matched int
	next    int // the place in the order where the next page begins, -1 for none
}

// part finds the rows of a page that begins at a place in the order.
func (o *opened) part(b box, from, limit int) page {
	if !b.given {
		p := page{matched: len(o.order), next: -1}
		to := min(len(o.order), from+limit)
		if p.rows = o.order[min(from, to):to]; to < len(o.order) {
			p.next = to
		}
		return p
	}
	var at []int32
	for i := range o.layer.Search(b.Bound) {
		at = append(at, o.place[i])
	}
	slices.Sort(at)
	first, _ := slices.BinarySearch(at, int32(from))
	p := page{matched: len(at), next: -1}
	to := min(len(at), first+limit)
	for _, k := range at[first:to] {
		p.rows = append(p.rows, o.order[k])
	}
	if to < len(at) {
		p.next = int(at[to])
	}
	return p
}

// cut ends a page after n rows.
func (p *page) cut(o *opened, n int) {
	if n < len(p.rows) {
		p.next, p.rows = int(o.place[p.rows[n]]), p.rows[:n]
	}
}

// cursor names a place in the order of a collection, and the collection, so
// that it cannot be used elsewhere or made up.
func (c *collection) cursor(o *opened, at int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%x.%d", c.mark(o, at), at))
}

func (c *collection) mark(o *opened, at int) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %d %d", c.id, o.layer.Len(), at)
	return h.Sum32()
}

func (c *collection) place(cursor string, o *opened) (int, error) {
	bad := &problem{kind: badCursor, field: "cursor", found: shorten(cursor), accepted: "the cursor of a next link of this collection", detail: "the cursor does not belong here"}
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(text) > 32 {
		return 0, bad
	}
	mark, at, found := strings.Cut(string(text), ".")
	n, err := strconv.Atoi(at)
	if !found || err != nil || mark != strconv.FormatUint(uint64(c.mark(o, n)), 16) || n < 0 || n >= o.layer.Len() {
		return 0, bad
	}
	return n, nil
}

// items answers a page of features.
func (s *Server) items(ctx context.Context, q *request, in itemsIn) (any, error) {
	c, err := s.collection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	o, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	from, err := c.place(in.Cursor, o)
	if err != nil {
		return nil, err
	}
	p := o.part(in.Box, from, in.Limit)
	switch q.format {
	case asCSV:
		return s.csvPage(q, c, o, &p), nil
	case asHTML:
		return s.htmlPage(q, c, o, &p)
	}
	return s.geoPage(q, c, o, &p)
}

// fill appends rows with a separator until the page is full.
func (s *Server) fill(b []byte, o *opened, format, between string, p *page) []byte {
	start := len(b)
	for n, row := range p.rows {
		if n > 0 {
			if len(b)-start > s.limits.PageBytes {
				p.cut(o, n)
				break
			}
			b = append(b, between...)
		}
		b = o.rows[format].Append(b, int(row))
	}
	return b
}

func (q *request) pageLinks(c *collection, o *opened, p *page) []link {
	links := q.versions(asGeoJSON, asCSV, asHTML)
	if p.next >= 0 {
		links = append(links, link{Href: q.at("cursor", c.cursor(o, p.next)), Rel: "next", Type: mediaType(q.format.kind), Title: "The next page"})
	}
	return append(links, q.to("/collections/"+url.PathEscape(c.id), "collection", "application/json", c.title))
}

func (s *Server) geoPage(q *request, c *collection, o *opened, p *page) (any, error) {
	b := make([]byte, 0, 4096+256*len(p.rows))
	b = append(b, `{"type":"FeatureCollection","features":[`+"\n"...)
	b = s.fill(b, o, "geojson", ",\n", p)
	links, err := toJSON(q.pageLinks(c, o, p))
	if err != nil {
		return nil, err
	}
	b = fmt.Appendf(b, "\n],\"numberMatched\":%d,\"numberReturned\":%d,\"links\":", p.matched, len(p.rows))
	b = append(b, links[:len(links)-1]...)
	tag := tagOf(b) // the time below says nothing of the content
	b = append(b, `,"timeStamp":"`...)
	b = time.Now().UTC().AppendFormat(b, time.RFC3339)
	b = append(b, "\"}\n"...)
	return &answer{kind: asGeoJSON.kind, body: b, tag: tag, header: pageHeader(q, c, o, p)}, nil
}

func (s *Server) csvPage(q *request, c *collection, o *opened, p *page) any {
	b := s.fill(o.rows["csv"].Head(nil), o, "csv", "", p)
	return &answer{kind: asCSV.kind, body: b, header: pageHeader(q, c, o, p)}
}

// pageHeader says in the header what CSV has no place for.
func pageHeader(q *request, c *collection, o *opened, p *page) []string {
	h := []string{"OGC-NumberMatched", strconv.Itoa(p.matched), "OGC-NumberReturned", strconv.Itoa(len(p.rows))}
	if p.next >= 0 {
		h = append(h, "Link", fmt.Sprintf("<%s>; rel=\"next\"; type=%q", q.at("cursor", c.cursor(o, p.next)), mediaType(q.format.kind)))
	}
	return h
}

// mostCells is how many rows a page for people shows.
const mostCells = 1000

func (s *Server) htmlPage(q *request, c *collection, o *opened, p *page) (any, error) {
	p.cut(o, mostCells)
	v := view{Title: c.title, Home: q.base + "/", Links: q.pageLinks(c, o, p), Head: []string{"id"},
		Text: fmt.Sprintf("%d features; %d on this page.", p.matched, len(p.rows))}
	for _, f := range o.layer.Fields() {
		v.Head = append(v.Head, f.Name)
	}
	for _, row := range p.rows {
		line := []string{o.layer.ID(int(row))}
		for _, col := range o.layer.Columns() {
			line = append(line, col.Text(int(row)))
		}
		v.Cells = append(v.Cells, line)
	}
	return s.render(v)
}

type itemIn struct {
	ID      string `path:"collectionId" doc:"the id of a collection"`
	Feature string `path:"featureId" doc:"the id of a feature"`
}

// item answers one feature.
func (s *Server) item(ctx context.Context, q *request, in itemIn) (any, error) {
	c, err := s.collection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	o, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	row, ok := o.layer.Find(in.Feature)
	if !ok {
		return nil, missing("collection %s has no feature %q", c.id, shorten(in.Feature))
	}
	at := "/collections/" + url.PathEscape(c.id)
	links := append(q.versions(asGeoJSON, asCSV, asHTML), q.to(at, "collection", "application/json", c.title))
	switch q.format {
	case asCSV:
		r := o.rows["csv"]
		return &answer{kind: asCSV.kind, body: r.Append(r.Head(nil), row)}, nil
	case asHTML:
		v := view{Title: c.title + ": " + o.layer.ID(row), Home: q.base + "/", Links: links, Head: []string{"field", "value", "unit", "what it is"}}
		for _, col := range o.layer.Columns() {
			v.Cells = append(v.Cells, []string{col.Name, col.Text(row), col.Unit, col.Title})
		}
		return s.render(v)
	}
	b := o.rows["geojson"].Append(nil, row)
	text, err := toJSON(links)
	if err != nil {
		return nil, err
	}
	b = append(b[:len(b)-1], `,"links":`...) // within the brace that ends the feature
	b = append(b, text[:len(text)-1]...)
	return &answer{kind: asGeoJSON.kind, body: append(b, "}\n"...)}, nil
}
