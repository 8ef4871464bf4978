package study

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// carried is a study of which the parts are found in a given order: its layers, tables
// and summary, with the notes sorted, for they stand in the order of finding. nil is a
// study that is refused.
func carried(t *testing.T, w World, s spec.Spec, order []int) []byte {
	t.Helper()
	in, err := ground.Load(context.Background(), w, s)
	if err != nil {
		return nil
	}
	under := newStudy(in, func(Progress) {})
	for _, k := range order {
		if err := find(context.Background(), under, k); err != nil {
			return nil
		}
	}
	r, err := tell(context.Background(), under)
	if err != nil {
		return nil
	}
	slices.SortFunc(r.Summary.Notes, func(a, b Note) int { return strings.Compare(a.Text, b.Text) })
	var out bytes.Buffer
	for _, l := range append(r.Layers, r.Tables...) {
		out.Write(must(l.MarshalBinary())(t))
	}
	if err := json.NewEncoder(&out).Encode(r.Summary); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Each part declares all that it needs: found in another order that keeps to what is
// declared, every study is the same.
func TestPartsDeclareWhatTheyNeed(t *testing.T) {
	all := parts()
	last := slices.Clone(all)
	slices.Reverse(last)
	other := ordered(last)
	for i, k := range other {
		other[i] = len(all) - 1 - k
	}
	if slices.Equal(other, ordered(all)) {
		t.Fatal("there is one order only")
	}
	r := rand.New(rand.NewPCG(16, 16))
	same := 0
	for range 60 {
		x := newRandomStudy(r)
		s := must(Parse(strings.NewReader(x.spec(1, 1)), nil))(t)
		w := x.world(t, 1, 1)
		a, b := carried(t, w, s, ordered(all)), carried(t, w, s, other)
		if !bytes.Equal(a, b) {
			t.Fatalf("found in the order %v the study differs:\n%s", other, x.spec(1, 1))
		}
		if a != nil {
			same++
		}
	}
	if same < 30 {
		t.Errorf("only %d studies have a result", same)
	}
}

// Parts that need each other, or one that is none, are a fault in the table.
func TestOrderOfParts(t *testing.T) {
	if got := ordered([]part{{name: "a", needs: "c"}, {name: "b"}, {name: "c", needs: "b"}}); !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("found %v", got)
	}
	for name, wrong := range map[string][]part{
		"a circle": {{name: "a", needs: "b"}, {name: "b", needs: "a"}},
		"no part":  {{name: "a", needs: "b"}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", name)
				}
			}()
			ordered(wrong)
		}()
	}
}
