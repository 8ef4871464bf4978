package data

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"careshed/geo"
)

// hemispheres are the letters of the two sides of each axis, the positive one first. O is
// east in German and west in Romance languages, and is not read.
var hemispheres = [2]string{"EW", "NS"}

// degreesSpelled reads a column of coordinates whose texts are degrees with their signs or
// letters: 9°11'24"E, 9° 11.4' E, 9 11 24 E, 9.19 E, E 9.19, 9.19°. Every text must be so
// written. axis is 0 for longitudes. A column of anything else comes back as it is.
func (t *table) degreesSpelled(c geo.Column, axis int, name string) (geo.Column, error) {
	if c.Type != geo.Text {
		return c, nil
	}
	codes, words := c.Codes()
	good, other, example := 0, 0, ""
	meaning := make([]float64, len(words))
	for k, w := range words {
		v, letter, ok := sexagesimal(w, axis)
		if !ok {
			continue
		}
		meaning[k] = v
		if good++; example == "" {
			example = w
		}
		if letter != 0 && strings.IndexByte(hemispheres[1-axis], letter) >= 0 {
			other++
		}
	}
	if good == 0 || 2*good <= len(words) {
		return c, nil
	}
	values := make([]float64, len(codes))
	for i, k := range codes {
		values[i] = math.NaN()
		if k < 0 {
			continue
		}
		_, letter, ok := sexagesimal(words[k], axis)
		fault := &InputError{File: t.name, Feature: i + 1, Field: name, Value: words[k],
			Accept: "degrees as numbers, or every value of the column as 9°11'24\"E or 9.19 E"}
		switch {
		case !ok:
			fault.Problem = "not written as the others are (" + plain(example) + ")"
			return c, fault
		case other > 0 && letter != 0 && strings.IndexByte(hemispheres[1-axis], letter) >= 0:
			fault.Problem = "in a column of " + [2]string{"longitudes", "latitudes"}[axis]
			fault.Accept = "E or W for longitudes, N or S for latitudes: lon: and lat: in the layer's entry name the columns"
			return c, fault
		}
		values[i] = meaning[k]
	}
	t.note(fmt.Sprintf("The values of %s, such as %s, were read as degrees.", plain(name), plain(example)))
	return geo.Numbers(c.Field, values), nil
}

// degreeSigns are the signs of degrees, minutes and seconds in their many spellings, each
// with the one that is read.
var degreeSigns = strings.NewReplacer("º", "°", "˚", "°", "′", "'", "’", "'", "‘", "'", "´", "'", "″", `"`, "”", `"`, "“", `"`, "''", `"`,
	"\u00a0", " ", "\u202f", " ", "−", "-", ",", ".")

// sexagesimal is one such text in degrees, with its letter, 0 for none. A text that is
// nothing but a number is none.
func sexagesimal(text string, axis int) (v float64, letter byte, ok bool) {
	w := strings.ToUpper(strings.TrimSpace(degreeSigns.Replace(text)))
	if len(w) > 40 || w == "" {
		return 0, 0, false
	}
	if isSide(w[0]) {
		letter, w = w[0], strings.TrimSpace(w[1:])
	} else if isSide(w[len(w)-1]) {
		letter, w = w[len(w)-1], strings.TrimSpace(w[:len(w)-1])
	}
	minus := strings.HasPrefix(w, "-")
	if minus && letter != 0 {
		return 0, 0, false // which of the two turns it
	}
	parts, signs := degreeParts(strings.TrimPrefix(w, "-"))
	if len(parts) == 0 || len(parts) > 3 || letter == 0 && signs == 0 {
		return 0, 0, false
	}
	for k, p := range parts {
		x, err := strconv.ParseFloat(p, 64)
		whole, _, broken := strings.Cut(p, ".")
		if err != nil || k > 0 && x >= 60 || broken && k < len(parts)-1 || len(whole) > 3 || k > 0 && len(whole) > 2 {
			return 0, 0, false
		}
		v += x / [3]float64{1, 60, 3600}[k]
	}
	most := [2]float64{180, 90}[axis]
	if letter != 0 && strings.IndexByte(hemispheres[1-axis], letter) >= 0 {
		most = 180
	}
	if v > most {
		return 0, 0, false
	}
	if minus || letter == 'W' || letter == 'S' {
		v = -v
	}
	return v, letter, true
}

func isSide(b byte) bool { return strings.IndexByte("EWNS", b) >= 0 }

// degreeParts are the digits of degrees, minutes and seconds, and how many signs stand behind
// them. Each sign must stand behind its own part; between the parts may be blanks or colons.
func degreeParts(w string) (parts []string, signs int) {
	for w != "" {
		n := len(w) - len(strings.TrimLeft(w, "0123456789."))
		if n == 0 {
			return nil, 0
		}
		parts, w = append(parts, w[:n]), strings.TrimLeft(w[n:], " ")
		if w == "" {
			break
		}
		for k, sign := range []string{"°", "'", `"`, ":"} {
			rest, found := strings.CutPrefix(w, sign)
			if !found {
				continue
			}
			if k < 3 && len(parts) != k+1 || k == 3 && rest == "" {
				return nil, 0
			}
			if w = rest; k < 3 {
				signs++
			}
			break
		}
		w = strings.TrimLeft(w, " ")
	}
	return parts, signs
}
