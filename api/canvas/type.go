package canvas

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Type is how a text is set.
type Type struct {
	Size   float64
	Bold   bool
	Colour Colour // Ink if left out
	Anchor Anchor
	Turn   float64 // degrees clockwise around the start of its baseline
}

// Ink is the colour of text that asks for none.
const Ink Colour = "#1a1a1a"

// Anchor is which part of a text lies at its x.
type Anchor uint8

const (
	Start Anchor = iota
	Middle
	End
)

// share of the width that lies before x.
func (a Anchor) share() float64 { return float64(a) / 2 }

func (t Type) face() *face {
	if t.Bold {
		return bold()
	}
	return regular()
}

func (t Type) colour() Colour {
	if t.Colour == "" {
		return Ink
	}
	return t.Colour
}

// Width is how wide a line of text is.
func (t Type) Width(s string) float64 { return t.face().advance(clean(s)) * t.Size }

// keeps reports whether a word stays with the one before it: a sign of percent, a unit,
// a mark of doubt.
func keeps(word string) bool {
	if strings.HasPrefix(word, "%") {
		return true
	}
	switch strings.TrimRight(word, ".,;:)") {
	case "h", "min", "km", "mi", "†":
		return true
	}
	return false
}

// Wrap breaks a text into lines no wider than width, at spaces where it can but not
// at a no-break space, which becomes a space. What does not fit in most lines ends
// with an ellipsis.
func (t Type) Wrap(s string, width float64, most int) []string {
	var lines, rest []string
	for _, word := range words(clean(s)) {
		if len(rest) > 0 && keeps(word) { // a number keeps its sign and its unit
			rest[len(rest)-1] += " " + word
		} else {
			rest = append(rest, word)
		}
	}
	for len(rest) > 0 && len(lines) <= most {
		if n := longestThat(len(rest), func(n int) bool { return t.Width(strings.Join(rest[:n], " ")) <= width }); n > 0 {
			lines, rest = append(lines, strings.Join(rest[:n], " ")), rest[n:]
			continue
		}
		letters := []rune(rest[0]) // a word wider than a line
		n := max(1, longestThat(len(letters), func(n int) bool { return t.Width(string(letters[:n])) <= width }))
		if cut := string(letters[:n]); n < len(letters) && strings.LastIndexByte(cut, '-') > 0 { // where it may be parted
			n = utf8.RuneCountInString(cut[:strings.LastIndexByte(cut, '-')+1])
		}
		lines, rest[0] = append(lines, string(letters[:n])), string(letters[n:])
		if rest[0] == "" {
			rest = rest[1:]
		}
	}
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = t.Fit(lines[most-1]+" …", width)
	}
	for i := range lines { // it has done its work, and a search looks for another
		lines[i] = strings.ReplaceAll(lines[i], "\u00a0", " ")
	}
	return lines
}

// words are what a text may be broken between: not at spaces that bind.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' && r != '\u2007'
	})
}

// Balanced is Wrap with lines about as long as each other.
func (t Type) Balanced(s string, width float64, most int) []string {
	lines := t.Wrap(s, width, most)
	for w := width; len(lines) > 1 && w > width/2; w *= 0.97 {
		tighter := t.Wrap(s, w, most+1)
		if len(tighter) > len(lines) {
			break
		}
		lines = tighter
	}
	return lines
}

// Fit cuts a text with an ellipsis so that it is no wider than width.
func (t Type) Fit(s string, width float64) string {
	s = clean(s)
	if t.Width(s) <= width {
		return s
	}
	letters := []rune(strings.TrimRight(s, " …"))
	cut := func(n int) string { return strings.TrimRight(string(letters[:n]), " ,") + "…" }
	return cut(longestThat(len(letters), func(n int) bool { return t.Width(cut(n)) <= width }))
}

// longestThat is the largest n up to most of which fits is true, 0 where it is of none. What
// fits, fits when it is shorter; so it is asked for a few lengths near n, and not for each.
func longestThat(most int, fits func(n int) bool) int {
	low, step := 0, 1
	for low+step <= most && fits(low+step) {
		low, step = low+step, 2*step
	}
	return low + sort.Search(min(step, most-low+1)-1, func(k int) bool { return !fits(low + k + 1) })
}

// longest is how much of a text is looked at, in bytes: nobody reads more.
const longest = 4096

// clean leaves of a text what XML can hold, control characters as spaces, letters
// with their marks as one where they can be, and takes out marks that turn the
// direction of what follows.
func clean(s string) string {
	if len(s) > longest {
		s = s[:longest]
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r == 0xfffe, r == 0xffff:
			return '\ufffd'
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s))
}
