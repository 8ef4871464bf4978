// world-atlas keeps longitudes within ±180 but lets a ring step from one side to the other.
// RFC 7946 wants it cut there.

/** Polygons (outer rings and holes) cut at the antimeridian. */
export function cutAtAntimeridian(polygon) {
  const outer = unwrap(polygon[0]);
  if (Math.abs(outer.at(-1)[0] - outer[0][0]) > 180) return [[overPole(outer)]];
  const xs = outer.map((p) => p[0]);
  const shift = -360 * Math.floor((xs.reduce((a, b) => Math.min(a, b)) + 180) / 360);
  const ring = outer.map(([x, y]) => [x + shift, y]);
  if (ring.every((p) => p[0] <= 180)) return [[ring, ...polygon.slice(1)]];
  if (polygon.length > 1) throw new Error('a polygon with holes crosses the antimeridian');
  const west = clip(ring, (x) => x <= 180);
  const east = clip(ring, (x) => x >= 180).map(([x, y]) => [x - 360, y]);
  return [[west], [east]];
}

function unwrap(ring) {
  let turn = 0;
  return ring.map(([x, y], i) => {
    if (i > 0) {
      const d = x - ring[i - 1][0];
      if (d > 180) turn -= 360;
      if (d < -180) turn += 360;
    }
    return [x + turn, y];
  });
}

/** Antarctica: a ring once around the world becomes a band down to the South Pole. */
function overPole(ring) {
  const line = ring[0][0] < ring.at(-1)[0] ? ring : ring.slice().reverse();
  const start = line[0][0];
  if (Math.abs(start + 180) > 1e-9) throw new Error(`a ring around the pole begins at ${start}, expected -180`);
  return [...line, [180, -90], [-180, -90], line[0]];
}

function clip(ring, keep) {
  const out = [];
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [ring[i - 1], ring[i]];
    if (keep(a[0])) out.push(a);
    if (keep(a[0]) !== keep(b[0])) out.push([180, a[1] + (b[1] - a[1]) * (180 - a[0]) / (b[0] - a[0])]);
  }
  out.push(out[0]);
  return out;
}
