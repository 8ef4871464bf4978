package data

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"careshed/geo"
)

// Forms of CSV that programs write beside what RFC 4180 says: rows of nothing but separators,
// columns without a name, codes as formulas, tables of Eurostat.

// blankRow reports whether no cell of a row of several holds anything (two could be those of a
// location), as in the rows below a table that spreadsheets export.
func blankRow(cells []cell) bool {
	return len(cells) > 2 && !slices.ContainsFunc(cells, func(c cell) bool { return len(bytes.TrimSpace(c.text)) > 0 })
}

// quotedFormula is the text of a formula that is one: ="01001" keeps Excel from making 1001
// of a code.
func quotedFormula(c cell) (text []byte, is bool) {
	rest, is := bytes.CutPrefix(c.text, []byte(`="`))
	if !is || len(rest) < 1 || rest[len(rest)-1] != '"' || bytes.IndexByte(rest[:len(rest)-1], '"') >= 0 {
		return nil, false
	}
	return rest[:len(rest)-1], true
}

// formulaText is the length of such a cell that stands without quotes of its own at the
// beginning of b, 0 if there is none.
func formulaText(b []byte, separator byte) int {
	if !bytes.HasPrefix(b, []byte(`="`)) {
		return 0
	}
	n := bytes.IndexByte(b[2:], '"') + 3
	if n < 4 || n < len(b) && b[n] != separator || bytes.IndexByte(b[:n], 0) >= 0 {
		return 0
	}
	return n
}

// settleNameless leaves out columns without a name that hold nothing, as a separator at the
// end of every line makes them, and a first one that only numbers the rows, as R and pandas
// write it. Any other is refused.
func (t *table) settleNameless() error {
	if !slices.ContainsFunc(t.columns, func(c *column) bool { return c.nameless }) {
		return nil
	}
	var left []*column
	for k, c := range t.columns {
		switch {
		case !c.nameless:
			left = append(left, c)
			continue
		case c.shape == nothing:
			continue
		case k == 0 && c.numbersRows(t.rows):
			t.note("The first column, which has no name, only numbers the rows and was left out.")
			continue
		}
		texts := c.literals(t.rows)
		first := slices.IndexFunc(texts, func(text string) bool { return text != "" })
		if first < 0 {
			continue // white space
		}
		accept := "a name for every column"
		if k == 0 {
			accept += " (pandas: index_label; R: row.names = FALSE and the names as a column)"
		}
		return &InputError{File: t.name, Line: c.namedAt, Problem: fmt.Sprintf("column %d has no name, and holds %s in feature %d", k+1, quote(texts[first]), first+1),
			Accept: accept}
	}
	if t.wkt >= 0 {
		t.wkt = slices.Index(left, t.columns[t.wkt])
	}
	t.columns = left
	clear(t.byName)
	for k, c := range left {
		t.byName[c.name] = k
	}
	return nil
}

// eurostatEnd is what stands behind the last of the names in the first cell of Eurostat's
// tables, and begins the name of what the other columns are: geo\TIME_PERIOD.
const eurostatEnd = '\\'

// eurostat reports whether a first line is that of Eurostat's tables (TSV), in which commas
// part what a row is of, and tabs its values of several years.
func eurostat(header []byte) bool {
	first, _, tabs := bytes.Cut(header, []byte{'\t'})
	_, times, ends := bytes.Cut(first, []byte{eurostatEnd})
	return tabs && ends && bytes.IndexByte(first, ',') >= 0 && len(times) > 0 && bytes.IndexByte(header, '"') < 0
}

// unfold parts the first cell of a record of Eurostat into cells of their own.
func unfold(record []byte) {
	for i, b := range record {
		if b == '\t' {
			return
		}
		if b == ',' {
			record[i] = '\t'
		}
	}
}

// eurostatCells are the names, or the values of a row, of a table of Eurostat: without what
// the columns are in the name, : as no value, and the flags behind values left out.
func (t *table) eurostatCells(cells []cell, header bool) {
	for k := range cells {
		text := bytes.TrimSpace(cells[k].text)
		if header {
			if name, _, ends := bytes.Cut(text, []byte{eurostatEnd}); ends {
				text = name
			}
			cells[k].text = text
			continue
		}
		if value, flag, flagged := bytes.Cut(text, []byte{' '}); flagged && len(flag) > 0 && len(bytes.Trim(flag, "bcdefinprsuz ")) == 0 {
			if _, kind, _ := parseNumber(value); kind != notNumber || string(value) == ":" {
				text = value
				t.note("Flags behind the values of Eurostat's table (b: a break, e: estimated, p: provisional …) were left out.")
			}
		}
		if string(text) == ":" {
			text = nil
		}
		cells[k].text = text
	}
}

// unfilled doubts a first column that has a value in the first row of each group alone, as
// pivot tables and merged cells leave it: rows below belong to it all the same.
func (t *table) unfilled() {
	if !t.flat || t.rows < 4 || len(t.columns) < 3 || t.columns[0].shape != texts || geo.CalledID(t.columns[0].name) >= 0 {
		return
	}
	codes, words := t.columns[0].text.Column(geo.Field{}).Codes()
	at := func(row int) string {
		if row >= len(codes) || codes[row] < 0 {
			return ""
		}
		return strings.TrimSpace(words[codes[row]])
	}
	if at(0) == "" || at(1) != "" {
		return
	}
	groups, last, seen := 0, "", map[string]bool{}
	for i := range t.rows {
		v := at(i)
		if v == "" {
			continue
		}
		if seen[v] {
			return
		}
		if seen[v] = true; groups == 1 {
			last = ", " + plain(v)
		}
		groups++
	}
	if groups < 2 || 2*groups > t.rows || slices.Contains(t.columns[1].literals(t.rows), "") {
		return
	}
	t.doubt(fmt.Sprintf("The column %s has a value in %d of %d rows, as where only the first row of a group has it (%s%s): the others are taken to have none; fill it down where they have.",
		plain(t.columns[0].name), groups, t.rows, plain(at(0)), last))
}
