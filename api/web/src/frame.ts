// Where the map looks first.

import type { Shapes } from "./study";

// frame is where most regions are: those far from the rest (Alaska, the overseas
// departments) do not make the country small.
export function frame(shapes: Shapes): [[number, number], [number, number]] | undefined {
  const of = near(shapes).map((f) => box(f.geometry)!);
  if (of.length === 0) return undefined;
  return [
    [Math.min(...of.map((b) => b[0])), Math.min(...of.map((b) => b[1]))],
    [Math.max(...of.map((b) => b[2])), Math.max(...of.map((b) => b[3]))],
  ];
}

// elsewhere are the regions outside the frame.
export function elsewhere(shapes: Shapes): [string, string][] {
  const inside = new Set(near(shapes));
  return shapes.features.filter((f) => f.geometry && !inside.has(f)).map((f) => [String(f.id), String(f.properties?.["name"] ?? f.id)]);
}

function near(shapes: Shapes): GeoJSON.Feature[] {
  const all = shapes.features.flatMap((f) => {
    const b = box(f.geometry);
    return b ? [{ f, b }] : [];
  });
  if (all.length === 0) return [];
  const middle = (low: number, high: number) => {
    const v = all.map(({ b }) => (b[low]! + b[high]!) / 2).sort((x, y) => x - y);
    const q1 = v[Math.floor(v.length / 4)]!;
    const q3 = v[Math.floor((3 * v.length) / 4)]!;
    const far = 1.6 * Math.max(q3 - q1, 4);
    return [q1 - far, q3 + far] as const;
  };
  const [west, east] = middle(0, 2);
  const [south, north] = middle(1, 3);
  const close = all.filter(({ b }) => {
    const x = (b[0] + b[2]) / 2;
    const y = (b[1] + b[3]) / 2;
    return x >= west && x <= east && y >= south && y <= north;
  });
  return (close.length > 0 ? close : all).map(({ f }) => f);
}

export function box(g: GeoJSON.Geometry | null): [number, number, number, number] | undefined {
  const out: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return;
    if (typeof c[0] === "number") {
      const [x, y] = c as [number, number];
      out[0] = Math.min(out[0], x);
      out[1] = Math.min(out[1], y);
      out[2] = Math.max(out[2], x);
      out[3] = Math.max(out[3], y);
    } else c.forEach(walk);
  };
  if (g && "coordinates" in g) walk(g.coordinates);
  return out[0] <= out[2] ? out : undefined;
}
