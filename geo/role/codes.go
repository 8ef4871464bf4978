package role

import (
	"fmt"
	"math"
	"slices"

	"careshed/geo"
)

// below are numbers that programs write where there is no value, and that no
// measurement takes: the Census Bureau's annotations, the ends of integers and
// of floats, the fills of rasters and of NetCDF.
var below = []float64{
	-999, -9999, -99999, -999999, -9999999, -99999999, -999999999,
	-222222222, -333333333, -555555555, -666666666, -888888888, -999.25, -9999.99, -999.9, -999.99,
	math.MinInt16, math.MinInt32, math.MinInt64, -math.MaxFloat32, -math.MaxFloat64, -1e20, -1e30, -1e34, -1e38, -3.4e38,
}

// slight are codes that could be values: a doubt where all else is not negative.
var slight = []float64{-99, -98, -97, -9, -8, -7, -1}

// beyond are codes that no count or time reaches.
var beyond = []float64{
	math.MaxInt32, math.MaxUint32, math.MaxInt64, math.MaxUint64, 1e20, 1e30, 1e34, 1e36, 1e38,
	math.MaxFloat32, math.MaxFloat64, 3.4e38, 9.969209968386869e36, 9.96920996838687e36, 9.96921e36, 1.70141e38, 1.70141000918782798e38, math.MaxInt32 - 1,
}

// above are codes that a count may reach by chance.
var above = []float64{9999, 99999, 999999, 9999999, 99999999, 999999999, 999, 9998, 99998, math.MaxInt16, math.MaxUint16}

// A codeUse is a code with the rows that hold it.
type codeUse struct {
	code float64
	rows []int32
	sure bool
}

// codesIn finds the codes among values: those that nothing else comes near. What
// a file declares to be missing is gone already; then nothing is looked for.
func (r Role) codesIn(c geo.Column, values []float64) []codeUse {
	if c.Missing {
		return nil
	}
	suspects := map[float64][]int32{}
	apart := r.farAbove(values)
	least, most, others := math.Inf(1), math.Inf(-1), 0
	for i, v := range values {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
		case v < 0 && (slices.Contains(below, v) || slices.Contains(slight, v)), v >= 999 && (v == apart || slices.Contains(beyond, v) || slices.Contains(above, v)):
			suspects[v] = append(suspects[v], int32(i))
		default:
			least, most = min(least, v), max(most, v)
			others++
		}
	}
	var found []codeUse
	for code, rows := range suspects {
		u := codeUse{code: code, rows: rows}
		switch {
		case slices.Contains(beyond, code):
			u.sure = true
		case slices.Contains(below, code):
			// Where others are negative too, a code lies far below them.
			if u.sure = others == 0 || least >= 0 || least > code/2; !u.sure {
				continue
			}
		case slices.Contains(slight, code):
			if others == 0 || least < 0 {
				continue
			}
		default: // above
			far := others > 0 && code > 3*math.Abs(most)
			round := code == 999 || code == math.MaxInt16 || code == math.MaxUint16 || code == apart && code < endless && !slices.Contains(above, code)
			switch {
			case !far:
				continue
			case r.codes == measure:
				u.sure = !round
			default:
				u.sure = !round && (len(rows) > 1 || code > 100*math.Abs(most))
			}
		}
		found = append(found, u)
	}
	slices.SortFunc(found, func(a, b codeUse) int { return int(a.rows[0]) - int(b.rows[0]) })
	return found
}

// endless is a time in minutes, or a length in kilometres, that no way has.
const endless = 1e6

// farAbove is the largest of measured values where it stands in several rows, or is endless,
// and nothing else comes near: programs write some number of their own for ways that they did
// not find. NaN if there is none.
func (r Role) farAbove(values []float64) float64 {
	most, next, times := math.Inf(-1), math.Inf(-1), 0
	for _, v := range values {
		switch {
		case v > most:
			most, next, times = v, most, 1
		case v == most:
			times++
		case v > next:
			next = v
		}
	}
	if r.codes != measure || most < 999 || !(next > 0) || most < 3*next || times < 2 && most < endless {
		return math.NaN()
	}
	return most
}

// withoutCodes takes codes for no value where the role lets a row have none, and
// refuses them elsewhere.
func (r Role) withoutCodes(l *geo.Layer, c geo.Column, values []float64, out *Reading) ([]float64, error) {
	copied := false
	for _, u := range r.codesIn(c, values) {
		row := int(u.rows[0])
		code := geo.AppendNumber(nil, u.code)
		switch {
		case u.sure && r.missing:
			if !copied {
				values, copied = slices.Clone(values), true
			}
			for _, i := range u.rows {
				values[i] = math.NaN()
			}
			out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf("%s is %s in %s, which programs write where there is no value: taken for none (missing: [%s] in the layer's entry says so, missing: [] keeps it)",
				c.Name, code, rowsOf(len(u.rows)), code), Rows: u.rows})
		case u.sure:
			e := r.fault(l, c, row, "which programs write where there is no value")
			e.Accept += fmt.Sprintf("; missing: [%s] in the layer's entry reads it as none, missing: [] keeps it", code)
			return nil, e
		case u.code >= r.least:
			out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf("%s is %s in %s: is that a code for no value? missing: [%s] in the layer's entry reads it so, missing: [] keeps it",
				c.Name, code, rowsOf(len(u.rows)), code), Rows: u.rows})
		}
	}
	return values, nil
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 feature"
	}
	return fmt.Sprintf("%d features", n)
}
