package study

import (
	"errors"
	"strings"
	"testing"

	"careshed/access/study/spec"
)

// A study takes all that it needs from its budget and no more than it says: it is
// carried out with just that, and refused with a byte less, whatever part asks for it.
// More of what a part counts needs more.
func TestStudiesTakeTheirShare(t *testing.T) {
	carry := func(text string, most int64) (taken int64, err error) {
		b := NewBudget(most)
		w := toy(t)
		w.Share = b.Share(nil)
		_, err = Run(t.Context(), w, must(Parse(strings.NewReader(text), nil))(t), nil)
		taken = b.Used()
		w.Share.Give()
		if b.Used() != 0 {
			t.Errorf("%d bytes are not given back", b.Used())
		}
		return taken, err
	}
	plain, err := carry(toySpec, 1<<40)
	if err != nil || plain < 1<<20 {
		t.Fatalf("%d bytes, %v", plain, err)
	}
	for _, c := range []struct{ name, less, more string }{
		{"draws", "uncertainty: {draws: 2}\n", "uncertainty: {draws: 20}\n"},
		{"ways", "  - 2sfca: {limit_min: 30}\n", "  - 2sfca: {limit_min: 600}\n"},
		{"offers", "siting: {goal: mean_time, pick: 1}\n", "siting: {goal: mean_time, pick: 1, stress: {}}\n"},
		{"neighbours", "spatial: {of: [time_min], neighbours: nearest, k: 1}\n", "spatial: {of: [time_min], neighbours: nearest, k: 2}\n"},
		{"scenarios", "scenarios: {a: [{close: {id: c1}}]}\n", "scenarios: {a: [{close: {id: c1}}], b: [{close: {id: c1}}]}\n"},
		{"other units", "", "areal: {by: country}\n"},
	} {
		less, err := carry(toySpec+c.less, 1<<40)
		more, failed := carry(toySpec+c.more, 1<<40)
		if err = errors.Join(err, failed); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if less < plain || more <= less {
			t.Errorf("%s: %d bytes for less, %d for more, %d without", c.name, less, more, plain)
		}
		if _, err := carry(toySpec+c.more, more); err != nil {
			t.Errorf("%s, with just what it needs: %v", c.name, err)
		}
		var full *NoMemory
		if _, err := carry(toySpec+c.more, more-1); !errors.As(err, &full) || !full.Never || full.Most != more-1 {
			t.Errorf("%s, with a byte less: %v", c.name, err)
		}
		var refused *spec.SpecError
		if errors.As(err, &refused) {
			t.Errorf("%s: no fault of the study's: %v", c.name, err)
		}
	}
}
