package data

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// systemOfPROJJSON is the system that PROJJSON defines: the same tree as
// well-known text, in other words.
func systemOfPROJJSON(text []byte) *system {
	if len(text) > wktBytes {
		return &system{problem: "is longer than a definition"}
	}
	var object map[string]any
	if json.Unmarshal(text, &object) != nil {
		return &system{name: shorten(string(text)), problem: "is not PROJJSON"}
	}
	n := projNode(object, "", 0)
	if n == nil {
		name, _ := object["name"].(string)
		return &system{name: name, problem: "is PROJJSON of a kind that is not converted"}
	}
	return n.system()
}

// projKeys are the words of well-known text for the kinds of PROJJSON.
var projKeys = map[string]string{"GeographicCRS": "GEOGCRS", "GeodeticCRS": "GEODCRS", "ProjectedCRS": "PROJCRS", "CompoundCRS": "COMPOUNDCRS", "BoundCRS": "BOUNDCRS"}

// projNode is an object of PROJJSON as well-known text would have it; nil for a
// kind of system that has no word here.
func projNode(o map[string]any, key string, depth int) *wktNode {
	kind, _ := o["type"].(string)
	if key == "" {
		key = projKeys[kind]
	}
	if key == "" || depth > wktDepth {
		return nil
	}
	name, _ := o["name"].(string)
	n := &wktNode{key: key, values: []string{name}}
	add := func(c *wktNode) {
		if c != nil {
			n.nodes = append(n.nodes, c)
		}
	}
	sub := func(member, key string) {
		if c, ok := o[member].(map[string]any); ok {
			add(projNode(c, key, depth+1))
		}
	}
	if id, ok := o["id"].(map[string]any); ok {
		authority, _ := id["authority"].(string)
		add(&wktNode{key: "ID", values: []string{authority, textOf(id["code"])}})
	}
	switch key {
	case "COMPOUNDCRS":
		components, _ := o["components"].([]any)
		for _, c := range components {
			if c, ok := c.(map[string]any); ok {
				add(projNode(c, "", depth+1))
			}
		}
	case "BOUNDCRS":
		if source, ok := o["source_crs"].(map[string]any); ok {
			if c := projNode(source, "", depth+1); c != nil {
				add(&wktNode{key: "SOURCECRS", nodes: []*wktNode{c}})
			}
		}
		sub("transformation", "ABRIDGEDTRANSFORMATION")
	case "ELLIPSOID":
		n.ellipsoid(o)
	case "PRIMEM":
		v, u := measured(o["longitude"], "ANGLEUNIT")
		n.values = append(n.values, v)
		add(u)
	case "CONVERSION", "ABRIDGEDTRANSFORMATION":
		sub("method", "METHOD")
		parameters, _ := o["parameters"].([]any)
		for _, p := range parameters {
			if p, ok := p.(map[string]any); ok {
				name, _ := p["name"].(string)
				c := &wktNode{key: "PARAMETER", values: []string{name, textOf(p["value"])}}
				if u := projUnit(p["unit"], ""); u != nil {
					c.nodes = append(c.nodes, u)
				}
				add(c)
			}
		}
	case "CS":
		n.values[0], _ = o["subtype"].(string)
		axes, _ := o["axis"].([]any)
		n.values = append(n.values, strconv.Itoa(len(axes)))
	}
	sub("base_crs", "BASEGEOGCRS")
	sub("datum", "DATUM")
	sub("datum_ensemble", "ENSEMBLE")
	sub("ellipsoid", "ELLIPSOID")
	sub("conversion", "CONVERSION")
	sub("coordinate_system", "CS")
	for _, holder := range []string{"datum", "datum_ensemble"} {
		if d, ok := o[holder].(map[string]any); ok {
			if p, ok := d["prime_meridian"].(map[string]any); ok {
				add(projNode(p, "PRIMEM", depth+1))
			}
		}
	}
	if cs, ok := o["coordinate_system"].(map[string]any); ok {
		axes, _ := cs["axis"].([]any)
		for _, a := range axes {
			if a, ok := a.(map[string]any); ok {
				name, _ := a["name"].(string)
				direction, _ := a["direction"].(string)
				c := &wktNode{key: "AXIS", values: []string{name, direction}}
				if u := projUnit(a["unit"], unitKind(key)); u != nil {
					c.nodes = append(c.nodes, u)
				}
				add(c)
			}
		}
	}
	return n
}

func unitKind(key string) string {
	if key == "PROJCRS" {
		return "LENGTHUNIT"
	}
	return "ANGLEUNIT"
}

// ellipsoid reads the axes of an ellipsoid.
func (n *wktNode) ellipsoid(o map[string]any) {
	a, u := measured(o["semi_major_axis"], "LENGTHUNIT")
	inverse := textOf(o["inverse_flattening"])
	if r := o["radius"]; r != nil {
		a, u = measured(r, "LENGTHUNIT")
		inverse = "0"
	}
	if b := o["semi_minor_axis"]; b != nil && inverse == "" {
		minor, _ := measured(b, "LENGTHUNIT")
		x, y := number(a), number(minor)
		if inverse = "0"; x != y {
			inverse = strconv.FormatFloat(x/(x-y), 'g', -1, 64)
		}
	}
	n.values = append(n.values, a, inverse)
	if u != nil {
		n.nodes = append(n.nodes, u)
	}
}

// measured is a number, or the value and unit of an object.
func measured(v any, kind string) (text string, unit *wktNode) {
	if o, ok := v.(map[string]any); ok {
		return textOf(o["value"]), projUnit(o["unit"], kind)
	}
	return textOf(v), nil
}

// projUnit is a unit by its name or its factor; kind is what it must be if the
// object does not say.
func projUnit(v any, kind string) *wktNode {
	switch u := v.(type) {
	case string:
		switch u {
		case "degree":
			return &wktNode{key: "ANGLEUNIT", values: []string{u, strconv.FormatFloat(math.Pi/180, 'g', -1, 64)}}
		case "metre":
			return &wktNode{key: "LENGTHUNIT", values: []string{u, "1"}}
		}
	case map[string]any:
		name, _ := u["name"].(string)
		if t, _ := u["type"].(string); strings.HasSuffix(t, "Unit") && t != "Unit" {
			kind = map[string]string{"LinearUnit": "LENGTHUNIT", "AngularUnit": "ANGLEUNIT", "ScaleUnit": "SCALEUNIT"}[t]
		}
		if kind != "" {
			return &wktNode{key: kind, values: []string{name, textOf(u["conversion_factor"])}}
		}
	}
	return nil
}

// textOf is a number or text of JSON as text.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ""
}
