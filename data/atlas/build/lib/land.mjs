// Landmasses of the world: which points can be reached from each other without a ship.
import fs from 'node:fs';
import path from 'node:path';
import { csv, feature, geojson, write } from './files.mjs';
import { Places, faults, km, polygonAreaKm2, polygonsOf, rightHand } from './geometry.mjs';
import { cutAtAntimeridian } from './antimeridian.mjs';
import { input, landTopology, outDir, places, shape, topojson } from './sources.mjs';

const SMALLEST_KM2 = 0.5; // smaller islands are kept only when a settlement lies on them
const OFFSHORE_KM = 5; // a settlement this far off an island still keeps it
// Africa and Asia are cut apart along the Suez canal: nobody drives round the Mediterranean
// to a hospital, and a straight line across it is no road.
const SUEZ = [[32.30, 31.40], [32.31, 31.25], [32.32, 30.80], [32.32, 30.60], [32.35, 30.45], [32.50, 30.20], [32.57, 29.97], [32.53, 29.80]];
const CUT_DEGREES = 0.02;

const LINK_REACH_KM = 5; // an end of a fixed link may lie this far off its polygon

// Tolerance of the simplification in metres: coarse where hardly anyone lives.
const TOLERANCE = 'this.centroidY < -60 ? 5000 : this.centroidY > 66 ? 1500 : 550';

export async function buildLand() {
  const polygons = await drawLand();
  const land = polygons.map((polygon) => ({ polygon, area: polygonAreaKm2(polygon) }));
  const where = new Places();
  land.forEach((l) => where.add(l.polygon, l));
  for (const p of places()) {
    const hit = where.at(p.loc.coordinates, OFFSHORE_KM);
    if (hit) hit.value.people = (hit.value.people ?? 0) + p.population;
  }
  const kept = land.filter((l) => l.area >= SMALLEST_KM2 || l.people);
  const groups = join(kept);
  name(kept);
  const features = kept.map((l) => ({ ...l, mass: groups.of(l) }));
  // Landmasses in order of falling area, and polygons within each.
  const area = new Map();
  for (const f of features) area.set(f.mass, (area.get(f.mass) ?? 0) + f.area);
  const rank = [...area].sort((a, b) => b[1] - a[1]).map(([m]) => m);
  const number = new Map(rank.map((m, i) => [m, i + 1]));
  features.sort((a, b) => number.get(a.mass) - number.get(b.mass) || b.area - a.area);
  // A landmass takes the name of its largest named part.
  const names = new Map();
  for (const f of features) if (f.name && !names.has(f.mass)) names.set(f.mass, f.name);
  const out = features.map((f, i) => feature(`land-${i + 1}`, {
    landmass: number.get(f.mass),
    name: names.get(f.mass) ?? null,
    area_km2: Math.round(f.area),
  }, { type: 'MultiPolygon', coordinates: [f.polygon] }));
  const bad = faults(out.map((f) => ({ name: f.id, polygons: f.geometry.coordinates })), { apart: true });
  if (bad.length) throw new Error(`land: ${bad.length} faults\n${bad.slice(0, 20).join('\n')}`);
  write(path.join(outDir, 'land.geojson.gz'), geojson(out));
  console.log(`  ${out.length} polygons, ${rank.length} landmasses`);
  return out;
}

async function drawLand() {
  const topology = landTopology();
  const source = polygonsOf(topojson.feature(topology, topology.objects.land).features[0].geometry)
    .flatMap(cutAtAntimeridian)
    .concat(input('small-islands.csv').map(disc));
  const drawn = await shape(
    `-i in.json -erase cut.json -clean allow-overlaps -explode -simplify dp variable interval="${TOLERANCE}" keep-shapes`
    + ' -clean allow-overlaps -explode -o out.json precision=0.001 fix-geometry',
    { 'in.json': collection(source), 'cut.json': collection([ribbon(SUEZ)]) },
  );
  // Lakes are land; the Caspian, the only inner sea in the source, stays open.
  const polygons = drawn.features.flatMap((f) => polygonsOf(f.geometry))
    .map((p) => rightHand([p[0], ...p.slice(1).filter((h) => polygonAreaKm2([h]) > 100000)]));
  return apart(polygons);
}

/** A narrow strip along a line that runs from north to south. */
function ribbon(line) {
  const side = (d) => line.map(([lon, lat]) => [lon + d, lat]);
  const ring = [...side(-CUT_DEGREES / 2), ...side(CUT_DEGREES / 2).reverse()];
  return [[...ring, ring[0]]];
}

/** A small island that the source lacks, as a disc of its true area. */
function disc({ lon, lat, area_km2: area }) {
  const r = Math.sqrt(Number(area) / Math.PI);
  const k = Math.cos(Number(lat) * Math.PI / 180);
  const ring = Array.from({ length: 17 }, (_, i) => {
    const a = (i % 16) * Math.PI / 8;
    return [Number(lon) + r * Math.cos(a) / (111.195 * k), Number(lat) + r * Math.sin(a) / 111.195];
  });
  return [ring];
}

function collection(polygons) {
  return {
    type: 'FeatureCollection',
    features: polygons.map((coordinates, n) => ({ type: 'Feature', properties: { n }, geometry: { type: 'Polygon', coordinates } })),
  };
}

/**
 * Rounding brings a few islands to touch each other, or a ring to touch itself, in a point. The
 * point is moved or dropped on the smaller ring until nothing touches.
 */
function apart(polygons) {
  const list = polygons.map((p, i) => ({ name: String(i), polygons: [p] }));
  const dropped = new Set();
  for (let round = 0; round < 8; round++) {
    const live = list.filter((l) => !dropped.has(l.name));
    const bad = faults(live, { apart: true });
    if (!bad.length) return live.map((l) => l.polygons[0]);
    for (const text of bad) {
      const ids = [...text.matchAll(/(\d+) polygon 0 ring (\d+)/g)].map((m) => m[1]);
      const near = text.match(/(?:near|at) (-?[\d.]+),(-?[\d.]+)/).slice(1).map(Number);
      const small = ids.map((id) => list[Number(id)]).sort((a, b) => a.polygons[0][0].length - b.polygons[0][0].length)[0];
      if (dropped.has(small.name)) continue;
      const ring = small.polygons[0][0].slice(0, -1);
      const others = ids.length > 1 && ids[0] !== ids[1]
        ? list[Number(ids.find((id) => id !== small.name))].polygons[0][0] : ring;
      const count = new Map();
      for (const p of others) count.set(p.join(), (count.get(p.join()) ?? 0) + 1);
      const limit = others === ring ? 2 : 1;
      let at = ring.findIndex((p) => (count.get(p.join()) ?? 0) >= limit && km(p, near) < 30);
      if (at < 0) at = ring.reduce((b, p, i) => (km(p, near) < km(ring[b], near) ? i : b), 0);
      ring.splice(at, 1);
      if (ring.length < 3) dropped.add(small.name);
      else small.polygons = [[[...ring, ring[0]], ...small.polygons[0].slice(1)]];
    }
  }
  const live = list.filter((l) => !dropped.has(l.name));
  throw new Error(`land: islands still touch: ${faults(live, { apart: true }).slice(0, 10).join('; ')}`);
}

/** Union of polygons over the antimeridian and over the fixed links. */
function join(land) {
  const parent = new Map(land.map((l) => [l, l]));
  const of = (l) => { while (parent.get(l) !== l) l = parent.get(l); return l; };
  const unite = (a, b) => parent.set(of(a), of(b));
  const shore = (l, lon) => l.polygon[0].filter((p) => p[0] === lon).map((p) => p[1]);
  const west = land.map((l) => [l, shore(l, -180)]).filter(([, s]) => s.length > 1);
  const east = land.map((l) => [l, shore(l, 180)]).filter(([, s]) => s.length > 1);
  for (const [a, s] of west) {
    for (const [b, t] of east) {
      if (a !== b && Math.max(Math.min(...s), Math.min(...t)) < Math.min(Math.max(...s), Math.max(...t))) unite(a, b);
    }
  }
  const where = new Places();
  land.forEach((l) => where.add(l.polygon, l));
  const wrong = [];
  const report = [];
  for (const link of input('fixed-links.csv')) {
    const ends = ['a', 'b'].map((e) => where.at([Number(link[`lon_${e}`]), Number(link[`lat_${e}`])], LINK_REACH_KM));
    if (ends.some((e) => !e)) { wrong.push(`${link.name}: no land within ${LINK_REACH_KM} km of end ${ends[0] ? 'b' : 'a'}`); continue; }
    const same = ends[0].value === ends[1].value;
    const span = km([Number(link.lon_a), Number(link.lat_a)], [Number(link.lon_b), Number(link.lat_b)]);
    report.push({ name: link.name, in_source: link.in_source, span: span.toFixed(1), a: Math.round(ends[0].value.area), off_a: ends[0].km.toFixed(2), b: Math.round(ends[1].value.area), off_b: ends[1].km.toFixed(2) });
    if (!['separate', 'merged'].includes(link.in_source)) wrong.push(`${link.name}: in_source is "${link.in_source}", expected separate or merged`);
    else if (same !== (link.in_source === 'merged')) wrong.push(`${link.name}: says ${link.in_source}, but both ends lie on ${same ? 'one polygon' : 'different polygons'}`);
    if (!['bridge', 'tunnel', 'causeway'].includes(link.kind)) wrong.push(`${link.name}: kind "${link.kind}"`);
    if (!same) unite(ends[0].value, ends[1].value);
  }
  if (process.env.ATLAS_REPORT) fs.writeFileSync(process.env.ATLAS_REPORT, csv(Object.keys(report[0]), report));
  if (wrong.length) throw new Error(`fixed-links.csv:\n${wrong.join('\n')}`);
  return { of };
}

function name(land) {
  const where = new Places();
  land.forEach((l) => where.add(l.polygon, l));
  for (const { name: text, lon, lat } of input('landmass-names.csv')) {
    const hit = where.at([Number(lon), Number(lat)], 5);
    if (!hit) throw new Error(`landmass-names.csv: no land at ${text}`);
    if (hit.value.name && hit.value.name !== text) console.log(`  note: ${text} lies on ${hit.value.name}`);
    hit.value.name ??= text;
  }
}
