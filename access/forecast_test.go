package access_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"careshed/access"
)

// A logistic curve is found again, a straight line wears off, and the published
// series is missed by what the report says.
func TestTrends(t *testing.T) {
	var curve, line []access.YearCount
	for y := range 9 {
		curve = append(curve, access.YearCount{Year: 2015 + y, Count: 5000 / (1 + math.Exp(-0.8*(float64(y)-5)))})
		line = append(line, access.YearCount{Year: 2015 + y, Count: 100 + 50*float64(y)})
	}
	l, err := access.LogisticTrend(curve)
	if want := 5000 / (1 + math.Exp(-0.8*10)); err != nil || math.Abs(l.At(2030)-want) > 2e-3*want || l.Edge != "" {
		t.Errorf("logistic: %v, want %v (%v, %q)", l.At(2030), want, err, l.Edge)
	}
	d, err := access.DampedTrend(line)
	if err != nil || !(d.At(2030) > 750 && d.At(2030) < 850) || !math.IsNaN(d.At(2020)) {
		t.Errorf("damped: %v, %v", d.At(2030), err)
	}
	var steep []access.YearCount
	for y := range 6 {
		steep = append(steep, access.YearCount{Year: 2015 + y, Count: math.Pow(2, float64(y))})
	}
	if l, err := access.LogisticTrend(steep); err != nil || l.Edge == "" {
		t.Errorf("growth that does not bend pins down its end: %+v, %v", l, err)
	}
	for _, c := range []struct {
		fit    func([]access.YearCount) (access.Trend, error)
		lo, hi float64
	}{{access.LogisticTrend, 3300, 3450}, {access.DampedTrend, 3800, 3950}} {
		forecast, off, err := access.HoldOut(c.fit, access.EBMT, 1)
		if err != nil || forecast < c.lo || forecast > c.hi || math.Abs(off-(forecast/4888-1)) > 1e-12 {
			t.Errorf("2023 is forecast as %v, %v off, %v", forecast, off, err)
		}
	}
	for _, bad := range [][]access.YearCount{curve[:3], {{Year: 2015}, {Year: 2017}, {Year: 2018}, {Year: 2019}}, {{Year: 2015, Count: -1}, {Year: 2016}, {Year: 2017}, {Year: 2018}}} {
		if _, err := access.LogisticTrend(bad); err == nil {
			t.Errorf("%v has a trend", bad)
		}
	}
	if _, _, err := access.HoldOut(access.DampedTrend, curve, 9); err == nil {
		t.Error("every year is held out")
	}
}

// The levers add up to the target, whatever they are.
func TestDecompositionAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		e, p := 1+r.Float64()*100, r.Float64()
		room := r.Float64() * 60
		if r.IntN(2) == 0 {
			room = math.Inf(1)
		}
		o := access.Decompose(e, e*(0.5+r.Float64()), p, r.Float64(), r.Float64(), r.Float64(), room, r.Float64()*100)
		if sum := o.Now + o.Eligibles + o.Geography + o.Referral + o.Capacity + o.Residual; !near(sum, o.Target, 1e-9*(1+o.Target)) {
			t.Fatalf("%+v sums to %v", o, sum)
		}
		if o.Capacity > 0 || o.Treated > room+1e-9 {
			t.Fatalf("%+v with room for %v", o, room)
		}
	}
	// Doubling 0.20 of 100 eligible that grow to 110: 22 by growth alone, 44 asked.
	o := access.Decompose(100, 110, 0.2, 0.25, 0.3, 0.22, math.Inf(1), 44)
	if !near(o.Eligibles, 2, 1e-9) || !near(o.Geography, 5.5, 1e-9) || !near(o.Referral, 5.5, 1e-9) || !near(o.Residual, 11, 1e-9) || !near(o.Ceiling, 24.2, 1e-9) {
		t.Errorf("%+v", o)
	}
}

// JULIET lost 52 of 167 in a median of 54 days: the monthly rate that implies
// loses as many again.
func TestAttrition(t *testing.T) {
	rate := -math.Log(1-52.0/167) / 54 * 365.25 / 12
	if got := access.Attrition([]float64{30, 24}, rate); !near(got, 52.0/167, 1e-12) {
		t.Errorf("lost %v", got)
	}
}
