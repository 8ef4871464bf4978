// The pictures of the documentation: node test/pictures.mjs FOLDER.

import { browse, drawn, open, serve } from "./app.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("node test/pictures.mjs FOLDER");
const server = await serve();
const browser = await browse();
try {
  const { page } = await open(browser, server.url, "#country=US&column=mean_time_min&region=US-56&a=open~new-1~-104.8~41.1~Cheyenne&shown=a", { viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  await drawn(page);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${folder}/app.png` });
} finally {
  await browser.close();
  server.stop();
}
