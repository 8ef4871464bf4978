package role

import (
	"fmt"
	"math"

	"careshed/geo"
)

// thousandth reports whether a number from 1 to 999 has three decimals at most, as
// thousands have of which a point was taken for the one before decimals, and whether the
// third is there: 1.230 has lost its zero.
func thousandth(v float64) (yes, third bool) {
	k := math.Round(v * 1000)
	return v >= 1 && v < 1000 && math.Abs(v*1000-k) < 1e-6, math.Mod(k, 10) != 0
}

// doubt looks at values that can be read, and may still not be what is asked for.
func (r Role) doubt(c geo.Column, values []float64, out *Reading) {
	add := func(format string, args ...any) {
		out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf(format, args...)})
	}
	if r.unit == time && c.Unit == "" && calledLength(c.Name) {
		add("%s is called as a length is, and is read as minutes", c.Name)
	}
	if what := r.misnamed(c.Name); what != "" && c.Unit == "" {
		unit := "people"
		if r.unit == time {
			unit = "minutes"
		}
		add("%s is by its name %s: units: {%s: %s} in the layer's entry if the name misleads", c.Name, what, c.Name, unit)
	}
	if r.unit != people {
		return
	}
	if calledRatio(c.Name) && (r.whose == everybody || c.Unit == "") && !(r.whose == things && calledShare(c.Name)) {
		add("%s is called as a density, a rate, a share or an area is, and %s are counted by it", c.Name, r.of)
		return
	}
	if r.whose == things {
		if units[c.Unit].of == share {
			add("%s is in percent, and %s are counted by it", c.Name, r.of)
		}
		return
	}
	if words := wordsOf(c.Name); len(words) > 1 && words[len(words)-1] == "k" && c.Unit == "" {
		add("%s ends in k: are these thousands? units: {%s: thousands} in the layer's entry says so, units: {%s: people} that they are not", c.Name, c.Name, c.Name)
		return
	}
	n, broken, within, parted, whole := 0, 0, 0, 0, 0
	var sum, most float64
	parts := true // every number with decimals may be one of thousands
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		n++
		sum += v
		switch {
		case v == math.Trunc(v):
			most = max(most, v)
			if v > 0 {
				whole++
			}
		default:
			broken++
			yes, third := thousandth(v)
			if parts = parts && yes; third {
				parted++
			}
		}
		if v <= 1 {
			within++
		}
	}
	switch {
	case n < 3 || c.Unit != "" || r.whose == patients:
	case within == n && broken > 0:
		add("%s lies between 0 and 1 in every row: is it a share of the people, and not their number?", c.Name)
	case r.whose != everybody:
	case parts && parted > 0 && parted*2 >= broken && whole*10 >= n && most >= 100:
		add("%s has three decimals in %d of %d rows and none in the others: does the point part thousands there (1.234 for 1234)?", c.Name, broken, n)
	case math.Abs(sum-100) < 0.51 && n > 4:
		add("%s adds up to 100 in all: is it a share in percent, and not the number of people?", c.Name)
	case broken*2 > n && sum/float64(n) < 1000:
		add("%s has decimals in %d of %d rows and a mean of %.3g: are these thousands (units: {%s: thousands} in the layer's entry), or a density?", c.Name, broken, n, sum/float64(n), c.Name)
	}
}
