package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// feature are the members of a feature as they stand in the file; nil is absent.
type feature struct{ kind, id, geometry, properties, place []byte }

// take gives a member to the feature and reports whether it was one.
func (f *feature) take(name, value []byte) bool {
	switch string(name) {
	case "type":
		f.kind = value
	case "id":
		f.id = value
	case "geometry":
		f.geometry = value
	case "properties":
		f.properties = value
	case "place": // of JSON-FG (OGC 21-045r1)
		f.place = value
	default:
		return false
	}
	return true
}

const acceptGeoJSON = "a GeoJSON FeatureCollection or Feature (RFC 7946)"

// readGeoJSON reads features from one document or from a sequence of them.
func readGeoJSON(in io.Reader, t *table, format string) error {
	t.flat = false
	if format == GeoJSON {
		t.open = true
		err := t.document(jsontext.NewDecoder(in))
		if t.wrong != nil {
			return t.wrong
		}
		return err
	}
	d := jsontext.NewDecoder(&separated{in})
	read := t.wholeFeature
	for first := true; ; first = false {
		value, err := d.ReadValue()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return t.jsonFault(err)
		}
		if first && value[0] == '{' && format == NDJSON {
			if read, err = t.reader(value); err != nil {
				return err
			}
		}
		if err := read(value); err != nil {
			return err
		}
	}
}

// separated turns the record separators of RFC 8142 into line ends. Inside a
// text either is an error, so that a record cut short does not go unseen.
type separated struct{ from io.Reader }

func (s *separated) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	for rest := p[:n]; ; {
		k := bytes.IndexByte(rest, 0x1e)
		if k < 0 {
			return n, err
		}
		rest[k] = '\n'
		rest = rest[k+1:]
	}
}

// document reads a FeatureCollection or a single Feature.
func (t *table) document(d *jsontext.Decoder) error {
	if d.PeekKind() == '[' {
		return t.array(d)
	}
	if d.PeekKind() != '{' {
		v, err := d.ReadValue()
		if err != nil {
			return t.jsonFault(err)
		}
		return &InputError{File: t.name, Problem: "is a JSON " + kindName(v) + ", not an object", Accept: acceptRecords}
	}
	var single feature
	var kind, held string // held names a member with records
	var names []string
	features := false
	if _, err := d.ReadToken(); err != nil {
		return t.jsonFault(err)
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return t.jsonFault(err)
		}
		name := token.String()
		names = append(names, name)
		if name == "features" {
			if u, known := unreadDocument(names); known && !slices.Contains(names, "type") {
				return u.fault(t.name)
			}
			features = true
			if err := t.collection(d); err != nil {
				return err
			}
			continue
		}
		value, err := d.ReadValue()
		if err != nil {
			return t.jsonFault(err)
		}
		if err := t.documentMember(name, value); err != nil {
			return err
		}
		if held == "" && value[0] == '[' && len(value) > 2 && value[space(value, 1)] == '{' {
			held = name
		}
		single.take([]byte(name), value.Clone())
	}
	if _, err := d.ReadToken(); err != nil {
		return t.jsonFault(err)
	}
	if err := t.alone(d); err != nil {
		return err
	}
	if len(single.kind) > 0 && single.kind[0] == '"' {
		kind = string(unquoted(single.kind))
	}
	switch {
	case kind == "FeatureCollection" && features:
		return nil
	case kind == "Feature" && !features:
		return t.feature(single)
	}
	if u, known := unreadDocument(names); known && kind == "" {
		return u.fault(t.name)
	}
	if kind == "" && held != "" && !features {
		return &InputError{File: t.name, Problem: "is a JSON object with records in its member " + plain(held),
			Accept: "the array alone; convert with: jq ." + plain(held) + " in.json > out.json"}
	}
	return t.wrongDocument(kind, features)
}

// documentMember looks at a member of the document that concerns all features.
func (t *table) documentMember(name string, value []byte) error {
	text := ""
	if value[0] == '"' {
		text = string(unquoted(value))
	}
	switch {
	case name == "crs":
		t.open, t.wrong = false, nil
		if err := t.checkCRS(value); err != nil {
			return err
		}
		return t.moved()
	case name == "title" && t.about.Title == "":
		t.about.Title = text
	case name == "licence" && t.about.Licence == "":
		t.about.Licence = text
	case name == "attribution" && t.about.Attribution == "":
		t.about.Attribution = text
	}
	return nil
}

// wrongDocument says what a document is that holds no features.
func (t *table) wrongDocument(kind string, features bool) error {
	fault := &InputError{File: t.name, Field: "type", Value: kind, Problem: "not a kind of GeoJSON", Accept: acceptGeoJSON}
	switch kind {
	case "":
		fault.Problem, fault.Accept = "is missing", acceptRecords
	case "FeatureCollection":
		fault.Field, fault.Value, fault.Problem = "features", "", "is missing"
		fault.Accept = "an array of features"
	case "Feature":
		fault.Problem = "beside an array of features"
	case "Topology":
		fault.Problem = "TopoJSON, not GeoJSON"
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection":
		fault.Problem = "a geometry without a feature around it"
	}
	return fault
}

// collection reads the array of features.
func (t *table) collection(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return t.jsonFault(err)
	}
	if token.Kind() != '[' {
		return &InputError{File: t.name, Field: "features", Problem: "is not an array", Accept: "an array of features"}
	}
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return t.jsonFault(err)
		}
		if err := t.wholeFeature(value); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()
	return err
}

// wholeFeature adds the row of a feature.
func (t *table) wholeFeature(value []byte) error {
	if value[0] != '{' {
		return t.fault("", "", "is a JSON "+kindName(value)+", not an object", "a GeoJSON Feature")
	}
	var f feature
	for name, v := range members(value) {
		if !f.take(name, v) && string(name) == "crs" {
			if err := t.checkCRS(v); err != nil {
				return err
			}
		}
	}
	if string(f.kind) != `"Feature"` {
		if len(f.kind) > 0 && f.kind[0] == '"' && string(unquoted(f.kind)) != "Feature" {
			return t.fault("type", string(unquoted(f.kind)), "not a feature", `"Feature"`)
		}
		if len(f.kind) == 0 || f.kind[0] != '"' {
			return t.fault("type", "", "is missing", `"Feature"`)
		}
	}
	return t.feature(f)
}

func (t *table) feature(f feature) error {
	if t.rows == t.lim.Features {
		return t.endRow() // which refuses it
	}
	if depth(f.geometry) > t.lim.Depth || depth(f.properties) > t.lim.Depth {
		return t.fault("", "", fmt.Sprintf("nests deeper than %d", t.lim.Depth), "flatter JSON, or a higher limit of depth")
	}
	if t.idFrom == idField && t.idName == featureMember {
		t.idFrom, t.memberName = idMember, featureMember
	}
	if t.idFrom != idField || t.idName == "id" && !isNull(f.id) {
		id, err := t.featureID(f.id)
		if err != nil {
			return err
		}
		t.rowID = append(t.rowID[:0], id...)
	}
	if t.idFrom != idField {
		if err := t.memberID(t.rowID, f.id != nil); err != nil {
			return err
		}
	}
	if err := t.properties(f); err != nil {
		return err
	}
	if t.source.Geometry == "none" || t.source.Lon != "" {
		return t.endRow()
	}
	if isNull(f.geometry) && !isNull(f.place) {
		return t.fault("place", "", "holds the shape, as JSON-FG has it where the system is not WGS84, and geometry none", "the shape as geometry in degrees of WGS84; GDAL 3.8 converts: ogr2ogr -t_srs EPSG:4326 out.gpkg JSONFG:in.json")
	}
	if isNull(f.geometry) {
		t.addShape(nil)
		return t.endRow()
	}
	g, err := t.geometry(f.geometry)
	if err != nil {
		return err
	}
	t.addShape(g)
	return t.endRow()
}

// featureID is the text of an "id" member.
func (t *table) featureID(value []byte) ([]byte, error) {
	switch {
	case value == nil:
		return nil, nil
	case value[0] == '"':
		return unquoted(value), nil
	case value[0] == '-' || value[0]-'0' <= 9:
		return value, nil
	}
	return nil, t.fault("id", string(value), "not an identifier", "a text or a number")
}

// properties takes the values of a row.
func (t *table) properties(f feature) error {
	var id []byte
	_, column := t.byName[t.idName]
	if t.idFrom == idField && t.idName == "id" && !column {
		id = t.rowID // unless a property of that name comes
	}
	own := false // the row has a property of that name
	if !isNull(f.properties) {
		if f.properties[0] != '{' {
			return t.fault("properties", "", "is a JSON "+kindName(f.properties), "an object, or null")
		}
		next := 0
		for name, value := range members(f.properties) {
			c, err := t.columnOf(name, next)
			if err != nil {
				return err
			}
			next = c + 1
			if len(value) > t.lim.Text {
				return t.fault(string(name), "", fmt.Sprintf("is longer than %d bytes", t.lim.Text), "a shorter text, or a higher limit of text")
			}
			t.columns[c].property(t.rows, value)
			if string(name) == t.idName && !own {
				own, id = true, nil
			}
			if string(name) == t.idName && value[0] == '"' {
				id = unquoted(value)
			} else if string(name) == t.idName && (value[0] == '-' || value[0]-'0' <= 9) {
				id = value
			}
		}
	}
	if _, now := t.byName[t.idName]; t.idFrom == idField && now && !column && t.rows > 0 {
		return t.fault(t.idName, "", "is missing in the features before", "an id for every feature")
	}
	if t.idFrom == idField && len(id) == 0 && t.rows == 0 {
		if _, known := t.byName[t.idName]; !known {
			_, err := t.must("id", t.idName)
			return err
		}
	}
	if err := t.fieldID(id); err != nil {
		return err
	}
	if len(t.rowID) == 0 {
		t.rowID = append(t.rowID[:0], id...)
	}
	return nil
}

// columnOf is the index of the column of a property, likely to be guess.
func (t *table) columnOf(name []byte, guess int) (int, error) {
	if guess < len(t.columns) && t.columns[guess].name == string(name) {
		return guess, nil
	}
	if i, ok := t.byName[string(name)]; ok {
		return i, nil
	}
	if len(name) > t.lim.Text {
		return 0, t.fault("properties", "", fmt.Sprintf("has a name longer than %d bytes", t.lim.Text), "a shorter name")
	}
	_, err := t.addColumn(string(name))
	return len(t.columns) - 1, err
}

// property adds a JSON value for a row; objects and arrays become JSON text.
func (c *column) property(row int, value []byte) {
	if value[0] == 'n' {
		return
	}
	c.pad(row)
	switch value[0] {
	case '"':
		c.addText(unquoted(value))
	case '{', '[':
		c.addText(compact(value))
	case 't', 'f':
		c.addTruth(value[0] == 't', value)
	default:
		c.add(value, value)
	}
}

// kindName is what a JSON value is called.
func kindName(value []byte) string {
	switch value[0] {
	case 'n':
		return "null"
	case 't', 'f':
		return "truth value"
	case '"':
		return "text"
	case '[':
		return "array"
	case '{':
		return "object"
	}
	return "number"
}

// jsonFault says where a file is not JSON.
func (t *table) jsonFault(err error) error {
	var known *InputError
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &known):
		known.Feature = t.rows + 1
		return known
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &InputError{File: t.name, Feature: t.rows + 1, Problem: "the file ends in the middle", Accept: "a whole file", Err: err}
	case errors.As(err, &syntax):
		problem := strings.TrimPrefix(syntax.Err.Error(), "jsontext: ")
		if syntax.JSONPointer != "" {
			problem += " in " + plain(string(syntax.JSONPointer))
		}
		return &InputError{File: t.name, Feature: t.rows + 1,
			Problem: fmt.Sprintf("not valid JSON at byte %d: %s", syntax.ByteOffset, problem), Accept: "JSON in UTF-8", Err: err}
	}
	return &InputError{File: t.name, Feature: t.rows + 1, Problem: "not valid JSON: " + strings.TrimPrefix(err.Error(), "jsontext: "), Accept: "JSON in UTF-8", Err: err}
}
