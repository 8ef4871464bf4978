#!/usr/bin/env bash
# Package:  NetworkX 2.8.8 (Debian python3-networkx 2.8.8-1), pandas 1.5.3 (python3-pandas 1.5.3+dfsg-2).
# Source:   NetworkX's reference on single_source_dijkstra_path_length and shortest_path (weights are numbers; of missing ones it says
#           that an edge without the attribute weighs 1, and one whose weight function gives None is hidden), and on from_pandas_edgelist.
# Guess:    a road whose minutes are blank in the table is not driven, or is refused.
# Seen:     from a village it is 20 minutes to the north hospital over the pass; the bridge beside has no minutes yet; the south
#           hospital is 30 away. With one order of the table's rows the north is at 20. With another, the same rows, the north has no
#           minutes, and what ranks hospitals by them says the south at 30. In two orders of three shortest_path leads over the bridge.
# Matters:  a table of roads with blanks (a speed not known, a join without a match) is what pandas and OSMnx users have. A hospital
#           drops out for a village by the order of rows, and no error and no time tells it.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
python=/usr/bin/python3
$python -c 'import networkx, pandas' 2>/dev/null || apt-get install -yq --no-install-recommends python3-networkx python3-pandas >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
cat > probe.py <<'PY'
import sys
import networkx, pandas

roads = pandas.DataFrame([("village", "pass", 10), ("pass", "north", 10), ("village", "bridge", None), ("bridge", "north", 5), ("village", "south", 30)],
                         columns=["a", "b", "minutes"])

def nearest(table):
    network = networkx.from_pandas_edgelist(table, "a", "b", edge_attr="minutes")
    minutes = pandas.Series(networkx.single_source_dijkstra_path_length(network, "village", weight="minutes"))[["north", "south"]]
    return minutes["north"], minutes.idxmin(), networkx.shortest_path(network, "village", "north", weight="minutes")[1]

print("NetworkX", networkx.__version__, "pandas", pandas.__version__, "- minutes to north, nearest, the way north")
seen = set()
for what, table in [("as listed", roads), ("bridge first", roads.iloc[[2, 3, 0, 1, 4]]), ("from the last row", roads.iloc[::-1]), ("without the blank", roads.dropna())]:
    north, where, over = nearest(table)
    print(f"{what}: {north:.0f}, {where}, over the {over}")
    if what != "without the blank":
        seen.add(where)
        seen.add(over)
if seen != {"north", "south", "pass", "bridge"} or nearest(roads.dropna()) != (20, "north", "pass"):
    print("not seen: the order of the rows makes no difference")
    sys.exit(1)
PY
$python probe.py
