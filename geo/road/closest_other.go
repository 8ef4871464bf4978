//go:build !amd64

package road

func sweepRows(_ *word, _ int, _ *arc, _, _ *uint32, _, _, _ int) (int, bool) {
	panic("road: no wide instructions here")
}
