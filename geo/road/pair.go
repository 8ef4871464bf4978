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

// Trip is the quickest way between two stops on their roads, without a junction
// or over them. ok is false if there is none.
func (q *Query) Trip(l *Locator, from, to *Snapped) (time, length uint32, ok bool) {
	time, length, ok = q.Pair(from.Out, to.In)
	if t, d, direct := l.Direct(from, to); direct && (!ok || costOf(t, d) < costOf(time, length)) {
		return t, d, true
	}
	return time, length, ok
}
