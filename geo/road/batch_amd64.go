package road

import "golang.org/x/sys/cpu"

// wide reports whether eight times can be added and compared by one instruction
// (AVX2, since 2013). Answers are the same without.
var wide = cpu.X86.HasAVX2

// sweepEights computes count nodes from into on, of the nodes from out on, whose
// arcs lie from arcs on: what least does for each. Heads lie before their nodes
// and the last arc of each node is marked, as the half's soundness has it; where that
// does not hold any more, it stops and says how many nodes are left. end is the address
// behind the last arc, which is no pointer: something else may lie there.
//
//go:noescape
func sweepEights(out, into *Eight, arcs *arc, end uintptr, count int) (left int)
