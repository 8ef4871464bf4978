package travel

import (
	"context"

	"careshed/geo"
)

// Matrix is the legs of a query, those of place i at [Start[i] : Start[i+1]],
// in the order of the sites. Lengths is nil unless they were asked for. It is
// immutable once built.
type Matrix struct {
	Places, Sites int
	Start         []int
	Site          []int32
	Time          []Seconds
	Length        []geo.Metres
}

// Len is the number of legs.
func (m *Matrix) Len() int { return len(m.Site) }

// Row is the legs of a place.
func (m *Matrix) Row(place int) (sites []int32, times []Seconds) {
	a, b := m.Start[place], m.Start[place+1]
	return m.Site[a:b], m.Time[a:b]
}

// Collect gathers the legs of a query.
func Collect(ctx context.Context, e Engine, q Query) (*Matrix, error) {
	if t, ok := e.(*Table); ok {
		return t.collect(ctx, q)
	}
	m := &Matrix{Places: len(q.Places), Sites: len(q.Sites), Start: make([]int, len(q.Places)+1)}
	type column struct {
		place  []int32
		time   []Seconds
		length []geo.Metres
	}
	columns := make([]column, len(q.Sites))
	err := e.Sweep(ctx, q, func(site int, legs []Leg) error {
		c := column{place: make([]int32, len(legs)), time: make([]Seconds, len(legs))}
		if q.Lengths {
			c.length = make([]geo.Metres, len(legs))
		}
		for k, l := range legs {
			c.place[k], c.time[k] = l.Place, l.Time
			if q.Lengths {
				c.length[k] = l.Length
			}
			m.Start[l.Place+1]++
		}
		columns[site] = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range q.Places {
		m.Start[i+1] += m.Start[i]
	}
	n := m.Start[len(q.Places)]
	m.Site, m.Time = make([]int32, n), make([]Seconds, n)
	if q.Lengths {
		m.Length = make([]geo.Metres, n)
	}
	next := append([]int(nil), m.Start[:len(q.Places)]...)
	for j := range columns {
		c := &columns[j]
		for k, i := range c.place {
			at := next[i]
			next[i]++
			m.Site[at], m.Time[at] = int32(j), c.time[k]
			if q.Lengths {
				m.Length[at] = c.length[k]
			}
		}
		*c = column{} // the memory goes while the matrix grows
	}
	return m, nil
}
