#!/usr/bin/env bash
# Package:  @duckdb/node-api 1.5.6-r.1 (npm; DuckDB 1.5.6, without extensions).
# Source:   GeoParquet 1.1 (a column without "crs" is OGC:CRS84: longitude and latitude) and 2.0 ("crs" of the metadata
#           reflects that of the column's type); Parquet format, GEOMETRY logical type.
# Guess:    GEOPARQUET_VERSION 'V2' writes the reference system of the column into both places, or refuses as 'V1' does.
# Seen:     metrical coordinates of EPSG:3035 are written with a "geo" entry that has no "crs", and with EPSG:3035 in the
#           type of the column. By the "geo" entry alone they are degrees. 'V1' refuses the same column.
# Matters:  a reader that knows the "geo" entry takes the system for WGS84. Where the numbers are degrees or grads of
#           another datum or meridian nothing looks wrong, and the places are a hundred metres or a country away.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund --prefix . @duckdb/node-api@1.5.6-r.1 >/dev/null || exit 2
cat > probe.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api'

const db = await (await DuckDBInstance.create()).connect()
const rows = async sql => (await db.runAndReadAll(sql)).getRowsJS()
const write = version => db.run(`COPY (SELECT 1 AS id, ST_SetCRS('POINT (4321000 3210000)'::GEOMETRY, 'EPSG:3035') AS place)
  TO 'places-${version}.parquet' (GEOPARQUET_VERSION '${version}')`)

await write('V2')
const [[text]] = await rows(`SELECT decode(value) FROM parquet_kv_metadata('places-V2.parquet') WHERE decode(key) = 'geo'`)
const [[type]] = await rows(`SELECT logical_type FROM parquet_schema('places-V2.parquet') WHERE name = 'place'`)
console.log('geo entry:', text)
console.log('type of the column:', type)
let refusal = ''
await write('V1').catch(err => { refusal = err.message.split('\n')[0] })
console.log("with 'V1':", refusal || 'written')
const column = JSON.parse(text).columns.place
process.exit(!('crs' in column) && type.includes('EPSG:3035') && refusal ? 0 : 1)
JS
node probe.mjs
