package access

import (
	"fmt"
	"math"
)

// Theil is an entropy index with its parts between and within groups; they add
// up to the total (Theil 1967; Shorrocks 1980).
type Theil struct {
	Total, Between, Within float64
	ByGroup                []TheilGroup
}

// TheilGroup is what one group adds.
type TheilGroup struct{ Between, Within float64 }

// TheilT is Σ p (x/μ) ln(x/μ), 0·ln 0 = 0, with the people of value 0 counted
// (R accessibility drops them and is wrong by that). group is the number of each
// row's group, from 0, or nil for none; rows of a negative group take no part.
func TheilT(value, weight []float64, group []int) (Theil, error) {
	return theil(value, weight, group, func(x float64) float64 {
		if x == 0 {
			return 0
		}
		return x * math.Log(x)
	}, func(people, value float64) float64 { return value })
}

// TheilL is the mean logarithmic deviation Σ p ln(μ/x); a value of 0 makes it
// infinite.
func TheilL(value, weight []float64, group []int) (Theil, error) {
	return theil(value, weight, group, func(x float64) float64 { return -math.Log(x) },
		func(people, value float64) float64 { return people })
}

// theil sums shape(x/μ) over people; a group's part within counts by its share
// of people or of value.
func theil(value, weight []float64, group []int, shape func(float64) float64, by func(people, value float64) float64) (Theil, error) {
	groups := 1
	for _, g := range group {
		groups = max(groups, g+1)
	}
	of := func(i int) int {
		if group == nil {
			return 0
		}
		return group[i]
	}
	people, sum := make([]float64, groups), make([]float64, groups)
	var all, total float64
	for i, x := range value {
		if g := of(i); g >= 0 && weight[i] > 0 && !math.IsNaN(x) {
			if x < 0 {
				return Theil{}, fmt.Errorf("a Theil index needs values of 0 or more; row %d has %v", i+1, x)
			}
			people[g] += weight[i]
			sum[g] += weight[i] * x
			all += weight[i]
			total += weight[i] * x
		}
	}
	if !(total > 0) {
		return Theil{}, fmt.Errorf("a Theil index needs a mean above 0")
	}
	mu := total / all
	t := Theil{ByGroup: make([]TheilGroup, groups)}
	within := make([]float64, groups)
	for i, x := range value {
		if g := of(i); g >= 0 && weight[i] > 0 && !math.IsNaN(x) {
			t.Total += weight[i] / all * shape(x/mu)
			if sum[g] > 0 {
				within[g] += weight[i] / people[g] * shape(x/(sum[g]/people[g]))
			}
		}
	}
	for g := range groups {
		if people[g] == 0 {
			continue
		}
		p := TheilGroup{Between: people[g] / all * shape(sum[g]/people[g]/mu), Within: by(people[g]/all, sum[g]/total) * within[g]}
		t.ByGroup[g] = p
		t.Between += p.Between
		t.Within += p.Within
	}
	for _, v := range []*float64{&t.Total, &t.Between, &t.Within} {
		*v = clamped(*v, 0, math.Inf(1), len(value))
	}
	return t, nil
}
