package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"careshed/geo"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// dbf is the table of a shapefile (dBASE III, as Esri's white paper of 1998
// refers to it).
type dbf struct {
	b        []byte
	rows     int
	head     int // bytes before the first record
	size     int // bytes of a record
	fields   []dbfField
	codepage byte
}

type dbfField struct {
	name     string
	kind     byte
	at, size int // in a record
	decimals int
}

// openDBF reads the header. The number of records is that of the header, if the
// file has room for them.
func (t *table) openDBF(b []byte, decode func([]byte) (string, bool)) (*dbf, error) {
	fault := func(problem string) error {
		return &InputError{File: t.name, Field: ".dbf", Problem: problem, Accept: "a dBASE table as shapefiles have it"}
	}
	if len(b) < 33 {
		return nil, fault("is too short")
	}
	d := &dbf{b: b, rows: int(binary.LittleEndian.Uint32(b[4:])), head: int(binary.LittleEndian.Uint16(b[8:])),
		size: int(binary.LittleEndian.Uint16(b[10:])), codepage: b[29]}
	switch {
	case d.head < 33 || d.head > len(b):
		return nil, fault("has a header beyond its end")
	case d.size < 1:
		return nil, fault("has records of no size")
	case d.rows < 0 || d.rows > (len(b)-d.head)/d.size:
		return nil, fault(fmt.Sprintf("announces %d records and has room for %d: it ends in the middle", d.rows, (len(b)-d.head)/d.size))
	}
	at := 1 // behind the mark of deletion
	for i := 32; i+32 <= d.head && b[i] != 0x0d; i += 32 {
		raw := b[i : i+11]
		if k := bytes.IndexByte(raw, 0); k >= 0 {
			raw = raw[:k]
		}
		name, ok := decode(bytes.TrimSpace(raw))
		f := dbfField{name: name, kind: b[i+11], at: at, size: int(b[i+16]), decimals: int(b[i+17])}
		if f.kind == 'C' { // dBASE's longer texts take the byte of the decimals
			f.size += int(b[i+17]) << 8
		}
		at += f.size
		if !ok || name == "" || at > d.size {
			return nil, fault(fmt.Sprintf("has a field %d that is damaged", len(d.fields)+1))
		}
		d.fields = append(d.fields, f)
	}
	return d, nil
}

// columns are the fields that are read.
func (t *table) dbfColumns(d *dbf) ([]typedColumn, []dbfField, error) {
	var columns []typedColumn
	var fields []dbfField
	used := map[string]bool{}
	for _, f := range d.fields {
		c := typedColumn{declared: geo.Text}
		switch f.kind {
		case 'C', 'D':
		case 'N', 'F':
			c.declared = geo.Number
			if f.kind == 'N' && f.decimals == 0 {
				c.declared = geo.Integer
			}
		case 'L':
			c.declared = geo.Bool
		default:
			t.note("The field " + plain(f.name) + " has type " + quote(string(rune(f.kind))) + " and was left out.")
			continue
		}
		c.name = f.name
		for k := 2; used[c.name]; k++ { // names of ten bytes do collide
			c.name = fmt.Sprintf("%s_%d", f.name, k)
		}
		used[c.name] = true
		var err error
		if c.to, err = t.typed(c.name); err != nil {
			return nil, nil, err
		}
		c.to.declare(c.declared)
		columns, fields = append(columns, c), append(fields, f)
	}
	return columns, fields, nil
}

// deleted reports whether record i is marked as deleted.
func (d *dbf) deleted(i int) bool { return d.b[d.head+i*d.size] == '*' }

// cell is a value of record i: nil, int64, float64, bool or string.
func (t *table) dbfCell(d *dbf, i int, f dbfField, decode func([]byte) (string, bool)) (any, error) {
	from := d.head + i*d.size + f.at
	raw := bytes.TrimRight(d.b[from:from+f.size], " \x00")
	text := bytes.TrimSpace(raw)
	wrong := func(problem, accept string) error {
		return t.fault(f.name, strings.ToValidUTF8(string(text), "\ufffd"), problem, accept)
	}
	switch f.kind {
	case 'C':
		if len(raw) == 0 {
			return nil, nil // dBASE cannot tell an empty text from none
		}
		s, ok := decode(raw)
		if !ok {
			return nil, wrong("not in the encoding of the file", "the encoding by its name as encoding: "+acceptEncodings)
		}
		return s, nil
	case 'D':
		if len(text) == 0 || strings.Trim(string(text), "0") == "" {
			return nil, nil
		}
		if len(text) != 8 || strings.Trim(string(text), "0123456789") != "" {
			return nil, wrong("not a date", "eight digits: year, month, day")
		}
		return fmt.Sprintf("%s-%s-%s", text[:4], text[4:6], text[6:]), nil
	case 'L':
		switch string(text) {
		case "T", "t", "Y", "y", "1":
			return true, nil
		case "F", "f", "N", "n", "0":
			return false, nil
		case "", "?":
			return nil, nil
		}
		return nil, wrong("not a truth value", "T, F or ?")
	}
	if len(text) == 0 || strings.Trim(string(text), "*") == "" || text[0] == '*' { // asterisks: it did not fit
		return nil, nil
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil && f.decimals == 0 {
		return n, nil
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || strings.Trim(string(text), "+-0123456789.eE") != "" {
		return nil, wrong("not a number", "a decimal number, or nothing")
	}
	return v, nil
}

// dbfDecoder is how the texts of a table are decoded: in the encoding that the
// source names, or a .cpg file, or the language driver of the table. Texts that
// are all UTF-8 and not ASCII are taken for it whatever these say, with a note;
// without any they are UTF-8 or, with a note, Windows-1252.
func (t *table) dbfDecoder(cpg string, b []byte) (func([]byte) (string, bool), error) {
	driver := byte(0)
	if len(b) > 29 {
		driver = b[29]
	}
	if name := t.source.Encoding; name != "" {
		e, ok := encodingOf(name)
		if !ok {
			return nil, t.badEncoding("encoding", name)
		}
		return decoded(e), nil
	}
	name := strings.TrimSpace(strings.TrimPrefix(cpg, "\ufeff"))
	e, ok := encoding.Encoding(nil), false
	says := "the .cpg file says " + plain(name)
	switch page, known := drivers[driver]; {
	case name != "":
		if e, ok = encodingOf(name); !ok {
			return nil, t.badEncoding(".cpg", name)
		}
	case known:
		if e, ok = codePages[page]; !ok {
			return nil, t.badEncoding(".dbf", fmt.Sprintf("0x%02X", driver))
		}
		says = fmt.Sprintf("the code page of the table says %d", page)
	case driver != 0 && driver != 0xf0:
		return nil, &InputError{File: t.name, Field: ".dbf", Value: fmt.Sprintf("0x%02X", driver), Problem: "not a code page that is read",
			Accept: "a .cpg file beside it, or the encoding by its name as encoding: " + acceptEncodings}
	}
	wide, valid := t.dbfTexts(b)
	switch {
	case ok && e != unicode.UTF8 && wide && valid:
		t.note("All texts are UTF-8 and were read as that, though " + says + "; encoding: names another.")
		return utf8Text, nil
	case ok:
		return decoded(e), nil
	case wide && !valid:
		t.doubt("Nothing says the encoding of the texts, and they are not UTF-8: they were taken for Windows-1252 (Latin-1); encoding: names another, such as cp1250.")
		return decoded(charmap.Windows1252), nil
	}
	return utf8Text, nil
}

// dbfTexts reports whether the texts of a table go beyond ASCII, and whether all
// are UTF-8. A damaged table has none.
func (t *table) dbfTexts(b []byte) (wide, valid bool) {
	valid = true
	d, err := t.openDBF(b, func(b []byte) (string, bool) { return string(b), true })
	if err != nil {
		return false, true
	}
	look := func(raw []byte) {
		if raw = bytes.TrimRight(raw, " \x00"); ascii(raw) {
			return
		}
		wide = true
		if _, ok := utf8Text(raw); !ok {
			valid = false
		}
	}
	for _, f := range d.fields {
		look([]byte(f.name))
	}
	for i := 0; i < d.rows && valid; i++ {
		for _, f := range d.fields {
			if from := d.head + i*d.size + f.at; f.kind == 'C' && !d.deleted(i) {
				look(b[from : from+f.size])
			}
		}
	}
	return wide, valid
}
