package api

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"careshed/api/tile"
	"careshed/geo"
)

// asMVT is Mapbox Vector Tile, asTileJSON says where the tiles are.
var (
	asMVT      = &format{"mvt", "application/vnd.mapbox-vector-tile", []string{"application/x-protobuf", "application/octet-stream"}}
	asTileJSON = &format{"json", "application/json", nil}
)

const (
	// deepest is the zoom beyond which clients draw tiles larger: a unit of the
	// grid is half a metre there.
	deepest = 14
	// tileAge is for how long a client may keep a tile without asking.
	tileAge = 5 * time.Minute

	webMercatorQuad = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	relTilesets     = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relScheme       = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
)

// drawn is what a tile is to show.
type drawn struct {
	filter, lang, properties, weight string
	filterCRS                        refSystem
}

type tileIn struct {
	ID         string    `path:"collectionId" doc:"the id of a collection"`
	Zoom       string    `path:"tileMatrix" doc:"the zoom, 0 to 24"`
	Row        string    `path:"tileRow" doc:"the row, from the north"`
	Column     string    `path:"tileCol" doc:"the column, from 180° west"`
	Filter     string    `query:"filter" shared:"true" doc:"a condition in CQL2, such as country = 'IT' AND population > 100000; /collections/ID/queryables lists the properties"`
	FilterLang string    `query:"filter-lang" shared:"true" doc:"how the filter is written" enum:"cql2-text,cql2-json" def:"cql2-text"`
	FilterCRS  refSystem `query:"filter-crs" shared:"true" doc:"the reference system of the geometries in the filter"`
	Properties string    `query:"properties" shared:"true" doc:"the properties that features are to have, with commas between; all if left out"`
	Weight     string    `query:"weight" shared:"true" doc:"the column of numbers by which points stay where there are too many; the population if left out"`
}

// xyzIn is the same tile in the order of XYZ addresses: column before row.
type xyzIn struct {
	ID         string    `path:"collectionId" doc:"the id of a collection"`
	Zoom       string    `path:"z" doc:"the zoom, 0 to 24"`
	Column     string    `path:"x" doc:"the column, from 180° west"`
	Row        string    `path:"y" doc:"the row, from the north"`
	Filter     string    `query:"filter" shared:"true" doc:"a condition in CQL2, such as country = 'IT' AND population > 100000; /collections/ID/queryables lists the properties"`
	FilterLang string    `query:"filter-lang" shared:"true" doc:"how the filter is written" enum:"cql2-text,cql2-json" def:"cql2-text"`
	FilterCRS  refSystem `query:"filter-crs" shared:"true" doc:"the reference system of the geometries in the filter"`
	Properties string    `query:"properties" shared:"true" doc:"the properties that features are to have, with commas between; all if left out"`
	Weight     string    `query:"weight" shared:"true" doc:"the column of numbers by which points stay where there are too many; the population if left out"`
}

func (s *Server) tileOGC(ctx context.Context, q *request, in tileIn) (any, error) {
	return s.tile(ctx, in.ID, in.Zoom, in.Column, in.Row, &drawn{in.Filter, in.FilterLang, in.Properties, in.Weight, in.FilterCRS})
}

func (s *Server) tileXYZ(ctx context.Context, q *request, in xyzIn) (any, error) {
	return s.tile(ctx, in.ID, in.Zoom, in.Column, in.Row, &drawn{in.Filter, in.FilterLang, in.Properties, in.Weight, in.FilterCRS})
}

// placeIn reads where a tile is; what lies outside the matrix is not found.
func placeIn(zoom, column, row string) (z, x, y uint32, err error) {
	read := func(text string, below uint64) (uint32, bool) {
		v, err := strconv.ParseUint(text, 10, 32)
		return uint32(v), err == nil && v < below
	}
	z, ok := read(zoom, tile.MaxZoom+1)
	if ok {
		x, ok = read(column, 1<<z)
	}
	if ok {
		y, ok = read(row, 1<<z)
	}
	if !ok {
		return 0, 0, 0, missing("WebMercatorQuad has no tile at zoom %s, column %s, row %s: zooms are 0 to %d, columns and rows less than 2 to their power", shorten(zoom), shorten(column), shorten(row), tile.MaxZoom)
	}
	return z, x, y, nil
}

// tiled is a collection that has a geometry.
func (s *Server) tiled(ctx context.Context, id string) (*collection, *opened, error) {
	c, o, err := s.opened(ctx, id)
	if err == nil && o.layer.IsTable() {
		err = missing("collection %s has no geometry, so it has no tiles", c.id)
	}
	return c, o, err
}

// tile answers a tile, from those that are kept if it is among them.
func (s *Server) tile(ctx context.Context, id, zoom, column, row string, d *drawn) (any, error) {
	c, o, err := s.tiled(ctx, id)
	if err != nil {
		return nil, err
	}
	z, x, y, err := placeIn(zoom, column, row)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%s/%d/%d/%d\n%s\n%s %s\n%s\n%s", c.id, z, x, y, d.filter, d.lang, d.filterCRS.uri, d.properties, d.weight)
	if known, ok := s.tiles.get(key); ok && known.of == o {
		return known.answer, nil
	}
	options := tile.Options{Name: c.id}
	if options.Columns, err = columnsOf(o.layer, d.properties); err != nil {
		return nil, err
	}
	if options.Weight, err = weightOf(o.layer, d.weight); err != nil {
		return nil, err
	}
	if d.filter != "" {
		sel, err := s.selected(ctx, c, o, &wanted{filter: d.filter, lang: d.lang, filterCRS: d.filterCRS})
		if err != nil {
			return nil, err
		}
		options.Rows, options.Count = sel.marked(), len(sel.rows)
	}
	a := &answer{kind: asMVT.kind, body: o.source().Tile(z, x, y, options), age: tileAge}
	a.tag = tagOf(a.body)
	if a.body == nil {
		a.status = http.StatusNoContent
	} else if len(a.body) >= smallest {
		a.zipped = s.zip(a.body)
	}
	s.tiles.put(key, &keptPage{a, o}, int64(len(key)+len(a.body)+len(a.zipped)+512))
	return a, nil
}

// source is the layer made ready for tiles, once.
func (o *opened) source() *tile.Source {
	o.sourceOnce.Do(func() { o.tiles = tile.NewSource(o.layer) })
	return o.tiles
}

// weightOf are the values of the column by which points stay, of the first
// usual one if none is named; nil if there is none.
func weightOf(l *geo.Layer, name string) ([]float64, error) {
	if name != "" {
		c, ok := l.Column(name)
		if !ok {
			return nil, unknownColumn(l, "weight", name)
		}
		if c.Type == geo.Text {
			return nil, parameter("weight", name, "a column of numbers", "%s is a column of texts", name)
		}
		return c.Values(), nil
	}
	for _, usual := range []string{"population", "people", "weight", "eligible"} {
		if c, ok := l.Column(usual); ok && c.Type != geo.Text {
			return c.Values(), nil
		}
	}
	return nil, nil
}

// marked says of each row whether it is selected.
func (x *selection) marked() []bool {
	x.once.Do(func() {
		x.mark = make([]bool, x.of.layer.Len())
		for _, row := range x.rows {
			x.mark[row] = true
		}
	})
	return x.mark
}

// tileSet describes the tiles of a collection (OGC 17-083r4, 22-022).
type tileSet struct {
	Title     string      `json:"title"`
	DataType  string      `json:"dataType"`
	CRS       string      `json:"crs"`
	SchemeURI string      `json:"tileMatrixSetURI"`
	Scheme    string      `json:"tileMatrixSetId"`
	Layers    []tileLayer `json:"layers,omitempty"`
	Limits    []tileLimit `json:"tileMatrixSetLimits,omitempty" doc:"where tiles are, down to the zoom beyond which they are drawn larger"`
	Links     []link      `json:"links"`
}

type tileLayer struct {
	ID         string         `json:"id"`
	Dimension  int            `json:"geometryDimension" doc:"0 for points, 1 for lines, 2 for polygons"`
	DataType   string         `json:"dataType"`
	Attributes map[string]any `json:"propertiesSchema"`
}

type tileLimit struct {
	Matrix string `json:"tileMatrix"`
	MinRow int    `json:"minTileRow"`
	MaxRow int    `json:"maxTileRow"`
	MinCol int    `json:"minTileCol"`
	MaxCol int    `json:"maxTileCol"`
}

type tileSetList struct {
	TileSets []tileSet `json:"tilesets"`
	Links    []link    `json:"links"`
}

func (q *request) tileSet(c *collection) tileSet {
	at := "/collections/" + url.PathEscape(c.id) + "/tiles/WebMercatorQuad"
	item := q.to(at+"/{tileMatrix}/{tileRow}/{tileCol}", "item", asMVT.kind, "A tile")
	item.Templated = true
	return tileSet{Title: c.title, DataType: "vector", CRS: epsg3857, SchemeURI: webMercatorQuad, Scheme: "WebMercatorQuad",
		Links: []link{q.to(at, "self", "application/json", "These tiles"), item,
			q.to("/tiles/"+url.PathEscape(c.id)+".json", "describedby", "application/json", "The same as TileJSON, with XYZ addresses"),
			q.to("/tileMatrixSets/WebMercatorQuad", relScheme, "application/json", "Where tiles lie")}}
}

func (s *Server) listTileSets(ctx context.Context, q *request, in collectionIn) (any, error) {
	c, _, err := s.tiled(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return tileSetList{[]tileSet{q.tileSet(c)}, append(q.versions(asJSON, asHTML), q.to("/collections/"+url.PathEscape(c.id), "collection", "application/json", c.title))}, nil
}

func (s *Server) oneTileSet(ctx context.Context, q *request, in collectionIn) (any, error) {
	c, o, err := s.tiled(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	set := q.tileSet(c)
	attributes := map[string]any{}
	for _, col := range o.layer.Columns() {
		attributes[col.Name] = schemaOf(col)
	}
	layer := tileLayer{ID: c.id, DataType: "vector", Attributes: schema{"type": "object", "properties": attributes}}
	for i := range o.layer.Len() {
		if o.layer.Located(i) {
			layer.Dimension = o.layer.Shape(i).Dimensions()
			break
		}
	}
	set.Layers = []tileLayer{layer}
	if !o.whole {
		return set, nil
	}
	for z := range deepest + 1 {
		side := math.Exp2(float64(z))
		nw, se := tile.Project([2]float64{o.extent.Min[0], o.extent.Max[1]}), tile.Project([2]float64{o.extent.Max[0], o.extent.Min[1]})
		on := func(v float64) int { return int(math.Max(0, math.Min(side-1, math.Floor(v*side)))) }
		set.Limits = append(set.Limits, tileLimit{strconv.Itoa(z), on(nw[1]), on(se[1]), on(nw[0]), on(se[0])})
	}
	return set, nil
}

// tileJSON says where the tiles of a collection are (TileJSON 3.0.0).
type tileJSON struct {
	TileJSON    string        `json:"tilejson"`
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	Attribution string        `json:"attribution,omitempty"`
	Version     string        `json:"version"`
	Scheme      string        `json:"scheme"`
	Tiles       []string      `json:"tiles" doc:"with {z}, {x} and {y}"`
	Layers      []vectorLayer `json:"vector_layers"`
	MinZoom     int           `json:"minzoom"`
	MaxZoom     int           `json:"maxzoom"`
	Bounds      *[4]float64   `json:"bounds,omitempty" doc:"west, south, east, north"`
	Center      *[3]float64   `json:"center,omitempty" doc:"longitude, latitude, zoom"`
}

type vectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description,omitempty"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

type tileJSONIn struct {
	ID         string `path:"collectionId" doc:"the id of a collection"`
	Filter     string `query:"filter" shared:"true" doc:"a condition in CQL2, such as country = 'IT' AND population > 100000; /collections/ID/queryables lists the properties"`
	FilterLang string `query:"filter-lang" shared:"true" doc:"how the filter is written" enum:"cql2-text,cql2-json" def:"cql2-text"`
	Properties string `query:"properties" shared:"true" doc:"the properties that features are to have, with commas between; all if left out"`
	Weight     string `query:"weight" shared:"true" doc:"the column of numbers by which points stay where there are too many; the population if left out"`
}

func (s *Server) tileJSON(ctx context.Context, q *request, in tileJSONIn) (any, error) {
	c, o, err := s.tiled(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	chosen, err := columnsOf(o.layer, in.Properties)
	if err != nil {
		return nil, err
	}
	if chosen == nil {
		chosen = o.layer.Columns()
	}
	if _, err := weightOf(o.layer, in.Weight); err != nil {
		return nil, err
	}
	if _, err := (&wanted{filter: in.Filter, lang: in.FilterLang}).holds(o.layer); err != nil {
		return nil, err
	}
	fields := map[string]string{"id": "String"}
	for _, col := range chosen {
		fields[col.Name] = map[geo.Type]string{geo.Text: "String", geo.Bool: "Boolean"}[col.Type]
		if fields[col.Name] == "" {
			fields[col.Name] = "Number"
		}
	}
	query := url.Values{}
	for name, v := range q.query {
		if name != "f" {
			query[name] = v
		}
	}
	at := q.base + "/tiles/" + url.PathEscape(c.id) + "/{z}/{x}/{y}.pbf"
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	out := tileJSON{TileJSON: "3.0.0", Name: c.title, Description: c.description, Attribution: cmp.Or(c.attribution, o.layer.Attribution), Version: "1.0.0", Scheme: "xyz",
		Tiles: []string{at}, MaxZoom: deepest, Layers: []vectorLayer{{ID: c.id, Description: c.title, MaxZoom: deepest, Fields: fields}}}
	if o.whole {
		b := o.extent
		within := func(lat float64) float64 { return math.Max(-85.0511, math.Min(85.0511, lat)) }
		out.Bounds = &[4]float64{b.Min[0], within(b.Min[1]), b.Max[0], within(b.Max[1])}
		zoom := math.Floor(math.Log2(360 / math.Max(0.01, b.Max[0]-b.Min[0])))
		out.Center = &[3]float64{(b.Min[0] + b.Max[0]) / 2, (out.Bounds[1] + out.Bounds[3]) / 2, math.Max(0, math.Min(deepest, zoom))}
	}
	return out, nil
}

// tileMetadata is what GDAL reads beside a folder of tiles.
type tileMetadata struct {
	Name    string `json:"name"`
	Format  string `json:"format"`
	Scheme  string `json:"scheme"`
	MinZoom int    `json:"minzoom"`
	MaxZoom int    `json:"maxzoom"`
	Bounds  string `json:"bounds,omitempty"`
	JSON    string `json:"json" doc:"the layers, as JSON within JSON"`
}

func (s *Server) tileMetadata(ctx context.Context, q *request, in collectionIn) (any, error) {
	v, err := s.tileJSON(ctx, q, tileJSONIn{ID: in.ID})
	if err != nil {
		return nil, err
	}
	t := v.(tileJSON)
	layers, err := toJSON(schema{"vector_layers": t.Layers})
	if err != nil {
		return nil, err
	}
	out := tileMetadata{Name: t.Name, Format: "pbf", Scheme: "xyz", MaxZoom: deepest, JSON: string(layers)}
	if t.Bounds != nil {
		out.Bounds = fmt.Sprintf("%v,%v,%v,%v", t.Bounds[0], t.Bounds[1], t.Bounds[2], t.Bounds[3])
	}
	return out, nil
}

// matrixSet is a tile matrix set (OGC 17-083r4).
type matrixSet struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	URI      string   `json:"uri"`
	CRS      string   `json:"crs"`
	Axes     []string `json:"orderedAxes,omitempty"`
	Known    string   `json:"wellKnownScaleSet,omitempty"`
	Matrices []matrix `json:"tileMatrices,omitempty"`
	Links    []link   `json:"links"`
}

type matrix struct {
	ID       string     `json:"id"`
	Scale    float64    `json:"scaleDenominator"`
	CellSize float64    `json:"cellSize" doc:"metres at the equator"`
	Corner   string     `json:"cornerOfOrigin"`
	Origin   [2]float64 `json:"pointOfOrigin"`
	Width    int        `json:"tileWidth"`
	Height   int        `json:"tileHeight"`
	Columns  int        `json:"matrixWidth"`
	Rows     int        `json:"matrixHeight"`
}

type matrixSetList struct {
	Sets  []matrixSet `json:"tileMatrixSets"`
	Links []link      `json:"links"`
}

func (q *request) matrixSet() matrixSet {
	return matrixSet{ID: "WebMercatorQuad", Title: "Google Maps Compatible for the World", URI: webMercatorQuad, CRS: epsg3857,
		Links: []link{q.to("/tileMatrixSets/WebMercatorQuad", "self", "application/json", "WebMercatorQuad")}}
}

func (s *Server) listMatrixSets(_ context.Context, q *request, _ none) (any, error) {
	return matrixSetList{[]matrixSet{q.matrixSet()}, q.versions(asJSON, asHTML)}, nil
}

func (s *Server) oneMatrixSet(_ context.Context, q *request, _ none) (any, error) {
	out := q.matrixSet()
	out.Axes, out.Known = []string{"X", "Y"}, "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible"
	for z := range tile.MaxZoom + 1 {
		cell := 2 * halfWorld / 256 / math.Exp2(float64(z))
		out.Matrices = append(out.Matrices, matrix{strconv.Itoa(z), cell / 0.00028, cell, "topLeft", [2]float64{-halfWorld, halfWorld}, 256, 256, 1 << z, 1 << z})
	}
	return out, nil
}
