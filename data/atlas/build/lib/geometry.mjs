// Small planar and spherical geometry on lon/lat degrees: enough to build the atlas.
// A ring is an array of [lon, lat], first point repeated at the end; a polygon is an array of
// rings, outer first.

const EARTH_KM = 6371.0088;
const RAD = Math.PI / 180;

/** Great-circle distance in km. */
export function km(a, b) {
  const dLat = (b[1] - a[1]) * RAD;
  const dLon = (b[0] - a[0]) * RAD;
  const h = Math.sin(dLat / 2) ** 2
    + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Signed planar area of a ring in square degrees, positive when counter-clockwise. */
export function signedArea(ring) {
  let s = 0;
  for (let i = 1; i < ring.length; i++) {
    s += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  }
  return s / 2;
}

/** Area of a ring on the sphere in km² (Chamberlain and Duquette 2007). */
export function ringAreaKm2(ring) {
  let s = 0;
  for (let i = 1; i < ring.length; i++) {
    s += (ring[i][0] - ring[i - 1][0]) * RAD
      * (2 + Math.sin(ring[i - 1][1] * RAD) + Math.sin(ring[i][1] * RAD));
  }
  return Math.abs(s / 2) * EARTH_KM * EARTH_KM;
}

/** Area of a polygon on the sphere in km², holes taken out. */
export function polygonAreaKm2(polygon) {
  return polygon.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * ringAreaKm2(ring), 0);
}

/** Centroid of the largest polygon of a list: a point for a unit that has no settlement. */
export function centroid(polygons) {
  const ring = polygons.map((p) => p[0]).sort((a, b) => ringAreaKm2(b) - ringAreaKm2(a))[0];
  let x = 0;
  let y = 0;
  let a = 0;
  const [ox, oy] = ring[0];
  for (let i = 1; i < ring.length; i++) {
    const [x0, y0] = [ring[i - 1][0] - ox, ring[i - 1][1] - oy];
    const [x1, y1] = [ring[i][0] - ox, ring[i][1] - oy];
    const f = x0 * y1 - x1 * y0;
    x += (x0 + x1) * f;
    y += (y0 + y1) * f;
    a += f;
  }
  return [ox + x / (3 * a), oy + y / (3 * a)];
}

/** Rings wound by the right-hand rule: outer counter-clockwise, holes clockwise. */
export function rightHand(polygon) {
  return polygon.map((ring, i) => (signedArea(ring) > 0) === (i === 0) ? ring : ring.slice().reverse());
}

/** Polygons of a Polygon or MultiPolygon geometry. */
export function polygonsOf(geometry) {
  if (geometry.type === 'Polygon') return [geometry.coordinates];
  if (geometry.type === 'MultiPolygon') return geometry.coordinates;
  throw new Error(`geometry of type ${geometry.type}: expected Polygon or MultiPolygon`);
}

/** One polygon with its edges filed by latitude, so that questions about a point are quick. */
export class Indexed {
  constructor(polygon) {
    this.box = [Infinity, Infinity, -Infinity, -Infinity];
    const edges = [];
    for (const ring of polygon) {
      for (let i = 1; i < ring.length; i++) {
        edges.push([ring[i - 1], ring[i]]);
        const [x, y] = ring[i];
        if (x < this.box[0]) this.box[0] = x;
        if (y < this.box[1]) this.box[1] = y;
        if (x > this.box[2]) this.box[2] = x;
        if (y > this.box[3]) this.box[3] = y;
      }
    }
    const span = this.box[3] - this.box[1] || 1e-9;
    this.n = Math.max(1, Math.min(4000, Math.ceil(edges.length / 8)));
    this.step = span / this.n;
    this.bands = Array.from({ length: this.n }, () => []);
    for (const e of edges) {
      const lo = this.band(Math.min(e[0][1], e[1][1]));
      const hi = this.band(Math.max(e[0][1], e[1][1]));
      for (let b = lo; b <= hi; b++) this.bands[b].push(e);
    }
  }

  band(lat) {
    return Math.max(0, Math.min(this.n - 1, Math.floor((lat - this.box[1]) / this.step)));
  }

  contains([x, y]) {
    if (x < this.box[0] || x > this.box[2] || y < this.box[1] || y > this.box[3]) return false;
    let inside = false;
    for (const [[x0, y0], [x1, y1]] of this.bands[this.band(y)]) {
      if ((y0 > y) !== (y1 > y) && x < (x1 - x0) * (y - y0) / (y1 - y0) + x0) inside = !inside;
    }
    return inside;
  }

  /** Distance in km from a point to the outline, or Infinity when it is more than limit. */
  outlineKm([x, y], limit) {
    const kx = 111.195 * Math.cos(y * RAD);
    const ky = 111.195;
    const dx = Math.max(this.box[0] - x, 0, x - this.box[2]) * kx;
    const dy = Math.max(this.box[1] - y, 0, y - this.box[3]) * ky;
    if (Math.hypot(dx, dy) > limit) return Infinity;
    let best = limit;
    let found = false;
    const lo = this.band(y - limit / ky);
    const hi = this.band(y + limit / ky);
    for (let b = lo; b <= hi; b++) {
      for (const [p, q] of this.bands[b]) {
        const px = (p[0] - x) * kx;
        const py = (p[1] - y) * ky;
        const ex = (q[0] - p[0]) * kx;
        const ey = (q[1] - p[1]) * ky;
        const l2 = ex * ex + ey * ey;
        const t = l2 === 0 ? 0 : Math.max(0, Math.min(1, -(px * ex + py * ey) / l2));
        const d = Math.hypot(px + t * ex, py + t * ey);
        if (d <= best) { best = d; found = true; }
      }
    }
    return found ? best : Infinity;
  }
}

/** Many polygons, each with a value: which one holds a point, or else lies nearest? */
export class Places {
  constructor() { this.items = []; }

  add(polygon, value) { this.items.push({ shape: new Indexed(polygon), value }); }

  /** { value, km } of the polygon at a point (km 0 when inside), or null beyond limit km. */
  at(point, limit = 0) {
    for (const it of this.items) if (it.shape.contains(point)) return { value: it.value, km: 0 };
    for (let reach = Math.min(2, limit); limit > 0; reach = Math.min(limit, reach * 6)) {
      let best = null;
      let bestKm = reach;
      for (const it of this.items) {
        const d = it.shape.outlineKm(point, bestKm);
        if (d < bestKm || (d === bestKm && !best)) { best = it; bestKm = d; }
      }
      if (best) return { value: best.value, km: bestKm };
      if (reach === limit) break;
    }
    return null;
  }
}

/**
 * Faults of a layer of polygons: rings that are open, too short or cross themselves. With
 * `apart`, also any contact between two rings. Returns texts; an empty list means sound.
 */
export function faults(polygonsWithNames, { apart = false } = {}) {
  const out = [];
  const CELL = 0.05;
  const grid = new Map();
  let ringId = 0;
  for (const { name, polygons } of polygonsWithNames) {
    polygons.forEach((polygon, p) => polygon.forEach((ring, r) => {
      const where = `${name} polygon ${p} ring ${r}`;
      const last = ring[ring.length - 1];
      if (ring.length < 4) out.push(`${where}: fewer than four points`);
      if (ring[0][0] !== last[0] || ring[0][1] !== last[1]) out.push(`${where}: not closed`);
      if ((signedArea(ring) > 0) !== (r === 0)) out.push(`${where}: wound the wrong way, or empty`);
      const id = ringId++;
      const n = ring.length - 1;
      for (let i = 0; i < n; i++) {
        const a = ring[i];
        const b = ring[i + 1];
        if (a[0] === b[0] && a[1] === b[1]) { out.push(`${where}: point ${i} repeated`); continue; }
        const e = { a, b, id, i, n, where, feature: name };
        const steps = Math.max(1, Math.ceil(Math.max(Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1])) / CELL));
        // Every cell that the bounding boxes of short stretches of the edge touch.
        const cells = new Set();
        for (let s = 0; s < steps; s++) {
          const x0 = a[0] + (b[0] - a[0]) * s / steps;
          const x1 = a[0] + (b[0] - a[0]) * (s + 1) / steps;
          const y0 = a[1] + (b[1] - a[1]) * s / steps;
          const y1 = a[1] + (b[1] - a[1]) * (s + 1) / steps;
          for (let cx = Math.floor(Math.min(x0, x1) / CELL - 1e-9); cx <= Math.floor(Math.max(x0, x1) / CELL + 1e-9); cx++) {
            for (let cy = Math.floor(Math.min(y0, y1) / CELL - 1e-9); cy <= Math.floor(Math.max(y0, y1) / CELL + 1e-9); cy++) cells.add(cx * 100000 + cy);
          }
        }
        for (const c of cells) {
          if (!grid.has(c)) grid.set(c, []);
          grid.get(c).push(e);
        }
      }
    }));
  }
  const seen = new Set();
  for (const list of grid.values()) {
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const e = list[i];
        const f = list[j];
        const same = e.id === f.id;
        if (!same && !apart) continue;
        if (same) {
          const gap = Math.abs(e.i - f.i);
          if (gap === 1 || gap === e.n - 1) { // neighbours: only a fold back is a fault
            const mid = gap === 1 ? (e.i < f.i ? e.b : e.a) : (e.i === 0 ? e.a : e.b);
            const p = e.a === mid || (e.a[0] === mid[0] && e.a[1] === mid[1]) ? e.b : e.a;
            const q = f.a === mid || (f.a[0] === mid[0] && f.a[1] === mid[1]) ? f.b : f.a;
            if (cross(mid, p, q) === 0 && (p[0] - mid[0]) * (q[0] - mid[0]) + (p[1] - mid[1]) * (q[1] - mid[1]) > 0) {
              out.push(`${e.where}: folds back at ${mid}`);
            }
            continue;
          }
        }
        if (!meet(e.a, e.b, f.a, f.b)) continue;
        const key = `${e.id}/${e.i}/${f.id}/${f.i}`;
        if (seen.has(key)) continue;
        seen.add(key);
        out.push(same ? `${e.where}: meets itself near ${e.a}` : `${e.where} meets ${f.where} near ${e.a}`);
      }
    }
  }
  return out;
}

function cross(o, a, b) {
  return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
}

function within(a, b, p) {
  return Math.min(a[0], b[0]) <= p[0] && p[0] <= Math.max(a[0], b[0])
    && Math.min(a[1], b[1]) <= p[1] && p[1] <= Math.max(a[1], b[1]);
}

function meet(a, b, c, d) {
  const s1 = Math.sign(cross(a, b, c));
  const s2 = Math.sign(cross(a, b, d));
  const s3 = Math.sign(cross(c, d, a));
  const s4 = Math.sign(cross(c, d, b));
  if (s1 !== s2 && s3 !== s4) return true;
  return (s1 === 0 && within(a, b, c)) || (s2 === 0 && within(a, b, d))
    || (s3 === 0 && within(c, d, a)) || (s4 === 0 && within(c, d, b));
}
