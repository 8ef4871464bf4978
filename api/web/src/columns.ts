// The columns that a map can show, and the rows that it shows them of.

import type { Row } from "./server";
import type { Result } from "./study";
import type { Shown } from "./view";
import { has, inMiles, miles, say } from "./words";

// chief are the columns that people ask for first, in this order; the others stand below.
export const chief = ["mean_time_min", "share_beyond", "centers", "per_10m", "foregone_hold", "population"];

// ofPlaces are those of the places themselves.
export const ofPlaces = ["time_min", "geodesic_km", "distance_km", "likelihood_hold", "population"];

export function rowsOf(r: Result, shown: Shown): Map<string, Row> {
  return r.regions[shown] ?? r.regions["today"]!;
}

export function unitOf(column: string, r: Result | undefined): string {
  const known = r?.fields.find((f) => f.name === column)?.unit;
  if (known !== undefined) return known;
  if (column.endsWith("_min") || column.startsWith("time_min")) return "min";
  return column.endsWith("_km") ? "km" : "";
}

// titleOf is a column's name for people.
export function titleOf(column: string, r: Result | undefined): string {
  const title = has(`column.${column}`) ? say(`column.${column}`) : (r?.fields.find((f) => f.name === column)?.title ?? column);
  return miles.value ? inMiles(title) : title;
}

export function numeric(r: Result): string[] {
  const all = r.fields.filter((f) => f.type === "number" || f.type === "integer").map((f) => f.name);
  return [...chief.filter((c) => all.includes(c)), ...all.filter((c) => !chief.includes(c))];
}
