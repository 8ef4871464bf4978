package study

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"careshed/access/study/ground"
)

// tired is a context that ends the nth time that somebody looks at it, and counts how
// often it is looked at after that.
type tired struct {
	context.Context
	most int64
	seen atomic.Int64
	done chan struct{}
}

func tiredAfter(looks int64) *tired {
	return &tired{Context: context.Background(), most: looks, done: make(chan struct{})}
}

func (c *tired) Done() <-chan struct{} { return c.done }

func (c *tired) Err() error {
	n := c.seen.Add(1)
	if n == c.most+1 {
		close(c.done)
	}
	if n > c.most {
		return context.Canceled
	}
	return nil
}

// mostLooks is how often all the workers of a part may look at a context that has
// ended: each once or twice in each loop that it stands in.
const mostLooks = 60

// Whenever a study is cancelled, whichever part it is at, the part ends with that
// error after a few more steps, and none takes what it has for a result.
func TestEveryPartEndsWithItsContext(t *testing.T) {
	all := parts()
	ended := map[string]int{}
	r := rand.New(rand.NewPCG(31, 31))
	for range 40 {
		x := newRandomStudy(r)
		s := must(Parse(strings.NewReader(x.spec(1, 1)), nil))(t)
		in, err := ground.Load(t.Context(), x.world(t, 1, 1), s)
		if err != nil {
			continue
		}
		under := newStudy(in, func(Progress) {})
		for _, k := range ordered(all) {
			for looks := int64(0); ; looks += 1 + looks/3 {
				ctx := tiredAfter(looks)
				// What a part adds to the notes it adds again: they are not looked at here.
				err := find(ctx, under, k)
				after := ctx.seen.Load() - looks
				if after > mostLooks {
					t.Fatalf("part %s looked %d times at a context that had ended at look %d:\n%s", all[k].name, after, looks, x.spec(1, 1))
				}
				if after > 0 && !errors.Is(err, context.Canceled) {
					t.Fatalf("part %s, cancelled at look %d, ends with %v:\n%s", all[k].name, looks, err, x.spec(1, 1))
				}
				if after <= 0 {
					break
				}
				if looks > 0 {
					ended[all[k].name]++
				}
			}
			if err := find(t.Context(), under, k); err != nil {
				break // a study that is refused
			}
		}
	}
	for _, name := range []string{"travel", "scores", "areal", "capacity", "journey", "scenarios", "siting", "draws"} {
		if ended[name] == 0 {
			t.Errorf("part %s was never cancelled while it computed: %v", name, ended)
		}
	}
}

// A study cancelled at any look, from reading its layers to telling its result, ends
// with that error.
func TestEveryStudyEndsWithItsContext(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 32))
	ended := 0
	for range 25 {
		x := newRandomStudy(r)
		s, w := must(Parse(strings.NewReader(x.spec(1, 1)), nil))(t), x.world(t, 1, 1)
		whole := tiredAfter(1 << 60)
		if _, err := Run(whole, w, s, nil); err != nil {
			continue
		}
		for looks := int64(0); looks < whole.seen.Load(); looks += 1 + looks/2 {
			ctx := tiredAfter(looks)
			got, err := Run(ctx, w, s, nil)
			if ctx.seen.Load() > looks && (!errors.Is(err, context.Canceled) || got != nil) {
				t.Fatalf("cancelled at look %d of %d, the study ends with %v:\n%s", looks, whole.seen.Load(), err, x.spec(1, 1))
			}
			if after := ctx.seen.Load() - looks; after > mostLooks {
				t.Fatalf("it looked %d times at a context that had ended at look %d:\n%s", after, looks, x.spec(1, 1))
			}
			ended++
		}
	}
	if ended < 100 {
		t.Errorf("only %d studies were cancelled", ended)
	}
}

// Between two looks at the context lies no more work than a step: what a study asks
// for more often is looked at more often.
func TestLongLoopsLookAtTheirContext(t *testing.T) {
	for _, c := range []struct {
		name, ask   string
		small, more int
		least       int64 // looks more, at least
	}{
		{"permutations", "spatial: {of: [time_min], neighbours: nearest, k: 2, permutations: %d}\n", 9, 400_009, 10},
		{"draws of a gap", "inequality: [{gap: {groups: payer, between: [x, y], draws: %d}}]\n", 10, 110, 100},
		{"draws", "uncertainty: {draws: %d}\n", 2, 42, 40},
		{"scenarios", "scenarios: {%s}\n", 1, 11, 10},
		{"settings", "sensitivity: {limit_min: [%s]}\n", 1, 21, 20},
		{"grid", "grid: {2sfca.limit_min: [%s]}\n", 1, 21, 20},
	} {
		looks := func(n int) int64 {
			text := toySpec + "  - 2sfca: {limit_min: 30}\n"
			switch {
			case c.name == "scenarios":
				var all []string
				for i := range n {
					all = append(all, fmt.Sprintf("s%d: [{close: {id: c1}}]", i))
				}
				text += fmt.Sprintf(c.ask, strings.Join(all, ", "))
			case strings.Contains(c.ask, "%s"):
				var all []string
				for i := range n {
					all = append(all, fmt.Sprint(10+i))
				}
				text += fmt.Sprintf(c.ask, strings.Join(all, ", "))
			default:
				text += fmt.Sprintf(c.ask, n)
			}
			s := must(Parse(strings.NewReader(text), nil))(t)
			ctx := tiredAfter(1 << 60)
			if _, err := Run(ctx, toy(t), s, nil); err != nil {
				t.Fatalf("%s: %v\n%s", c.name, err, text)
			}
			return ctx.seen.Load()
		}
		few, many := looks(c.small), looks(c.more)
		if many-few < c.least {
			t.Errorf("%s: %d looks for %d, and %d for %d", c.name, few, c.small, many, c.more)
		}
	}
}
