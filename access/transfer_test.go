package access_test

import (
	"math/rand/v2"
	"testing"

	"careshed/access"
)

func TestAside(t *testing.T) {
	for _, c := range []struct {
		home, center int
		outside      bool
		want         string
	}{
		{2, 2, false, "own region"}, {2, 0, false, "another region"}, {2, -1, true, "another region"},
		{2, -1, false, "region not known"}, {-1, 2, false, "region not known"}, {-1, -1, true, "region not known"},
	} {
		if got := access.Aside(c.home, c.center, c.outside).String(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// The days of both sides have the mean they were split from, and lie so far apart.
func TestDaysBySide(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 100 {
		mean, more, share := r.Float64()*100, r.Float64()*5, r.Float64()
		own, another := access.DaysBySide(mean, more, share)
		if !near((1-share)*own+share*another, mean, 1e-9) || !near(another-own, more, 1e-9) {
			t.Fatalf("%v and %v days, of %v and %v more for %v", own, another, mean, more, share)
		}
	}
}
