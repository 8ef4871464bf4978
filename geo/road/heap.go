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

// keys is a binary heap of numbers, the least on top.
type keys []uint64

func (h *keys) push(k uint64) {
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

func (h *keys) pop() uint64 {
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
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if last <= q[down] {
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

// nodes is a binary heap of nodes, the highest number on top.
type nodes []uint32

func (h *nodes) push(v uint32) {
	q := append(*h, v)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q[up] >= v {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = v
	*h = q
}

func (h *nodes) pop() uint32 {
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
		if down+1 < len(q) && q[down+1] > q[down] {
			down++
		}
		if last >= q[down] {
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
