package draw

import (
	"careshed/geo"
	"cmp"
)

// Classed is how a map colours a column: the same limits and colours for
// whoever draws the layer elsewhere.
type Classed struct {
	Column  string    `json:"column"`
	Title   string    `json:"title"`
	Unit    string    `json:"unit,omitempty"`
	Breaks  []float64 `json:"breaks" doc:"class i holds values from breaks[i-1] to under breaks[i]"`
	Colours []string  `json:"colours" doc:"one more than there are breaks, from few to many"`
	Counts  []int     `json:"counts" doc:"rows of each class; those whose zero is in doubt have none"`
	Missing int       `json:"missing" doc:"rows without a value"`
	Percent bool      `json:"percent" doc:"values are shares, written as percent"`
}

// Classify is how Layer colours a layer.
func Classify(l *geo.Layer, o Options) (Classed, error) {
	d, err := newDrawing(l, o)
	if err != nil {
		return Classed{}, err
	}
	f := d.column.Field
	c := Classed{Column: f.Name, Title: cmp.Or(f.Title, f.Name), Unit: f.Unit, Breaks: append([]float64{}, d.classes.breaks...),
		Counts: d.classes.count, Percent: d.style.percent}
	for i := range len(c.Breaks) + 1 {
		c.Colours = append(c.Colours, string(d.classes.colour(i)))
	}
	for i, v := range d.values {
		if !known(v) && !d.doubted(i) {
			c.Missing++
		}
	}
	return c, nil
}
