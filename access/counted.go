package access

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Count is patients that somebody counted in an area, to stand beside what a
// model expects. It is never an input of a model by itself.
type Count struct {
	Area       string // "Austria", "Spain, Galicia"
	Country    string
	Regions    []string // ids of the regions of the area; none for a whole country
	People     float64  // of the area; NaN where it is no country or region that is known
	From, To   string   // 2024, 2024-03 or 2024-03-15; From may be unknown
	Indication string   // "all", "LBCL 3L+", …
	Stage      string   // infused, applied, approved, referred, apheresed, sent elsewhere, expected
	Low, High  float64
	Rate       float64 // per 100,000 and year, where the source gives no count
	Qualifier  string  // exact, about, at least, range
	Per        string  // year, period or cumulative
	Scope      string  // country or larger, region, one hospital
	Source     string
	Kind       string // of the source: registry, ministry, hospital, press, company, patient association
	Note       string
}

// Span is the first and the last day, with the days of a year or month that are
// left out: from 2019 begins with January, to 2019 ends with December.
func (c Count) Span() (first, after time.Time, err error) {
	if first, _, err = Days(c.From); err != nil {
		return first, after, err
	}
	_, after, err = Days(c.To)
	if err == nil && !after.After(first) {
		err = fmt.Errorf("a count from %s to %s", c.From, c.To)
	}
	return first, after, err
}

// Days are the first day of a date as written, 2024, 2024-03 or 2024-03-15, and the day
// after its last.
func Days(text string) (first, after time.Time, err error) {
	for _, unit := range []struct {
		layout              string
		years, months, days int
	}{{"2006-01-02", 0, 0, 1}, {"2006-01", 0, 1, 0}, {"2006", 1, 0, 0}} {
		if first, err = time.Parse(unit.layout, text); err == nil {
			return first, first.AddDate(unit.years, unit.months, unit.days), nil
		}
	}
	return first, after, fmt.Errorf("no date: %q", text)
}

// Years is how long was counted; NaN where the beginning is not known.
func (c Count) Years() float64 {
	if c.Per == "year" {
		return 1
	}
	first, after, err := c.Span()
	if err != nil {
		return math.NaN()
	}
	return after.Sub(first).Hours() / 24 / 365.25
}

// PerYear is the mean of a year, NaN where no number or no beginning is known.
// Of a range it is the lower end.
func (c Count) PerYear() float64 {
	if !(c.Low > 0) {
		return math.NaN()
	}
	return c.Low / c.Years()
}

// Per100k is PerYear for so many people, or the rate that the source gives.
func (c Count) Per100k(people float64) float64 {
	if c.Rate > 0 {
		return c.Rate
	}
	if !(people > 0) {
		return math.NaN()
	}
	return 1e5 * c.PerYear() / people
}

// When is when was counted, as the source has it.
func (c Count) When() string {
	switch {
	case c.From == "":
		return "to " + c.To
	case c.From == c.To:
		return c.To
	}
	return c.From + " to " + c.To
}

// Telling orders counts by what they say of today: of a single year before means of
// several and parts of one, the later before the earlier, infusions before other
// stages.
func Telling(a, b Count) int {
	bit := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	year := func(c Count) int { y := c.Years(); return bit(y > 0.9 && y < 1.1) }
	return -cmp.Or(cmp.Compare(year(a), year(b)), cmp.Compare(a.To, b.To), cmp.Compare(bit(a.Stage == "infused"), bit(b.Stage == "infused")))
}

// Areal says whether the count is of an area's people, and of patients, not of
// one hospital or of what was hoped for at a start.
func (c Count) Areal() bool { return c.Scope != "one hospital" && c.Stage != "expected" }

// Why lists what sets a count apart from a model of the treated of indications, named
// by their keys, in one year: ratios between them say something only beside it. A model
// of the study's own patients names none, and of a model of several a count is apart.
func (c Count) Why(indications []string) []string {
	var why []string
	counted := ""
	if len(indications) == 1 {
		i, _ := IndicationOf(indications[0])
		counted = i.Counted
	}
	if counted == "" || c.Indication != counted {
		why = append(why, "indication: "+c.Indication)
	}
	if c.Stage != "infused" {
		why = append(why, c.Stage+", not infused")
	}
	if y := c.Years(); y > 1.01 {
		why = append(why, fmt.Sprintf("mean of %.1f years", y))
	}
	switch c.Qualifier {
	case "at least", "about":
		why = append(why, c.Qualifier)
	case "range":
		why = append(why, "lower end of a range")
	}
	return why
}
