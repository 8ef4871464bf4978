package measure

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// CapacityMeasure asks whether the centers have room for those who come, how
// long they wait, and who is lost. Limits are fields of the sites.
type CapacityMeasure struct {
	Slots         string   `yaml:"slots" doc:"field: treatments a month; or the scarcest of those below"`
	Apheresis     string   `yaml:"apheresis" doc:"field: collections a month; a spoke's help the nearest site that infuses"`
	Products      string   `yaml:"products" doc:"field: products allocated a month"`
	Beds          string   `yaml:"beds" doc:"field: beds"`
	DaysInBed     float64  `yaml:"days_in_bed" doc:"days in hospital of a patient"`
	DaysSaved     float64  `yaml:"days_saved" doc:"of these, days saved by a patient whose nearest site for lymphodepletion is a spoke"`
	Staff         string   `yaml:"staff" doc:"field: treatments a month that the staff can give"`
	LeavePerMonth *float64 `yaml:"leave_per_month" doc:"rate at which a waiting patient dies, progresses or goes elsewhere; 0.05 to 0.21 has been implied"`
	ReferredPer   float64  `yaml:"referred_per_treated" default:"1" doc:"patients who arrive for each expected treated"`
	Allocation    string   `yaml:"allocation" doc:"nearest: patients ask at the nearest center first; choice: where they choose by measure choice; nearest if left out"`
	Choices       int      `yaml:"choices" most:"choices" default:"1" doc:"centers that patients are sent on to, in the order of time, the nearest included"`
	SendOnAbove   float64  `yaml:"send_on_above" default:"1" doc:"share of its capacity above which a center sends patients on"`
	DelayDays     float64  `yaml:"delay_days" default:"60" doc:"counts who waits longer"`
	Months        float64  `yaml:"months" default:"12" doc:"looks at the list after so many months"`
	Waiting       string   `yaml:"waiting" doc:"field: patients on today's list; none if left out"`
}

// Acting is that of [Params].
func (*CapacityMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// Validate is that of [Params].
func (m *CapacityMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	limits := m.Apheresis != "" || m.Products != "" || m.Beds != "" || m.Staff != ""
	return spec.Check(
		spec.That((m.Slots != "") != limits, at, "needs slots, or limits", "slots: FIELD; or any of apheresis, products, beds, staff"),
		spec.That((m.Beds != "") == (m.DaysInBed > 0), at+".days_in_bed", "belongs to beds, and beds to it", "days above 0"),
		spec.That(m.DaysSaved >= 0 && (m.DaysSaved == 0 || m.DaysSaved < m.DaysInBed), at+".days_saved",
			fmt.Sprintf("found %v", m.DaysSaved), "fewer than days_in_bed"),
		spec.That(m.LeavePerMonth == nil || *m.LeavePerMonth >= 0, at+".leave_per_month", "is below 0", "a rate of 0 or more"),
		spec.That(m.ReferredPer == 0 || m.ReferredPer >= 1, at+".referred_per_treated", fmt.Sprintf("found %v", m.ReferredPer), "1 or more"),
		spec.That(m.Choices >= 0, at+".choices", fmt.Sprintf("found %d", m.Choices), "1 or more"),
		spec.That(spec.In(m.Allocation, "", "nearest", spec.ByChoice), at+".allocation", fmt.Sprintf("found %q", m.Allocation), "nearest, choice"),
		spec.That(m.Allocation != spec.ByChoice || s.Measures.Has("choice"), at+".allocation", "found choice, and nothing says how people choose",
			"a measure choice"),
		spec.That(m.Allocation != spec.ByChoice || s.Privacy == nil, at+".allocation",
			"found choice beside privacy: small numbers could be told from whom centers are asked for", "nearest, or no privacy"),
		spec.That(m.SendOnAbove >= 0, at+".send_on_above", "is below 0", "a share of the capacity, such as 1"),
		spec.That(m.DelayDays >= 0 && m.Months >= 0, at, "delay_days and months are 0 or more", ""))
}

const daysPerMonth = 365.25 / 12

// room is what the centers can give.
type room struct {
	of       *CapacityMeasure
	trips    *ground.Trips
	campus   []int         // site index of each campus
	Index    map[int32]int // campus of each site that infuses
	Capacity []float64     // treatments a month
	list     []float64     // patients waiting today
}

// queues is what becomes of the patients of a month.
type queues struct {
	Room     *room
	Arrivals []float64 // by campus, at the first choice
	queue    []access.Queue
	flow     []access.Flow
	asking   *asking
	overflow access.Overflow // by row of those who ask
	served   []float64       // by place: share of its patients who are treated, NaN for none
}

// Waiting is what the centers can give, and who waits for it.
type Waiting struct {
	*finding.Study
	room   *room
	Queues *queues
}

// FindWaiting adds up the limits of the centers, and sends a month's patients
// there.
func FindWaiting(ctx context.Context, s *finding.Study) (_ finding.Finding, err error) {
	m := spec.Asked[*CapacityMeasure](s.Spec.Measures)
	if m == nil {
		return nil, nil
	}
	r := &Waiting{Study: s, room: &room{of: m, trips: s.Ways}}
	if k := max(1, m.Choices); k > r.room.trips.K {
		if r.room.trips, err = s.Trips(ctx, s.Sites, k); err != nil {
			return nil, err
		}
	}
	if err = r.campusCapacity(ctx, r.room); err != nil {
		return nil, err
	}
	var without float64
	for i, e := range s.Eligible {
		if math.IsNaN(s.Ways.Minutes[i]) {
			without += e
		}
	}
	if without > 0 {
		s.Note("capacity.nowhere", "n", without)
	}
	if m.ReferredPer == 0 {
		s.Note("capacity.takes_treated")
	}
	r.Queues, err = r.today()
	return r, err
}

// queue sends a month's patients to the centers where they ask first, on to the next
// where one is full, and lets the rest wait.
func (r *Waiting) queue(a *asking) (*queues, error) {
	m, of := r.room.of, spec.Filled(*r.room.of)
	q := &queues{Room: r.room, asking: a, Arrivals: make([]float64, len(r.room.campus))}
	full := make([]float64, len(r.room.campus))
	for j, v := range r.room.Capacity {
		full[j] = v * of.SendOnAbove
		if m.Choices <= 1 {
			full[j] = math.Inf(1) // nobody is sent on: all wait where they are
		}
	}
	for row, n := range a.patients {
		if len(a.choices[row]) > 0 {
			q.Arrivals[a.choices[row][0]] += n
		}
	}
	q.overflow = access.Spill(a.patients, a.choices, full, func(row, n int) float64 {
		if a.patients[row] == 0 || a.likely[row][n-1] == 0 {
			return 0 // nobody comes to be sent on
		}
		return math.Min(1, a.likely[row][n]/a.likely[row][n-1])
	})
	// Who finds no room anywhere waits at the first choice.
	for row, left := range q.overflow.Turned {
		if len(a.choices[row]) > 0 {
			q.overflow.Used[a.choices[row][0]] += left
		}
	}
	if err := r.wait(q); err != nil {
		return nil, err
	}
	q.served = a.byPlace(r.Places.Len(), func(row int) float64 {
		treated := q.overflow.Turned[row] * q.flow[a.choices[row][0]].Reached
		for n, at := range q.overflow.Choice {
			if n < len(a.choices[row]) {
				treated += at[row] * q.flow[a.choices[row][n]].Reached
			}
		}
		return treated
	})
	return q, nil
}

// wait lets whoever was sent to a campus wait for its room.
func (r *Waiting) wait(q *queues) error {
	leave := 0.0
	if m := r.room.of; m.LeavePerMonth != nil {
		leave = *m.LeavePerMonth
	}
	for j, arrive := range q.overflow.Used {
		servers := int(math.Ceil(r.room.Capacity[j]))
		queue := access.Queue{Arrivals: arrive, Servers: servers, Abandon: leave}
		if servers > 0 {
			queue.Rate = r.room.Capacity[j] / float64(servers)
		}
		s := r.Sites[r.room.campus[j]]
		f, err := queue.Run()
		if err != nil {
			return spec.Refused("measures.capacity", "", "%s: %v (leave_per_month; or, with choices, send_on_above below 1)", s.Label(), err)
		}
		q.queue, q.flow = append(q.queue, queue), append(q.flow, f)
	}
	return nil
}

// sum is the whole of it: arrivals = served + lost + deterred.
func (q *queues) sum() *finding.CapacitySummary {
	m, of := q.Room.of, spec.Filled(*q.Room.of)
	s := &finding.CapacitySummary{DelayDays: finding.Num(of.DelayDays), Months: finding.Num(of.Months), LeavePerMonth: finding.Num(math.NaN())}
	if m.LeavePerMonth != nil {
		s.LeavePerMonth = finding.Num(*m.LeavePerMonth)
	}
	for row, n := range q.asking.patients {
		s.Arrivals += finding.Num(n)
		s.Deterred += finding.Num(q.overflow.Deterred[row])
		s.SentOn += finding.Num(q.sentOn(row))
	}
	for j, f := range q.flow {
		s.Capacity += finding.Num(q.Room.Capacity[j])
		s.Served += finding.Num(f.Served)
		s.Lost += finding.Num(f.Lost)
		s.Waiting += finding.Num(f.Waiting)
		s.Full += ground.Bit(q.Arrivals[j] > q.Room.Capacity[j])
	}
	return s
}

// campusCapacity adds up the limits of each campus and gives the campus of every
// site that infuses.
func (r *Waiting) campusCapacity(ctx context.Context, q *room) error {
	m := q.of
	columns, err := r.limits(m)
	if err != nil {
		return err
	}
	campus := r.Counted()
	q.Index = map[int32]int{}
	first := map[int]int{}
	var sums [][]float64 // by campus and column
	for _, j := range ground.Goals(r.Sites) {
		k, ok := first[campus[j]]
		if !ok {
			k = len(q.campus)
			first[campus[j]] = k
			q.campus, sums = append(q.campus, j), append(sums, make([]float64, len(columns)))
		}
		q.Index[int32(j)] = k
		for c, v := range columns {
			if v != nil {
				sums[k][c] += v[j]
			}
		}
	}
	if columns[1] != nil {
		if err := r.spokeSlots(ctx, columns[1], func(spoke int, hub int) { sums[q.Index[int32(hub)]][1] += columns[1][spoke] }); err != nil {
			return err
		}
	}
	saved, err := r.lymphodepletedElsewhere(ctx, q.Index, len(q.campus))
	if err != nil {
		return err
	}
	for k, s := range sums {
		limit := func(c int) float64 {
			if columns[c] == nil {
				return math.Inf(1) // not known to bind
			}
			return s[c]
		}
		days := m.DaysInBed
		if m.DaysSaved > 0 {
			days -= m.DaysSaved * saved[k]
		}
		capacity := limit(0)
		if m.Slots == "" {
			capacity = access.Capacity(limit(1), limit(2), limit(3), math.Max(days, 1e-9), limit(4))
		}
		q.Capacity, q.list = append(q.Capacity, capacity), append(q.list, s[5])
	}
	return nil
}

// limits are the columns of the sites that hold slots, apheresis, products, beds,
// staff and those who wait, in this order; nil for one that the study does not
// name.
func (r *Waiting) limits(m *CapacityMeasure) ([][]float64, error) {
	names := []string{m.Slots, m.Apheresis, m.Products, m.Beds, m.Staff, m.Waiting}
	columns := make([][]float64, len(names))
	for k, name := range names {
		if name == "" {
			continue
		}
		read := r.AMonth
		if name == m.Beds || name == m.Waiting {
			read = r.Amounts
		}
		var err error
		if columns[k], err = read(r.SiteFields, name); err != nil {
			return nil, fmt.Errorf("measures.capacity: %w", err)
		}
	}
	return columns, nil
}

// spokeSlots calls each with every spoke that collects cells and the site that
// infuses nearest to it.
func (r *Waiting) spokeSlots(ctx context.Context, slots []float64, each func(spoke, hub int)) error {
	open := ground.Goals(r.Sites)
	for j := range r.Sites {
		if r.Sites[j].Has("infuse") || !r.Sites[j].Has("apheresis") || slots[j] == 0 {
			continue
		}
		hubs := slices.DeleteFunc(slices.Clone(open), func(h int) bool { return r.Sites[h].Group != r.Sites[j].Group })
		q := r.Query(r.Sites, nil, hubs)
		q.Places = []travel.Stop{r.Sites[j].Stop}
		legs, err := r.Engine.Nearest(ctx, q, 1)
		if err != nil {
			return err
		}
		if len(legs) == 0 || legs[0].Site < 0 {
			r.Note("capacity.apheresis", "site", r.Sites[j].Called())
			continue
		}
		each(j, hubs[legs[0].Site])
	}
	return nil
}

// lymphodepletedElsewhere is, by campus, the share of those for whom it is the
// nearest center and whose nearest site for lymphodepletion is a spoke.
func (r *Waiting) lymphodepletedElsewhere(ctx context.Context, index map[int32]int, campuses int) ([]float64, error) {
	share, all := make([]float64, campuses), make([]float64, campuses)
	if spec.Asked[*CapacityMeasure](r.Spec.Measures).DaysSaved == 0 {
		return share, nil
	}
	ways, _, err := waysTo(ctx, r.Study, "lymphodepletion")
	if err != nil {
		return nil, err
	}
	for i, w := range ways {
		j := r.Ways.Site[i]
		if j < 0 || math.IsNaN(r.Ways.Minutes[i]) {
			continue
		}
		k := index[int32(j)]
		all[k] += r.Eligible[i]
		if w.Time.Minutes() < r.Ways.Minutes[i] {
			share[k] += r.Eligible[i]
		}
	}
	for k := range share {
		if all[k] > 0 {
			share[k] /= all[k]
		}
	}
	return share, nil
}

// PlaceColumns are what capacity means for a place.
func (r *Waiting) PlaceColumns(sh *finding.Sheet) {
	q, hidden := r.Queues, r.hiddenQueues()
	sh.Number("served_share", finding.Blank(q.served, hidden))
	sh.Number("sent_on_share", finding.Blank(q.asking.byPlace(r.Places.Len(), q.sentOn), hidden))
}

// sentOn are those of a row who are treated elsewhere than where they asked first.
func (q *queues) sentOn(row int) (n float64) {
	for k := 1; k < len(q.overflow.Choice); k++ {
		n += q.overflow.Choice[k][row]
	}
	return n
}

// hiddenQueues are the places whose waiting is withheld: their own numbers are, or
// those of the campus that they go to.
func (r *Waiting) hiddenQueues() []bool {
	of := finding.Of[*Withheld](r.Study)
	hidden := of.ofPlaces
	if h := of.ofCampuses; h != nil {
		hidden = slices.Clone(hidden)
		for i, j := range r.Ways.Site {
			if j >= 0 && !math.IsNaN(r.Ways.Minutes[i]) {
				hidden[i] = hidden[i] || h[r.room.Index[int32(j)]]
			}
		}
	}
	return hidden
}

// Tell makes the table of centers and the sums. What arrives is
// treated, lost or deterred.
func (r *Waiting) Tell(context.Context) error {
	q := r.Queues
	s := q.sum()
	n := len(q.Room.campus)
	arrivals := q.Arrivals
	ids, name, at := make([]string, n), make([]string, n), make([]ground.Center, n)
	use, wait, late := make([]float64, n), ground.NaNs(n), make([]float64, n)
	taken, served, lost, waiting, later := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for j, row := range q.Room.campus {
		c := r.Sites[row]
		ids[j], name[j], at[j] = c.ID, c.Name, c
		f := q.flow[j]
		taken[j], served[j], lost[j], waiting[j] = q.overflow.Used[j], f.Served, f.Lost, f.Waiting
		use[j] = taken[j] / q.Room.Capacity[j]
		if taken[j] > 0 {
			wait[j] = f.Wait
		}
		var err error
		if late[j], err = q.queue[j].Delayed(float64(s.DelayDays) / daysPerMonth); err != nil {
			return fmt.Errorf("measures.capacity: %s: %w", c.Label(), err)
		}
		stretch, err := q.queue[j].Over(float64(s.Months), int(math.Round(q.Room.list[j])))
		if err != nil {
			return fmt.Errorf("measures.capacity: %s: %w", c.Label(), err)
		}
		later[j] = stretch.Waiting
		s.Later += finding.Num(later[j])
		s.Delayed += finding.Num(taken[j] * late[j])
	}
	r.Result.Summary.Capacity = s
	if h := finding.Of[*Withheld](r.Study).ofCampuses; h != nil {
		for _, v := range []*[]float64{&arrivals, &taken, &use, &served, &lost, &waiting, &wait, &late, &later} {
			*v = finding.Blank(*v, h)
		}
	}
	sh := finding.Sheet{Of: "capacity"}
	sh.Text("name", name)
	sh.Number("capacity", q.Room.Capacity)
	sh.Number("arrivals", arrivals)
	sh.Number("taken", taken)
	sh.Number("use", use)
	sh.Number("served", served)
	sh.Number("lost", lost)
	sh.Number("waiting", waiting)
	sh.Number("wait_months", wait)
	sh.Number("delayed_share", late, "days", s.DelayDays)
	sh.Number("waiting_later", later, "months", s.Months)
	if h := finding.Of[*Withheld](r.Study).ofCampuses; h != nil {
		sh.Text("withheld", withheldWords(r.Study, h))
	}
	about := sh.About()
	if r.SiteFields.IsTable() {
		return r.AddTable(geo.NewTable(about, ids, sh.Columns...))
	}
	return r.AddTable(geo.NewPoints(about, ids, ground.Points(at), sh.Columns...))
}

// DrawPatients has the headlines of who waits, under the leading curve.
func (r *Waiting) DrawPatients(_ context.Context, x finding.Draw, under finding.Curve, d *finding.Drawn) error {
	if !under.Leads || under.Of == nil {
		return nil
	}
	served, lost, waiting := math.NaN(), math.NaN(), math.NaN()
	asking, err := r.drawn(x, under)
	if err != nil {
		return err
	}
	if asking == nil {
		return nil
	}
	if q, err := r.queue(asking); err == nil { // else a list grows without end in this draw
		s := q.sum()
		served, lost, waiting = float64(s.Served), float64(s.Lost), float64(s.Waiting)
	}
	d.Add("served_per_month", served)
	d.Add("lost_per_month", lost)
	d.Add("waiting", waiting)
	return nil
}
