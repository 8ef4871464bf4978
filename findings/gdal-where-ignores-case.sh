#!/usr/bin/env bash
# Package:  GDAL 3.6.2 (Debian gdal-bin 3.6.2+dfsg-1+b2).
# Source:   GDAL's documentation, "OGR SQL dialect" (WHERE: texts are compared without regard to case); the drivers of
#           databases hand the condition to the database instead.
# Guess:    -where "id = 'aB1'" finds the features whose id is aB1, in every format alike.
# Seen:     in GeoJSON (and CSV, Shapefile, FlatGeobuf) it finds Ab1, aB1 and ab1; in the GeoPackage of the same features
#           one. The people of three places are summed for one. With -dialect sqlite, whose = regards case, the GeoJSON gives
#           three as well: the comparison is handed to the layer and not made again.
# Matters:  ids made of letters of both cases are common (base 62, short links, registers of hospitals). Converting a
#           layer to another format changes the result of the same command.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
command -v ogr2ogr >/dev/null || apt-get install -yq gdal-bin >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
ogr2ogr --version
cat > places.geojson <<'JSON'
{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"id": "aB1", "people": 100}, "geometry": {"type": "Point", "coordinates": [9, 45]}},
{"type": "Feature", "properties": {"id": "Ab1", "people": 2000}, "geometry": {"type": "Point", "coordinates": [10, 45]}},
{"type": "Feature", "properties": {"id": "ab1", "people": 30000}, "geometry": {"type": "Point", "coordinates": [11, 45]}}]}
JSON
ogr2ogr places.gpkg places.geojson
people() { ogr2ogr -f CSV /vsistdout/ "$1" -select people -where "id = 'aB1'" | awk -F, 'NR > 1 {gsub(/"/, ""); n += $1} END {print n + 0}'; }
json=$(people places.geojson); gpkg=$(people places.gpkg)
lite=$(ogr2ogr -f CSV /vsistdout/ places.geojson -dialect sqlite -sql "SELECT sum(people) AS people FROM places WHERE id = 'aB1'" | tail -1 | tr -d '"')
echo "people where id = 'aB1': GeoJSON $json, GeoPackage $gpkg, GeoJSON with -dialect sqlite ${lite%,}; there are 100"
[ "$json" = 32100 ] && [ "$gpkg" = 100 ] && [ "${lite%,}" = 32100 ]
