// The card of a center: everything that the list has of it, in words, and its source.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, findings, key, open, serve, settled, shot } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const rows = (page) => page.locator("dialog[open] table.card tr").evaluateAll((list) => Object.fromEntries(list.map((r) => [r.cells[0].innerText, r.cells[1].innerText])));

test("a center's card says all that the list has", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=US&region=US-25", { bypassCSP: true });
  await settled(page);
  const known = (await (await fetch(server.url + "collections/centers/items/US-002")).json()).properties;
  await page.click("[data-center=US-002]");
  await page.waitForSelector("dialog[open] table.card");
  const card = await rows(page);
  assert.deepEqual([card["Treats"], card["Status"], card["How sure"], card["As of"]], ["adults; children: not stated", "gives CAR-T", "a source names it as active", known.as_of]);
  assert.ok(card["Source"].includes(known.source));
  assert.equal(await page.getAttribute("dialog[open] table.card a", "href"), known.source_url);
  assert.deepEqual(await findings(page), []);
  await shot(page, "center");
  await page.setViewportSize({ width: 390, height: 844 });
  await shot(page, "center-phone");
  await page.keyboard.press("Escape");
  await page.selectOption("#region", "US-36");
  await page.click(".centers-here summary");
  await page.click("[data-center=US-001]");
  await page.waitForSelector("dialog[open] table.card");
  assert.match((await rows(page))["Counted as one center with"], /Weill Cornell/);
  await page.keyboard.press("Escape");

  // Every center of every country has a card without a gap, in every language.
  const all = (await (await fetch(server.url + "collections/centers/items?limit=1000")).json()).features;
  const words = Object.fromEntries(await Promise.all(["en", "de", "es", "fr", "it"].map(async (l) => [l, JSON.parse(await (await import("node:fs/promises")).readFile(new URL(`../../words/${l}.json`, import.meta.url)))])));
  const slug = (w) => String(w).toLowerCase().replace(/[^a-z0-9]+/g, "-");
  for (const f of all) for (const what of ["status", "tier", "evidence", "location"]) for (const l of Object.keys(words)) assert.ok(words[l][`app.card.${what}.${slug(f.properties[what])}`], `${l}: ${what} ${f.properties[what]}`);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("of one's own center it shows what the file says", async () => {
  await fetch(server.url + "collections/sites-mine?format=csv", { method: "PUT", headers: { Authorization: `Bearer ${key}`, "Content-Type": "text/csv" }, body: "id,name,lon,lat,products,since,empty\nh,Haus,10.1,52.1,axi-cel,2024,\n" });
  const { page, wrong, context } = await open(browser, server.url, "#country=DE&own=%7E%7E%7E%7Esites-mine&region=DE-DE9");
  await settled(page);
  await page.click("[data-center=h]");
  await page.waitForSelector("dialog[open] table.card");
  assert.deepEqual(await rows(page), { products: "axi-cel", since: "2024" });
  assert.deepEqual(wrong, []);
  await context.close();
});
