package measure

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/spec"
)

// GapsMeasure asks where there is nothing.
type GapsMeasure struct {
	BeyondMin float64 `yaml:"beyond_min" default:"120" doc:"people farther than these minutes are beyond reach"`
}

// Validate is that of [Params].
func (m *GapsMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(
		spec.That(m.BeyondMin >= 0, at+".beyond_min", "is below 0", "minutes"),
		spec.That(s.Regions != nil, at, "the study has no regions", "a regions section"))
}

// Acting is that of [Params].
func (m *GapsMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "beyond_min", Value: fmt.Sprint(m.limit()), Given: m.BeyondMin > 0}}
}

// limit is the minutes that are beyond reach.
func (m *GapsMeasure) limit() float64 {
	if m == nil {
		m = &GapsMeasure{}
	}
	return spec.Filled(*m).BeyondMin
}

// Beyond is the limit of a study, in minutes.
func Beyond(s *finding.Study) float64 { return spec.Asked[*GapsMeasure](s.Spec.Measures).limit() }

// gaps is where there is nothing.
type gaps struct{ *finding.Study }

// FindGaps finds where there is nothing, where the study asks for it.
func FindGaps(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if s.Regions == nil || !s.Spec.Measures.Has("gaps") {
		return nil, nil
	}
	return &gaps{s}, nil
}

// Tell is that of [Finding].
func (r *gaps) Tell(context.Context) error {
	by := finding.Of[*Regions](r.Study)
	g, status := by.now, by.Gaps
	s := &finding.GapsSummary{BeyondMin: finding.Num(Beyond(r.Study)), Regions: len(status), Count: map[string]int{}, Names: map[string][]string{}}
	for i, st := range status {
		s.Count[string(st)]++
		if st != access.HasCenter {
			s.Names[string(st)] = append(s.Names[string(st)], r.RegionName[i])
		}
		if st == access.NoCenter {
			s.People += finding.Num(g.people[i])
		}
	}
	for _, names := range s.Names {
		sort.Strings(names)
	}
	limit := Beyond(r.Study)
	var beyond, without float64
	for i, m := range r.Ways.Minutes {
		if !(m <= limit) {
			beyond += r.People[i]
		}
		if math.IsNaN(m) {
			without += r.People[i]
		}
	}
	s.PeopleBeyond, s.ShareBeyond, s.WithoutTime = finding.Num(beyond), finding.Num(beyond/r.Total), finding.Num(without)
	var overstated float64
	for i, st := range status {
		if st == access.Stated || st == access.Incomplete {
			overstated += g.people[i]
		}
	}
	if overstated > 0 {
		r.Note("centers.overstated", "people", overstated)
	}
	if n := s.Count[string(access.Unknown)]; n > 0 {
		r.Note("centers.unknown", "n", n)
	}
	if n := s.Count[string(access.Incomplete)]; n > 0 {
		r.Note("centers.incomplete", "n", n)
	}
	if one := r.onlyCountry(); one != "" {
		if e, ok := access.Lookup("gaps." + one); ok {
			// Only where the study's regions are those that the figure counts.
			if strings.HasPrefix(e.Unit, fmt.Sprintf("%d ", len(status))) {
				s.Published = fmt.Sprintf("%g of %s (%s)", e.Value, e.Unit, e.Source)
			}
		}
	}
	r.Result.Summary.Gaps = s
	return nil
}

// onlyCountry is the country of all places, "" if there are several.
func (r *gaps) onlyCountry() string {
	for _, c := range r.Country {
		if c != r.Country[0] {
			return ""
		}
	}
	return r.Country[0]
}
