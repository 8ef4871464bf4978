// Reading and writing the few formats the atlas needs.
import fs from 'node:fs';
import zlib from 'node:zlib';

/** Rows of a CSV file (RFC 4180) as objects of strings. */
export function readCSV(path) {
  const rows = [[]];
  let cell = '';
  let quoted = false;
  const text = fs.readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') { cell += '"'; i++; } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') { rows.at(-1).push(cell); cell = ''; }
    else if (c === '\n') { rows.at(-1).push(cell.replace(/\r$/, '')); cell = ''; rows.push([]); }
    else cell += c;
  }
  if (cell !== '' || rows.at(-1).length) rows.at(-1).push(cell); else rows.pop();
  const head = rows.shift();
  return rows.map((r, n) => {
    if (r.length !== head.length) throw new Error(`${path}: line ${n + 2} has ${r.length} fields, expected ${head.length}`);
    return Object.fromEntries(head.map((h, i) => [h, r[i]]));
  });
}

/** CSV text of rows of objects, in the order of the named columns. */
export function csv(columns, rows) {
  const cell = (v) => {
    const s = v === null || v === undefined ? '' : String(v);
    return /[",\n\r]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
  };
  return [columns, ...rows.map((r) => columns.map((c) => r[c]))].map((r) => r.map(cell).join(',')).join('\n') + '\n';
}

/** A FeatureCollection with one feature a line, so that changes can be read in a diff. */
export function geojson(features) {
  return `{"type":"FeatureCollection","features":[\n${features.map((f) => JSON.stringify(f)).join(',\n')}\n]}\n`;
}

export function feature(id, properties, geometry) {
  return { type: 'Feature', id, properties, geometry };
}

/** Writes text, gzipped (no time, no name, no system) when the path ends in .gz. */
export function write(path, text) {
  let bytes = Buffer.from(text);
  if (path.endsWith('.gz')) {
    bytes = zlib.gzipSync(bytes, { level: 9, memLevel: 9 });
    bytes.fill(0, 4, 8); // modification time
    bytes[9] = 255; // operating system: unknown
  }
  fs.writeFileSync(path, bytes);
  console.log(`  ${path.split('/').at(-1)}  ${bytes.length} bytes`);
}
