package study

import (
	"math"
	"math/rand/v2"
	"slices"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// draw is one set of values for what is not known.
type draw struct {
	effect, speed, rate float64
	family              access.Family
	decay               int    // 0: each measure's own; else one of sensitivity.decay
	other               bool   // the other areal units
	byRegion            bool   // figures by region are kept
	of                  *Study // whose plan is tried in the draw
}

// sure is a draw in which nothing varies.
func sure(m *ground.Model, of *Study) draw {
	return draw{effect: m.Effect, speed: 1, rate: 1, family: m.Family, of: of}
}

// curve is a penalty curve in a draw, with what follows from it for every place; of
// is nil where in this draw so many cannot be treated.
type curve struct {
	of                  *ground.Curve
	leads               bool // the first of the study's
	beyond              access.Beyond
	likelihood, minutes []float64
}

// drawn is the headlines of one draw.
type drawn struct {
	names []string
	value []float64
	local []regional // figures by region, where they are kept
	kept  any        // for what is [Settling]
	err   error
}

// regional are figures of every region in one draw.
type regional struct {
	name  string
	value []float64
}

func (o *drawn) add(name string, v float64) {
	o.names, o.value = append(o.names, name), append(o.value, v)
}

// get is a headline of a draw, NaN if it has none of the name.
func (o *drawn) get(name string) float64 {
	if k := slices.Index(o.names, name); k >= 0 {
		return o.value[k]
	}
	return math.NaN()
}

// drawings draws the values, the same for the same seed. Effect, speed and demand
// are log-normal around their value, with the interval of the register as the
// middle 95 %; the family is one of the three smooth ones, the decay one of
// those that are named, the units one of the two, each as likely.
func drawings(u *spec.UncertaintySpec, m *ground.Model, decays int) []draw {
	r, more := rand.New(rand.NewPCG(u.RandomSeed(), 0x5eed)), rand.New(rand.NewPCG(u.RandomSeed(), 0xa4ea1))
	effect, speed, rate := spread("penalty.effect"), spread("crow.speed"), spread("demand.eligible_per_100k")
	l, _ := u.Factor()
	out := make([]draw, u.Draws)
	for i := range out {
		// All are drawn always, so that varying one more leaves the others as they were.
		n, f := [3]float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}, r.IntN(3)
		decay, unit := more.IntN(decays+1), more.IntN(2)
		var z [3]float64
		for k := range z {
			for j := range k + 1 {
				z[k] += l[k][j] * n[j]
			}
		}
		d := draw{effect: m.Effect, speed: 1, rate: 1, family: m.Family}
		for _, v := range u.Varies() {
			switch v {
			case "effect":
				d.effect = min(1, m.Effect*math.Exp(z[0]*effect))
			case "speed":
				d.speed = math.Exp(z[1] * speed)
			case "demand":
				d.rate = math.Exp(z[2] * rate)
			case "family":
				d.family = []access.Family{access.Exponential, access.Gaussian, access.Logistic}[f]
			case "decay":
				d.decay = decay
			case "areal":
				d.other = unit == 1
			}
		}
		out[i] = d
	}
	return out
}

// fastest is the highest speed that is drawn, so that matrices reach far enough.
func fastest(u *spec.UncertaintySpec) float64 {
	most := 1.0
	for _, d := range drawings(u, &ground.Model{Effect: 0.6}, 0) {
		most = max(most, d.speed)
	}
	return most
}

// spread is the standard deviation of the logarithm that makes an interval the
// middle 95 %.
func spread(key string) float64 {
	e, _ := access.Lookup(key)
	return math.Log(e.Interval[1]/e.Interval[0]) / (2 * normal975)
}

// normal975 is the quantile of the standard normal distribution that leaves 2.5 %
// above it.
const normal975 = 1.959963984540054
