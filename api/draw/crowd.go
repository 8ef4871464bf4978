package draw

import (
	"math"
	"strconv"

	"careshed/api/canvas"

	"github.com/paulmach/orb"
)

// spot is a site: where it is, on the earth or on the page.
type spot struct {
	at   orb.Point
	kind string
	name string
}

// spots are the sites that lie on the map, where they are drawn.
func (a *atlas) spots(sites []spot) []spot {
	var on []spot
	for _, p := range sites {
		if at, ok := a.place(p.at); ok {
			on = append(on, spot{at, p.kind, p.name})
		}
	}
	return on
}

// markSize is the radius of a mark among so many, pixels.
func markSize(n int) float64 {
	if n > 60 {
		return 2.4
	}
	return 3.2
}

// crowdSize is the radius of a circle that stands for several marks.
const crowdSize = 6.2

// mark is a site as it is drawn, or several sites of a kind that would hide each
// other: these are one circle with their number.
type mark struct {
	kind  string
	at    orb.Point
	names []string
}

// crowds joins the spots of a kind that would hide each other; crowded reports
// whether there are any. The two that lie nearest are joined first.
func crowds(spots []spot) (marks []mark, crowded bool) {
	r := markSize(len(spots))
	for _, s := range spots {
		marks = append(marks, mark{s.kind, s.at, []string{s.name}})
	}
	for {
		best, a, b := math.Inf(1), -1, -1
		for i := range marks {
			for j := range i {
				if marks[i].kind != marks[j].kind {
					continue
				}
				// Less than half of a mark may be hidden, and no number.
				room := r
				switch several := [2]bool{len(marks[i].names) > 1, len(marks[j].names) > 1}; {
				case several[0] && several[1]:
					room = 1.6 * crowdSize
				case several[0] || several[1]:
					room = crowdSize + r/2
				}
				if d := dist(marks[i].at, marks[j].at) / room; d < 1 && d < best {
					best, a, b = d, j, i
				}
			}
		}
		if a < 0 {
			return marks, crowded
		}
		crowded = true
		n, m := float64(len(marks[a].names)), float64(len(marks[b].names))
		for k := range 2 {
			marks[a].at[k] = (n*marks[a].at[k] + m*marks[b].at[k]) / (n + m)
		}
		marks[a].names = append(marks[a].names, marks[b].names...)
		marks = append(marks[:b], marks[b+1:]...)
	}
}

// draw puts the mark on the page.
func (m *mark) draw(c *canvas.Drawing, k kind, r float64) {
	if len(m.names) == 1 {
		k.mark(c, m.at[0], m.at[1], r)
		return
	}
	crowd(c, m.at[0], m.at[1], strconv.Itoa(len(m.names)), k.crowd)
}

// crowd is a circle with a number.
func crowd(c *canvas.Drawing, x, y float64, number string, s crowdStyle) {
	r := crowdSize
	if len(number) > 2 {
		r += 2
	}
	c.Circle(x, y, r, canvas.Style{Fill: canvas.Plain(s.fill), Stroke: s.rim, Weight: 1})
	c.Text(x, y+3, canvas.Type{Size: 8.5, Bold: true, Colour: s.number, Anchor: canvas.Middle}, number)
}

type crowdStyle struct{ fill, rim, number canvas.Colour }
