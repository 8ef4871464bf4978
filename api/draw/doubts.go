package draw

import (
	"careshed/access"
	"careshed/access/study"
	"careshed/api/canvas"
	"careshed/geo"
)

// A doubt is why a number of a region is not to be taken as it stands. One that rests on
// the list of centers is in doubt where the list may lack a center; a mean of those who
// have a way, where many have none.
type doubt string

// leftOut is the doubt about a mean that leaves out many people.
const leftOut doubt = study.LeftOut

// doubts are all there are, with how they are drawn and told.
var doubts = []struct {
	why     doubt
	hatch   canvas.Hatch
	meaning string // a text
}{
	{doubt(access.Stated), canvas.Level, "map.stated"},
	{doubt(access.Doubtful), canvas.Speckled, "map.doubtful"},
	{doubt(access.Incomplete), canvas.Crossed, "map.incomplete"},
	{doubt(access.Unknown), canvas.Upright, "map.unknown"},
	{leftOut, canvas.Rising, "map.without_a_way"},
}

// doubtInk is the ink of what is in doubt, on light colours; on others it is the paper's.
const doubtInk canvas.Colour = "#8a6d86"

// light is the luminance from which on the ink of doubts is seen.
const light = 0.6

// inDoubt is the fill of a colour under the hatch of a doubt.
func inDoubt(why doubt, on canvas.Colour) canvas.Fill {
	ink := doubtInk
	if on.Luminance() < light {
		ink = paper
	}
	for _, x := range doubts {
		if x.why == why {
			return canvas.Fill{Colour: on, Hatch: x.hatch, Ink: ink}
		}
	}
	return canvas.Plain(on)
}

// doubtsOf are the doubts about each row of a layer in a column, "" for none; nil where
// the layer says nothing of its regions, or the column rests on no list.
func doubtsOf(l *geo.Layer, column string) []doubt {
	known, ok := study.ColumnOf(column)
	if !ok || !known.Listed() {
		return nil
	}
	out, shares := make([]doubt, l.Len()), without(l)
	gap, listed := l.Column("gap")
	for i := range out {
		var g access.Gap
		if listed && gap.Type == geo.Text {
			g = access.Gap(gap.Text(i))
		}
		share := 0.0
		if shares != nil {
			share = shares[i]
		}
		if why := known.Doubts(g, share); len(why) > 0 {
			out[i] = doubt(why[0]) // what the list may lack before whom a mean leaves out
		}
	}
	return out
}

// aroundPlaces are the doubts about the regions under a map of places: what the list may
// lack there is lacking for their places too. nil for a column that rests on no list.
func (d *drawing) aroundPlaces() []doubt {
	known, ok := study.ColumnOf(d.column.Name)
	if d.areas || d.regions == nil || !ok || !known.Listed() {
		return nil
	}
	return doubtsOf(d.regions, "people_beyond") // which leaves nobody out
}

// withoutValue says why a row has no value, or with -1 why rows have none, as far as the
// column tells: they have no way to a center, or the number of their patients is withheld.
func (d *drawing) withoutValue(row int) string {
	known, ok := study.ColumnOf(d.column.Name)
	if !ok || !known.LeavesOut() {
		return d.say.Say("map.no_data")
	}
	if c, ok := d.layer.Column("withheld"); ok && d.subject == patients {
		for i := range d.layer.Len() {
			if c.Text(i) != "" && (row < 0 || row == i) {
				return d.say.Say("map.withheld")
			}
		}
	}
	return d.say.Say("map.no_road")
}

// without are the shares of the people of regions who have no way to a center; nil where
// the layer does not say.
func without(l *geo.Layer) []float64 {
	var all []float64
	for _, name := range []string{"population", "people_sea", "people_unreached"} {
		c, ok := l.Column(name)
		if !ok || c.Type == geo.Text {
			return nil
		}
		if name == "population" {
			all = make([]float64, l.Len())
			continue
		}
		for i := range all {
			all[i] += c.Number(i)
		}
	}
	people, _ := l.Column("population")
	for i := range all {
		all[i] /= people.Number(i)
	}
	return all
}
