import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
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
            writeFileSync(file + ".gz", gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
            rmSync(file);
          }
        }
      };
      pack("dist");
      writeFileSync("dist/.keep", "");
    },
  };
}

export default defineConfig({
  base: "./",
  build: { emptyOutDir: true, target: "es2022", modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
  worker: { format: "es" },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: { "^/(?!app/)": "http://127.0.0.1:8080" } },
  plugins: [packed()],
});
