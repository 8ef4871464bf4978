// The three stories: see my region, move a center, rank five spokes and print.
// Whatever is shown is compared with what the server answers.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, drawn, open, serve, settled, shot } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const json = async (path, options) => (await fetch(server.url + path, options)).json();
const text = (page, selector) => page.locator(selector).innerText();
const digits = (s) => Number(s.replaceAll(",", "").match(/-?[\d.]+/)[0]);
const near = (shown, exact, step) => assert.ok(Math.abs(shown - exact) <= step / 2 + 1e-9, `${shown} is shown, the server says ${exact}`);

test("see my region", async () => {
  const { page, wrong, context } = await open(browser, server.url);
  const id = await settled(page);
  const study = await json(`studies/${id}`);
  near(digits(await text(page, "[data-figure=density] .value")), study.summary.density.countries[0].density, 0.1);
  near(digits(await text(page, "[data-figure=beyond] .value")), 100 * study.summary.gaps.share_beyond, 1);
  near(digits(await text(page, "[data-figure=time] .value")), study.summary.travel.time_min.mean, 1);
  near(digits(await text(page, "[data-figure=foregone] .value")), study.summary.penalty.beyond_four_hours[0].foregone, 10);

  await page.selectOption("#region", "US-56"); // Wyoming
  const region = (await json(`collections/${id}-regions/items/US-56`)).properties;
  const story = await text(page, ".story");
  assert.match(story, /no center in Wyoming/);
  assert.ok(story.includes(`${Math.round(region.mean_time_min)} min`), story);
  assert.ok(story.includes(`${(100 * region.share_beyond).toFixed(0)} %`), story);

  const sheet = await json(`studies/baseline-us/sheet/US-56`);
  await page.waitForSelector(".story .more");
  assert.ok((await text(page, ".story")).includes(sheet.sites[0].name) && (await text(page, ".story")).includes(sheet.center.name));

  // The table holds every region and every number of the map.
  const rows = (await json(`collections/${id}-regions/items?limit=100`)).features;
  assert.equal(await page.locator("#regions tbody tr").count(), rows.length);
  for (const f of rows) assert.equal(Number(await page.getAttribute(`tr[data-id="${f.id}"] td[data-column=per_10m]`, "data-value")), f.properties.per_10m);
  await page.click("#regions thead th:nth-child(2) button");
  assert.match(await text(page, "#regions tbody tr:first-child th"), /California/);
  assert.equal(await page.getAttribute("#regions thead th:nth-child(2)", "aria-sort"), "descending");

  // How sure: the interval is that of the draws.
  await page.click("[data-figure=beyond]");
  await page.waitForFunction(() => /95/.test(document.querySelector(".interval")?.textContent ?? ""));
  assert.match(await text(page, "dialog[open]"), /straight-line/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);

  // A region on which the list cannot be trusted says so.
  await page.selectOption("#region", "US-28");
  assert.match(await text(page, ".story"), /there may be one/);
  assert.match(await text(page, "[data-word=completeness]"), /Mississippi/);

  // The address restores what is seen, in another window too.
  await page.selectOption("#column", "mean_time_min");
  await page.waitForFunction(() => location.hash.includes("mean_time_min"));
  const other = await open(browser, server.url, new URL(page.url()).hash);
  assert.equal(await settled(other.page), id);
  assert.match(await text(other.page, ".story"), /Mississippi/);
  assert.equal(await other.page.inputValue("#column"), "mean_time_min");
  await drawn(page);
  await shot(page, "region");
  assert.deepEqual([...wrong, ...other.wrong], []);
  await context.close();
  await other.context.close();
});

test("move a center", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=IT&column=mean_time_min");
  const before = await settled(page);
  await drawn(page);
  await page.click("[data-do=add]");
  await page.evaluate(() => scrollTo(0, 0));
  const map = await page.locator(".maplibregl-canvas").boundingBox();
  await page.mouse.click(map.x + map.width * 0.95, map.y + map.height * 0.9); // the sea
  await page.waitForSelector("section:has(#moves-head) [role=alert]");
  await page.click("[data-do=add]");
  await page.evaluate(() => scrollTo(0, 0));
  await page.mouse.click(map.x + map.width * 0.638, map.y + map.height * 0.59); // Basilicata
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), before);
  await page.waitForSelector("[data-millis]", { state: "attached" });
  const id = await settled(page);
  const s = (await json(`studies/${id}`)).summary.scenarios[0];
  assert.match(await text(page, ".moves"), /New center 1, near .* opens/);
  near(digits((await text(page, "[data-figure=treated] .change")).replace("−", "-")), s.treated[0].change, 0.1);
  assert.match(await text(page, ".which"), /Scenario A/);
  console.log(`  a center more: fresh numbers after ${await page.getAttribute("[data-millis]", "data-millis")} ms`);

  // The table shows the regions of the scenario, as the server has them.
  const rows = (await json(`collections/${id}-regions_a/items?limit=100`)).features;
  for (const f of rows) assert.equal(Number(await page.getAttribute(`tr[data-id="${f.id}"] td[data-column=mean_time_min]`, "data-value")), f.properties.mean_time_min);
  await shot(page, "moved");

  // Two scenarios beside each other, and under a swipe.
  await page.click("input[name=editing] >> nth=1");
  const center = await page.locator("#close option >> nth=1").getAttribute("value");
  await page.selectOption("#close", center);
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
  for (const how of [1, 2]) {
    await page.click(`input[name=compare] >> nth=${how}`);
    await page.waitForFunction(() => document.querySelectorAll(".maplibregl-canvas").length === 2);
    await page.waitForTimeout(1500);
    await shot(page, how === 1 ? "side" : "swipe");
  }
  assert.deepEqual(await page.locator(".which").allInnerTexts(), ["Scenario A", "Scenario B"]);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("rank five spokes and print", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=DE");
  await settled(page);
  await page.fill("#pick", "5");
  await page.click("[data-do=rank]");
  await page.waitForSelector(".plan li >> nth=4", { timeout: 60000 });
  const best = await json("sites?country=DE&pick=5");
  assert.deepEqual((await page.locator(".plan li button").allInnerTexts()).map((t) => t.trim()), best.plan.map((s) => s.name));
  await page.waitForFunction(() => document.querySelectorAll(".moves li").length === 5);
  let id = await settled(page);
  // With hubs each site names its own, as the server has it.
  await page.selectOption("#hub", "60");
  await page.click("[data-do=rank]");
  await page.waitForSelector(".plan li >> nth=4 >> text=/partner center: .* min/", { timeout: 60000 });
  await page.selectOption("#hub", "0");
  await page.click("[data-do=rank]");
  await page.waitForFunction((names) => names.every((n, i) => document.querySelectorAll(".plan li button")[i]?.textContent.trim() === n), best.plan.map((s) => s.name));
  id = await settled(page);
  // Step back to the first two: the scenario holds two sites, and gains what they do.
  await page.click(".plan li:nth-child(2) button");
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
  id = await settled(page);
  const s = (await json(`studies/${id}`)).summary.scenarios[0];
  near(s.treated[0].change, best.plan[0].gain + best.plan[1].gain, 1e-6);
  await drawn(page);
  await shot(page, "ranked");
  for (const [kind, magic] of [["pdf", "%PDF"], ["png", "\x89PNG"], ["svg", "<svg"]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-take=${kind}]`)]);
    const body = await readFile(await download.path(), "latin1");
    assert.ok(body.includes(magic) && body.length > 5000, `${kind}: ${body.slice(0, 300)}`);
  }
  for (const kind of ["csv", "geojson", "gpkg", "spec"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-take=${kind}]`)]);
    const body = await readFile(await download.path());
    if (kind === "spec") { // the study that was taken away is the one that was seen
      const again = await json("processes/study/execution", { method: "POST", body, headers: { "Content-Type": "application/json" } });
      assert.equal(again.id, id);
    }
    assert.ok(body.length > 500, kind);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a ranking can be ended", async () => {
  const { page, context } = await open(browser, server.url, "#country=US&least=1000&pick=20");
  await settled(page);
  await page.click("[data-do=rank]");
  await page.click("section:has(#rank-head) [role=status] button");
  await page.waitForSelector("section:has(#rank-head) [role=alert]");
  assert.match(await text(page, "section:has(#rank-head) [role=alert]"), /cancelled/);
  await context.close();
});

test("the stories by keyboard alone", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=ES");
  let id = await settled(page);
  const to = async (selector) => {
    for (let i = 0; i < 200; i++) {
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not reach ${selector}`);
  };
  await to("#region");
  await page.keyboard.type("Extre");
  assert.match(await text(page, ".story"), /Extremadura/);
  await to(".town input");
  await page.keyboard.type("badajoz");
  await page.waitForSelector(".found button");
  await page.keyboard.press("Enter");
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
  id = await settled(page);
  assert.match(await text(page, ".moves"), /Badajoz opens/);
  await to("#pick");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".plan li >> nth=1", { timeout: 60000 });
  await to("[data-take=pdf]");
  await to("#regions tbody button");
  await page.keyboard.press("Enter");
  assert.match(await text(page, ".story"), /Andaluc/);
  // A center goes where the cross is.
  await page.reload();
  await settled(page);
  await to("[data-do=add]");
  await page.keyboard.press("Enter");
  await page.locator(".maplibregl-canvas").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForTimeout(600);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /New center 1/.test(document.querySelector(".moves")?.textContent ?? ""));
  assert.deepEqual(wrong, []);
  await context.close();
});
