package access

import (
	"fmt"
	"math"

	"careshed/geo/travel"
)

// Claim is a published figure that can be computed again, with what is needed
// to do so inside this program.
type Claim struct {
	What, Source string
	Low, High    float64 // what is accepted: the published figure with its rounding or range
	Unit         string
	Compute      func() (float64, error)
}

// Claims are the published figures that the formulas of this package can be
// held to. Those that need places and sites are computed by their studies.
var Claims = []Claim{
	{"highest density of 25 countries: 10 centers for 8.8 million people", "CAR T Vision report 2025", 11.35, 11.45, "per 10 million",
		func() (float64, error) { return PerPeople(10, 8_800_000, 10_000_000) }},
	{"Australia: 7 adult centers for 27 million people", "The Medicine Maker on the IQVIA report (2025)", 2.55, 2.65, "per 10 million",
		func() (float64, error) { return PerPeople(7, 27_000_000, 10_000_000) }},
	{"relative risk that an odds ratio of 0.60 means at a reach of 12.5 %", "Transplant Cell Ther 2024, by arithmetic", 0.6315, 0.6325, "ratio", implied(0.125)},
	{"the same at a reach of 20 %", "by arithmetic", 0.6515, 0.6525, "ratio", implied(0.20)},
	{"the same at a reach of 40 %", "by arithmetic", 0.7135, 0.7145, "ratio", implied(0.40)},
	{"treated share gained if distance fell from 104.4 to 34.2 miles, at 6.6 % and 50 mph (reported: +37.6 %)", "Chung 2025, Blood Adv 9:4727", 22, 45, "%", chung},
	{"ceiling of geography in the US under a step (59.2, 22.7, 16.8, 1.4 % of people within 1, 2, 5 and beyond 5 hours)", "ASH 2025 abstract, by arithmetic", 6.5, 8.5, "%", ceiling(Step)},
	{"myeloma: patients served by one slot a month with 20 waiting for 6 months (reported: 25 %)", "Kourelis 2023", 29, 31, "%", kourelis},
	{"monthly rate at which they leave the list, within 0.05 to 0.21 found elsewhere", "Kourelis 2023, by arithmetic", 0.05, 0.21, "per month",
		func() (float64, error) { return (20.0/6 - 1) / 20, nil }},
	{"patients treated in Europe in 2023 by a logistic trend of 2017-22 (reported: 4,888)", "EBMT reports: the error of the trend is published, not hidden", 3300, 3450, "patients, 31 % too few", held(LogisticTrend)},
	{"the same by a damped trend", "EBMT reports", 3800, 3950, "patients, 21 % too few", held(DampedTrend)},
	{"third line of new cases in German claims (reported: 5.2 %)", "PMC11187056", 5.1, 5.25, "%", func() (float64, error) {
		f := Funnel{Line: 3, FirstLine: 2119.0 / 2633, Progress: []float64{403.0 / 2119, 136.0 / 403}, Covered: 1, Fit: 1}
		return 100 * f.Count(1).Eligible, f.Check()
	}},
	{"lost between referral and infusion at 0.105 a month over 150 days (reported: 41 %)", "Blood Adv 9:429", 40, 41, "%", func() (float64, error) { return 100 * Attrition([]float64{150}, 0.105), nil }},
	{"not infused in JULIET: 52 of 167", "CAR T Vision report 2025", 31.05, 31.25, "%", func() (float64, error) { return 100 * 52.0 / 167, nil }},
	{"daily rate of that over 54 days", "by arithmetic", 0.00685, 0.00695, "per day", func() (float64, error) { return -math.Log(1-52.0/167) / 54, nil }},
	{"yearly growth that doubles a share of 0.20 in five years", "by arithmetic", 14.8, 15.0, "%", func() (float64, error) { return 100 * (math.Pow(2, 0.2) - 1), nil }},
	{"yearly growth of the odds that does", "by arithmetic", 21.6, 21.8, "%", func() (float64, error) {
		odds := func(p float64) float64 { return p / (1 - p) }
		return 100 * (math.Pow(odds(0.4)/odds(0.2), 0.2) - 1), nil
	}},
	{"life-years of a population lost in six months at 1.3 a day", "Canadian review summary", 236, 238, "life-years", func() (float64, error) { return 1.3 * 182.5, nil }},
	{"lymphodepletion at referring centers: median stay from 20 to 14 days, beds for so many more", "CAR T Vision report 2025 (Toulouse)", 1.42, 1.44, "times", func() (float64, error) { return 20.0 / 14, nil }},
}

// Unreproducible are published figures that cannot be computed here, and why.
var Unreproducible = [][2]string{
	{"23 % less time and 30 % less distance with community and specialty sites (Snyder 2021)", "the lists of hospitals by tier are not published"},
	{"29.0 % of people beyond 120 minutes at 30 mph (ISPOR 2025)", "the list of 141 hospitals is not published; speeds differ by design"},
	{"odds ratios for 30-60 minutes, 1-2 hours and beyond four hours (Transplant Cell Ther 2024)", "not readable in any excerpt"},
	{"mean distance from referring to treating hospital, 35 to over 100 km by country (IQVIA 2025)", "the referring hospitals are not published"},
	{"one-year mortality by waiting time (Tully)", "the model's transition rates are not published"},
	{"38 % of people within 5 minutes of a hospital by GPS, 89 % by the network (Beijing, Int J Health Policy Manag 4309)", "neither tracks nor network are at hand; docs/methods/travel.md makes the one share of the other by travel.optimism"},
	{"travel cost of 3,922 US patients, $21.1 M and $14.7 M (Snyder 2021b)", "the unit costs and patients' places are not published"},
}

func implied(p0 float64) func() (float64, error) {
	return func() (float64, error) {
		p, err := NewPenalty(Odds, Step, 0.60, Hold)
		if err != nil {
			return 0, err
		}
		return p.ImpliedRisk(p0), nil
	}
}

// chung predicts the gain of shortening the way, by the exponential odds form.
func chung() (float64, error) {
	p, err := NewPenalty(Odds, Exponential, 0.60, Continue)
	if err != nil {
		return 0, err
	}
	hours := func(miles float64) travel.Seconds { return travel.Seconds(3600 * miles / 50) }
	p0, err := p.Calibrate([]float64{1}, []float64{p.Relative(hours(104.4))}, 0.066)
	if err != nil {
		return 0, err
	}
	return 100 * (p.Likelihood(p0, hours(34.2))/0.066 - 1), nil
}

func ceiling(f Family) func() (float64, error) {
	return func() (float64, error) {
		p, err := NewPenalty(Odds, f, 0.60, Hold)
		if err != nil {
			return 0, err
		}
		share := []float64{.592, .227, .168, .014}
		relative := make([]float64, len(share))
		for i, h := range []float64{0.4, 1.5, 3.2, 6} {
			relative[i] = p.Relative(travel.Seconds(3600 * h))
		}
		p0, err := p.Calibrate(share, relative, 0.20)
		return 100 * (p0/0.20 - 1), err
	}
}

// held is what a trend of the European series says of its last year.
func held(fit func([]YearCount) (Trend, error)) func() (float64, error) {
	return func() (float64, error) {
		v, _, err := HoldOut(fit, EBMT, 1)
		return v, err
	}
}

func kourelis() (float64, error) {
	f, err := Queue{Arrivals: 20.0 / 6, Servers: 1, Rate: 1, Abandon: (20.0/6 - 1) / 20}.Run()
	return 100 * f.Reached, err
}

// Holds computes a claim.
func (c Claim) Holds() (got float64, ok bool, err error) {
	got, err = c.Compute()
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", c.What, err)
	}
	return got, got >= c.Low && got <= c.High, nil
}
