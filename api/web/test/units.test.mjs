// A reader who chose miles reads no kilometres: in no menu, table, legend, note or dialog.

import assert from "node:assert/strict";
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

const kilometres = (page) =>
  page.evaluate(() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) if (/\bkm\b|kilomet/i.test(walk.currentNode.textContent) && !walk.currentNode.parentElement.closest("[value=km], textarea, script")) found.push(walk.currentNode.textContent.trim());
    return found;
  });

test("miles everywhere", async () => {
  for (const [lang, unit] of [["en", "mi"], ["fr", "mi"], ["de", "mi"]]) {
    const { page, wrong, context } = await open(browser, server.url, `#country=US&units=mi&lang=${lang}&column=mean_distance_km&region=US-56`);
    await settled(page);
    await drawn(page);
    assert.deepEqual(await kilometres(page), [], lang);
    assert.match(await page.locator("#column option[value=mean_distance_km]").innerText(), new RegExp(`\\(${unit}\\)`));
    assert.match(await page.locator(".legend").innerText(), /\smi\b/);
    assert.match(await page.locator(".maplibregl-ctrl-scale").innerText(), /mi/);
    await page.click("[data-figure=time]"); // speeds and bands of the model
    await page.waitForFunction(() => document.querySelectorAll("dialog[open] tbody tr").length > 2);
    assert.deepEqual(await kilometres(page), [], lang);
    assert.match(await page.locator("dialog[open]").innerText(), /60\.18 km of road|37\.4 mi of road: 37\.4 mph/);
    if (lang === "en") await shot(page, "miles");
    await page.keyboard.press("Escape");
    await page.click("input[name=layer] >> nth=1");
    await settled(page);
    assert.deepEqual(await kilometres(page), [], lang);
    assert.deepEqual(wrong, []);
    await context.close();
  }
});

test("notes in miles", async () => {
  for (const [units, far] of [["km", /^site x lies 100\skm from/], ["mi", /^site x lies 62\.1\smi from/]]) {
    const { page, context } = await open(browser, server.url);
    await page.route("**/processes/study/execution*", async (route) => {
      const doc = await (await route.fetch()).json();
      doc.summary.notes.push({ key: "sites.stray", about: "", people: null, args: { id: "x", km: 100 }, text: "" });
      await route.fulfill({ json: doc });
    });
    await page.goto("about:blank"); // another address of the same page would not load it anew
    await page.goto(`${server.url}app/#country=ES&units=${units}`);
    await settled(page);
    await page.click("[data-figure=density]");
    await page.waitForSelector("dialog[open] li");
    const notes = await page.locator("dialog[open] li").allInnerTexts();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    assert.ok(notes.some((t) => far.test(t)), notes.join("\n"));
    await context.close();
  }
});
