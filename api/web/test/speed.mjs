// How long it takes, on this machine: node test/speed.mjs. Nothing is required
// of the numbers here: machines differ.

import { readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { browse, open, serve, settled } from "./app.mjs";

const server = await serve();
const browser = await browse();
const median = (v) => v.sort((a, b) => a - b)[Math.floor(v.length / 2)];
const log = (what, list) => console.log(`${what}: median ${Math.round(median(list))} ms (${list.map(Math.round).join(", ")})`);

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const sum = (list) => Math.round(list.reduce((a, b) => a + b, 0) / 1000);
const packed = (ending) => sum(readdirSync(dist, { recursive: true }).filter((f) => f.endsWith(ending)).map((f) => statSync(dist + f).size));
console.log(`the app in all its languages, compressed: ${packed(".br")} kB as Brotli, ${packed(".gz")} kB as gzip`);

for (const country of ["US", "IT"]) {
  const first = [];
  const told = [];
  const fresh = [];
  let sent = 0;
  for (let i = 0; i < 5; i++) {
    const { page, context } = await open(browser, server.url, `#country=${country}`); // nothing is cached in a new context
    await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
    first.push(await page.evaluate(() => performance.getEntriesByName("drawn")[0].startTime));
    told.push(await page.evaluate(() => performance.getEntriesByName("figures")[0].startTime));
    sent = sum(await page.evaluate(() => performance.getEntries().filter((e) => e.name.includes("/app/")).map((e) => e.transferSize)));
    let id = await settled(page);
    for (const n of [1, 2]) {
      await page.waitForTimeout(1500); // the maps are drawn by then: nobody clicks before they see where
      const [lon, lat] = country === "US" ? [-105 + i / 10 + n / 10, 41 + i / 20] : [15.9 + i / 20 + n / 20, 40.5 + i / 20];
      await page.evaluate((hash) => (location.hash = hash), `#country=${country}&shown=a&a=open~new-1~${lon}~${lat}~x`);
      await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
      id = await settled(page);
      fresh.push(Number(await page.getAttribute("[data-millis]", "data-millis")));
    }
    await context.close();
  }
  console.log(`${country}: the app as it was sent: ${sent} kB`);
  log(`${country}: from the address to the figures and the table, nothing cached`, told);
  log(`${country}: from the address to the map with data, nothing cached`, first);
  log(`${country}: a center opened or moved, to fresh numbers`, fresh);
}
await browser.close();
server.stop();
