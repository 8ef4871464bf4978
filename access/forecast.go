package access

import (
	"fmt"
	"math"
)

// YearCount is patients treated in a year.
type YearCount struct {
	Year  int
	Count float64
}

// Trend is a curve through a history of counts.
type Trend struct {
	Model  string
	Spread float64 // root mean square of what it misses
	Edge   string  // the parameter that the history does not pin down, "" if it does
	at     func(year int) float64
}

// At is the curve's count for a year.
func (t Trend) At(year int) float64 { return t.at(year) }

// rising checks that a history can be fitted.
func rising(history []YearCount, least int) error {
	if len(history) < least {
		return fmt.Errorf("a trend needs %d years or more, found %d", least, len(history))
	}
	for k, h := range history {
		if !(h.Count >= 0) || k > 0 && h.Year != history[k-1].Year+1 {
			return fmt.Errorf("a trend needs counts of 0 or more for each year in turn; %d has %v after %d", h.Year, h.Count, history[max(0, k-1)].Year)
		}
	}
	return nil
}

// LogisticTrend is K/(1 + exp(−r(t − m))) by least squares of the counts: K in
// closed form, r and m by a grid that closes in.
func LogisticTrend(history []YearCount) (Trend, error) {
	if err := rising(history, 4); err != nil {
		return Trend{}, err
	}
	first, n := history[0].Year, len(history)
	fit := func(r, m float64) (k, miss float64) {
		var yf, ff float64
		for _, h := range history {
			f := 1 / (1 + math.Exp(-r*(float64(h.Year-first)-m)))
			yf += h.Count * f
			ff += f * f
		}
		k = yf / ff
		for _, h := range history {
			d := h.Count - k/(1+math.Exp(-r*(float64(h.Year-first)-m)))
			miss += d * d
		}
		return k, miss
	}
	const slow, fast = 0.02, 4.0
	early, late := -float64(n), 3*float64(n)
	r, m := 0.0, 0.0
	lo, hi, from, to := slow, fast, early, late
	for range 12 {
		best := math.Inf(1)
		const steps = 60
		var br, bm float64
		for a := range steps + 1 {
			for b := range steps + 1 {
				x, y := lo+(hi-lo)*float64(a)/steps, from+(to-from)*float64(b)/steps
				if _, miss := fit(x, y); miss < best {
					best, br, bm = miss, x, y
				}
			}
		}
		r, m = br, bm
		w, v := (hi-lo)/6, (to-from)/6
		lo, hi, from, to = math.Max(slow, r-w), math.Min(fast, r+w), math.Max(early, m-v), math.Min(late, m+v)
	}
	k, miss := fit(r, m)
	t := Trend{Model: "logistic", Spread: math.Sqrt(miss / float64(n)), at: func(year int) float64 { return k / (1 + math.Exp(-r*(float64(year-first)-m))) }}
	switch {
	case m > late-0.01 || r < slow+0.001:
		t.Edge = "the level that growth ends at: the history does not bend yet"
	case r > fast-0.001:
		t.Edge = "how fast growth is: it jumps within a year"
	case m < early+0.01:
		t.Edge = "when growth began: the history is past its bend"
	}
	if history[n-1].Count < history[0].Count {
		t.Edge = "a fall: a logistic curve only rises"
	}
	return t, nil
}

// DampedTrend is exponential smoothing with a trend that wears off (Gardner &
// McKenzie 1985), its three weights by least squares of the one-year-ahead
// errors on a grid; the trend keeps 80 to 98 % of itself from year to year.
func DampedTrend(history []YearCount) (Trend, error) {
	if err := rising(history, 4); err != nil {
		return Trend{}, err
	}
	run := func(alpha, beta, phi float64) (level, slope, miss float64) {
		level, slope = history[0].Count, history[1].Count-history[0].Count
		for _, h := range history[1:] {
			ahead := level + phi*slope
			d := h.Count - ahead
			miss += d * d
			next := alpha*h.Count + (1-alpha)*ahead
			slope = beta*(next-level) + (1-beta)*phi*slope
			level = next
		}
		return level, slope, miss
	}
	var best [3]float64
	least := math.Inf(1)
	for a := 1; a <= 20; a++ {
		for b := 0; b <= 20; b++ {
			for _, phi := range []float64{0.8, 0.85, 0.9, 0.95, 0.98} {
				x := [3]float64{float64(a) / 20, float64(b) / 20, phi}
				if _, _, miss := run(x[0], x[1], x[2]); miss < least {
					least, best = miss, x
				}
			}
		}
	}
	level, slope, miss := run(best[0], best[1], best[2])
	edge := ""
	switch {
	case slope == 0: // nothing to wear off
	case best[2] == 0.8:
		edge = "how fast the trend wears off: as fast as is looked for, to 80 % from year to year"
	case best[2] == 0.98:
		edge = "how fast the trend wears off: as slowly as is looked for, to 98 % from year to year"
	}
	last := history[len(history)-1].Year
	return Trend{Model: "damped", Edge: edge, Spread: math.Sqrt(miss / float64(len(history)-1)), at: func(year int) float64 {
		if year < last {
			return math.NaN() // the smoothing looks ahead only
		}
		y, w := level, 1.0
		for range max(0, year-last) {
			w *= best[2]
			y += w * slope
		}
		return math.Max(0, y)
	}}, nil
}

// HoldOut fits a trend without the last years and gives its error there: the
// forecast of the last year over the count, less 1.
func HoldOut(fit func([]YearCount) (Trend, error), history []YearCount, years int) (forecast, err float64, _ error) {
	if years < 1 || years >= len(history) {
		return 0, 0, fmt.Errorf("%d years are held out of %d", years, len(history))
	}
	t, e := fit(history[:len(history)-years])
	if e != nil {
		return 0, 0, e
	}
	last := history[len(history)-1]
	forecast = t.At(last.Year)
	return forecast, forecast/last.Count - 1, nil
}

// Outlook is what a target year holds; all in treated patients a year.
type Outlook struct {
	Now       float64 // treated today
	Eligibles float64 // more (or fewer) eligible, at today's reach
	Geography float64 // centers that open, at the target year's eligible
	Referral  float64 // awareness and referral, beside these
	Capacity  float64 // below 0: those for whom there is no room
	Treated   float64 // the sum of the five
	Target    float64
	Residual  float64 // Target − Treated: what must come from elsewhere
	Ceiling   float64 // were everybody within half an hour, and room for all: what geography alone can reach
}

// Decompose takes apart the way from today to a year, one lever after the
// other, so that the parts add up: with E eligible today and later, the
// likelihoods averaged over them today, with the centers that open, and with
// referral besides, p0 of those within half an hour, and the room there is.
func Decompose(eligible, later, today, opened, referred, p0, room, target float64) Outlook {
	o := Outlook{Now: eligible * today, Target: target, Ceiling: later * p0}
	o.Eligibles = (later - eligible) * today
	o.Geography = later * (opened - today)
	o.Referral = later * (referred - opened)
	asked := later * referred // the sum of the four, without the rounding of parts that cancel out
	o.Treated = math.Min(asked, room)
	o.Capacity = o.Treated - asked
	o.Residual = target - o.Treated
	return o
}

// Attrition is the share of patients lost on the way from referral to infusion
// when each stage takes so many days and patients leave at a constant rate a
// month (C5: exponential; the rates implied by published series are 0.05 to
// 0.21).
func Attrition(days []float64, leavePerMonth float64) float64 {
	var sum float64
	for _, d := range days {
		sum += d
	}
	return -math.Expm1(-leavePerMonth * sum / (365.25 / 12))
}

// EBMT is patients treated with CAR-T in Europe by year (EBMT reports; 2019 as
// implied by the final reports).
var EBMT = []YearCount{{2017, 151}, {2018, 301}, {2019, 1136}, {2020, 1874}, {2021, 2524}, {2022, 3205}, {2023, 4888}}
