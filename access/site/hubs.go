package site

import (
	"cmp"
	"slices"
)

// Hubs is the rule of hub and spoke: every opened site reports to a hub in
// range, and a hub takes at most Each spokes (0: any number).
type Hubs struct {
	InRange [][]Link // of each candidate
	Count   int      // number of hubs
	Each    int
}

// Link is a hub that a candidate could report to.
type Link struct {
	Hub  int32
	Time float64
}

// links assigns spokes to hubs. A spoke takes the nearest hub with room; where
// there is none, others move over if they can (an augmenting path), so that no
// spoke is refused whom some assignment would place.
type links struct {
	rule *Hubs
	in   [][]Link
	of   []int   // hub of each candidate, -1
	held [][]int // spokes of each hub
}

func newLinks(h *Hubs, candidates int) *links {
	l := &links{rule: h, of: make([]int, candidates)}
	for j := range l.of {
		l.of[j] = -1
	}
	if h == nil {
		return l
	}
	l.held = make([][]int, h.Count)
	l.in = make([][]Link, candidates)
	for j, in := range h.InRange {
		l.in[j] = slices.Clone(in)
		slices.SortFunc(l.in[j], func(a, b Link) int {
			return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Hub, b.Hub))
		})
	}
	return l
}

func (l *links) why(j int) string {
	if l.rule != nil && len(l.in[j]) == 0 {
		return "no hub within the limit"
	}
	return ""
}

// take finds a hub for j, if there is one.
func (l *links) take(j int) bool {
	if l.rule == nil {
		return true
	}
	return l.place(j, make([]bool, l.rule.Count))
}

// could reports whether take would find a hub for j, and leaves all as it is.
func (l *links) could(j int) bool {
	for _, k := range l.in[j] {
		if l.rule.Each == 0 || len(l.held[k.Hub]) < l.rule.Each {
			return true
		}
	}
	trial := &links{rule: l.rule, in: l.in, of: slices.Clone(l.of), held: make([][]int, len(l.held))}
	for k := range l.held {
		trial.held[k] = slices.Clone(l.held[k])
	}
	return trial.take(j)
}

func (l *links) place(j int, tried []bool) bool {
	for _, k := range l.in[j] {
		if l.rule.Each == 0 || len(l.held[k.Hub]) < l.rule.Each {
			l.held[k.Hub] = append(l.held[k.Hub], j)
			l.of[j] = int(k.Hub)
			return true
		}
	}
	for _, k := range l.in[j] {
		if tried[k.Hub] {
			continue
		}
		tried[k.Hub] = true
		for n, other := range l.held[k.Hub] {
			// Take other's seat if other finds one elsewhere.
			l.held[k.Hub][n] = j
			if l.place(other, tried) {
				l.of[j] = int(k.Hub)
				return true
			}
			l.held[k.Hub][n] = other
		}
	}
	return false
}

func (l *links) hub(j int) int { return l.of[j] }

// Assign gives each of the open sites a hub, the nearest with room where that
// leaves none without; false if some set of them cannot be placed.
func (h *Hubs) Assign(open []int) (hub []int, ok bool) {
	l := newLinks(h, len(h.InRange))
	for _, j := range open {
		if !l.take(j) {
			return nil, false
		}
	}
	for _, j := range open {
		hub = append(hub, l.hub(j))
	}
	return hub, true
}
