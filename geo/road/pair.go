package road

// Pair is the quickest way from seeds to others: two climbs that meet (Geisberger
// et al. 2008). ok is false if there is none.
func (q *Query) Pair(from, to []Seed) (time, length uint32, ok bool) {
	q.meet = append(q.meet[:0], q.climb(From, from, Never-1)...)
	best, k := never, 0
	for _, l := range q.climb(To, to, Never-1) {
		for k < len(q.meet) && q.meet[k].node < l.node {
			k++
		}
		if k < len(q.meet) && q.meet[k].node == l.node {
			best = min(best, q.meet[k].cost+l.cost)
		}
	}
	if best >= never {
		return 0, 0, false
	}
	return best.time(), best.length(), true
}

// Journey is the quickest way between two stops.
type Journey struct {
	Time   uint32 // milliseconds; Never if there is none
	Length uint32 // decimetres
	Off    uint32 // of the length, what lies off the road or against one-way roads at the ends
}

// Trip is the quickest way between two stops on their roads, without a junction
// or over them. ok is false if there is none.
func (q *Query) Trip(l *Locator, from, to *Snapped) (j Journey, ok bool) {
	j = l.direct(from, to)
	time, length, ok := q.Pair(from.Out, to.In)
	if ok && costOf(time, length) < costOf(j.Time, j.Length) {
		j = Journey{time, length, q.off(from.Out, to.In, costOf(time, length))}
	}
	return j, j.Time < Never
}

// off is what is not driven of the quickest way from some seeds to others, whose
// cost is known. Mostly all seeds of an end have the same.
func (q *Query) off(from, to []Seed, best cost) uint32 {
	for _, a := range from {
		for _, b := range to {
			if alikeOff(from) && alikeOff(to) {
				return a.Off + b.Off
			}
			if time, length, ok := q.Pair([]Seed{a}, []Seed{b}); ok && costOf(time, length) == best {
				return a.Off + b.Off
			}
		}
	}
	return 0
}

func alikeOff(seeds []Seed) bool {
	for _, s := range seeds {
		if s.Off != seeds[0].Off {
			return false
		}
	}
	return true
}
