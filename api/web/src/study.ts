// The study that a view is the picture of, and its result. Whatever is shown is
// a number of a study that the server carried out; nothing is computed here but
// differences.

import { batch, computed, effect, signal } from "@preact/signals";
import { at, features, json, Problem, rows, type Cell, type Row } from "./server";
import { view, type Move, type View } from "./view";
import { columnOf, say, spoken, type Arguments } from "./words";

export type Stats = { mean: number | null; median: number | null; p90: number | null; p95: number | null };
export type Treated = { assumption: string; treated: number; change: number; treated_of_people_newly_with_a_time: number };
export type Note = { key: string; about: string; people: number | null; args: Arguments; text: string };
export type Scenario = {
  name: string; changes: string[]; people_nearer: number; people_farther: number; people_newly_with_a_time: number; people_no_longer_with_a_time: number;
  mean_time_min: number; mean_time_change_min: number; treated: Treated[];
};
export type Counted = { area: string; when: string; indication: string; stage: string; counted: number | null; counted_per_100k: number; ratio: number | null; regions?: string[] };
export type Assumption = { assumption: string; treated: number; foregone: number };
export type Interval = { what: string; value: number; low_2_5: number; high_97_5: number; draws: number };
export type Step = { id: string; name: string; gain: number | null; gain_apart: number; region_gap?: string; hub?: string | undefined; hub_min?: number | null };
export type Siting = {
  goal: string; unit: string; asked: number; opened: number; why_fewer?: string; gain: number | null; gap: number | null; value: number | null; proven: boolean; plan: Step[];
  candidates: number; method: string; incomplete_lists?: { country: string; listed_centers: number; published_centers: number }[];
};
export type Summary = {
  name: string; title?: string; places: number; population: number;
  sites: { campuses: number; rows: number };
  travel?: { time_min: Stats; geodesic_km: Stats; people_without_time?: Record<string, number>; engine: { engine: string; estimate: boolean; detail: string } };
  density?: { countries: { country: string; density: number; position: string; list_completeness?: string; list_key?: string; listed_centers?: number }[] };
  gaps?: { beyond_min: number; people_beyond: number; share_beyond: number; regions: number; count: Record<string, number>; names: Record<string, string[]>; people_in_gaps: number };
  penalty?: { patients: string[]; indications?: string[]; eligible: number; eligible_without_time: number; observed_treated: number; reach: number; beyond_four_hours: Assumption[] };
  counted?: Counted[];
  apart?: { regions: string[]; people: number; time_min_without: Stats };
  scenarios?: Scenario[];
  siting?: Siting;
  uncertainty?: Interval[];
  notes: Note[];
};
export type Evidence = { key: string; what: string; value: number; unit: string; interval?: [number, number] | null; interval_is_factor?: boolean; interval_basis?: string; population: string; source: string; status: string };
export type Manifest = { inputs: { layer: string; as_of?: string }[]; parameters: { name: string; value: string; given_in_spec: boolean; evidence?: Evidence }[]; version: string };
export type Doc = { id: string; title: string; summary: Summary; manifest: Manifest };
export type Field = { name: string; type: string; title?: string; unit?: string; evidence?: string };
export type Shapes = GeoJSON.FeatureCollection;

// Result is what is shown: the regions of today and of each scenario by id.
export type Result = {
  id: string;
  spec: Spec;
  summary: Summary;
  manifest: Manifest;
  fields: Field[]; // of the regions
  shapes: Shapes; // of the regions
  regions: Record<string, Map<string, Row>>; // by scenario: today, a, b
  sites: Row[];
  tables: Record<string, Row[]>;
};

export type Spec = Record<string, unknown>;

const quarters = Array.from({ length: 32 }, (_, i) => 15 * (i + 1));

function scenario(moves: Move[]): unknown[] {
  return moves.map((m) => (m.kind === "close" ? { close: { id: m.id } } : { open: { id: m.id, at: m.at, roles: ["infuse"] } }));
}

// spec is the study of a view. Its parameters are the defaults, so that it says
// what careshed says elsewhere.
export function specOf(v: View, more: Spec = {}): Spec {
  const own = v.own;
  const people = own?.places ? own : undefined; // else those of the atlas
  const where = { where: { country: v.country } };
  const s: Spec = {
    version: 1,
    name: own ? "own" : v.country.toLowerCase(),
    places: people ? { layer: people.places, ...(people.weight && { weight: people.weight }) } : { layer: "settlements", ...where, weight: "population" },
    ...(own?.regions || people
      ? own?.regions && { regions: { layer: own.regions, ...(own.join && { join: own.join }) } }
      : { regions: { layer: "regions", ...where, join: "region_code" } }),
    sites: own?.sites ? { layer: own.sites, ...(own.complete && { complete: true }) } : { layer: "centers", where: { country: v.country, tier: [1, 2] }, count: "campus" },
    travel: { engine: "crow", borders: own ? "free" : "same-country" },
    measures: [{ travel: { k: 1, bands_min: quarters } }, { density: people && !people.regions ? { by: "country" } : { by: "region" } }, ...(own && !own.regions && people ? [] : [{ gaps: { beyond_min: 120 } }]), { penalty: {} }],
    inequality: ["gini"],
  };
  const scenarios: Spec = {};
  if (v.a.length > 0) scenarios["a"] = scenario(v.a);
  if (v.b.length > 0) scenarios["b"] = scenario(v.b);
  const both = Object.keys(scenarios).length > 0 && !(people && !people.regions);
  return { ...s, ...(Object.keys(scenarios).length > 0 && { scenarios }), output: { links: "none", ...(both && { scenario_regions: "both" }) }, ...more };
}

// passing asks for a result that is in no list and goes after a while: a click is no publication.
export const passing = { keep: "no" };

export async function execute(spec: Spec, signal?: AbortSignal): Promise<Doc> {
  return json("processes/study/execution", passing, { method: "POST", body: JSON.stringify(spec), headers: { "Content-Type": "application/json" }, signal });
}

const tableNames = ["bands", "lorenz", "inequality", "penalty_curve", "compare"];

async function load(doc: Doc, spec: Spec, known: Result | undefined, signal: AbortSignal): Promise<Result> {
  const id = doc.id;
  const scenarios = Object.keys((spec["scenarios"] as Spec) ?? {});
  const withRegions = spec["regions"] !== undefined;
  const same = known && JSON.stringify(known.spec["regions"]) === JSON.stringify(spec["regions"]) ? known : undefined;
  const layer = withRegions ? "regions" : "places";
  const asked = same ? Promise.resolve(same.fields) : json<{ fields: Field[] }>(`collections/${id}-${layer}`, {}, { signal }).then((c) => c.fields);
  const texts = asked.then((fields) => new Set(fields.filter((f) => f.type === "text").map((f) => f.name)));
  const optional = (names: string[]) => (name: string) => !scenarios.length && names.includes(name);
  const [fields, shapes, today, sites, ...rest] = await Promise.all([
    asked,
    same?.shapes ?? (withRegions ? features(`${id}-regions`, { properties: "name" }, signal) : Promise.resolve<Shapes>({ type: "FeatureCollection", features: [] })),
    withRegions ? rows(`${id}-regions`, texts, signal) : Promise.resolve([]),
    features(`${id}-sites`, {}, signal),
    ...tableNames.map((t) => (optional(["compare"])(t) ? Promise.resolve([]) : rows(`${id}-${t}`, new Set(["measure", "scenario", "metric"]), signal))),
    ...scenarios.map((s) => (withRegions ? rows(`${id}-regions_${s}`, texts, signal) : Promise.resolve([]))),
  ]);
  const byID = (list: Row[]) => new Map(list.map((r) => [String(r["id"]), r]));
  return {
    id, spec, summary: doc.summary, manifest: doc.manifest, fields, shapes,
    regions: { today: byID(today), ...Object.fromEntries(scenarios.map((s, i) => [s, byID(rest[tableNames.length + i] as Row[])])) },
    sites: sites.features.map((f) => {
      const p = f.geometry?.type === "Point" ? f.geometry.coordinates : [null, null];
      return { ...(f.properties as Row), id: String(f.id), lon: p[0] as Cell, lat: p[1] as Cell };
    }),
    tables: Object.fromEntries(tableNames.map((t, i) => [t, rest[i] as Row[]])),
  };
}

export const result = signal<Result | undefined>(undefined);
// told is kept once there is a first result: the maps, which are slow to begin,
// come after the figures.
export const told = new Promise<void>((done) => {
  const stop = result.subscribe((r) => {
    if (!r) return;
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))); // the next frame but one is after the first with figures
    queueMicrotask(() => stop());
  });
});
export const busy = signal(false);
export const failure = signal("");

// rested is kept once nothing is computed.
export const rested = (): Promise<void> =>
  new Promise((done) => {
    const stop = busy.subscribe((b) => {
      if (b) return;
      done();
      queueMicrotask(() => stop());
    });
  });
export const millis = signal(0); // from a change to its fresh numbers; 0 for the first

// wanted is the study of the view, as text: what does not touch it asks for
// nothing anew.
const wanted = computed(() => JSON.stringify(specOf(view.value)));

// explain says what went wrong in the words of the reader, where it is the
// connection, and of the server otherwise.
export function explain(e: unknown): string {
  if (e instanceof Problem) return e.message;
  return e instanceof TypeError ? say("app.lost") : String(e instanceof Error ? e.message : e);
}

export const again = signal(0); // asks once more for what failed

// keep keeps the result in step with the view.
export function keep(): void {
  let under: AbortController | undefined;
  effect(() => {
    const text = wanted.value;
    void again.value;
    under?.abort();
    const mine = (under = new AbortController());
    const spec = JSON.parse(text) as Spec;
    const started = performance.now();
    const before = result.peek();
    const other = before !== undefined && JSON.stringify(before.spec["sites"]) !== JSON.stringify(spec["sites"]);
    queueMicrotask(() =>
      batch(() => {
        busy.value = true;
        if (other) result.value = undefined; // numbers of another country under this one's name
      }),
    );
    execute(spec, mine.signal)
      .then((doc) => load(doc, spec, before, mine.signal))
      .then((r) => {
        if (mine.signal.aborted) return;
        batch(() => {
          result.value = r;
          failure.value = "";
          busy.value = false;
          millis.value = before ? performance.now() - started : 0;
        });
      })
      .catch(async (e: unknown) => {
        await spoken;
        if (mine.signal.aborted) return;
        batch(() => {
          busy.value = false;
          failure.value = explain(e);
        });
      });
  });
}

// intervals are those of the result on show, from a study of its own with draws;
// kept by the study they belong to.
const drawn = new Map<string, Promise<Interval[]>>();

export function intervals(of: Result): Promise<Interval[]> {
  let found = drawn.get(of.id);
  if (!found) {
    found = execute({ ...of.spec, output: { links: "none" }, inequality: [], uncertainty: { draws: 100 } }).then((d) => d.summary.uncertainty ?? []);
    found.catch(() => drawn.delete(of.id));
    drawn.set(of.id, found);
  }
  return found;
}

// Classes are the limits and colours of a column, as the printed map has them.
export type Classes = { column: string; title: string; unit?: string; breaks: number[]; colours: string[]; counts: number[]; missing: number; percent: boolean };

export const classes = signal<Classes | undefined>(undefined); // of the map on show

export function classesOf(id: string, layer: string, column: string, signal?: AbortSignal): Promise<Classes> {
  const bands = layer === "places" && column === "time_min" ? "30,60,90,120,180,240" : undefined; // those of the results
  return json(`collections/${id}-${layer}/classes`, { column, breaks: bands }, { signal });
}

export function tilesOf(id: string): string {
  return decodeURI(at(`tiles/${id}-places/{z}/{x}/{y}.pbf`));
}

// densityOf is the density of the whole. A study of several countries has one for
// each and none of the whole: its table shows them region by region.
export function densityOf(r: Result): number | undefined {
  const countries = r.summary.density?.countries ?? [];
  return countries.length === 1 ? countries[0]!.density : undefined;
}

// doubts are why a zero cannot be trusted.
export const doubts = ["stated", "doubtful", "incomplete", "not in the list"];

const counting = new Set(["per_10m", "centers", "rows"]);

// doubted reports whether a region shows no center and may have one all the same.
export function doubted(r: Row, column: string): string {
  return counting.has(column) && r[column] === 0 && doubts.includes(String(r["gap"])) ? String(r["gap"]) : "";
}

// leftOut is the doubt about a mean that leaves out more than a tenth of the people.
const leftOut = "left out";

// everyDoubt are all that may be said of a number.
export const everyDoubt = [...doubts, leftOut];

// unsure is why a number of a region is not to be taken as it stands, "" for nothing: it
// rests on a list that may lack a center, or leaves out many who have no way.
export function unsure(r: Row, column: string): string {
  const known = columnOf(column);
  if (!known?.listed || counting.has(column) || typeof r[column] !== "number") return "";
  if (doubts.includes(String(r["gap"]))) return String(r["gap"]);
  const without = Number(r["people_sea"] ?? 0) + Number(r["people_unreached"] ?? 0);
  return known.leavesOut && without > Number(r["population"] ?? 0) / 10 ? leftOut : "";
}

// gapOf says a doubt in words.
export const gapOf = (doubt: string): string => say(`app.gap.${doubt.replaceAll(" ", "_")}`);

// why is the doubt of either kind.
export const why = (r: Row, column: string): string => doubted(r, column) || unsure(r, column);
