// What is seen can be cited, shown on another page and printed, by mouse and by keyboard.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, drawn, findings, key, open, serve, settled, shot } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const permissions = ["clipboard-read", "clipboard-write"];
const scenario = "#country=ES&column=mean_time_min&a=open~new-1~-6.9~38.8~Badajoz&shown=a";
const json = async (path) => (await fetch(server.url + path)).json();
const text = (page, selector) => page.locator(selector).innerText();
const copied = async (page, name) => {
  await page.waitForSelector(`p:has([data-take=${name}]) [role=status] >> text=Copied`);
  return page.evaluate(() => navigator.clipboard.readText());
};
const to = async (page, selector) => {
  const focused = () => page.evaluate((s) => document.activeElement.matches(s), selector);
  for (let i = 0; i < 200 && !(await focused()); i++) await page.keyboard.press("Tab");
  assert.ok(await focused(), `the keyboard does not reach ${selector}`);
};

test("cite", async () => {
  const { page, wrong, context } = await open(browser, server.url, scenario, { permissions, bypassCSP: true });
  const id = await settled(page);
  const { manifest } = await json(`studies/${id}`);
  await page.click("[data-take=citation]");
  const byMouse = await copied(page, "citation");
  for (const part of [manifest.version, "Spain, Scenario A", id, manifest.inputs.find((i) => i.layer === "centers").as_of]) assert.ok(byMouse.includes(part), `${part}: ${byMouse}`);
  assert.match(byMouse, /\(accessed .*20\d\d\)\.$/);
  assert.deepEqual(await findings(page), []);

  // What was copied before is copied no more; the keyboard copies the same.
  await to(page, "[data-take=address]");
  await page.keyboard.press("Enter");
  const address = await copied(page, "address");
  assert.equal(await text(page, "p:has([data-take=citation]) [role=status]"), "");
  await to(page, "[data-take=citation]");
  await page.keyboard.press("Enter");
  assert.equal(await copied(page, "citation"), byMouse);

  // The address of the citation leads to the result that it names.
  assert.ok(byMouse.includes(address), address);
  const other = await open(browser, server.url, new URL(address).hash);
  assert.equal(await settled(other.page), id);
  assert.equal(await other.page.locator(".side > .word").count(), 0);
  assert.deepEqual([...wrong, ...other.wrong], []);
  await context.close();
  await other.context.close();
});

test("show the map on another page", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=ES&column=mean_time_min", { permissions });
  const today = await settled(page);
  const elsewhere = await browser.newPage();
  const shows = async (code) => {
    await elsewhere.setContent(code);
    await elsewhere.waitForFunction(() => document.querySelector("img").naturalWidth > 0);
    return elsewhere.evaluate(() => [document.querySelector("img").src, document.querySelector("img").alt, document.querySelector("a").hash]);
  };
  await page.click("[data-take=embedded]");
  const [map, alt, hash] = await shows(await copied(page, "embedded"));
  assert.match(map, /baseline-es-regions\/map\?.*column=mean_time_min/); // it lasts
  assert.match(alt, /Spain, Today: Average time/);
  assert.ok(hash.includes(today), hash);

  await to(page, ".town input");
  await page.keyboard.type("badajoz");
  await page.waitForSelector(".found button");
  await page.keyboard.press("Enter");
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), today);
  const id = await settled(page);
  await to(page, "[data-take=embedded]");
  await page.keyboard.press("Enter");
  assert.ok((await shows(await copied(page, "embedded")))[0].includes(`${id}-regions_a/map`));
  assert.match(await text(page, ".take li:has([data-take=embedded]) .hint"), /for a while only/);
  assert.deepEqual(wrong, []);
  await elsewhere.close();
  await context.close();
});

test("print", async () => {
  const { page, wrong, context } = await open(browser, server.url, scenario);
  const id = await settled(page);
  await page.evaluate(() => (window.print = () => (window.printed = true)));
  await to(page, "[data-take=print]");
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => window.printed));

  await drawn(page);
  await page.emulateMedia({ media: "print" });
  for (const part of ["header .on-paper", ".maplibregl-canvas", ".legend", ".figures"]) assert.ok(await page.locator(part).isVisible(), part);
  const paper = await text(page, ".side .on-paper");
  assert.match(paper, /Scenario A: Badajoz opens/);
  assert.ok(paper.includes(id), paper);
  assert.equal(await page.locator(".on-paper li").count(), (await json(`studies/${id}`)).summary.notes.length);
  for (const control of await page.locator("button:not(.figure), select, input, textarea").all()) assert.ok(!(await control.isVisible()), await control.evaluate((c) => c.outerHTML));
  await shot(page, "paper", { fullPage: true });
  assert.deepEqual(wrong, []);
  await context.close();
});

// colourAt is the colour of the map at a place of its canvas, as the screen or the paper has it.
async function colourAt(page, x, y) {
  const box = await page.locator(".maplibregl-canvas").boundingBox();
  const png = await page.screenshot({ clip: { x: box.x + x * box.width, y: box.y + y * box.height, width: 2, height: 2 } });
  return page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)]));
    const c = new OffscreenCanvas(2, 2).getContext("2d");
    c.drawImage(image, 0, 0);
    return [...c.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, [...png]);
}

test("a dark screen prints a light sea", async () => {
  const { page, wrong, context } = await open(browser, server.url, scenario, { colorScheme: "dark" });
  await settled(page);
  await drawn(page);
  assert.deepEqual(await colourAt(page, 0.1, 0.2), [0x10, 0x16, 0x1b]);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.waitForTimeout(300);
  assert.deepEqual(await colourAt(page, 0.1, 0.2), [0xdf, 0xe8, 0xee]);
  await shot(page, "paper-dark", { fullPage: true });
  await page.emulateMedia({ media: "screen", colorScheme: "dark" });
  await page.waitForTimeout(300);
  assert.deepEqual(await colourAt(page, 0.1, 0.2), [0x10, 0x16, 0x1b]);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("no colon of French stands without its space", async () => {
  const { page, wrong, context } = await open(browser, server.url, scenario + "&lang=fr");
  await settled(page);
  await page.click("[data-figure=time]");
  await page.waitForSelector("dialog[open] li");
  const found = await page.evaluate(() => {
    const out = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const n = walk.currentNode;
      if (n.parentElement.closest("textarea, script, style, noscript, optgroup, [lang=en], dialog table")) continue; // addresses, and what is English: evidence, expert columns
      if (/[^\s\u00a0\u202f][:;!?](\s|$)/.test(n.textContent)) out.push(n.textContent.trim());
    }
    return out;
  });
  assert.deepEqual(found, []);
  assert.match(await page.locator("[aria-labelledby=take-head] textarea").first().inputValue(), /\u00a0: |\u202f: | : /);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("a result passes until it is kept", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=PT", { bypassCSP: true });
  const id = await settled(page);
  await page.fill(".town input", "faro");
  await page.click(".found button");
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
  const scenario = await settled(page);
  const lists = async (path) => (await fetch(server.url + path, { headers: { Authorization: `Bearer ${key}` } })).text();
  for (const path of ["studies?f=json", "collections?f=json", "jobs?f=json"]) assert.ok(!(await lists(path)).includes(scenario), path);
  await page.click("[data-take=keep]");
  await page.waitForFunction(() => /Kept/.test(document.querySelector("[data-take=keep] + p").textContent));
  for (const path of ["studies?f=json", "collections?f=json"]) assert.ok((await lists(path)).includes(scenario), path);
  assert.ok(!(await lists("studies?f=json")).includes(id)); // the one before it passes still
  // What is kept is said of it alone.
  await page.click("[data-do=undo]");
  await page.waitForFunction(() => /nobody keeps/.test(document.querySelector("[data-take=keep] + p").textContent));
  assert.deepEqual(await findings(page), []);
  await page.locator("[data-take=keep]").scrollIntoViewIfNeeded();
  await shot(page, "keep");
  assert.deepEqual(wrong, []);
  await context.close();
});
