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

// Run is the long run of the queue. Without abandonment a queue whose arrivals
// reach its capacity has none: it grows without end, and that is the error.
func (q Queue) Run() (Flow, error) {
	capacity := float64(q.Servers) * q.Rate
	switch {
	case !(q.Arrivals >= 0) || math.IsInf(q.Arrivals, 0) || q.Servers < 0 || !(q.Rate >= 0) || !(q.Abandon >= 0):
		return Flow{}, fmt.Errorf("a queue needs rates of 0 or more: %+v", q)
	case q.Abandon == 0 && q.Arrivals >= capacity:
		return Flow{}, fmt.Errorf("%.4g arrivals for a capacity of %.4g grow without end unless patients leave; name the rate at which they do", q.Arrivals, capacity)
	case q.Arrivals == 0:
		return Flow{}, nil
	}
	// Stationary probabilities of the birth-death chain, scaled as they grow:
	// n patients leave at min(n,c)·μ + max(0,n−c)·θ.
	p, sum, waiting, busy := 1.0, 1.0, 0.0, 0.0
	for n := 1; ; n++ {
		out := float64(min(n, q.Servers))*q.Rate + float64(max(0, n-q.Servers))*q.Abandon
		p *= q.Arrivals / out
		sum += p
		waiting += p * float64(max(0, n-q.Servers))
		busy += p * float64(min(n, q.Servers))
		if p > 1e100 {
			p, sum, waiting, busy = p/1e100, sum/1e100, waiting/1e100, busy/1e100
		}
		// From here on each state is less likely than the one before by a factor
		// that only falls.
		if n > q.Servers && out > q.Arrivals && p*float64(n)/(1-q.Arrivals/out) < 1e-15*(sum+waiting) {
			break
		}
		if n > 100_000_000 {
			return Flow{}, fmt.Errorf("the queue %+v has too many states", q)
		}
	}
	f := Flow{Waiting: waiting / sum, Lost: q.Abandon * waiting / sum}
	f.Served = q.Arrivals - f.Lost
	f.Wait, f.Reached = f.Waiting/q.Arrivals, f.Served/q.Arrivals
	if q.Servers > 0 {
		f.Busy = busy / sum / float64(q.Servers)
	}
	return f, nil
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
// Used by site, Turned the patients of each place whom no site has room for:
// eligible = served + turned.
type Overflow struct {
	Served, Turned, Used []float64
	Choice               [][]float64 // [n][place]: served at their nth choice
}

// Spill computes it; choices lists each place's sites, best first.
func Spill(patients []float64, choices [][]int32, capacity []float64) Overflow {
	o := Overflow{Served: make([]float64, len(patients)), Turned: append([]float64(nil), patients...), Used: make([]float64, len(capacity))}
	rounds := 0
	for _, c := range choices {
		rounds = max(rounds, len(c))
	}
	for n := range rounds {
		asked := make([]float64, len(capacity))
		for i, c := range choices {
			if n < len(c) {
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
