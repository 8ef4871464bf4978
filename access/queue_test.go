package access_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"careshed/access"
)

func TestQueueByHand(t *testing.T) {
	// M/M/1 without abandonment: L_q = ρ²/(1−ρ).
	f, err := access.Queue{Arrivals: 0.8, Servers: 1, Rate: 1}.Run()
	if err != nil || !near(f.Waiting, 0.64/0.2, 1e-9) || f.Lost != 0 || !near(f.Busy, 0.8, 1e-12) {
		t.Errorf("%+v, %v", f, err)
	}
	// M/M/2: Erlang C with a = 1.5: C = 0.6429, L_q = C·ρ/(1−ρ) = 1.9286.
	f, _ = access.Queue{Arrivals: 1.5, Servers: 2, Rate: 1}.Run()
	if !near(f.Waiting, 1.928571428571, 1e-9) {
		t.Errorf("M/M/2 has %v waiting", f.Waiting)
	}
	// θ = μ makes every patient alike: Poisson with mean λ/μ.
	f, _ = access.Queue{Arrivals: 3, Servers: 2, Rate: 1, Abandon: 1}.Run()
	var want float64
	for n, p := 0, math.Exp(-3.0); n < 80; n++ {
		want += p * float64(max(0, n-2))
		p *= 3 / float64(n+1)
	}
	if !near(f.Waiting, want, 1e-9) {
		t.Errorf("θ = μ: %v waiting, want %v", f.Waiting, want)
	}
	// Myeloma slots (Kourelis 2023): 20 waiting for 6 months are 3.33 arrivals a
	// month; one slot a month serves 30 %, and patients leave at 0.117 a month.
	theta := (20.0/6 - 1) / 20
	f, err = access.Queue{Arrivals: 20.0 / 6, Servers: 1, Rate: 1, Abandon: theta}.Run()
	if err != nil || !near(theta, 0.117, 0.0005) || !near(f.Reached, 0.30, 0.005) || !near(f.Waiting, 20, 0.1) || !near(f.Wait, 6, 0.05) {
		t.Errorf("%+v, %v at θ = %v", f, err, theta)
	}
	if _, err := (access.Queue{Arrivals: 2, Servers: 1, Rate: 1}).Run(); err == nil {
		t.Error("a queue without end has a long run")
	}
	if got := access.Capacity(5, math.Inf(1), 4, 15, math.Inf(1)); got != 5 {
		t.Errorf("capacity %v: four beds for 15 days each are 8 a month, and apheresis 5", got)
	}
}

// What arrives is served or lost; more capacity never serves fewer; impatience
// shortens the list.
func TestQueueLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for range 300 {
		q := access.Queue{Arrivals: r.ExpFloat64() * 5, Servers: 1 + r.IntN(8), Rate: 0.2 + r.Float64(), Abandon: 0.02 + r.Float64()/2}
		f, err := q.Run()
		if err != nil {
			t.Fatal(err)
		}
		if !near(f.Served+f.Lost, q.Arrivals, 1e-9*(1+q.Arrivals)) || f.Served > float64(q.Servers)*q.Rate+1e-9 || f.Served < 0 ||
			!near(f.Busy*float64(q.Servers)*q.Rate, f.Served, 1e-7*(1+q.Arrivals)) {
			t.Fatalf("%+v: %+v", q, f)
		}
		more := q
		more.Servers++
		g, err := more.Run()
		if err != nil || g.Served < f.Served-1e-9 || g.Waiting > f.Waiting+1e-9 {
			t.Fatalf("another server: %+v, then %+v", f, g)
		}
		hasty := q
		hasty.Abandon *= 2
		if h, _ := hasty.Run(); h.Waiting > f.Waiting+1e-9 {
			t.Fatalf("more leave and more wait: %+v, %+v", f, h)
		}
	}
}

// Nobody is lost from sight, no site serves more than it has, and room is left
// only where nobody asks any more.
func TestSpillLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	for range 300 {
		patients, capacity := randoms(r, 1+r.IntN(20), 5), randoms(r, 1+r.IntN(6), 4)
		choices := make([][]int32, len(patients))
		for i := range choices {
			for _, j := range r.Perm(len(capacity))[:r.IntN(len(capacity)+1)] {
				choices[i] = append(choices[i], int32(j))
			}
		}
		o := access.Spill(patients, choices, capacity)
		var served, used float64
		for i, p := range patients {
			if !near(o.Served[i]+o.Turned[i], p, 1e-9*(1+p)) || o.Turned[i] < -1e-9 {
				t.Fatalf("place %d: %v served and %v turned away of %v", i, o.Served[i], o.Turned[i], p)
			}
			served += o.Served[i]
			for _, j := range choices[i] {
				if o.Turned[i] > 1e-6 && capacity[j]-o.Used[j] > 1e-6 {
					t.Fatalf("place %d has %v turned away, and site %d has room for %v", i, o.Turned[i], j, capacity[j]-o.Used[j])
				}
			}
		}
		for j, u := range o.Used {
			used += u
			if u > capacity[j]+1e-9 {
				t.Fatalf("site %d serves %v of %v", j, u, capacity[j])
			}
		}
		if !near(served, used, 1e-9*(1+used)) {
			t.Fatalf("%v served by place, %v by site", served, used)
		}
	}
}

// Every claim can be computed and holds.
func TestClaims(t *testing.T) {
	for _, c := range access.Claims {
		got, ok, err := c.Holds()
		if err != nil || !ok {
			t.Errorf("%s: %v, accepted %v to %v (%v)", c.What, got, c.Low, c.High, err)
		}
	}
}
