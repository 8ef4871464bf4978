package ground

import (
	"context"

	"careshed/access/study/spec"
)

// allowed refuses a study that asks for more work than whoever asks may have, now
// that it is known how many places there are.
func (in *Ground) allowed(context.Context) error {
	places, asker := float64(in.Places.Len()), in.World.Asker
	if u := in.Spec.Uncertainty; u != nil {
		if err := asker.Allows("drawn", "uncertainty.draws", float64(u.Draws)*places); err != nil {
			return err
		}
	}
	if x := in.Spec.Spatial; x != nil && x.Neighbours == "nearest" {
		filled := spec.Filled(*x)
		pairs := float64(filled.K) * places
		if err := asker.Allows("pairs", "spatial.k", pairs); err != nil {
			return err
		}
		if err := asker.Allows("permuted", "spatial.permutations", float64(filled.Permutations)*pairs*float64(len(x.Of))); err != nil {
			return err
		}
	}
	var draws float64
	for _, q := range in.Spec.Inequality {
		if q.Name == "gap" {
			draws += float64(spec.Filled(q).Draws)
		}
	}
	return asker.Allows("resampled", "inequality.gap.draws", draws*places*float64(len(in.Spec.Measures)))
}
