package data

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

const acceptTopoJSON = "a Topology of TopoJSON 1.0 with objects and arcs"

// readTopoJSON reads one object of a Topology: each of its geometries is a
// feature, made of the arcs that it names.
func readTopoJSON(in io.Reader, t *table) error {
	t.flat = false
	d := jsontext.NewDecoder(in)
	value, err := d.ReadValue()
	if err != nil {
		return t.jsonFault(err)
	}
	fault := func(problem string) error {
		return &InputError{File: t.name, Problem: problem, Accept: acceptTopoJSON}
	}
	if value[0] != '{' {
		return fault("is a JSON " + kindName(value) + ", not an object")
	}
	topo := topology{t: t}
	var names []string
	objects := map[string][]byte{}
	for name, v := range members(value) {
		switch string(name) {
		case "type":
			if string(v) != `"Topology"` {
				return fault("is no Topology")
			}
		case "transform":
			if json.Unmarshal(v, &topo.transform) != nil || len(topo.transform.Scale) != 2 || len(topo.transform.Translate) != 2 {
				return fault("has a transform without scale and translate of two numbers")
			}
		case "arcs":
			if json.Unmarshal(v, &topo.arcs) != nil {
				return fault("has arcs that are no lists of positions")
			}
		case "objects":
			if v[0] != '{' {
				return fault("has no objects")
			}
			for name, o := range members(v) {
				names = append(names, string(name))
				objects[string(name)] = o
			}
		case "crs":
			if err := t.checkCRS(v); err != nil {
				return err
			}
		}
	}
	if err := topo.unpack(); err != nil {
		return err
	}
	picked := t.source.Table
	switch {
	case picked != "" && !slices.Contains(names, picked):
		return &InputError{File: t.name, Field: "table", Value: picked, Problem: "not there" + meant(picked, names), Accept: list(names)}
	case picked == "" && len(names) == 0:
		return fault("has no objects")
	case picked == "" && len(names) > 1:
		return &InputError{File: t.name, Problem: fmt.Sprintf("has %d objects", len(names)), Accept: "the name of one of them as table: " + list(names)}
	case picked == "":
		picked = names[0]
	}
	return topo.object(objects[picked], 0)
}

// topology are the arcs of a document.
type topology struct {
	t         *table
	transform struct{ Scale, Translate []float64 }
	arcs      [][][]float64
}

// unpack undoes the transform: positions are differences of whole numbers.
func (p *topology) unpack() error {
	for i, arc := range p.arcs {
		x, y := 0.0, 0.0
		for k, at := range arc {
			if len(at) < 2 {
				return &InputError{File: p.t.name, Field: "arcs", Problem: fmt.Sprintf("arc %d has a position of %s", i, counted(len(at), "number")), Accept: acceptTopoJSON}
			}
			if p.transform.Scale == nil {
				continue
			}
			x, y = x+at[0], y+at[1]
			arc[k] = []float64{x*p.transform.Scale[0] + p.transform.Translate[0], y*p.transform.Scale[1] + p.transform.Translate[1]}
		}
	}
	return nil
}

// object reads a geometry, or all of a collection.
func (p *topology) object(value []byte, depth int) error {
	t := p.t
	if value[0] != '{' || depth > t.lim.Depth {
		return t.fault("", "", "is a JSON "+kindName(value)+", not a geometry", acceptTopoJSON)
	}
	var kind string
	var arcs, coordinates, geometries []byte
	f := feature{kind: []byte(`"Feature"`)}
	for name, v := range members(value) {
		switch string(name) {
		case "type":
			if v[0] == '"' {
				kind = string(unquoted(v))
			}
		case "id":
			f.id = v
		case "properties":
			f.properties = v
		case "arcs":
			arcs = v
		case "coordinates":
			coordinates = v
		case "geometries":
			geometries = v
		}
	}
	if kind == "GeometryCollection" && depth == 0 {
		if len(geometries) == 0 || geometries[0] != '[' {
			return t.fault("geometries", "", "is missing", acceptTopoJSON)
		}
		for _, g := range elements(geometries) {
			if err := p.object(g, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if kind != "" {
		b := append([]byte(`{"type":`), strconv.Quote(kind)...)
		b = append(b, `,"coordinates":`...)
		switch {
		case kind == "Point" || kind == "MultiPoint":
			at, err := p.placed(coordinates, kind == "MultiPoint")
			if err != nil {
				return err
			}
			b = append(b, at...)
		case isNull(arcs):
			return t.fault("arcs", "", "are missing", acceptTopoJSON)
		default:
			var err error
			nested := map[string]int{"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
			levels, known := nested[kind]
			if !known {
				return t.fault("geometry", kind, "not read", geometryKinds)
			}
			if b, err = p.lines(b, arcs, levels); err != nil {
				return err
			}
		}
		f.geometry = append(b, '}')
	}
	return t.feature(f)
}

// elements are the values of an array.
func elements(array []byte) (all [][]byte) {
	for i := space(array, 1); array[i] != ']'; {
		end := skip(array, i)
		all = append(all, array[i:end])
		if i = space(array, end); array[i] == ',' {
			i = space(array, i+1)
		}
	}
	return all
}

// placed are coordinates of points with the transform undone.
func (p *topology) placed(value []byte, several bool) ([]byte, error) {
	fault := p.t.fault("coordinates", "", "are not positions", acceptTopoJSON)
	var points [][]float64
	if several {
		if json.Unmarshal(value, &points) != nil {
			return nil, fault
		}
	} else {
		points = make([][]float64, 1)
		if len(value) == 0 || json.Unmarshal(value, &points[0]) != nil {
			return nil, fault
		}
	}
	for i, at := range points {
		if len(at) < 2 {
			return nil, fault
		}
		if p.transform.Scale != nil {
			points[i] = []float64{at[0]*p.transform.Scale[0] + p.transform.Translate[0], at[1]*p.transform.Scale[1] + p.transform.Translate[1]}
		}
	}
	b := appendPositions(nil, points)
	if !several {
		b = b[1 : len(b)-1]
	}
	return b, nil
}

// lines appends the coordinates of lines, levels deep in lists.
func (p *topology) lines(b, value []byte, levels int) ([]byte, error) {
	t := p.t
	if value[0] != '[' {
		return nil, t.fault("arcs", "", "are a JSON "+kindName(value), "lists of numbers of arcs")
	}
	if levels > 0 {
		b = append(b, '[')
		for i, v := range elements(value) {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = p.lines(b, v, levels-1); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	}
	var line [][]float64
	for _, v := range elements(value) {
		n, err := strconv.Atoi(string(v))
		reversed := n < 0
		if reversed {
			n = -n - 1
		}
		if err != nil || n >= len(p.arcs) {
			return nil, t.fault("arcs", string(v), "not the number of an arc", fmt.Sprintf("0 to %d, or negative for an arc backwards", len(p.arcs)-1))
		}
		arc := p.arcs[n]
		if reversed {
			arc = slices.Clone(arc)
			slices.Reverse(arc)
		}
		if len(line) > 0 && len(arc) > 0 {
			arc = arc[1:] // which is the end of the one before
		}
		if line = append(line, arc...); len(line) > t.lim.Vertices {
			return nil, t.fault("arcs", "", fmt.Sprintf("are more than %d positions", t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
		}
	}
	return appendPositions(b, line), nil
}

func appendPositions(b []byte, points [][]float64) []byte {
	b = append(b, '[')
	for i, p := range points {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendFloat(b, p[0], 'g', -1, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, p[1], 'g', -1, 64)
		b = append(b, ']')
	}
	return append(b, ']')
}
