package access

import (
	"fmt"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// The lowest and highest number of centers per 10 million people among 25
// countries (CAR T Vision report, June 2025).
const (
	DensityLow  = 0.3
	DensityHigh = 11.4
)

// PerPeople is the number of sites for so many people (10,000,000 as a rule).
// A population of zero or less is an error, not an infinite density.
func PerPeople(sites int, people, per float64) (float64, error) {
	if !(people > 0) || math.IsInf(people, 0) {
		return 0, fmt.Errorf("a density needs people: the population is %v", people)
	}
	return float64(sites) * per / people, nil
}

// CampusRadius is how close hospital points must be to count as one center.
const CampusRadius geo.Metres = 1000

// Campuses gives each site the number of its campus: hospital points within
// CampusRadius of each other, directly or through others, are one. A point
// that is only a city's is never merged, since two hospitals of a city share it.
// The number is that of the campus's first site.
func Campuses(at []orb.Point, hospital []bool) []int {
	campus := make([]int, len(at))
	for i := range campus {
		campus[i] = i
	}
	find := func(i int) int {
		for campus[i] != i {
			i = campus[i]
		}
		return i
	}
	Pairs(at, CampusRadius, func(a, b int, _ geo.Metres) {
		if !hospital[a] || !hospital[b] {
			return
		}
		if x, y := find(a), find(b); x < y {
			campus[y] = x
		} else {
			campus[x] = y
		}
	})
	for i := range campus {
		campus[i] = find(i)
	}
	return campus
}

// Pairs calls each with the pairs a < b of points no farther apart than limit.
func Pairs(at []orb.Point, limit geo.Metres, each func(a, b int, d geo.Metres)) {
	l, err := geo.NewPoints(geo.About{}, nil, at)
	if err != nil {
		return // only for more than 2^31 points
	}
	for a, p := range at {
		if math.IsNaN(p[0]) {
			continue
		}
		for b, d := range l.Nearest(p) {
			if d > limit {
				break
			}
			if a < b {
				each(a, b, d)
			}
		}
	}
}
