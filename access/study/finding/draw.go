package finding

import (
	"math"
	"math/rand/v2"
	"slices"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Draw is one set of values for what is not known.
type Draw struct {
	Effect, Speed, Rate float64
	Family              access.Family
	Decay               int    // 0: each measure's own; else one of sensitivity.decay
	Other               bool   // the other areal units
	ByRegion            bool   // figures by region are kept
	Of                  *Study // whose plan is tried in the draw
}

// Sure is a draw in which nothing varies.
func Sure(m *ground.Model, of *Study) Draw {
	return Draw{Effect: m.Effect, Speed: 1, Rate: 1, Family: m.Family, Of: of}
}

// Curve is a penalty curve in a draw, with what follows from it for every place; of
// is nil where in this draw so many cannot be treated.
type Curve struct {
	Of                  *ground.Curve
	Leads               bool // the first of the study's
	Beyond              access.Beyond
	Likelihood, Minutes []float64
}

// Drawn is the headlines of one draw.
type Drawn struct {
	Names []string
	Value []float64
	Local []Regional // figures by region, where they are kept
	Kept  any        // for what is [Settling]
	Err   error
}

// Regional are figures of every region in one draw.
type Regional struct {
	Name  string
	Value []float64
}

// Add takes a headline of the draw.
func (o *Drawn) Add(name string, v float64) {
	o.Names, o.Value = append(o.Names, name), append(o.Value, v)
}

// Get is a headline of a draw, NaN if it has none of the name.
func (o *Drawn) Get(name string) float64 {
	if k := slices.Index(o.Names, name); k >= 0 {
		return o.Value[k]
	}
	return math.NaN()
}

// Drawings draws the values, the same for the same seed. Effect, speed and demand
// are log-normal around their value, with the interval of the register as the
// middle 95 %, or, of times, that of the spec, whose halves need not be as wide; the family is one of the three smooth ones, the decay one of
// those that are named, the units one of the two, each as likely.
func Drawings(u *spec.UncertaintySpec, m *ground.Model, decays int) []Draw {
	r, more := rand.New(rand.NewPCG(u.RandomSeed(), 0x5eed)), rand.New(rand.NewPCG(u.RandomSeed(), 0xa4ea1))
	effect, speed, rate := Spread("penalty.effect"), Spread("crow.speed"), Spread("demand.eligible_per_100k")
	if m.Doubt != [2]float64{} {
		rate = spreadOf(m.Doubt)
	}
	if OwnDemand(u, m) {
		rate = 0
	}
	l, _ := u.Factor()
	out := make([]Draw, u.Draws)
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
		d := Draw{Effect: m.Effect, Speed: 1, Rate: 1, Family: m.Family}
		for _, v := range u.Varies() {
			switch v {
			case "effect":
				d.Effect = min(1, m.Effect*math.Exp(z[0]*effect))
			case "speed":
				d.Speed = math.Exp(z[1] * speed)
				if u.Times.Given() {
					d.Speed = u.Times.Speed(z[1], Normal975)
				}
			case "demand":
				d.Rate = math.Exp(z[2] * rate)
			case "family":
				d.Family = []access.Family{access.Exponential, access.Gaussian, access.Logistic}[f]
			case "decay":
				d.Decay = decay
			case "areal":
				d.Other = unit == 1
			}
		}
		out[i] = d
	}
	return out
}

// OwnDemand reports whether a study counts its own eligible or treated patients and
// does not say that they are in doubt: the register's interval is of other numbers.
func OwnDemand(u *spec.UncertaintySpec, m *ground.Model) bool {
	return len(u.Vary) == 0 && (math.IsNaN(m.Rate) || m.Fixed)
}

// Fastest is the highest speed that is drawn, so that matrices reach far enough.
func Fastest(u *spec.UncertaintySpec) float64 {
	most := 1.0
	for _, d := range Drawings(u, &ground.Model{Effect: 0.6}, 0) {
		most = max(most, d.Speed)
	}
	return most
}

// Spread is the standard deviation of the logarithm that makes an interval the
// middle 95 %.
func Spread(key string) float64 {
	e, _ := access.Lookup(key)
	return spreadOf(e.Interval.Around(e.Value))
}

func spreadOf(interval [2]float64) float64 {
	if interval[0] == interval[1] {
		return 0 // one number, and nothing is known of its doubt
	}
	return math.Log(interval[1]/interval[0]) / (2 * Normal975)
}

// normal975 is the quantile of the standard normal distribution that leaves 2.5 %
// above it.
const Normal975 = 1.959963984540054
