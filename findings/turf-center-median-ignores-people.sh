#!/usr/bin/env bash
# Package:  @turf/turf 7.4.0 (npm; @turf/center-median is the same).
# Source:   Turf's API on centerMedian (weight: the property that weights the center) and its source, where the step of Kuhn and
#           Kuenne divides each weight by weight times distance; Turf's pull request 1122 calls its own weighted tests weird.
# Guess:    the weighted median center of towns is the place from which all their people have the fewest kilometres to go. With
#           more than half of all people in one city it is that city.
# Seen:     a city of 2,000,000 and four towns of 20,000 in the east: the median is 240 km from the city, where it is without people
#           as well, to the metre. The weights cancel; they only choose where the search begins. centerMean does weigh.
# Matters:  a hospital put there is 240 km from 96 % of the people. The option is taken without a word, and the place looks like
#           a compromise; the fewer people in the far towns, the worse it is.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund --prefix . @turf/turf@7.4.0 >/dev/null || exit 2
cat > probe.mjs <<'JS'
import * as turf from '@turf/turf'

const city = [0, 45]
const towns = [[...city, 2000000], [3, 45, 20000], [3.2, 45.2, 20000], [3.4, 44.8, 20000], [3.1, 45.1, 20000]]
const places = turf.featureCollection(towns.map(([lon, lat, people]) => turf.point([lon, lat], { people })))
const exact = { counter: 1000, tolerance: 1e-9 }
const centers = {
  'median by people': turf.centerMedian(places, { weight: 'people' }),
  'the same, 1000 steps': turf.centerMedian(places, { ...exact, weight: 'people' }),
  'median without people, 1000 steps': turf.centerMedian(places, exact),
  'mean by people': turf.centerMean(places, { weight: 'people' }),
  'the city': turf.point(city)
}
for (const [name, at] of Object.entries(centers)) {
  const km = towns.reduce((sum, [lon, lat, people]) => sum + people * turf.distance(at, [lon, lat]), 0)
  console.log(`${name}: ${turf.distance(at, city).toFixed(3)} km from the city, ${Math.round(km / 1e6)} million person-km`)
}
const [byPeople, long, without, mean] = Object.values(centers)
const seen = turf.distance(byPeople, city) > 200 && turf.distance(long, without) < 0.001 && turf.distance(mean, city) < 20
if (!seen) console.log('not seen: the median follows the people')
process.exit(seen ? 0 : 1)
JS
node probe.mjs
