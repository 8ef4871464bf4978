package spec

import (
	"fmt"
	"math"
)

// SpatialSpec asks where values gather.
type SpatialSpec struct {
	Of           []string `yaml:"of" most:"gathered" doc:"columns of the places, such as time_min or e2sfca"`
	Neighbours   string   `yaml:"neighbours" doc:"nearest, within or contiguity"`
	K            int      `yaml:"k" most:"neighbours" default:"6" doc:"nearest: how many"`
	WithinKm     float64  `yaml:"within_km" doc:"within: kilometres"`
	Permutations int      `yaml:"permutations" most:"permutations" default:"999" doc:"for p-values"`
	Seed         uint64   `yaml:"seed" default:"1" doc:"of the permutations"`
	Rate         float64  `yaml:"false_discovery_rate" default:"0.05" doc:"share of places called out by chance that is borne"`
}

func validateSpatial(s *Spec) error {
	x := s.Spatial
	if x == nil {
		return nil
	}
	return Check(
		Rule{len(x.Of) > 0, "spatial.of", "is missing", "columns of the places, such as [time_min]"},
		Rule{In(x.Neighbours, "nearest", "within", "contiguity"), "spatial.neighbours", fmt.Sprintf("found %q", x.Neighbours), "nearest, within, contiguity"},
		Rule{x.K >= 0, "spatial.k", fmt.Sprintf("found %d", x.K), "1 or more"},
		Rule{x.Neighbours != "within" || x.WithinKm > 0, "spatial.within_km", "is missing", "kilometres above 0"},
		Rule{x.Permutations >= 0, "spatial.permutations", fmt.Sprintf("found %d", x.Permutations), "0 or more"},
		Rule{x.Rate >= 0 && x.Rate < 1, "spatial.false_discovery_rate", fmt.Sprintf("found %v", x.Rate), "0 to 1"})
}

func (x *SpatialSpec) NearestK() int {
	if x.K == 0 {
		return 6
	}
	return x.K
}

func (x *SpatialSpec) Words() string {
	switch x.Neighbours {
	case "within":
		return fmt.Sprintf("within %g km", x.WithinKm)
	case "contiguity":
		return "sharing a border or corner"
	}
	return fmt.Sprintf("%d nearest", x.NearestK())
}

// ArealSpec names other units for the same people, so that a result can be seen
// to depend on its units or not (the modifiable areal unit problem).
type ArealSpec struct {
	Layer  string `yaml:"layer" doc:"the places in other units; or by"`
	Where  Where  `yaml:"where" doc:"which features"`
	Weight string `yaml:"weight" doc:"the field with the number of people; population if left out"`
	By     string `yaml:"by" doc:"a field of the places: those of one value become one place, where their people are in the mean"`
}

func validateAreal(s *Spec) error {
	a := s.Areal
	if a == nil {
		return nil
	}
	return Check(
		Rule{(a.Layer != "") != (a.By != ""), "areal", "needs layer or by, one of them", "{layer: NAME}, {by: FIELD}"},
		Rule{a.By == "" || len(a.Where) == 0 && a.Weight == "", "areal", "where and weight are for a layer", "{by: FIELD}"},
		Rule{a.By == "" || s.grammar.engine(s.Travel.Engine).Anywhere, "areal.by",
			"a matrix knows no way from places that are put together", "a layer whose ids are in the matrix, or engine crow or road"})
}

// correlated gives numbers of a normal distribution the correlations that a spec
// names, by the Cholesky factor of their matrix.
func correlated(r [][]float64) ([][]float64, bool) {
	n := len(r)
	l := make([][]float64, n)
	for i := range l {
		l[i] = make([]float64, n)
		for j := 0; j <= i; j++ {
			s := r[i][j]
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i == j {
				if s < -1e-12 {
					return nil, false
				}
				l[i][i] = math.Sqrt(math.Max(0, s))
			} else if l[j][j] > 1e-9 {
				l[i][j] = s / l[j][j]
			} else if math.Abs(s) > 1e-9 {
				return nil, false
			}
		}
	}
	return l, true
}
