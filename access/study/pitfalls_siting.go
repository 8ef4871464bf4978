package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
)

// The pitfalls of opening sites, by a plan or in a scenario.

// gains reports whether the study counts treated patients gained.
func (r *run) gains() bool {
	return r.model != nil && (len(r.outcome) > 0 || r.plan != nil && r.spec.Siting.Goal == "treated")
}

// moved are the people whose way the plan or a scenario changes.
func (r *run) moved() float64 {
	nearer := make([]bool, len(r.people))
	for _, o := range r.outcome {
		for i, t := range o.trips.minutes {
			nearer[i] = nearer[i] || t != r.base.minutes[i] && !(math.IsNaN(t) && math.IsNaN(r.base.minutes[i]))
		}
	}
	if r.plan != nil {
		for _, j := range r.plan.Open {
			for _, l := range r.plan.legs[j] {
				nearer[l.Place] = nearer[l.Place] || l.Time < r.plan.now[l.Place]
			}
		}
	}
	return r.where(func(i int) bool { return nearer[i] })
}

func (r *run) association(context.Context) (float64, string, error) {
	if !r.gains() {
		return 0, "", nil
	}
	people := r.moved()
	return people, fmt.Sprintf("gains hold if the association of distance and treatment is causal; a center may not win back all of it (%.0f people would travel otherwise)", people), nil
}

func (r *run) withoutRoom(context.Context) (float64, string, error) {
	if q := r.queues; q != nil {
		people := r.where(func(i int) bool {
			j := r.base.site[i]
			if j < 0 || math.IsNaN(r.base.minutes[i]) {
				return false
			}
			k := q.room.index[int32(j)]
			return q.arrivals[k] > q.room.capacity[k]
		})
		if people == 0 {
			return 0, "", nil
		}
		return people, fmt.Sprintf("the nearest center of %.0f people is asked for more than it has room for: near is not access there", people), nil
	}
	if !r.gains() {
		return 0, "", nil
	}
	people := r.moved()
	return people, fmt.Sprintf("every center is taken to have room for whoever comes; measure capacity says where it has not (%.0f people would travel otherwise)", people), nil
}

// smallVolume is a number of treatments a year below which a new center is
// pointed out: the threshold of allogeneic transplants, since no study of CAR-T
// was found.
const smallVolume = 40

func (r *run) smallVolumes(context.Context) (float64, string, error) {
	if r.model == nil {
		return 0, "", nil
	}
	c := r.model.curves[0]
	low := map[string]float64{} // people by site
	each := func(site func(i int) string, minutes func(i int) float64) {
		volume, people := map[string]float64{}, map[string]float64{}
		for i, e := range r.eligible {
			if id := site(i); id != "" {
				if p := c.at(minutes(i)); !math.IsNaN(p) {
					volume[id] += e * p
				}
				people[id] += r.people[i]
			}
		}
		for id, v := range volume {
			if v < smallVolume {
				low[id] = people[id]
			}
		}
	}
	for _, o := range r.outcome {
		each(func(i int) string {
			if j := o.trips.site[i]; j >= 0 && o.sites[j].row < 0 {
				return o.sites[j].ID
			}
			return ""
		}, func(i int) float64 { return o.trips.minutes[i] })
	}
	if r.plan != nil {
		at, time := make([]int, len(r.people)), slices.Clone(r.plan.now)
		for _, j := range r.plan.Open {
			if !r.candidates[j].has("infuse") {
				continue
			}
			for _, l := range r.plan.legs[j] {
				if l.Time < time[l.Place] {
					at[l.Place], time[l.Place] = j+1, l.Time
				}
			}
		}
		each(func(i int) string {
			if at[i] > 0 {
				return r.candidates[at[i]-1].ID
			}
			return ""
		}, func(i int) float64 { return time[i].Minutes() })
	}
	if len(low) == 0 {
		return 0, "", nil
	}
	var people float64
	for _, p := range low {
		people += p
	}
	return people, fmt.Sprintf("%d new centers (%s) would treat fewer than %d a year; above that allogeneic transplants did better, and no study of CAR-T was found (nearest to %.0f people)", len(low), some(sorted(low), 6), smallVolume, people), nil
}

func (r *run) byConstruction(context.Context) (float64, string, error) {
	opens := r.plan != nil && len(r.plan.Open) > 0
	for _, o := range r.outcome {
		opens = opens || len(o.sites) > len(r.sites)
	}
	if !opens || r.draws != nil {
		return 0, "", nil
	}
	people := r.moved()
	return people, fmt.Sprintf("a further center shortens the way by construction; without draws (uncertainty) one order of sites is shown, not how sure it is (%.0f people would travel otherwise)", people), nil
}

func (r *run) equityOrder(context.Context) (float64, string, error) {
	if r.plan == nil || len(r.plan.Open) == 0 {
		return 0, "", nil
	}
	problem, _, err := r.problem(r.plan, nil, 1)
	if err != nil {
		return 0, "", err
	}
	fifth := access.Groups(r.base.minutes, r.people, 5)
	gain := make([]float64, len(r.candidates))
	for j, offers := range problem.Offers {
		gain[j] = -1
		if r.plan.Why[j] != "" {
			continue
		}
		gain[j] = 0
		for _, o := range offers {
			if fifth[int(o.Place)%len(fifth)] == 5 {
				gain[j] += problem.Weight[o.Place] * (o.Worth - problem.Now[o.Place])
			}
		}
	}
	best := order(gain)[0]
	if !(gain[best] > 0) || slices.Contains(r.plan.Open, best) {
		return 0, "", nil
	}
	people := r.where(func(i int) bool { return fifth[i] == 5 })
	return people, fmt.Sprintf("what counts decides the order: for the fifth of people farthest from a center %s gains most, and it is not in the plan (%.0f people)", r.candidates[best].label(), people), nil
}
