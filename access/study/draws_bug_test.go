package study

import (
	"context"
	"errors"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo/travel"
)

// broken is a finding with a bug in its draws.
type broken struct{}

func (broken) Draw(context.Context, finding.Draw, *finding.Drawn) error { panic("oops") }

// Tell is that of a finding.
func (broken) Tell(context.Context) error { return nil }

// A bug in a draw is an error of its study, and not the end of the program, though each
// draw is found in a goroutine of its own.
func TestABugInADraw(t *testing.T) {
	d := &draws{Study: &finding.Study{Found: []finding.Finding{broken{}}}}
	for _, one := range d.drawAll(t.Context(), make([]finding.Draw, 5)) {
		var bug *travel.PanicError
		if got := <-one; !errors.As(got.Err, &bug) || bug.Value != "oops" {
			t.Errorf("%v", got.Err)
		}
	}
}
