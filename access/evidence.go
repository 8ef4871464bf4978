package access

import (
	"fmt"
	"slices"
	"strings"

	"careshed/geo/travel"
)

// Status says how a published figure was checked.
type Status string

const (
	Read     Status = "read in a programme document"
	Excerpt  Status = "read in an abstract or excerpt of the source"
	Derived  Status = "derived by arithmetic"
	Assumed  Status = "assumption"
	Unproven Status = "unverified"
)

// Evidence is a row of the register: what a default rests on.
type Evidence struct {
	Key        string  `json:"key"` // topic.name
	What       string  `json:"what"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	Interval   *Range  `json:"interval"`                     // 95 %, or the range given; nil: none
	Factor     bool    `json:"interval_is_factor,omitempty"` // the interval multiplies the value, and is not in its unit
	Basis      string  `json:"interval_basis,omitempty"`
	Population string  `json:"population"`
	Source     string  `json:"source"`
	Status     Status  `json:"status"`
	Funding    string  `json:"funding,omitempty"` // of the source, where an industry's is known or said
	Acts       bool    `json:"acts_by_default"`   // false: it acts only where a study names it
	Beside     bool    `json:"stands_beside"`     // no model takes it: results are held against it
	Topic      string  `json:"topic"`             // what stands before the point of the key
	// ErratumChecked is the day on which somebody looked for corrections and
	// retractions of the source, as 2006-01-02; empty where nobody has.
	ErratumChecked string `json:"erratum_checked"`
}

// Range is the two ends of an interval; nil is none.
type Range [2]float64

// Around are the ends, or a value twice where there is no interval about it.
func (r *Range) Around(value float64) [2]float64 {
	if r == nil {
		return [2]float64{value, value}
	}
	return *r
}

// Who paid for reports that figures come from.
const (
	vision = "industry (Gilead/Kite)"
	iqvia  = "industry (IQVIA)"
)

// Register is every default that acts on a result, the published values that are
// offered to whoever names them, and those that a result can be held against.
var Register = byTopic(defaults, measuredRoads(), found2026)

// byTopic joins parts of the register and files each row under its topic.
func byTopic(parts ...[]Evidence) []Evidence {
	all := slices.Concat(parts...)
	for i := range all {
		all[i].Topic, _, _ = strings.Cut(all[i].Key, ".")
	}
	return all
}

// Topics are the topics of the register, in its order.
func Topics() []string {
	var topics []string
	for _, e := range Register {
		if !slices.Contains(topics, e.Topic) {
			topics = append(topics, e.Topic)
		}
	}
	return topics
}

// measuredRoads are what was measured of the estimate of travel times, a row for every
// extract of roads and one for the spread that countries without any take.
func measuredRoads() (out []Evidence) {
	widest, of, _ := travel.ScatterOf(nil)
	out = append(out, Evidence{Key: "crow.times", What: "time of a journey of 10 km and more over the estimate that is fitted to the same roads: the widest of those measured", Value: 1, Unit: "ratio",
		Interval: &Range{widest.Low, widest.High}, Factor: true, Basis: "middle 95 % of single journeys: a study's mean is surer, if its journeys do not all err together",
		Population: of.Of, Source: fmt.Sprintf("measured on OpenStreetMap: %d journeys without traffic", widest.Journeys), Status: Derived})
	for _, m := range travel.ByCountry {
		e := Evidence{Key: "crow.times_" + m.Country, What: "time by road over the default estimate, all journeys; no bands of its own, since " + m.Why, Value: m.Default.Median, Unit: "ratio, median",
			Interval: &Range{m.Default.Low, m.Default.High}, Basis: "middle 95 % of single journeys", Population: m.Of,
			Source: fmt.Sprintf("measured on OpenStreetMap: %d journeys without traffic", m.Default.Journeys), Status: Derived, Beside: !m.Own(), Acts: m.Own()}
		if m.Own() {
			e.What = fmt.Sprintf("time by road over the default estimate, all journeys: why the country has bands of its own, up to %g km of road", m.Speed[len(m.Speed)-1].To)
		}
		out = append(out, e)
	}
	return out
}

// looked is the day on which corrections of some sources were looked for, among public
// pages; none was found.
const looked = "2026-12-01"

var defaults = []Evidence{
	{Key: "penalty.effect", What: "likelihood of treatment two to four hours away, relative to under 30 minutes",
		Value: 0.60, Unit: "odds ratio (very probably)", Interval: &Range{0.45, 0.80},
		Basis:      "assumed: rough Wald interval from 628 treated of 5,011, class shares assumed",
		Population: "US, relapsed or refractory large B-cell lymphoma after two lines, Medicare and claims, mostly 65 and older",
		Source:     "CAR T-Cell Access in Patients with R/R LBCL, Transplant Cell Ther 2024; CAR T Vision report 2025", Status: Excerpt, Acts: true, ErratumChecked: looked},
	{Key: "demand.eligible_per_100k", What: "eligible patients a year", Value: 1.19, Unit: "per 100,000 people",
		Interval: &Range{0.95, 1.41}, Basis: "range of German estimates 2021-26",
		Population: "US, third line and later, diffuse large B-cell lymphoma",
		Source:     "Snyder 2021, Adv Ther 38(9): 3,922 eligible; Germany PMC9257301", Status: Derived, Acts: true, Funding: "authors linked to a manufacturer (remembered, unverified)"},
	{Key: "demand.reach", What: "eligible patients who are treated", Value: 0.20, Unit: "share",
		Population: "US and Europe, large B-cell lymphoma", Source: "CAR T Vision report 2025: about two in ten", Status: Read, Acts: true, Funding: vision},
	{Key: "density.range", What: "centers per 10 million people, lowest and highest of 25 countries", Value: DensityHigh, Unit: "per 10 million",
		Interval: &Range{DensityLow, DensityHigh}, Basis: "range over countries", Population: "25 countries",
		Source: "CAR T Vision report 2025", Status: Read, Acts: true, Funding: vision},
	{Key: "crow.circuity", What: "length of the road over the straight line", Value: 1.33, Unit: "ratio, falling to 1.15 beyond 100 km",
		Interval: &Range{1.15, 1.41}, Basis: "medians by network and band",
		Population: "New York, Luxembourg, Porto", Source: "measured on three road networks", Status: Derived, Acts: true},
	{Key: "crow.speed", What: "straight-line speed after 1, 2 and 5 hours", Value: 66, Unit: "km/h (51, 66, 80)",
		Interval: &Range{0.85, 1.15}, Factor: true, Basis: "assumed: factor on every speed",
		Population: "US, April 2025", Source: "fitted to the shares of people within 1, 2 and 5 hours, ASH 2025 abstract (Daunov group)", Status: Derived, Acts: true},
	{Key: "gaps.IT", What: "regions of Italy without a center", Value: 5, Unit: "20 regions", Population: "Italy, 2025",
		Source: "The Medicine Maker on the IQVIA report (2025)", Status: Read, Acts: true, Funding: iqvia},
	{Key: "gaps.AU", What: "states and territories of Australia without a center", Value: 4, Unit: "8 states and territories", Population: "Australia, 2025, adults",
		Source: "The Medicine Maker on the IQVIA report (2025)", Status: Read, Acts: true, Funding: iqvia},
	{Key: "delay.life_years_per_day", What: "life-years lost for every day that a new indication comes later", Value: 1.3, Unit: "life-years a day, for a population",
		Population: "Canada, whole population", Source: "Canadian review summary; the paper was not found", Status: Read},
	{Key: "capacity.leave_per_month", What: "rate at which a waiting patient dies, progresses or goes elsewhere", Value: 0.105, Unit: "a month",
		Interval: &Range{0.05, 0.21}, Basis: "range of what three series imply", Population: "US and JULIET, lymphoma",
		Source: "Blood Adv 9:429 (124 of 306 over some 150 days); JULIET 52 of 167 in 54 days; Shafrin, Value Health 25:1344", Status: Derived},
	{Key: "capacity.slots", What: "slots of a center for myeloma", Value: 1, Unit: "a month", Population: "US, 17 of 20 centers, 2021-22",
		Source: "Kourelis 2023: wait-list of 20 (5 to 100), 6 months (2 to 8) to apheresis", Status: Excerpt, ErratumChecked: looked},
	{Key: "capacity.days_in_bed", What: "days in hospital", Value: 15, Unit: "days", Interval: &Range{7, 21}, Basis: "range over series, by setting",
		Population: "US", Source: "Vizient 2019: 15; claims: 17; Medicare 65 and older: 21; one community center: 7", Status: Excerpt},
	{Key: "capacity.days_saved", What: "days in bed saved where lymphodepletion is given at the referring center", Value: 6, Unit: "of 20 days",
		Population: "Toulouse and West Onco-Occitanie, 163 patients", Source: "CAR T Vision report 2025", Status: Read, Funding: vision},
	{Key: "attrition.referral", What: "from referral to consultation", Value: 11, Unit: "days", Population: "US, Sarah Cannon, 357 patients", Source: "Blood Adv 9:429", Status: Excerpt, ErratumChecked: looked},
	{Key: "attrition.apheresis", What: "from consultation to apheresis", Value: 107, Unit: "days", Population: "US, Sarah Cannon, 357 patients", Source: "Blood Adv 9:429", Status: Excerpt, ErratumChecked: looked},
	{Key: "attrition.vein_to_vein", What: "from apheresis to infusion", Value: 32, Unit: "days", Interval: &Range{24, 36}, Basis: "range over countries, Canada to Spain",
		Population: "US, Sarah Cannon; range: several countries", Source: "Blood Adv 9:429; The Medicine Maker on the IQVIA report (2025)", Status: Excerpt, Funding: iqvia},
	{Key: "demand.incidence_dlbcl", What: "new cases of diffuse large B-cell lymphoma: a four-fold choice of definition", Value: 5.59, Unit: "per 100,000 people a year, age-adjusted",
		Interval: &Range{3.13, 14.0}, Basis: "European standard population 2000-02 to crude German claims", Population: "US, 2014", Source: "SEER; HAEMACARE, Blood 116:3724; PMC11187056", Status: Excerpt},
	{Key: "demand.lbcl_2l", What: "eligible patients a year at the second line of large B-cell lymphoma", Value: 0.461, Unit: "per 100,000 people",
		Interval: &Range{0.301, 0.755}, Basis: "derived: 8.55 new cases (US, 2016) x 0.153 who reach a second line x 0.352 who fit the trials; ends: 5.59 (age-adjusted) and 14.0 (German claims) new cases",
		Population: "US cases, German claims, Swedish patients up to 76", Source: "Snyder 2021 (27,650 new cases); PMC11187056 (403 of 2,633); PMC9545648 (178 of 506)", Status: Derived},
	{Key: "demand.mm_4l", What: "eligible patients a year with myeloma after three lines", Value: 1.65, Unit: "per 100,000 people",
		Interval: &Range{1.16, 2.38}, Basis: "derived: 6.6 new cases x 0.25 who reach a fourth line (Barcelona); ends: 4.62 new cases (Europe, 2000-02), and 0.36 (Canada, without transplant)",
		Population: "US cases (a mirror of SEER, weak), patients of Barcelona", Source: "BCJ 2025 and 2023; HAEMACARE, Blood 116:3724", Status: Derived},
	{Key: "demand.funnel_third_line", What: "new cases who reach a third line", Value: 0.052, Unit: "share", Population: "Germany, claims, 2,633 new cases",
		Source: "PMC11187056: first line 80.5 %, second 19.0 % of it, third 6.4 % of it", Status: Derived},
	{Key: "volume.least", What: "allogeneic transplants a year above which one-year survival was higher; no study of CAR-T was found", Value: 40, Unit: "a year",
		Population: "US, allogeneic transplants", Source: "Majhail 2019, PMC7202970: 62 against 56 %", Status: Excerpt},
	{Key: "penalty.income", What: "odds of treatment in areas of higher income", Value: 1.176, Unit: "odds ratio", Population: "US, Medicare, third line and later, 2017-20",
		Source: "Chung 2025, Blood Adv 9:4727 (P = .004)", Status: Excerpt},
	{Key: "forecast.target", What: "share of the eligible treated in 2030: twice today's; others say twice the number of patients", Value: 0.40, Unit: "share",
		Population: "US and Europe", Source: "CAR T Vision report 2025 (proportion); interview with M.-A. Perales 2025 (number)", Status: Read, Funding: vision},
}

// Lookup is the row of a key.
func Lookup(key string) (Evidence, bool) {
	for _, e := range Register {
		if e.Key == key {
			return e, true
		}
	}
	return Evidence{}, false
}
