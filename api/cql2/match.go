package cql2

import (
	"unicode"

	"github.com/paulmach/orb"
	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// folded is what CASEI and ACCENTI make of a text: full case folding of
// Unicode, and letters without their marks.
func folded(op string) func(string) string {
	if op == "casei" {
		return func(s string) string { return cases.Fold().String(s) }
	}
	return func(s string) string {
		out, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
		if err != nil {
			return s
		}
		return out
	}
}

// glob is a pattern of LIKE: % stands for any text, _ for any character, and a
// backslash takes that meaning away.
type glob []globPart

type globPart struct {
	r         rune
	any, many bool
}

func newGlob(pattern string) glob {
	var g glob
	escaped := false
	for _, r := range pattern {
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && r == '%':
			if len(g) == 0 || !g[len(g)-1].many {
				g = append(g, globPart{many: true})
			}
		case !escaped && r == '_':
			g = append(g, globPart{any: true})
		default:
			g = append(g, globPart{r: r})
		}
		escaped = false
	}
	if escaped {
		g = append(g, globPart{r: '\\'})
	}
	return g
}

// matches reports whether the whole of s fits. Going back to the last % only is
// enough, so the time is at most the product of the lengths.
func (g glob) matches(s string) bool {
	text := []rune(s)
	i, k := 0, 0
	star, mark := -1, 0
	for i < len(text) {
		switch {
		case k < len(g) && g[k].many:
			star, mark = k, i
			k++
		case k < len(g) && (g[k].any || g[k].r == text[i]):
			i, k = i+1, k+1
		case star >= 0:
			mark++
			i, k = mark, star+1
		default:
			return false
		}
	}
	for k < len(g) && g[k].many {
		k++
	}
	return k == len(g)
}

// spatial compiles a spatial function.
func (c *compiler) spatial(n Call) (func(int) truth, error) {
	a, b := n.Args[0], n.Args[1]
	for _, x := range n.Args {
		if x == Property("geometry") && !c.layer.IsTable() {
			continue // here it is the feature's own, whatever a column of that name holds
		}
		if k, err := c.kind(x); err != nil {
			return nil, err
		} else if k != isShape {
			return nil, mismatch(x, k, isShape)
		}
	}
	op := n.Op
	if op == "s_contains" {
		a, b, op = b, a, "s_within"
	}
	test := map[string]func(f, g *figure) bool{"s_intersects": intersects, "s_within": contained,
		"s_disjoint": func(f, g *figure) bool { return !intersects(f, g) }}[op]
	x, xGiven := a.(Shape)
	y, yGiven := b.(Shape)
	switch {
	case xGiven && yGiven:
		t := truthOf(test(figureOf(x.Geometry), figureOf(y.Geometry)))
		return func(int) truth { return t }, nil
	case !xGiven && !yGiven:
		return func(i int) truth {
			if !c.layer.Located(i) {
				return unknown
			}
			return truthOf(op != "s_disjoint") // a feature has one geometry
		}, nil
	}
	given := x
	if yGiven {
		given = y
	}
	f := figureOf(given.Geometry)
	near := c.near(f)
	return func(i int) truth {
		switch {
		case !c.layer.Located(i):
			return unknown
		case !near[i]:
			return truthOf(op == "s_disjoint")
		case yGiven:
			return truthOf(test(figureOf(c.layer.Shape(i)), f))
		}
		return truthOf(test(f, figureOf(c.layer.Shape(i))))
	}, nil
}

// near marks the rows whose box meets that of a figure.
func (c *compiler) near(f *figure) []bool {
	out := make([]bool, c.layer.Len())
	grown := orb.Bound{Min: orb.Point{f.box.Min[0] - nearEnough, f.box.Min[1] - nearEnough}, Max: orb.Point{f.box.Max[0] + nearEnough, f.box.Max[1] + nearEnough}}
	for i := range c.layer.Search(grown) {
		out[i] = true
	}
	return out
}
