package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"careshed/geo"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/paulmach/orb"
)

// readParquet reads GeoParquet (1.0, 1.1, 2.0), or plain Parquet, whose
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
	t.patches = &patched{ReaderAt: in.ReaderAt}
	in.ReaderAt = t.patches
	defer func() {
		if p := recover(); p != nil { // parquet-go panics on some nonsense
			err = t.notParquet("is damaged")
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
	columns, leaves, err := t.parquetColumns(f, shape, in)
	if err != nil {
		return err
	}
	t.flat = shape.name == "" || t.source.Geometry == "none" || t.source.Lon != ""
	if err := t.typedID(columns); err != nil {
		return err
	}
	for _, c := range t.columns {
		c.expect(int(min(f.NumRows(), in.size))) // a file may claim any number
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
	return &InputError{File: t.name, Problem: "damaged or not Parquet: " + plainWords(err), Accept: acceptParquet, Err: err}
}

func logical(c *parquet.Column) *format.LogicalType {
	if !c.Leaf() {
		return nil
	}
	return c.Type().LogicalType()
}

// parquetLeaf turns the values of a column into ours. A shape that is nested has
// two columns, of x and of y, and as many values in a row as it has positions.
type parquetLeaf struct {
	index  int
	value  func(parquet.Value) any
	usual  usual
	nested *nestedShape
}

// directly reports whether rows have nothing to them but fields.
func (t *table) directly(columns []typedColumn) bool {
	if !t.flat || t.idFrom == idField {
		return false
	}
	for _, c := range columns {
		if c.role != aField || c.to == nil || c.any || c.digits || c.to.name == t.idName {
			return false
		}
	}
	return true
}

// parquetColumns are the columns that are read, in the order of the file.
func (t *table) parquetColumns(f *parquet.File, shape parquetGeo, in random) (columns []typedColumn, leaves []parquetLeaf, err error) {
	for _, c := range f.Root().Columns() {
		name := c.Name()
		if strings.ToValidUTF8(name, "") != name {
			return nil, nil, &InputError{File: t.name, Field: name, Problem: "is a name that is not UTF-8", Accept: "names in UTF-8"}
		}
		if name == shape.name && shape.nested != nil {
			leaf, err := t.nestedShape(c, shape.nested)
			if err != nil {
				return nil, nil, err
			}
			columns, leaves = append(columns, typedColumn{name: name, role: aShape}), append(leaves, leaf)
			continue
		}
		if !c.Leaf() || c.Repeated() {
			if name != "bbox" { // of GeoParquet's covering
				t.note("The column " + plain(name) + " is nested and was left out.")
			}
			continue
		}
		col := typedColumn{name: name, declared: geo.Text}
		leaf := parquetLeaf{index: c.Index(), value: func(v parquet.Value) any { return v.ByteArray() }}
		if name == shape.name {
			if c.Type().Kind() != parquet.ByteArray {
				return nil, nil, &InputError{File: t.name, Field: name, Problem: "is no column of bytes", Accept: "WKB"}
			}
			col.role = aShape
		} else {
			value, declared, ok := parquetType(c)
			if !ok {
				t.bytesColumn(f, c, in)
				continue
			}
			col.declared, leaf.value, leaf.usual = declared, value, usualOf(c, declared, t.lim.Text)
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
		indexes := []int{leaf.index}
		if leaf.nested != nil {
			indexes = []int{leaf.nested.x, leaf.nested.y}
		}
		for k, index := range indexes {
			if index >= len(chunks) || index >= len(meta.Columns) {
				return t.notParquet("has a row group without some column")
			}
			if err := t.checkPages(in, &meta.Columns[index].MetaData, group.NumRows(), leaf.nested != nil); err != nil {
				return err
			}
			c := parquetCursor{pages: chunks[index].Pages(), buf: make([]parquet.Value, 512)}
			defer c.pages.Close()
			switch {
			case leaf.nested == nil:
				cursors[i] = c
			case k == 0:
				leaf.nested.xs = c
			default:
				leaf.nested.ys = c
			}
		}
	}
	values := make([]any, len(columns))
	if t.directly(columns) {
		return t.fieldsOf(ctx, cursors, int(group.NumRows()), columns, leaves)
	}
	for row := range group.NumRows() {
		if row%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for i := range cursors {
			if n := leaves[i].nested; n != nil {
				if err := n.next(t, row == group.NumRows()-1); err != nil {
					return err
				}
				values[i] = n
				continue
			}
			v, err := cursors[i].next()
			if err != nil {
				return err
			}
			values[i] = nil
			if !v.IsNull() {
				values[i] = leaves[i].value(v)
			}
		}
		if err := t.typedRow(columns, values, t.parquetShapeOf); err != nil {
			return err
		}
	}
	return nil
}

// parquetShapeOf is the shape of a value: WKB, which must not name another system
// than the column, or nested positions.
func (t *table) parquetShapeOf(value any) (orb.Geometry, error) {
	if n, ok := value.(*nestedShape); ok {
		return n.shape(t)
	}
	b, ok := value.([]byte)
	if !ok {
		return nil, nil
	}
	if err := t.embedded(sridOf(b)); err != nil {
		return nil, err
	}
	g, _, err := t.binaryShape(b)
	return g, err
}
