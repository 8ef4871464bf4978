package draw

import (
	"careshed/api/canvas"
	"careshed/geo"
)

// Shading is how a map fills the rows of a layer, for whoever draws the layer on a page
// of its own.
type Shading struct {
	Title string        // of the column, with its unit
	Fills []canvas.Fill // by row
	Keys  []Key         // what the fills mean, those that the layer has
}

// Key is a line of a legend.
type Key struct {
	Fill canvas.Fill
	Text string
}

// Shade is the shading of a layer of areas by a column.
func Shade(l *geo.Layer, o Options) (Shading, error) {
	d, err := newDrawing(l, o)
	if err != nil {
		return Shading{}, err
	}
	out := Shading{Title: d.legendTitle(), Fills: make([]canvas.Fill, l.Len())}
	for i := range out.Fills {
		out.Fills[i] = d.fill(i)
	}
	for _, b := range d.legend(nil, false) {
		for k, e := range b.entries {
			if e.count > 0 || b.head == out.Title && k < len(d.classes.breaks)+1 && d.inUse(k) {
				out.Keys = append(out.Keys, Key{e.swatch, e.label})
			}
		}
	}
	return out, nil
}

// inUse reports whether a row has a value of a class, in doubt or not.
func (d *drawing) inUse(class int) bool {
	for _, v := range d.values {
		if known(v) && d.classes.of(v) == class {
			return true
		}
	}
	return false
}
