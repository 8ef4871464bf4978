#!/usr/bin/env bash
# Package:  GDAL 3.6.2 (Debian gdal-bin 3.6.2+dfsg-1+b2); node for a small server.
# Source:   GDAL's documentation, driver OAPIF, "Layer schema" (the first page of features, of ten unless PAGE_SIZE
#           says otherwise, makes the schema); OGC 17-069r4 (Part 1: Core) asks for no schema.
# Guess:    a number is read as the server sends it; a type that turns out too narrow is widened, or is an error.
# Seen:     where the first ten features have the share 0, the shares of 0.4 on the next page are read as 0 without a
#           word; where they have 100 people, 3,000,000,100 becomes 2,147,483,647 with a warning. Exit status 0.
#           With PAGE_SIZE=1000 both are right.
# Matters:  a list often begins with places that have none of something: zeros first is what an order by share gives.
#           The server must write 0.0, or offer a schema; JSON encoders write 0.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
command -v ogr2ogr >/dev/null || apt-get install -yq gdal-bin >/dev/null || exit 2
tmp=$(mktemp -d); server=; trap '[ -z "$server" ] || kill "$server"; rm -rf "$tmp"' EXIT; cd "$tmp"
ogr2ogr --version
cat > server.mjs <<'JS'
import { createServer } from 'node:http'
import { renameSync, writeFileSync } from 'node:fs'

const rows = Array.from({ length: 20 }, (_, i) => ({
  type: 'Feature', id: i, geometry: { type: 'Point', coordinates: [9 + i / 10, 45] },
  properties: i < 10 ? { share: 0, people: 100 } : { share: 0.4, people: 3000000100 },
}))
const server = createServer((req, res) => {
  const base = `http://${req.headers.host}`, url = new URL(req.url, base), items = `${base}/collections/towns/items`
  const send = (body, type) => { res.setHeader('Content-Type', type); res.end(JSON.stringify(body)) }
  const towns = { id: 'towns', links: [{ rel: 'items', type: 'application/geo+json', href: items }] }
  switch (url.pathname) {
    case '/': return send({ links: [{ rel: 'data', type: 'application/json', href: `${base}/collections` }] }, 'application/json')
    case '/collections': return send({ links: [], collections: [towns] }, 'application/json')
    case '/collections/towns': return send(towns, 'application/json')
    case '/collections/towns/items': {
      const limit = Number(url.searchParams.get('limit') ?? 10), from = Number(url.searchParams.get('offset') ?? 0)
      const links = from + limit < rows.length ? [{ rel: 'next', type: 'application/geo+json', href: `${items}?limit=${limit}&offset=${from + limit}` }] : []
      return send({ type: 'FeatureCollection', numberMatched: rows.length, features: rows.slice(from, from + limit), links }, 'application/geo+json')
    }
  }
  res.statusCode = 404
  res.end()
})
server.listen(0, '127.0.0.1', () => { writeFileSync('port.new', String(server.address().port)); renameSync('port.new', 'port') })
JS
node server.mjs & server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep .1; done
[ -s port ] || exit 2
last() { ogr2ogr -f CSV /vsistdout/ "OAPIF:http://127.0.0.1:$(cat port)" towns "$@" 2>>warnings | tail -1 | tr -d '"'; }
ten=$(last); all=$(last -oo PAGE_SIZE=1000)
echo "the server sends 0.4,3000000100 last; GDAL reads $ten in pages of ten, $all in one page"
sort -u warnings
[ "$ten" = 0,2147483647 ] && [ "$all" = 0.4,3000000100 ]
