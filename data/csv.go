package data

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// records cuts a CSV file into records. A record ends at the first line end
// outside quotes, that is after an even number of quotes.
type records struct {
	in       io.Reader
	buf      []byte
	from, to int // what is read and not yet given out
	ended    bool
	most     int // bytes of a record
}

// next is the next record without its line end, valid until the next call.
// It returns io.EOF after the last one, and errTooLong or errOpenQuote.
func (r *records) next() ([]byte, error) {
	open := false
	at := r.from
	for {
		line := r.buf[at:r.to]
		k := bytes.IndexByte(line, '\n')
		if k >= 0 {
			line = line[:k]
		}
		if bytes.Count(line, []byte{'"'})%2 == 1 {
			open = !open
		}
		at += len(line)
		if k >= 0 {
			at++
			if open {
				continue
			}
			record := r.buf[r.from : at-1]
			r.from = at
			return r.checked(bytes.TrimSuffix(record, []byte{'\r'}))
		}
		if r.ended {
			record := r.buf[r.from:r.to]
			r.from = r.to
			switch {
			case open && len(record) <= r.most:
				return record, errOpenQuote
			case len(record) == 0:
				return nil, io.EOF
			}
			return r.checked(bytes.TrimSuffix(record, []byte{'\r'}))
		}
		if at-r.from > r.most {
			return r.buf[r.from:r.to], errTooLong
		}
		at -= r.from
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

func (r *records) checked(record []byte) ([]byte, error) {
	if len(record) > r.most {
		return record, errTooLong
	}
	return record, nil
}

// fill reads more, behind what is not yet given out, which it moves to the
// front of the buffer.
func (r *records) fill() error {
	if r.buf == nil {
		r.buf = make([]byte, 1<<16)
	}
	copy(r.buf, r.buf[r.from:r.to])
	r.from, r.to = 0, r.to-r.from
	if r.to == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	n, err := r.in.Read(r.buf[r.to:])
	r.to += n
	if err == io.EOF {
		r.ended = true
		return nil
	}
	return err
}

// A csvFault is what is wrong with the form of a record.
type csvFault string

func (f csvFault) Error() string { return string(f) }

const (
	errTooLong   csvFault = "is too long"
	errOpenQuote csvFault = "opens a quote that is never closed"
	errBareQuote csvFault = "has a quote inside a cell that does not begin with one"
	errBareCR    csvFault = "has a carriage return outside quotes"
	errNUL       csvFault = "has a NUL byte"
	errAfter     csvFault = "has text between a closing quote and the next separator"
)

func (f csvFault) accept() string {
	switch f {
	case errTooLong:
		return "a shorter row, or a higher limit of text"
	case errBareCR:
		return "lines that end with LF or CR LF"
	case errNUL:
		return "text in UTF-8 (not UTF-16)"
	}
	return `RFC 4180: "a cell with ""quotes"""`
}

type cell struct {
	text   []byte
	quoted bool
	kind   cellKind
}

// cellKind is what is known of a cell beside its text.
type cellKind uint8

const (
	anyCell   cellKind = iota // its text tells
	textCell                  // a text, whatever it looks like
	typedCell                 // a number or truth value in plain form
)

// split cuts a record into cells, doubled quotes undone in place.
func split(record []byte, separator byte, cells []cell) ([]cell, error) {
	for i := 0; ; i++ {
		c := cell{quoted: i < len(record) && record[i] == '"'}
		if c.quoted {
			from, to := i+1, i+1
			for i++; ; i++ {
				if record[i] == '"' {
					i++
					if i == len(record) || record[i] != '"' {
						break
					}
				} else if record[i] == 0 {
					return cells, errNUL
				}
				record[to] = record[i]
				to++
			}
			c.text = record[from:to]
			if i < len(record) && record[i] != separator {
				return cells, errAfter
			}
		} else if n := formulaText(record[i:], separator); n > 0 {
			c.text, c.kind = record[i+2:i+n-1], textCell
			i += n
		} else {
			from := i
			for i < len(record) && record[i] != separator {
				switch record[i] {
				case '"':
					return cells, errBareQuote
				case '\r':
					return cells, errBareCR
				case 0:
					return cells, errNUL
				}
				i++
			}
			c.text = record[from:i]
		}
		if len(c.text) > 1 && c.text[0] == '\'' && geo.Live(string(c.text[1:])) {
			c.text = c.text[1:] // see appendCell
		} else if text, is := quotedFormula(c); is {
			c.text, c.kind = text, textCell
		}
		cells = append(cells, c)
		if i >= len(record) {
			return cells, nil
		}
	}
}

// separators are the signs between cells, likeliest first.
const separators = ",;\t|"

// separatorOf is the commonest of them outside quotes.
func separatorOf(header []byte) byte {
	var count [len(separators)]int
	quoted := false
	for _, b := range header {
		if b == '"' {
			quoted = !quoted
		}
		if k := strings.IndexByte(separators, b); k >= 0 && !quoted {
			count[k]++
		}
	}
	best := 0
	for k, n := range count {
		if n > count[best] {
			best = k
		}
	}
	return separators[best]
}

// namedSeparator is the sign of Excel's first line, such as sep=; with or without
// quotes.
func namedSeparator(record []byte) (byte, bool) {
	line := bytes.Trim(bytes.TrimSpace(record), `"`)
	if len(line) < 4 || !bytes.EqualFold(line[:4], []byte("sep=")) {
		return 0, false
	}
	switch rest := line[4:]; {
	case len(rest) == 1 && rest[0] != '"' && rest[0] > ' ':
		return rest[0], true
	case len(rest) == 0 && bytes.ContainsRune(record, '\t'), string(rest) == "\t", string(rest) == "\\t":
		return '\t', true
	}
	return 0, false
}

// readCSV reads a table. Blank lines are skipped.
func readCSV(in io.Reader, t *table) error {
	r := &records{in: in, most: t.lim.Text}
	t.flat = true
	t.line = 1
	id := -1
	var cells []cell
	var separator byte
	folded := false // as Eurostat does
	read := 0       // bytes of rows
	blank := 0      // rows of nothing but separators
	for first := true; ; {
		record, err := r.next()
		if err == io.EOF {
			break
		}
		lines := 1 + bytes.Count(record, []byte{'\n'})
		if len(record) > 0 && err == nil {
			if !ascii(record) {
				if !utf8.Valid(record) {
					if record, err = t.asWindows1252(record); err != nil {
						return err
					}
				} else if t.latinText {
					return t.notUTF8(record)
				} else {
					t.wideText = true
				}
				if t.foreignText && bytes.ContainsRune(record, utf8.RuneError) {
					return t.fault("", "", "holds bytes that are not of the encoding", "the right one as encoding: "+acceptEncodings)
				}
			}
			if first && separator == 0 {
				if named, ok := namedSeparator(record); ok {
					separator = named
					t.line += lines
					continue
				}
				if separator = separatorOf(record); eurostat(record) {
					separator, folded = '\t', true
				}
			}
			if folded {
				unfold(record)
			}
			if cells, err = split(record, separator, cells[:0]); folded {
				t.eurostatCells(cells, first)
			}
		}
		if err != nil {
			switch f := err.(type) {
			case csvFault:
				return t.fault("", "", "the row "+string(f), f.accept())
			case *InputError:
				f.Line = t.line
			}
			return err
		}
		switch {
		case len(record) == 0:
		case blankRow(cells):
			blank++
		case first:
			first = false
			if id, err = t.header(cells); err != nil {
				return err
			}
		default:
			if err := t.row(cells, id); err != nil {
				return err
			}
			read += len(record) + 1
		}
		t.line += lines
		if !first && !folded && t.swift(separator, id) {
			n, err := t.swiftly(r, separator)
			if err != nil {
				return err
			}
			read += n
		}
		if t.rows == sampleRows && t.size > 0 {
			t.expect(int(float64(t.size) / float64(read) * sampleRows))
		}
	}
	if blank > 0 {
		t.note(counted(blank, "row") + " of nothing but separators left out.")
	}
	if err := t.settleNameless(); err != nil {
		return err
	}
	if t.localNumbers {
		for _, c := range t.columns {
			c.field.Doubt = c.otherSigns()
		}
	}
	if separator != ',' && t.source.Decimal == "" && t.source.Thousands == "" {
		for _, c := range t.columns {
			c.field.Doubt = c.partedThousands()
		}
	}
	t.line = 0
	if len(t.columns) == 0 {
		return &InputError{File: t.name, Problem: "has no header", Accept: "a first line with the names of the columns"}
	}
	return nil
}

// sampleRows are read before it is known about how many there will be.
const sampleRows = 1 << 14

// expect makes room in the columns for about as many rows in all, and a little
// more.
func (t *table) expect(rows int) {
	rows = min(rows+rows/32, t.lim.Features, t.lim.Cells/max(1, len(t.columns)))
	for _, c := range t.columns {
		c.expect(rows)
	}
}

// notUTF8 names the line and the first byte that is not UTF-8.
func (t *table) notUTF8(record []byte) error {
	if utf8.Valid(record) { // after rows that are not
		return t.fault("", "", "holds UTF-8, lines before other bytes", "one encoding, or its name as encoding: "+acceptEncodings)
	}
	i := 0
	for {
		r, n := utf8.DecodeRune(record[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	t.line += bytes.Count(record[:i], []byte{'\n'})
	return t.fault("", "", fmt.Sprintf("byte 0x%02X is not UTF-8", record[i]), "UTF-8, or the encoding by its name as encoding: "+acceptEncodings)
}

// header makes the columns and returns which of them holds the id, or -1.
func (t *table) header(cells []cell) (id int, err error) {
	id = -1
	numerals, named := 0, 0
	for k, c := range cells {
		name := c.text
		if !c.quoted {
			name = bytes.TrimSpace(name)
		}
		nameless := len(bytes.TrimSpace(name)) == 0
		if nameless {
			name = fmt.Appendf(nil, "column %d", k+1)
		} else {
			named++
		}
		if bytes.IndexFunc(name, func(r rune) bool { return r < ' ' && !unicode.IsSpace(r) }) >= 0 {
			return 0, t.headerFault("", fmt.Sprintf("column %d is called %s", k+1, quote(string(name))), "text in UTF-8")
		}
		if _, kind, _ := parseNumber(name); kind != notNumber {
			numerals++
		}
		if other, taken := t.byName[string(name)]; taken {
			return 0, t.headerFault(string(name), fmt.Sprintf("names both column %d and column %d", other+1, k+1), "names that differ")
		}
		if _, err := t.addColumn(string(name)); err != nil {
			return 0, err
		}
		if last := t.columns[k]; nameless {
			last.nameless, last.namedAt = true, t.line
		}
		if string(name) == t.idName {
			id = k
		}
	}
	if named == 0 {
		return 0, t.headerFault("", "column 1 has no name", "a name for every column")
	}
	if numerals == named {
		return 0, t.headerFault("", "the first line holds numbers only", "a first line with the names of the columns")
	}
	if t.idFrom == idField && id < 0 {
		_, err := t.must("id", t.idName)
		return 0, err
	}
	t.wkt, err = t.wktColumn()
	return id, err
}

func (t *table) headerFault(field, problem, accept string) error {
	return &InputError{File: t.name, Line: t.line, Field: field, Problem: problem, Accept: accept}
}

// row takes the cells of one row.
func (t *table) row(cells []cell, id int) error {
	if len(cells) != len(t.columns) {
		accept := "as many cells in every row, with quotes around a cell that holds a separator"
		switch {
		case len(cells) > len(t.columns) && t.rows == 0 || len(t.columns) <= 2 && t.rows == 0:
			accept += "; if lines of title stand before the names of the columns, take them away"
		case len(cells) == 1:
			accept += "; if it is a footnote or the end of the table, take it away with what follows"
		}
		return t.fault("", "", fmt.Sprintf("has %s, the header has %d", counted(len(cells), "cell"), len(t.columns)), accept)
	}
	var shape orb.Geometry
	for k, c := range cells {
		literal := c.text
		if !c.quoted && len(literal) > 0 && (blank(literal[0]) || blank(literal[len(literal)-1])) {
			literal = bytes.Trim(literal, " \t")
		}
		if k == id {
			if err := t.fieldID(literal); err != nil {
				return err
			}
		}
		if len(literal) == 0 {
			continue
		}
		if k == t.wkt && t.isShape(literal) {
			var err error
			if shape, err = t.textShape(literal); err != nil {
				return err
			}
			continue
		}
		if len(t.source.Missing) > 0 && slices.Contains(t.source.Missing, string(literal)) && geo.CalledID(t.columns[k].name) < 0 {
			continue
		}
		column := t.columns[k]
		column.pad(t.rows)
		if column.shape == texts || c.kind == textCell && !t.localNumbers {
			column.addText(c.text)
		} else if yes, is := truth(literal); is {
			column.addTruth(yes, c.text)
		} else if t.localNumbers && c.kind != typedCell {
			if t.local(literal) {
				column.addSpelled(t.scratch, c.text)
			} else {
				column.addText(c.text)
			}
		} else {
			column.add(literal, c.text)
		}
	}
	if !t.flat {
		t.addShape(shape)
	}
	return t.endRow()
}

func blank(b byte) bool { return b == ' ' || b == '\t' }

// truth reads true and false as Python, R and JSON write them.
func truth(b []byte) (yes, is bool) {
	if len(b) < 4 || len(b) > 5 {
		return false, false
	}
	switch string(b) {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// counted is "1 cell" or "2 cells".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
