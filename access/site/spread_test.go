package site

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomSpread has places of which some have no site today, and candidates that draw
// some of them.
func randomSpread(r *rand.Rand, places, sites int) *Spread {
	s := &Spread{Weight: make([]float64, places), Pull: make([]float64, places), Worth: make([]float64, places), Offers: make([][]Draw, sites)}
	for i := range places {
		s.Weight[i], s.Worth[i] = float64(r.IntN(100)), r.Float64()
		if r.IntN(4) > 0 {
			s.Pull[i] = math.Exp(4 * r.NormFloat64())
		}
	}
	for j := range sites {
		for i := range places {
			if r.IntN(3) > 0 {
				s.Offers[j] = append(s.Offers[j], Draw{int32(i), math.Exp(4 * r.NormFloat64()), r.Float64()})
			}
		}
	}
	return s
}

// plainGain is the definition: every place's mean worth over all that is open.
func plainGain(s *Spread, open []int) (sum float64) {
	for i, w := range s.Weight {
		pull, worth := s.Pull[i], s.Pull[i]*s.Worth[i]
		for _, j := range open {
			for _, o := range s.Offers[j] {
				if int(o.Place) == i {
					pull += o.Pull
					worth += o.Pull * o.Worth
				}
			}
		}
		if pull > 0 {
			sum += w * (worth/pull - s.Worth[i])
		}
	}
	return sum
}

func ruled(t *testing.T, sites int, rules Rules) *Instance {
	t.Helper()
	in, err := FromOffers(&Problem{Weight: []float64{1}, Now: []float64{0}, Offers: make([][]Offer, sites)}, rules)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestSpreadGainIsTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		s := randomSpread(r, 1+r.IntN(20), 1+r.IntN(8))
		open := r.Perm(len(s.Offers))[:r.IntN(len(s.Offers)+1)]
		if got, want := s.Gain(open), plainGain(s, open); math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
			t.Fatalf("%v gains %v, want %v", open, got, want)
		}
		m, sum := s.newMixture(), 0.0
		order, gain := m.inOrder(open)
		for _, g := range gain {
			sum += g
		}
		if want := s.Gain(open); math.Abs(sum-want) > 1e-9*(1+math.Abs(want)) || len(order) != len(open) {
			t.Fatalf("in order %v gains %v, want %v", order, sum, want)
		}
	}
}

// Where few sets are allowed the plan is the best of all; where many are it is never
// worse than one move away, keeps the rules, and is seldom far from the best.
func TestSpreadSolveAgainstEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	best := 0
	for range 150 {
		sites := 3 + r.IntN(6)
		s := randomSpread(r, 1+r.IntN(15), sites)
		rules := Rules{Pick: 1 + r.IntN(3)}
		if r.IntN(3) == 0 {
			rules.Forced = []int{r.IntN(sites)}
		}
		if r.IntN(3) == 0 {
			rules.Price, rules.Budget = make([]float64, sites), 3
			for j := range rules.Price {
				rules.Price[j] = float64(1 + r.IntN(3))
			}
		}
		in := ruled(t, sites, rules)
		most := math.Inf(-1)
		in.each(t.Context(), func(open []int) { most = math.Max(most, plainGain(s, open)) })
		p, err := s.Solve(t.Context(), in, nil, Options{})
		if err != nil || !p.Proven || math.Abs(s.Gain(p.Open)-most) > 1e-9*(1+math.Abs(most)) || in.Check(p.Open) != nil {
			t.Fatalf("%+v gains %v, the best %v: %v", p, s.Gain(p.Open), most, err)
		}
		m := s.newMixture()
		found := m.improved(t.Context(), in, m.opened(t.Context(), in), Options{})
		if in.Check(found) != nil {
			t.Fatalf("%v breaks the rules", found)
		}
		g := s.Gain(found)
		if math.Abs(g-most) <= 1e-9*(1+math.Abs(most)) {
			best++
		}
		for k, out := range found {
			for j := range sites {
				set := append(slices.Delete(slices.Clone(found), k, k+1), j)
				if !slices.Contains(found, j) && !slices.Contains(rules.Forced, out) && in.Check(set) == nil && s.Gain(set) > g+1e-9*(1+math.Abs(g)) {
					t.Fatalf("%v gains %v, and %v gains %v", found, g, set, s.Gain(set))
				}
			}
		}
	}
	if best < 130 {
		t.Errorf("the search found the best plan in %d of 150", best)
	}
}

// With pulls that differ without measure everybody goes to the strongest: where the
// strongest is the best, it is the choice among best offers.
func TestSpreadOfSteepPullsIsTheNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 100 {
		places, sites := 1+r.IntN(12), 2+r.IntN(5)
		s, near := &Spread{Offers: make([][]Draw, sites)}, &Problem{Offers: make([][]Offer, sites), Pick: 2}
		for i := range places {
			w, now := float64(1+r.IntN(9)), float64(r.IntN(200))
			s.Weight, near.Weight = append(s.Weight, w), append(near.Weight, w)
			s.Worth, near.Now = append(s.Worth, -now), append(near.Now, -now)
			s.Pull = append(s.Pull, math.Exp(-3*now))
			for j := range sites {
				t := float64(r.IntN(200))
				s.Offers[j] = append(s.Offers[j], Draw{int32(i), math.Exp(-3 * t), -t})
				near.Offers[j] = append(near.Offers[j], Offer{int32(i), math.Max(-now, -t)})
			}
		}
		p, err := s.Solve(t.Context(), ruled(t, sites, Rules{Pick: 2}), nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		most := 0.0
		ruled(t, sites, Rules{Pick: 2}).each(t.Context(), func(open []int) { most = math.Max(most, near.Gain(open)) })
		if got := near.Gain(p.Open); got < most-0.05*(1+most) {
			t.Errorf("%v gains %v at the nearest, the best plan %v", p.Open, got, most)
		}
	}
}
