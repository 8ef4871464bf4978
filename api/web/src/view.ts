// What is looked at: all of it stands in the address of the page, so that whoever
// is sent the address sees the same.

import { batch, effect, signal } from "@preact/signals";
import { language, languages, miles, speak } from "./words";

// Move is a change to the centers in a scenario.
export type Move =
  | { kind: "open"; id: string; name: string; at: [number, number]; ranked?: boolean }
  | { kind: "close"; id: string };

// Own says which layers of the user stand in the place of the atlas: centers, people or both; what is not there is that of the country. Its list of centers may be complete.
export type Own = { places: string; weight: string; regions: string; join: string; sites: string; complete?: boolean };

// Aim is what a ranking looks for, with the parameters of the goals that have some.
export type Aim = { goal: string; within: number; aversion: number; power: number; visits: number; group: "region" | "size" };

export type Shown = "today" | "a" | "b";

// Kept is a scenario under a name, of a country or of the user's own layers.
export type Kept = { of: string; name: string; moves: Move[] };

export type View = {
  country: string;
  own?: Own;
  layer: "regions" | "places";
  column: string;
  region: string;
  a: Move[];
  b: Move[];
  kept: Kept[];
  editing: "a" | "b";
  shown: Shown;
  compare: "one" | "side" | "swipe";
  pick: number;
  least: number; // people of a candidate town
  aim: Aim;
  hub: number; // minutes within which a site must have a center of today, 0 for no such rule
  study: string; // of the link that was followed, to say if it would be another now
};

export const first: View = {
  country: "US", layer: "regions", column: "per_10m", region: "", a: [], b: [], kept: [], editing: "a", shown: "today", compare: "one", pick: 5, least: 50000, hub: 0,
  aim: { goal: "treated", within: 120, aversion: 0.01, power: 2, visits: 5, group: "region" }, study: "",
};

// goals are those that a study may seek with its sites, the usual one first.
export const goals = ["treated", "covered", "mean_time", "burden", "kolm_pollak", "fgt", "worst_time", "all_covered", "worst_group", "gini"];

const round = (v: number) => Math.round(v * 1e5) / 1e5;

function writeMoves(moves: Move[]): string {
  return moves
    .map((m) => (m.kind === "close" ? `close~${m.id}` : `${m.ranked ? "ranked" : "open"}~${m.id}~${round(m.at[0])}~${round(m.at[1])}~${m.name}`))
    .join("|");
}

function readMoves(text: string): Move[] {
  const out: Move[] = [];
  for (const part of text.split("|")) {
    const [kind, id = "", lon, lat, ...name] = part.split("~");
    if (kind === "close" && id) out.push({ kind, id });
    const at: [number, number] = [Number(lon), Number(lat)];
    if ((kind === "open" || kind === "ranked") && id && at.every(Number.isFinite)) {
      out.push({ kind: "open", id, name: name.join("~") || id, at, ...(kind === "ranked" && { ranked: true }) });
    }
  }
  return out;
}

export function write(v: View, lang: string, inMiles: boolean): string {
  const p = new URLSearchParams();
  const put = (name: string, value: string | number, usual: string | number) => value !== usual && p.set(name, String(value));
  put("country", v.own?.places && v.own.sites ? "" : v.country, "");
  if (v.own) p.set("own", [v.own.places, v.own.weight, v.own.regions, v.own.join, v.own.sites, v.own.complete ? "complete" : ""].join("~").replace(/~$/, ""));
  put("layer", v.layer, first.layer);
  put("column", v.column, first.column);
  put("region", v.region, "");
  put("a", writeMoves(v.a), "");
  put("b", writeMoves(v.b), "");
  for (const k of v.kept) p.append("kept", [k.of, k.name, writeMoves(k.moves)].join("||"));
  put("shown", v.shown, first.shown);
  put("compare", v.compare, first.compare);
  put("pick", v.pick, first.pick);
  put("least", v.least, first.least);
  put("hub", v.hub, first.hub);
  for (const name of Object.keys(first.aim) as (keyof Aim)[]) put(name, v.aim[name], first.aim[name]);
  put("lang", lang, "en");
  put("units", inMiles ? "mi" : "km", "km");
  put("study", v.study, "");
  return "#" + p.toString();
}

export function read(hash: string): { view: View; lang: string; inMiles: boolean } {
  const p = new URLSearchParams(hash.replace(/^#/, ""));
  const one = <T extends string>(name: string, ...accepted: T[]): T => {
    const v = p.get(name) as T;
    return accepted.includes(v) ? v : accepted[0]!;
  };
  const real = (name: string, usual: number, least: number, most: number) => {
    const v = Number(p.get(name) ?? usual);
    return Number.isFinite(v) ? Math.min(most, Math.max(least, v)) : usual;
  };
  const count = (name: string, usual: number, least: number, most: number) => {
    return Math.round(real(name, usual, least, most));
  };
  const [places = "", weight = "", regions = "", join = "", sites = "", complete = ""] = (p.get("own") ?? "").split("~");
  const lang = p.get("lang") ?? navigator.languages.map((l) => l.slice(0, 2)).find((l) => languages.includes(l)) ?? "en";
  const [a, b] = [readMoves(p.get("a") ?? ""), readMoves(p.get("b") ?? "")];
  const shown = one("shown", "today", "a", "b");
  return {
    lang: languages.includes(lang) ? lang : "en",
    inMiles: p.get("units") === "mi",
    view: {
      country: p.get("country") || first.country,
      ...((sites || places) && { own: { places, weight, regions, join, sites, complete: complete === "complete" } }),
      layer: one("layer", "regions", "places"),
      column: p.get("column") || first.column,
      region: p.get("region") ?? "",
      a, b,
      kept: p.getAll("kept").flatMap((text) => {
        const [of = "", name = "", ...rest] = text.split("||");
        const moves = readMoves(rest.join("||"));
        return of && name && moves.length ? [{ of, name, moves }] : [];
      }),
      editing: shown === "b" || (b.length > 0 && a.length === 0) ? "b" : "a",
      shown: (shown === "a" && a.length === 0) || (shown === "b" && b.length === 0) ? "today" : shown,
      compare: one("compare", "one", "side", "swipe"),
      pick: count("pick", first.pick, 1, 20),
      least: count("least", first.least, 1000, 10_000_000),
      hub: count("hub", first.hub, 0, 600),
      aim: {
        goal: one("goal", ...(goals as [string, ...string[]])), within: count("within", first.aim.within, 1, 1440), visits: count("visits", first.aim.visits, 1, 100),
        aversion: real("aversion", first.aim.aversion, 0.0001, 1), power: real("power", first.aim.power, 0, 10), group: one("group", "region", "size"),
      },
      study: p.get("study") ?? "",
    },
  };
}

// subject is what scenarios are of: they are kept for it, and shown with it alone.
export const subject = (v: View): string => (v.own ? `own ${v.own.places} ${v.own.sites}` : v.country);
export const keptHere = (v: View): Kept[] => v.kept.filter((k) => k.of === subject(v));

// calledIn is the name under which the moves of a scenario are kept, "" if they are not.
export function calledIn(v: View, shown: Shown): string {
  if (shown === "today") return "";
  const moves = JSON.stringify(v[shown]);
  return keptHere(v).find((k) => JSON.stringify(k.moves) === moves)?.name ?? "";
}

// start is what the address asked for as the page was opened.
const opened = location.hash;
export const start = read(opened);
export const view = signal<View>(start.view);
miles.value = start.inMiles;

// past are the views before this one, the latest last; future are those that were undone,
// the next last. What is not seen in the address is no step.
export const past = signal<View[]>([]);
export const future = signal<View[]>([]);
const most = 100;

const same = (a: View | undefined, b: View) => a !== undefined && write({ ...a, study: "" }, "", false) === write({ ...b, study: "" }, "", false);

// change changes parts of the view. The result that a link named is then no longer
// the one that is looked at.
export function change(parts: Partial<View>): void {
  enter({ ...view.value, study: "", ...parts });
}

function enter(next: View): void {
  batch(() => {
    if (!same(view.value, next)) {
      if (!dragging) past.value = [...past.value, view.value].slice(-most);
      future.value = [];
    }
    view.value = next;
  });
}

// What is dragged is one step, from where it was grasped to where it is let go.
let dragging = false;

export function drag(): void {
  dragging = true;
}

export function release(): void {
  dragging = false;
  if (same(past.value.at(-1), view.value)) past.value = past.value.slice(0, -1);
}

export const undo = () => step(past, future);
export const redo = () => step(future, past);

function step(from: typeof past, to: typeof past): void {
  const next = from.value.at(-1);
  if (!next) return;
  batch(() => {
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, view.value];
    view.value = next;
  });
}

// correct replaces a column that the layer does not have: no step of the user.
export function correct(column: string): void {
  view.value = { ...view.value, study: "", column };
}

// edit changes the moves of the scenario that is being edited, and shows it.
export function edit(moves: (before: Move[]) => Move[]): void {
  const which = view.value.editing;
  const after = moves(view.value[which]);
  change({ [which]: after, shown: after.length > 0 ? which : "today" });
}

// follow keeps the address in step with the view, and the view with an address
// that is typed or gone back to, be it before the texts of a language had arrived. The
// browser's Back to the view before is an undo.
export function follow(): void {
  addEventListener("popstate", arrive);
  if (location.hash !== opened) arrive();
  let before = "";
  effect(() => {
    const v = view.value;
    const hash = write(v, language.value, miles.value);
    const step = JSON.stringify([v.country, v.own, v.region, v.a, v.b]); // what Back goes back over
    if (hash !== location.hash) history[before && step !== before && !dragging ? "pushState" : "replaceState"](null, "", hash);
    before = step;
    document.documentElement.lang = language.value;
  });
}

// arrive shows what the address asks for, at once: half of it would be written over the rest.
function arrive(): void {
  const now = read(location.hash);
  void speak(now.lang);
  batch(() => {
    miles.value = now.inMiles;
    if (same(past.value.at(-1), now.view)) undo();
    else if (same(future.value.at(-1), now.view)) redo();
    else enter(now.view);
  });
}

// listen undoes and redoes by the usual keys, except where a text is typed, which has an
// undo of its own, and under a dialog.
export function listen(): void {
  addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey) return;
    const key = e.key.toLowerCase();
    const way = key === "z" ? (e.shiftKey ? redo : undo) : key === "y" && e.ctrlKey ? redo : undefined;
    if (!way || (e.target as Element).matches(":read-write") || document.querySelector("dialog[open]")) return;
    e.preventDefault();
    way();
  });
}
