//go:build !amd64

package road

const wide = false

func sweepEights(_, _ *Eight, _ *arc, _ uintptr, _ int) int { panic("road: no wide instructions here") }
