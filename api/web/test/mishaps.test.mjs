// What goes wrong is said, and nothing wrong is shown in its place.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, key, open, serve, serveWith, settled } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const text = (page, selector) => page.locator(selector).innerText();

test("a server that is gone shows no other country's numbers", async () => {
  const own = await serve();
  const { page, context } = await open(browser, own.url, "#country=IT");
  await settled(page);
  await own.stop();
  await page.selectOption("#country", "ES");
  await page.waitForSelector(".side [role=alert]");
  assert.match(await text(page, ".side [role=alert]"), /does not answer/);
  assert.equal(await page.locator("[data-figure]").count(), 0);
  assert.equal(await page.locator("#regions").count(), 0);
  assert.equal(await page.locator(".maplibregl-canvas").isVisible(), false);
  await context.close();
});

test("while another country is computed nothing of the one before stands under its name", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=IT");
  await settled(page);
  let go;
  const looked = new Promise((done) => (go = done));
  await page.route("**/execution*", async (route) => {
    await looked;
    await route.continue();
  });
  await page.selectOption("#country", "ES");
  await page.waitForSelector(".side [role=status]");
  await page.waitForFunction(() => !document.querySelector("[data-figure], #regions") && !document.querySelector(".maplibregl-canvas")?.checkVisibility({ visibilityProperty: true }));
  go();
  await settled(page);
  await page.waitForSelector("tr[data-id^=ES-]");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("an address that cannot be carried out leads back", async () => {
  const { page, context } = await open(browser, server.url, "#country=DE&a=close~nope&shown=a");
  await page.waitForSelector(".side [role=alert]");
  assert.match(await text(page, ".side [role=alert]"), /no site "nope"/);
  await page.click(".side [role=alert] button >> nth=1");
  await settled(page);
  await page.waitForSelector("[data-figure=density]");
  assert.equal(await page.locator(".side [role=alert]").count(), 0);
  // What is shown is what there is: no scenario B without moves.
  await page.evaluate(() => (location.hash = "#country=DE&a=open~new-1~13.4~52.5~X&shown=b"));
  await page.waitForFunction(() => /DE/.test(location.hash) && document.querySelector("#country").value === "DE");
  await settled(page);
  assert.match(await text(page, ".which"), /Today/);
  await context.close();
});

test("people who get a way for the first time are counted apart", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=FR&region=FR-04&a=open~new-1~55.45~-20.88~Saint-Denis&shown=a");
  const id = await settled(page);
  const s = (await (await fetch(`${server.url}studies/${id}`)).json()).summary.scenarios[0];
  assert.ok(s.people_newly_with_a_time > 0);
  const page1 = await text(page, "body");
  assert.ok(!/NaN|undefined|null/.test(page1), page1.match(/.{40}(NaN|undefined|null).{40}/)?.[0]);
  assert.match(await text(page, "[data-figure=treated] .change"), new RegExp(`${s.treated[0].treated_of_people_newly_with_a_time.toFixed(1)} among people who have a way for the first time`));
  assert.match(await text(page, ".story"), /for the first time/);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("of places a scenario changes the times alone, and their rows come whole", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=US&layer=places&column=likelihood_hold&a=close~US-001&shown=a");
  const id = await settled(page);
  assert.match(await text(page, ".which"), /Today/);
  await page.selectOption("#column", "time_min");
  await page.waitForFunction(() => /Scenario A/.test(document.querySelector(".which").textContent));
  assert.match(await page.getAttribute("[data-take=png]", "href"), /time_min_a/);
  const places = await (await fetch(`${server.url}collections/${id}-places/items?limit=1`)).json();
  for (const kind of ["csv", "geojson"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-take=${kind}]`)]);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\n").length - (kind === "csv" ? 1 : 0);
    assert.equal(lines, places.numberMatched, kind);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test("an address that is typed while the page still loads is the one that counts", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  let arrived = () => undefined;
  const typed = new Promise((done) => (arrived = done));
  await page.route(/\/en-[^/]*\.js$/, async (route) => {
    await typed;
    await route.continue();
  });
  const asked = page.waitForRequest(/\/en-[^/]*\.js$/);
  await page.goto(server.url + "app/", { waitUntil: "commit" });
  await asked;
  await page.evaluate(() => (location.hash = "#country=ES&units=mi"));
  arrived();
  await settled(page);
  assert.equal(await page.inputValue("#country"), "ES");
  assert.match(page.url(), /country=ES.*units=mi|units=mi.*country=ES/);
  await context.close();
});

test("Back goes back", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=GB");
  const first = await settled(page);
  await page.selectOption("#country", "IT");
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), first);
  await page.goBack();
  await page.waitForFunction((b) => document.querySelector(".maps-area").getAttribute("data-study") === b, first);
  assert.equal(await page.inputValue("#country"), "GB");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("layers of several countries have no density of one of them for the whole", async () => {
  const put = (name, format, body) => fetch(`${server.url}collections/${name}?format=${format}`, { method: "PUT", body, headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/octet-stream" } });
  const square = (id, x) => ({ type: "Feature", id, properties: { name: id, country: id }, geometry: { type: "Polygon", coordinates: [[[x, 45], [x + 1, 45], [x + 1, 46], [x, 46], [x, 45]]] } });
  for (const answer of [
    await put("two-places", "csv", "id,name,country,lon,lat,people\na,Alba,A,10.5,45.5,1000000\nb,Bora,B,11.5,45.5,9000000\n"),
    await put("two-lands", "geojson", JSON.stringify({ type: "FeatureCollection", features: [square("A", 10), square("B", 11)] })),
    await put("two-sites", "csv", "id,name,country,lon,lat\nh,Hospital,A,10.5,45.4\ni,Infirmary,B,11.5,45.4\n"),
  ]) assert.equal(answer.status, 201);
  const { page, wrong, context } = await open(browser, server.url, "#own=two-places~people~two-lands~~two-sites&region=A");
  const id = await settled(page);
  assert.equal((await (await fetch(`${server.url}studies/${id}`)).json()).summary.density.countries.length, 2);
  await page.waitForSelector(".story h3");
  assert.equal(await page.locator("[data-figure=density]").count(), 0);
  assert.match(await text(page, ".story"), /1 center: 10 per 10 million|1 center: 10.0 per 10 million/);
  assert.ok(!/Of the whole/.test(await text(page, ".story")));
  assert.deepEqual(wrong, []);
  await context.close();
});

// Somebody at their own machine sends a list of centers, without a key, and sees it on the
// people of a country: a region without one may still have one, unless the list is whole.
test("own centers on the people of a country", async () => {
  const own = await serveWith("");
  try {
    const { page, wrong, context } = await open(browser, own.url, "#country=IE");
    await settled(page);
    await page.click("details.own > summary");
    const file = { name: "clinics.csv", mimeType: "text/csv", buffer: Buffer.from("id,lon,lat,name\nc1,-8.47,51.9,Cork\nc2,-6.26,53.35,Dublin\n") };
    await page.setInputFiles("details.own input[name=files]", file);
    await page.check("details.own input[name=complete]");
    assert.equal(await page.locator("details.own input[type=password]").count(), 0);
    await page.click("details.own form button[type=submit]");
    await page.waitForFunction(() => decodeURIComponent(location.hash).includes("sites-clinics~complete"));
    const study = await settled(page);
    const summary = await (await fetch(`${own.url}studies/${study}`)).json();
    assert.equal((summary.summary ?? summary).sites.campuses, 2);
    const rows = await (await fetch(`${own.url}collections/${study}-regions/items?f=json`)).json();
    assert.deepEqual(rows.features.map((f) => f.properties.gap).sort(), ["has a center", "has a center", "none"]);
    assert.deepEqual(wrong, []);
    await context.close();
  } finally {
    own.stop();
  }
});
