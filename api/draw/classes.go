package draw

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/access"
	"careshed/access/study"
	"careshed/api/canvas"
	"careshed/api/words"
	"careshed/geo"
)

// maxBreaks is how many class limits a map may have: nine classes are more
// than anybody tells apart.
const maxBreaks = 8

// ramp are the colours of 1 to 9 classes, from few to many.
type ramp [maxBreaks + 2][]canvas.Colour

// The ramps are ColorBrewer YlGnBu and YlOrBr (Brewer 2003), both safe for
// colour-blind readers. Lightness falls all the way, so the classes keep their
// order in grey.
var blues = ramp{
	1: {"#7fcdbb"},
	2: {"#edf8b1", "#2c7fb8"},
	3: {"#edf8b1", "#7fcdbb", "#2c7fb8"},
	4: {"#edf8b1", "#a1dab4", "#41b6c4", "#225ea8"},
	5: {"#edf8b1", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"},
	6: {"#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"},
	7: {"#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"},
	8: {"#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"},
	9: {"#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58"},
}

// browns are for what is worse the more there is of it, so that a dark region
// is not taken for a good one.
var browns = ramp{
	1: {"#fec44f"},
	2: {"#fff7bc", "#d95f0e"},
	3: {"#fff7bc", "#fec44f", "#d95f0e"},
	4: {"#ffffd4", "#fed98e", "#fe9929", "#cc4c02"},
	5: {"#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404"},
	6: {"#ffffd4", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404"},
	7: {"#ffffd4", "#fee391", "#fec44f", "#fe9929", "#ec7014", "#cc4c02", "#8c2d04"},
	8: {"#ffffe5", "#fff7bc", "#fee391", "#fec44f", "#fe9929", "#ec7014", "#cc4c02", "#8c2d04"},
	9: {"#ffffe5", "#fff7bc", "#fee391", "#fec44f", "#fe9929", "#ec7014", "#cc4c02", "#993404", "#662506"},
}

// rampOf is the ramp of a column: as the register of columns says which way is better,
// and of a column of one's own by its unit.
func rampOf(f geo.Field) *ramp {
	c, known := study.ColumnOf(f.Name)
	if c.Better == study.LessIsBetter || !known && (f.Unit == "min" || f.Unit == "km") {
		return &browns
	}
	return &blues
}

// published are the limits of the classes of centers per 10 million people: the
// range published for countries, and two between.
var published = []float64{access.DensityLow, 2, 4, access.DensityHigh}

// Densities are the limits and colours of centers per 10 million people, for whoever draws
// countries on a page of its own.
func Densities() (breaks []float64, colours []canvas.Colour) {
	return slices.Clone(published), slices.Clone(blues[len(published)+1])
}

// usual are limits that let maps of a column be compared, nil if there are none.
func usual(column string) []float64 {
	c, _ := study.ColumnOf(column)
	return c.Breaks()
}

// telling reports whether limits tell values apart: into three classes at least.
func telling(limits, values []float64) bool {
	c := classes{breaks: limits}
	c.tally(values)
	n := 0
	for _, k := range c.count {
		n += min(k, 1)
	}
	return n >= 3
}

// classes are the limits of a map: class i holds values from breaks[i-1] to
// under breaks[i].
type classes struct {
	ramp   *ramp
	breaks []float64
	low    []float64 // smallest value of each class, +Inf for none
	high   []float64
	count  []int
}

// of is the class of a value.
func (c *classes) of(v float64) int {
	i, found := slices.BinarySearch(c.breaks, v)
	if found {
		i++
	}
	return i
}

func (c *classes) colour(i int) canvas.Colour { return c.ramp[len(c.breaks)+1][i] }

func (c *classes) tally(values []float64) {
	n := len(c.breaks) + 1
	c.low, c.high, c.count = make([]float64, n), make([]float64, n), make([]int, n)
	for i := range n {
		c.low[i], c.high[i] = math.Inf(1), math.Inf(-1)
	}
	for _, v := range values {
		if known(v) {
			i := c.of(v)
			c.low[i], c.high[i], c.count[i] = math.Min(c.low[i], v), math.Max(c.high[i], v), c.count[i]+1
		}
	}
}

func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// checkBreaks refuses limits that make no classes.
func checkBreaks(b []float64) error {
	if len(b) > maxBreaks {
		return &OptionError{Option: "breaks", Problem: fmt.Sprintf("%d limits make too many classes to tell apart", len(b)), Accept: fmt.Sprintf("at most %d", maxBreaks)}
	}
	for i, v := range b {
		if !known(v) || i > 0 && v <= b[i-1] {
			return &OptionError{Option: "breaks", Problem: fmt.Sprintf("%v at number %d does not rise", v, i+1), Accept: "finite limits, each larger than the one before"}
		}
	}
	return nil
}

// chooseBreaks makes up to five classes with about as many values each, at
// round limits. With zeros apart, zero is a class of its own below the others.
func chooseBreaks(values []float64, zerosApart bool) []float64 {
	var v []float64
	zeros := false
	for _, x := range values {
		switch {
		case !known(x):
		case x == 0 && zerosApart:
			zeros = true
		default:
			v = append(v, x)
		}
	}
	slices.Sort(v)
	n := len(v)
	if n == 0 {
		return nil
	}
	var breaks []float64
	k := 5
	if zeros {
		k = 4
		if v[0] > 0 {
			breaks = append(breaks, roundest(0, v[0]))
		}
	}
	window := (n + 9) / 20 // how many ranks a limit may move to be round
	for q := 1; q < k; q++ {
		t := max(1, q*n/k)
		for t < n && v[t] == v[t-1] {
			t++
		}
		if t == n {
			break
		}
		low, high := v[max(0, t-1-window)], v[min(n-1, t+window)]
		if last := len(breaks) - 1; last >= 0 {
			low = math.Max(low, breaks[last])
			if i, _ := slices.BinarySearch(v, breaks[last]); i < n { // a class holds a value at least
				low = math.Max(low, v[i])
			}
		} else {
			low = math.Max(low, v[0])
		}
		if low < high {
			breaks = append(breaks, roundest(low, high))
		}
	}
	return breaks
}

// roundest is the number in (low, high] with the fewest digits: a multiple of
// the largest 1, 2 or 5 times a power of ten that has one there, the one
// nearest the middle if there are several.
func roundest(low, high float64) float64 {
	size := math.Max(math.Abs(low), math.Abs(high))
	for e := int(math.Ceil(math.Log10(size))); e > -320; e-- {
		for _, m := range []float64{5, 2, 1} {
			best, far := math.NaN(), math.Inf(1)
			unit := func(k float64) float64 { // exact: a decimal read back
				x, err := strconv.ParseFloat(fmt.Sprintf("%.0fe%d", k*m, e), 64)
				if err != nil {
					return math.NaN()
				}
				return x
			}
			mid := (low + high) / 2
			k := math.Round(mid / (m * math.Pow(10, float64(e))))
			for d := -1.0; d <= 1; d++ {
				if x := unit(k + d); x > low && x <= high && math.Abs(x-mid) < far {
					best, far = x, math.Abs(x-mid)
				}
			}
			if !math.IsNaN(best) {
				return best
			}
		}
	}
	return high
}

// style is how numbers of a column are written.
type style struct {
	say     *words.Language
	percent bool // shares, 0 to 1
	flag    bool
}

func (s style) text(v float64) string {
	switch {
	case s.flag && v == 0:
		return s.say.Say("map.no")
	case s.flag:
		return s.say.Say("map.yes")
	case s.percent:
		return s.say.Say("unit.percent", "n", plain(s.say, 100*v))
	}
	return plain(s.say, v)
}

// plain writes a number with at most five significant digits, thousands
// separated; whole numbers are written whole up to 10^15.
func plain(say *words.Language, v float64) string {
	a := math.Abs(v)
	switch {
	case a == 0:
		return "0"
	case a >= 1e15 || a < 1e-4:
		return strconv.FormatFloat(v, 'g', 5, 64)
	case v == math.Trunc(v) || a >= 1e4:
		return decimal(say, v, 0)
	}
	decimals := max(0, 4-int(math.Floor(math.Log10(a))))
	s := strconv.FormatFloat(a, 'f', decimals, 64)
	if at := strings.IndexByte(s, '.'); at >= 0 {
		decimals = len(strings.TrimRight(s, "0")) - at - 1
	}
	return decimal(say, v, decimals)
}

// decimal writes so many decimals, with a minus as long as a plus.
func decimal(say *words.Language, v float64, decimals int) string {
	s := say.Decimal(math.Abs(v), decimals)
	if v < 0 && strings.Trim(s, "0.,") != "" {
		return "−" + s
	}
	return s
}

// label says which values a class holds.
func (c *classes) label(i int, s style) string {
	n := len(c.breaks)
	if s.flag && n == 1 {
		return s.text(float64(i))
	}
	of := func(key string, v ...float64) string {
		if len(v) == 1 {
			return s.say.Say(key, "a", s.text(v[0]))
		}
		return s.say.Say(key, "a", s.text(v[0]), "b", s.text(v[1]))
	}
	switch {
	case n == 0 && c.low[0] == c.high[0]:
		return s.text(c.low[0])
	case n == 0:
		return of("map.range", c.low[0], c.high[0])
	case i == 0:
		return of("map.under", c.breaks[0])
	case i == n && s.percent && c.breaks[n-1] == 1:
		return s.text(1) // there is no larger share
	case i == n:
		return of("map.or_more", c.breaks[n-1])
	}
	return of("map.from_to", c.breaks[i-1], c.breaks[i])
}
