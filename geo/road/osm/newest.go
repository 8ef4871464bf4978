package osm

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"io"
	"time"
)

// A file that was merged of several, of neighbouring regions or of two days, may
// hold an element several times: of these the newest counts, by its version, then
// by its date, and what is the same once. Most files are in order of the numbers
// and hold nothing twice; others are read again with an eye to the ages.

// age tells an element from its earlier self. gone is one that was deleted.
type age struct {
	version int32
	stamp   time.Time
	gone    bool
}

func (a age) compare(b age) int {
	return cmp.Or(cmp.Compare(a.version, b.version), a.stamp.Compare(b.stamp))
}

// aged is the newest of an element so far, and the sum of what it says.
type aged struct {
	age
	sum uint64
}

// newer takes the newer of two; two that are as old and say different things are
// an error, since nobody knows which is right.
func (a aged) newer(b aged, what string, id int64) (aged, error) {
	switch a.compare(b.age) {
	case -1:
		return b, nil
	case 0:
		if a.sum != b.sum || a.gone != b.gone {
			return a, fmt.Errorf("%s %d is there twice, differs, and neither its version nor its date tells which is newer; accepted: one extract, or several of one moment", what, id)
		}
	}
	return a, nil
}

// sums of what elements say, the same within one run.
var seed = maphash.MakeSeed()

// sum is that of a way: its points and its tags, in whatever order.
func (w *rawWay) sum() uint64 {
	sum := maphash.Bytes(seed, w.refs)
	for k, v := range w.tags {
		if v != "" {
			sum += maphash.Comparable(seed, [2]string{string(rune(k)), v})
		}
	}
	return sum
}

// inOrder says whether the numbers of elements only grow: none is there twice.
type inOrder struct {
	first, last int64
	some, not   bool
}

func (o *inOrder) see(id int64) {
	o.not = o.not || o.some && id <= o.last
	if !o.some {
		o.first, o.some = id, true
	}
	o.last = id
}

// then goes on with the elements of the next block.
func (o *inOrder) then(next inOrder) {
	if !next.some {
		return
	}
	o.not = o.not || next.not || o.some && next.first <= o.last
	o.last, o.some = next.last, true
}

// newestWays finds the newest of every way that is a road at some time.
func (im *importer) newestWays(ctx context.Context, r io.Reader) error {
	im.newestWay = make(map[int64]aged, len(im.roads))
	for _, w := range im.roads {
		im.newestWay[w.id] = aged{}
	}
	type one struct {
		id int64
		aged
	}
	decode := func(data []byte) (out []one, err error) {
		b, err := parseBlock(data)
		if err != nil {
			return nil, err
		}
		err = b.ways(func(w *rawWay) error {
			if _, road := im.newestWay[w.id]; road {
				out = append(out, one{w.id, aged{w.age, w.sum()}})
			}
			return nil
		})
		return out, err
	}
	known := make(map[int64]aged, len(im.roads))
	take := func(found []one, end int64) error {
		for _, w := range found {
			best, is := known[w.id]
			if !is {
				best = w.aged
			}
			var err error
			if known[w.id], err = best.newer(w.aged, "way", w.id); err != nil {
				return err
			}
		}
		im.report(Progress{1, end})
		return nil
	}
	if err := walk(ctx, r, func(header) error { return nil }, decode, take); err != nil {
		return err
	}
	im.newestWay = known
	return nil
}

// current says whether a way is the newest of its number.
func (im *importer) current(w *rawWay) bool {
	if im.newestWay == nil {
		return !w.age.gone
	}
	best, is := im.newestWay[w.id]
	return is && !w.age.gone && w.age.compare(best.age) == 0
}
