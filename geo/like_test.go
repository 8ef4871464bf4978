package geo_test

import (
	"testing"

	"careshed/geo"
)

func TestLike(t *testing.T) {
	for word, want := range map[string]string{"wieght": "weight", "Weight": "weight", "wait": "", "xyz": "", "regoins": "regions"} {
		if got := geo.Like(word, []string{"weight", "regions", "layer"}); got != want {
			t.Errorf("%q is like %q, want %q", word, got, want)
		}
	}
}
