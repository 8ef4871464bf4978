package access

import (
	"math"
	"slices"
	"testing"
)

// The default is the rate of the register; lines of one disease count a patient once,
// and other diseases add up.
func TestEligibleOfIndications(t *testing.T) {
	rate := func(own map[string]float64, keys ...string) float64 {
		r, x, err := EligibleOf(keys, own)
		if err != nil {
			t.Fatal(err)
		}
		if !(x[0] <= r && r <= x[1]) {
			t.Errorf("%v: %v is not within %v", keys, r, x)
		}
		return r
	}
	e, _ := Lookup("demand.eligible_per_100k")
	third, second, myeloma := rate(nil, "lbcl-3l"), rate(nil, "lbcl-2l"), rate(nil, "mm-4l")
	if third != e.Value {
		t.Errorf("the default is %v, the register has %v", third, e.Value)
	}
	both := rate(nil, "lbcl-3l", "lbcl-2l")
	if want := second + third*(1-178.0/506); math.Abs(both-want) > 1e-15 || both >= second+third || both <= third {
		t.Errorf("both lines: %v, want %v", both, want)
	}
	if again := rate(nil, "lbcl-2l", "lbcl-3l"); math.Abs(again-both) > 1e-15 {
		t.Errorf("in the other order %v", again)
	}
	if all := rate(nil, "lbcl-3l", "mm-4l"); math.Abs(all-third-myeloma) > 1e-15 {
		t.Errorf("two diseases: %v", all)
	}
	if own := rate(map[string]float64{"fl": 0.5}, "fl"); own != 0.5 {
		t.Errorf("a number of one's own: %v", own)
	}
}

// What has no number is an error, and so is what there is not.
func TestIndicationsWithoutANumber(t *testing.T) {
	none := 0
	for _, i := range Indications() {
		_, _, err := i.Per100k(0)
		if (err != nil) != (i.Evidence == "") {
			t.Errorf("%s: %v", i.Key, err)
		}
		if err != nil {
			none++
			if _, _, err := EligibleOf([]string{"lbcl-3l", i.Key}, nil); err == nil {
				t.Errorf("%s is added without a number", i.Key)
			}
		}
	}
	if none == 0 || none == len(Indications()) {
		t.Errorf("%d have no number", none)
	}
	if _, _, err := EligibleOf([]string{"none"}, nil); err == nil {
		t.Error("an indication that there is not")
	}
	if !slices.ContainsFunc(Indications(), func(i Indication) bool { return i.Key == "autoimmune" && i.Evidence == "" }) {
		t.Error("autoimmune disease has room, and no default")
	}
}
