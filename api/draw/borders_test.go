package draw

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"careshed/api/canvas"

	"github.com/paulmach/orb"
)

// path reads path data back: the points of each line, in tenths of a pixel.
func path(t *testing.T, d string) [][][2]int {
	t.Helper()
	tokens := regexp.MustCompile(`[A-Za-z]|-?(\d+\.\d+|\.\d+|\d+)`).FindAllString(d, -1)
	if got := strings.Join(tokens, ""); got != strings.ReplaceAll(d, " ", "") {
		t.Fatalf("path %.60q holds more than commands and numbers", d)
	}
	var lines [][][2]int
	var x, y int
	number := func(i int) int {
		v, err := strconv.ParseFloat(tokens[i], 64)
		if err != nil {
			t.Fatalf("path %.60q: %q", d, tokens[i])
		}
		return int(math.Round(v * 10))
	}
	put := func() { lines[len(lines)-1] = append(lines[len(lines)-1], [2]int{x, y}) }
	command := ""
	for i := 0; i < len(tokens); {
		if c := tokens[i][0]; c >= 'A' {
			command = tokens[i]
			i++
			if command == "z" {
				continue
			}
		}
		switch command {
		case "M":
			x, y = number(i), number(i+1)
			lines = append(lines, nil)
			i += 2
		case "m":
			x, y = x+number(i), y+number(i+1)
			lines = append(lines, nil)
			i += 2
		case "l":
			x, y = x+number(i), y+number(i+1)
			i += 2
		case "h":
			x += number(i)
			i++
		case "v":
			y += number(i)
			i++
		default:
			t.Fatalf("path %.60q: command %q", d, command)
		}
		put()
	}
	return lines
}

func TestPathsReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		line := make([]orb.Point, 2+r.IntN(40))
		for i := range line {
			scale := math.Pow(10, float64(r.IntN(4)-1))
			line[i] = orb.Point{r.NormFloat64() * scale, r.NormFloat64() * scale}
		}
		var p canvas.Path
		p.Move(line[0][0], line[0][1])
		for _, v := range line[1:] {
			p.Line(v[0], v[1])
		}
		c := canvas.New(10, 10)
		c.Draw(&p, canvas.Style{Stroke: ink}, canvas.About{ID: "it"})
		got := regionPaths(t, elements(t, drawn(t, c.SVG)))["it"][0]
		for i, v := range line {
			if got[i] != [2]int{int(math.Round(10 * v[0])), int(math.Round(10 * v[1]))} {
				t.Fatalf("point %d is %v, want %v", i, got[i], v)
			}
		}
	}
}

// flatly draws a degree as ten pixels.
func flatly(p orb.Point) orb.Point { return orb.Point{10 * p[0], -10 * p[1]} }

// coast makes a wiggly line between two points, the same each time.
func coast(a, b orb.Point, n int) []orb.Point {
	r := rand.New(rand.NewPCG(5, 6))
	line := []orb.Point{a}
	for i := 1; i < n; i++ {
		u := float64(i) / float64(n)
		line = append(line, orb.Point{a[0] + u*(b[0]-a[0]) + 0.05*r.NormFloat64(), a[1] + u*(b[1]-a[1]) + 0.05*r.NormFloat64()})
	}
	return append(line, b)
}

func reversed(line []orb.Point) []orb.Point {
	out := make([]orb.Point, len(line))
	for i, p := range line {
		out[len(line)-1-i] = p
	}
	return out
}

func TestNeighboursShareTheirBorder(t *testing.T) {
	border := coast(orb.Point{5, 0}, orb.Point{5, 10}, 500)
	west := append(orb.Ring{{0, 10}, {0, 0}}, border...)
	west = append(west, west[0])
	east := append(orb.Ring{{9, 0}, {9, 10}}, reversed(border)...)
	east = append(east, east[0])
	var parts []part
	for row, r := range []orb.Ring{west, east} {
		p, ok := newPart(row, orb.Polygon{r})
		if !ok {
			t.Fatal("no polygon")
		}
		parts = append(parts, p)
	}
	b := newBorders(parts, detailOf(2))
	a, runs := b.trace(parts[0].rings[0], flatly)
	b.drawn(0, runs)
	c, runs := b.trace(parts[1].rings[0], flatly)
	b.drawn(1, runs)
	common := map[orb.Point]bool{}
	for _, p := range a {
		common[p] = true
	}
	shared := 0
	for _, p := range c {
		if common[p] {
			shared++
		}
		if common[p] != (p[0] < 85) {
			t.Errorf("%v is drawn by one neighbour and not by the other", p)
		}
	}
	if shared < 20 || shared > 450 {
		t.Errorf("500 points of the border are drawn as %d", shared)
	}
	strokes := 0
	b.strokes(func(line []orb.Point, _ []int) {
		strokes++
		for i := 1; i < len(line); i++ {
			if i < len(line)-1 && dist(line[i-1], line[i]) < nearest {
				t.Errorf("points %v and %v are too close", line[i-1], line[i])
			}
		}
	})
	if strokes != 3 { // the border once, and the two shores
		t.Errorf("%d lines are stroked, want 3", strokes)
	}
}

// A region in two polygons that meet, as where it is cut at the antimeridian,
// has no border there, whichever longitude each side gives the meridian.
func TestSeamsAreNotStroked(t *testing.T) {
	left, _ := newPart(0, orb.Polygon{{{178, -18}, {180, -18}, {180, -17}, {180, -16}, {178, -16}, {178, -18}}})
	right, _ := newPart(0, orb.Polygon{{{-180, -18}, {-178, -18}, {-178, -16}, {-180, -16}, {-180, -17}, {-180, -18}}})
	b := newBorders([]part{left, right}, detailOf(1))
	q := centredOn(orb.Point{180, -17})
	page := func(p orb.Point) orb.Point {
		v := q.forward(p)
		return orb.Point{v[0] / 1000, v[1] / 1000}
	}
	for _, p := range []part{left, right} {
		_, runs := b.trace(p.rings[0], page)
		b.drawn(0, runs)
	}
	n := 0
	b.strokes(func(line []orb.Point, _ []int) {
		n++
		for i := 1; i < len(line); i++ {
			if math.Abs(line[i][0]) < 1 && math.Abs(line[i-1][0]) < 1 {
				t.Errorf("the seam is stroked: %v", line)
			}
			if dist(line[i-1], line[i]) > 250 {
				t.Errorf("smeared from %v to %v", line[i-1], line[i])
			}
		}
	})
	if n != 2 {
		t.Errorf("%d shores, want 2", n)
	}
}

func TestThinStaysNear(t *testing.T) {
	line := make([]orb.Point, 0, 3000)
	for _, p := range coast(orb.Point{0, 0}, orb.Point{30, 4}, 3000) {
		line = append(line, flatly(p))
	}
	d := detail{0.25, nearest}
	out := d.thin(line)
	if out[0] != line[0] || out[len(out)-1] != line[len(line)-1] {
		t.Error("an end moved")
	}
	for _, p := range line {
		near := math.Inf(1)
		for i := 1; i < len(out); i++ {
			near = math.Min(near, off(p, out[i-1], out[i]))
		}
		if near > d.tolerance+d.spacing {
			t.Fatalf("%v is %v pixels from the line drawn", p, near)
		}
	}
}
