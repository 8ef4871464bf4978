package draw

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// svg collects the body of a picture.
type svg struct{ bytes.Buffer }

func (s *svg) add(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

// num writes a length to a tenth of a pixel.
func num(v float64) string { return string(tenths(nil, round(v))) }

// round is a length in tenths of a pixel; no drawing is as large as a million.
func round(v float64) int { return int(math.Round(clamp(v, -1e6, 1e6) * 10)) }

// tenths appends n/10 as short as it goes.
func tenths(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	if n >= 10 || n == 0 {
		b = strconv.AppendInt(b, int64(n/10), 10)
	}
	if n%10 != 0 {
		b = append(b, '.', byte('0'+n%10))
	}
	return b
}

// trail writes path data: whole moves, then steps relative to the point before.
type trail struct {
	data         []byte
	x, y, before int // the point, and y of the one before
}

func (t *trail) move(p orb.Point) {
	t.x, t.y = round(p[0]), round(p[1])
	t.data = append(t.data, 'M')
	t.pair(t.x, t.y)
}

// dot draws a line without length, which round ends make a dot of.
func (t *trail) dot(x, y int) {
	t.data = append(t.data, 'm')
	t.pair(x-t.x, y-t.y)
	t.x, t.y = x, y
	t.data = append(t.data, "h0"...)
}

// lines goes on to points.
func (t *trail) lines(points []orb.Point) {
	t.data = append(t.data, 'l')
	for i, p := range points {
		x, y := round(p[0]), round(p[1])
		if i > 0 {
			t.next(x-t.x, t.y-t.before)
		}
		t.pair(x-t.x, y-t.y)
		t.x, t.y, t.before = x, y, t.y
	}
}

// pair writes two numbers.
func (t *trail) pair(x, y int) {
	t.data = tenths(t.data, x)
	t.next(y, x)
	t.data = tenths(t.data, y)
}

// next sets a space before n where it would run into the number before.
func (t *trail) next(n, before int) {
	point := n > 0 && n < 10 && before%10 != 0 // .5 after a decimal
	if n >= 0 && !point {
		t.data = append(t.data, ' ')
	}
}

// ring draws a closed line.
func (t *trail) ring(line []orb.Point) {
	t.move(line[0])
	t.lines(line[1:])
	t.data = append(t.data, 'z')
}

// square is a region too small to have a shape.
func (t *trail) square(at orb.Point, size float64) {
	t.move(orb.Point{at[0] - size/2, at[1] - size/2})
	t.data = append(t.data, 'h')
	t.data = tenths(t.data, round(size))
	t.data = append(t.data, 'v')
	t.data = tenths(t.data, round(size))
	t.data = append(t.data, 'h')
	t.data = tenths(t.data, -round(size))
	t.data = append(t.data, 'z')
}

// text sets lines of text, the first on baseline y.
func (s *svg) text(x, y, size, leading float64, attributes string, lines ...string) {
	for i, l := range lines {
		s.add(`<text x="%s" y="%s" font-size="%s"%s>%s</text>`, num(x), num(y+float64(i)*leading), num(size), attributes, escape(l))
	}
}

// The ink of the page.
const (
	ink    = "#1a1a1a"
	pale   = "#555"
	line   = "#6b6b6b"
	ground = "#fff"
	frame  = "#c8c8c8"
)

// patterns mark what has no class, apart from each other in grey as well.
const patterns = `<defs>
<pattern id="careshed-none" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#e2e2e2"/><path d="M1 0v6" stroke="#8c8c8c" stroke-width="1.2"/></pattern>
<pattern id="careshed-stated" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="#fff"/><path d="M0 3.5h7" stroke="#8a6d86" stroke-width="1.1"/></pattern>
<pattern id="careshed-doubtful" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.2" fill="#8a6d86"/></pattern>
<pattern id="careshed-incomplete" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#fff"/><path d="M0 0l8 8M8 0l-8 8" stroke="#8a6d86" stroke-width=".9"/></pattern>
<pattern id="careshed-unknown" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="#fff"/><path d="M3.5 0v7" stroke="#8a6d86" stroke-width="1.1"/></pattern>
</defs>`
