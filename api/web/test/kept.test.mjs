// Scenarios under names: kept, switched, compared, renamed, deleted, and in the address.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, drawn, findings, open, serve, settled, shot } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const moves = (page) => page.locator(".moves li").allInnerTexts().then((list) => list.map((t) => t.split("\n")[0].replace(/ ×$/, "")));
const names = (page) => page.locator("[data-kept]").evaluateAll((list) => list.map((l) => l.dataset.kept));
const click = (page, name, what) => page.click(`[data-kept="${name}"] [data-do=${what}]`);
async function openIn(page, town) {
  const before = await settled(page);
  await page.fill(".town input", town);
  await page.click(".found button");
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), before);
  return settled(page);
}
async function keep(page, name) {
  await page.fill("input[name=keep]", name);
  await page.click(".keep button");
}

test("scenarios are kept under names", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=ES", { bypassCSP: true });
  await settled(page);
  assert.equal(await page.locator("input[name=keep]").count(), 0); // there is nothing to keep
  const west = await openIn(page, "badajoz");
  await keep(page, "West | first");
  await page.click(".moves + .row button");
  await settled(page);
  await openIn(page, "almería");
  await keep(page, "South");
  assert.deepEqual(await names(page), ["West / first", "South"]);
  assert.equal((await moves(page)).length, 1);

  // Switch, and see on the map which it is.
  await click(page, "West / first", "show");
  await page.waitForFunction((id) => document.querySelector(".maps-area").getAttribute("data-study") === id, west);
  assert.match((await moves(page))[0], /Badajoz/);
  assert.match(await page.locator(".which").innerText(), /^Scenario A: West \/ first$/);

  // Compare: it stands beside the one that is shown.
  await click(page, "South", "compare");
  await page.waitForFunction(() => document.querySelectorAll(".maplibregl-canvas").length === 2);
  assert.deepEqual(await page.locator(".which").allInnerTexts(), ["Scenario A: West / first", "Scenario B: South"]);
  assert.deepEqual(await findings(page), []);
  await drawn(page);
  await page.locator(".kept").scrollIntoViewIfNeeded();
  await shot(page, "kept");

  // Rename: not to a name that is taken; undo takes it back.
  await click(page, "South", "rename");
  await page.fill("input[name=rename]", "West / first");
  assert.ok(await page.isDisabled(".kept form button"));
  await page.fill("input[name=rename]", "Sur");
  await page.click(".kept form button");
  assert.deepEqual(await names(page), ["West / first", "Sur"]);
  await page.click("[data-do=undo]");
  assert.deepEqual(await names(page), ["West / first", "South"]);
  await page.click("[data-do=redo]");

  // Whoever opens the address has them; a sign that the address needs is written otherwise.
  const other = await open(browser, server.url, new URL(page.url()).hash);
  await settled(other.page);
  assert.deepEqual(await names(other.page), ["West / first", "Sur"]);
  await click(other.page, "Sur", "show");
  await other.page.waitForFunction(() => /Almer/.test(document.querySelector(".moves")?.textContent ?? ""));

  // Those of a country are shown with it alone, and are there when it is chosen again.
  await other.page.selectOption("#country", "PT");
  await settled(other.page);
  assert.deepEqual(await names(other.page), []);
  await other.page.selectOption("#country", "ES");
  await settled(other.page);
  assert.deepEqual(await names(other.page), ["West / first", "Sur"]);
  await click(other.page, "West / first", "delete");
  assert.deepEqual(await names(other.page), ["Sur"]);
  assert.deepEqual([...wrong, ...other.wrong], []);
  await context.close();
  await other.context.close();
});
