package data

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"careshed/geo"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// geoParquet is the "geo" entry of the metadata (GeoParquet 1.1).
type geoParquet struct {
	Version string                      `json:"version"`
	Primary string                      `json:"primary_column"`
	Columns map[string]geoParquetColumn `json:"columns"`
}

type geoParquetColumn struct {
	Encoding string          `json:"encoding"`
	Kinds    []string        `json:"geometry_types"`
	CRS      json.RawMessage `json:"crs,omitempty"` // absent: OGC:CRS84
	Edges    string          `json:"edges,omitempty"`
	Box      []float64       `json:"bbox,omitempty"`
}

// parquetShape is the column of the geometry.
const parquetShape = "geometry"

// rowGroup is how many rows a row group of Parquet holds at most.
const rowGroup = 1 << 17

// writeParquet writes a layer as GeoParquet 1.1, or as plain Parquet if it has
// no shapes: whole numbers as INT64, numbers as DOUBLE, truths as BOOLEAN, texts
// as UTF8, shapes as WKB in CRS84, all nullable and packed with zstd.
func writeParquet(w io.Writer, l *geo.Layer) error {
	multiple, err := mixed(l)
	if err != nil {
		return err
	}
	k := keep(l, parquetShape)
	root := &parquetRoot{Group: parquet.Group{}}
	if k.ID != "" {
		root.add(k.ID, parquet.String())
	}
	for i, c := range l.Columns() {
		root.add(k.Fields[i].Column, parquetNode(c))
	}
	if !l.IsTable() {
		root.add(parquetShape, parquet.Leaf(parquet.ByteArrayType))
	}
	options := []parquet.WriterOption{
		parquet.NewSchema(cmp.Or(l.Name, "layer"), root), parquet.Compression(&zstd.Codec{}),
		parquet.CreatedBy("careshed", "1", ""), parquet.MaxRowsPerRowGroup(rowGroup), parquet.PageBufferSize(1 << 20),
	}
	if !l.IsTable() {
		b, err := json.Marshal(geoOf(l, multiple))
		if err != nil {
			return fmt.Errorf("write layer %s: %w", l.Name, err)
		}
		options = append(options, parquet.KeyValueMetadata("geo", string(b)))
	}
	if text := k.text(); text != "" {
		options = append(options, parquet.KeyValueMetadata("careshed", text))
	}
	p := parquet.NewGenericWriter[any](w, options...)
	if err := parquetRows(p, l, k, multiple); err != nil {
		return fmt.Errorf("write layer %s: %w", l.Name, err)
	}
	if err := p.Close(); err != nil {
		return fmt.Errorf("write layer %s: %w", l.Name, err)
	}
	return nil
}

// geoOf is the "geo" metadata of a layer.
func geoOf(l *geo.Layer, multiple [3]bool) geoParquet {
	c := geoParquetColumn{Encoding: "WKB", Kinds: []string{}}
	box := nothingInside
	seen := map[string]bool{}
	for i := range l.Rows() {
		s := l.Shape(i)
		box = box.Union(s.Bound())
		kind := s.GeoJSONType()
		if single(s) && multiple[s.Dimensions()] {
			kind = "Multi" + kind
		}
		if !seen[kind] {
			seen[kind] = true
			c.Kinds = append(c.Kinds, kind)
		}
	}
	if box.Min[0] <= box.Max[0] {
		c.Box = []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	}
	return geoParquet{"1.1.0", parquetShape, map[string]geoParquetColumn{parquetShape: c}}
}

// parquetRoot is a group that keeps its fields in order.
type parquetRoot struct {
	parquet.Group
	fields []parquet.Field
}

func (r *parquetRoot) add(name string, n parquet.Node) {
	r.fields = append(r.fields, parquetField{parquet.Optional(n), name})
}

func (r *parquetRoot) Fields() []parquet.Field { return r.fields }

// GoType is asked for and not used: rows are written as values.
func (r *parquetRoot) GoType() reflect.Type { return reflect.TypeFor[struct{}]() }

type parquetField struct {
	parquet.Node
	name string
}

func (f parquetField) Name() string { return f.name }

func (f parquetField) Value(reflect.Value) reflect.Value { return reflect.Value{} }

// parquetNode is the type of a column. Texts that recur go through a dictionary.
func parquetNode(c geo.Column) parquet.Node {
	switch c.Type {
	case geo.Integer:
		return parquet.Int(64)
	case geo.Number:
		return parquet.Leaf(parquet.DoubleType)
	case geo.Bool:
		return parquet.Leaf(parquet.BooleanType)
	}
	if codes, words := c.Codes(); len(words) <= len(codes)/2 {
		return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	}
	return parquet.String()
}

// parquetRows writes all rows, a thousand at a time.
func parquetRows(p *parquet.GenericWriter[any], l *geo.Layer, k kept, multiple [3]bool) error {
	const batch = 1000
	width := len(l.Columns())
	if k.ID != "" {
		width++
	}
	if !l.IsTable() {
		width++
	}
	rows := make([]parquet.Row, 0, batch)
	values := make([]parquet.Value, 0, batch*width)
	var blob sink
	for i := range l.Len() {
		from := len(values)
		add := func(v parquet.Value, null bool) {
			defined := 1
			if null {
				v, defined = parquet.NullValue(), 0
			}
			values = append(values, v.Level(0, defined, len(values)-from))
		}
		if k.ID != "" {
			add(parquet.ByteArrayValue([]byte(l.ID(i))), false)
		}
		for _, c := range l.Columns() {
			add(parquetValue(c, i), c.Null(i))
		}
		if !l.IsTable() {
			start := len(blob.buf)
			if l.Located(i) {
				s := l.Shape(i)
				if err := appendWKB(&blob, s, multiple[s.Dimensions()] && single(s)); err != nil {
					return fmt.Errorf("row %d (id %s): %w", i+1, l.ID(i), err)
				}
			}
			add(parquet.ByteArrayValue(blob.buf[start:len(blob.buf):len(blob.buf)]), !l.Located(i))
		}
		rows = append(rows, values[from:len(values):len(values)])
		if len(rows) == batch || i == l.Len()-1 {
			if _, err := p.WriteRows(rows); err != nil {
				return err
			}
			rows, values, blob.buf = rows[:0], values[:0], blob.buf[:0]
		}
	}
	return nil
}

func parquetValue(c geo.Column, i int) parquet.Value {
	switch v := c.Value(i).(type) {
	case int64:
		return parquet.Int64Value(v)
	case float64:
		return parquet.DoubleValue(v)
	case bool:
		return parquet.BooleanValue(v)
	case string:
		return parquet.ByteArrayValue([]byte(v))
	}
	return parquet.NullValue()
}
