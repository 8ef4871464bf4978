package data

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// isFeature reports whether a JSON value is an object that calls itself a feature, or of
// another kind of GeoJSON.
func isFeature(value []byte) bool {
	if value[0] != '{' {
		return false
	}
	for name, v := range members(value) {
		if string(name) == "type" && v[0] == '"' {
			switch string(unquoted(v)) {
			case "Feature", "FeatureCollection", "Topology", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection":
				return true
			}
		}
	}
	return false
}

// array reads a document that is an array: of records ([{"name": "A", "pop": 5}, …]), whose
// members are the columns; of rows ([["NAME", "POP"], ["A", "5"], …]), the first of which
// names the columns, as the Census Bureau answers; or of features.
func (t *table) array(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return t.jsonFault(err)
	}
	read := t.wholeFeature
	for first := true; d.PeekKind() != ']'; first = false {
		value, err := d.ReadValue()
		if err != nil {
			return t.jsonFault(err)
		}
		if first {
			if read, err = t.reader(value); err != nil {
				return err
			}
		}
		if err := read(value); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return t.jsonFault(err)
	}
	if err := t.alone(d); err != nil {
		return err
	}
	if len(t.columns) == 0 && t.rows == 0 {
		return &InputError{File: t.name, Problem: "is an empty JSON array", Accept: acceptRecords}
	}
	return nil
}

// alone refuses what follows the one value of a document.
func (t *table) alone(d *jsontext.Decoder) error {
	switch _, err := d.ReadToken(); err {
	case io.EOF:
		return nil
	case nil:
		return &InputError{File: t.name, Feature: t.rows + 1, Problem: "not valid JSON: a second value follows the first",
			Accept: "one value in JSON; where every line is one, format: ndjson in the layer's entry, or the ending .ndjson"}
	default:
		return t.jsonFault(err)
	}
}

const acceptRecords = acceptGeoJSON + ", or an array of records ([{\"name\": \"A\", \"pop\": 5}, …])"

// reader is what reads the values of an array or of lines whose first is value.
func (t *table) reader(value []byte) (func([]byte) error, error) {
	switch {
	case isFeature(value):
		return t.wholeFeature, nil
	case value[0] == '{':
		t.flat, t.open = true, false
		return t.record, nil
	case value[0] == '[':
		t.flat, t.open = true, false
		return t.arrayRow, nil
	}
	return nil, &InputError{File: t.name, Problem: "is a JSON array of " + kindName(value) + "s", Accept: acceptRecords}
}

// record adds the row of a record.
func (t *table) record(value []byte) error {
	switch {
	case value[0] != '{':
		return t.fault("", "", "is a JSON "+kindName(value)+" where others are records", "an object in every place")
	case isFeature(value):
		return t.fault("", "", "is a feature where others are records", "features or records")
	case depth(value) > t.lim.Depth:
		return t.fault("", "", fmt.Sprintf("nests deeper than %d", t.lim.Depth), "flatter JSON, or a higher limit of depth")
	}
	if t.rows == 0 {
		t.shapeMember = shapeMember(value)
		t.flat = t.shapeMember == "" || t.source.Geometry == "none"
	}
	if err := t.properties(feature{properties: value}); err != nil {
		return err
	}
	if t.flat || t.source.Lon != "" {
		return t.endRow()
	}
	var shape orb.Geometry
	for name, v := range members(value) {
		if string(name) != t.shapeMember || isNull(v) {
			continue
		}
		var err error
		if shape, err = t.geometry(v); err != nil {
			return err
		}
	}
	t.wkt = t.byName[t.shapeMember]
	t.addShape(shape)
	return t.endRow()
}

// shapeMember is the member of a record that is a geometry of GeoJSON, "" if none is.
func shapeMember(record []byte) string {
	for name, v := range members(record) {
		if v[0] != '{' {
			continue
		}
		kind, coordinates := false, false
		for n := range members(v) {
			kind, coordinates = kind || string(n) == "type", coordinates || string(n) == "coordinates"
		}
		if kind && coordinates {
			return string(name)
		}
	}
	return ""
}

// arrayRow adds a row of an array of arrays; the first names the columns. A text in it is
// read as a cell of CSV is: the Census Bureau writes its numbers as texts.
func (t *table) arrayRow(value []byte) error {
	if value[0] != '[' {
		return t.fault("", "", "is a JSON "+kindName(value)+" where others are rows", "an array in every place")
	}
	var cells []cell
	header := len(t.columns) == 0
	for i := space(value, 1); value[i] != ']'; {
		end := skip(value, i)
		v := value[i:end]
		c := cell{text: v}
		switch {
		case v[0] == '"':
			c.text = unquoted(v)
		case header:
			return t.headerFault("", "a name of a column is a JSON "+kindName(v), "a first row with the names of the columns, as texts; "+acceptRecords)
		case v[0] == 'n':
			c.text = nil
		case v[0] == '[' || v[0] == '{':
			c.text, c.kind = compact(v), textCell
		}
		if len(c.text) > t.lim.Text {
			return t.fault("", "", fmt.Sprintf("holds a text longer than %d bytes", t.lim.Text), "a shorter text, or a higher limit of text")
		}
		cells = append(cells, c)
		if i = space(value, end); value[i] == ',' {
			i = space(value, i+1)
		}
	}
	if header {
		id, err := t.header(cells)
		t.idAt = id
		return err
	}
	return t.row(cells, t.idAt)
}
