package study

import (
	"bytes"
	"encoding/json"
	"testing"

	"careshed/geo"
)

// A result that was kept is the result: summary, manifest, every layer and table.
func TestPackedResults(t *testing.T) {
	w := sitingWorld(t, 2)
	r := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: treated, stress: {worst: 1, plans: 1}}\nuncertainty: {draws: 5, seed: 1}\nscenarios:\n  x:\n    - close: {id: c1}\n")
	b, err := r.Pack()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unpack(b)
	if err != nil {
		t.Fatal(err)
	}
	same := func(name string, a, b any) {
		t.Helper()
		x, err := json.Marshal(a)
		y, err2 := json.Marshal(b)
		if err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("%s: %v %v\n%.400s\n%.400s", name, err, err2, x, y)
		}
	}
	same("summary", got.Summary, r.Summary)
	same("manifest", got.Manifest, r.Manifest)
	if got.Spec.Digest() != r.Spec.Digest() {
		t.Error("the spec is another")
	}
	if len(got.Layers) != len(r.Layers) || len(got.Tables) != len(r.Tables) || len(r.Tables) < 5 {
		t.Fatalf("%d layers and %d tables, want %d and %d", len(got.Layers), len(got.Tables), len(r.Layers), len(r.Tables))
	}
	for k, l := range append(append([]*geo.Layer{}, r.Layers...), r.Tables...) {
		other := append(append([]*geo.Layer{}, got.Layers...), got.Tables...)[k]
		if other.Name != l.Name || other.Len() != l.Len() {
			t.Fatalf("layer %s: %d rows, want %s with %d", other.Name, other.Len(), l.Name, l.Len())
		}
		for c, col := range l.Columns() {
			for i := range l.Len() {
				if a, b := other.Columns()[c].AppendText(nil, i), col.AppendText(nil, i); !bytes.Equal(a, b) {
					t.Fatalf("%s, row %d, %s: %s, want %s", l.Name, i, col.Name, a, b)
				}
			}
		}
	}
	for k := range b {
		if k%97 == 0 {
			b[k] ^= 1
			if _, err := Unpack(b); err == nil {
				t.Fatalf("byte %d changed, and it is a result", k)
			}
			b[k] ^= 1
		}
	}
}
