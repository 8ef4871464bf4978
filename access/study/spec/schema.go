package spec

import (
	"encoding/json"
	"reflect"
	"slices"
)

// Schema is the JSON Schema (2020-12) of specs, made from the types that read
// them, so that the two cannot differ.
func (g *Grammar) Schema() []byte {
	s := g.structSchema(reflect.TypeFor[Spec]())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "careshed study"
	s["required"] = []string{"version", "name", "places", "sites", "travel"}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps and texts only
	}
	return append(b, '\n')
}

type schema = map[string]any

func (g *Grammar) structSchema(t reflect.Type) schema {
	props := schema{}
	for i := range t.NumField() {
		f := t.Field(i)
		if name(f) == "-" {
			continue
		}
		p := g.typeSchema(f.Type)
		d := f.Tag.Get("doc")
		if other := f.Tag.Get("default"); other != "" {
			d += "; " + other + " if left out"
			if number, ok := defaultOf(f); ok {
				p["default"] = number
			}
		}
		if d != "" {
			p["description"] = d
		}
		props[name(f)] = p
	}
	return schema{"type": []string{"object", "null"}, "properties": props, "additionalProperties": false}
}

func (g *Grammar) typeSchema(t reflect.Type) schema {
	if own := g.ownSchema(t); own != nil {
		return own
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.typeSchema(t.Elem())
	case reflect.Struct:
		return g.structSchema(t)
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": g.typeSchema(t.Elem())}
	case reflect.Slice:
		return schema{"type": "array", "items": g.typeSchema(t.Elem())}
	case reflect.Array:
		return schema{"type": "array", "items": g.typeSchema(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	case reflect.String:
		return schema{"type": []string{"string", "number", "boolean"}} // as YAML reads a bare word
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return schema{"type": "integer"}
	}
	return schema{"type": "number"}
}

// whereSchema is that of [Where].
func whereSchema(scalar []any) schema {
	values := append(scalar, schema{"type": "array", "minItems": 1, "items": schema{"anyOf": scalar}})
	one := func(properties schema) schema {
		return schema{"type": "object", "additionalProperties": false, "properties": properties}
	}
	return schema{"type": "object", "additionalProperties": schema{"anyOf": append(values,
		one(schema{"min": schema{"type": "number"}, "max": schema{"type": "number"}}), one(schema{"not": schema{"anyOf": values}}))}}
}

// ownSchema is that of a type that reads itself, since it can be written in
// several ways; nil for every other.
func (g *Grammar) ownSchema(t reflect.Type) schema {
	scalar := []any{schema{"type": "string"}, schema{"type": "number"}, schema{"type": "boolean"}}
	word := func(accept []string) schema { return schema{"type": "string", "enum": accept} }
	switch t {
	case reflect.TypeFor[Where]():
		return whereSchema(scalar)
	case reflect.TypeFor[JoinOn]():
		return schema{"anyOf": []any{schema{"type": "string"}, schema{"type": "object", "additionalProperties": false,
			"required": []string{"place", "region"}, "properties": schema{"place": schema{"type": "string"}, "region": schema{"type": "string"}}}}}
	case reflect.TypeFor[SupplySpec]():
		return schema{"anyOf": []any{schema{"type": "string"},
			schema{"type": "array", "minItems": 1, "uniqueItems": true, "items": schema{"type": "string"}},
			schema{"type": "object", "additionalProperties": false,
				"properties": schema{"constant": schema{"type": "number", "exclusiveMinimum": 0}}}}}
	case reflect.TypeFor[ClosedRoads]():
		return schema{"anyOf": []any{schema{"type": "array", "minItems": 1, "items": schema{"type": "integer"}}, g.structSchema(t)}}
	case reflect.TypeFor[Optimism]():
		factor := schema{"type": "number", "minimum": leastOptimism, "maximum": mostOptimism}
		return schema{"anyOf": []any{factor, schema{"type": "array", "minItems": 1, "maxItems": mostStretches,
			"items": g.structSchema(reflect.TypeFor[StretchSpec]())}}}
	case reflect.TypeFor[TimesSpec]():
		return schema{"anyOf": []any{word([]string{"measured"}), schema{"type": "array", "minItems": 2, "maxItems": 2,
			"items": schema{"type": "number", "minimum": 1 / farthest, "maximum": farthest}}}}
	case reflect.TypeFor[Borders]():
		return schema{"anyOf": []any{word(borderRules), schema{"type": "object", "additionalProperties": false,
			"properties": schema{"groups": schema{"type": "string"}}}}}
	case reflect.TypeFor[Scenarios]():
		kinds := schema{}
		for _, k := range changeKinds {
			kinds[k] = g.structSchema(reflect.TypeFor[Change]())
		}
		kinds[changeRoads] = g.structSchema(reflect.TypeFor[RoadsSpec]())
		return schema{"type": "object", "additionalProperties": schema{"type": "array",
			"items": schema{"type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": kinds}}}
	case reflect.TypeFor[Measures]():
		props := schema{}
		for _, k := range g.Measures {
			props[k.Name] = g.structSchema(reflect.TypeOf(k.New()).Elem())
		}
		return schema{"type": "array", "items": schema{"anyOf": []any{word(g.measureNames()),
			schema{"type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": props}}}}
	case reflect.TypeFor[Inequality]():
		props := schema{}
		for _, n := range IndexNames() {
			of := g.structSchema(reflect.TypeFor[Index]())
			for field := range of["properties"].(schema) {
				if !slices.Contains(indexTakes[n], field) {
					delete(of["properties"].(schema), field)
				}
			}
			props[n] = of
		}
		return schema{"type": "array", "items": schema{"anyOf": []any{word(IndexNames()),
			schema{"type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": props}}}}
	}
	return nil
}
