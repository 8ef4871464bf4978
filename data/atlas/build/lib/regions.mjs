// First-level regions of the countries of the atlas and the counties of the United States.
import path from 'node:path';
import { CENTER_TIERS, centers } from './centers.mjs';
import { feature, geojson, write } from './files.mjs';
import { faults, polygonAreaKm2, polygonsOf, rightHand } from './geometry.mjs';
import { input, naturalEarthUnits, outDir, shape, topojson, usTopology } from './sources.mjs';

const TOLERANCE = '1000m';
const SMALLEST_KM2 = 0.5;
const OVERSEAS_FRANCE = new Set(['01', '02', '03', '04', '06']);
// Natural Earth files these under a country that counts neither their people nor their hospitals.
const OUTSIDE = new Set(['Ashmore and Cartier Islands', 'Bonaire', 'Saba', 'St. Eustatius', 'Svalbard', 'Bouvet Island']);
const PART_OF = { AX: 'FI' }; // Åland has a code of its own

/** Regions of the official table, in its order, with what the center list says of absence. */
export function regionTable() {
  const without = input('regions-without-center.csv');
  const served = new Set(centers().map((c) => c.properties)
    .filter((c) => c.tier <= CENTER_TIERS && c.region_code).map((c) => `${c.country}-${c.region_code}`));
  const stated = new Set(input('region-evidence.csv').map((r) => `${r.country}/${r.region_name}`));
  return input('region-populations.csv').map((r) => {
    const id = `${r.country}-${r.region_code}`;
    const absent = without.find((c) => c.country === r.country && c.region_code === r.region_code);
    if (absent && served.has(id)) throw new Error(`${id}: listed as without center, but has one`);
    return {
      id,
      country: r.country,
      region_code: r.region_code,
      region_name: r.region_name,
      population: Number(r.population),
      population_year: Number(r.year),
      population_source: r.source,
      metropolitan: !(r.country === 'FR' && OVERSEAS_FRANCE.has(r.region_code)),
      trust: absent?.trust_that_region_has_none ?? null,
      gap_status: served.has(id) ? null : gapStatus(absent, stated.has(`${r.country}/${r.region_name}`)),
      gap_note: absent?.comment ?? null,
    };
  });
}

/** How far the absence of a center from the list can be believed. */
function gapStatus(absent, stated) {
  if (stated) return 'stated';
  switch (absent?.trust_that_region_has_none) {
    case 'high': case 'medium-high': case 'medium': return 'none';
    case 'low': return 'doubtful';
    default: return 'incomplete';
  }
}

/** Natural Earth units, each with the region and (Great Britain) the official unit it belongs to. */
export function unitsWithRegion() {
  const key = (r) => `${r.iso_a2}/${r.name}/${r.gn_name ?? ''}`;
  const region = new Map(input('ne-admin1-map.csv').map((r) => [key(r), r.rc]));
  const britain = new Map(input('gb-ne-unit-names.csv').map((r) => [`${r.name}/${r.gn_name}`, r.unit]));
  const out = [];
  const drawn = [...new Set(input('region-populations.csv').map((r) => r.country))].filter((c) => c !== 'US');
  for (const f of naturalEarthUnits([...drawn, ...Object.keys(PART_OF)])) {
    const p = f.properties;
    if (OUTSIDE.has(p.name)) continue;
    if (!region.has(key(p))) {
      throw new Error(`ne-admin1-map.csv: no region for ${key(p)}`);
    }
    let code = region.get(key(p));
    if (p.name === 'Lord Howe Island' || p.name === 'Jervis Bay Territory') code = '1'; // New South Wales
    if (p.name === 'Macquarie Island') code = '6'; // Tasmania
    if (!code) throw new Error(`ne-admin1-map.csv: empty region for ${key(p)}`);
    const unit = p.iso_a2 === 'GB' ? britain.get(`${p.name}/${p.gn_name}`) ?? p.name : null;
    out.push({ country: PART_OF[p.iso_a2] ?? p.iso_a2, region_code: code, unit, nation: p.gu_a3, polygons: polygonsOf(f.geometry) });
  }
  return out;
}

export async function buildRegions(units) {
  const table = regionTable();
  const parts = {
    type: 'FeatureCollection',
    features: units.map((u) => ({
      type: 'Feature',
      properties: { id: `${u.country}-${u.region_code}` },
      geometry: { type: 'MultiPolygon', coordinates: u.polygons },
    })),
  };
  // One topology for all, so that neighbours keep one border between them.
  const finish = `-simplify dp interval=${TOLERANCE} keep-shapes -clean`
    + ` -filter-islands min-area=${SMALLEST_KM2}km2 -o out.json precision=0.001 fix-geometry`;
  const world = await shape(`-i in.json -clean -dissolve id ${finish}`, { 'in.json': parts });
  const states = await shape(`-i in.json -clean ${finish}`, { 'in.json': usLayer('states') });
  const drawn = new Map([...world.features, ...states.features].map((f) => [f.properties.id, f.geometry]));
  const features = table.map(({ id, ...properties }) => {
    if (!drawn.has(id) || !drawn.get(id)) throw new Error(`regions: nothing drawn for ${id}`);
    return feature(id, properties, multi(drawn.get(id)));
  });
  if (drawn.size !== features.length) throw new Error(`regions: ${drawn.size} shapes for ${features.length} rows`);
  sound('regions', features);
  write(path.join(outDir, 'regions.geojson.gz'), geojson(features));
  console.log(`  ${features.length} regions`);
  return features;
}

export async function buildCounties() {
  const population = new Map(input('subregion-populations.csv').filter((r) => r.country === 'US')
    .map((r) => [r.unit_code, r]));
  const postal = new Map(input('us-states.csv').map((r) => [r.fips, r.postal]));
  const drawn = await shape('-i in.json -clean -o out.json precision=0.0001 fix-geometry', { 'in.json': usCounties() });
  const features = drawn.features.map((f) => {
    const fips = f.properties.id.slice(3);
    const row = population.get(fips);
    if (!row) throw new Error(`counties: no population for ${fips} ${f.properties.name}`);
    return feature(fips, {
      fips,
      name: row.unit_name,
      country: 'US',
      region_code: fips.slice(0, 2),
      state: postal.get(fips.slice(0, 2)),
      population: Number(row.population),
    }, multi(f.geometry));
  }).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (features.length !== population.size) {
    const have = new Set(features.map((f) => f.id));
    throw new Error(`counties: ${features.length} drawn, ${population.size} in the table; missing ${[...population.keys()].filter((k) => !have.has(k))}`);
  }
  sound('counties', features);
  write(path.join(outDir, 'counties.geojson.gz'), geojson(features));
  console.log(`  ${features.length} counties`);
  return features;
}

/** A layer of us-atlas without the five territories. */
function usLayer(name) {
  const topology = usTopology();
  const layer = topojson.feature(topology, topology.objects[name]);
  const features = layer.features.filter((f) => Number(f.id.slice(0, 2)) < 60)
    .map((f) => ({ ...f, properties: { id: `US-${f.id}`, name: f.properties.name } }));
  return { type: 'FeatureCollection', features };
}

/** Counties of the fifty states and the District of Columbia, as in us-atlas. */
export function usCounties() {
  const layer = usLayer('counties');
  drawFallsChurch(layer.features);
  return layer;
}

/**
 * Falls Church, Virginia (5.3 km²), is flattened to a line in us-atlas, on the border of Fairfax
 * and Arlington. It is drawn as a rectangle of its true area, taken from Fairfax.
 */
function drawFallsChurch(features) {
  const church = features.find((f) => f.properties.id === 'US-51610');
  const fairfax = features.find((f) => f.properties.id === 'US-51059');
  const [a, b] = church.geometry.coordinates[0];
  const depth = ([x, y]) => [x - 0.0165, y - 0.0125]; // 2 km to the south-west
  const ring = fairfax.geometry.coordinates[0];
  const same = (p, q) => p[0] === q[0] && p[1] === q[1];
  const i = ring.findIndex((p, n) => n > 0 && ((same(ring[n - 1], a) && same(p, b)) || (same(ring[n - 1], b) && same(p, a))));
  if (i < 0) throw new Error('counties: Falls Church no longer lies on the outline of Fairfax: has us-atlas changed?');
  const first = ring[i - 1];
  const second = ring[i];
  ring.splice(i, 0, depth(first), depth(second));
  church.geometry = { type: 'Polygon', coordinates: [[a, b, depth(b), depth(a), a]] };
}

function multi(geometry) {
  const coordinates = polygonsOf(geometry).map(rightHand)
    .sort((a, b) => polygonAreaKm2(b) - polygonAreaKm2(a));
  return { type: 'MultiPolygon', coordinates };
}

function sound(layer, features) {
  const bad = faults(features.map((f) => ({ name: f.id, polygons: f.geometry.coordinates })));
  if (bad.length) throw new Error(`${layer}: ${bad.length} faults\n${bad.slice(0, 20).join('\n')}`);
}
