package osm

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"
)

// idSet is a set of ids that knows which were added more than once, or stand at the
// end of a road. Numbers of points that are near are near, so that it keeps what each
// adds to the one before: one to two bytes an id.
type idSet struct {
	most  int     // loose ids that are held; 0: mostLoose
	loose []int64 // id<<1 | shared, not in a run yet
	runs  []idRun // each in order, with the larger before the smaller; in the end one

	// Of the run that is left, every stride-th id<<1 | shared and where the next begins.
	first  []int64
	at     []uint64
	shared rank
}

const (
	mostLoose = 4 << 20
	stride    = 64
)

// idRun are ids<<1 | shared in order: n differences, from lowestID on, as varints.
type idRun struct {
	data []byte
	n    int
}

const lowestID = -1 << 62

// add appends an id, which is above the last.
func (r *idRun) add(v, last int64) {
	r.data = binary.AppendUvarint(r.data, uint64(v-last))
	r.n++
}

// each calls do for every id<<1 | shared, with the place where the next begins.
func (r *idRun) each(do func(v int64, next int)) {
	v := int64(lowestID)
	for at := 0; at < len(r.data); {
		d, n := binary.Uvarint(r.data[at:])
		at += n
		v += int64(d)
		do(v, at)
	}
}

// add adds the points of a road.
func (s *idSet) add(refs []byte) error {
	w := wire{data: refs}
	first, previous := true, int64(0)
	for len(w.data) > 0 {
		previous += w.signed()
		if w.bad {
			return errWire
		}
		if !within(previous, 1<<61) {
			return fmt.Errorf("node %d: no such number", previous)
		}
		end := int64(0)
		if first || len(w.data) == 0 {
			end = 1
		}
		first = false
		s.loose = append(s.loose, previous<<1|end)
	}
	most := s.most
	if most == 0 {
		most = mostLoose
	}
	if len(s.loose) >= most {
		s.pack()
	}
	return nil
}

// pack makes a run of what is loose, and one of two runs of about the same length.
func (s *idSet) pack() {
	slices.Sort(s.loose)
	var r idRun
	last := int64(lowestID)
	for i := 0; i < len(s.loose); {
		v := s.loose[i]
		for i++; i < len(s.loose) && s.loose[i]>>1 == v>>1; i++ {
			v |= 1
		}
		r.add(v, last)
		last = v
	}
	s.loose = s.loose[:0]
	s.runs = append(s.runs, r)
	for k := len(s.runs) - 1; k > 0 && s.runs[k-1].n <= 2*s.runs[k].n; k-- {
		s.runs = append(s.runs[:k-1], s.runs[k-1].merge(s.runs[k]))
	}
}

// merge is the ids of two runs, of which those that are in both are shared.
func (r idRun) merge(o idRun) idRun {
	out := idRun{data: make([]byte, 0, len(r.data)+len(o.data))}
	last, other, rest := int64(lowestID), int64(math.MaxInt64), o.data
	next := func() {
		d, n := binary.Uvarint(rest)
		if rest = rest[n:]; n == 0 {
			other = math.MaxInt64
			return
		}
		other += int64(d)
	}
	other = lowestID
	next()
	put := func(v int64) {
		out.add(v, last)
		last = v
	}
	r.each(func(v int64, _ int) {
		for other>>1 < v>>1 {
			put(other)
			next()
		}
		if other>>1 == v>>1 {
			v |= 1
			next()
		}
		put(v)
	})
	for other != math.MaxInt64 {
		put(other)
		next()
	}
	return out
}

// finish ends the growth: from then on ids are found.
func (s *idSet) finish() error {
	s.pack()
	s.loose = nil
	for k := len(s.runs) - 1; k > 0; k-- {
		s.runs = append(s.runs[:k-1], s.runs[k-1].merge(s.runs[k]))
	}
	n := s.len()
	if n > math.MaxInt32-1 {
		return fmt.Errorf("%d points of roads: more than %d are not supported; take an extract of a part", n, math.MaxInt32-1)
	}
	s.runs[0].data = slices.Clip(s.runs[0].data)
	s.first, s.at = make([]int64, 0, n/stride+1), make([]uint64, 0, n/stride+1)
	s.shared = newRank(n)
	i := 0
	s.runs[0].each(func(v int64, next int) {
		if i%stride == 0 {
			s.first, s.at = append(s.first, v), append(s.at, uint64(next))
		}
		if v&1 == 1 {
			s.shared.set(i)
		}
		i++
	})
	s.shared.count()
	return nil
}

// len is how many ids there are, once they are finished.
func (s *idSet) len() int {
	if len(s.runs) == 0 {
		return 0
	}
	return s.runs[0].n
}

// id is the one at a place.
func (s *idSet) id(i int) int64 {
	v, data := s.first[i/stride], s.runs[0].data[s.at[i/stride]:]
	for range i % stride {
		d, n := binary.Uvarint(data)
		v, data = v+int64(d), data[n:]
	}
	return v >> 1
}

// find is the place of an id, or one near where it would stand. It looks around a hint
// first: ids that follow each other lie close.
func (s *idSet) find(id int64, hint int) (int, bool) {
	b := s.stretch(id, hint/stride)
	if b < 0 {
		return 0, false
	}
	v, data := s.first[b], s.runs[0].data[s.at[b]:]
	last := min(stride*(b+1), s.len()) - 1
	for i := stride * b; ; i++ {
		if v>>1 >= id || i == last {
			return i, v>>1 == id
		}
		d, n := uint64(data[0]), 1
		if d >= 0x80 {
			d, n = binary.Uvarint(data)
		}
		v, data = v+int64(d), data[n:]
	}
}

// stretch is the last of first that is not above an id, -1 if there is none, by steps
// that double from a hint.
func (s *idSet) stretch(id int64, hint int) int {
	n := len(s.first)
	above := func(b int) bool { return s.first[b]>>1 > id }
	lo, hi := 0, n // those below lo are not above, those from hi on are
	if hint = min(hint, n-1); hint >= 0 && above(hint) {
		hi = hint
		for step := 1; hi-step >= 0; step *= 2 {
			if !above(hi - step) {
				lo = hi - step + 1
				break
			}
			hi -= step
		}
	} else if hint >= 0 {
		lo = hint + 1
		for step := 1; lo+step <= n; step *= 2 {
			if above(lo + step - 1) {
				hi = lo + step - 1
				break
			}
			lo += step
		}
	}
	return lo + sort.Search(hi-lo, func(k int) bool { return above(lo + k) }) - 1
}
