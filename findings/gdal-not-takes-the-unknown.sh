#!/usr/bin/env bash
# Package:  GDAL 3.6.2 (Debian gdal-bin 3.6.2+dfsg-1+b2).
# Source:   ISO SQL (NOT of unknown is unknown, and WHERE keeps what is true); GDAL's documentation, "OGR SQL dialect",
#           which lists NOT and says nothing of missing values under it.
# Guess:    a feature whose minutes are missing is in neither of "minutes <= 60" and "NOT (minutes <= 60)".
# Seen:     in GeoJSON (and CSV, Shapefile, FlatGeobuf) NOT (minutes <= 60) takes it, while minutes > 60 does not; in the
#           GeoPackage of the same features neither does.
# Matters:  people whose time is not known are counted among those beyond an hour, or are not, by the format of the file
#           and by the way in which the same condition is written.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
command -v ogr2ogr >/dev/null || apt-get install -yq gdal-bin >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
ogr2ogr --version
cat > places.geojson <<'JSON'
{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"people": 100, "minutes": 30}, "geometry": {"type": "Point", "coordinates": [9, 45]}},
{"type": "Feature", "properties": {"people": 2000, "minutes": 90}, "geometry": {"type": "Point", "coordinates": [10, 45]}},
{"type": "Feature", "properties": {"people": 30000, "minutes": null}, "geometry": {"type": "Point", "coordinates": [11, 45]}}]}
JSON
ogr2ogr places.gpkg places.geojson
people() { ogr2ogr -f CSV /vsistdout/ "$1" -select people -where "$2" | awk -F, 'NR > 1 {gsub(/"/, ""); n += $1} END {print n + 0}'; }
seen=
for file in places.geojson places.gpkg; do
	for where in "minutes <= 60" "minutes > 60" "NOT (minutes <= 60)"; do
		n=$(people "$file" "$where")
		echo "$file: people where $where: $n"
		seen="$seen $n"
	done
done
[ "$seen" = " 100 2000 32000 100 2000 2000" ]
