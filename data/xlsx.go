package data

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"careshed/geo"
	roles "careshed/geo/role"

	"github.com/xuri/excelize/v2"
)

const acceptXLSX = "a workbook of Excel (.xlsx, OOXML), not encrypted"

// readXLSX reads one sheet of a workbook, as readCSV reads a file: the first row
// that is not empty names the columns. Cells have types, which columns keep;
// dates and times are texts in the form of ISO 8601.
func readXLSX(ctx context.Context, r io.Reader, t *table) (err error) {
	in, err := at(ctx, r, t.name, t.lim.Bytes)
	if err != nil {
		return err
	}
	all, err := t.unzip(ctx, in, "workbook", acceptXLSX)
	if err != nil {
		return err
	}
	fault := all.fault
	var size uint64
	for _, f := range all.z.File { // zip itself refuses a member that holds more than it says
		if size += f.UncompressedSize64; size > uint64(t.lim.Bytes) {
			return fault(fmt.Sprintf("holds more than %d bytes after decompression", t.lim.Bytes))
		}
	}
	defer func() {
		if p := recover(); p != nil { // excelize panics on some nonsense
			err = fault("is damaged")
		}
	}()
	f, err := excelize.OpenReader(io.NewSectionReader(in, 0, in.size), excelize.Options{RawCellValue: true, UnzipSizeLimit: t.lim.Bytes, UnzipXMLSizeLimit: min(t.lim.Bytes, 16<<20)})
	if err != nil {
		return fault("is no workbook, or damaged")
	}
	defer f.Close()
	sheet, err := t.sheet(f)
	if err != nil {
		return err
	}
	props, _ := f.GetWorkbookProps()
	x := &workbook{t: t, f: f, sheet: sheet, dates: map[int]byte{}, zeros: map[int]int{}, units: map[int]string{}, from1904: props.Date1904 != nil && *props.Date1904}
	if err := x.read(ctx); err != nil {
		return err
	}
	if t.line = 0; len(t.columns) == 0 {
		return &InputError{File: t.name, Field: "table", Value: sheet, Problem: "a sheet without a header", Accept: "a first row with the names of the columns"}
	}
	return nil
}

// sheet is the one that the source names, or the first that is not hidden.
func (t *table) sheet(f *excelize.File) (string, error) {
	all := f.GetSheetList()
	var shown []string
	for _, s := range all {
		if visible, err := f.GetSheetVisible(s); err == nil && visible {
			shown = append(shown, s)
		}
	}
	t.offers(shown)
	if t.source.Table != "" {
		if !slices.Contains(all, t.source.Table) {
			return "", &InputError{File: t.name, Field: "table", Value: t.source.Table, Problem: "not there" + meant(t.source.Table, all), Accept: list(all), Tables: all}
		}
		return t.source.Table, nil
	}
	if len(shown) == 0 {
		return "", &InputError{File: t.name, Problem: "has no sheet that is shown", Accept: "the name of one of them as table: " + list(all)}
	}
	if len(shown) > 1 {
		t.doubt("The workbook has several sheets; the first was read, " + plain(shown[0]) + "; table: names another: " + list(shown[1:]) + ".")
	}
	return shown[0], nil
}

// workbook reads the rows of a sheet.
type workbook struct {
	t        *table
	f        *excelize.File
	sheet    string
	dates    map[int]byte     // by the number of a style: 'd' a date, 'e' a duration, 'n' none
	zeros    map[int]int      // by the number of a style: to how many digits it shows numbers, 0 as they are
	units    map[int]string   // by the number of a style: the unit that it shows behind numbers
	shown    []map[string]int // by column: how many of its numbers are shown in a unit, "" in none
	from1904 bool
}

func (x *workbook) read(ctx context.Context) error {
	t := x.t
	damaged := &InputError{File: t.name, Field: "table", Value: x.sheet, Problem: "a sheet that is damaged", Accept: acceptXLSX}
	rows, err := x.f.Rows(x.sheet)
	if err != nil {
		return damaged
	}
	defer rows.Close()
	t.flat = true
	id, width, hidden := -1, 0, 0
	for line := 1; rows.Next(); line++ {
		if line%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		values, err := rows.Columns()
		if err != nil {
			return damaged
		}
		for len(values) > 0 && values[len(values)-1] == "" {
			values = values[:len(values)-1]
		}
		if len(values) == 0 {
			continue
		}
		t.line = line
		switch {
		case width == 0:
			width = len(values)
		case len(values) > width:
			return t.fault("", "", "has a value in column "+columnLetters(width+1)+", which has no name", "a name for every column")
		}
		cells := make([]cell, width)
		for k, v := range values {
			if cells[k], err = x.cell(line, k+1, v, id == -1 && len(t.columns) == 0); err != nil {
				return err
			}
		}
		if len(t.columns) == 0 {
			if id, err = t.header(cells); err != nil {
				return err
			}
			x.shown = make([]map[string]int, width)
			continue
		}
		if rows.GetRowOpts().Hidden {
			hidden++
		}
		if err := t.row(cells, id); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return damaged
	}
	if err := x.inUnits(); err != nil {
		return err
	}
	if hidden > 0 {
		t.doubt(fmt.Sprintf("The sheet hides %s, as a filter does; they were read as the others are.", counted(hidden, "row")))
	}
	return nil
}

// columnLetters is what Excel calls a column.
func columnLetters(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return strconv.Itoa(n)
	}
	return name
}

// cell is a value as a cell of CSV with its type.
func (x *workbook) cell(line, column int, value string, header bool) (cell, error) {
	if value == "" {
		return cell{}, nil
	}
	if len(value) > x.t.lim.Text {
		return cell{}, x.t.fault("", "", fmt.Sprintf("has a text longer than %d bytes", x.t.lim.Text), "a shorter text, or a higher limit of text")
	}
	c := cell{text: []byte(value), kind: textCell, quoted: true}
	if header {
		c.text = []byte(strings.TrimSpace(strings.ReplaceAll(value, "\n", " ")))
		return c, nil
	}
	name, err := excelize.CoordinatesToCellName(column, line)
	if err != nil {
		return c, nil
	}
	kind, err := x.f.GetCellType(x.sheet, name)
	if err != nil {
		return c, nil
	}
	switch kind {
	case excelize.CellTypeBool:
		c.text = []byte(strconv.FormatBool(value == "1" || strings.EqualFold(value, "true")))
		c.kind = typedCell
	case excelize.CellTypeDate:
		return c, nil // ISO 8601 as it stands
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
			return c, nil
		}
		c.kind, c.quoted = typedCell, false
		if len(value) > 20 || strings.Trim(strings.TrimPrefix(value, "-"), "0123456789") != "" { // 1.8E+14 and 1001.0 are whole numbers, as a sheet shows them
			c.text = geo.AppendNumber(nil, v)
		}
		style, err := x.f.GetCellStyle(x.sheet, name)
		if err != nil {
			return c, nil
		}
		kind := x.dated(style)
		if n := x.shown[column-1]; n != nil {
			n[x.units[style]]++
		} else {
			x.shown[column-1] = map[string]int{x.units[style]: 1}
		}
		if n := x.zeros[style]; n > len(c.text) && v >= 0 && v == math.Trunc(v) {
			c.text, c.kind = fmt.Appendf(nil, "%0*.0f", n, v), textCell // 1001 that is shown as 01001
		}
		switch kind {
		case 'd':
			when, err := excelize.ExcelDateToTime(v, x.from1904)
			if err != nil {
				return c, x.t.fault("", value, "not a date", "dates of Excel from 1900 on")
			}
			c.text, c.kind = []byte(isoOf(when, v)), textCell
		case 'e':
			s := math.Round(math.Abs(v) * 86400)
			sign := ""
			if v < 0 {
				sign = "-"
			}
			c.text, c.kind = fmt.Appendf(nil, "%s%02.0f:%02.0f:%02.0f", sign, math.Floor(s/3600), math.Floor(math.Mod(s, 3600)/60), math.Mod(s, 60)), textCell
		}
	}
	return c, nil
}

// isoOf writes a date, a time of day or both.
func isoOf(when time.Time, serial float64) string {
	when = when.Round(time.Millisecond)
	clock := "15:04:05"
	if when.Nanosecond() != 0 {
		clock += ".000"
	}
	switch {
	case serial < 1:
		return when.Format(clock)
	case serial == math.Trunc(serial):
		return when.Format(time.DateOnly)
	}
	return when.Format(time.DateOnly + "T" + clock)
}

// dated says whether a style shows numbers as dates or times.
func (x *workbook) dated(style int) byte {
	if kind, known := x.dates[style]; known {
		return kind
	}
	kind := byte('n')
	if s, err := x.f.GetStyle(style); err == nil && s != nil {
		switch n := s.NumFmt; {
		case s.CustomNumFmt != nil:
			if kind = datedFormat(*s.CustomNumFmt); kind == 'n' {
				x.units[style] = unitShown(*s.CustomNumFmt)
			}
			if shown := *s.CustomNumFmt; len(shown) > 1 && strings.Trim(shown, "0") == "" {
				x.zeros[style] = len(shown)
			}
		case n == 9, n == 10:
			x.units[style] = "percent"
		case n == 46:
			kind = 'e'
		case n >= 14 && n <= 22, n >= 27 && n <= 36, n == 45, n == 47, n >= 50 && n <= 58:
			kind = 'd'
		}
	}
	x.dates[style] = kind
	return kind
}

// datedFormat looks at the letters of a format outside quotes and brackets.
func datedFormat(format string) byte {
	quoted := false
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			end := strings.IndexByte(format[i:], ']')
			if end < 0 {
				return 'n'
			}
			switch strings.ToLower(format[i+1 : i+end]) {
			case "h", "hh", "m", "mm", "s", "ss":
				return 'e'
			}
			i += end
		case c == ';':
			return 'n'
		case strings.IndexByte("ymdhsYMDHS", c) >= 0:
			return 'd'
		case strings.HasPrefix(format[i:], "General"):
			return 'n'
		}
	}
	return 'n'
}

// unitShown is the unit that a format shows behind a number: 1.5 that is seen as 1.5 h, or
// 0.2 as 20%. A comma behind the last digit hides thousands, which the number has all the same.
func unitShown(format string) string {
	var behind strings.Builder
	quoted, digits := false, false
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
			behind.WriteByte(c)
		case c == '\\' && i+1 < len(format):
			i++
			behind.WriteByte(format[i])
		case c == '_' || c == '*':
			i++
		case c == '[':
			if end := strings.IndexByte(format[i:], ']'); end > 0 {
				i += end
			}
		case c == ';':
			return roles.UnitOf(behind.String())
		case c == ',' && digits && !strings.ContainsAny(format[i:], "0#?"):
			return ""
		case strings.IndexByte("0#?", c) >= 0:
			digits = true
			behind.Reset()
		default:
			behind.WriteByte(c)
		}
	}
	return roles.UnitOf(behind.String())
}

// inUnits gives columns the unit in which the sheet shows at least half of their numbers. Two
// units in one column would be read as one number.
func (x *workbook) inUnits() error {
	for k, c := range x.t.columns {
		bare := x.shown[k][""]
		delete(x.shown[k], "")
		in := slices.Sorted(maps.Keys(x.shown[k]))
		switch {
		case len(in) > 1:
			return &InputError{File: x.t.name, Field: c.name, Value: list(in), Problem: "a column whose numbers the sheet shows in several units", Accept: "one unit in a column"}
		case len(in) == 0:
			continue
		}
		unit, n := in[0], x.shown[k][in[0]]
		if n < bare {
			x.t.doubt(fmt.Sprintf("The sheet shows %d of the %d numbers of the column %s in %s and the others without a unit; all were read as they stand.", n, n+bare, plain(c.name), unit))
			continue
		}
		if c.field.Unit = unit; bare > 0 {
			x.t.doubt(fmt.Sprintf("The sheet shows %d of the %d numbers of the column %s without a unit and the others in %s; all were read in %s.", bare, n+bare, plain(c.name), unit, unit))
		}
	}
	return nil
}
