#!/usr/bin/env bash
# Package:  @valhallajs/valhallajs 3.6.1 (npm): Valhalla 3.6.1, costing auto, default options; pbf 4.0.1 writes the map.
# Source:   Valhalla's page "Speed values" (speed is that of the tag maxspeed, else of the kind of road); its issues 403 (a track
#           is given 5 km/h) and 2895 (one kilometre, 21 minutes); use_tracks is a preference, and speaks of no time.
# Guess:    a track is driven at 10 to 20 km/h, as a road with a bad surface is; that tracks are avoided changes which way
#           is taken, and not how long it takes.
# Seen:     the time of a track without further tags is that of 2 km/h: half an hour a kilometre, slower than on foot; a track of
#           gravel the same; grade1 10 km/h; the same road as unclassified 40 km/h.
# Matters:  places whose last kilometre is a track (farms, hamlets, mountain valleys) are half an hour further from every
#           hospital than they are, and a village that two kilometres of track join to its road is beyond any limit. Means and
#           shares of people out of reach move with how the tracks of a region were tagged. Nothing in the answer says so.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund @valhallajs/valhallajs@3.6.1 pbf@4.0.1 >/dev/null 2>&1 || exit 2
cat > probe.mjs <<'JS'
import fs from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import Pbf from "pbf";
const { Actor } = createRequire(import.meta.url)("@valhallajs/valhallajs");

// Four roads of three kilometres, whose middle one is what is looked at.
const middles = [{ highway: "track" }, { highway: "track", tracktype: "grade1" }, { highway: "track", surface: "gravel" }, { highway: "unclassified" }];
const texts = [""], nodes = [], ways = [];
const text = (s) => (texts.includes(s) ? texts.indexOf(s) : texts.push(s) - 1);
middles.forEach((tags, row) => {
  const ids = [0, 1, 2, 3].map((k) => { nodes.push({ id: 10 * row + k + 1, lon: 7 + k * 0.01316, lat: 47 + row / 100 }); return 10 * row + k + 1; });
  for (const k of [0, 1, 2]) ways.push({ id: 10 * row + k + 1, tags: k === 1 ? tags : { highway: "residential" }, refs: [ids[k], ids[k + 1]] });
  if (row) ways.push({ id: 100 + row, tags: { highway: "residential" }, refs: [10 * (row - 1) + 1, ids[0]] });
});
ways.sort((a, b) => a.id - b.id);
const block = (type, body) => {
  const blob = new Pbf(), head = new Pbf();
  blob.writeBytesField(1, body);
  blob.writeVarintField(2, body.length);
  const b = blob.finish();
  head.writeStringField(1, type);
  head.writeVarintField(3, b.length);
  const h = Buffer.from(head.finish()), n = Buffer.alloc(4);
  n.writeUInt32BE(h.length);
  return Buffer.concat([n, h, b]);
};
const header = new Pbf();
header.writeStringField(4, "OsmSchema-V0.6");
const group = new Pbf();
for (const n of nodes) group.writeMessage(1, (n, p) => { p.writeSVarintField(1, n.id); p.writeSVarintField(8, Math.round(n.lat * 1e7)); p.writeSVarintField(9, Math.round(n.lon * 1e7)); }, n);
for (const w of ways) group.writeMessage(3, (w, p) => {
  p.writeVarintField(1, w.id);
  p.writePackedVarint(2, Object.keys(w.tags).map(text));
  p.writePackedVarint(3, Object.values(w.tags).map(text));
  p.writePackedSVarint(8, w.refs.map((r, i) => r - (i ? w.refs[i - 1] : 0)));
}, w);
const data = new Pbf();
data.writeMessage(1, (t, p) => t.forEach((s) => p.writeBytesField(1, Buffer.from(s))), texts);
data.writeBytesField(2, group.finish());
fs.writeFileSync("made.osm.pbf", Buffer.concat([block("OSMHeader", header.finish()), block("OSMData", data.finish())]));

fs.writeFileSync("config.json", execFileSync("npx", ["valhalla", "build_config", "--mjolnir-tile-dir", "tiles", "--mjolnir-tile-extract", "tiles.tar"]));
execFileSync("npx", ["valhalla", "build_tiles", "-c", "config.json", "made.osm.pbf"], { stdio: "ignore" });
const actor = await Actor.fromConfigFile("config.json");
const seconds = [];
for (const [row, tags] of middles.entries()) {
  const at = (k) => ({ lat: 47 + row / 100, lon: 7 + k * 0.01316 });
  const r = await actor.matrix({ sources: [at(0.99)], targets: [at(2.01)], costing: "auto" });
  const cell = r.sources_to_targets[0][0];
  seconds.push(cell.time);
  console.log(`${JSON.stringify(tags)}: ${cell.time} s for ${cell.distance} km, ${(3600 * cell.distance / cell.time).toFixed(1)} km/h`);
}
const [track, firm, gravel, road] = seconds;
process.exit(track > 1500 && gravel > 1500 && firm < 600 && road < 200 ? 0 : 1);
JS
node probe.mjs >out 2>log && rc=0 || rc=$?
grep "^{" out || { cat log; exit 2; }
exit $rc
