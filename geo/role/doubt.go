package role

import (
	"fmt"
	"math"

	"careshed/geo"
)

// doubt looks at values that can be read, and may still not be what is asked for.
func (r Role) doubt(c geo.Column, values []float64, out *Reading) {
	add := func(format string, args ...any) {
		out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf(format, args...)})
	}
	if r.unit == time && c.Unit == "" && calledLength(c.Name) {
		add("%s is called as a length is, and is read as minutes", c.Name)
	}
	if r.unit != people {
		return
	}
	if calledRatio(c.Name) {
		add("%s is called as a density, a rate, a share or an area is, and people are counted by it", c.Name)
		return
	}
	n, broken, within := 0, 0, 0
	var sum float64
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		n++
		sum += v
		if v != math.Trunc(v) {
			broken++
		}
		if v <= 1 {
			within++
		}
	}
	switch {
	case n < 3 || c.Unit != "":
	case within == n && broken > 0:
		add("%s lies between 0 and 1 in every row: is it a share of the people, and not their number?", c.Name)
	case broken*2 > n && sum/float64(n) < 1000:
		add("%s has decimals in %d of %d rows and a mean of %.3g: are these thousands (units: {%s: thousands} in the layer's entry), or a density?", c.Name, broken, n, sum/float64(n), c.Name)
	}
}
