// Centers, countries and the tables that are carried over as they are.
import fs from 'node:fs';
import path from 'node:path';
import { CENTER_TIERS, centers as list } from './centers.mjs';
import { csv, geojson, write } from './files.mjs';
import { Places } from './geometry.mjs';
import { buildIndications } from './indications.mjs';
import { input, inputPath, outDir } from './sources.mjs';

const NEAR_KM = 20; // a center may lie this far from the region it names (simplified coasts)

export function buildTables(regions) {
  const centers = list();
  checkCenters(centers, regions);
  write(path.join(outDir, 'centers.geojson'), geojson(centers));
  const rows = input('country-notes.csv').map((r) => {
    const own = regions.filter((g) => g.properties.country === r.country).map((g) => g.properties);
    const years = [...new Set(own.map((p) => p.population_year))];
    const listed = centers.filter((c) => c.properties.country === r.country && c.properties.tier <= CENTER_TIERS).length;
    return {
      ...r,
      population: own.reduce((s, p) => s + p.population, 0),
      // The year of most of its people, where regions differ.
      population_year: years.sort((a, b) => people(own, b) - people(own, a))[0],
      listed_centers: listed,
      list_completeness: r.list_completeness.replace('{n}', listed),
    };
  });
  write(path.join(outDir, 'countries.csv'), csv(['country', 'name', 'population', 'population_year', 'published_centers',
    'published_as_of', 'published_definition', 'published_source', 'listed_centers', 'list_completeness', 'gap_list_trust', 'note'], rows));
  buildPopulations(rows, centers);
  buildObserved(regions);
  buildIndications(new Set(regions.map((r) => r.id)));
  for (const name of ['published-counts.csv', 'region-evidence.csv']) fs.copyFileSync(inputPath(name), path.join(outDir, name));
  console.log(`  ${centers.length} centers, ${rows.length} countries`);
}

/**
 * The people of every country with a listed center, for its density: the sum of the regions where
 * the atlas has them, else what is at hand, and the source says how good that is.
 */
function buildPopulations(countries, list) {
  const rows = countries.map((r) => ({ country: r.country, name: r.name, population: r.population, year: r.population_year, source: 'the regions of the atlas', regions: true }))
    .concat(input('other-populations.csv').map((r) => ({ ...r, regions: false })));
  const known = new Set(rows.map((r) => r.country));
  const missing = [...new Set(list.map((c) => c.properties.country))].filter((c) => !known.has(c));
  if (missing.length || known.size !== rows.length) throw new Error(`populations: missing ${missing}, or a country twice`);
  write(path.join(outDir, 'populations.csv'), csv(['country', 'name', 'population', 'year', 'source', 'regions'], rows));
}

/** Counted patients, each with the regions it is of; a count that is none has an empty cell. */
function buildObserved(regions) {
  const known = new Set(regions.map((r) => r.id));
  const rows = input('observed-2026-12.csv');
  const wrong = [];
  for (const r of rows) {
    const codes = r.region_codes.split(' ').filter(Boolean);
    for (const c of codes) if (!known.has(`${r.country}-${c}`)) wrong.push(`${r.country} ${r.region_name}: no region ${c}`);
    if (r.region_name && !codes.length && regions.some((g) => g.properties.country === r.country)) wrong.push(`${r.country} ${r.region_name}: no code`);
    if (r.count && !(Number(r.count) > 0)) wrong.push(`${r.country} ${r.region_name}: count "${r.count}"`);
    if (r.count && r.rate_per_100k) wrong.push(`${r.country} ${r.region_name}: a count and a rate`);
    if (!r.source && !r.note) wrong.push(`${r.country} ${r.region_name}: no source`);
  }
  if (wrong.length) throw new Error(`observed-2026-12.csv:\n${wrong.join('\n')}`);
  write(path.join(outDir, 'observed.csv'), csv(['id', ...Object.keys(rows[0])], rows.map((r, i) => ({ id: `observed-${i + 1}`, ...r }))));
  console.log(`  ${rows.length} counts`);
}

const people = (regions, year) => regions.filter((p) => p.population_year === year).reduce((s, p) => s + p.population, 0);

/** Every center of a country of the atlas lies in the region it names, or close by. */
function checkCenters(centers, regions) {
  const wrong = [];
  for (const { properties: p, geometry } of centers) {
    const own = regions.filter((r) => r.properties.country === p.country);
    if (!own.length) continue;
    const named = own.find((r) => r.properties.region_code === p.region_code);
    const where = new Places();
    for (const polygon of named?.geometry.coordinates ?? []) where.add(polygon, named.id);
    if (!where.at(geometry.coordinates, NEAR_KM)) wrong.push(`${p.id} ${p.name}: not in ${p.country}-${p.region_code}`);
  }
  if (wrong.length) throw new Error(`centers:\n${wrong.join('\n')}`);
}
