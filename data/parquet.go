package data

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"careshed/geo"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
	"github.com/paulmach/orb"
)

// readParquet reads GeoParquet with WKB (1.0, 1.1), or plain Parquet, whose
// columns of coordinates are found as in CSV. Nested columns and columns of
// bytes are left out with a note.
func readParquet(ctx context.Context, r io.Reader, t *table) (err error) {
	in, err := at(ctx, r, t.name, t.lim.Bytes)
	if err != nil {
		return err
	}
	if err := t.checkFooter(in); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil { // parquet-go panics on some nonsense
			err = t.notParquet(oneLine(fmt.Sprintf("damaged: %v", p)))
		}
	}()
	f, err := parquet.OpenFile(in, in.size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return t.parquetFault(err)
	}
	if f.NumRows() < 0 || f.NumRows() > int64(t.lim.Features) {
		return &InputError{File: t.name, Problem: fmt.Sprintf("holds %d features, more than %d", f.NumRows(), t.lim.Features), Accept: "fewer features, or a higher limit"}
	}
	if text, ok := f.Lookup("careshed"); ok {
		t.recall(text)
	}
	shape, err := t.geoColumn(f)
	if err != nil {
		return err
	}
	columns, leaves, err := t.parquetColumns(f, shape)
	if err != nil {
		return err
	}
	t.flat = shape == "" || t.source.Geometry == "none" || t.source.Lon != ""
	if err := t.typedID(columns); err != nil {
		return err
	}
	for g, group := range f.RowGroups() {
		if group.NumRows() < 0 || group.NumRows() > f.NumRows() {
			return t.notParquet("has a row group of an impossible size")
		}
		if err := t.parquetRows(ctx, in, f.Metadata().RowGroups[g], group, columns, leaves); err != nil {
			return t.parquetFault(err)
		}
	}
	return nil
}

// parquetFault turns an error of the library into one for the user.
func (t *table) parquetFault(err error) error {
	var known *InputError
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &InputError{File: t.name, Problem: "damaged or not Parquet: " + oneLine(err.Error()), Accept: acceptParquet, Err: err}
}

// geoColumn is the name of the column with the geometry, "" for none.
func (t *table) geoColumn(f *parquet.File) (string, error) {
	text, ok := f.Lookup("geo")
	if !ok {
		for _, c := range f.Root().Columns() {
			if l := logical(c); l != nil {
				if g, ok := l.Value.(*format.GeometryType); ok { // of Parquet itself
					if g.CRS != "" && !strings.EqualFold(g.CRS, "OGC:CRS84") && !strings.EqualFold(g.CRS, "EPSG:4326") {
						return "", &InputError{File: t.name, Field: "crs", Value: g.CRS, Problem: "not longitude and latitude on WGS84", Accept: acceptCRS}
					}
					return c.Name(), nil
				}
			}
		}
		return "", nil
	}
	var g geoParquet
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return "", &InputError{File: t.name, Field: "geo", Problem: "is no metadata of GeoParquet: " + oneLine(err.Error()), Accept: "GeoParquet 1.0 or 1.1"}
	}
	c, ok := g.Columns[g.Primary]
	if !ok {
		return "", &InputError{File: t.name, Field: "geo", Problem: "does not describe the primary column " + quote(g.Primary), Accept: "GeoParquet 1.0 or 1.1"}
	}
	if !strings.EqualFold(c.Encoding, "WKB") {
		return "", &InputError{File: t.name, Field: "encoding", Value: c.Encoding, Problem: "not read", Accept: "WKB; convert with: ogr2ogr -lco GEOMETRY_ENCODING=WKB"}
	}
	if c.Edges == "spherical" {
		t.note("Edges are great circles in the file; they are taken for straight lines in degrees.")
	}
	return g.Primary, t.projJSON(c.CRS)
}

// projJSON takes note of the system of the coordinates as PROJJSON tells it.
func (t *table) projJSON(text json.RawMessage) error {
	if len(text) == 0 || string(text) == "null" {
		return nil // CRS84, or undefined: they must turn out to be degrees
	}
	type named struct {
		Name string `json:"name"`
	}
	var crs struct {
		Kind     string `json:"type"`
		Name     string `json:"name"`
		Datum    named  `json:"datum"`
		Ensemble named  `json:"datum_ensemble"`
		ID       struct {
			Authority string `json:"authority"`
			Code      any    `json:"code"`
		} `json:"id"`
	}
	if err := json.Unmarshal(text, &crs); err != nil {
		return &InputError{File: t.name, Field: "crs", Problem: "is no PROJJSON: " + oneLine(err.Error()), Accept: acceptCRS}
	}
	code := 0
	if n, ok := crs.ID.Code.(float64); ok {
		code = int(n)
	}
	switch {
	case strings.EqualFold(crs.ID.Authority, "OGC") && crs.ID.Code == "CRS84":
		return nil
	case strings.EqualFold(crs.ID.Authority, "EPSG") && t.epsg(code):
		return nil
	case crs.ID.Authority == "" && crs.Kind == "GeographicCRS" && t.epsg(datums[lettersOf(crs.Datum.Name+crs.Ensemble.Name)]):
		return nil
	}
	return &InputError{File: t.name, Field: "crs", Value: fmt.Sprintf("%s %s:%v", crs.Name, crs.ID.Authority, orZero(crs.ID.Code)), Problem: "not longitude and latitude on WGS84", Accept: acceptCRS}
}

func orZero(v any) any {
	if v == nil {
		return ""
	}
	return v
}

func logical(c *parquet.Column) *format.LogicalType {
	if !c.Leaf() {
		return nil
	}
	return c.Type().LogicalType()
}

// parquetLeaf turns the values of a column into ours.
type parquetLeaf struct {
	index int
	value func(parquet.Value) any
}

// parquetColumns are the columns that are read, in the order of the file.
func (t *table) parquetColumns(f *parquet.File, shape string) (columns []typedColumn, leaves []parquetLeaf, err error) {
	for _, c := range f.Root().Columns() {
		name := c.Name()
		if strings.ToValidUTF8(name, "") != name {
			return nil, nil, &InputError{File: t.name, Field: name, Problem: "is a name that is not UTF-8", Accept: "names in UTF-8"}
		}
		if !c.Leaf() || c.Repeated() {
			if name != "bbox" { // of GeoParquet's covering
				t.note("The column " + plain(name) + " is nested and was left out.")
			}
			continue
		}
		col := typedColumn{name: name, declared: geo.Text}
		leaf := parquetLeaf{index: c.Index(), value: func(v parquet.Value) any { return v.ByteArray() }}
		if name == shape {
			if c.Type().Kind() != parquet.ByteArray {
				return nil, nil, &InputError{File: t.name, Field: name, Problem: "is no column of bytes", Accept: "WKB"}
			}
			col.role = aShape
		} else {
			value, declared, ok := parquetType(c)
			if !ok {
				t.note("The column " + plain(name) + " holds bytes and was left out.")
				continue
			}
			col.declared, leaf.value = declared, value
			if col.to, err = t.typed(name); err != nil {
				return nil, nil, err
			}
			if col.to == nil {
				col.role = anID
			} else {
				col.to.declare(declared)
			}
		}
		columns, leaves = append(columns, col), append(leaves, leaf)
	}
	return columns, leaves, nil
}

// parquetType is our type of a column, and how its values become ours.
func parquetType(c *parquet.Column) (value func(parquet.Value) any, declared geo.Type, ok bool) {
	var meaning any
	if l := c.Type().LogicalType(); l != nil {
		meaning = l.Value
	}
	converted := deprecated.ConvertedType(-1)
	if k := c.Type().ConvertedType(); k != nil {
		converted = *k
	}
	switch c.Type().Kind() {
	case parquet.Boolean:
		return func(v parquet.Value) any { return v.Boolean() }, geo.Bool, true
	case parquet.Float:
		return func(v parquet.Value) any { return float64(v.Float()) }, geo.Number, true
	case parquet.Double:
		return func(v parquet.Value) any { return v.Double() }, geo.Number, true
	case parquet.Int32, parquet.Int64:
		whole := func(v parquet.Value) int64 {
			if v.Kind() == parquet.Int32 {
				return int64(v.Int32())
			}
			return v.Int64()
		}
		switch m := meaning.(type) {
		case *format.DateType:
			return func(v parquet.Value) any { return time.Unix(whole(v)*86400, 0).UTC().Format(time.DateOnly) }, geo.Text, true
		case *format.TimestampType:
			return timestamp(m, whole), geo.Text, true
		case *format.DecimalType:
			scale := math.Pow10(int(m.Scale))
			return func(v parquet.Value) any { return float64(whole(v)) / scale }, geo.Number, true
		case *format.IntType:
			if !m.IsSigned {
				return unsigned, geo.Integer, true
			}
		}
		return func(v parquet.Value) any { return whole(v) }, geo.Integer, true
	case parquet.ByteArray:
		switch meaning.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			return func(v parquet.Value) any { return string(v.ByteArray()) }, geo.Text, true
		}
		if meaning == nil && (converted == deprecated.UTF8 || converted == deprecated.Enum || converted == deprecated.Json) {
			return func(v parquet.Value) any { return string(v.ByteArray()) }, geo.Text, true
		}
	}
	return nil, 0, false
}

// unsigned is a whole number without sign; one too large for ours is a number.
func unsigned(v parquet.Value) any {
	if v.Kind() == parquet.Int32 {
		return int64(v.Uint32())
	}
	if u := v.Uint64(); u > math.MaxInt64 {
		return float64(u)
	}
	return v.Int64()
}

// timestamp writes times as RFC 3339, without a zone if they have none.
func timestamp(m *format.TimestampType, whole func(parquet.Value) int64) func(parquet.Value) any {
	layout := "2006-01-02T15:04:05.999999999"
	if m.IsAdjustedToUTC {
		layout += "Z"
	}
	return func(v parquet.Value) any {
		var when time.Time
		switch n := whole(v); m.Unit.Value.(type) {
		case *format.MilliSeconds:
			when = time.UnixMilli(n)
		case *format.MicroSeconds:
			when = time.UnixMicro(n)
		default:
			when = time.Unix(n/1e9, n%1e9)
		}
		return when.UTC().Format(layout)
	}
}

// parquetCursor gives the values of one column of a row group.
type parquetCursor struct {
	pages  parquet.Pages
	values parquet.ValueReader
	buf    []parquet.Value
	n, i   int
}

func (c *parquetCursor) next() (parquet.Value, error) {
	for c.i == c.n {
		c.i, c.n = 0, 0
		if c.values != nil {
			n, err := c.values.ReadValues(c.buf)
			if c.n = n; n > 0 {
				break
			}
			if err != nil && err != io.EOF {
				return parquet.Value{}, err
			}
		}
		page, err := c.pages.ReadPage()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return parquet.Value{}, err
		}
		c.values = page.Values()
	}
	c.i++
	return c.buf[c.i-1], nil
}

// parquetRows reads the rows of a row group, all columns side by side.
func (t *table) parquetRows(ctx context.Context, in random, meta format.RowGroup, group parquet.RowGroup, columns []typedColumn, leaves []parquetLeaf) error {
	chunks := group.ColumnChunks()
	cursors := make([]parquetCursor, len(leaves))
	for i, leaf := range leaves {
		if leaf.index >= len(chunks) || leaf.index >= len(meta.Columns) {
			return t.notParquet("has a row group without some column")
		}
		if err := t.checkPages(in, &meta.Columns[leaf.index].MetaData, group.NumRows()); err != nil {
			return err
		}
		cursors[i] = parquetCursor{pages: chunks[leaf.index].Pages(), buf: make([]parquet.Value, 512)}
		defer cursors[i].pages.Close()
	}
	values := make([]any, len(columns))
	for row := range group.NumRows() {
		if row%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i := range cursors {
			v, err := cursors[i].next()
			if err != nil {
				return err
			}
			values[i] = nil
			if !v.IsNull() {
				values[i] = leaves[i].value(v)
			}
		}
		if err := t.typedRow(columns, values, t.wkbValue); err != nil {
			return err
		}
	}
	return nil
}

// wkbValue is the shape of a value that is plain WKB.
func (t *table) wkbValue(value any) (orb.Geometry, error) {
	b, ok := value.([]byte)
	if !ok {
		return nil, nil
	}
	g, _, err := t.binaryShape(b)
	return g, err
}
