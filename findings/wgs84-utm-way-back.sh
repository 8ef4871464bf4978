#!/usr/bin/env bash
# Package:  github.com/wroge/wgs84 v1.1.7 (Go module); PROJ 9.1.1 (Debian proj-bin 9.1.1-1+b1) as the judge.
# Source:   the package's Go documentation (UTM, Transform); EPSG 9807, the Transverse Mercator of EPSG Guidance Note 7-2.
# Guess:    there and back through UTM gives the place again, to a millimetre or a few centimetres at worst.
# Seen:     the way there is right to 4 cm (6 E, 60 N, the edge of zone 32); the way back lands 9.6 m off. In the middle
#           of the zone both are right, so a test with one place in it passes.
# Matters:  registers hold addresses in UTM. Ten metres change the road, the tract and the side of a border to which
#           a home or a clinic is given, and only towards the edges of a zone.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
command -v cs2cs >/dev/null || apt-get install -yq proj-bin >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
go mod init probe 2>/dev/null; go get github.com/wroge/wgs84@v1.1.7 2>/dev/null || exit 2
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/wroge/wgs84"
)

func main() {
	var lon, lat, east, north float64
	for {
		if n, _ := fmt.Fscan(os.Stdin, &lon, &lat, &east, &north); n < 4 {
			return
		}
		x, y, _ := wgs84.Transform(wgs84.LonLat(), wgs84.UTM(32, true))(lon, lat, 0)
		backLon, backLat, _ := wgs84.Transform(wgs84.UTM(32, true), wgs84.LonLat())(east, north, 0)
		fmt.Printf("%g %g %.4f %.4f %.9f %.9f\n", lon, lat, x-east, y-north, backLon, backLat)
	}
}
GO
go build -o probe . || exit 2
for place in "9 45" "6 60" "12 60"; do
	echo "$place $(echo "$place" | cs2cs -f %.4f OGC:CRS84 EPSG:32632 | awk '{print $1, $2}')"
done > true.txt
cs2cs 2>&1 | head -1 | sed 's/^/PROJ /'
./probe < true.txt | while read -r lon lat de dn backlon backlat; do
	off=$(echo "$lat $lon $backlat $backlon" | geod -I +ellps=WGS84 -f %.3f -F %.3f | awk '{print $3}')
	there=$(awk -v a="$de" -v b="$dn" 'BEGIN {printf "%.3f", sqrt(a*a + b*b)}')
	echo "$lon E, $lat N: the way there is $there m off PROJ's, the way back from PROJ's metres $off m off the place"
	echo "$there $off" >> off.txt
done
# First the middle of the zone, then its edges.
awk 'NR == 1 && ($1 > .01 || $2 > .01) {bad = 1} NR > 1 && ($1 > .1 || $2 < 5) {bad = 1} END {exit bad || NR != 3}' off.txt
