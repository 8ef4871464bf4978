// What was done can be undone and done again, by mouse, by keyboard and by the browser's
// Back: the figures are those of before and of after.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, findings, open, serve, settled } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const figures = (page) => page.locator(".figure .value, .figure .change").allInnerTexts();
const href = (page) => page.evaluate(() => location.href);
const study = (page, id) => page.waitForFunction((want) => document.querySelector(".maps-area").getAttribute("data-study") === want, id);
const another = async (page, id) => {
  await page.waitForFunction((b) => ![null, "", b].includes(document.querySelector(".maps-area").getAttribute("data-study")), id);
  return settled(page);
};
const can = async (page) => Promise.all(["undo", "redo"].map(async (what) => (await page.getAttribute(`[data-do=${what}]`, "aria-disabled")) === "false"));

test("undo and redo by mouse", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=ES", { bypassCSP: true });
  const today = await settled(page);
  const [figuresOfToday, address] = [await figures(page), await href(page)];
  assert.deepEqual(await can(page), [false, false]);
  await page.fill(".town input", "badajoz");
  await page.click(".found button");
  const opened = await another(page, today);
  const [figuresOfOpened, addressOfOpened] = [await figures(page), await href(page)];
  assert.notDeepEqual(figuresOfOpened, figuresOfToday);

  await page.click("[data-do=undo]");
  await study(page, today);
  assert.deepEqual([await figures(page), await href(page), await can(page)], [figuresOfToday, address, [false, true]]);
  assert.deepEqual(await findings(page), []);
  await page.click("[data-do=redo]");
  await study(page, opened);
  assert.deepEqual([await figures(page), await href(page), await can(page)], [figuresOfOpened, addressOfOpened, [true, false]]);

  // The browser's Back undoes, its Forward does again.
  await page.goBack();
  await study(page, today);
  assert.deepEqual([await figures(page), await can(page)], [figuresOfToday, [false, true]]);
  await page.goForward();
  await study(page, opened);
  assert.deepEqual([await figures(page), await can(page)], [figuresOfOpened, [true, false]]);

  // A column, a region and a country are steps too; what is done anew cannot be done again.
  await page.selectOption("#column", "mean_time_min");
  const [region] = await page.selectOption("#region", { index: 1 });
  await page.selectOption("#country", "PT");
  await another(page, opened);
  await page.click("[data-do=undo]");
  await study(page, opened);
  assert.deepEqual([await page.inputValue("#country"), await page.inputValue("#region"), await figures(page)], ["ES", region, figuresOfOpened]);
  await page.click("[data-do=undo]");
  assert.equal(await page.inputValue("#region"), "");
  await page.click("[data-do=undo]");
  assert.equal(await page.inputValue("#column"), "per_10m");
  assert.deepEqual(await can(page), [true, true]);
  await page.selectOption("#hub", "60");
  assert.deepEqual(await can(page), [true, false]);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("undo and redo by keyboard alone", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=ES");
  const today = await settled(page);
  const figuresOfToday = await figures(page);
  const focused = (selector) => page.evaluate((s) => document.activeElement.matches(s), selector);
  const to = async (selector) => {
    for (let i = 0; i < 200 && !(await focused(selector)); i++) await page.keyboard.press("Tab");
    assert.ok(await focused(selector), `the keyboard does not reach ${selector}`);
  };
  await to(".town input");
  await page.keyboard.type("badajoz");
  await page.waitForSelector(".found button");
  await page.keyboard.press("Enter");
  const opened = await another(page, today);
  const figuresOfOpened = await figures(page);

  // Where a text is typed, the keys undo the text.
  await page.keyboard.type("x");
  await page.keyboard.press("Control+z");
  assert.equal(await page.inputValue(".town input"), "");
  assert.equal(await settled(page), opened);
  await page.keyboard.press("Tab");
  for (const [undo, redo] of [["Control+z", "Control+Shift+z"], ["Meta+z", "Control+y"]]) {
    await page.keyboard.press(undo);
    await study(page, today);
    assert.deepEqual(await figures(page), figuresOfToday);
    await page.keyboard.press(redo);
    await study(page, opened);
    assert.deepEqual(await figures(page), figuresOfOpened);
  }

  // The buttons keep the focus, in another country and when nothing is left.
  await page.selectOption("#country", "PT");
  const other = await another(page, opened);
  await to("[data-do=undo]");
  await page.keyboard.press("Enter");
  await study(page, opened);
  await page.keyboard.press("Enter");
  await study(page, today);
  await page.keyboard.press("Enter");
  assert.ok(await focused("[data-do=undo]"));
  await page.keyboard.press("Tab");
  assert.ok(await focused("[data-do=redo]"));
  await page.keyboard.press("Enter");
  await study(page, opened);
  await page.keyboard.press("Enter");
  await study(page, other);
  assert.ok(await focused("[data-do=redo]"));
  assert.deepEqual(wrong, []);
  await context.close();
});
