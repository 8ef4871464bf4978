package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"careshed/geo"
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
			return nil, wrong("not in the encoding of the file", "the right encoding in a .cpg file beside, such as UTF-8 or ISO-8859-1")
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

// decoder is how the texts of a table are decoded: by the name of an encoding
// in a .cpg file, or by the code page of the table.
func (t *table) dbfDecoder(cpg string, codepage byte) (func([]byte) (string, bool), error) {
	name := strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(cpg, "\ufeff")))
	switch strings.NewReplacer("-", "", "_", "", " ", "").Replace(name) {
	case "UTF8", "65001":
		return utf8Text, nil
	case "ISO88591", "88591", "LATIN1", "1252", "CP1252", "WINDOWS1252", "ANSI1252":
		return windows1252, nil
	case "":
	default:
		return nil, &InputError{File: t.name, Field: ".cpg", Value: name, Problem: "not an encoding that is read", Accept: "UTF-8, ISO-8859-1, 1252"}
	}
	switch codepage {
	case 0x03, 0x57, 0x58, 0x59: // Windows ANSI
		return windows1252, nil
	case 0x00, 0xf0:
		return either, nil
	}
	return nil, &InputError{File: t.name, Field: ".dbf", Value: fmt.Sprintf("0x%02X", codepage), Problem: "not a code page that is read",
		Accept: "Windows ANSI, or a .cpg file beside it that says UTF-8, ISO-8859-1 or 1252"}
}

func utf8Text(b []byte) (string, bool) { return string(b), utf8.Valid(b) }

// either takes what is no UTF-8 for Windows-1252.
func either(b []byte) (string, bool) {
	if utf8.Valid(b) {
		return string(b), true
	}
	return windows1252(b)
}

// high are the runes of the bytes 0x80 to 0x9f in Windows-1252. ISO-8859-1 has
// control characters there, which nobody means.
var high = [32]rune{'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ'}

func windows1252(b []byte) (string, bool) {
	var s strings.Builder
	for _, c := range b {
		if c >= 0x80 && c < 0xa0 {
			s.WriteRune(high[c-0x80])
		} else {
			s.WriteRune(rune(c))
		}
	}
	return s.String(), true
}
