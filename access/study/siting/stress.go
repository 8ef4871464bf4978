package siting

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// closure is what is lost when a center that is there closes, and which single
// candidate would make most of it good.
type closure struct {
	site         int // of those there are
	loss, people float64
	without      float64 // people who would have no time
	repair       int     // candidate, -1: not asked for, or none gains
	repaired     float64 // what that candidate gains then
}

// worstClosure is the set of centers of a size whose closing loses most.
type worstClosure struct {
	sites  []int
	loss   float64
	proven bool
}

// leftOut is the best plan once a center has closed.
type leftOut struct {
	site      int
	gain, gap float64
	open      []int
	kept      int // sites of the plan that it opens too
}

// stress is what closing centers would cost.
type stress struct {
	closures []closure
	worst    []worstClosure
	left     []leftOut
}

// afterwards are the times of every place to its nearest center and to those
// that it would go to next, a campus only once, or a row where rows count.
type afterwards struct {
	t      *ground.Trips
	campus []int
}

func (r *sited) afterwards(ctx context.Context, deep int) (afterwards, error) {
	t := r.Ways
	if t.K < deep {
		var err error
		if t, err = r.Trips(ctx, r.Sites, deep); err != nil {
			return afterwards{}, err
		}
	}
	return afterwards{t, r.Counted()}, nil
}

// of are the centers of a place, the nearest first, and the times to each; then
// the time when all of them are closed: as far as the evidence goes, or as today
// if that is farther.
func (a afterwards) of(place int) (campus []int32, times []travel.Seconds) {
	for _, l := range a.t.Legs[place*a.t.K : (place+1)*a.t.K] {
		if l.Site >= 0 && !slices.Contains(campus, int32(a.campus[l.Site])) {
			campus, times = append(campus, int32(a.campus[l.Site])), append(times, l.Time)
		}
	}
	return campus, times
}

// without is a place's time once its m nearest centers are closed.
func without(times []travel.Seconds, m int) travel.Seconds {
	if m < len(times) {
		return times[m]
	}
	return max(fallback, times[0])
}

// stress closes each campus in turn, or each row where rows count: its people go
// to the next. Where the study asks for it, it closes several, and looks for the
// candidate, and the plan, that would make a closure good.
func (r *sited) stress(ctx context.Context, s *search, p *plan, o site.Options) (out stress, err error) {
	if len(r.Sites) == 0 || r.Spec.Siting.Goal == "burden" {
		return out, nil // a course goes to several sites
	}
	asked := r.Spec.Siting.Stress
	deep := 2
	if asked != nil {
		deep = max(2, spec.OrInt(asked.Worst, 2)+1)
	}
	next, err := r.afterwards(ctx, deep)
	if err != nil {
		return out, err
	}
	by, closing := r.losses(next, deep)
	out.closures = r.closures(by, next)
	if asked == nil {
		return out, nil
	}
	for k := 1; k <= spec.OrInt(asked.Worst, 2); k++ {
		set, loss, proven := closing.Worst(ctx, k)
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if len(set) < k {
			break
		}
		w := worstClosure{loss: loss, proven: proven}
		for _, c := range set {
			w.sites = append(w.sites, by[int(c)].site)
		}
		out.worst = append(out.worst, w)
	}
	return out, r.mend(ctx, &out, &mending{next: next, search: s, plan: p, options: o})
}

// losses are what each campus loses when it closes, by campus, and the losses of
// places by the campuses that they would go to, up to deep-1 of them.
func (r *sited) losses(next afterwards, deep int) (map[int]*closure, *site.Closing) {
	worth, weight, _ := r.worth(nil)
	weight = r.favoured(weight)
	by := map[int]*closure{}
	for _, j := range ground.Goals(r.Sites) {
		if by[next.campus[j]] == nil {
			by[next.campus[j]] = &closure{site: j, repair: -1}
		}
	}
	closing := &site.Closing{}
	for i := range r.People {
		campus, times := next.of(i)
		if len(campus) == 0 {
			continue
		}
		c := by[int(campus[0])]
		c.people += r.People[i]
		if len(campus) == 1 {
			c.without += r.People[i]
		}
		loss := make([]float64, min(len(campus), deep-1))
		for m := range loss {
			loss[m] = weight[i] * (worth(times[0]) - worth(without(times, m+1)))
		}
		c.loss += loss[0]
		closing.Add(campus, loss)
	}
	return by, closing
}

// closures are those of all campuses, the greatest loss first.
func (r *sited) closures(by map[int]*closure, next afterwards) (out []closure) {
	for _, j := range ground.Goals(r.Sites) {
		if c := by[next.campus[j]]; c.site == j {
			out = append(out, *c)
		}
	}
	losses := make([]float64, len(out))
	for k, c := range out {
		losses[k] = c.loss
	}
	unsorted := slices.Clone(out)
	for k, row := range ground.Order(ground.Tied(losses)) {
		out[k] = unsorted[row]
	}
	return out
}

// mending is what making closures good stands on: where people go on to, the plan and
// the search as they are, the first campus of each place (-1: none), and the plan of
// what each place could use once that has closed.
type mending struct {
	next    afterwards
	search  *search
	plan    *plan
	options site.Options
	first   []int
	later   plan
}

// mend finds, for each closure, the one candidate that gains most then, and for
// those that lose most the best plan.
func (r *sited) mend(ctx context.Context, out *stress, m *mending) error {
	// The places of a center, once it has closed, can use every candidate that is
	// nearer than their second center.
	p := m.plan
	m.later = *p
	m.later.legs, m.later.now = make([][]leg, len(p.legs)), slices.Clone(p.now)
	m.first = make([]int, len(p.now))
	for i := range m.first {
		m.first[i] = -1
		if campus, times := m.next.of(i); len(campus) > 0 {
			m.first[i], m.later.now[i] = int(campus[0]), without(times, 1)
		}
	}
	if err := r.offers(ctx, &m.later); err != nil {
		return err
	}
	today, _, err := r.problem(p, nil, 1)
	if err != nil {
		return err
	}
	then, _, err := r.problem(&m.later, nil, 1)
	if CannotBe(err) {
		r.Note("siting.closed.all", "why", err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	repair(out, m, today, then)
	n := min(spec.OrInt(r.Spec.Siting.Stress.Plans, 5), len(out.closures))
	for k, c := range out.closures[:n] {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.Report(finding.Progress{Stage: ground.Searching, Done: k, Total: n})
		x, gap, gain, err := r.planWithout(ctx, c, m)
		if err != nil {
			return err
		}
		left := leftOut{site: c.site, gain: gain, gap: gap, open: x}
		for _, j := range x {
			if slices.Contains(p.Open, j) {
				left.kept++
			}
		}
		out.left = append(out.left, left)
	}
	return nil
}

// repair finds the one candidate that gains most once a center has closed: what
// it gains today, but for the places of that center what it gains then.
func repair(out *stress, m *mending, today, then *site.Problem) {
	first, p := m.first, m.plan
	at := map[int]*closure{}
	for k := range out.closures {
		at[m.next.campus[out.closures[k].site]] = &out.closures[k]
	}
	for j := range p.legs {
		if p.Why[j] != "" {
			continue
		}
		more := map[int]float64{} // by closed center, beside what it gains today
		alone := 0.0
		for _, x := range today.Offers[j] {
			if g := today.Weight[x.Place] * math.Max(0, x.Worth-today.Now[x.Place]); g > 0 {
				alone += g
				more[first[x.Place]] -= g
			}
		}
		for _, x := range then.Offers[j] {
			more[first[x.Place]] += then.Weight[x.Place] * math.Max(0, x.Worth-then.Now[x.Place])
		}
		for campus, c := range at {
			if g := alone + more[campus]; ground.More(g, c.repaired) {
				c.repair, c.repaired = j, g
			}
		}
	}
}

// planWithout is the best plan once a center has closed.
func (r *sited) planWithout(ctx context.Context, c closure, m *mending) (open []int, gap, gain float64, err error) {
	p, campus, closed := m.plan, m.next.campus, m.later
	closed.now = slices.Clone(p.now)
	for i := range closed.now {
		if m.first[i] == campus[c.site] {
			closed.now[i] = m.later.now[i]
		}
	}
	rules := m.search.rules
	if p.hubs != nil {
		hubs := *p.hubs
		hubs.InRange = make([][]site.Link, len(p.hubs.InRange))
		for j, links := range p.hubs.InRange {
			for _, l := range links {
				if campus[p.hubOf[l.Hub]] != campus[c.site] {
					hubs.InRange[j] = append(hubs.InRange[j], l)
				}
			}
		}
		closed.hubs, rules.Hubs = &hubs, &hubs
	}
	problem, _, err := r.problem(&closed, nil, 1)
	if err != nil {
		return nil, 0, 0, err
	}
	in, err := site.FromOffers(problem, rules)
	if err != nil {
		return nil, 0, 0, err
	}
	quick := m.options
	quick.Exact, quick.Gap = false, math.Max(quick.Gap, 1e-4*p.scale)
	x, err := site.Solve(ctx, in, quick, nil)
	if CannotBe(err) {
		r.Note("siting.closed", "center", r.Sites[c.site].Called(), "why", err.Error())
		return nil, math.NaN(), math.NaN(), nil
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("siting.stress: without %s: %w", r.Sites[c.site].Label(), err)
	}
	gain = in.Nothing() - x.Cost
	if best := in.Nothing() - x.Bound; best > 0 && !x.Proven {
		gap = math.Max(0, best-gain) / best
	}
	return x.Open, gap, gain, nil
}

// presentStress makes the tables of closures.
func (r *sited) presentStress(s *stress) error {
	if len(s.closures) == 0 {
		return nil
	}
	if err := r.presentClosures(s); err != nil {
		return err
	}
	if len(s.worst) > 0 {
		if err := r.presentWorst(s); err != nil {
			return err
		}
	}
	if len(s.left) > 0 {
		return r.presentPlansWithout(s)
	}
	return nil
}

func (r *sited) presentClosures(s *stress) error {
	asked := r.Spec.Siting.Stress != nil
	var ids, names, repair, repairName []string
	var loss, people, alone, repaired []float64
	for _, c := range s.closures {
		ids, names = append(ids, r.Sites[c.site].ID), append(names, r.Sites[c.site].Name)
		loss, people, alone = append(loss, c.loss), append(people, c.people), append(alone, c.without)
		id, title, gain := "", "", math.NaN()
		if c.repair >= 0 {
			id, title, gain = r.Candidates[c.repair].ID, r.Candidates[c.repair].Name, c.repaired
		}
		repair, repairName, repaired = append(repair, id), append(repairName, title), append(repaired, gain)
	}
	sh := finding.Sheet{Of: "closures", Unit: r.plan.unit}
	sh.Text("name", names)
	sh.Number("loss", loss)
	sh.People("people", people)
	sh.People("people_without", alone)
	if asked {
		sh.Text("repair_id", repair)
		sh.Text("repair_name", repairName)
		sh.Number("repair_gain", repaired)
	}
	return r.AddTable(geo.NewTable(sh.About(), ids, sh.Columns...))
}

func (r *sited) presentWorst(s *stress) error {
	var sets, titles, word []string
	var count, loss []float64
	for _, w := range s.worst {
		var id, title []string
		for _, j := range w.sites {
			id, title = append(id, r.Sites[j].ID), append(title, r.Sites[j].Name)
		}
		sets, titles = append(sets, strings.Join(id, " ")), append(titles, strings.Join(title, "; "))
		count, loss = append(count, float64(len(w.sites))), append(loss, w.loss)
		proven := "proven"
		if !w.proven {
			proven = "the worst found"
		}
		word = append(word, proven)
	}
	sh := finding.Sheet{Of: "worst_closures", Unit: r.plan.unit}
	sh.Count("closed", count)
	sh.Text("sites", sets)
	sh.Text("names", titles)
	sh.Number("loss", loss)
	sh.Text("proof", word)
	return r.AddTable(sh.Table())
}

func (r *sited) presentPlansWithout(s *stress) error {
	var left, leftName, opens []string
	var kept, gain, gap []float64
	for _, l := range s.left {
		var id []string
		for _, j := range l.open {
			id = append(id, r.Candidates[j].ID)
		}
		left, leftName, opens = append(left, r.Sites[l.site].ID), append(leftName, r.Sites[l.site].Name), append(opens, strings.Join(id, " "))
		kept, gain, gap = append(kept, float64(l.kept)), append(gain, l.gain), append(gap, l.gap)
	}
	sh := finding.Sheet{Of: "plans_without", Unit: r.plan.unit}
	sh.Text("name", leftName)
	sh.Text("opens", opens)
	sh.Count("kept", kept)
	sh.Number("gain", gain)
	sh.Number("gap", gap)
	return r.AddTable(geo.NewTable(sh.About(), left, sh.Columns...))
}
