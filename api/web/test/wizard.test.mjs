// Files of the user's own: what is in them is said before they are sent, columns can be chosen,
// and the study has them in the place of the atlas.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { binary, browse, drawn, findings, key, open, serve, serveWith, settled, shot } from "./app.mjs";

let server, own, browser, folder;
before(async () => {
  [server, own, browser] = await Promise.all([serve(), serveWith(""), browse()]);
  folder = mkdtempSync(join(tmpdir(), "wizard-"));
});
after(async () => {
  await browser?.close();
  server?.stop();
  own?.stop();
  rmSync(folder, { recursive: true, force: true });
});

// made is a table in another format, as the program writes it.
function made(name, csv, more = []) {
  writeFileSync(join(folder, "in.csv"), csv);
  execFileSync(binary, ["data", "export", join(folder, "in.csv"), "-o", join(folder, name), "--overwrite", ...more]);
  return { name, mimeType: "application/octet-stream", buffer: readFileSync(join(folder, name)) };
}
const file = (name, body) => ({ name, mimeType: "text/plain", buffer: Buffer.from(body) });
const card = (name) => `[data-file="${name}"]`;
const json = async (of, path) => (await fetch(of.url + path)).json();
const another = async (page, id) => {
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
  return settled(page);
};

test("own centers from a workbook, on the people of the atlas, without a key at one's own machine", async () => {
  const { page, wrong, context } = await open(browser, own.url, "#country=DE", { bypassCSP: true });
  const today = await settled(page);
  const book = made("Zentren Süd.xlsx", "Kennung,Klinik,Länge,Breite\nM,München,11.58,48.14\nS,Stuttgart,9.18,48.78\nT,Trier,6.64,49.76\n");
  // It is dropped on the page.
  const dropped = await page.evaluateHandle(([name, bytes]) => {
    const d = new DataTransfer();
    d.items.add(new File([Uint8Array.from(bytes)], name));
    return d;
  }, [book.name, [...book.buffer]]);
  await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
  await page.waitForSelector(`${card(book.name)} .understood`);
  const said = await page.locator(`${card(book.name)} .understood`).innerText();
  assert.match(said, /^3 rows, 4 columns\. 3 rows have a place on the map: longitude 6\.6 to 11\.6, latitude 48\.1 to 49\.8\. Coordinates are read as degrees/);
  assert.deepEqual(await page.locator(`${card(book.name)} tbody tr:first-child td`).allInnerTexts(), ["M", "München", "11.58", "48.14"]);
  const picked = (what) => page.inputValue(`${card(book.name)} select[name=${what}]`);
  assert.deepEqual([await picked("as"), await picked("id"), await picked("name"), await picked("lon"), await picked("lat")], ["sites", "Kennung", "Klinik", "Länge", "Breite"]);
  assert.match(await page.locator("form.wizard").innerText(), /people and regions are those of the country/);
  assert.equal(await page.locator("form.wizard input[name=key]").count(), 0);
  assert.deepEqual(await findings(page), []);
  await shot(page, "wizard");
  await page.setViewportSize({ width: 390, height: 844 });
  await shot(page, "wizard-phone", { fullPage: true });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await page.setViewportSize({ width: 1360, height: 900 });
  await page.check("form.wizard input[name=complete]");
  await page.click("form.wizard button[type=submit]");
  const id = await another(page, today);
  const study = await json(own, `studies/${id}`);
  assert.equal(study.summary.sites.rows, 3);
  assert.ok(study.summary.population > 80e6);
  const regions = (await json(own, `collections/${id}-regions/items?limit=100`)).features;
  assert.ok(regions.some((r) => r.properties.gap === "none" || r.properties.gap === ""), JSON.stringify(regions.map((r) => r.properties.gap))); // it has every center
  // The rest of the app works on: a town of the atlas is found.
  await page.fill(".town input", "bremen");
  await page.waitForSelector(".found button");
  assert.deepEqual(wrong, []);
  await context.close();
});

test("own people with the centers of the atlas, from a CSV of another dialect", async () => {
  const { page, wrong, context } = await open(browser, own.url, "#country=DE");
  const today = await settled(page);
  await page.click("details.own summary");
  await page.setInputFiles("input[name=files]", file("orte.csv", "Ort;Länge;Breite;Einwohner\nMünchen;11,58;48,14;1500000\nTrier;6,64;49,76;110000\n"));
  await page.waitForSelector(`${card("orte.csv")} .understood`);
  assert.match(await page.locator(`${card("orte.csv")} .understood`).innerText(), /semicolons\. Numbers have a decimal comma\. 2 rows have a place/);
  assert.equal(await page.inputValue(`${card("orte.csv")} select[name=people]`), "Einwohner");
  await page.click("form.wizard button[type=submit]");
  const id = await another(page, today);
  const study = await json(own, `studies/${id}`);
  assert.equal(study.summary.population, 1610000);
  assert.ok(study.summary.sites.campuses > 20);
  // The address restores it.
  await page.reload();
  assert.equal(await settled(page), id);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("people, regions and centers of one's own, with the key, and what is wrong in plain words", async () => {
  const { page, wrong, context } = await open(browser, server.url);
  const today = await settled(page);
  await page.click("details.own summary");
  const towns = file("towns.csv", "id,name,lon,lat,people\na,Alba,10.5,45.5,1000\nb,Bora,11.5,45.5,3000\n");
  await page.fill("input[name=key]", "wrong");
  await page.setInputFiles("input[name=files]", towns);
  await page.waitForSelector(`${card("towns.csv")} [role=alert]`);
  assert.match(await page.locator(`${card("towns.csv")} [role=alert]`).innerText(), /password/);
  await page.fill("input[name=key]", key);
  await page.click(`${card("towns.csv")} >> text=Try again`);
  await page.waitForSelector(`${card("towns.csv")} .understood`);
  const square = (x, y) => ({ type: "Polygon", coordinates: [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]] });
  const lands = file("lands.geojson", JSON.stringify({ type: "FeatureCollection", features: [{ type: "Feature", id: "W", properties: { name: "West" }, geometry: square(10, 45) }, { type: "Feature", id: "E", properties: { name: "East" }, geometry: square(11, 45) }] }));
  // Columns that say nothing by their names are chosen; coordinates that are none are refused.
  const hospitals = file("hospitals.csv", "h1,h2,east,north\nh,Hospital,10.5,145.4\nk,Klinik,10.5,45.4\n");
  await page.setInputFiles("input[name=files]", [lands, hospitals]);
  await page.waitForSelector(`${card("hospitals.csv")} .understood`);
  assert.match(await page.locator(`${card("hospitals.csv")} .understood`).innerText(), /No row has a place/);
  assert.equal(await page.inputValue(`${card("lands.geojson")} select[name=as]`), "regions");
  const right = file("hospitals.csv", "h1,h2,east,north\nh,Hospital,10.5,45.4\n");
  const choose = async (what, column) => {
    await page.selectOption(`${card("hospitals.csv")} select[name=${what}]`, column);
    await page.waitForFunction((c) => !document.querySelector(c + " > [role=status]:not(.understood)"), card("hospitals.csv"));
  };
  await choose("lon", "east");
  await choose("lat", "north");
  await page.waitForFunction((c) => /145\.4/.test(document.querySelector(c + " [role=alert]")?.textContent ?? ""), card("hospitals.csv"));
  assert.ok(await page.isDisabled("form.wizard button[type=submit]"));
  await page.setInputFiles("input[name=files]", right); // in its place
  await page.waitForSelector(`${card("hospitals.csv")} .understood`);
  await choose("lon", "east");
  await choose("lat", "north");
  await choose("id", "h1");
  await choose("name", "h2");
  await page.setInputFiles("input[name=files]", file("notes.docx", "x"));
  assert.match(await page.locator(card("notes.docx")).innerText(), /no ending that is known/);
  await page.click(`${card("notes.docx")} legend button`);
  await page.click("form.wizard button[type=submit]");
  const id = await another(page, today);
  await page.waitForFunction(() => document.querySelectorAll("#regions tbody tr").length === 2);
  assert.equal((await json(server, `studies/${id}`)).summary.population, 4000);
  assert.match(await page.locator("tr[data-id=W]").innerText(), /West/);
  const site = (await json(server, `collections/${id}-sites/items`)).features[0];
  assert.deepEqual([site.id, site.properties.name], ["h", "Hospital"]);
  await drawn(page);
  assert.deepEqual(wrong.filter((w) => !/401/.test(w)), []);
  await context.close();
});

test("a GeoPackage and areas in a zip are understood", async () => {
  const { page, wrong, context } = await open(browser, own.url, "#country=ES");
  await settled(page);
  await page.click("details.own summary");
  await page.setInputFiles("input[name=files]", made("centros.gpkg", "id,name,lon,lat\na,Sur,-4.4,36.7\n"));
  await page.waitForSelector(`${card("centros.gpkg")} .understood`);
  assert.match(await page.locator(`${card("centros.gpkg")} .understood`).innerText(), /1 row has a place on the map: longitude −4\.4 to −4\.4/);
  await page.setInputFiles("input[name=files]", file("areas.zip", "PK no archive"));
  await page.waitForSelector(`${card("areas.zip")} [role=alert]`);
  assert.match(await page.locator(`${card("areas.zip")} [role=alert]`).innerText(), /This cannot be read: .*zip/);
  assert.deepEqual(wrong.filter((w) => !/422/.test(w)), []);
  await context.close();
});

// zipOf is an archive of small files, as they are.
function zipOf(files) {
  writeFileSync(join(folder, "zip.json"), JSON.stringify(files));
  const to = join(folder, "made.zip");
  execFileSync("python3", ["-c", "import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[2],'w')\nfor n,t in json.load(open(sys.argv[1])).items(): z.writestr(n,t)\nz.close()", join(folder, "zip.json"), to]);
  return readFileSync(to);
}

test("a CSV in a zip is read as itself, and of several files or sheets one is chosen from a list", async () => {
  const { page, wrong, context } = await open(browser, own.url, "#country=DE", { bypassCSP: true });
  const today = await settled(page);
  await page.click("details.own summary");
  const csv = "Kennung;Klinik;Länge;Breite\nM;München;11,58;48,14\n";
  await page.setInputFiles("input[name=files]", { name: "zwei.zip", mimeType: "application/zip", buffer: zipOf({ "alt.csv": csv, "neu.csv": csv + "T;Trier;6,64;49,76\n", "LIESMICH.txt": "neu" }) });
  const list = `${card("zwei.zip")} select[name=table]`;
  await page.waitForSelector(list);
  assert.equal(await page.locator(`${card("zwei.zip")} [role=alert]`).count(), 0);
  assert.deepEqual(await page.locator(list + " option").allInnerTexts(), ["none", "alt.csv", "neu.csv"]);
  assert.ok(await page.isDisabled("form.wizard button[type=submit]"));
  await page.selectOption(list, "neu.csv");
  await page.waitForSelector(`${card("zwei.zip")} .understood`);
  assert.match(await page.locator(`${card("zwei.zip")} .understood`).innerText(), /^2 rows, 4 columns\..* decimal comma\. 2 rows have a place/);
  assert.deepEqual([await page.inputValue(list), await page.inputValue(`${card("zwei.zip")} select[name=lon]`)], ["neu.csv", "Länge"]);
  assert.deepEqual(await findings(page), []);
  await shot(page, "wizard-zip");
  await page.click("form.wizard button[type=submit]");
  const id = await another(page, today);
  assert.equal((await json(own, `studies/${id}`)).summary.sites.rows, 2);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY"); // the keyboard is where the wizard was
  // Nobody said that the list is whole: a ranking on it says so, and does not call itself the best.
  await page.click("[data-do=rank]");
  await page.waitForSelector("ol.plan li");
  assert.match(await page.locator("[data-word=short]").innerText(), /not said that your list has every center/);
  assert.equal(await page.getByText("This is the best set").count(), 0);
  // The result of a whole study as a workbook has a sheet for each of its layers.
  const book = await (await fetch(await page.getAttribute("[data-take=xlsx]", "href"))).arrayBuffer();
  await page.click("details.own summary");
  await page.setInputFiles("input[name=files]", { name: "all.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from(book) });
  await page.waitForSelector(`${card("all.xlsx")} select[name=table]`);
  const sheets = await page.locator(`${card("all.xlsx")} select[name=table] option`).allInnerTexts();
  assert.ok(sheets.includes("regions") && sheets.includes("sites"), sheets.join());
  await page.selectOption(`${card("all.xlsx")} select[name=table]`, "sites");
  await page.waitForFunction((c) => /^2 rows|^7 rows/.test(document.querySelector(c)?.innerText ?? ""), `${card("all.xlsx")} .understood`);
  await shot(page, "wizard-sheets");
  assert.deepEqual(wrong, []);
  await context.close();
});
