package access

import (
	"fmt"
	"math"
	"slices"

	"careshed/geo/travel"
)

// FCAResult is a floating catchment score with what it rests on.
type FCAResult struct {
	Score  []float64       // supply a head; 0 where no supply is within reach
	Reason []travel.Reason // why a score is 0, None otherwise
	Ratio  []float64       // of each site, NaN where nobody is in its catchment
	Unused float64         // supply of sites in whose catchment nobody lives
}

// Why a score is 0 or missing.
const (
	Uncovered travel.Reason = "no site in the catchment"
	NoSupply  travel.Reason = "no supply in the catchment"
	NoDemand  travel.Reason = "nobody lives in the catchment of its sites"
	TooLittle travel.Reason = "too little supply within reach"
)

// ratios are supply over demand by site; supply that nobody reaches is unused.
func (r *FCAResult) ratios(supply, reached []float64) {
	r.Ratio = make([]float64, len(supply))
	for j, s := range supply {
		r.Ratio[j] = math.NaN()
		if reached[j] > 0 {
			r.Ratio[j] = s / reached[j]
		} else {
			r.Unused += s
		}
	}
}

// handOut sums ratio × share over the sites of each place; share turns the
// weights of a row into what the place takes of each site's ratio. Several
// supplies are handed out in one pass, since the weights are the same.
func handOut(m *travel.Matrix, c Catchment, all []*FCAResult, ratio [][]float64, share func(i int, times []travel.Seconds, w []float64)) {
	for _, r := range all {
		r.Score, r.Reason = make([]float64, m.Places), make([]travel.Reason, m.Places)
	}
	rows(m, func(_, from, to int, weights []float64) {
		for i := from; i < to; i++ {
			js, times := m.Row(i)
			w := weights[:len(js)]
			c.fill(w, times)
			if share != nil {
				share(i, times, w)
			}
			covered := slices.ContainsFunc(w, func(x float64) bool { return x != 0 })
			for n, r := range all {
				sum, idle := 0.0, false
				for k, j := range js {
					switch v := ratio[n][j]; {
					case w[k] == 0:
					case v == v:
						sum += v * w[k]
					default:
						idle = true
					}
				}
				r.Score[i] = sum
				switch {
				case !covered:
					r.Reason[i] = Uncovered
				case sum == 0 && idle:
					r.Reason[i] = NoDemand
				case sum == 0:
					r.Reason[i] = NoSupply
				}
			}
		}
	})
}

// Method is a member of the floating catchment family.
type Method string

const (
	TwoStep   Method = "2sfca" // with a decay E2SFCA, with a kernel KD2SFCA, without a limit gravity with competition
	ThreeStep Method = "3sfca"
	Modified  Method = "m2sfca"
	Balanced  Method = "bfca"
)

// Catchments computes a method for several supplies of the same sites at once:
// the demand that reaches each site is the same for all of them. choice is for
// ThreeStep; see FCA3.
func Catchments(m *travel.Matrix, demand []float64, supplies [][]float64, method Method, c Catchment, choice *Catchment) ([]*FCAResult, error) {
	for _, s := range supplies {
		if err := fits(m, demand, s); err != nil {
			return nil, err
		}
	}
	var share func(i int, times []travel.Seconds, w []float64)
	balance := false
	switch method {
	case TwoStep:
	case ThreeStep:
		share = shares(choice)
	case Modified:
		share = func(_ int, _ []travel.Seconds, w []float64) {
			for k, x := range w {
				w[k] = x * x
			}
		}
	case Balanced:
		balance = true
	default:
		return nil, fmt.Errorf("catchment method %q; accepted: 2sfca, 3sfca, m2sfca, bfca", method)
	}
	var reached []float64
	switch {
	case balance:
		reached = balanced(m, demand, c)
	case method == ThreeStep:
		reached = sites(m, func(i int, js []int32, times []travel.Seconds, w, sum []float64) {
			c.fill(w, times)
			share(i, times, w)
			for k, j := range js {
				sum[j] += demand[i] * w[k]
			}
		})
	default:
		var err error
		if reached, err = Passive(m, demand, c); err != nil {
			return nil, err
		}
	}
	all, ratio := make([]*FCAResult, len(supplies)), make([][]float64, len(supplies))
	for n, s := range supplies {
		all[n] = &FCAResult{}
		all[n].ratios(s, reached)
		ratio[n] = all[n].Ratio
	}
	if balance {
		column := sites(m, func(_ int, js []int32, times []travel.Seconds, w, sum []float64) {
			c.fill(w, times)
			for k, j := range js {
				sum[j] += w[k]
			}
		})
		for n := range ratio {
			ratio[n] = slices.Clone(ratio[n])
			for j, s := range column {
				ratio[n][j] /= s
			}
		}
	}
	handOut(m, c, all, ratio, share)
	return all, nil
}

// shares multiplies the weights of a row by the share of the place's people who
// choose each site; a nil choice is by the weights themselves.
func shares(choice *Catchment) func(i int, times []travel.Seconds, w []float64) {
	return func(_ int, times []travel.Seconds, w []float64) {
		v := w
		if choice != nil {
			v = make([]float64, len(times))
			choice.fill(v, times)
		}
		var total float64
		for _, x := range v {
			total += x
		}
		if total == 0 {
			return
		}
		for k := range w {
			w[k] *= v[k] / total
		}
	}
}

// balanced is the demand of each site when every place's is shared by weight.
func balanced(m *travel.Matrix, demand []float64, c Catchment) []float64 {
	return sites(m, func(i int, js []int32, times []travel.Seconds, w, sum []float64) {
		c.fill(w, times)
		var total float64
		for _, x := range w {
			total += x
		}
		if total == 0 {
			return
		}
		for k, j := range js {
			sum[j] += demand[i] * w[k] / total
		}
	})
}

// one is a method for one supply.
func one(m *travel.Matrix, demand, supply []float64, method Method, c Catchment, choice *Catchment) (*FCAResult, error) {
	all, err := Catchments(m, demand, [][]float64{supply}, method, c, choice)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// FCA is the two-step floating catchment area method (Radke & Mu 2000; Luo &
// Wang 2003), with a decay the enhanced one (E2SFCA, Luo & Qi 2009), with a
// kernel KD2SFCA (Dai & Wang 2011), and without a limit gravity with
// competition (Shen 1998; Joseph & Bantock 1982):
//
//	R_j = S_j / Σ_k P_k W(t_kj),   A_i = Σ_j R_j W(t_ij).
//
// Demand is people (or patients, which may be fractions) by place, supply by
// site. What is handed out, Σ P_i A_i, is the supply of the sites that anybody
// reaches.
func FCA(m *travel.Matrix, demand, supply []float64, c Catchment) (*FCAResult, error) {
	return one(m, demand, supply, TwoStep, c, nil)
}

// FCA3 is the three-step method (3SFCA, Wan, Zou & Sternberg 2012): people are
// shared among the sites first,
//
//	G_ij = V_ij / Σ_j V_ij,  R_j = S_j / Σ_k G_kj P_k W_kj,  A_i = Σ_j G_ij R_j W_ij,
//
// where choice gives V; nil is the catchment itself, as in the paper. PySAL takes
// the decay over all listed pairs, beyond the limit too; aceso a Huff model,
// V = 1/t.
func FCA3(m *travel.Matrix, demand, supply []float64, c Catchment, choice *Catchment) (*FCAResult, error) {
	return one(m, demand, supply, ThreeStep, c, choice)
}

// M2SFCA squares the weight on the side of the place (Delamater 2013):
// A_i = Σ_j S_j W_ij² / Σ_k P_k W_kj. It hands out less than there is: what is
// lost is the cost of sites that lie badly.
func M2SFCA(m *travel.Matrix, demand, supply []float64, c Catchment) (*FCAResult, error) {
	return one(m, demand, supply, Modified, c, nil)
}

// BFCA is the balanced method (Paez, Higgins & Vivona 2019; Pereira et al.
// 2021): weights sum to 1 on either side, so that nobody's demand is counted
// twice.
//
//	L_j = S_j / Σ_i P_i W_ij/Σ_j W_ij,   A_i = Σ_j L_j W_ij/Σ_i W_ij
func BFCA(m *travel.Matrix, demand, supply []float64, c Catchment) (*FCAResult, error) {
	return one(m, demand, supply, Balanced, c, nil)
}

// SpatialAvailability shares each site's supply among those who reach it in
// proportion to P·W (Soukhov et al. 2023): V_i = Σ_j S_j P_i W_ij / Σ_k P_k W_kj.
// The whole supply that is reached is handed out; a head has V_i/P_i, which is
// the score of FCA.
func SpatialAvailability(m *travel.Matrix, demand, supply []float64, c Catchment) ([]float64, error) {
	r, err := FCA(m, demand, supply, c)
	if err != nil {
		return nil, err
	}
	for i := range r.Score {
		r.Score[i] *= demand[i]
	}
	return r.Score, nil
}
