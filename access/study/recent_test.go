package study

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access/study/ground"
)

// What the studies before chose and read is not changed by any of them: a study is the same
// again and again, beside others, and where nothing is kept.
func TestRecentChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 12))
	same := 0
	for range 15 {
		x := newRandomStudy(r)
		text := x.spec(1, 1)
		few := strings.Replace(text, "layer: towns", "layer: towns, where: {zone: {min: 0}}", 1)
		w := x.world(t, 1, 1)
		kept := w
		kept.Recent = new(ground.Recent)
		for _, text := range []string{text, few, text} {
			s := must(Parse(strings.NewReader(text), nil))(t)
			a, b := carried(t, w, s, ordered(parts())), carried(t, kept, s, ordered(parts()))
			if !bytes.Equal(a, b) {
				t.Fatalf("with what was kept the study differs:\n%s", text)
			}
			if a != nil {
				same++
			}
		}
	}
	if same < 20 {
		t.Errorf("only %d studies have a result", same)
	}
}
