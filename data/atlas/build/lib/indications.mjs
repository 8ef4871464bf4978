// What countries reimburse, row by row as sources have it. Needs no package, so that the
// table can be made without the rest of the build: node lib/indications.mjs.
import path from 'node:path';
import zlib from 'node:zlib';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { csv, readCSV, write } from './files.mjs';

const ANSWERS = ['yes', 'partly', 'recommended', 'ended', 'withdrawn', 'no', 'not stated', 'count'];
const STATUS = ['read in an excerpt', 'derived', 'not read'];
const DATE = /^(\d{4}(-\d\d(-\d\d)?)?)?$/;

/**
 * The rows with an id each, checked: of regions that there are, with an answer and a status of
 * those known, and a source. known are the ids of the atlas's regions.
 */
export function indicationRows(rows, known) {
  const wrong = [];
  for (const r of rows) {
    const where = `${r.country} ${r.area} ${r.product}, ${r.indication}`;
    const codes = r.region_codes.split(' ').filter(Boolean);
    for (const c of codes) if (!known.has(`${r.country}-${c}`)) wrong.push(`${where}: no region ${c}`);
    if (!r.area !== !codes.length) wrong.push(`${where}: an area without codes, or codes without an area`);
    if (!ANSWERS.includes(r.answer)) wrong.push(`${where}: answer "${r.answer}"`);
    if (!STATUS.includes(r.status)) wrong.push(`${where}: status "${r.status}"`);
    for (const f of ['since', 'by', 'as_of']) if (!DATE.test(r[f])) wrong.push(`${where}: ${f} "${r[f]}"`);
    if (r.since && r.by) wrong.push(`${where}: since and by`);
    if (!r.source) wrong.push(`${where}: no source`);
  }
  if (wrong.length) throw new Error(`indications-2026-12.csv:\n${wrong.join('\n')}`);
  return rows.map((r, i) => ({ id: `indication-${i + 1}`, ...r }));
}

/** Writes indications.csv of its input, with the ids of the regions of the atlas. */
export function buildIndications(known) {
  const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const rows = indicationRows(readCSV(path.join(here, 'input', 'indications-2026-12.csv')), known);
  write(path.join(path.dirname(here), 'indications.csv'), csv(Object.keys(rows[0]), rows));
  console.log(`  ${rows.length} rows of indications`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = path.join(path.dirname(path.dirname(path.dirname(process.argv[1]))), 'regions.geojson.gz');
  buildIndications(new Set(JSON.parse(zlib.gunzipSync(fs.readFileSync(built))).features.map((f) => f.id)));
}
