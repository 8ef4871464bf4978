#!/usr/bin/env bash
# Package:  PostGIS 3.3.2 on PostgreSQL 15 (Debian postgresql-15-postgis-3 3.3.2+dfsg-1+b1).
# Source:   PostGIS manual, operator <-> (a remark: for geography it is that of a sphere) and ST_Distance (the spheroid, if
#           nothing else is said).
# Guess:    ORDER BY at <-> here LIMIT 1 finds the place of the least ST_Distance(at, here), both of type geography: the first
#           is the indexed form of the second.
# Seen:     of a center 100.2 km east and one 100.1 km north of a town at the equator <-> gives the one in the east, and says
#           that it is 100,076 m away; by ST_Distance it is 100,188 m, and the one in the north is nearer, 100,070 m. With
#           an index and without.
# Matters:  who assigns towns to their nearest hospital by <->, as the manuals of the index advise, sends some to another
#           than the nearest, and shows distances that differ from those of ST_Distance by up to half a percent.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
bin=/usr/lib/postgresql/15/bin
[ -x $bin/initdb ] && [ -f /usr/share/postgresql/15/extension/postgis.control ] || apt-get install -yq postgresql-15-postgis-3 >/dev/null || exit 2
tmp=$(mktemp -d); chmod 777 "$tmp"; cd "$tmp"
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
trap 'as $bin/pg_ctl -D "$tmp/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$tmp"' EXIT
as $bin/initdb -D "$tmp/db" -A trust -U postgres >/dev/null || exit 2
as $bin/pg_ctl -D "$tmp/db" -l "$tmp/log" -o "-c listen_addresses= -k $tmp" -w start >/dev/null || exit 2
sql() { as psql -h "$tmp" -U postgres -qAtF ' ' -c "$1"; }
sql "CREATE EXTENSION postgis; CREATE TABLE center (name text, at geography(Point));
     INSERT INTO center VALUES ('east', 'POINT(0.9 0)'), ('north', 'POINT(0 0.905)')"
sql "SELECT postgis_full_version()" | cut -c1-60
here="'POINT(0 0)'::geography"
nearest() { sql "SET enable_seqscan = $1; SELECT name, round((at <-> $here)::numeric) FROM center ORDER BY at <-> $here LIMIT 1"; }
plain=$(nearest on)
sql "CREATE INDEX ON center USING gist (at)"
indexed=$(nearest off)
least=$(sql "SELECT name, round(ST_Distance(at, $here)::numeric) FROM center ORDER BY ST_Distance(at, $here) LIMIT 1")
echo "nearest by <->: $plain m; with an index: $indexed m; by ST_Distance: $least m"
[ "$plain" = "east 100076" ] && [ "$indexed" = "east 100076" ] && [ "$least" = "north 100070" ]
