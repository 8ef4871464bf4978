package road

// ranking orders the nodes that are left by what they weigh, the lightest on
// top. An item is the weight above and the node below.
type ranking struct{ items []uint64 }

// fill makes a heap of the items.
func (r *ranking) fill() {
	for i := len(r.items)/2 - 1; i >= 0; i-- {
		r.down(i, r.items[i])
	}
}

// second is the item below the top.
func (r *ranking) second() uint64 {
	switch q := r.items; len(q) {
	case 0, 1:
		return 1<<64 - 1
	case 2:
		return q[1]
	default:
		return min(q[1], q[2])
	}
}

// lower puts an item in the place of the top.
func (r *ranking) lower(item uint64) { r.down(0, item) }

// drop takes the top away.
func (r *ranking) drop() {
	last := r.items[len(r.items)-1]
	r.items = r.items[:len(r.items)-1]
	if len(r.items) > 0 {
		r.down(0, last)
	}
}

func (r *ranking) down(i int, item uint64) {
	q := r.items
	for {
		down := 2*i + 1
		if down >= len(q) {
			break
		}
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if item <= q[down] {
			break
		}
		q[i] = q[down]
		i = down
	}
	q[i] = item
}
