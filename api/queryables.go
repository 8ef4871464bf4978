package api

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"net/url"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// asSchema is JSON Schema.
var asSchema = &format{"json", "application/schema+json", []string{"application/json"}}

const draft = "https://json-schema.org/draft/2020-12/schema"

// schemaOf is the JSON Schema of the values of a column. Whole numbers that do
// not fit 32 bits are called numbers, since clients make 32 bits of an integer.
func schemaOf(c geo.Column) schema {
	out := schema{"type": map[geo.Type]string{geo.Number: "number", geo.Integer: "integer", geo.Text: "string", geo.Bool: "boolean"}[c.Type]}
	if c.Type == geo.Integer && wide(c) {
		out["type"] = "number"
	}
	if format := timeFormat(c); format != "" {
		out["format"] = format
	}
	if c.Title != "" {
		out["title"] = c.Title
	}
	if c.Unit != "" {
		out["x-ogc-unit"] = c.Unit
	}
	return out
}

// wide reports whether a column has whole numbers that do not fit 32 bits; they
// are written with a decimal point.
func wide(c geo.Column) bool {
	for _, v := range c.Values() {
		if math.Abs(v) > math.MaxInt32 {
			return true
		}
	}
	return false
}

// geometryOf is the name of the geometry type of a layer as GeoJSON writes it,
// "" if there are several kinds.
func geometryOf(l *geo.Layer) string {
	name := ""
	multiple := multiples(l)
	for i := range l.Len() {
		g := l.Shape(i)
		if g == nil || !l.Located(i) {
			continue
		}
		kind := g.GeoJSONType()
		switch g.(type) {
		case orb.Point, orb.LineString, orb.Ring, orb.Polygon, orb.Bound:
			if multiple[g.Dimensions()] {
				kind = "Multi" + kind
			}
		}
		if name != "" && name != kind {
			return ""
		}
		name = kind
	}
	return name
}

// queryables lists what filters may name (Part 3).
func (s *Server) queryables(ctx context.Context, q *request, in collectionIn) (any, error) {
	c, o, err := s.opened(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	properties := members{{"id", schema{"type": "string", "title": "the feature's identifier", "x-ogc-role": "id"}}}
	if !o.layer.IsTable() {
		kind := map[string]string{"Point": "point", "MultiPoint": "multipoint", "LineString": "linestring", "MultiLineString": "multilinestring",
			"Polygon": "polygon", "MultiPolygon": "multipolygon"}[geometryOf(o.layer)]
		properties = append(properties, member{"geometry", schema{"format": "geometry-" + cmp.Or(kind, "any"), "title": "the feature's place", "x-ogc-role": "primary-geometry"}})
	}
	for _, col := range o.layer.Columns() {
		if col.Name == "geometry" && !o.layer.IsTable() {
			continue // the feature's place, without which no client could ask where it is
		}
		properties = slices.DeleteFunc(properties, func(m member) bool { return m.name == col.Name }) // a column stands over what is the feature's own
		properties = append(properties, member{col.Name, schemaOf(col)})
	}
	return schema{"$schema": draft, "$id": q.base + "/collections/" + url.PathEscape(c.id) + "/queryables", "type": "object", "title": c.title,
		"description": "what a filter may name", "properties": properties, "additionalProperties": false}, nil
}

// members are the members of a JSON object in their order, which clients keep
// for the columns of a table.
type members []member

type member struct {
	name  string
	value any
}

func (m members) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, x := range m {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := toJSON(x.name)
		if err != nil {
			return nil, err
		}
		value, err := toJSON(x.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, bytes.TrimSpace(name)...), ':'), bytes.TrimSpace(value)...)
	}
	return append(b, '}'), nil
}

// featureSchema describes the features of a collection. It has the shape of a
// GeoJSON feature, since that is where GDAL looks, and each column has one type
// although a value may be null: GDAL 3.6 takes a column of two types for text.
func (s *Server) featureSchema(ctx context.Context, q *request, in collectionIn) (any, error) {
	c, o, err := s.opened(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	properties, names := members{}, []string{}
	for _, col := range o.layer.Columns() {
		if col.Name == "id" {
			continue // GDAL has the feature's id already, and would make a second column
		}
		one := schemaOf(col)
		if col.Name != o.when() {
			delete(one, "format")
		}
		for i := range col.Len() {
			if col.Null(i) { // datetime finds it, but GDAL's > of a date, sent as datetime, must not
				one["nullable"] = true
				delete(one, "format")
				break
			}
		}
		properties, names = append(properties, member{col.Name, one}), append(names, col.Name)
	}
	geometry := schema{"type": "null"}
	if kind := geometryOf(o.layer); kind != "" {
		geometry = schema{"oneOf": []schema{{"$ref": "https://geojson.org/schema/" + kind + ".json"}, {"type": "null"}}}
	} else if !o.layer.IsTable() {
		geometry = schema{"oneOf": []schema{{"$ref": "https://geojson.org/schema/Geometry.json"}, {"type": "null"}}}
	}
	return schema{"$schema": draft, "$id": q.base + "/collections/" + url.PathEscape(c.id) + "/schema", "title": c.title,
		"type": "object", "required": []string{"type", "id", "geometry", "properties"},
		"properties": schema{"type": schema{"const": "Feature"}, "id": schema{"type": "string"}, "geometry": geometry,
			"properties": schema{"type": "object", "required": names, "properties": properties,
				"description": "A value that is missing is null, where nullable says so."}}}, nil
}

// opened is a collection with its layer read.
func (s *Server) opened(ctx context.Context, id string) (*collection, *opened, error) {
	c, err := s.collection(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	o, err := c.open(ctx)
	return c, o, err
}

// present are the collections that are open already, those of the catalog
// first: what can be said of each is said of these.
func (s *Server) present(ctx context.Context) []*collection {
	var out []*collection
	for _, l := range s.config.Layers {
		if c := s.layers[l.Name]; c != nil {
			out = append(out, c)
		}
	}
	for _, u := range s.uploads.all() {
		if !u.private || holdsKey(ctx) {
			out = append(out, u.collection)
		}
	}
	for _, e := range s.listed(ctx) {
		out = append(out, e.collections...)
	}
	return out
}
