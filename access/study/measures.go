package study

import (
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Measures are what a study computes, in the order of the spec.
type Measures []Measure

// Measure is one of them with its parameters; the others are nil.
type Measure struct {
	Name           string
	Travel         *TravelMeasure
	Density        *DensityMeasure
	Gaps           *GapsMeasure
	Penalty        *struct{}
	FCA            *FCAMeasure // the measures of supply and demand by catchment
	RAAM           *RAAMMeasure
	Referral       *ReferralMeasure
	Delay          *DelayMeasure
	Journey        *JourneyMeasure
	Capacity       *CapacityMeasure
	Attrition      *AttritionMeasure
	Representation *RepresentationMeasure
}

// TravelMeasure asks for the way to the nearest sites.
type TravelMeasure struct {
	K             int       `yaml:"k" doc:"how many of the nearest sites; 1 if left out"`
	IsochronesMin []float64 `yaml:"isochrones_min" doc:"engine road: also the areas within so many minutes of a center, as a layer"`
	BandsMin      []float64 `yaml:"bands_min" doc:"minutes within which people are counted; 30, 60, 90, 120, 180, 240 if left out"`
}

// DensityMeasure asks for centers by population.
type DensityMeasure struct {
	By  string  `yaml:"by" doc:"region, with the countries that they add up to (if left out), or country alone"`
	Per float64 `yaml:"per" doc:"people; 10,000,000 if left out"`
}

// GapsMeasure asks where there is nothing.
type GapsMeasure struct {
	BeyondMin float64 `yaml:"beyond_min" doc:"people farther than these minutes are beyond reach; 120 if left out"`
}

// FCAMeasure asks for a measure of supply and demand by catchment.
type FCAMeasure struct {
	LimitMin float64    `yaml:"limit_min" doc:"minutes of the catchment; gravity may go without"`
	Decay    *DecaySpec `yaml:"decay" doc:"how the weight falls with time"`
	None     string     `yaml:"none" doc:"what a place without supply in reach has: zero or null"`
	Choice   string     `yaml:"choice" doc:"3sfca: how people choose: catchment (by the decay, within the limit), listed (by the decay over all pairs, as PySAL) or huff (by 1/time)"`
	Demand   string     `yaml:"demand" doc:"who asks for supply: people (if left out) or eligible"`
	FromMin  float64    `yaml:"from_min" doc:"interval: the first limit, minutes; limit_min is the last"`
	Number   float64    `yaml:"number" doc:"closest: how many opportunities; 1 if left out"`
	StepMin  float64    `yaml:"step_min" doc:"balancing, interval: minutes of a step; 1 if left out"`
}

// RAAMMeasure asks for the rational agent access model.
type RAAMMeasure struct {
	TauMin   float64 `yaml:"tau_min" doc:"minutes that weigh as much as average congestion; 60 if left out"`
	LimitMin float64 `yaml:"limit_min" doc:"minutes of travel at most; all if left out"`
	Demand   string  `yaml:"demand" doc:"who asks for supply: people (if left out) or eligible"`
	Gap      float64 `yaml:"gap" doc:"Wardrop gap at which the search ends; 1e-6 if left out"`
}

// ReferralMeasure asks for the way from referring hospitals to the centers. It
// is a distance of its own kind, never mixed with that from home.
type ReferralMeasure struct {
	Layer  string `yaml:"layer" doc:"the layer of referring hospitals"`
	Where  Where  `yaml:"where" doc:"which hospitals"`
	Weight string `yaml:"weight" doc:"a field to weight by, such as beds; every hospital alike if left out"`
}

// DelayMeasure multiplies a population-level figure of life-years by days.
type DelayMeasure struct {
	LifeYearsPerDay float64 `yaml:"life_years_per_day" doc:"life-years lost for every day that a new indication comes later"`
	Per             string  `yaml:"per" doc:"population: the figure is not a rate per patient or per center"`
	Days            float64 `yaml:"days" doc:"days of delay"`
}

// DecaySpec is one decay with its parameters.
type DecaySpec struct {
	Binary       *struct{}        `yaml:"binary" doc:"full weight within the limit"`
	Gaussian     *GaussianSpec    `yaml:"gaussian" doc:"exp(-t²/2σ²)"`
	Dai          *struct{}        `yaml:"dai" doc:"Dai's Gaussian, 0 at the limit"`
	Epanechnikov *struct{}        `yaml:"epanechnikov" doc:"1-(t/limit)², the kernel of KD2SFCA"`
	Exponential  *ExponentialSpec `yaml:"exponential" doc:"exp(-βt)"`
	Power        *PowerSpec       `yaml:"power" doc:"(max(t, least)/scale)^-exponent"`
	Linear       *struct{}        `yaml:"linear" doc:"1-t/limit"`
	Logistic     *LogisticSpec    `yaml:"logistic" doc:"falls around a midpoint"`
	Steps        []StepSpec       `yaml:"steps" doc:"right-closed steps, 0 beyond the last (PySAL)"`
	StepsOpen    []StepSpec       `yaml:"steps_open" doc:"right-open steps, 1 before the first (R accessibility)"`
	Curve        []StepSpec       `yaml:"curve" doc:"straight between points"`
}

// GaussianSpec is the spread of a Gaussian decay.
type GaussianSpec struct {
	SigmaMin float64 `yaml:"sigma_min" doc:"σ in minutes"`
}

// ExponentialSpec is the rate of an exponential decay.
type ExponentialSpec struct {
	PerMin float64 `yaml:"per_min" doc:"β per minute"`
}

// PowerSpec is a power decay.
type PowerSpec struct {
	ScaleMin float64 `yaml:"scale_min" doc:"minutes at which the weight is 1; 1 if left out"`
	Exponent float64 `yaml:"exponent" doc:"above 0"`
	LeastMin float64 `yaml:"least_min" doc:"shorter times count as this; 1 if left out"`
}

// LogisticSpec is a logistic decay.
type LogisticSpec struct {
	MidpointMin float64 `yaml:"midpoint_min" doc:"minutes"`
	SpreadMin   float64 `yaml:"spread_min" doc:"standard deviation, minutes"`
}

// StepSpec is a step of a decay.
type StepSpec struct {
	ToMin  float64 `yaml:"to_min" doc:"minutes: steps hold up to and including them, steps_open from them on, curve at them"`
	Weight float64 `yaml:"weight" doc:"0 to 1"`
}

// part is where a measure's parameters are kept.
func (m *Measure) part() any {
	switch m.Name {
	case "travel":
		m.Travel = &TravelMeasure{}
		return m.Travel
	case "density":
		m.Density = &DensityMeasure{}
		return m.Density
	case "gaps":
		m.Gaps = &GapsMeasure{}
		return m.Gaps
	case "penalty":
		m.Penalty = &struct{}{}
		return m.Penalty
	case "cumulative", "interval", "gravity", "passive", "closest", "balancing", "2sfca", "e2sfca", "kd2sfca", "competition", "3sfca", "m2sfca", "bfca", "availability":
		m.FCA = &FCAMeasure{}
		return m.FCA
	case "raam":
		m.RAAM = &RAAMMeasure{}
		return m.RAAM
	case "referral":
		m.Referral = &ReferralMeasure{}
		return m.Referral
	case "journey":
		m.Journey = &JourneyMeasure{}
		return m.Journey
	case "representation":
		m.Representation = &RepresentationMeasure{}
		return m.Representation
	case "capacity":
		m.Capacity = &CapacityMeasure{}
		return m.Capacity
	case "attrition":
		m.Attrition = &AttritionMeasure{}
		return m.Attrition
	case "delay":
		m.Delay = &DelayMeasure{}
		return m.Delay
	}
	return nil
}

// MeasureNames lists the measures there are.
var MeasureNames = []string{"travel", "density", "gaps", "penalty",
	"cumulative", "interval", "gravity", "passive", "closest", "balancing",
	"2sfca", "e2sfca", "kd2sfca", "competition", "3sfca", "m2sfca", "bfca", "availability", "raam", "journey", "capacity", "attrition", "representation", "referral", "delay"}

func (m *Measures) decode(n *yaml.Node, path string) error {
	if n.Kind != yaml.SequenceNode {
		return wrong(n, path, "a list of measures", "found %s", kind(n))
	}
	for _, c := range n.Content {
		var me Measure
		val := &yaml.Node{Kind: yaml.MappingNode, Line: c.Line}
		key := c
		if c.Kind == yaml.MappingNode && len(c.Content) == 2 {
			key, val = c.Content[0], c.Content[1]
		} else if c.Kind != yaml.ScalarNode {
			return wrong(c, path, "a measure with its parameters", "found %s", kind(c))
		}
		if !slices.Contains(MeasureNames, key.Value) {
			return unknown(key, path, MeasureNames)
		}
		if slices.ContainsFunc(*m, func(o Measure) bool { return o.Name == key.Value }) {
			return wrong(key, join(path, key.Value), "each measure once", "stands twice")
		}
		me.Name = key.Value
		if err := decodeFields(val, join(path, key.Value), me.part()); err != nil {
			return err
		}
		*m = append(*m, me)
	}
	return nil
}

// get is the measure of a name, nil if the study does not ask for it.
func (m Measures) get(name string) *Measure {
	for i := range m {
		if m[i].Name == name {
			return &m[i]
		}
	}
	return nil
}

func decodeFields(n *yaml.Node, path string, v any) error {
	return decode(n, path, reflect.ValueOf(v).Elem())
}
