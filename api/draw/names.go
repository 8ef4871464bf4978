package draw

import (
	"careshed/api/canvas"

	"github.com/paulmach/orb"
)

// Sizes of the names of regions, the largest that fits.
var nameSizes = []float64{12, 11, 10, 9, 8}

// named is a region that may have its name on it.
type named struct {
	row  int
	path *canvas.Path
}

// names writes the names of the regions into them where there is room for all of a name, away
// from centers, and on the main map alone: insets have names of their own.
func (d *drawing) names(c *canvas.Drawing, on rect, regions []named, spots []spot) {
	var taken []rect
	free := func(x, y, w, h float64) bool {
		if !on.contains(orb.Point{x, y}) || !on.contains(orb.Point{x + w, y + h}) {
			return false
		}
		for _, s := range spots {
			if (rect{x - crowdSize, y - crowdSize, w + 2*crowdSize, h + 2*crowdSize}).contains(s.at) {
				return false
			}
		}
		for _, o := range taken {
			if x < o.x+o.w && o.x < x+w && y < o.y+o.h && o.y < y+h {
				return false
			}
		}
		return true
	}
	c.Group("names", "", func() {
		for _, r := range regions {
			fill := d.fill(r.row)
			for _, name := range canvas.Names(nameOf(d.layer, r.row), nameSizes...) {
				x, y, ok := r.path.Room(name.Width, name.Height, free)
				if !ok {
					continue
				}
				if fill.Hatch != canvas.NoHatch { // a name is not read on lines
					c.Rect(x, y, name.Width, name.Height, canvas.Style{Fill: canvas.Plain(fill.Colour)})
				}
				c.Name(x, y, name.On(fill.Colour))
				taken = append(taken, rect{x, y, name.Width, name.Height})
				break
			}
		}
	})
}
