package access

import (
	"fmt"
	"math"
)

// Queue is a waiting list of Erlang-A type (M/M/c+M): patients arrive at
// random, each of the servers treats at random times, and those who wait leave
// at random (they die, progress, go elsewhere). All rates are per month or per
// any one unit of time.
type Queue struct {
	Arrivals float64 // λ
	Servers  int     // c: patients treated at the same time
	Rate     float64 // μ: treatments per server
	Abandon  float64 // θ: the rate at which one waiting patient leaves; 0.05 to 0.21 a month has been implied
}

// Flow is the long run of a queue. What arrives is served or lost:
// Arrivals = Served + Lost.
type Flow struct {
	Served, Lost float64 // a unit of time
	Waiting      float64 // patients on the list, L
	Wait         float64 // of all who join, served or not: L/λ (Little)
	Busy         float64 // share of the servers
	Reached      float64 // share of arrivals who are served
}

// MostUsed is the share of its capacity up to which a queue that nobody leaves
// has a long run here: at a billionth below full its list is a billion long, and
// takes as long to come about.
const MostUsed = 1 - 1e-9

// Run is the long run of the queue. Without abandonment it is Erlang's second
// formula, in closed form however near to full; a queue whose arrivals reach its
// capacity has none: it grows without end, and that is the error.
func (q Queue) Run() (Flow, error) {
	if err := q.valid(); err != nil {
		return Flow{}, err
	}
	capacity := float64(q.Servers) * q.Rate
	switch {
	case q.Arrivals == 0:
		return Flow{}, nil
	case q.Servers > mostStates:
		return Flow{}, fmt.Errorf("%v: more places than can be computed one by one; accepted: up to %d", q, mostStates)
	case q.Abandon == 0 && q.Arrivals >= capacity*(1-1e-12):
		return Flow{}, fmt.Errorf("%.9g arrivals for a capacity of %.9g grow without end unless patients leave; name the rate at which they do", q.Arrivals, capacity)
	case q.Abandon == 0 && q.Arrivals > capacity*MostUsed:
		return Flow{}, fmt.Errorf("%.12g arrivals for a capacity of %.12g: the list would be about %.2g long, and take as long to come about; accepted: arrivals of at most %.12g, or a rate at which patients leave", q.Arrivals, capacity, q.Arrivals/(capacity-q.Arrivals), capacity*MostUsed)
	case q.Abandon == 0:
		use := q.Arrivals / capacity
		waiting := q.erlangC() * use / (1 - use)
		return Flow{Served: q.Arrivals, Waiting: waiting, Wait: waiting / q.Arrivals, Busy: use, Reached: 1}, nil
	}
	p, err := q.stationary()
	if err != nil {
		return Flow{}, err
	}
	var waiting, busy float64
	for n, x := range p {
		waiting += x * float64(max(0, n-q.Servers))
		busy += x * float64(min(n, q.Servers))
	}
	f := Flow{Waiting: waiting, Lost: math.Min(q.Abandon*waiting, q.Arrivals)}
	f.Served = q.Arrivals - f.Lost
	f.Wait, f.Reached = f.Waiting/q.Arrivals, f.Served/q.Arrivals
	if q.Servers > 0 {
		f.Busy = clamped(busy/float64(q.Servers), 0, 1, len(p))
	}
	return f, nil
}

// valid refuses numbers that are no rates.
func (q Queue) valid() error {
	for _, x := range []struct {
		what string
		rate float64
	}{{"arrivals", q.Arrivals}, {"treatments of a server", q.Rate}, {"those who leave", q.Abandon}, {"servers", float64(q.Servers)}} {
		if !(x.rate >= 0) || math.IsInf(x.rate, 0) {
			return fmt.Errorf("a queue needs rates of 0 or more: %s are %v", x.what, x.rate)
		}
	}
	return nil
}

// erlangC is the share of those who join a queue that nobody leaves who must
// wait (Erlang 1917), by way of his first formula, whose recursion is stable.
func (q Queue) erlangC() float64 {
	load, blocked := q.Arrivals/q.Rate, 1.0
	for n := range q.Servers {
		blocked = load * blocked / (float64(n+1) + load*blocked)
	}
	use := load / float64(q.Servers)
	return blocked / (1 - use*(1-blocked))
}

// String are the numbers of a queue in words.
func (q Queue) String() string {
	return fmt.Sprintf("%.6g arrivals for %d places of %.6g treatments each, left by %.6g of each who waits", q.Arrivals, q.Servers, q.Rate, q.Abandon)
}

// out is the rate at which one of n patients leaves, treated or not.
func (q Queue) out(n int) float64 {
	return float64(min(n, q.Servers))*q.Rate + float64(max(0, n-q.Servers))*q.Abandon
}

// mostStates is how long a chain may be, and mostSteps how often states may be gone
// through to follow it: seconds.
const (
	mostStates = 10_000_000
	mostSteps  = 1e10
)

// stationary are the probabilities of n patients in all, from 0, of the
// birth-death chain, to the point where the rest is below 1e-15. They are computed
// from the likeliest state both ways, so that none grows too large to be a number.
func (q Queue) stationary() ([]float64, error) {
	// The likeliest state is the last that is left no faster than patients come.
	top := 0.0
	if q.Rate > 0 {
		top = math.Min(float64(q.Servers), q.Arrivals/q.Rate)
	} else {
		top = float64(q.Servers)
	}
	if q.Arrivals > q.out(q.Servers) {
		top = float64(q.Servers) + (q.Arrivals-q.out(q.Servers))/q.Abandon
	}
	if top > mostStates {
		return nil, fmt.Errorf("%v: a list of about %.3g is too long to be computed one patient at a time; accepted: lists of up to %d", q, top, mostStates)
	}
	mode := int(top)
	p := make([]float64, mode+1, mode+mode/2+64)
	p[mode] = 1
	sum := 1.0
	for n := mode; n > 0; n-- {
		p[n-1] = p[n] * q.out(n) / q.Arrivals
		sum += p[n-1]
	}
	for n, last := mode+1, 1.0; ; n++ {
		out := q.out(n)
		last *= q.Arrivals / out
		p, sum = append(p, last), sum+last
		// From here on each state is less likely than the one before by a factor
		// that only falls.
		if n > q.Servers && out > q.Arrivals && last*float64(n)/(1-q.Arrivals/out) < 1e-15*sum {
			break
		}
		if n > mostStates {
			return nil, fmt.Errorf("%v: the list is too long to be computed one patient at a time; accepted: lists of up to %d", q, mostStates)
		}
	}
	for k := range p {
		p[k] /= sum
	}
	return p, nil
}

// Delayed is the share of all who join that are still on the list after a time:
// neither treated nor gone. Whoever joins sees the stationary state (PASTA) and
// moves up as those ahead are treated or leave.
func (q Queue) Delayed(after float64) (float64, error) {
	if _, err := q.Run(); err != nil {
		return 0, err
	}
	if q.Arrivals == 0 {
		return 0, nil
	}
	if q.Abandon == 0 {
		// The wait of those who must wait is exponential.
		return q.erlangC() * math.Exp(-(float64(q.Servers)*q.Rate-q.Arrivals)*after), nil
	}
	p, err := q.stationary()
	if err != nil {
		return 0, err
	}
	if len(p) <= q.Servers {
		return 0, nil
	}
	// ahead[k]: k patients are ahead on the list; from 0 the next is oneself.
	ahead := append([]float64(nil), p[q.Servers:]...)
	rate := func(k int) float64 { return float64(q.Servers)*q.Rate + float64(k)*q.Abandon }
	fastest := rate(len(ahead) - 1)
	if steps := float64(len(ahead)) * (fastest*after + 1); steps > mostSteps {
		return 0, fmt.Errorf("%v: too much to follow one patient at a time for so long as %.6g", q, after)
	}
	still := 0.0
	poisson(fastest*after, func(_ int, at, _ float64) {
		for _, x := range ahead {
			still += at * x
		}
		for k := range ahead {
			next := ahead[k] * (1 - rate(k)/fastest)
			if k+1 < len(ahead) {
				next += ahead[k+1] * rate(k+1) / fastest
			}
			ahead[k] = next
		}
	})
	return still * math.Exp(-q.Abandon*after), nil
}

// poisson calls each with m = 0, 1, … and the probabilities that a Poisson
// number of a mean is m, and that it is above m, until the rest is negligible.
func poisson(mean float64, each func(m int, at, above float64)) {
	above := 1.0
	for m := 0; above > 1e-13 && m < 1_000_000; m++ {
		lg, _ := math.Lgamma(float64(m + 1))
		at := math.Exp(float64(m)*math.Log(math.Max(mean, 1e-300)) - mean - lg)
		above = math.Max(0, above-at)
		if float64(m) > mean && at < 1e-17 {
			above = 0
		}
		each(m, at, above)
	}
}

// Stretch is what happens in expectation over a stretch of time. Nobody is lost
// from sight: the list at the start and the arrivals are served, lost, waiting
// or in treatment at the end.
type Stretch struct{ Arrived, Served, Lost, Waiting, InTreatment float64 }

// Over starts from a list of so many patients, with every server busy if there
// is one, and looks at the end of a time (uniformisation of the chain).
func (q Queue) Over(time float64, list int) (Stretch, error) {
	if err := q.valid(); err != nil {
		return Stretch{}, err
	}
	if !(time >= 0) || math.IsInf(time, 0) || list < 0 {
		return Stretch{}, fmt.Errorf("a stretch of time needs a length and a list of 0 or more: %v and %d", time, list)
	}
	start := list
	if list > 0 {
		start += q.Servers
	}
	joined := q.Arrivals * time
	size := start + int(joined+12*math.Sqrt(joined)) + 60 // beyond which chance does not reach
	fastest := q.Arrivals + q.out(size)
	if float64(size)*(fastest*time+1) > mostSteps {
		return Stretch{}, fmt.Errorf("%v: too much to follow one patient at a time for so long as %.6g", q, time)
	}
	s := Stretch{Arrived: joined}
	p, next := make([]float64, size+1), make([]float64, size+1)
	p[start] = 1
	poisson(fastest*time, func(_ int, at, above float64) {
		for n, x := range p {
			if x == 0 {
				continue
			}
			busy, wait := float64(min(n, q.Servers)), float64(max(0, n-q.Servers))
			s.Waiting += at * x * wait
			s.InTreatment += at * x * busy
			// The time spent in this state, in expectation, is above/fastest.
			s.Served += above / fastest * x * busy * q.Rate
			s.Lost += above / fastest * x * wait * q.Abandon
		}
		clear(next)
		for n, x := range p {
			if x == 0 {
				continue
			}
			in, out := q.Arrivals, q.out(n)
			if n == size {
				in = 0
			}
			next[n] += x * (1 - (in+out)/fastest)
			if n < size {
				next[n+1] += x * in / fastest
			}
			if n > 0 {
				next[n-1] += x * out / fastest
			}
		}
		p, next = next, p
	})
	return s, nil
}

// Capacity is the treatments that a site can give a month: the scarcest of its
// slots for apheresis, its allocation of products, its beds and its staff
// (C5 of the evidence). Missing limits are +Inf, not 0.
func Capacity(apheresis, products, beds, daysInBed, staff float64) float64 {
	return math.Min(math.Min(apheresis, products), math.Min(beds*30/daysInBed, staff))
}

// Overflow sends patients to their sites in the order of each place's choices
// until all are served or have nowhere left to go. A site that is asked for
// more than it has serves all who ask in that round alike. Served is by place,
// Used by site; Turned are the patients of each place whom no site has room
// for, Deterred those who did not go on to a farther site:
// patients = served + turned + deterred.
type Overflow struct {
	Served, Turned, Deterred, Used []float64
	Choice                         [][]float64 // [n][place]: served at their nth choice
}

// Spill computes it; choices lists each place's sites, best first. follow, if
// not nil, gives the share of those turned away at the nth choice's predecessor
// who go on to the nth, n from 1.
func Spill(patients []float64, choices [][]int32, capacity []float64, follow func(place, n int) float64) Overflow {
	o := Overflow{Served: make([]float64, len(patients)), Turned: append([]float64(nil), patients...), Deterred: make([]float64, len(patients)), Used: make([]float64, len(capacity))}
	rounds := 0
	for _, c := range choices {
		rounds = max(rounds, len(c))
	}
	for n := range rounds {
		asked := make([]float64, len(capacity))
		for i, c := range choices {
			if n < len(c) {
				if n > 0 && follow != nil {
					stay := o.Turned[i] * (1 - follow(i, n))
					o.Deterred[i] += stay
					o.Turned[i] -= stay
				}
				asked[c[n]] += o.Turned[i]
			}
		}
		share := make([]float64, len(capacity))
		for j, a := range asked {
			share[j] = 1
			if room := math.Max(0, capacity[j]-o.Used[j]); a > room {
				share[j] = room / a
			}
		}
		at := make([]float64, len(patients))
		for i, c := range choices {
			if n < len(c) {
				at[i] = o.Turned[i] * share[c[n]]
				o.Used[c[n]] += at[i]
				o.Served[i] += at[i]
				o.Turned[i] -= at[i]
			}
		}
		o.Choice = append(o.Choice, at)
	}
	return o
}
