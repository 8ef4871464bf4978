#!/usr/bin/env bash
# Package:  @camptocamp/ogc-client 1.3.0 (npm), Node.js 20.
# Source:   the package's documentation (OgcApiEndpoint.getMapTilesetUrl); OGC API - Tiles, part 1 (tilesets of a collection).
# Guess:    asked for the map tiles of a collection that has none, the client says so, or gives nothing.
# Seen:     it asks http://localhost/null?f=json, a host that nobody named, and fails with what that host says ("fetch failed"
#           where nothing listens; an answer, where something does).
# Matters:  map applications offer layers by asking for their tiles. A server whose collections have features alone looks broken,
#           and a service that happens to run on the visitor's own machine is asked. Look at a collection's links first.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund @camptocamp/ogc-client@1.3.0 >/dev/null 2>&1 || exit 2
cat > probe.mjs <<'JS'
import http from "node:http";
const conforms = ["ogcapi-common-1/1.0/conf/core", "ogcapi-features-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/tileset"];
let at;
const server = http.createServer((request, response) => {
  const link = (rel, path, type = "application/json") => ({ rel, type, href: at + path });
  const towns = { id: "towns", title: "Towns", links: [link("self", "/collections/towns"), link("items", "/collections/towns/items", "application/geo+json")] };
  const docs = {
    "/": { title: "Towns", links: [link("self", "/"), link("data", "/collections"), link("conformance", "/conformance"), link("service-desc", "/api")] },
    "/conformance": { conformsTo: conforms.map((c) => "http://www.opengis.net/spec/" + c) },
    "/collections": { links: [], collections: [towns] },
    "/collections/towns": towns,
  };
  const doc = docs[new URL(request.url, at).pathname];
  response.writeHead(doc ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(doc ?? {}));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
at = `http://127.0.0.1:${server.address().port}`;
const { OgcApiEndpoint } = await import("@camptocamp/ogc-client");
const elsewhere = [];
const fetched = globalThis.fetch;
// What it asks of another host is written down, and not asked.
globalThis.fetch = (url, options) => {
  if (String(url).startsWith(at)) return fetched(url, options);
  elsewhere.push(String(url));
  return Promise.reject(new TypeError("fetch failed"));
};
console.error = () => {};
try {
  console.log("it gives", await new OgcApiEndpoint(at + "/").getMapTilesetUrl("towns", "WebMercatorQuad"));
} catch (error) {
  console.log("it fails with:", error.message);
}
console.log("asked of other hosts:", elsewhere);
server.close();
process.exit(elsewhere.includes("http://localhost/null?f=json") ? 0 : 1);
JS
node probe.mjs
