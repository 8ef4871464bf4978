// Anybody can use it: axe-core finds nothing serious on any page, on a desktop and
// on a phone, by day and by night.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, drawn, findings, open, serve, shot } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const sizes = { desktop: { viewport: { width: 1360, height: 900 } }, phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } };
for (const [size, options] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${size}, ${colorScheme}`, async () => {
      const { page, wrong, context } = await open(browser, server.url, "#country=IT&region=IT-07&column=mean_time_min&a=open~new-1~16~40.6~Potenza&shown=a", { ...options, colorScheme, bypassCSP: true });
      await drawn(page);
      await page.click(".charts summary");
      await page.waitForTimeout(600);
      assert.deepEqual(await findings(page), []);
      await page.evaluate(() => scrollTo(0, 0));
      await shot(page, `${size}-${colorScheme}`);
      await page.click("[data-figure=time]");
      await page.waitForFunction(() => /95/.test(document.querySelector(".interval")?.textContent ?? ""));
      assert.deepEqual(await findings(page), []);
      await shot(page, `${size}-${colorScheme}-sure`);
      // Nothing is wider than the page.
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1));
      assert.deepEqual(wrong, []);
      await context.close();
    });
  }
}
