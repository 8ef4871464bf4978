package road

import "github.com/paulmach/orb"

// nudge keeps a crossing off the corners, in shares of a cell: two rings then
// never touch.
const nudge = 1e-3

// rings are the borders of the area where the field is not negative, with the
// area on their left.
//
// A crossing is named for the side of a cell that it is on: 2·corner for the
// side to the east of a corner, 2·corner+1 for the one to the north.
func (f *field) rings() []orb.Ring {
	next := map[int]int{}
	var order []int // first crossings, so that the rings come in one order
	in := func(x, y int) bool {
		return x >= 0 && y >= 0 && x < f.cols && y < f.rows && f.value[y*f.cols+x] >= 0
	}
	// Corners beyond the grid are outside, so that every ring closes.
	stride := f.cols + 2
	name := func(x, y int) int { return 2 * ((y+1)*stride + x + 1) }
	for y := -1; y < f.rows; y++ {
		for x := -1; x < f.cols; x++ {
			south, east, north, west := name(x, y), name(x+1, y)+1, name(x, y+1), name(x, y)+1
			join := func(from, to int) {
				next[from] = to
				order = append(order, from)
			}
			bits := 0
			for i, c := range [4][2]int{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}} {
				if in(c[0], c[1]) {
					bits |= 1 << i
				}
			}
			switch bits {
			case 1:
				join(south, west)
			case 2:
				join(east, south)
			case 3:
				join(east, west)
			case 4:
				join(north, east)
			case 6:
				join(north, south)
			case 7:
				join(north, west)
			case 8:
				join(west, north)
			case 9:
				join(south, north)
			case 11:
				join(east, north)
			case 12:
				join(west, east)
			case 13:
				join(south, east)
			case 14:
				join(west, south)
			case 5, 10:
				// Two corners across: they are one area if the middle is.
				sum := 0.0
				for _, c := range [4][2]int{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}} {
					sum += f.at(c[0], c[1])
				}
				switch one := sum >= 0; {
				case bits == 5 && one:
					join(south, east)
					join(north, west)
				case bits == 5:
					join(south, west)
					join(north, east)
				case one:
					join(east, north)
					join(west, south)
				default:
					join(east, south)
					join(west, north)
				}
			}
		}
	}
	var out []orb.Ring
	for _, start := range order {
		if _, open := next[start]; !open {
			continue
		}
		var ring orb.Ring
		for c := start; ; {
			ring = append(ring, f.crossing(c, stride))
			to, ok := next[c]
			if !ok {
				break
			}
			delete(next, c)
			c = to
		}
		out = append(out, ring)
	}
	return out
}

// at is the field at a corner, and outside for those that are not there.
func (f *field) at(x, y int) float64 {
	if x < 0 || y < 0 || x >= f.cols || y >= f.rows {
		return -1.5 * f.cell
	}
	return f.value[y*f.cols+x]
}

// crossing is where the border crosses a side.
func (f *field) crossing(name, stride int) orb.Point {
	corner := name / 2
	x, y := corner%stride-1, corner/stride-1
	u, v := x+1, y
	if name%2 == 1 {
		u, v = x, y+1
	}
	a, b := f.at(x, y), f.at(u, v)
	t := max(nudge, min(1-nudge, a/(a-b)))
	lon := f.west + (float64(x)+t*float64(u-x))*f.dlon
	lat := f.south + (float64(y)+t*float64(v-y))*f.dlat
	return orb.Point{max(-180, min(180, lon)), max(-90, min(90, lat))}
}
