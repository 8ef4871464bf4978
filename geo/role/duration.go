package role

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"careshed/geo"
)

// Times and lengths that are written with their units (13 min, 1 h 05 min, PT1H5M, 00:13:24,
// 12.5 km) are read where every text of a column is: the texts say what the numbers are, and
// no name or declaration has to. Two parts by the clock (1:30) could be hours and minutes or
// minutes and seconds, and are left to be asked about.

// measured are the values of a column of texts of which each says its unit; half says that
// most do, and others do not.
func (r Role) measured(c geo.Column, out *Reading) (values []float64, all, half bool) {
	if r.unit != time && r.unit != length || c.Type != geo.Text {
		return nil, false, false
	}
	codes, words := c.Codes()
	meaning, there := make([]float64, len(words)), make([]bool, len(words))
	for _, k := range codes {
		if k >= 0 {
			there[k] = true
		}
	}
	clock, good, of := "", 0, 0
	for k, w := range words {
		if !there[k] {
			continue
		}
		of++
		v, isClock, ok := r.quantity(strings.TrimSpace(w))
		if meaning[k] = v; !ok {
			continue
		}
		good++
		if isClock && clock == "" {
			clock = w
		}
	}
	if good == 0 || good < of {
		return nil, false, 2*good > of
	}
	if clock != "" {
		out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf("%s is written as %s, and is read as hours, minutes and seconds", c.Name, clock)})
	}
	values = make([]float64, len(codes))
	for i, k := range codes {
		values[i] = math.NaN()
		if k >= 0 {
			values[i] = meaning[k]
		}
	}
	return values, true, true
}

// quantity is a text such as 1 h 05 min in the unit of the role; clock says that it is
// written as hours, minutes and seconds by the clock.
func (r Role) quantity(w string) (v float64, clock, ok bool) {
	if r.unit == time {
		if v, ok := isoDuration(w); ok {
			return v, false, true
		}
		if v, ok := clockDuration(w); ok {
			return v, true, true
		}
	}
	v, ok = r.withUnits(w)
	return v, false, ok
}

// withUnits reads numbers with a unit behind each, the larger ones first. Behind hours two
// digits alone, as in 1h05, and m are minutes.
func (r Role) withUnits(w string) (v float64, ok bool) {
	last := math.Inf(1)
	for n := 0; w != ""; n++ {
		digits := w[:len(w)-len(strings.TrimLeft(w, "0123456789."))]
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil || n > 0 && r.unit == length {
			return 0, false
		}
		w = strings.TrimLeft(w[len(digits):], " \u00a0")
		word := strings.ToLower(w[:len(w)-len(strings.TrimLeftFunc(w, unicode.IsLetter))])
		w = strings.TrimLeft(w[len(word):], ".\u00a0 ")
		if last == 60 && (word == "m" || word == "" && len(digits) == 2 && w == "") {
			word = "min"
		}
		if s := spelt[word]; s != "" {
			word = s
		}
		u := units[word]
		if u.of != r.unit || u.times >= last {
			return 0, false
		}
		v, last = v+scaled(x, u.times), u.times
	}
	return v, !math.IsInf(last, 1)
}

// scaled is x of a unit in that of the role, so that 600 s are 10 min to the bit.
func scaled(x, times float64) float64 {
	if part := math.Round(1 / times); times < 1 && math.Abs(part*times-1) < 1e-12 {
		return x / part
	}
	return x * times
}

// isoDuration is a duration of ISO 8601 in days, hours, minutes and seconds, in minutes.
func isoDuration(w string) (v float64, ok bool) {
	rest, ok := strings.CutPrefix(w, "P")
	if !ok || strings.HasSuffix(rest, "T") {
		return 0, false
	}
	minutes := []float64{24 * 60, 0, 60, 1, 1.0 / 60}
	next := 0
	for rest != "" {
		if rest[0] == 'T' && next <= 1 {
			rest, next = rest[1:], 2
			continue
		}
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789."))]
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil || digits == rest {
			return 0, false
		}
		k := strings.IndexByte("DTHMS", rest[len(digits)])
		if k < next || k == 1 || k > 1 && next < 2 {
			return 0, false
		}
		v, next, rest, ok = v+scaled(x, minutes[k]), k+1, rest[len(digits)+1:], true
	}
	return v, ok && next > 0
}

// clockDuration is hours, minutes and seconds by the clock, in minutes.
func clockDuration(w string) (v float64, ok bool) {
	parts := strings.Split(w, ":")
	if len(parts) != 3 || !isClock(w) || len(parts[1]) != 2 || len(parts[2]) < 2 || strings.Contains(parts[0]+parts[1], ".") {
		return 0, false
	}
	var x [3]float64
	for k, p := range parts {
		var err error
		if x[k], err = strconv.ParseFloat(p, 64); err != nil {
			return 0, false
		}
	}
	if x[1] >= 60 || x[2] >= 60 {
		return 0, false
	}
	return x[0]*60 + x[1] + x[2]/60, true
}

// unmeasured is the fault of the first text that does not say its unit, where most do.
func (r Role) unmeasured(l *geo.Layer, c geo.Column) error {
	codes, words := c.Codes()
	i := slices.IndexFunc(codes, func(k int32) bool {
		if k < 0 {
			return false
		}
		_, _, ok := r.quantity(strings.TrimSpace(words[k]))
		return !ok
	})
	w := strings.TrimSpace(c.Text(i))
	e := r.fault(l, c, i, "not written with its unit, as others are")
	e.Accept = fmt.Sprintf("every value with its unit, or none; missing: [%q] in the layer's entry reads it as none", w)
	return e
}
