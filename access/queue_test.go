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
		follow := func(i, n int) float64 { return 1 / float64(1+i%3) }
		if r.IntN(2) == 0 {
			follow = nil
		}
		o := access.Spill(patients, choices, capacity, follow)
		var served, used float64
		for i, p := range patients {
			if !near(o.Served[i]+o.Turned[i]+o.Deterred[i], p, 1e-9*(1+p)) || o.Turned[i] < -1e-9 {
				t.Fatalf("place %d: %v served, %v turned away and %v deterred of %v", i, o.Served[i], o.Turned[i], o.Deterred[i], p)
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

// The wait of an M/M/c queue without abandonment: P(V > t) = C·exp(−(cμ−λ)t),
// C the Erlang delay probability; with θ = μ a simulation.
func TestDelayed(t *testing.T) {
	q := access.Queue{Arrivals: 1.5, Servers: 2, Rate: 1}
	for _, after := range []float64{0, 0.5, 2} {
		got, err := q.Delayed(after)
		if want := 0.642857142857 * math.Exp(-0.5*after); err != nil || !near(got, want, 1e-9) {
			t.Errorf("M/M/2 after %v: %v, want %v (%v)", after, got, want, err)
		}
	}
	q = access.Queue{Arrivals: 3, Servers: 2, Rate: 1, Abandon: 0.3}
	r := rand.New(rand.NewPCG(8, 8))
	waits := simulate(r, q, 400_000)
	for _, after := range []float64{0, 0.5, 1.5} {
		seen := 0.0
		for _, w := range waits {
			if w > after {
				seen++
			}
		}
		seen /= float64(len(waits))
		if got, err := q.Delayed(after); err != nil || math.Abs(got-seen) > 0.006 {
			t.Errorf("after %v: %v, in a simulation %v (%v)", after, got, seen, err)
		}
	}
	if got, err := (access.Queue{Servers: 1, Rate: 1}).Delayed(1); got != 0 || err != nil {
		t.Errorf("nobody joins and %v are delayed, %v", got, err)
	}
	if _, err := (access.Queue{Arrivals: 2, Servers: 1, Rate: 1}).Delayed(1); err == nil {
		t.Error("a queue without end has a delay")
	}
}

// simulate plays a queue, event by event, and gives the time that each patient
// spent on the list.
func simulate(r *rand.Rand, q access.Queue, patients int) []float64 {
	var waits, list []float64 // list: when each joined
	clock, busy := 0.0, 0
	for len(waits) < patients {
		rate := q.Arrivals + float64(busy)*q.Rate + float64(len(list))*q.Abandon
		clock += r.ExpFloat64() / rate
		switch u := r.Float64() * rate; {
		case u < q.Arrivals:
			if busy < q.Servers {
				busy++
				waits = append(waits, 0)
			} else {
				list = append(list, clock)
			}
		case u < q.Arrivals+float64(busy)*q.Rate:
			busy--
			if len(list) > 0 {
				waits = append(waits, clock-list[0])
				list, busy = list[1:], busy+1
			}
		default:
			k := r.IntN(len(list))
			waits = append(waits, clock-list[k])
			list = append(list[:k], list[k+1:]...)
		}
	}
	return waits[1000:]
}

// The list at the start and who arrives are served, lost, waiting or in
// treatment at the end, and a long stretch is the long run.
func TestStretchConserves(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for range 60 {
		q := access.Queue{Arrivals: r.ExpFloat64() * 4, Servers: r.IntN(5), Rate: 0.3 + r.Float64(), Abandon: r.Float64() / 3}
		time, list := r.Float64()*12, r.IntN(40)
		s, err := q.Over(time, list)
		if err != nil {
			t.Fatal(err)
		}
		treated := 0.0
		if list > 0 {
			treated = float64(q.Servers)
		}
		if in, out := float64(list)+treated+s.Arrived, s.Served+s.Lost+s.Waiting+s.InTreatment; !near(in, out, 1e-7*(1+in)) {
			t.Fatalf("%+v over %v from %d: %v came in and %v are accounted for: %+v", q, time, list, in, out, s)
		}
		if s.Waiting < 0 || s.Lost < 0 || s.Served < 0 || s.InTreatment > float64(q.Servers)+1e-9 {
			t.Fatalf("%+v", s)
		}
	}
	q := access.Queue{Arrivals: 20.0 / 6, Servers: 1, Rate: 1, Abandon: 0.117}
	f, _ := q.Run()
	a, _ := q.Over(200, 0)
	b, err := q.Over(212, 0)
	if err != nil || !near(b.Served-a.Served, 12*f.Served, 1e-6) || !near(b.Waiting, f.Waiting, 1e-6) {
		t.Errorf("a year after 200 months serves %v, the long run %v; %v", b.Served-a.Served, 12*f.Served, err)
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
