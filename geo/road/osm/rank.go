package osm

import "math/bits"

// rank is a set of small numbers that knows how many members stand before one.
type rank struct {
	bits   []uint64
	before []uint32 // of each word
	total  int
}

func newRank(n int) rank { return rank{bits: make([]uint64, n/64+1)} }

func (r *rank) set(i int)      { r.bits[i/64] |= 1 << (i % 64) }
func (r *rank) has(i int) bool { return r.bits[i/64]>>(i%64)&1 == 1 }

// count makes of ready.
func (r *rank) count() {
	r.before = make([]uint32, len(r.bits))
	sum := 0
	for i, w := range r.bits {
		r.before[i] = uint32(sum)
		sum += bits.OnesCount64(w)
	}
	r.total = sum
}

// of is how many members are below i.
func (r *rank) of(i int) int {
	return int(r.before[i/64]) + bits.OnesCount64(r.bits[i/64]&(1<<(i%64)-1))
}

// members calls each for every member in order.
func (r *rank) members(each func(i int)) {
	for w, word := range r.bits {
		for ; word != 0; word &= word - 1 {
			each(w*64 + bits.TrailingZeros64(word))
		}
	}
}
