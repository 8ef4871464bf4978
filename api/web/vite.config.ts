import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

// packed leaves the files of the app compressed, as they are embedded and sent.
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    closeBundle() {
      const pack = (dir: string) => {
        for (const name of readdirSync(dir)) {
          const file = join(dir, name);
          if (statSync(file).isDirectory()) pack(file);
          else if (name !== ".keep" && !name.endsWith(".gz")) {
            const plain = readFileSync(file);
            writeFileSync(file + ".gz", gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }));
            writeFileSync(file + ".br", brotliCompressSync(plain)); // browsers take it from a loopback or by TLS
            rmSync(file);
          }
        }
      };
      pack("dist");
      writeFileSync("dist/.keep", "");
    },
  };
}

// early has the map library fetched with the page: it is read once the first figures are seen.
function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => {
        const library = Object.values(bundle ?? {}).find((f) => f.type === "chunk" && f.name === "atlas");
        if (!library) throw new Error("there is no chunk atlas any more, with the map library");
        return [{ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `./${library.fileName}` } }];
      },
    },
  };
}

export default defineConfig({
  base: "./",
  build: { emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
  worker: { format: "es" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "^/(?!app/)": "http://127.0.0.1:8080" } },
  plugins: [early(), packed()],
});
