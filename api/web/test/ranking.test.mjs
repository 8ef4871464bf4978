// The goals of a ranking, each carried out as the program itself carries it out, and the
// slider through its sites.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { binary, browse, findings, open, serve, settled, shot } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const names = (page) => page.locator(".plan li button").allInnerTexts().then((list) => list.map((t) => t.trim()));
const said = (page) => page.locator("section:has(#rank-head)").innerText();

async function ranked(page) {
  await page.click("[data-do=rank]");
  await page.waitForFunction(() => document.querySelector("[data-do=rank]")?.disabled === false && document.querySelector(".plan, section:has(#rank-head) [role=alert]"), undefined, { timeout: 120000 });
  return names(page);
}

test("every goal that the program knows", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=PT&pick=2", { bypassCSP: true });
  await settled(page);
  const goals = await page.locator("#goal option").evaluateAll((list) => list.map((o) => o.value));
  const help = execFileSync(binary, ["rank", "--help"], { encoding: "utf8" });
  assert.deepEqual(goals, /--goal string +(.*)/.exec(help)[1].split(", "));
  const found = {};
  for (const goal of goals) {
    await page.selectOption("#goal", goal);
    found[goal] = await ranked(page);
    const text = await said(page);
    assert.ok(!/NaN|undefined|null/.test(text), text);
    if (!["burden", "worst_group", "all_covered"].includes(goal)) { // which need more than a goal
      const cli = JSON.parse(execFileSync(binary, ["rank", "Portugal", "--pick", "2", "--goal", goal, "--format", "json", "-q"], { encoding: "utf8" }));
      assert.deepEqual(found[goal], cli.siting.plan.map((s) => s.name), goal);
    }
  }
  assert.equal(found.all_covered.length, 4);
  assert.equal(found.burden.length, 2);
  // A parameter changes the plan, and stands in the address.
  await page.selectOption("#goal", "all_covered");
  await page.fill("#aim-within", "90");
  assert.ok((await ranked(page)).length > 4);
  assert.match(page.url(), /goal=all_covered&within=90/);
  await page.selectOption("#goal", "covered");
  await page.fill("#aim-within", "60");
  await ranked(page);
  assert.match(await said(page), /people within 60 minutes/);
  assert.deepEqual(await findings(page), []);
  await page.locator("section:has(#rank-head)").scrollIntoViewIfNeeded();
  await shot(page, "goals");
  await page.selectOption("#goal", "worst_group");
  await page.selectOption("#aim-group", "size");
  const bySize = await ranked(page);
  assert.equal(bySize.length > 0, true);
  await page.reload();
  await settled(page);
  assert.deepEqual([await page.inputValue("#goal"), await page.inputValue("#aim-group")], ["worst_group", "size"]);
  assert.deepEqual(wrong, []);
  await context.close();
});

test("dragging the slider is one step", async () => {
  const { page, wrong, context } = await open(browser, server.url, "#country=PT&pick=5");
  await settled(page);
  await ranked(page);
  await page.waitForFunction(() => document.querySelectorAll(".moves li").length === 5);
  await settled(page);
  const slider = page.locator(".step input");
  await slider.scrollIntoViewIfNeeded();
  const box = await slider.boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width - 8, y);
  await page.mouse.down();
  for (let k = 1; k <= 10; k++) await page.mouse.move(box.x + box.width - 8 - (k * (box.width - 16)) / 10, y);
  await page.mouse.up();
  assert.equal(await page.locator(".moves li").count(), 0);
  await page.click("[data-do=undo]"); // all of it
  await page.waitForFunction(() => document.querySelectorAll(".moves li").length === 5);
  await page.click("[data-do=undo]"); // the ranking itself
  await page.waitForFunction(() => document.querySelectorAll(".moves li").length === 0);
  await page.click("[data-do=redo]");
  await page.click("[data-do=redo]");
  await page.waitForFunction(() => document.querySelectorAll(".moves li").length === 0);
  // By keyboard each site is a step.
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator(".moves li").count(), 2);
  await page.click("[data-do=undo]");
  await page.waitForFunction(() => document.querySelectorAll(".moves li").length === 1);
  assert.deepEqual(wrong, []);
  await context.close();
});
