package draw

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fonts are found on every system, one of them at least.
const fonts = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

// advance are the widths of the characters from space to ~, in thousandths of
// the size (Adobe's metrics of Helvetica).
var advance = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// measure is about how wide a text is. The reader's font may be another one:
// a little is added.
func measure(s string, size float64) float64 {
	const slack = 1.06
	var w int
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			w += advance[r-' ']
		case unicode.In(r, unicode.Mn, unicode.Me):
		case r >= 0x2e80:
			w += 1000
		default:
			w += 600
		}
	}
	return float64(w) / 1000 * size * slack
}

// wrap breaks a text into lines no wider than width, at spaces where it can.
// What does not fit in most lines ends with an ellipsis.
func wrap(s string, size, width float64, most int) []string {
	var lines []string
	line := ""
	var rest []string
	for _, word := range strings.Fields(clean(s)) {
		if len(rest) > 0 && strings.HasPrefix(word, "%") { // a number keeps its sign
			rest[len(rest)-1] += " " + word
		} else {
			rest = append(rest, word)
		}
	}
	for len(rest) > 0 && len(lines) <= most {
		word := rest[0]
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		switch {
		case measure(joined, size) <= width:
			line, rest = joined, rest[1:]
		case line != "":
			lines, line = append(lines, line), ""
		default: // a word wider than a line
			n := 0
			for n < len(word) {
				_, k := utf8.DecodeRuneInString(word[n:])
				if n > 0 && measure(word[:n+k], size) > width {
					break
				}
				n += k
			}
			lines, rest[0] = append(lines, word[:n]), word[n:]
			if rest[0] == "" {
				rest = rest[1:]
			}
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = fitting(lines[most-1]+" …", size, width)
	}
	return lines
}

// balanced is wrap with lines about as long as each other.
func balanced(s string, size, width float64, most int) []string {
	lines := wrap(s, size, width, most)
	for w := width; len(lines) > 1 && w > width/2; w *= 0.97 {
		tighter := wrap(s, size, w, most+1)
		if len(tighter) > len(lines) {
			break
		}
		lines = tighter
	}
	return lines
}

// fitting cuts a text with an ellipsis so that it is no wider than width.
func fitting(s string, size, width float64) string {
	s = clean(s)
	if measure(s, size) <= width {
		return s
	}
	s = strings.TrimRight(s, " …")
	for s != "" && measure(s+"…", size) > width {
		_, k := utf8.DecodeLastRuneInString(s)
		s = strings.TrimRight(s[:len(s)-k], " ,")
	}
	return s + "…"
}

// longest is how much of a text is looked at, in bytes: nobody reads more.
const longest = 4096

// clean leaves of a text what XML can hold, control characters as spaces, and
// takes out marks that turn the direction of what follows.
func clean(s string) string {
	if len(s) > longest {
		s = s[:longest]
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r == 0xfffe, r == 0xffff:
			return '\ufffd'
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape is a text as content or attribute of XML.
func escape(s string) string { return escaper.Replace(clean(s)) }
