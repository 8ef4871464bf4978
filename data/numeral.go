package data

import (
	"bytes"
	"math"
	"strconv"

	"careshed/geo"
)

// numeral is what a literal turns out to be.
type numeral uint8

const (
	notNumber numeral = iota
	whole             // -?digits, at most 2^53 in size
	fraction          // any other finite decimal
)

const maxWhole = 1 << 53

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseNumber reads a finite decimal number: digits with an optional minus, a
// decimal point and an exponent. A plus sign or a needless leading zero is not
// a number but a code, and neither is a whole number that a float64 would
// change. canonical says that geo.AppendNumber writes the value as b again.
//
// Up to 15 digits and 22 powers of ten the value is one exact product or
// quotient (Clinger 1990); beyond, strconv decides. Up to 15 digits without a
// needless zero are also the shortest that lead back to the value.
func parseNumber(b []byte) (v float64, kind numeral, canonical bool) {
	i, n := 0, len(b)
	minus := n > 0 && b[0] == '-'
	if minus {
		i++
	}
	first := i
	var digits uint64
	for i < n && b[i]-'0' <= 9 && i-first <= 19 {
		digits = digits*10 + uint64(b[i]-'0')
		i++
	}
	before := i - first
	if before > 1 && b[first] == '0' {
		return 0, notNumber, false
	}
	if i == n && before > 0 && before <= 15 && !(minus && digits == 0) {
		v = float64(digits)
		if minus {
			v = -v
		}
		return v, whole, true
	}
	after := 0
	if i < n && b[i] == '.' {
		i++
		for i < n && b[i]-'0' <= 9 && before+after <= 19 {
			digits = digits*10 + uint64(b[i]-'0')
			i++
			after++
		}
	}
	if i == n && before > 0 && after > 0 && before+after <= 15 {
		v = float64(digits) / tens[after]
		canonical = b[n-1] != '0' && digits != 0 && v >= 1e-6
		if minus {
			v = -v
		}
		return v, fraction, canonical
	}
	return parseLong(b)
}

// parseLong is parseNumber for what is long or rare.
func parseLong(b []byte) (v float64, kind numeral, canonical bool) {
	if !decimal(b) {
		return 0, notNumber, false
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, notNumber, false
	}
	var buf [32]byte
	canonical = string(geo.AppendNumber(buf[:0], v)) == string(b)
	digitsOnly := true
	for i, c := range b {
		if c-'0' > 9 && (i > 0 || c != '-') {
			digitsOnly = false
		}
	}
	switch {
	case !digitsOnly:
		return v, fraction, canonical
	case math.Abs(v) <= maxWhole && canonical && !(v == 0 && math.Signbit(v)):
		return v, whole, true
	case canonical:
		return v, fraction, true
	}
	return 0, notNumber, false
}

// decimal is the grammar -?(0|[1-9]d*|).d*([eE][+-]?d+)? with at least one
// digit before the exponent.
func decimal(b []byte) bool {
	i := 0
	digits := func() int {
		from := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i - from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	first := i
	n := digits()
	if n > 1 && b[first] == '0' {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		n += digits()
	}
	if n == 0 {
		return false
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if digits() == 0 {
			return false
		}
	}
	return i == len(b)
}

// thousandsSigns stand between thousands where a source says so.
var thousandsSigns = []string{".", ",", " ", "'", "’", "\u00a0", "\u202f"}

// local turns a number with the signs that the source names into one with a
// point and nothing between thousands, in t.scratch. What is no such number it
// leaves alone: with signs of its own, a number must have them in their places.
func (t *table) local(literal []byte) bool {
	b := t.scratch[:0]
	i := 0
	if i < len(literal) && literal[i] == '-' {
		b = append(b, '-')
		i++
	}
	group, groups := 0, 0
	thousands := t.source.Thousands
	for i < len(literal) {
		switch c := literal[i]; {
		case c-'0' <= 9:
			b = append(b, c)
			group++
			i++
			continue
		case thousands != "" && group > 0 && bytes.HasPrefix(literal[i:], []byte(thousands)):
			if groups == 0 && group > 3 || groups > 0 && group != 3 {
				return false
			}
			groups, group = groups+1, 0
			i += len(thousands)
			continue
		}
		break
	}
	if groups > 0 && group != 3 {
		return false
	}
	decimal := t.source.Decimal
	if decimal == "" {
		decimal = "."
	}
	if i < len(literal) && bytes.HasPrefix(literal[i:], []byte(decimal)) {
		b = append(b, '.')
		i += len(decimal)
		for i < len(literal) && (literal[i]-'0' <= 9) {
			b = append(b, literal[i])
			i++
		}
	}
	if i < len(literal) && (literal[i] == 'e' || literal[i] == 'E') {
		b = append(b, literal[i:]...)
		i = len(literal)
	}
	t.scratch = b
	return i == len(literal) && len(b) > 0
}
