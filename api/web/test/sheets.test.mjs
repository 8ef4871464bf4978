// Fact sheets: two pages when printed, the first to be handed out, from nowhere else, and readable by
// anybody.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, findings, open, serve } from "./app.mjs";

let server, browser;
before(async () => {
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  server?.stop();
});

const regions = { it: "IT-16", fr: "FR-04", us: "US-02", de: "DE-DE8", es: "ES-ES70", gb: "GB-UKN", ca: "CA-NU", au: "AU-6", cz: "CZ-CZ02" };
for (const [country, region] of Object.entries(regions)) {
  test(country, async () => {
    for (const of of ["", "/" + region]) {
      const { page, wrong, context } = await open(browser, server.url, `../studies/baseline-${country}/sheet${of}?f=html`, { bypassCSP: true });
      const paper = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      assert.equal(paper.match(/\/Type\s*\/Page\b/g)?.length, 2, `pages of ${country}${of}`);
      assert.deepEqual(await findings(page), []);
      assert.deepEqual(wrong, []);
      await context.close();
    }
  });
}
