package sheet

import (
	"cmp"
	"math"
	"slices"

	"careshed/access"

	spherical "github.com/paulmach/orb/geo"
)

// Like is a region, or a country, to compare the sheet's own with: one where people live
// about as densely, or with about as many people.
type Like struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	PerKm2  float64 `json:"people_per_km2" doc:"of a country 0: not known"`
	Figures Figures `json:"figures"`
}

// mostLike is how many regions a sheet compares its own with.
const mostLike = 3

// like finds the regions of the same country where people live most nearly as densely as
// here.
func (s *Sheet) like() {
	regions := s.from.regions
	dense := s.from.dense()
	own := dense[s.row]
	if !(own > 0) {
		return
	}
	var others []int
	for i := range regions.rows() {
		if i != s.row && dense[i] > 0 && regions.text("country", i) == s.Country {
			others = append(others, i)
		}
	}
	for _, i := range nearest(others, mostLike, func(i int) float64 { return dense[i] / own }) {
		id := regions.ID(i)
		f := s.from.figures(i, newPeople(s.from.places, s.from.member[id]))
		s.Like = append(s.Like, Like{id, cmp.Or(regions.text("name", i), id), dense[i], f})
	}
}

// nearest are as many of a list as most whose ratio to one's own is nearest to 1.
func nearest[T any](of []T, most int, ratio func(T) float64) []T {
	sorted := slices.Clone(of)
	slices.SortStableFunc(sorted, func(a, b T) int {
		return cmp.Compare(math.Abs(math.Log(ratio(a))), math.Abs(math.Log(ratio(b))))
	})
	return sorted[:min(most, len(sorted))]
}

// densities are the people per square kilometre of each region, 0 where it has no shape.
func densities(regions table) []float64 {
	area := make([]float64, regions.rows())
	for _, p := range piecesOf(regions) {
		area[p.row] += spherical.Area(p.shape) / 1e6
	}
	for i, km2 := range area {
		people := float64(regions.number("population", i))
		if area[i] = 0; km2 > 0 && people > 0 {
			area[i] = people / km2
		}
	}
	return area
}

// gapOf is what the list of centers says of a region.
func (m *Maker) gapOf(row int) access.Gap { return access.Gap(m.regions.text("gap", row)) }
