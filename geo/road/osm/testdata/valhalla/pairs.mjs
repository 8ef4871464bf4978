// node pairs.mjs CONFIG PAIRS.csv OUT.csv: Valhalla's time and distance of each pair.
import fs from "fs";
import { createRequire } from "module";
const { Actor } = createRequire(import.meta.url)("@valhallajs/valhallajs");

const [config, pairs, out] = process.argv.slice(2);
const [head, ...rows] = fs.readFileSync(pairs, "utf8").trim().split("\n");
const actor = await Actor.fromConfigFile(config);
const lines = [head];
for (const row of rows) {
  const [x, y, u, v] = row.split(",").slice(0, 4);
  let cell = {};
  try {
    const r = await actor.matrix({ sources: [{ lon: +x, lat: +y }], targets: [{ lon: +u, lat: +v }], costing: "auto" });
    cell = r.sources_to_targets[0][0];
  } catch {} // no way: an empty cell
  lines.push([x, y, u, v, cell.time ?? "", cell.distance ?? ""].join(","));
}
fs.writeFileSync(out, lines.join("\n") + "\n");
