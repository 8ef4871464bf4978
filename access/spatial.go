package access

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Neighbours are spatial weights: those of place i are at [Start[i] : Start[i+1]].
type Neighbours struct {
	Start  []int
	To     []int32
	Weight []float64
}

// Row is the neighbours of a place with their weights.
func (n *Neighbours) Row(i int) ([]int32, []float64) {
	a, b := n.Start[i], n.Start[i+1]
	return n.To[a:b], n.Weight[a:b]
}

// lag is Σ w z over the neighbours of a place, Σ w and Σ w².
func (n *Neighbours) lag(i int, z []float64) (lag, sum, square float64) {
	js, ws := n.Row(i)
	for k, j := range js {
		lag += ws[k] * z[j]
		sum += ws[k]
		square += ws[k] * ws[k]
	}
	return lag, sum, square
}

func (n *Neighbours) end() { n.Start = append(n.Start, len(n.To)) }

// NearestNeighbours makes each place's k nearest others its neighbours, with weight 1/k.
func NearestNeighbours(ctx context.Context, at []orb.Point, k int) (*Neighbours, error) {
	l, err := geo.NewPoints(geo.About{Name: "places"}, nil, at)
	if err != nil {
		return nil, err
	}
	located := 0
	for _, p := range at {
		located += b2i(!math.IsNaN(p[0]))
	}
	if k < 1 || k >= located {
		return nil, fmt.Errorf("%d nearest neighbours of %d places with a location; accepted: 1 to %d", k, located, max(1, located-1))
	}
	n := &Neighbours{Start: []int{0}}
	for i, p := range at {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found := 0
		if !math.IsNaN(p[0]) {
			for j := range l.Nearest(p) {
				if j == i {
					continue
				}
				n.To, n.Weight = append(n.To, int32(j)), append(n.Weight, 1/float64(k))
				if found++; found == k {
					break
				}
			}
		}
		n.end()
	}
	return n, nil
}

// TooManyNeighbours says that places have more neighbours in all than were accepted.
type TooManyNeighbours struct {
	Places, Of, Most int // so many places alone, of all, have more than Most
}

func (e *TooManyNeighbours) Error() string {
	return fmt.Sprintf("the first %d of %d places have more than %d neighbours in all", e.Places, e.Of, e.Most)
}

// NeighboursWithin makes the places within a distance neighbours, each row's weights
// summing to 1; a place alone has none. More than most in all are [TooManyNeighbours].
func NeighboursWithin(ctx context.Context, at []orb.Point, limit geo.Metres, most int) (*Neighbours, error) {
	l, err := geo.NewPoints(geo.About{Name: "places"}, nil, at)
	if err != nil {
		return nil, err
	}
	n := &Neighbours{Start: []int{0}}
	for i, p := range at {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from := len(n.To)
		if !math.IsNaN(p[0]) {
			for j, d := range l.Nearest(p) {
				if d > limit {
					break
				}
				if len(n.To) >= most {
					return nil, &TooManyNeighbours{i + 1, len(at), most}
				}
				if j != i {
					n.To = append(n.To, int32(j))
				}
			}
		}
		for range len(n.To) - from {
			n.Weight = append(n.Weight, 1/float64(len(n.To)-from))
		}
		n.end()
	}
	return n, nil
}

// Contiguous makes shapes that share a vertex neighbours (queen contiguity),
// each row's weights summing to 1. Shapes must share their borders to the digit.
// More than most in all are [TooManyNeighbours].
func Contiguous(ctx context.Context, shapes []orb.Geometry, most int) (*Neighbours, error) {
	at := map[orb.Point][]int32{}
	each := func(i int, r orb.Ring) {
		for _, p := range r {
			if rows := at[p]; len(rows) == 0 || rows[len(rows)-1] != int32(i) {
				at[p] = append(rows, int32(i))
			}
		}
	}
	for i, g := range shapes {
		switch g := g.(type) {
		case orb.Polygon:
			for _, r := range g {
				each(i, r)
			}
		case orb.MultiPolygon:
			for _, p := range g {
				for _, r := range p {
					each(i, r)
				}
			}
		}
	}
	sets := make([]map[int32]bool, len(shapes))
	pairs := 0
	for _, rows := range at {
		for _, a := range rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for _, b := range rows {
				if a != b {
					if sets[a] == nil {
						sets[a] = map[int32]bool{}
					}
					if !sets[a][b] {
						if pairs++; pairs > most {
							return nil, &TooManyNeighbours{len(shapes), len(shapes), most}
						}
						sets[a][b] = true
					}
				}
			}
		}
	}
	n := &Neighbours{Start: []int{0}}
	for _, s := range sets {
		var rows []int32
		for j := range s {
			rows = append(rows, j)
		}
		slices.Sort(rows)
		for _, j := range rows {
			n.To, n.Weight = append(n.To, j), append(n.Weight, 1/float64(len(rows)))
		}
		n.end()
	}
	return n, nil
}

// Moran is the global index of spatial autocorrelation with its moments under
// normality and randomisation (Cliff & Ord 1981). All are NaN where no place has a
// neighbour, the scores where the index is the same for every order of the values.
type Moran struct {
	I, Expected             float64
	VarianceNormal, ZNormal float64
	VarianceRandom, ZRandom float64
}

// MoranI computes it; every place needs a value.
func MoranI(value []float64, w *Neighbours) (Moran, error) {
	n := float64(len(value))
	z, m2, err := centred(value)
	if err != nil {
		return Moran{}, err
	}
	var m4, s0, s1, cross float64
	for _, v := range z {
		m4 += v * v * v * v / n
	}
	back := map[[2]int32]float64{}
	rows, columns := make([]float64, len(z)), make([]float64, len(z))
	for i := range z {
		js, ws := w.Row(i)
		for k, j := range js {
			s0 += ws[k]
			cross += ws[k] * z[i] * z[j]
			rows[i] += ws[k]
			columns[j] += ws[k]
			back[[2]int32{int32(i), j}] = ws[k]
		}
	}
	var s2 float64
	for i := range z {
		js, ws := w.Row(i)
		for k, j := range js {
			other := back[[2]int32{j, int32(i)}]
			// Each unordered pair is met once or twice; a one-sided weight once.
			if other == 0 {
				s1 += ws[k] * ws[k]
			} else {
				s1 += (ws[k] + other) * (ws[k] + other) / 2
			}
		}
		s2 += (rows[i] + columns[i]) * (rows[i] + columns[i])
	}
	m := Moran{I: cross / s0 / m2, Expected: -1 / (n - 1)}
	e2 := m.Expected * m.Expected
	m.VarianceNormal = (n*n*s1-n*s2+3*s0*s0)/((n*n-1)*s0*s0) - e2
	k := m4 / (m2 * m2)
	m.VarianceRandom = (n*((n*n-3*n+3)*s1-n*s2+3*s0*s0)-k*((n*n-n)*s1-2*n*s2+6*s0*s0))/((n-1)*(n-2)*(n-3)*s0*s0) - e2
	// Where every order of the values gives the same index there is no spread, and
	// no score.
	score := func(variance *float64) float64 {
		if *variance <= sameSum*e2 {
			*variance = 0
			return math.NaN()
		}
		return (m.I - m.Expected) / math.Sqrt(*variance)
	}
	m.ZNormal, m.ZRandom = score(&m.VarianceNormal), score(&m.VarianceRandom)
	return m, nil
}

// centred is the values less their mean, and the mean square of that.
func centred(value []float64) (z []float64, m2 float64, err error) {
	n := float64(len(value))
	if len(value) < 4 {
		return nil, 0, fmt.Errorf("spatial statistics need four places or more; there are %d", len(value))
	}
	var mean float64
	for i, v := range value {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, 0, fmt.Errorf("spatial statistics need a value for every place; row %d has none", i+1)
		}
		mean += v / n
	}
	z = make([]float64, len(value))
	for i, v := range value {
		z[i] = v - mean
		m2 += z[i] * z[i] / n
	}
	if slices.Max(value)-slices.Min(value) <= sameValue*largest(value) {
		return nil, 0, fmt.Errorf("spatial statistics need values that differ")
	}
	return z, m2, nil
}

// sameValue is how far apart, as a share of the largest value, two values or
// sums of values may be and still count as equal: what adding up in another
// order or unit changes, and no more.
const sameValue = 1e-12

// largest is the largest size of a value.
func largest(value []float64) (most float64) {
	for _, v := range value {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

// spreadWithout is the variance of the values of all places but i. Where i alone
// makes nearly all of the spread, the difference of two large sums would be
// rounding, and the others are gone through one by one. It is 0 where they do
// not differ.
func spreadWithout(value, z []float64, m2 float64, i int) float64 {
	n := float64(len(z))
	mean := -z[i] / (n - 1)
	all := (n*m2 - z[i]*z[i]) / (n - 1)
	if v := all - mean*mean; v > 1e-6*m2 {
		return v
	}
	low, high, most := math.Inf(1), math.Inf(-1), 0.0
	for k, v := range value {
		if k != i {
			low, high, most = math.Min(low, v), math.Max(high, v), math.Max(most, math.Abs(v))
		}
	}
	if high-low <= sameValue*most {
		return 0
	}
	mean = 0
	for k, v := range value {
		if k != i {
			mean += (v - low) / (n - 1)
		}
	}
	var sum float64
	for k, v := range value {
		if k != i {
			d := v - low - mean
			sum += d * d
		}
	}
	return sum / (n - 1)
}

// room is count·Σw² − (Σw)², which is 0 where every one of so many places is a
// neighbour with the same weight: there is then no other way to place the values.
func room(count, square, sum float64) float64 {
	if r := count*square - sum*sum; r > sameValue*count*square {
		return r
	}
	return 0
}

// Local is a local statistic by place: the value, its z score where there is
// one, and the pseudo p-value of conditional permutations. Why says, of a place
// without a score, why it has none.
type Local struct {
	Value, Z, P []float64
	Why         []string
}

// Why a place has no score.
const (
	NoNeighbours   = "it has no neighbours"
	AllNeighbours  = "all others are its neighbours, alike"
	OthersAllEqual = "all others have one value"
	AtTheMean      = "its value is the mean"
)

// LocalMoran is z_i Σ_j w_ij z_j / m2 with m2 = Σz²/n (Anselin 1995, as in spdep;
// esda's is (n−1)/n of it), z scores under conditional randomisation, and
// p = (r+1)/(m+1) over m permutations of the other places' values, one-sided.
func LocalMoran(ctx context.Context, value []float64, w *Neighbours, permutations int, seed uint64) (Local, error) {
	z, m2, err := centred(value)
	if err != nil {
		return Local{}, err
	}
	n := float64(len(z))
	out := Local{Value: make([]float64, len(z)), Z: make([]float64, len(z)), Why: make([]string, len(z))}
	most := largest(value)
	for i := range z {
		if err := ctx.Err(); err != nil {
			return Local{}, err
		}
		lag, sum, square := w.lag(i, z)
		if lag != 0 { // else 0, and not −0
			out.Value[i] = z[i] * lag / m2
		}
		// Moments of the lag over all ways to place the other values (Sokal, Oden
		// & Thomson 1998).
		spread, left := spreadWithout(value, z, m2, i), room(n-1, square, sum)
		e := -z[i] / m2 * sum * z[i] / (n - 1)
		v := z[i] * z[i] / (m2 * m2) * spread * left / (n - 2)
		if out.Why[i] = why(sum, left, spread); out.Why[i] == "" && math.Abs(z[i]) <= sameValue*most {
			out.Why[i] = AtTheMean
		}
		out.Z[i] = math.NaN()
		if out.Why[i] == "" {
			out.Z[i] = (out.Value[i] - e) / math.Sqrt(v)
		}
	}
	if out.P, err = permute(ctx, value, w, permutations, seed); err != nil {
		return Local{}, err
	}
	for i := range out.P {
		if math.Abs(z[i]) <= sameValue*most && !math.IsNaN(out.P[i]) {
			out.P[i] = 1 // the statistic is 0 whatever the neighbours have
		}
	}
	return out, nil
}

// why is why there is no score: Σw, room and spread are those of a place.
func why(sum, left, spread float64) string {
	switch {
	case sum == 0:
		return NoNeighbours
	case left == 0:
		return AllNeighbours
	case spread == 0:
		return OthersAllEqual
	}
	return ""
}

// GetisOrd is Gi, or with star Gi*, as z scores (Getis & Ord 1992; Ord & Getis
// 1995): high where high values gather. Gi leaves the place itself out of mean
// and spread, Gi* has it among its neighbours with weight 1 (as a neighbour more
// whose weights sum to 1 with the rest if they did before). A place without
// neighbours, that sees all, or whose others all have one value has no score.
func GetisOrd(ctx context.Context, value []float64, w *Neighbours, star Star, permutations int, seed uint64) (Local, error) {
	z, m2, err := centred(value)
	if err != nil {
		return Local{}, err
	}
	n := float64(len(z))
	out := Local{Z: make([]float64, len(z)), Why: make([]string, len(z))}
	for i := range z {
		if err := ctx.Err(); err != nil {
			return Local{}, err
		}
		js, _ := w.Row(i)
		lag, sum, square := w.lag(i, z)
		mean, variance, count := -z[i]/(n-1), 0.0, n-1
		if star == WithItself {
			// Row-standardised weights over the neighbours and the place.
			k := float64(len(js))
			scale := k / (k + 1)
			lag, square = lag*scale+sum*z[i]/(k+1), square*scale*scale+sum*sum/((k+1)*(k+1))
			mean, variance, count = 0, m2, n
		} else {
			variance = spreadWithout(value, z, m2, i)
		}
		left := room(count, square, sum)
		out.Z[i] = math.NaN()
		if out.Why[i] = why(sum, left, variance); out.Why[i] == "" {
			out.Z[i] = (lag - sum*mean) / math.Sqrt(variance*left/(count-1))
		}
	}
	out.Value = out.Z
	if star == Without {
		out.P, err = permute(ctx, value, w, permutations, seed)
	}
	return out, err
}

// Star says whether a place is a neighbour of itself.
type Star bool

const (
	Without    Star = false // Gi
	WithItself Star = true  // Gi*
)

// sameSum is how far apart, as a share of what is added up, two sums over
// neighbours may be and still count as a tie.
const sameSum = 1e-9

// sameZero is as much of the largest value: the rest that a sum leaves whose terms
// cancel.
const sameZero = 1e-14

// permute draws, for every place, as many other places as it has neighbours,
// and counts how often the sum over them is as far out as the one seen, ties on
// either side. Sums of the same values in another order or unit differ in their
// last digits: within sameSum of what is added up they are ties. Each place has a
// stream of its own, so that the number of workers changes nothing. It looks at ctx
// before each place, and after so many values drawn.
func permute(ctx context.Context, value []float64, w *Neighbours, m int, seed uint64) ([]float64, error) {
	const between = 1 << 16 // values drawn from one look to the next
	p := make([]float64, len(value))
	most := largest(value)
	own := func() []int32 { return make([]int32, len(value)) }
	_ = travel.SpreadWith(ctx, len(value), 1, own, func(others []int32, i, _ int) {
		js, ws := w.Row(i)
		if len(js) == 0 || m == 0 {
			p[i] = math.NaN()
			return
		}
		if len(js) == len(value)-1 && slices.Max(ws)-slices.Min(ws) <= sameValue*slices.Max(ws) {
			p[i] = 1 // every draw is what is seen
			return
		}
		var seen, size, weights float64
		for k, j := range js {
			seen += ws[k] * value[j]
			size += ws[k] * math.Abs(value[j])
			weights += ws[k]
		}
		tie := sameSum*size + sameZero*weights*most
		high, low := seen+tie, seen-tie
		for k := range others {
			others[k] = int32(k)
		}
		others[i] = others[len(others)-1]
		pool := others[:len(others)-1]
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		above, below := 0, 0
		drawn := 0
		for range m {
			if drawn += len(js); drawn >= between {
				if drawn = 0; ctx.Err() != nil {
					return
				}
			}
			var lag float64
			for k := range js {
				// A draw without replacement from the front of the pool.
				pick := k + r.IntN(len(pool)-k)
				pool[k], pool[pick] = pool[pick], pool[k]
				lag += ws[k] * value[pool[k]]
			}
			// A draw that equals what is seen is as far out on either side.
			switch {
			case lag > high:
				above++
			case lag < low:
				below++
			default:
				above++
				below++
			}
		}
		p[i] = (float64(min(above, below)) + 1) / (float64(m) + 1)
	})
	return p, ctx.Err()
}

// FalseDiscovery is the largest p-value that stands at a false discovery rate
// (Benjamini & Hochberg 1995), 0 if none does.
func FalseDiscovery(p []float64, rate float64) float64 {
	var v []float64
	for _, x := range p {
		if !math.IsNaN(x) {
			v = append(v, x)
		}
	}
	slices.Sort(v)
	for k := len(v) - 1; k >= 0; k-- {
		if v[k] <= rate*float64(k+1)/float64(len(v)) {
			return v[k]
		}
	}
	return 0
}
