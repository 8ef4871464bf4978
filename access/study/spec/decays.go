package spec

import (
	"fmt"
	"reflect"
	"strings"
)

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
	Steps        []StepSpec       `yaml:"steps" most:"steps" doc:"right-closed steps, 0 beyond the last (PySAL)"`
	StepsOpen    []StepSpec       `yaml:"steps_open" most:"steps" doc:"right-open steps, 1 before the first (R accessibility)"`
	Curve        []StepSpec       `yaml:"curve" most:"steps" doc:"straight between points"`
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
	ScaleMin float64 `yaml:"scale_min" default:"1" doc:"minutes at which the weight is 1"`
	Exponent float64 `yaml:"exponent" doc:"above 0"`
	LeastMin float64 `yaml:"least_min" default:"1" doc:"shorter times count as this"`
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

// Validate says what does not fit in a decay; limited says that the catchment has
// a limit.
func (d *DecaySpec) Validate(limited bool, at string) error {
	n := 0
	for v, i := reflect.ValueOf(*d), 0; i < v.NumField(); i++ {
		n += given(!v.Field(i).IsZero())
	}
	for name, steps := range map[string][]StepSpec{"steps": d.Steps, "steps_open": d.StepsOpen, "curve": d.Curve} {
		last := -1.0
		for _, st := range steps {
			if !(st.ToMin > last && st.Weight >= 0 && st.Weight <= 1) {
				return &SpecError{Field: at + ".decay." + name, Problem: name + " needs rising to_min and weights from 0 to 1"}
			}
			last = st.ToMin
		}
	}
	ends := d.Dai != nil || d.Epanechnikov != nil || d.Linear != nil || d.Binary != nil
	return Check(
		Rule{n == 1, at + ".decay", fmt.Sprintf("found %d decays", n), "one of " + DecayNames()},
		Rule{!ends || limited, at + ".limit_min", "is missing: this decay ends at the limit", "minutes above 0"},
		Rule{d.Gaussian == nil || d.Gaussian.SigmaMin > 0, at + ".decay.gaussian.sigma_min", "is missing", "minutes above 0"},
		Rule{d.Exponential == nil || d.Exponential.PerMin > 0, at + ".decay.exponential.per_min", "is missing", "a rate above 0"},
		Rule{d.Power == nil || d.Power.Exponent > 0 && d.Power.ScaleMin >= 0 && d.Power.LeastMin >= 0, at + ".decay.power",
			"needs an exponent above 0", "{exponent, scale_min, least_min}"},
		Rule{d.Logistic == nil || d.Logistic.MidpointMin > 0 && d.Logistic.SpreadMin > 0, at + ".decay.logistic",
			"needs a midpoint and a spread above 0", "{midpoint_min, spread_min}"})
}

// Words is a decay as people would say it.
func (d *DecaySpec) Words() string {
	switch {
	case d == nil || d.Binary != nil:
		return "binary"
	case d.Gaussian != nil:
		return fmt.Sprintf("gaussian, sigma %g min", d.Gaussian.SigmaMin)
	case d.Dai != nil:
		return "Dai's gaussian"
	case d.Epanechnikov != nil:
		return "epanechnikov"
	case d.Exponential != nil:
		return fmt.Sprintf("exponential, %g per min", d.Exponential.PerMin)
	case d.Power != nil:
		return fmt.Sprintf("power, exponent %g", d.Power.Exponent)
	case d.Linear != nil:
		return "linear"
	case d.Logistic != nil:
		return fmt.Sprintf("logistic, midpoint %g, spread %g min", d.Logistic.MidpointMin, d.Logistic.SpreadMin)
	case d.Steps != nil:
		return fmt.Sprintf("%d right-closed steps", len(d.Steps))
	case d.StepsOpen != nil:
		return fmt.Sprintf("%d right-open steps", len(d.StepsOpen))
	}
	return fmt.Sprintf("curve through %d points", len(d.Curve))
}

// DecayNames lists the decays there are.
func DecayNames() string { return strings.Join(names(reflect.TypeFor[DecaySpec]()), ", ") }
