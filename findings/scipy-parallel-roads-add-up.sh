#!/usr/bin/env bash
# Package:  SciPy 1.10.1, NetworkX 2.8.8 (Debian python3-scipy 1.10.1-2, python3-networkx 2.8.8-1).
# Source:   SciPy's reference on csr_array and coo_array (entries given twice are summed) and on csgraph.dijkstra (edges as a sparse
#           matrix); NetworkX's on to_scipy_sparse_array (of multiple edges the sum).
# Guess:    of two roads between the same places the shortest path takes the faster.
# Seen:     a village is 15 minutes from the north hospital by the new road, 40 by the old one, and 30 from the south hospital. From
#           a table of roads csgraph.dijkstra says 55 to the north, both roads one after the other, and so south is nearest. A road
#           network as OSMnx makes it (MultiDiGraph) gives the same by to_scipy_sparse_array. NetworkX's own paths say 15.
# Matters:  networks of OpenStreetMap have parallel edges: two carriageways, two ways round a block. csgraph is what one turns to
#           when NetworkX is slow. Journeys grow where roads are most, a new road makes care farther away, and no time looks wrong.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
python=/usr/bin/python3
$python -c 'import scipy, networkx' 2>/dev/null || apt-get install -yq --no-install-recommends python3-scipy python3-networkx >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
cat > probe.py <<'PY'
import sys
import networkx, scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

places = ["village", "north", "south"]
roads = [("village", "north", 40), ("village", "north", 15), ("village", "south", 30)]

def of_table(roads):
    ends = [[places.index(road[end]) for road in roads] for end in (0, 1)]
    return dijkstra(csr_array(([minutes for *_, minutes in roads], ends), shape=(3, 3)), indices=0)[1:]

network = networkx.MultiDiGraph()
for a, b, minutes in roads:
    network.add_edge(a, b, minutes=minutes)
own = networkx.single_source_dijkstra_path_length(network, "village", weight="minutes")
both = networkx.to_scipy_sparse_array(network, nodelist=places, weight="minutes")

print("SciPy", scipy.__version__, "NetworkX", networkx.__version__, "- minutes to north and south")
seen = [list(of_table(roads)), list(of_table(roads[:1] + roads[2:])), list(dijkstra(both, indices=0)[1:]), [own["north"], own["south"]]]
for what, minutes in zip(["a table of roads, csgraph", "without the new road", "NetworkX to csgraph", "NetworkX itself"], seen):
    print(f"{what}: {minutes[0]:.0f}, {minutes[1]:.0f}")
if seen != [[55, 30], [40, 30], [55, 30], [15, 30]]:
    print("not seen: roads side by side are not added up")
    sys.exit(1)
PY
$python probe.py
