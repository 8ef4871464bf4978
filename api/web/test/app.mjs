// What the stories share: a server of our own, a browser without a network, and
// what must hold on every page.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../..", import.meta.url));
export const binary = process.env.CARESHED ?? root + "bin/careshed";
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const key = "0123456789abcdef0123456789abcdef";
const shots = fileURLToPath(new URL("../shots/", import.meta.url));

// serve starts a server with a key, or with keyed "" without one, as somebody does at their own machine.
export const serve = (...more) => serveWith(key, ...more);

export async function serveWith(keyed, ...more) {
  if (!existsSync(binary)) throw new Error(`${binary} is not there: make build`);
  const child = spawn(binary, ["serve", "--addr", "127.0.0.1:0", "--quiet", ...more], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, CARESHED_KEY: keyed } });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = line.trim();
  for (let i = 0; i < 300 && !(await fetch(url + "readyz")).ok; i++) await new Promise((r) => setTimeout(r, 100));
  const ended = new Promise((done) => child.once("exit", done));
  return { url, stop: () => (child.kill(), ended) };
}

export async function browse() {
  return chromium.launch({
    executablePath: browserPath,
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
  });
}

// open opens a page of the app and notes what must not be: errors on the console,
// requests to anybody else.
export async function open(browser, url, hash = "", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: "en-GB", acceptDownloads: true, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (m) => {
    if (m.type() === "error" || (m.type() === "warning" && !/GPU stall|WebGL-|GL Driver/.test(m.text()))) wrong.push(`console: ${m.text()}`);
  });
  page.on("pageerror", (e) => wrong.push(`error: ${e.message}`));
  page.on("request", (r) => {
    if (!r.url().startsWith(url) && !/^(data|blob):/.test(r.url())) wrong.push(`request to ${r.url()}`);
  });
  page.on("response", (r) => {
    if (r.status() >= 400) wrong.push(`${r.status()} ${r.url()}`);
  });
  await page.goto(url + "app/" + hash);
  return { page, wrong, context };
}

// settled waits until the view and its study agree.
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector(".maps-area")?.getAttribute("aria-busy") === "false" && document.querySelector(".maps-area")?.getAttribute("data-study"));
  return page.getAttribute(".maps-area", "data-study");
}

// drawn waits until the map shows the view, and has come to rest.
export async function drawn(page) {
  await settled(page);
  await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
  await page.waitForTimeout(1500);
}

export async function shot(page, name, options = {}) {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}${name}.png`, ...options });
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// findings are what axe-core calls serious or critical.
export async function findings(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations);
  return found.filter((v) => ["serious", "critical"].includes(v.impact)).flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}: ${n.target} ${n.html.slice(0, 160)}`));
}
