#!/usr/bin/env bash
# Package:  @tmcw/togeojson 7.1.3 with @xmldom/xmldom 0.9.12 (npm).
# Source:   the package's source (types of SimpleField); KML 2.2 (OGC 07-147r2), 9.9 SimpleField type bool,
#           whose values are XML Schema's booleans: true, false, 1, 0.
# Guess:    false and 0 in a field of type bool are false.
# Seen:     every text that is not empty is true: false becomes true, 0 becomes true. With type int the 0 stays 0.
# Matters:  a layer of hospitals with "accepts patients: false" is shown and counted as if all of them did. Map pages and
#           converters that read KML in JavaScript use this package.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
npm install --silent --no-audit --no-fund --prefix . @tmcw/togeojson@7.1.3 @xmldom/xmldom@0.9.12 >/dev/null || exit 2
cat > probe.mjs <<'JS'
import { kml } from '@tmcw/togeojson'
import { DOMParser } from '@xmldom/xmldom'

const read = (type, text) => {
  const doc = `<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
    <Schema id="s" name="s"><SimpleField name="accepts" type="${type}"/></Schema>
    <Placemark><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="accepts">${text}</SimpleData></SchemaData></ExtendedData>
    <Point><coordinates>9,45</coordinates></Point></Placemark></Document></kml>`
  return kml(new DOMParser().parseFromString(doc, 'text/xml')).features[0].properties.accepts
}
const got = ['true', '1', 'false', '0'].map(text => {
  const value = read('bool', text)
  console.log(`type bool, ${text}: read as ${value}`)
  return value
})
const int = read('int', '0')
console.log(`type int, 0: read as ${int}`)
process.exit(got.every(v => v === true) && int === 0 ? 0 : 1)
JS
node probe.mjs
