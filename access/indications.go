package access

import (
	"fmt"
	"math"
)

// Indication is a disease at a line of therapy for which CAR-T cells are given: how
// many people a year are eligible, as far as anything was read of it.
type Indication struct {
	Key      string // as a spec names it: lbcl-3l
	Name     string // in words, after "patients with"
	Disease  string // of two lines of one disease patients are counted once
	Line     int    // of therapy; 0: relapsed or refractory, at any
	Evidence string // the key of its number in the register; "" where none was read
	Counted  string // as counts of nothing else name it; "" where nobody counted it alone
	Age      Age    // of its patients
}

// Age is that of patients, as far as it says which hospitals can treat them.
type Age string

// Some hospitals treat adults alone, others children alone.
const (
	Adults   Age = "adults"
	Children Age = "children"
)

// Indications are those there are. What has no number in the register needs one of the
// study's own.
var indications = []Indication{
	{"lbcl-3l", "third-line large B-cell lymphoma", "lbcl", 3, "demand.eligible_per_100k", "LBCL 3L", Adults},
	{"lbcl-2l", "second-line large B-cell lymphoma", "lbcl", 2, "demand.lbcl_2l", "", Adults},
	{"mm-4l", "myeloma after three lines", "mm", 4, "demand.mm_4l", "", Adults},
	{"mm-2l", "myeloma after one line", "mm", 2, "", "", Adults},
	{"fl", "follicular lymphoma", "fl", 0, "", "", Adults},
	{"mcl", "mantle-cell lymphoma", "mcl", 0, "", "", Adults},
	{"all-child", "acute lymphoblastic leukaemia to 25 years", "all-child", 0, "", "ALL <=25 y", Children},
	{"all-adult", "acute lymphoblastic leukaemia of adults", "all-adult", 0, "", "", Adults},
	{"autoimmune", "autoimmune disease", "autoimmune", 0, "", "", Adults},
}

// again is the share of the eligible of a later line who were eligible at an earlier
// one: patients of two lines are counted once. It is that of the relapsed who fit the
// criteria of the second line's trials, taken to be the same among those of the third.
const again = 178.0 / 506

// Indications are those there are, the default first.
func Indications() []Indication { return append([]Indication(nil), indications...) }

// IndicationOf is the indication of a key.
func IndicationOf(key string) (Indication, bool) {
	for _, i := range indications {
		if i.Key == key {
			return i, true
		}
	}
	return Indication{}, false
}

// Per100k are the eligible a year per 100,000 people with their interval: own, if above
// 0, or what the register has. An error says that neither is there.
func (i Indication) Per100k(own float64) (rate float64, interval [2]float64, err error) {
	if own > 0 {
		return own, [2]float64{own, own}, nil
	}
	e, ok := Lookup(i.Evidence)
	if !ok {
		return math.NaN(), interval, fmt.Errorf("no number of eligible patients with %s was found that could act", i.Name)
	}
	return e.Value, e.Interval.Around(e.Value), nil
}

// EligibleOf are the eligible a year per 100,000 people over several indications, those
// of two lines of one disease counted once; own are numbers in place of the
// register's, by key. The interval adds the ends: they lean on the same sources.
func EligibleOf(keys []string, own map[string]float64) (rate float64, interval [2]float64, err error) {
	lines := map[string]int{} // the earliest line of each disease
	for _, k := range keys {
		i, ok := IndicationOf(k)
		if !ok {
			return math.NaN(), interval, fmt.Errorf("there is no indication %q", k)
		}
		if l, ok := lines[i.Disease]; !ok || i.Line < l {
			lines[i.Disease] = i.Line
		}
	}
	for _, k := range keys {
		i, _ := IndicationOf(k)
		r, x, err := i.Per100k(own[k])
		if err != nil {
			return math.NaN(), interval, err
		}
		first := 1.0
		if i.Line > lines[i.Disease] {
			first = 1 - again
		}
		rate, interval[0], interval[1] = rate+first*r, interval[0]+first*x[0], interval[1]+first*x[1]
	}
	return rate, interval, nil
}
