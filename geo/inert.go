package geo

import (
	"strings"
	"unicode/utf8"
)

// Live reports whether a spreadsheet that opens a text as a cell of CSV takes it for a
// formula: it begins with =, +, -, @, their wide forms, a tab or a line end, and is no
// number. Apostrophes before that count as nothing, so that Inert can be undone.
func Live(text string) bool {
	text = strings.TrimLeft(text, "'")
	first, size := utf8.DecodeRuneInString(text)
	rest := text[size:]
	switch first {
	case '+', '-', '＋', '－':
		return strings.Trim(rest, "0123456789.,eE") != ""
	case '=', '@', '＝', '＠', '\t', '\r', '\n':
		return rest != ""
	}
	return false
}

// Inert is a text as it stands in CSV: one that is live has an apostrophe before it,
// which spreadsheets show, and which [FromInert] takes away.
func Inert(text string) string {
	if Live(text) {
		return "'" + text
	}
	return text
}

// FromInert is the text of which Inert made this one.
func FromInert(text string) string {
	if len(text) > 1 && text[0] == '\'' && Live(text[1:]) {
		return text[1:]
	}
	return text
}
