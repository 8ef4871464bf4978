package ground

import (
	"runtime"
	"testing"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"
)

// What is kept stays within its bytes, the latest used last to go; a layer that nobody else
// holds goes with what was kept of it.
func TestRecentIsBounded(t *testing.T) {
	layer := func(rows int) *geo.Layer {
		v := make([]float64, rows)
		l, err := geo.NewTable(geo.About{Name: "t"}, nil, geo.Numbers(geo.Field{Name: "n"}, v))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	var r Recent
	bytes := func() (sum int64) {
		for _, x := range r.kept {
			sum += x.bytes
		}
		return sum
	}
	all := spec.Where{{Field: "n", Values: []string{"0"}}}
	l := layer(100_000)
	first, err := r.choose(l, all)
	if err != nil || first.Len() != l.Len() {
		t.Fatal(first, err)
	}
	for k := range 60 {
		if again, _ := r.choose(l, all); again != first {
			t.Fatalf("after %d others it is found again", k)
		}
		other := spec.Where{{Field: "n", Max: float64(k)}}
		if _, err := r.choose(l, other); err != nil {
			t.Fatal(err)
		}
		if bytes() > mostRecent {
			t.Fatalf("%d bytes are kept", bytes())
		}
	}
	if large, err := r.choose(layer(mostRecent/40), all); err != nil || large == nil || len(r.kept) > 10 {
		t.Errorf("%v, %d kept", err, len(r.kept))
	}
	if none, err := r.choose(l, spec.Where{{Field: "n", Values: []string{"1"}}}); none != nil || err != nil {
		t.Error(none, err)
	}
	if _, err := r.choose(l, spec.Where{{Field: "m"}}); err == nil {
		t.Error("no such field")
	}
	runtime.KeepAlive(l)
	runtime.KeepAlive(first)
	l, first = nil, nil
	for k := range 3 { // a part goes first, and then what was read of it
		runtime.GC()
		if _, err := r.read(role.Amount, layer(k+1), "n"); err != nil {
			t.Fatal(err)
		}
	}
	if bytes() > 1<<14 {
		t.Errorf("%d bytes of layers that are gone", bytes())
	}
}
