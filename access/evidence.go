package access

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
	Key        string     `json:"key"`
	What       string     `json:"what"`
	Value      float64    `json:"value"`
	Unit       string     `json:"unit"`
	Interval   [2]float64 `json:"interval,omitzero"` // 95 %, or the range given; zeros: none
	Basis      string     `json:"interval_basis,omitempty"`
	Population string     `json:"population"`
	Source     string     `json:"source"`
	Status     Status     `json:"status"`
}

// Register is every default that acts on a result.
var Register = []Evidence{
	{Key: "penalty.effect", What: "likelihood of treatment two to four hours away, relative to under 30 minutes",
		Value: 0.60, Unit: "odds ratio (very probably)", Interval: [2]float64{0.45, 0.80},
		Basis:      "assumed: rough Wald interval from 628 treated of 5,011, class shares assumed",
		Population: "US, relapsed or refractory large B-cell lymphoma after two lines, Medicare and claims, mostly 65 and older",
		Source:     "CAR T-Cell Access in Patients with R/R LBCL, Transplant Cell Ther 2024; CAR T Vision report 2025", Status: Excerpt},
	{Key: "demand.eligible_per_100k", What: "eligible patients a year", Value: 1.19, Unit: "per 100,000 people",
		Interval: [2]float64{0.95, 1.41}, Basis: "range of German estimates 2021-26",
		Population: "US, third line and later, diffuse large B-cell lymphoma",
		Source:     "Snyder 2021, Adv Ther 38(9): 3,922 eligible; Germany PMC9257301", Status: Derived},
	{Key: "demand.reach", What: "eligible patients who are treated", Value: 0.20, Unit: "share",
		Population: "US and Europe, large B-cell lymphoma", Source: "CAR T Vision report 2025: about two in ten", Status: Read},
	{Key: "density.range", What: "centers per 10 million people, lowest and highest of 25 countries", Value: DensityHigh, Unit: "per 10 million",
		Interval: [2]float64{DensityLow, DensityHigh}, Basis: "range over countries", Population: "25 countries",
		Source: "CAR T Vision report 2025", Status: Read},
	{Key: "crow.circuity", What: "length of the road over the straight line", Value: 1.33, Unit: "ratio, falling to 1.15 beyond 100 km",
		Interval: [2]float64{1.15, 1.41}, Basis: "medians by network and band",
		Population: "New York, Luxembourg, Porto", Source: "measured on three road networks", Status: Derived},
	{Key: "crow.speed", What: "straight-line speed after 1, 2 and 5 hours", Value: 66, Unit: "km/h (51, 66, 80)",
		Interval: [2]float64{0.85, 1.15}, Basis: "assumed: factor on every speed",
		Population: "US, April 2025", Source: "fitted to the shares of people within 1, 2 and 5 hours, ASH 2025 abstract (Daunov group)", Status: Derived},
	{Key: "gaps.IT", What: "regions of Italy without a center", Value: 5, Unit: "20 regions", Population: "Italy, 2025",
		Source: "The Medicine Maker on the IQVIA report (2025)", Status: Read},
	{Key: "gaps.AU", What: "states and territories of Australia without a center", Value: 4, Unit: "8 states and territories", Population: "Australia, 2025, adults",
		Source: "The Medicine Maker on the IQVIA report (2025)", Status: Read},
	{Key: "delay.life_years_per_day", What: "life-years lost for every day that a new indication comes later", Value: 1.3, Unit: "life-years a day, for a population",
		Population: "Canada, whole population", Source: "Canadian review summary; the paper was not found", Status: Read},
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
