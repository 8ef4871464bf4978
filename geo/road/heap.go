package road

// entry is a node in a queue, with the number of arcs to it.
type entry struct {
	cost cost
	node uint32
	hops uint32
}

// entries is a binary heap, the least cost on top. Nodes are not unique in it:
// whoever pops one looks whether it is out of date.
type entries []entry

func (h *entries) push(e entry) {
	q := append(*h, e)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[up].cost <= e.cost {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = e
	*h = q
}

func (h *entries) pop() entry {
	q := *h
	top := q[0]
	last := q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	i := 0
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if down+1 < len(q) && q[down+1].cost < q[down].cost {
			down++
		}
		if last.cost <= q[down].cost {
			break
		}
		q[i] = q[down]
		i = down
	}
	if len(q) > 0 {
		q[i] = last
	}
	return top
}

// heap is a binary heap of numbers, the least on top.
type heap[T uint32 | uint64] []T

func (h *heap[T]) push(k T) {
	q := append(*h, k)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[up] <= k {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = k
	*h = q
}

func (h *heap[T]) pop() T {
	q := *h
	top, last := q[0], q[len(q)-1]
	*h = q[:len(q)-1]
	if len(*h) > 0 {
		h.down(0, last)
	}
	return top
}

// down puts k where i is, or below.
func (h *heap[T]) down(i int, k T) {
	q := *h
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if k <= q[down] {
			break
		}
		q[i] = q[down]
		i = down
	}
	q[i] = k
}

// fill makes a heap of numbers in any order.
func (h *heap[T]) fill() {
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.down(i, (*h)[i])
	}
}

// second is the number below the top.
func (h heap[T]) second() T {
	switch len(h) {
	case 0, 1:
		return ^T(0)
	case 2:
		return h[1]
	}
	return min(h[1], h[2])
}

// nodes is a heap of nodes, the highest number on top.
type nodes struct{ heap[uint32] }

func (h *nodes) push(v uint32) { h.heap.push(^v) }
func (h *nodes) pop() uint32   { return ^h.heap.pop() }
func (h *nodes) empty() bool   { return len(h.heap) == 0 }
