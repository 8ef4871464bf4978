// The list of centers: the first one, and what was read of later: new rows and updates.
import fs from 'node:fs';
import { feature } from './files.mjs';
import { input, inputPath } from './sources.mjs';

export const CENTER_TIERS = 2; // tiers 1 and 2 are centers, 3 is not (planned, transplant only, or a spoke)

let list = null;

/** Centers as features, in the order of their countries in the first list; new ones after it. */
export function centers() {
  if (list) return list;
  list = JSON.parse(fs.readFileSync(inputPath('cart-centers.geojson'), 'utf8')).features
    .map((f) => feature(f.properties.id, { ...f.properties }, f.geometry));
  const byId = new Map(list.map((f) => [f.id, f]));
  for (const row of input('centers-2026-12.csv')) {
    const known = byId.get(row.id);
    if ((row.change === 'update') !== Boolean(known)) throw new Error(`centers-2026-12.csv: ${row.id} is ${known ? '' : 'not '}in the list, and the row says ${row.change}`);
    if (known) update(known, row);
    else { list.push(added(row)); byId.set(row.id, list.at(-1)); }
  }
  return list;
}

/** A later reading: its word on status and evidence stands; "not stated" takes nothing away. */
function update(center, row) {
  const p = center.properties;
  if (p.country !== row.country) throw new Error(`centers-2026-12.csv: ${row.id} is in ${p.country}, and the row says ${row.country}`);
  for (const who of ['adult', 'paediatric']) if (row[who] === 'yes') p[who] = 'yes';
  const before = p.source_url && p.source_url !== row.source_url ? `${p.source} (${p.source_url})` : p.source;
  Object.assign(p, {
    evidence: row.evidence, status: row.status, tier: tier(row), as_of: row.as_of, only_curated: false,
    source: `${site(row.source_url)}; before: ${before}`, source_url: row.source_url, note: note(row, p.note),
  });
}

function added(row) {
  const at = [Number(row.lon), Number(row.lat)];
  if (!at.every(Number.isFinite)) throw new Error(`centers-2026-12.csv: ${row.id} has no place`);
  return feature(row.id, {
    id: row.id, name: row.name, city: row.city, region_code: row.region_code, region_name: row.region_name, country: row.country,
    adult: row.adult, paediatric: row.paediatric, evidence: row.evidence, status: row.status, tier: tier(row), as_of: row.as_of,
    source: site(row.source_url), source_url: row.source_url, location: row.location, only_curated: false, campus_note: '', note: note(row, ''),
  }, { type: 'Point', coordinates: at });
}

/** A hospital that only collects cells is a spoke, never a center. */
function tier(row) {
  const t = Number(row.tier);
  if (!(t >= 1 && t <= 3)) throw new Error(`centers-2026-12.csv: ${row.id} has tier "${row.tier}"`);
  if (row.status === 'apheresis only' && t <= CENTER_TIERS) throw new Error(`centers-2026-12.csv: ${row.id} only collects cells and has tier ${t}`);
  return t;
}

const site = (url) => new URL(url).hostname.replace(/^www\./, '');

function note(row, before) {
  const said = row.read === 'D' ? `${row.note} (derived)` : row.note;
  return before && !said.includes(before) ? `${said}; before: ${before}` : said;
}
