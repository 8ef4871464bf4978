package road

import (
	"context"
	"slices"

	"careshed/geo/travel"
)

// Table is a query made ready once, of which any sites are asked, in any order and as
// often as one likes: the legs of a site are the same whichever are asked with it. It may
// be asked from several goroutines.
type Table struct {
	j   *journeys
	row func(s *scratch, site int) // fills s.rows
}

// Table makes a query ready.
func (e *Engine) Table(ctx context.Context, q travel.Query) (t *Table, err error) {
	err = e.x.Guarded(func() (err error) { t, err = e.table(ctx, q); return err })
	return t, err
}

// Rows hands on the legs of the sites from one to before another, one after the other, as
// [Engine.Sweep] does of all.
func (t *Table) Rows(ctx context.Context, from, to int, each func(site int, legs []travel.Leg) error) error {
	return t.j.e.x.Guarded(func() error { return t.rows(ctx, from, to, each) })
}

// table chooses where the legs come from: where there are many sites from what the climbs
// of all places left in buckets, where there are few from a sweep over the network for each.
func (e *Engine) table(ctx context.Context, q travel.Query) (*Table, error) {
	j, err := e.journeys(ctx, q)
	if err != nil {
		return nil, err
	}
	way, back := From, To
	if q.Back {
		way, back = To, From
	}
	t := &Table{j: j, row: func(s *scratch, site int) { s.rows = j.scan(s, back, site) }}
	if climbCost*(len(q.Places)+len(q.Sites)) < sweepCost*e.x.n*len(q.Sites) {
		b, err := e.x.NewBuckets(ctx, way, j.placeSeeds, j.limit)
		if err != nil {
			return nil, err
		}
		t.row = func(s *scratch, site int) { s.rows = b.Row(s.query, j.siteSeeds[site], s.rows) }
	}
	return t, nil
}

func (t *Table) rows(ctx context.Context, from, to int, each func(site int, legs []travel.Leg) error) error {
	return t.j.e.inOrder(ctx, to-from, func(s *scratch, k int) { t.legs(s, from+k) }, func(k int, legs []travel.Leg) error { return each(from+k, legs) })
}

// legs are those of a site: by junctions, and by the ways that need none.
func (t *Table) legs(s *scratch, site int) {
	s.rows = s.rows[:0]
	if len(t.j.siteSeeds[site]) > 0 {
		t.row(s, site)
	}
	t.j.direct(site, func(place int32, time, length uint32) {
		at, is := slices.BinarySearchFunc(s.rows, place, func(l Leg, p int32) int { return int(l.Place) - int(p) })
		leg := Leg{place, time, length}
		switch {
		case !is:
			s.rows = slices.Insert(s.rows, at, leg)
		case costOf(time, length) < costOf(s.rows[at].Time, s.rows[at].Length):
			s.rows[at] = leg
		}
	})
	s.legs = s.legs[:0]
	for _, l := range s.rows {
		s.legs = append(s.legs, t.j.leg(l.Place, int32(site), l.Time, l.Length))
	}
}
