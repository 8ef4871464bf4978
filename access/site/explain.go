package site

import (
	"context"
)

func (in *Instance) impossible() error { return nil }

func (in *Instance) unserved(ctx context.Context) error {
	return infeasible("together", 0, 0, "no set of sites keeps all the rules and serves every place that must be served")
}
