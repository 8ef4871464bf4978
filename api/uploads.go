package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/keys"
	"careshed/api/state"
	"careshed/geo"
)

// Upload is a layer that a request sends: its name, the format of its body and how
// to read it.
type Upload struct {
	Name, Format string
	Reading
	Body          []byte
	Licence, From string // of the layer, for whoever shows it
	Private       bool   // it is shown to the holder of the key alone
	Owner         string `json:",omitempty"` // the name of the key that it was sent with
}

// Reading says how a file is read, where the file leaves it open.
type Reading struct {
	ID, Lon, Lat string // columns; found by their names if empty
	Title        string // the column with the names, which is then called name
	WKT          string // the column with shapes as text
	Table        string // of a format that holds several
	CRS          string // of the coordinates; degrees of WGS84 if empty
	Decimal      string // the sign before decimals in CSV; a point if empty
	Plain        bool   // as a table: columns of coordinates stay as they are
}

// columnsIn is how a client says it.
type columnsIn struct {
	Column  string `query:"id" doc:"the column with the ids; found by its name if left out"`
	Title   string `query:"name" doc:"the column with the names, called name from then on; the column name if left out"`
	Lon     string `query:"lon" doc:"the column with longitudes, or x in the system that crs names"`
	Lat     string `query:"lat" doc:"the column with latitudes, or y"`
	WKT     string `query:"wkt" doc:"the column of a CSV or of a sheet with shapes as text (WKT); found by its name if left out"`
	Table   string `query:"table" doc:"of a GeoPackage with several tables, or a sheet of a workbook"`
	CRS     string `query:"crs" doc:"the coordinate system where the file names none, such as EPSG:25832; degrees of WGS84 if left out"`
	Decimal string `query:"decimal" enum:"point,comma" def:"point" doc:"the sign before decimals in numbers of CSV"`
}

func (in columnsIn) reading() Reading {
	r := Reading{ID: in.Column, Lon: in.Lon, Lat: in.Lat, Title: in.Title, WKT: in.WKT, Table: in.Table, CRS: in.CRS}
	if in.Decimal == "comma" {
		r.Decimal = ","
	}
	return r
}

// uploads are the layers that requests sent, by name; a layer is replaced whole.
type uploads struct {
	change sync.Mutex // held while the store and by change, so that they agree on which version is the last
	mu     sync.RWMutex
	by     map[string]*uploaded
	count  atomic.Uint64 // of what was asked for
}

type uploaded struct {
	state.Layer
	*collection
	owner string // the name of the key that it was sent with
	anew  func() *uploaded
	held  atomic.Int64  // bytes of it in memory, as estimated; 0 before it is read
	used  atomic.Uint64 // when it was last asked for, by the count of uploads
}

func (u *uploads) get(name string) *uploaded {
	u.mu.RLock()
	defer u.mu.RUnlock()
	l := u.by[name]
	if l != nil {
		l.used.Store(u.count.Add(1))
	}
	return l
}

// hold takes note that a layer is in memory now, and lets those go that were not asked for
// the longest, until no more than most bytes are held: they are read again when they are
// asked for. Whoever has one at work keeps it as long.
func (u *uploads) hold(now *uploaded, bytes, most int64) {
	now.held.Store(bytes)
	now.used.Store(u.count.Add(1))
	u.mu.Lock()
	defer u.mu.Unlock()
	var held []*uploaded
	sum := int64(0)
	for _, l := range u.by {
		if n := l.held.Load(); n > 0 && l != now {
			held, sum = append(held, l), sum+n
		}
	}
	slices.SortFunc(held, func(a, b *uploaded) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	for _, l := range held {
		if sum+bytes <= most {
			return
		}
		sum -= l.held.Load()
		u.by[l.Name] = l.anew()
	}
}

func (u *uploads) all() []*uploaded {
	u.mu.RLock()
	defer u.mu.RUnlock()
	out := make([]*uploaded, 0, len(u.by))
	for _, l := range u.by {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b *uploaded) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// has reports whether a layer is here in the version that is kept.
func (u *uploads) has(l state.Layer) bool {
	u.mu.RLock()
	defer u.mu.RUnlock()
	here := u.by[l.Name]
	return here != nil && here.Version == l.Version && here.SHA256 == l.SHA256 && here.Created.UnixMilli() == l.Created.UnixMilli()
}

func (u *uploads) put(name string, l *uploaded) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if l == nil {
		delete(u.by, name)
		return
	}
	u.by[name] = l
}

// digest identifies the uploaded layers that a study may mean.
func (u *uploads) digest(text string) string {
	var b strings.Builder
	for _, l := range u.all() {
		if strings.Contains(text, l.Name) {
			fmt.Fprintf(&b, "\n%s %s", l.Name, l.SHA256)
		}
	}
	return b.String()
}

// withUploads are the uploaded layers over those of a world.
type withUploads struct {
	study.Layers
	u      *uploads
	spec   spec.Spec
	holder bool // of the key: private layers are there too
}

func (a withUploads) uploaded(name string) *uploaded {
	if _, own := a.spec.Layers[name]; own {
		return nil // the study says itself what it means
	}
	l := a.u.get(name)
	if l == nil || l.private && !a.holder {
		return nil
	}
	return l
}

func (a withUploads) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	if l := a.uploaded(name); l != nil {
		return l.load(ctx)
	}
	return a.Layers.Layer(ctx, name)
}

func (a withUploads) Files(name string) []study.File {
	if l := a.uploaded(name); l != nil {
		return []study.File{{Name: fmt.Sprintf("%s, version %d, as it was sent", l.Name, l.Version), SHA256: l.SHA256, Bytes: l.Bytes}}
	}
	return a.Layers.Files(name)
}

// restore makes collections of the layers that are kept: those that were sent before the
// server was last stopped, or to another that shares the database. What is here already
// stays as it is; what is not kept any more goes.
func (s *Server) restore(ctx context.Context) error {
	s.uploads.change.Lock()
	defer s.uploads.change.Unlock()
	list, err := s.state.Layers(ctx)
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, l := range list {
		kept[l.Name] = true
		if s.uploads.has(l) {
			continue
		}
		var u Upload
		if err := json.Unmarshal(l.Options, &u); err != nil {
			return fmt.Errorf("layer %s: %w", l.Name, err)
		}
		s.uploads.put(l.Name, s.uploaded(l, u, nil))
	}
	for _, l := range s.uploads.all() {
		if !kept[l.Name] {
			s.uploads.put(l.Name, nil)
		}
	}
	return nil
}

// uploaded is a layer with its collection; without the layer itself it is read
// when it is first asked for. The bytes that were sent are not kept beside it.
func (s *Server) uploaded(l state.Layer, u Upload, layer *geo.Layer) *uploaded {
	var decoded once[*geo.Layer]
	u.Body = nil
	out := &uploaded{Layer: l, owner: u.Owner, anew: func() *uploaded { return s.uploaded(l, u, nil) }}
	load := func(ctx context.Context) (*geo.Layer, error) {
		if layer != nil {
			return layer, nil
		}
		return decoded.get(ctx, func() (*geo.Layer, error) {
			body, err := s.state.LayerBody(s.ctx, l.Name, l.Version)
			if errors.Is(err, state.ErrNone) {
				return nil, missing("version %d of layer %s is not kept any more", l.Version, l.Name)
			}
			if err != nil {
				return nil, stateProblem(err)
			}
			sent := u
			sent.Body = body
			read, err := s.config.Decode(s.ctx, sent)
			if err == nil {
				s.uploads.hold(out, bytesOf(read), s.limits.LayerBytes)
			}
			return read, err
		})
	}
	out.collection = &collection{private: u.Private, id: l.Name, title: l.Name, description: fmt.Sprintf("Sent on %s, version %d", l.Created.Format("2006-01-02 15:04"), l.Version),
		licence: u.Licence, attribution: u.From, server: s, load: load}
	return out
}

// permit refuses who does not give a key that lets layers be sent.
func (s *Server) permit(q *request) error {
	if s.config.Key == "" && s.config.Page == "" && s.config.Keys == nil || s.config.Decode == nil {
		return &problem{kind: forbidden, detail: "uploads are switched off on this server (it was started without a key)"}
	}
	if q.who.role < keys.Write && q.who.name != "" {
		return notAllowed(q.who, keys.Write)
	}
	if q.who.role < keys.Write {
		return &problem{kind: unauthorized, field: "Authorization", accepted: "Authorization: Bearer KEY, X-API-Key: KEY, or the parameter key", detail: "the upload password (key) is missing or wrong; whoever runs this server has it"}
	}
	return nil
}

type uploadIn struct {
	ID     string `path:"collectionId" doc:"the name of the layer: small letters, digits and hyphens"`
	Format string `query:"format" doc:"csv, xlsx, geojson, geojsonseq, ndjson, gpkg, parquet, kml, topojson, flatgeobuf or shapefile (a ZIP archive of one, or of one file in another format); that of Content-Type if left out"`
	Key    string `query:"key" doc:"the key of the server, where a header cannot be sent"`
	columnsIn
	Licence string `query:"licence" doc:"of the layer"`
	From    string `query:"attribution" doc:"whom to name"`
	For     string `query:"for" enum:"all,key" def:"all" doc:"who is shown it, and whose studies may name it: all, or who gives the key"`
}

type uploadDoc struct {
	ID      string        `json:"id"`
	Version int           `json:"version"`
	Rows    int           `json:"rows"`
	Table   bool          `json:"without_shapes"`
	Bytes   int64         `json:"bytes"`
	SHA256  string        `json:"sha256"`
	Fields  []uploadField `json:"fields"`
	Notes   []string      `json:"notes" doc:"what a user of the numbers must know"`
	Links   []link        `json:"links"`
}

type uploadField struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Empty int    `json:"without_value" doc:"rows"`
}

// media are the formats by the media type of a body.
var uploadMedia = map[string]string{
	"application/geo+json": "geojson", "application/json": "geojson", "application/geo+json-seq": "geojsonseq", "application/x-ndjson": "ndjson",
	"text/csv": "csv", "application/geopackage+sqlite3": "gpkg", "application/vnd.apache.parquet": "parquet", "application/zip": "shapefile",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "application/vnd.google-earth.kml+xml": "kml",
	"application/flatgeobuf": "flatgeobuf", "application/topojson": "topojson",
}

const versionsKept = 10

// decode reads a layer that was sent; what is wrong with it is a problem of its own kind.
func (s *Server) decode(ctx context.Context, u Upload) (*geo.Layer, error) {
	l, err := s.config.Decode(ctx, u)
	file := (*fs.PathError)(nil)
	switch {
	case err == nil:
		return l, nil
	case ctx.Err() != nil:
		return nil, err
	case errors.As(err, &file):
		return nil, failed(err) // a file of the server's own, which is nobody else's to know of
	}
	wrong := &problem{kind: badLayer, detail: err.Error()}
	var choose interface{ Choice() []string }
	if errors.As(err, &choose) {
		wrong.choice = choose.Choice()
	}
	return nil, wrong
}

// upload takes a layer: it is read whole before anything changes, and then stands
// in the place of the one before at once.
func (s *Server) upload(ctx context.Context, q *request, in uploadIn) (any, error) {
	if err := s.nameable(in.ID); err != nil {
		return nil, err
	}
	u := Upload{Name: in.ID, Format: cmp.Or(in.Format, uploadMedia[q.media]), Reading: in.reading(), Licence: in.Licence, From: in.From, Private: in.For == "key", Owner: q.who.name}
	if u.Private && q.who.role < keys.Admin {
		return nil, parameter("for", in.For, "all, or the key of an admin", "only an admin could see it then")
	}
	options, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	u.Body = q.body
	layer, err := s.decode(ctx, u)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(q.body)
	s.uploads.change.Lock()
	defer s.uploads.change.Unlock()
	rule := state.Rule{Versions: versionsKept, Allowed: func(current []state.Layer, held map[string]int64) error { return s.within(u, current, held) }}
	kept, err := s.state.PutLayer(ctx, state.Layer{Name: in.ID, Format: u.Format, Options: options, SHA256: hex.EncodeToString(sum[:]), Rows: layer.Len()}, q.body, rule)
	if err != nil {
		return nil, stateProblem(err)
	}
	now := s.uploaded(kept, u, layer)
	s.uploads.put(in.ID, now)
	s.uploads.hold(now, bytesOf(layer), s.limits.LayerBytes)
	doc := uploadDoc{ID: in.ID, Version: kept.Version, Rows: layer.Len(), Table: layer.IsTable(), Bytes: kept.Bytes, SHA256: kept.SHA256, Fields: []uploadField{}, Notes: append([]string{}, layer.Notes...),
		Links: []link{q.to("/collections/"+url.PathEscape(in.ID), "self", "application/json", "The layer"), q.to("/collections/"+url.PathEscape(in.ID)+"/items", "items", "application/geo+json", "Its features")}}
	for _, c := range layer.Columns() {
		f := uploadField{Name: c.Name, Type: c.Type.String()}
		for i := range layer.Len() {
			if c.Null(i) {
				f.Empty++
			}
		}
		doc.Fields = append(doc.Fields, f)
	}
	status := http.StatusOK
	if kept.Version == 1 {
		status = http.StatusCreated
	}
	return replied{doc, status, []string{"Location", q.base + "/collections/" + url.PathEscape(in.ID)}}, nil
}

// within refuses a layer that is one too many for the key it comes with, or too large
// beside its others: of each the versions count that are kept.
func (s *Server) within(u Upload, current []state.Layer, held map[string]int64) error {
	n, bytes := 1, int64(len(u.Body))
	for _, l := range current {
		var sent Upload
		if err := json.Unmarshal(l.Options, &sent); err != nil {
			return fmt.Errorf("layer %s: %w", l.Name, err)
		}
		switch {
		case sent.Owner != u.Owner:
		case l.Name != u.Name:
			n++
			bytes += held[l.Name]
		default:
			bytes += held[l.Name]
		}
	}
	switch {
	case n > s.limits.KeyLayers:
		return &problem{kind: overQuota, found: fmt.Sprint(n), accepted: fmt.Sprintf("%d layers of a key", s.limits.KeyLayers), detail: "this key has sent as many layers as it may; DELETE takes one away"}
	case bytes > s.limits.KeyBytes:
		return &problem{kind: overQuota, found: study.Bytes(bytes), accepted: "up to " + study.Bytes(s.limits.KeyBytes), detail: "the layers of this key, with their versions, would take more than they may; DELETE takes one away"}
	}
	return nil
}

// nameable refuses names that cannot be a collection's, or are taken.
func (s *Server) nameable(name string) error {
	plain := len(name) <= 60 && name != "" && name[0] >= 'a' && name[0] <= 'z' &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	if !plain {
		return parameter("collectionId", name, "a name of up to 60 small letters, digits and hyphens, a letter first", "this cannot be the name of a layer")
	}
	_, own := s.layers[name]
	if taken := own || strings.HasPrefix(name, "baseline-") || s.studies.collection(name) != nil; taken {
		return parameter("collectionId", name, "another name", "%s is a layer or a result of this server itself", name)
	}
	return nil
}

type dropIn struct {
	ID  string `path:"collectionId" doc:"the name of the layer"`
	Key string `query:"key" doc:"the key of the server, where a header cannot be sent"`
}

func (s *Server) drop(ctx context.Context, q *request, in dropIn) (any, error) {
	s.uploads.change.Lock()
	defer s.uploads.change.Unlock()
	err := s.state.DropLayer(ctx, in.ID)
	if errors.Is(err, state.ErrNone) {
		return nil, missing("no layer %q was sent to this server", shorten(in.ID))
	}
	if err != nil {
		return nil, stateProblem(err)
	}
	s.uploads.put(in.ID, nil)
	return versionList{Versions: []versionRow{}}, nil
}

type versionIn struct {
	ID string `path:"collectionId" doc:"the id of a collection; one that was not sent has no versions"`
}

type versionList struct {
	Versions []versionRow `json:"versions"`
}

type versionRow struct {
	Version int    `json:"version"`
	Current bool   `json:"current"`
	Created string `json:"created"`
	Format  string `json:"format"`
	Rows    int    `json:"rows"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

func (l versionList) rows() any { return l.Versions }

func (s *Server) versions(ctx context.Context, _ *request, in versionIn) (any, error) {
	list, err := s.state.Versions(ctx, in.ID)
	if err != nil {
		return nil, stateProblem(err)
	}
	if len(list) == 0 {
		if _, err := s.collection(ctx, in.ID); err != nil {
			return nil, err
		}
	}
	out := versionList{Versions: []versionRow{}} // none of a layer that was not sent
	for _, l := range list {
		out.Versions = append(out.Versions, versionRow{l.Version, l.Current, l.Created.Format("2006-01-02T15:04:05.000Z07:00"), l.Format, l.Rows, l.Bytes, l.SHA256})
	}
	return out, nil
}
