package osm_test

import (
	"fmt"
	"strings"
	"testing"

	"careshed/geo/road"
)

// Edges say of which ways they are, from one end to the other, and how long it takes to
// drive along each: without gates and signals, and none for a gate alone.
func TestOrigins(t *testing.T) {
	n, _ := imported(t, cross+`
		node 7 0.0035 0 highway=traffic_signals
		node 8 0.004 0
		way 21 1,2 highway=residential
		way 22 2,3 highway=residential
		way 23 7,4,3 highway=residential oneway=-1
		way 25 7,8 highway=residential oneway=yes
		way 24 5,3,6 highway=primary
	`)
	var got []string
	for e := range n.Edges {
		text := ""
		for _, r := range n.Ways.Of(e) {
			times := strings.ReplaceAll(fmt.Sprintf("%d/%d", r.Ahead, r.Back), fmt.Sprint(road.Never), "-")
			text += fmt.Sprintf(" %d %s %s %d", r.Way, n.Ways.Classes[r.Class], times, r.Length)
		}
		got = append(got, strings.TrimSpace(text))
	}
	want := strings.Join([]string{
		"21 residential 16030/16030 1113 22 residential 16030/16030 1113",
		"25 residential -/8015 557 23 residential -/24045 1670",
		"24 primary 6124/6124 1106",
		"24 primary 6124/6124 1106",
	}, "\n")
	if strings.Join(got, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
