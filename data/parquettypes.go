package data

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"careshed/geo"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// digits is a decimal number as a container has it, all digits kept: a whole
// number beyond 2^53 is a text, any other a number.
type digits string

// parquetType is our type of a column, and how its values become ours.
func parquetType(c *parquet.Column) (value func(parquet.Value) any, declared geo.Type, ok bool) {
	var meaning any
	if l := c.Type().LogicalType(); l != nil {
		meaning = l.Value
	}
	converted := deprecated.ConvertedType(-1)
	if k := c.Type().ConvertedType(); k != nil {
		converted = *k
	}
	if m, is := meaning.(*format.DecimalType); is {
		return decimalOf(int(m.Scale))
	}
	switch c.Type().Kind() {
	case parquet.Boolean:
		return func(v parquet.Value) any { return v.Boolean() }, geo.Bool, true
	case parquet.Float:
		return func(v parquet.Value) any { return shortest(v.Float()) }, geo.Number, true
	case parquet.Double:
		return func(v parquet.Value) any { return v.Double() }, geo.Number, true
	case parquet.Int96: // of Hive and Spark: nanoseconds of a Julian day
		return func(v parquet.Value) any {
			n := v.Int96()
			when := time.Unix((int64(n[2])-2440588)*86400, int64(uint64(n[1])<<32|uint64(n[0])))
			return when.UTC().Format("2006-01-02T15:04:05.999999999")
		}, geo.Text, true
	case parquet.Int32, parquet.Int64:
		return wholeType(meaning, converted)
	case parquet.FixedLenByteArray:
		switch meaning.(type) {
		case *format.UUIDType:
			return uuid, geo.Text, true
		case *format.Float16Type:
			return func(v parquet.Value) any { return half(v.ByteArray()) }, geo.Number, true
		}
	case parquet.ByteArray:
		switch meaning.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			return func(v parquet.Value) any { return string(v.ByteArray()) }, geo.Text, true
		}
		if meaning == nil && (converted == deprecated.UTF8 || converted == deprecated.Enum || converted == deprecated.Json) {
			return func(v parquet.Value) any { return string(v.ByteArray()) }, geo.Text, true
		}
	}
	return nil, 0, false
}

// isText reports whether a column of bytes holds texts.
func isText(c *parquet.Column) bool {
	_, declared, ok := parquetType(c)
	return ok && declared == geo.Text
}

// wholeType is the type of whole numbers of 32 or 64 bits.
func wholeType(meaning any, converted deprecated.ConvertedType) (value func(parquet.Value) any, declared geo.Type, ok bool) {
	whole := func(v parquet.Value) int64 {
		if v.Kind() == parquet.Int32 {
			return int64(v.Int32())
		}
		return v.Int64()
	}
	switch m := meaning.(type) {
	case *format.DateType:
		return func(v parquet.Value) any { return time.Unix(whole(v)*86400, 0).UTC().Format(time.DateOnly) }, geo.Text, true
	case *format.TimestampType:
		return timestamp(m, whole), geo.Text, true
	case *format.TimeType:
		unit := perUnit(m.Unit)
		return func(v parquet.Value) any { return clock(whole(v) * unit) }, geo.Text, true
	case *format.IntType:
		if !m.IsSigned {
			return unsigned, geo.Integer, true
		}
	}
	if meaning == nil { // the older way to say the same
		switch converted {
		case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
			return unsigned, geo.Integer, true
		case deprecated.Date:
			return wholeType(&format.DateType{}, converted)
		case deprecated.TimeMillis:
			return func(v parquet.Value) any { return clock(whole(v) * 1e6) }, geo.Text, true
		case deprecated.TimeMicros:
			return func(v parquet.Value) any { return clock(whole(v) * 1e3) }, geo.Text, true
		}
	}
	return func(v parquet.Value) any { return whole(v) }, geo.Integer, true
}

// shortest is the number of the shortest decimal that leads back to v: 0.1 for
// the 0.1 of 32 bits, which is 0.100000001490116 of 64.
func shortest(v float32) float64 {
	if wide := float64(v); wide == math.Trunc(wide) && math.Abs(wide) < 1<<24 || wide-wide != 0 {
		return wide
	}
	var buf [32]byte
	wide, _ := strconv.ParseFloat(string(strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32)), 64)
	return wide
}

// half is a number of 16 bits (IEEE 754), as the shortest decimal that three or
// four digits are.
func half(b []byte) any {
	if len(b) != 2 {
		return nil
	}
	bits := binary.LittleEndian.Uint16(b)
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	v := 0.0
	switch exponent {
	case 0:
		v = fraction * 0x1p-24
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1+fraction/1024, exponent-15)
	}
	for n := 1; n < 6 && v-v == 0; n++ {
		short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
		step := math.Ldexp(1, max(exponent, 1)-15-10) // to the next number of 16 bits
		if math.Abs(short-v) < step/2 {
			v = short
			break
		}
	}
	if bits&0x8000 != 0 {
		v = -v
	}
	return v
}

// uuid writes 16 bytes as RFC 9562 has them.
func uuid(v parquet.Value) any {
	b := v.ByteArray()
	if len(b) != 16 {
		return nil
	}
	h := hex.EncodeToString(b)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// decimalOf reads decimals of any width: 32 or 64 bits, or bytes of a big-endian
// number.
func decimalOf(scale int) (value func(parquet.Value) any, declared geo.Type, ok bool) {
	declared = geo.Number
	if scale <= 0 {
		declared = geo.Integer
	}
	return func(v parquet.Value) any {
		var n big.Int
		switch v.Kind() {
		case parquet.Int32:
			n.SetInt64(int64(v.Int32()))
		case parquet.Int64:
			n.SetInt64(v.Int64())
		default:
			b := v.ByteArray()
			n.SetBytes(b)
			if len(b) > 0 && b[0]&0x80 != 0 {
				n.Sub(&n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
			}
		}
		return digits(pointed(n.String(), scale))
	}, declared, true
}

// pointed puts the decimal point before the last scale digits.
func pointed(text string, scale int) string {
	if scale <= 0 {
		return text + strings.Repeat("0", min(-scale, 400))
	}
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	if scale > 400 {
		return sign + "0"
	}
	if len(text) <= scale {
		text = strings.Repeat("0", scale+1-len(text)) + text
	}
	return sign + text[:len(text)-scale] + "." + text[len(text)-scale:]
}

// unsigned is a whole number without sign.
func unsigned(v parquet.Value) any {
	if v.Kind() == parquet.Int32 {
		return int64(v.Uint32())
	}
	if u := v.Uint64(); u > math.MaxInt64 {
		return digits(strconv.FormatUint(u, 10))
	}
	return v.Int64()
}

// perUnit are the nanoseconds of a unit of time.
func perUnit(u format.TimeUnit) int64 {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return 1e6
	case *format.MicroSeconds:
		return 1e3
	}
	return 1
}

// clock is a time of day of so many nanoseconds since midnight.
func clock(nanoseconds int64) string {
	s := nanoseconds / 1e9
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	if rest := nanoseconds % 1e9; rest > 0 {
		text += strings.TrimRight(fmt.Sprintf(".%09d", rest), "0")
	}
	return text
}

// timestamp writes times as RFC 3339, without a zone if they have none.
func timestamp(m *format.TimestampType, whole func(parquet.Value) int64) func(parquet.Value) any {
	layout := "2006-01-02T15:04:05.999999999"
	if m.IsAdjustedToUTC {
		layout += "Z"
	}
	return func(v parquet.Value) any {
		var when time.Time
		switch n := whole(v); m.Unit.Value.(type) {
		case *format.MilliSeconds:
			when = time.UnixMilli(n)
		case *format.MicroSeconds:
			when = time.UnixMicro(n)
		default:
			when = time.Unix(n/1e9, n%1e9)
		}
		return when.UTC().Format(layout)
	}
}
