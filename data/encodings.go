package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// acceptEncodings are some of the names of encodings that are read.
const acceptEncodings = "such as UTF-8, UTF-16, cp1252, ISO-8859-1, cp1250, ISO-8859-2, cp852, cp1251, cp866, KOI8-R, cp932, cp936, GB18030, Big5"

// codePages are the encodings by the number of their code page.
var codePages = map[int]encoding.Encoding{
	437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 855: charmap.CodePage855, 858: charmap.CodePage858,
	860: charmap.CodePage860, 862: charmap.CodePage862, 863: charmap.CodePage863, 865: charmap.CodePage865, 866: charmap.CodePage866, 874: charmap.Windows874,
	932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5, 54936: simplifiedchinese.GB18030,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254,
	1255: charmap.Windows1255, 1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258,
	1200: unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), 1201: unicode.UTF16(unicode.BigEndian, unicode.UseBOM), 65001: unicode.UTF8,
	10000: charmap.Macintosh, 10007: charmap.MacintoshCyrillic, 20866: charmap.KOI8R, 21866: charmap.KOI8U,
	28592: charmap.ISO8859_2, 28593: charmap.ISO8859_3, 28594: charmap.ISO8859_4, 28595: charmap.ISO8859_5, 28596: charmap.ISO8859_6, 28597: charmap.ISO8859_7,
	28598: charmap.ISO8859_8, 28599: charmap.ISO8859_9, 28600: charmap.ISO8859_10, 28603: charmap.ISO8859_13, 28604: charmap.ISO8859_14, 28605: charmap.ISO8859_15, 28606: charmap.ISO8859_16,
	28591: charmap.Windows1252, // ISO-8859-1 has control characters where Windows-1252 has letters; nobody means them
}

// encodingOf is the encoding that a name says: cp1250, windows-1250, 1250,
// ISO-8859-2, ISO 88592, latin2, KOI8-R, UTF-16 …
func encodingOf(name string) (encoding.Encoding, bool) {
	key := lettersOf(name)
	for _, prefix := range []string{"windows", "cp", "ibm", "oem", "ansi", "dos", "ms", "x"} {
		if n, err := strconv.Atoi(strings.TrimPrefix(key, prefix)); err == nil {
			if e, ok := codePages[n]; ok {
				return e, true
			}
		}
	}
	part, ok := strings.CutPrefix(key, "iso8859")
	if !ok {
		part, ok = strings.CutPrefix(key, "8859")
	}
	if n, err := strconv.Atoi(part); ok && err == nil {
		e, ok := codePages[28590+n]
		return e, ok
	}
	switch key {
	case "utf8", "utf8bom", "utf8sig":
		return unicode.UTF8, true
	case "utf16", "utf16le", "unicode", "ucs2":
		return codePages[1200], true
	case "utf16be":
		return codePages[1201], true
	case "latin1", "ansi", "l1", "ascii", "usascii":
		return charmap.Windows1252, true
	case "macroman", "macintosh", "mac":
		return charmap.Macintosh, true
	}
	if e, err := htmlindex.Get(strings.ToLower(strings.TrimSpace(name))); err == nil && e != encoding.Replacement {
		return e, true
	}
	return nil, false
}

// drivers are the code pages by the language driver of a dBASE table (Esri's
// list); 0x57 is "ANSI", which is Windows-1252 for most.
var drivers = map[byte]int{
	0x01: 437, 0x02: 850, 0x03: 1252, 0x04: 10000, 0x08: 865, 0x09: 437, 0x0a: 850, 0x0b: 437, 0x0d: 437, 0x0e: 850, 0x0f: 437, 0x10: 850, 0x11: 437, 0x12: 850,
	0x13: 932, 0x14: 850, 0x15: 437, 0x16: 850, 0x17: 865, 0x18: 437, 0x19: 437, 0x1a: 850, 0x1b: 437, 0x1c: 863, 0x1d: 850, 0x1f: 852, 0x22: 852, 0x23: 852,
	0x24: 860, 0x25: 850, 0x26: 866, 0x37: 850, 0x40: 852, 0x4d: 936, 0x4e: 949, 0x4f: 950, 0x50: 874, 0x57: 1252, 0x58: 1252, 0x59: 1252, 0x64: 852, 0x65: 866,
	0x66: 865, 0x6c: 863, 0x78: 950, 0x79: 949, 0x7a: 936, 0x7b: 932, 0x7c: 874, 0x7d: 1255, 0x7e: 1256, 0x87: 852, 0x96: 10007,
	0xc8: 1250, 0xc9: 1251, 0xca: 1254, 0xcb: 1253, 0xcc: 1257,
}

// decoded makes a function of an encoding that reads one text; false where the
// bytes are none of it.
func decoded(e encoding.Encoding) func([]byte) (string, bool) {
	if e == unicode.UTF8 {
		return utf8Text
	}
	d := e.NewDecoder()
	return func(b []byte) (string, bool) {
		if ascii(b) {
			return string(b), true
		}
		s, err := d.Bytes(b)
		return string(s), err == nil && !bytes.ContainsRune(s, utf8.RuneError)
	}
}

// ascii reports whether all bytes are below 0x80.
func ascii(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// utf8Text reads UTF-8. A character that the width of a field has cut off at the
// end is left out.
func utf8Text(b []byte) (string, bool) {
	if utf8.Valid(b) {
		return string(b), true
	}
	b = uncut(b)
	return string(b), utf8.Valid(b)
}

// uncut is a text without the beginning of a character at its end.
func uncut(b []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			if b[len(b)-n] >= 0xc2 && !utf8.FullRune(b[len(b)-n:]) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

// badEncoding is the error for an encoding that is not known.
func (t *table) badEncoding(field, name string) error {
	return &InputError{File: t.name, Field: field, Value: name, Problem: "not an encoding that is read", Accept: acceptEncodings}
}

// transcoded is the text of a file in UTF-8: from the encoding that the source
// names, or from UTF-16, which its first bytes tell. Text without either is as
// it stands.
func (t *table) transcoded(in *stream, head []byte) (io.Reader, error) {
	if name := t.source.Encoding; name != "" {
		e, ok := encodingOf(name)
		if !ok {
			return nil, t.badEncoding("encoding", name)
		}
		if e == unicode.UTF8 {
			return in, nil
		}
		t.foreignText = true
		return transform.NewReader(in, e.NewDecoder()), nil
	}
	wide := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
	case len(head) >= 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
	case len(head) >= 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		wide = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	default:
		return in, nil
	}
	t.foreignText = true
	t.note("The file is in UTF-16, which its first bytes tell.")
	return transform.NewReader(in, wide.NewDecoder()), nil
}

// asWindows1252 turns a record that is not UTF-8 into it, taking it for
// Windows-1252, which a note says. It refuses what cannot be that.
func (t *table) asWindows1252(record []byte) ([]byte, error) {
	if t.foreignText || t.wideText || bytes.ContainsAny(record, "\x00") {
		return nil, t.notUTF8(record)
	}
	for _, c := range record {
		switch c {
		case 0x81, 0x8d, 0x8f, 0x90, 0x9d: // no characters
			return nil, t.notUTF8(record)
		}
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(record)
	if err != nil {
		return nil, t.notUTF8(record)
	}
	if !t.latinText {
		t.latinText = true
		t.doubt(fmt.Sprintf("Bytes that are not UTF-8, first in line %d, were taken for Windows-1252 (Latin-1); encoding: names another, such as cp1250.", t.line))
	}
	return s, nil
}
