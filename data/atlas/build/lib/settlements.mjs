// Settlement points with population, scaled so that every unit and region sums to its official
// total. The steps and their reasons are in README.md.
import path from 'node:path';
import { csv, write } from './files.mjs';
import { Places, centroid, km, polygonsOf } from './geometry.mjs';
import { usCounties } from './regions.mjs';
import { input, outDir, places } from './sources.mjs';

const COUNTRIES = [...new Set(input('region-populations.csv').map((r) => r.country))].sort();
const OVERSEAS = { GP: ['01', '971'], MQ: ['02', '972'], GF: ['03', '973'], RE: ['04', '974'], YT: ['06', '976'] };
const PART_OF = { AX: 'FI' }; // Åland has a code of its own
const NOT_LIVED_IN = new Set(['PPLQ', 'PPLH', 'PPLCH', 'PPLW']); // abandoned or historical places
const SMALL_PLACE = 20000;
const NAMESAKE_KM = 5;
const FAR_KM = 40; // from its region: where regions cut districts, as in Portugal, 32 km
const TORONTO = new Set(['North York', 'Scarborough', 'Etobicoke', 'East York']);

export async function buildSettlements(neUnits, regions) {
  const list = selectPlaces();
  takeSectionsFromCities(list);
  const units = officialUnits();
  const locate = assigners(neUnits, units);
  for (const p of list) Object.assign(p, locate[p.country](p));
  fillFromNeighbours(list, units);
  const groups = groupByUnit(list, units, locate.interior);
  for (const g of groups) scale(g);
  const rows = groups.flatMap((g) => g.places).filter((p) => p.people > 0);
  flagOffshore(rows, regions);
  check(rows, regions);
  const columns = ['id', 'name', 'country', 'region_code', 'subregion_code', 'lon', 'lat', 'population', 'feature_code', 'offshore'];
  const out = rows.map((p) => ({
    id: p.id, name: p.name, country: p.country, region_code: p.region, subregion_code: p.unit ?? '',
    lon: p.at[0].toFixed(4), lat: p.at[1].toFixed(4), population: p.people, feature_code: p.code, offshore: p.offshore,
  })).sort((a, b) => cmp(a.country, b.country) || cmp(a.region_code, b.region_code)
    || cmp(a.subregion_code, b.subregion_code) || b.population - a.population || cmp(a.id, b.id));
  write(path.join(outDir, 'settlements.csv.gz'), csv(columns, out));
  const per = Object.fromEntries(COUNTRIES.map((c) => [c, out.filter((r) => r.country === c).length]));
  console.log(`  ${out.length} settlements`, per, `${out.filter((r) => r.offshore).length} offshore`,
    `${out.filter((r) => r.id.startsWith('fill-')).map((r) => r.id).join(' ')}`);
}

const cmp = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function selectPlaces() {
  const list = placesWithPeople();
  const byId = new Map(list.map((p) => [p.id, p]));
  for (const c of input('settlement-corrections.csv')) {
    const p = byId.get(c.id);
    if (!p || p.name !== c.name || p.country !== c.country) throw new Error(`settlement-corrections.csv: no ${c.name} ${c.id} in ${c.country}: is the correction still needed?`);
    if (!c.reason) throw new Error(`settlement-corrections.csv: ${c.name}: no reason`);
    p.listed = Number(c.population); // nothing: it is left out
    if (c.lon) p.at = [Number(c.lon), Number(c.lat)];
    if (c.admin_code) p.admin = c.admin_code;
  }
  return list.filter((p) => p.listed > 0);
}

function placesWithPeople() {
  return places()
    .filter((p) => (COUNTRIES.includes(p.country) || OVERSEAS[p.country] || PART_OF[p.country]) && p.population > 0 && !NOT_LIVED_IN.has(p.featureCode))
    .map((p) => ({
      id: String(p.cityId),
      name: p.name,
      country: OVERSEAS[p.country] ? 'FR' : PART_OF[p.country] ?? p.country,
      island: PART_OF[p.country] ? p.country : null,
      overseas: OVERSEAS[p.country] ?? null,
      at: p.loc.coordinates,
      code: p.featureCode,
      listed: p.population,
      admin: p.adminCode,
      muni: p.muni ?? '',
      muniSub: p.muniSub ?? '',
    }));
}

/** The people of a section of a city (PPLX) are counted in the city too: take them out there. */
function takeSectionsFromCities(list) {
  const taken = new Map();
  for (const country of COUNTRIES) {
    const all = list.filter((p) => p.country === country);
    const cities = all.filter((p) => p.code !== 'PPLX');
    for (const section of all) {
      let parent = null;
      if (section.code === 'PPLX') {
        let best = Infinity;
        for (const c of cities) {
          if (c.listed < section.listed || Math.abs(c.at[1] - section.at[1]) > 0.6) continue;
          const d = km(c.at, section.at);
          const root = Math.sqrt(c.listed);
          if (d <= 60 && d <= 0.03 * root && d / root < best) { best = d / root; parent = c; }
        }
      } else if (country === 'CA' && TORONTO.has(section.name)) {
        parent = cities.find((c) => c.name === 'Toronto');
        if (km(parent.at, section.at) > 40) parent = null;
      }
      if (parent) taken.set(parent, (taken.get(parent) ?? 0) + section.listed);
    }
  }
  for (const p of list) p.size = Math.max(0, p.listed - (taken.get(p) ?? 0));
}

/** Official totals by country: unit code → { region, total }. */
function officialUnits() {
  const out = Object.fromEntries(COUNTRIES.map((c) => [c, new Map()]));
  for (const r of input('subregion-populations.csv')) {
    out[r.country].set(r.unit_code, { total: Number(r.population), region: null, name: r.unit_name });
  }
  return out;
}

/** For each country, what region and unit a place belongs to. */
function assigners(neUnits, units) {
  const regionOf = new Map(input('geonames-regions.csv').map((r) => [`${r.country}/${r.admin_code}`, r.region_code]));
  const region = (p) => {
    const code = regionOf.get(`${p.country}/${p.admin}`);
    if (!code) throw new Error(`geonames-regions.csv: no region for ${p.country} ${p.admin} (${p.name})`);
    return code;
  };
  const coded = (unitOf) => (p) => {
    const unit = unitOf(p);
    return { region: region(p), unit: units[p.country].has(unit) ? unit : null };
  };

  // Elsewhere the region follows from the finest code that has one, else from the polygon: codes
  // are missing here and there, and Leinster or Viken lie in two regions.
  const drawn = new Map();
  for (const u of neUnits) {
    if (!drawn.has(u.country)) drawn.set(u.country, new Places());
    for (const polygon of u.polygons) drawn.get(u.country).add(polygon, u.region_code);
  }
  const byCode = (p) => ({
    region: regionOf.get(`${p.country}/${finestCode(p)}`) ?? drawn.get(p.country).at(p.at, 100)?.value ?? region(p),
    unit: null,
  });

  const postal = new Map(input('us-states.csv').map((r) => [r.postal, r.fips]));
  const byState = new Map();
  const shapes = new Map();
  for (const c of usCounties().features) {
    const fips = c.properties.id.slice(3);
    const state = fips.slice(0, 2);
    if (!byState.has(state)) byState.set(state, new Places());
    for (const polygon of polygonsOf(c.geometry)) byState.get(state).add(polygon, fips);
    shapes.set(`US/${fips}`, polygonsOf(c.geometry));
  }

  // British codes name the nation only, so the polygon decides; but a town just outside the unit
  // that bears its name belongs to it (Middlesbrough).
  const byNation = new Map();
  const namesakes = new Map();
  for (const u of neUnits.filter((n) => n.country === 'GB')) {
    if (!byNation.has(u.nation)) byNation.set(u.nation, new Places());
    if (!namesakes.has(u.unit)) namesakes.set(u.unit, new Places());
    for (const polygon of u.polygons) {
      byNation.get(u.nation).add(polygon, u);
      namesakes.get(u.unit).add(polygon, u);
    }
    const key = `GB/${u.unit}`;
    shapes.set(key, (shapes.get(key) ?? []).concat(u.polygons));
    units.GB.get(u.unit).region = u.region_code;
  }

  const locate = {
    ...Object.fromEntries(COUNTRIES.map((c) => [c, byCode])),
    AU: (p) => ({ region: region(p), unit: null }),
    CA: (p) => ({ region: region(p), unit: null }),
    DE: coded((p) => p.muni.slice(0, 5)),
    ES: coded((p) => p.muni.slice(0, 2)),
    IT: coded((p) => p.muni.slice(0, 3)),
    FR: (p) => {
      if (p.overseas) return { region: p.overseas[0], unit: p.overseas[1] };
      return coded(() => (p.name === 'Paris' ? '75' : p.muniSub.slice(0, 2)))(p);
    },
    US: (p) => {
      const state = postal.get(p.admin);
      const hit = byState.get(state)?.at(p.at, 500);
      if (!hit) throw new Error(`no county for ${p.name} ${p.admin}`);
      return { region: state, unit: hit.value };
    },
    GB: (p) => {
      const hit = namesakes.get(p.name)?.at(p.at, NAMESAKE_KM) ?? byNation.get(p.admin)?.at(p.at, 500);
      if (!hit) throw new Error(`no unit for ${p.name} ${p.admin}`);
      return { region: hit.value.region_code, unit: hit.value.unit };
    },
    interior: (country, unit) => shapes.get(`${country}/${unit}`),
  };
  return locate;
}

/** The code of GeoNames that says most of a place's region. */
function finestCode(p) {
  if (p.country === 'BE') return p.muni; // district; the code above it is one of three regions
  if (p.country === 'PT') return p.muni.slice(0, 4); // municipality; the regions cut the districts
  if (p.island) return null;
  return p.admin;
}

/** A place whose code names no unit joins the nearest place of its region that has one. */
function fillFromNeighbours(list, units) {
  for (const p of list.filter((q) => !q.unit && units[q.country].size)) {
    const near = list.filter((q) => q.country === p.country && q.region === p.region && q.unit)
      .sort((a, b) => km(a.at, p.at) - km(b.at, p.at))[0];
    if (near) p.unit = near.unit;
    console.log(`  unit of ${p.name} (${p.country} ${p.muni || 'no code'}): ${p.unit ?? 'none'}, by the nearest place`);
  }
}

/** Places by unit, by capital area (Australia) or else by region, each with its total. */
function groupByUnit(list, units, interior) {
  const groups = [];
  const byUnit = new Map();
  for (const p of list) {
    const key = `${p.country}/${p.unit}`;
    if (p.unit) byUnit.set(key, [...(byUnit.get(key) ?? []), p]);
  }
  for (const [country, table] of Object.entries(units)) {
    for (const [unit, { total, region, name }] of table) {
      const members = byUnit.get(`${country}/${unit}`) ?? [];
      if (!members.length) members.push(stand({ country, unit, region, name, total, interior }));
      groups.push({ key: `${country}/${unit}`, total, places: members });
    }
  }
  const capitals = new Map(input('au-capital-areas.csv').map((r) => [r.region_code, r]));
  for (const r of input('region-populations.csv').filter((q) => !units[q.country].size)) {
    const members = list.filter((p) => p.country === r.country && p.region === r.region_code);
    const total = Number(r.population);
    const capital = r.country === 'AU' ? capitals.get(r.region_code) : null;
    if (!capital) { groups.push({ key: `${r.country}/${r.region_code}`, total, places: members }); continue; }
    const inside = (p) => km(p.at, [Number(capital.lon), Number(capital.lat)]) <= Number(capital.radius_km);
    groups.push({ key: `AU/${capital.capital}`, total: Number(capital.population), places: members.filter(inside) });
    groups.push({ key: `AU/${r.region_code} rest`, total: total - Number(capital.population), places: members.filter((p) => !inside(p)) });
  }
  return groups;
}

/** One point for a unit that holds no listed place. */
function stand({ country, unit, region, name, total, interior }) {
  const polygons = interior(country, unit);
  if (!polygons) throw new Error(`${country} ${unit} ${name}: no place and no shape`);
  const at = centroid(polygons).map((v) => Math.round(v * 1e5) / 1e5);
  return {
    id: `fill-${country}-${unit}`.toLowerCase().replace(/[^a-z0-9]+/g, '-'), name, country, region: region ?? unit.slice(0, 2), unit, at, code: 'FILL', size: total, listed: total,
  };
}

/**
 * Scales the places of a group to its total T. Where the places hold more than T, all shrink alike.
 * Else half of those missing are spread over all places by size, half over the places under
 * 20,000 by the root of their size: they are the villages that the list leaves out.
 */
function scale({ key, total, places: members }) {
  const sum = members.reduce((s, p) => s + p.size, 0);
  if (!members.length) throw new Error(`${key}: no places`);
  let shares;
  if (sum === 0) shares = members.map(() => total / members.length);
  else if (sum >= total) shares = members.map((p) => p.size * total / sum);
  else {
    const rest = total - sum;
    const roots = members.map((p) => (p.size < SMALL_PLACE ? Math.sqrt(p.size) : 0));
    const root = roots.reduce((a, b) => a + b, 0);
    const bySize = root > 0 ? rest / 2 : rest;
    shares = members.map((p, i) => p.size + bySize * p.size / sum + (root > 0 ? rest / 2 * roots[i] / root : 0));
  }
  const whole = shares.map(Math.floor);
  const left = total - whole.reduce((a, b) => a + b, 0);
  const order = shares.map((s, i) => [s - whole[i], i]).sort((a, b) => b[0] - a[0] || cmp(members[a[1]].id, members[b[1]].id));
  for (let i = 0; i < left; i++) whole[order[i % order.length][1]]++;
  members.forEach((p, i) => { p.people = whole[i]; });
}

/** Whether the simplified regions leave a place outside. One that lies in another region, far from its own, has a wrong code. */
function flagOffshore(rows, regions) {
  const byCountry = new Map(COUNTRIES.map((c) => [c, new Places()]));
  const own = new Map(regions.map((r) => [r.id, new Places()]));
  for (const r of regions) {
    for (const polygon of r.geometry.coordinates) {
      byCountry.get(r.properties.country).add(polygon, r.id);
      own.get(r.id).add(polygon, r.id);
    }
  }
  const wrong = [];
  for (const p of rows) {
    const found = byCountry.get(p.country).at(p.at)?.value;
    p.offshore = found ? 0 : 1;
    const id = `${p.country}-${p.region}`;
    if (found && found !== id && !own.get(id).at(p.at, FAR_KM)) wrong.push(`${p.name} ${p.id} (${id}) lies in ${found}`);
  }
  if (wrong.length) throw new Error(`settlements more than ${FAR_KM} km from their region, for settlement-corrections.csv: ${wrong.join('; ')}`);
}

/** Every region sums to its official total to the person. */
function check(rows, regions) {
  const sum = new Map();
  for (const p of rows) sum.set(`${p.country}-${p.region}`, (sum.get(`${p.country}-${p.region}`) ?? 0) + p.people);
  const bad = regions.filter((r) => sum.get(r.id) !== r.properties.population);
  if (bad.length || sum.size !== regions.length) {
    throw new Error(`settlements: sums differ: ${bad.map((r) => `${r.id} ${sum.get(r.id)} for ${r.properties.population}`).join('; ')}`);
  }
  const ids = new Set(rows.map((p) => p.id));
  if (ids.size !== rows.length) throw new Error('settlements: an id occurs twice');
}
