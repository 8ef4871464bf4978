package api

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"careshed/access"
	"careshed/access/study"
)

// schema is a JSON Schema as OpenAPI 3.0 has it.
type schema = map[string]any

// openAPI is the OpenAPI document, made from the table of routes.
func (s *Server) openAPI(ctx context.Context, q *request, _ none) (any, error) {
	body, err := toJSON(s.describe(ctx, q.base))
	return &answer{kind: asOpenAPI.kind, body: body}, err
}

func (s *Server) describe(ctx context.Context, base string) schema {
	d := &describer{schema{}, schema{}, s.config.Keys != nil || s.config.Closed}
	problem := d.ref(reflect.TypeFor[problemDoc]())
	paths := schema{}
	for _, rt := range s.table {
		item, ok := paths[rt.path].(schema)
		if !ok {
			item = schema{}
			paths[rt.path] = item
		}
		op := d.operation(rt)
		if rt.only != nil {
			s.offer(ctx, rt, op)
		}
		item[strings.ToLower(rt.method)] = op
		if rt.path == itemsPath {
			s.eachItems(ctx, rt, d, paths)
		}
	}
	d.schemas["Link"] = d.structure(reflect.TypeFor[link]())
	return schema{
		"openapi": "3.0.3",
		"info": schema{"title": "careshed", "version": s.config.Version, "license": schema{"name": "see the licence and attribution of each collection"},
			"description": "How fairly people can reach CAR-T cell therapy. Errors are problem+json (RFC 9457); unknown parameters are errors. " +
				"No key is needed. A study is sent to /processes/study/execution; its layers and tables are collections then."},
		"servers": []schema{{"url": base}},
		"paths":   paths,
		"components": schema{
			"schemas": d.schemas, "parameters": d.parameters,
			"responses": schema{"Problem": schema{"description": "A problem", "content": schema{"application/problem+json": schema{"schema": problem}}}},
		},
	}
}

// offer names the collections that a path answers for, where it does not for all
// that there are now.
func (s *Server) offer(ctx context.Context, rt *route, op schema) {
	ids := []string{}
	all := true
	for _, c := range s.present(ctx) {
		o, ok := c.ready.peek()
		if ok = ok && rt.only(o); ok {
			ids = append(ids, c.id)
		}
		all = all && ok
	}
	if all || len(ids) == 0 {
		return // an empty list would be no schema; the path says why it does not answer
	}
	for _, p := range op["parameters"].([]any) {
		if one := p.(schema); one["name"] == "collectionId" {
			one["schema"] = schema{"type": "string", "enum": ids}
		}
	}
}

const itemsPath = "/collections/{collectionId}/items"

// eachItems describes the features of each collection that is open on their
// own, with every column as a parameter: GDAL sends to the server what it finds
// there, and filters the rest itself.
func (s *Server) eachItems(ctx context.Context, rt *route, d *describer, paths schema) {
	for _, c := range s.present(ctx) {
		o, ok := c.ready.peek()
		if !ok {
			continue
		}
		op := d.operation(rt)
		var params []any
		for _, p := range op["parameters"].([]any) {
			one := p.(schema)
			name, _ := one["name"].(string)
			if ref, ok := one["$ref"].(string); ok {
				name = d.parameters[strings.TrimPrefix(ref, "#/components/parameters/")].(schema)["name"].(string)
			}
			// A parameter that is called like a column is described for all collections
			// alone: GDAL would take it for the column's.
			if _, column := o.layer.Column(name); one["in"] != "path" && !column {
				params = append(params, p)
			}
		}
		for _, col := range o.layer.Columns() {
			if slices.ContainsFunc(rt.params, func(p param) bool { return p.name == col.Name }) || col.Name == "f" {
				continue // its values are asked for with filter
			}
			params = append(params, schema{"name": col.Name, "in": "query", "required": false, "style": "form", "explode": false,
				"description": "features that have this value", "schema": schema{"type": schemaOf(col)["type"]}})
		}
		op["parameters"], op["operationId"], op["summary"] = params, rt.id+"-"+c.id, c.title
		paths[strings.Replace(rt.path, "{collectionId}", url.PathEscape(c.id), 1)] = schema{"get": op}
	}
}

// describer gathers what the document describes once.
type describer struct {
	schemas, parameters schema
	guarded             bool // who has no key, or one of a lesser role, may be refused
}

func (d *describer) operation(rt *route) schema {
	var params []any
	for i := range rt.params {
		p := &rt.params[i]
		if p.name == rest {
			continue
		}
		if p.shared {
			d.parameters[p.name] = p.openapi()
			params = append(params, schema{"$ref": "#/components/parameters/" + p.name})
			continue
		}
		params = append(params, p.openapi())
	}
	if len(rt.formats) > 1 || rt.path == "/api" {
		name := "f-" + strings.ReplaceAll(names(rt.formats), ", ", "-")
		d.parameters[name] = schema{"name": "f", "in": "query", "description": "the format; Accept decides if left out", "style": "form", "explode": false,
			"schema": schema{"type": "string", "enum": strings.Split(names(rt.formats), ", ")}}
		params = append(params, schema{"$ref": "#/components/parameters/" + name})
	}
	content := schema{}
	for _, f := range rt.formats {
		body := schema{"type": "string"}
		if f == asJSON || f == asGeoJSON || f == asOpenAPI || f == asSchema || f == asTileJSON || f == asMVT {
			body = d.of(rt.out)
		}
		kind := f.kind
		if f != asOpenAPI { // whose version is part of its name
			kind = mediaType(kind)
		}
		content[kind] = schema{"schema": body}
	}
	out := schema{"operationId": rt.id, "summary": rt.summary, "responses": schema{
		strconv.Itoa(http.StatusOK): schema{"description": rt.summary, "content": content},
		"default":                   schema{"$ref": "#/components/responses/Problem"},
	}}
	if params != nil {
		out["parameters"] = params
	}
	codes := out["responses"].(schema)
	if rt.made != nil {
		codes[strconv.Itoa(http.StatusCreated)] = schema{"description": "A job was made of it (Prefer: respond-async)", "content": schema{"application/json": schema{"schema": d.of(rt.made)}}}
		codes[strconv.Itoa(http.StatusOK)].(schema)["content"] = schema{"application/json": schema{"schema": schema{"oneOf": []any{d.of(rt.out), d.of(rt.made)}}}}
	}
	add := func(kinds_ ...kind) {
		for _, k := range kinds_ {
			codes[strconv.Itoa(kinds[k].status)] = schema{"$ref": "#/components/responses/Problem"}
		}
	}
	add(badParameter, notAcceptable, busy, internal)
	if rt.empty {
		codes[strconv.Itoa(http.StatusNoContent)] = schema{"description": "There is nothing to show"}
	}
	if !rt.live {
		codes[strconv.Itoa(http.StatusNotModified)] = schema{"description": "The client has it already"}
	}
	for _, p := range rt.params {
		if p.in == "path" || p.name == "study" {
			add(notFound, unanswerable)
		}
	}
	if rt.keyed {
		add(unauthorized, forbidden, notFound)
	}
	if d.guarded {
		add(unauthorized, forbidden)
	}
	if rt.media != nil {
		add(badBody, tooLarge, wrongMedia, badStudy, tooLong)
		body := schema{}
		for _, m := range rt.media {
			if rt.layer {
				body[m] = schema{"schema": schema{"type": "string", "format": "binary", "description": "the layer"}}
				continue
			}
			body[m] = schema{"schema": schema{"type": "object", "description": "a study; /processes/study has its JSON Schema"}}
		}
		out["requestBody"] = schema{"required": true, "content": body}
	}
	return out
}

// of is the schema of a sample, which may be a schema itself.
func (d *describer) of(sample any) schema {
	if s, ok := sample.(schema); ok {
		return s
	}
	return d.ref(reflect.TypeOf(sample))
}

// ref describes a type; structs are described once.
func (d *describer) ref(t reflect.Type) schema {
	switch t {
	case reflect.TypeFor[study.Num]():
		return schema{"type": "number", "nullable": true}
	case reflect.TypeFor[access.Range]():
		return schema{"type": "array", "items": schema{"type": "number"}, "minItems": 2, "maxItems": 2, "nullable": true}
	case reflect.TypeFor[json.RawMessage]():
		return schema{}
	case reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.ref(t.Elem())
	case reflect.Struct:
		name := t.Name()
		if pkg := t.PkgPath(); !strings.HasSuffix(pkg, "/api") {
			name = pkg[strings.LastIndexByte(pkg, '/')+1:] + "." + name
		}
		if _, ok := d.schemas[name]; !ok {
			d.schemas[name] = schema{} // stands while the fields are described
			d.schemas[name] = d.structure(t)
		}
		return schema{"$ref": "#/components/schemas/" + name}
	case reflect.Slice:
		return schema{"type": "array", "items": d.ref(t.Elem()), "nullable": true}
	case reflect.Array:
		return schema{"type": "array", "items": d.ref(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": d.ref(t.Elem()), "nullable": true}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return schema{"type": "integer"}
	case reflect.Interface:
		return schema{}
	}
	panic("api: no schema for " + t.String())
}

func (d *describer) structure(t reflect.Type) schema {
	props := schema{}
	var required []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := jsonName(f)
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		p := d.ref(f.Type)
		if doc := f.Tag.Get("doc"); doc != "" && p["$ref"] == nil {
			p["description"] = doc
		}
		props[name] = p
		if tag := f.Tag.Get("json"); !strings.Contains(tag, ",omitempty") && !strings.Contains(tag, ",omitzero") {
			required = append(required, name)
		}
	}
	out := schema{"type": "object", "properties": props}
	if required != nil {
		out["required"] = required
	}
	return out
}

// manual is the API for people. It needs nothing from elsewhere.
func (s *Server) manual(_ context.Context, q *request, _ none) (any, error) {
	p := view{Title: "The API", Home: q.base + "/", Head: []string{"route", "what", "parameters", "formats"},
		Text: "Every route, its parameters and formats. The format goes by the parameter f, else by Accept. Errors are problem+json. The same as OpenAPI 3.0 stands under /api.",
		Links: []link{{Href: q.base + "/api", Title: "OpenAPI 3.0", Type: mediaType(asOpenAPI.kind)},
			{Href: q.base + "/processes/study?f=json", Title: "JSON Schema of a study", Type: "application/json"}}}
	for _, rt := range s.table {
		var params []string
		for i := range rt.params {
			x := &rt.params[i]
			if x.name == rest {
				params = append(params, x.doc)
				continue
			}
			text := fmt.Sprintf("%s: %s (%s", x.name, x.doc, x.accepted())
			if x.def != "" {
				text += "; " + x.def + " if left out"
			} else if x.required {
				text += "; needed"
			}
			params = append(params, text+")")
		}
		p.Cells = append(p.Cells, []string{rt.method + " " + rt.path, rt.summary, strings.Join(params, "; "), names(rt.formats)})
	}
	return s.render(p)
}

// The answers that are GeoJSON.
var (
	geometry = schema{"type": "object", "nullable": true, "required": []string{"type"}, "properties": schema{"type": schema{"type": "string"},
		"coordinates": schema{"type": "array", "items": schema{}}}}
	linkList = schema{"type": "array", "items": schema{"$ref": "#/components/schemas/Link"}}
	feature  = schema{"type": "object", "required": []string{"type", "id", "geometry", "properties"}, "properties": schema{
		"type": schema{"type": "string", "enum": []string{"Feature"}}, "id": schema{"type": "string"}, "geometry": geometry,
		"properties": schema{"type": "object"}, "links": linkList}}
	featureCollection = schema{"type": "object", "required": []string{"type", "features", "numberMatched", "numberReturned", "timeStamp", "links"}, "properties": schema{
		"type": schema{"type": "string", "enum": []string{"FeatureCollection"}}, "features": schema{"type": "array", "items": feature},
		"numberMatched": schema{"type": "integer", "minimum": 0}, "numberReturned": schema{"type": "integer", "minimum": 0},
		"timeStamp": schema{"type": "string", "format": "date-time"}, "links": linkList}}
)

// number is a number as JSON can hold it: no value for NaN and infinities.
func number(v float64) study.Num {
	if math.IsInf(v, 0) {
		return study.Num(math.NaN())
	}
	return study.Num(v)
}
