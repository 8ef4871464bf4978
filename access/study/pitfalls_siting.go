package study

import (
	"context"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/ground"
)

// The pitfalls of opening sites, by a plan or in a scenario.

// gains reports whether the study counts treated patients gained.
func (r *run) gains() bool {
	return r.model != nil && (len(r.outcome) > 0 || r.plan != nil && r.Spec.Siting.Goal == "treated")
}

// moved are the people whose way the plan or a scenario changes.
func (r *run) moved() float64 {
	nearer := make([]bool, len(r.People))
	for _, o := range r.outcome {
		for i, t := range o.trips.Minutes {
			nearer[i] = nearer[i] || t != r.base.Minutes[i] && !(math.IsNaN(t) && math.IsNaN(r.base.Minutes[i]))
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

func (r *run) association(context.Context) (*Note, error) {
	if !r.gains() {
		return nil, nil
	}
	people := r.moved()
	return mind("association", people)
}

func (r *run) withoutRoom(context.Context) (*Note, error) {
	if q := r.queues; q != nil {
		people := r.where(func(i int) bool {
			j := r.base.Site[i]
			if j < 0 || math.IsNaN(r.base.Minutes[i]) {
				return false
			}
			k := q.room.index[int32(j)]
			return q.arrivals[k] > q.room.capacity[k]
		})
		if people == 0 {
			return nil, nil
		}
		return mind("capacity.full", people)
	}
	if !r.gains() {
		return nil, nil
	}
	people := r.moved()
	return mind("capacity", people)
}

// smallVolume is a number of treatments a year below which a new center is
// pointed out: the threshold of allogeneic transplants, since no study of CAR-T
// was found.
const smallVolume = 40

func (r *run) smallVolumes(context.Context) (*Note, error) {
	if r.model == nil {
		return nil, nil
	}
	c := r.model.Curves[0]
	low := map[string]float64{} // people by site
	each := func(site func(i int) string, minutes func(i int) float64) {
		r.lowVolumes(c, low, site, minutes)
	}
	for _, o := range r.outcome {
		each(func(i int) string {
			if j := o.trips.Site[i]; j >= 0 && o.sites[j].Row < 0 {
				return o.sites[j].ID
			}
			return ""
		}, func(i int) float64 { return o.trips.Minutes[i] })
	}
	if r.plan != nil {
		r.volumesOfPlan(each)
	}
	if len(low) == 0 {
		return nil, nil
	}
	var people float64
	for _, p := range low {
		people += p
	}
	return mind("volume", people, "n", len(low), "centers", ground.Some(r.labels(low), 6), "few", smallVolume)
}

// lowVolumes adds to low the people of every site that treats few, given the site
// of each place and the minutes to it.
func (r *run) lowVolumes(c ground.Curve, low map[string]float64, site func(i int) string, minutes func(i int) float64) {
	volume, people := map[string]float64{}, map[string]float64{}
	for i, e := range r.Eligible {
		if id := site(i); id != "" {
			if p := c.At(minutes(i)); !math.IsNaN(p) {
				volume[id] += e * p
			}
			people[id] += r.People[i]
		}
	}
	for id, v := range volume {
		if v < smallVolume {
			low[id] = people[id]
		}
	}
}

// volumesOfPlan hands over the candidate of the plan that each place would go to.
func (r *run) volumesOfPlan(each func(site func(i int) string, minutes func(i int) float64)) {
	at, time := make([]int, len(r.People)), slices.Clone(r.plan.now)
	for _, j := range r.plan.Open {
		if !r.Candidates[j].Has("infuse") {
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
			return r.Candidates[at[i]-1].ID
		}
		return ""
	}, func(i int) float64 { return time[i].Minutes() })
}

// labels are what the sites of some ids are called.
func (r *run) labels(of map[string]float64) []string {
	names := slices.Sorted(maps.Keys(of))
	for k, id := range names {
		for j := range r.Candidates {
			if r.Candidates[j].ID == id {
				names[k] = r.Candidates[j].Label()
			}
		}
	}
	return names
}

func (r *run) byConstruction(context.Context) (*Note, error) {
	opens := r.plan != nil && len(r.plan.Open) > 0
	for _, o := range r.outcome {
		opens = opens || len(o.sites) > len(r.Sites)
	}
	if !opens || r.draws != nil {
		return nil, nil
	}
	people := r.moved()
	return mind("by-construction", people)
}

func (r *run) equityOrder(context.Context) (*Note, error) {
	if r.plan == nil || len(r.plan.Open) == 0 {
		return nil, nil
	}
	problem, _, err := r.problem(r.plan, nil, 1)
	if err != nil {
		return nil, err
	}
	fifth := access.Groups(r.base.Minutes, r.People, 5)
	gain := make([]float64, len(r.Candidates))
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
	best := ground.Order(gain)[0]
	if !(gain[best] > 0) || slices.Contains(r.plan.Open, best) {
		return nil, nil
	}
	people := r.where(func(i int) bool { return fifth[i] == 5 })
	return mind("equity-order", people, "site", r.Candidates[best].Label())
}
