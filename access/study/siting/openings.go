package siting

import (
	"context"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/geo/travel"
)

// Openings are the pitfalls of opening sites, by a plan or in a scenario.
type Openings struct {
	*finding.Study
	outcomes []*finding.Outcome
	by       *sited // nil without a plan
}

// FindOpenings finds them in every study: it may open sites by either.
func FindOpenings(_ context.Context, s *finding.Study) (finding.Finding, error) {
	return &Openings{Study: s, outcomes: finding.Outcomes(s), by: finding.Of[*sited](s)}, nil
}

// Tell adds nothing: there are only pitfalls to tell of.
func (*Openings) Tell(context.Context) error { return nil }

// Pitfalls is that of [Misleading].
func (r *Openings) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 3, Key: "association", Check: r.association},
		{Number: 14, Key: "capacity", Check: r.withoutRoom},
		{Number: 15, Key: "volume", Check: r.smallVolumes},
		{Number: 18, Key: "by-construction", Check: r.byConstruction},
		{Number: 21, Key: "equity-order", Check: r.equityOrder},
	}
}

// gains reports whether the study counts treated patients gained.
func (r *Openings) gains() bool {
	return r.Model != nil && (len(r.outcomes) > 0 || r.by != nil && r.Spec.Siting.Goal == "treated")
}

// moved are the people whose way the plan or a scenario changes.
func (r *Openings) moved() float64 {
	nearer := make([]bool, len(r.People))
	for _, o := range r.outcomes {
		for i, t := range o.Ways.Minutes {
			nearer[i] = nearer[i] || t != r.Ways.Minutes[i] && !(math.IsNaN(t) && math.IsNaN(r.Ways.Minutes[i]))
		}
	}
	if r.by != nil {
		for _, j := range r.by.plan.Open {
			for _, l := range r.by.plan.legs[j] {
				nearer[l.Place] = nearer[l.Place] || shorter(l.Time, r.by.plan.now[l.Place])
			}
		}
	}
	return r.PeopleWhere(func(i int) bool { return nearer[i] })
}

func (r *Openings) association(context.Context) (*finding.Note, error) {
	if !r.gains() {
		return nil, nil
	}
	people := r.moved()
	return finding.Mind("association", people)
}

func (r *Openings) withoutRoom(context.Context) (*finding.Note, error) {
	if w := finding.Of[*measure.Waiting](r.Study); w != nil {
		q := w.Queues
		people := r.PeopleWhere(func(i int) bool {
			j := r.Ways.Site[i]
			if j < 0 || math.IsNaN(r.Ways.Minutes[i]) {
				return false
			}
			k := q.Room.Index[int32(j)]
			return q.Arrivals[k] > q.Room.Capacity[k]
		})
		if people == 0 {
			return nil, nil
		}
		return finding.Mind("capacity.full", people)
	}
	if !r.gains() {
		return nil, nil
	}
	people := r.moved()
	return finding.Mind("capacity", people)
}

// smallVolume is a number of treatments a year below which a new center is
// pointed out: the threshold of allogeneic transplants, since no study of CAR-T
// was found.
const smallVolume = 40

func (r *Openings) smallVolumes(context.Context) (*finding.Note, error) {
	if r.Model == nil {
		return nil, nil
	}
	c := r.Model.Curves[0]
	low := map[string]float64{} // people by site
	each := func(site func(i int) string, minutes func(i int) float64) {
		r.lowVolumes(c, low, site, minutes)
	}
	for _, o := range r.outcomes {
		each(func(i int) string {
			if j := o.Ways.Site[i]; j >= 0 && o.Sites[j].Row < 0 {
				return o.Sites[j].ID
			}
			return ""
		}, func(i int) float64 { return o.Ways.Minutes[i] })
	}
	if r.by != nil && !r.by.byChoice() { // the column volume has those who choose
		r.volumesOfPlan(each)
	}
	if len(low) == 0 {
		return nil, nil
	}
	var people float64
	for _, p := range low {
		people += p
	}
	return finding.Mind("volume", people, "n", len(low), "centers", ground.Some(r.called(low), 6), "few", smallVolume)
}

// lowVolumes adds to low the people of every site that treats few, given the site
// of each place and the minutes to it.
func (r *Openings) lowVolumes(c ground.Curve, low map[string]float64, site func(i int) string, minutes func(i int) float64) {
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
func (r *Openings) volumesOfPlan(each func(site func(i int) string, minutes func(i int) float64)) {
	at, time := r.by.served()
	each(func(i int) string {
		if at[i] >= 0 {
			return r.Candidates[at[i]].ID
		}
		return ""
	}, func(i int) float64 { return time[i].Minutes() })
}

// called are the names of new sites of some ids, with the id where two have one name.
func (r *Openings) called(of map[string]float64) []string {
	out, several := slices.Sorted(maps.Keys(of)), map[string]int{}
	sites := make([]*ground.Center, len(out))
	for k, id := range out {
		sites[k] = r.opened(id)
		several[sites[k].Called()]++
	}
	for k, x := range sites {
		if out[k] = x.Called(); several[out[k]] > 1 {
			out[k] = x.Label()
		}
	}
	return out
}

// opened is a candidate, or a site that a scenario opens, by its id.
func (r *Openings) opened(id string) *ground.Center {
	is := func(x ground.Center) bool { return x.ID == id }
	if j := slices.IndexFunc(r.Candidates, is); j >= 0 {
		return &r.Candidates[j]
	}
	for _, o := range r.outcomes {
		if j := slices.IndexFunc(o.Sites, is); j >= 0 {
			return &o.Sites[j]
		}
	}
	return &ground.Center{Stop: travel.Stop{ID: id}}
}

func (r *Openings) byConstruction(context.Context) (*finding.Note, error) {
	opens := r.by != nil && len(r.by.plan.Open) > 0
	for _, o := range r.outcomes {
		opens = opens || len(o.Sites) > len(r.Sites)
	}
	if !opens || r.Spec.Uncertainty != nil {
		return nil, nil
	}
	people := r.moved()
	return finding.Mind("by-construction", people)
}

func (r *Openings) equityOrder(context.Context) (*finding.Note, error) {
	if r.by == nil || len(r.by.plan.Open) == 0 {
		return nil, nil
	}
	problem, _, err := r.by.problem(r.by.plan, nil, 1)
	if err != nil {
		return nil, err
	}
	fifth := access.Groups(r.Ways.Minutes, r.People, 5)
	gain := make([]float64, len(r.Candidates))
	for j, offers := range problem.Offers {
		gain[j] = -1
		if r.by.plan.Why[j] != "" {
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
	if !(gain[best] > 0) || slices.Contains(r.by.plan.Open, best) {
		return nil, nil
	}
	people := r.PeopleWhere(func(i int) bool { return fifth[i] == 5 })
	return finding.Mind("equity-order", people, "site", r.Candidates[best].Called())
}
