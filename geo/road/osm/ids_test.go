package osm

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// roadOf is the points of a road as a file has them.
func roadOf(ids ...int64) (refs []byte) {
	last := int64(0)
	for _, id := range ids {
		refs = binary.AppendVarint(refs, id-last)
		last = id
	}
	return refs
}

// An id is found from any hint, whatever runs it was kept in; shared are those that were
// added twice, and the ends of roads.
func TestFind(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, most := range []int{0, 1, 7, 100} {
		s, want := idSet{most: most}, map[int64]bool{}
		for range 300 {
			ids := []int64{r.Int64N(500) - 100, r.Int64N(1 << 40), -1 << 61, 1 << 61, r.Int64N(5000)}[r.IntN(3):][:1+r.IntN(2)]
			for range r.IntN(10) {
				ids = append(ids, r.Int64N(3000))
			}
			if err := s.add(roadOf(ids...)); err != nil {
				t.Fatal(err)
			}
			for k, id := range ids {
				_, twice := want[id]
				want[id] = twice || k == 0 || k == len(ids)-1 || want[id]
			}
		}
		if err := s.finish(); err != nil {
			t.Fatal(err)
		}
		all := slices.Sorted(maps.Keys(want))
		if s.len() != len(all) {
			t.Fatalf("%d ids, want %d", s.len(), len(all))
		}
		for i, id := range all {
			if s.id(i) != id || s.shared.has(i) != want[id] {
				t.Errorf("id %d is %d, shared %v; want %d, %v", i, s.id(i), s.shared.has(i), id, want[id])
			}
			for hint := 0; hint <= len(all); hint += 1 + r.IntN(200) {
				if at, ok := s.find(id, hint); at != i || !ok {
					t.Fatalf("%d from %d: %d %v", id, hint, at, ok)
				}
				if at, ok := s.find(id+1, hint); ok != (i+1 < len(all) && all[i+1] == id+1) {
					t.Fatalf("%d from %d: at %d %v", id+1, hint, at, ok)
				}
			}
		}
	}
	if _, ok := (&idSet{}).find(3, 0); ok {
		t.Fatal("found in nothing")
	}
}

func TestNoSuchNode(t *testing.T) {
	var s idSet
	if err := s.add(roadOf(1<<61 + 1)); err == nil {
		t.Error("a number that no node has was taken")
	}
}
