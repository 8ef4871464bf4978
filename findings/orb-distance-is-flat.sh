#!/usr/bin/env bash
# Package:  github.com/paulmach/orb v0.14.0 (Go module); PROJ 9.1.1 geod (Debian proj-bin 9.1.1-1+b1) as the judge.
# Source:   the Go documentation of orb/geo: Distance is "between two points on the earth", DistanceHaversine beside it
#           is more accurate; the source of Distance, which takes Pythagoras in an equirectangular plane.
# Guess:    the error is that of a sphere for an ellipsoid, half a percent at most.
# Seen:     Anchorage to Seattle is 1.2 % too long (2,342 km for 2,314), and Tromsø to Anchorage, across the Arctic, 44 %
#           (7,871 km for 5,457). Haversine is within 0.3 % of the ellipsoid for both.
# Matters:  distances to care are longest in the north. With a limit in kilometres people in Alaska, Canada and the Nordic
#           countries fall out of reach, and the nearest center may be another.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
command -v geod >/dev/null || apt-get install -yq proj-bin >/dev/null || exit 2
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
	var a, b orb.Point
	fmt.Fscan(os.Stdin, &a[1], &a[0], &b[1], &b[0])
	fmt.Println(geo.Distance(a, b), geo.DistanceHaversine(a, b))
}
GO
go mod tidy 2>/dev/null || exit 2
go build -o probe . || exit 2
while read -r name points; do
	true=$(echo "$points" | geod -I +ellps=WGS84 -F %.3f | awk '{print $3}')
	read -r flat sphere < <(echo "$points" | ./probe)
	awk -v n="$name" -v t="$true" -v f="$flat" -v s="$sphere" 'BEGIN {
		printf "%s: ellipsoid %.0f km, Distance %.0f km (%+.1f %%), DistanceHaversine %.0f km (%+.1f %%)\n", n, t/1e3, f/1e3, (f/t-1)*100, s/1e3, (s/t-1)*100 }'
	echo "$true $flat $sphere" >> off.txt
done <<'PLACES'
Anchorage-Seattle 61.22 -149.90 47.61 -122.33
Tromso-Anchorage 69.65 18.96 61.22 -149.90
PLACES
awk 'function off(x) { x = x/$1 - 1; return x < 0 ? -x : x }
	off($3) > .006 {bad = 1} NR == 1 && off($2) < .01 {bad = 1} NR == 2 && off($2) < .4 {bad = 1} END {exit bad || NR != 2}' off.txt
