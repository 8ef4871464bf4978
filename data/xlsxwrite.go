package data

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"careshed/geo"

	"github.com/xuri/excelize/v2"
)

// What a sheet of Excel holds at most.
const xlsxRows, xlsxText, xlsxName = 1 << 20, 32767, 31

// WriteXLSX writes layers as the sheets of one workbook of Excel, each under its
// name: the id, longitude and latitude where every location is a point, then the
// fields, as [Write] has them in CSV. Other shapes are left out. Ids and texts are
// cells of texts, so 01001 stays what it is. Numbers have 15 digits, as Excel has.
func WriteXLSX(w io.Writer, layers ...*geo.Layer) error {
	f := excelize.NewFile()
	defer f.Close()
	used := map[string]bool{}
	for n, l := range layers {
		if err := finite(l); err != nil {
			return err
		}
		name := sheetName(used, l.Name)
		if n == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				return fmt.Errorf("write layer %s: %w", l.Name, err)
			}
		} else if _, err := f.NewSheet(name); err != nil {
			return fmt.Errorf("write layer %s: %w", l.Name, err)
		}
		if err := writeSheet(f, name, l); err != nil {
			return err
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// sheetName is a name that Excel takes and that is not used yet.
func sheetName(used map[string]bool, name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`[]:*?/\`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(name, "'")
	if name == "" || strings.EqualFold(name, "history") { // which Excel keeps for itself
		name = "layer" + name
	}
	short := func(suffix string) string {
		runes := []rune(name)
		return string(runes[:min(len(runes), xlsxName-utf8.RuneCountInString(suffix))]) + suffix
	}
	free := short("")
	for k := 2; used[strings.ToLower(free)]; k++ {
		free = short(fmt.Sprintf("_%d", k))
	}
	used[strings.ToLower(free)] = true
	return free
}

func writeSheet(f *excelize.File, name string, l *geo.Layer) error {
	if l.Len()+1 > xlsxRows {
		return fmt.Errorf("write layer %s: %d rows; a sheet of Excel holds %d with its header: write csv, gpkg or parquet", l.Name, l.Len(), xlsxRows)
	}
	s, err := f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("write layer %s: %w", l.Name, err)
	}
	rows := newCSVRows(l, l.Identified())
	var row []any
	for _, n := range append(slices.Clone(rows.front), rows.names...) {
		row = append(row, n)
	}
	if err := s.SetRow("A1", row); err != nil {
		return fmt.Errorf("write layer %s: %w", l.Name, err)
	}
	for i := range l.Len() {
		row = row[:0]
		if rows.ids {
			row = append(row, l.ID(i))
		}
		if rows.points {
			if p := l.Point(i); l.Located(i) {
				row = append(row, p[0], p[1])
			} else {
				row = append(row, nil, nil)
			}
		}
		for _, c := range rows.columns {
			v := c.Value(i)
			if text, ok := v.(string); ok {
				if utf8.RuneCountInString(text) > xlsxText {
					return fmt.Errorf("write layer %s: row %d (id %s): %s is longer than the %d characters of a cell of Excel", l.Name, i+1, l.ID(i), c.Name, xlsxText)
				}
				if text == "" {
					v = nil // a sheet cannot tell an empty text from none
				}
			}
			row = append(row, v)
		}
		if err := s.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
			return fmt.Errorf("write layer %s: row %d: %w", l.Name, i+1, err)
		}
	}
	if err := s.Flush(); err != nil {
		return fmt.Errorf("write layer %s: %w", l.Name, err)
	}
	return nil
}
