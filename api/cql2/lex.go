package cql2

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	end    kind = iota
	word        // an identifier or keyword
	quoted      // an identifier in double quotes
	text
	number
	symbol
)

// token is a token of a filter in text.
type token struct {
	kind  kind
	text  string // of a text without its quotes
	value float64
	at    int // byte where it begins
}

func (t token) String() string {
	switch t.kind {
	case end:
		return "the end"
	case text:
		return "'" + t.text + "'"
	}
	return t.text
}

// is reports whether the token is a keyword or symbol.
func (t token) is(what string) bool {
	return t.kind == word && strings.EqualFold(t.text, what) || t.kind == symbol && t.text == what
}

func where(at int) string { return fmt.Sprintf("character %d", at+1) }

func starts(r rune) bool { return r == ':' || r == '_' || unicode.IsLetter(r) }

func continues(r rune) bool {
	return starts(r) || r == '.' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == '‿' || r == '⁀'
}

// lex cuts a filter into tokens.
func lex(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		t := token{at: i}
		switch {
		case unicode.IsSpace(r):
			i += n
			continue
		case starts(r):
			j := i + n
			for j < len(s) {
				r, n := utf8.DecodeRuneInString(s[j:])
				if !continues(r) {
					break
				}
				j += n
			}
			t.kind, t.text, i = word, s[i:j], j
		case r == '\'' || r == '"':
			v, size, ok := unquote(s[i:], byte(r))
			if !ok {
				return nil, &Error{Where: where(i), Problem: "a quotation mark has no end", Found: clip(s[i:]), Accepted: string(r)}
			}
			if t.kind, t.text = text, v; r == '"' {
				t.kind = quoted
			}
			i += size
		case r >= '0' && r <= '9' || r == '.':
			j := i
			for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.' || s[j]|0x20 == 'e' || (s[j] == '+' || s[j] == '-') && s[j-1]|0x20 == 'e') {
				j++
			}
			v, err := strconv.ParseFloat(s[i:j], 64)
			if err != nil {
				return nil, &Error{Where: where(i), Problem: "this is not a number", Found: clip(s[i:j]), Accepted: "a number such as 1, -2.5 or 3e9"}
			}
			t.kind, t.text, t.value, i = number, s[i:j], v, j
		default:
			size := 1
			if two := s[i:min(len(s), i+2)]; two == "<>" || two == "<=" || two == ">=" {
				size = 2
			} else if !strings.ContainsRune("()=<>+-*/^%,", r) {
				return nil, &Error{Where: where(i), Problem: fmt.Sprintf("%q means nothing here", r), Found: string(r), Accepted: "a property, a value in single quotes, a number or an operator"}
			}
			t.kind, t.text = symbol, s[i:i+size]
			i += size
		}
		out = append(out, t)
	}
	return append(out, token{kind: end, at: len(s)}), nil
}

// unquote reads a text in quotes: a doubled quote, or one after a backslash,
// stands for itself.
func unquote(s string, quote byte) (value string, size int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote, s[i] == '\\' && i+1 < len(s) && s[i+1] == quote:
			i++
			b.WriteByte(quote)
		case s[i] == quote:
			return b.String(), i + 1, true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", 0, false
}

// clip shortens what an error quotes.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
