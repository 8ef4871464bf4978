#!/usr/bin/env bash
# Package:  github.com/paulmach/orb v0.14.0 (Go module).
# Source:   the Go documentation of orb/geo.NewBoundAroundPoint (a bound from a center and a distance in metres) and
#           orb.Bound.Contains; RFC 7946, 5.2, where a box whose west is larger than its east crosses the antimeridian.
# Guess:    the box round a point holds the point, or an error says that the antimeridian is in the way.
# Seen:     within the distance of 180 degrees the box has its west at 179.4 and its east at -179.6, and Contains is
#           false for every point on earth, its own center among them; Intersects finds no neighbour.
# Matters:  a search for centers round Taveuni (Fiji) or Chukotka by box finds none, and the places count as
#           places without any center near.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
go mod init probe 2>/dev/null; go get github.com/paulmach/orb@v0.14.0 2>/dev/null || exit 2
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

func main() {
	seen := true
	for _, p := range []struct {
		name   string
		center orb.Point
		wants  bool
	}{{"Suva", orb.Point{178.44, -18.14}, true}, {"Taveuni", orb.Point{179.97, -16.83}, false}} {
		box := geo.NewBoundAroundPoint(p.center, 50000)
		near := geo.PointAtBearingAndDistance(p.center, 270, 20000)
		fmt.Printf("%s: the box of 50 km is %.2f to %.2f; holds its center: %v, holds a point at 20 km to the west: %v\n",
			p.name, box.Min.Lon(), box.Max.Lon(), box.Contains(p.center), box.Contains(near))
		seen = seen && box.Contains(p.center) == p.wants && box.Contains(near) == p.wants
	}
	if !seen {
		os.Exit(1)
	}
}
GO
go mod tidy 2>/dev/null || exit 2
go build -o probe . || exit 2
./probe
