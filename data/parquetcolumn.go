package data

import (
	"context"
	"io"
	"unicode/utf8"

	"careshed/geo"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// usual is how the usual values of a column of numbers or texts are taken: a page of them at
// once, or one. What either refuses (false) needs a look at each. Both are nil for other columns.
type usual struct {
	page func(*column, parquet.Page) bool
	one  func(*column, parquet.Value) bool
}

func usualOf(c *parquet.Column, declared geo.Type, longest int) usual {
	kind, l := c.Type().Kind(), c.Type().LogicalType()
	signed := l == nil && c.Type().ConvertedType() == nil
	if l != nil {
		m, is := l.Value.(*format.IntType)
		signed = is && m.IsSigned
	}
	switch {
	case kind == parquet.Double && declared == geo.Number && l == nil:
		return usual{pageOfDoubles, func(c *column, v parquet.Value) bool {
			x := v.Double()
			if x-x != 0 {
				return false
			}
			c.addNumber(x)
			return true
		}}
	case kind == parquet.Int64 && declared == geo.Integer && signed:
		return usual{pageOfWholes, func(c *column, v parquet.Value) bool {
			c.addWhole(v.Int64())
			return true
		}}
	case kind == parquet.ByteArray && declared == geo.Text:
		return usual{(&wordCodes{longest: longest}).page, func(c *column, v parquet.Value) bool { return c.shape == texts && c.text.AppendKnown(v.ByteArray()) }}
	}
	return usual{}
}

// entries are the numbers of a page, and which of them stand in its rows; rows is nil where
// they stand there one by one.
func entries[T any](page parquet.Page, of func(parquet.Page) []T) (values []T, rows []int32) {
	if d := page.Dictionary(); d != nil {
		data := page.Data()
		return of(d.Page()), data.Int32()
	}
	return of(page), nil
}

// pageOfDoubles takes a page of finite numbers.
func pageOfDoubles(c *column, page parquet.Page) bool {
	values, rows := entries(page, func(p parquet.Page) []float64 { data := p.Data(); return data.Double() })
	for _, v := range values {
		if v-v != 0 {
			return false
		}
	}
	if c.shape != numbers {
		return false
	}
	if rows == nil {
		c.values = append(c.values, values...)
	}
	for _, k := range rows {
		c.values = append(c.values, values[k])
	}
	return true
}

// pageOfWholes takes a page of whole numbers, none of which a float64 changes.
func pageOfWholes(c *column, page parquet.Page) bool {
	values, rows := entries(page, func(p parquet.Page) []int64 { data := p.Data(); return data.Int64() })
	for _, v := range values {
		if v > maxWhole || v < -maxWhole {
			return false
		}
	}
	if c.shape != wholes {
		return false
	}
	if rows == nil {
		for _, v := range values {
			c.values = append(c.values, float64(v))
		}
	}
	for _, k := range rows {
		c.values = append(c.values, float64(values[k]))
	}
	return true
}

// wordCodes are the codes, in a column, of the texts of a dictionary, which is one for all pages of a
// column in a row group.
type wordCodes struct {
	longest int // text, in bytes
	of      parquet.Dictionary
	codes   []int32 // -1: not asked for yet
}

// page takes a page of texts of a dictionary.
func (w *wordCodes) page(c *column, page parquet.Page) bool {
	d := page.Dictionary()
	if d == nil || c.shape != texts {
		return false
	}
	if w.of != d {
		w.of, w.codes = d, make([]int32, d.Len())
		for k := range w.codes {
			w.codes[k] = -1
		}
	}
	data := page.Data()
	rows := data.Int32()
	for _, k := range rows {
		if w.codes[k] >= 0 {
			continue
		}
		text := d.Index(k).ByteArray()
		if len(text) > w.longest || !utf8.Valid(text) {
			return false
		}
		w.codes[k] = c.text.Code(text)
	}
	for _, k := range rows {
		c.text.AppendCode(w.codes[k])
	}
	return true
}

// fieldsOf reads a row group of which nothing but fields is asked, column by column.
func (t *table) fieldsOf(ctx context.Context, cursors []parquetCursor, rows int, columns []typedColumn, leaves []parquetLeaf) error {
	from := t.rows
	if most := min(t.lim.Features, t.lim.Cells/max(1, len(t.columns))); rows > most-from {
		t.rows = most
		return t.endRow() // refuses
	}
	for i := range cursors {
		t.rows = from
		if err := t.fieldOf(ctx, &cursors[i], from+rows, columns[i], leaves[i]); err != nil {
			return err
		}
	}
	t.rows = from + rows
	return nil
}

// fieldOf reads one column up to a row.
func (t *table) fieldOf(ctx context.Context, in *parquetCursor, to int, c typedColumn, leaf parquetLeaf) error {
	for t.rows < to {
		page, err := in.pages.ReadPage()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if n := page.NumValues(); n > int64(to-t.rows) {
			return t.notParquet("has more values than rows")
		} else if c.to.pad(t.rows); leaf.usual.page != nil && page.NumNulls() == 0 && leaf.usual.page(c.to, page) {
			t.rows += int(n)
			continue
		}
		for values := page.Values(); ; {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			n, err := values.ReadValues(in.buf)
			if e := t.valuesOf(in.buf[:n], c, leaf); e != nil {
				return e
			}
			if err == io.EOF || n == 0 && err == nil {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// valuesOf adds values of a column one by one.
func (t *table) valuesOf(values []parquet.Value, c typedColumn, leaf parquetLeaf) error {
	for _, v := range values {
		if !v.IsNull() {
			c.to.pad(t.rows)
			if one := leaf.usual.one; one == nil || !one(c.to, v) {
				if err := t.typedValue(c, leaf.value(v)); err != nil {
					return err
				}
			}
		}
		t.rows++
	}
	return nil
}
