#!/usr/bin/env bash
# Package:  pgRouting 3.4.2 on PostgreSQL 15 (Debian postgresql-15-pgrouting 3.4.2-1).
# Source:   pgRouting's manual: pgr_dijkstraCost and pgr_dijkstraCostMatrix give no row where the start is the end.
# Guess:    a table of costs from every village to every hospital has a row for each pair that a road joins, and 0 for the
#           village at whose junction the hospital stands.
# Seen:     the pair of one junction has no row, just as the pair without any road has none. Of four villages of 1,000 people
#           one lives at the hospital's junction, two 20 and 70 minutes away, one on an island: joined to the table, 1,000 of
#           2,000 are within half an hour, and the mean is 45 minutes; a LEFT JOIN finds 2,000 people without a way. It is
#           2,000 of 3,000, 30 minutes and 1,000.
# Matters:  towns and their hospitals are taken to the nearest junction of a network, and the larger the town the likelier it
#           is the same one. Who has the shortest way falls out of shares and means, or is taken for cut off from care.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
bin=/usr/lib/postgresql/15/bin
[ -x $bin/initdb ] && [ -f /usr/share/postgresql/15/extension/pgrouting.control ] || apt-get install -yq postgresql-15-pgrouting >/dev/null || exit 2
tmp=$(mktemp -d); chmod 777 "$tmp"; cd "$tmp"
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
trap 'as $bin/pg_ctl -D "$tmp/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$tmp"' EXIT
as $bin/initdb -D "$tmp/db" -A trust -U postgres >/dev/null || exit 2
as $bin/pg_ctl -D "$tmp/db" -l "$tmp/log" -o "-c listen_addresses= -k $tmp" -w start >/dev/null || exit 2
sql() { as psql -h "$tmp" -U postgres -qAtF ' ' -c "$1"; }
sql "SET client_min_messages = error; CREATE EXTENSION pgrouting CASCADE;
     CREATE TABLE road (id int, source int, target int, cost float, reverse_cost float);
     INSERT INTO road VALUES (1, 1, 2, 20, 20), (2, 2, 3, 50, 50), (3, 8, 9, 5, 5);
     CREATE TABLE village (name text, junction int, people int);
     INSERT INTO village VALUES ('at the hospital', 1, 1000), ('near', 2, 1000), ('far', 3, 1000), ('island', 8, 1000)"
sql "SELECT 'pgRouting ' || pgr_version()"
costs() { echo "$1('SELECT * FROM road', $2)"; }
pairs=$(costs pgr_dijkstraCost "ARRAY[1, 2, 3, 8], ARRAY[1]")
matrix=$(costs pgr_dijkstraCostMatrix "ARRAY[1, 2, 3, 8]")
rows=$(sql "SELECT start_vid, agg_cost FROM $pairs ORDER BY 1")
square=$(sql "SELECT start_vid, agg_cost FROM $matrix WHERE end_vid = 1 ORDER BY 1")
joined=$(sql "SELECT sum(people) FILTER (WHERE agg_cost <= 30), sum(people), sum(people * agg_cost) / sum(people) FROM village JOIN $pairs ON start_vid = junction")
without=$(sql "SELECT sum(people) FROM village LEFT JOIN $pairs ON start_vid = junction WHERE agg_cost IS NULL")
echo "rows to the hospital at junction 1, from and minutes: $(echo $rows); of the matrix: $(echo $square)"
echo "joined: people within 30 minutes, of all, mean minutes: $joined; without a row: $without"
[ "$(echo $rows)" = "2 20 3 70" ] && [ "$square" = "$rows" ] && [ "$joined" = "1000 2000 45" ] && [ "$without" = 2000 ]
