package geo

import (
	"math"
	"strconv"
)

// AppendText appends row i as text, nothing for no value. A whole number of an
// Integer column has no decimal point; a Number is written as short as it can
// be read back, without an exponent where that is readable.
func (c Column) AppendText(b []byte, i int) []byte {
	if c.Null(i) {
		return b
	}
	switch c.Type {
	case Text:
		return append(b, c.words[c.codes[i]]...)
	case Bool:
		return strconv.AppendBool(b, c.numbers[i] != 0)
	case Integer:
		return strconv.AppendInt(b, int64(c.numbers[i]), 10)
	}
	return AppendNumber(b, c.numbers[i])
}

// AppendNumber writes v as short as it can be read back.
func AppendNumber(b []byte, v float64) []byte {
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}
