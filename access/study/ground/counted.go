package ground

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/spec"
)

// CountHere is patients that somebody counted in an area that lies wholly in the study.
type CountHere struct {
	access.Count
	Member []bool // of each place: it lies in the area
}

// alike is by how much the people of a study in an area and the people that the area
// is known to have may differ: more, and the study has only a part of it.
const alike = 0.05

// CountsHere are the counts of areas that lie wholly in the study, as the world knows
// them: by area, those that say most of today first.
func (in *Ground) CountsHere() (here []CountHere, err error) {
	if in.World.Counted == nil {
		return nil, nil
	}
	has := map[string]bool{}
	for i, c := range in.Country {
		if in.People[i] > 0 && c != "" {
			has[c] = true
		}
	}
	if len(has) == 0 {
		return nil, nil
	}
	all, err := in.World.Counted(slices.Sorted(maps.Keys(has)))
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if !c.Areal() || math.IsNaN(c.Per100k(c.People)) {
			continue
		}
		x := CountHere{c, make([]bool, len(in.People))}
		var people float64
		for i, w := range in.People {
			if x.Member[i] = in.Country[i] == c.Country; len(c.Regions) > 0 {
				x.Member[i] = in.Regions != nil && in.Region[i] >= 0 && slices.Contains(c.Regions, in.Regions.ID(in.Region[i]))
			}
			if x.Member[i] {
				people += w
			}
		}
		if math.Abs(people/c.People-1) <= alike {
			here = append(here, x)
		}
	}
	slices.SortStableFunc(here, func(a, b CountHere) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), access.Telling(a.Count, b.Count))
	})
	return here, nil
}

// countedLast is how many patients a year were counted last where the study is, of each
// country or of an area that holds all its people, and in which words.
func (in *Ground) countedLast() (treated float64, said []string, err error) {
	here, err := in.CountsHere()
	if err != nil {
		return 0, nil, err
	}
	left := map[string]bool{} // countries without a count as yet
	for i, c := range in.Country {
		if in.People[i] > 0 {
			left[c] = true
		}
	}
	if len(left) > 1 { // each would have to be set to its own count
		return 0, nil, &spec.SpecError{Field: "demand.treated", Problem: fmt.Sprintf("observed: the study is of several countries, %s",
			Some(slices.Sorted(maps.Keys(left)), 6)), Accept: "a study of each country, a number of patients a year, or reach"}
	}
	infused := func(c CountHere) bool { return c.Stage == "infused" }
	best := map[string]CountHere{} // the first of each that was infused, else the first
	for _, c := range here {
		area := c.Country
		if len(c.Regions) > 0 {
			if slices.ContainsFunc(All(len(in.People)), func(i int) bool { return in.People[i] > 0 && !c.Member[i] }) {
				continue
			}
		}
		if b, ok := best[area]; !math.IsNaN(c.PerYear()) && (!ok || infused(c) && !infused(b)) {
			best[area] = c
			delete(left, area)
		}
	}
	if len(left) > 0 {
		return 0, nil, &spec.SpecError{Field: "demand.treated",
			Problem: fmt.Sprintf("observed: no count by year is known of the whole of %s, as far as the study has it",
				Some(slices.Sorted(maps.Keys(left)), 6)), Accept: "a number of patients a year, or reach"}
	}
	for _, area := range slices.Sorted(maps.Keys(best)) {
		c := best[area]
		treated += c.PerYear()
		said = append(said, strings.Join([]string{c.Area, c.When(), c.Indication, c.Stage}, ", "))
	}
	return treated, said, nil
}
