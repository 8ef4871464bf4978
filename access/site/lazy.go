package site

import (
	"container/heap"
	"slices"
)

// lazily opens one site after the other, each time the one that saves most,
// beginning with the forced ones. Savings only fall as sites open, so one
// computed earlier bounds today's and most sites need no second look (lazy
// greedy: Minoux 1978). Where nothing more saves anything it stops, once every
// region has the sites that it needs.
func (in *Instance) lazily() (open []int) {
	soft := in.softened()
	add := func(j int) {
		open = append(open, j)
		for k := in.colStart[j]; k < in.colStart[j+1]; k++ {
			i := in.colPlace[k]
			soft[i] = min(soft[i], in.cost[in.colAt[k]])
		}
	}
	gain := func(j int) float64 {
		sum := -in.rules.fee(j)
		for k := in.colStart[j]; k < in.colStart[j+1]; k++ {
			if d := soft[in.colPlace[k]] - in.cost[in.colAt[k]]; d > 0 {
				sum += d
			}
		}
		return sum
	}
	barred := make([]bool, in.sites)
	for _, j := range in.rules.Never {
		barred[j] = true
	}
	for _, j := range in.rules.Forced {
		barred[j] = true
		add(j)
	}
	var q gains
	for j := range in.sites {
		if !barred[j] {
			q = append(q, gained{int32(j), int32(len(open)), gain(j)})
		}
	}
	heap.Init(&q)
	var aside gains // allowed only once the regions have what they need
	for len(q) > 0 && len(open) < in.rules.pick(in.sites) {
		top := &q[0]
		if int(top.at) < len(open) {
			top.gain, top.at = gain(int(top.site)), int32(len(open))
			heap.Fix(&q, 0)
			continue
		}
		j, needed := int(top.site), in.rules.needed(open)
		saves := top.gain > 0
		entry := heap.Pop(&q).(gained)
		switch {
		case needed == 0 && !saves:
			return open
		case !in.mayAdd(open, j):
		case needed > 0 && in.rules.needed(append(slices.Clone(open), j)) == needed && (!saves || needed >= in.rules.pick(in.sites)-len(open)):
			aside = append(aside, entry)
		default:
			add(j)
			for _, e := range aside {
				heap.Push(&q, e)
			}
			aside = aside[:0]
		}
	}
	return open
}

// needed is how many sites the regions still need.
func (r *Rules) needed(open []int) int {
	if r.AtLeast == nil {
		return 0
	}
	need := slices.Clone(r.AtLeast)
	for _, j := range open {
		if g := r.Region[j]; g >= 0 {
			need[g]--
		}
	}
	sum := 0
	for _, k := range need {
		sum += max(0, k)
	}
	return sum
}

// mayAdd reports whether j may be opened beside open, under the rules that
// further sites cannot mend.
func (in *Instance) mayAdd(open []int, j int) bool {
	return in.rules.free() || in.breaks(append(slices.Clone(open), j)) == nil
}

// breaks is Check without what further sites can mend.
func (in *Instance) breaks(open []int) error {
	whole := in.rules
	partial := *in
	partial.rules.AtLeast, partial.rules.Forced = nil, nil
	if whole.AtLeast != nil && whole.AtMost == nil {
		partial.rules.AtMost = make([]int, len(whole.AtLeast))
		for g := range partial.rules.AtMost {
			partial.rules.AtMost[g] = -1
		}
	}
	return partial.Check(open)
}

// gained is what a site saved when so many were open.
type gained struct {
	site, at int32
	gain     float64
}

// gains is a heap, the largest first and of equals the first site.
type gains []gained

func (g gains) Len() int      { return len(g) }
func (g gains) Swap(a, b int) { g[a], g[b] = g[b], g[a] }
func (g gains) Less(a, b int) bool {
	return g[a].gain > g[b].gain || g[a].gain == g[b].gain && g[a].site < g[b].site
}
func (g *gains) Push(v any) { *g = append(*g, v.(gained)) }
func (g *gains) Pop() any {
	last := (*g)[len(*g)-1]
	*g = (*g)[:len(*g)-1]
	return last
}
