// The maps of the view: one, two side by side, or two under a swipe.

import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LngLat, Map as GL } from "maplibre-gl";
import type { Atlas, Paint, Site } from "./atlas";
import { box, elsewhere } from "./frame";
import { Legend } from "./legend";
import { adding, area, candidates, hint, hovered, pointed } from "./pointing";
import { rowsOf, unitOf } from "./columns";
import { busy, classes, classesOf, doubted, explain, failure, gapOf, rested, result, tilesOf, told, unsure, type Classes, type Result, type Shapes } from "./study";
import { at, json, Problem } from "./server";
import { calledIn, change, correct, edit, view, type Shown, type View } from "./view";
import { language, miles, people, say, written } from "./words";

// The map library is large: it is read once the first figures are seen. The page has
// it fetched before.
const library = told.then(() => import("./atlas"));

// home asks for the whole country again.
export const home = signal(0);

// blind says that the browser cannot draw maps.
const blind = signal(false);

// camera keeps maps beside each other in step.
const all = new Set<GL>();
let last: { of: Shapes | undefined; center: LngLat; zoom: number } | undefined; // where the map was, for one that takes its place
let leading = false;
function together(from: GL, moved: boolean) {
  if (leading) return;
  leading = true;
  const camera = { center: from.getCenter(), zoom: from.getZoom() };
  if (moved) last = { of: result.peek()?.shapes, ...camera };
  for (const other of all) if (other !== from) other.jumpTo(camera);
  leading = false;
}

// kinds are the centers of a scenario: those there are, those it closes and opens.
export function sitesOf(r: Result, shown: Shown): Site[] {
  const moves = shown === "today" ? [] : view.value[shown];
  const closed = new Set(moves.flatMap((m) => (m.kind === "close" ? [m.id] : [])));
  const out: Site[] = [];
  for (const s of r.sites) {
    if (typeof s["lon"] !== "number" || typeof s["lat"] !== "number" || s["status"] !== "open") continue;
    const infuses = String(s["roles"] ?? "infuse").includes("infuse");
    out.push({ id: String(s["id"]), at: [s["lon"], s["lat"]], kind: closed.has(String(s["id"])) ? "closed" : infuses ? "open" : "other" });
  }
  if (shown !== "today") for (const c of candidates.value) out.push({ id: c.id, at: c.at, kind: "candidate" });
  for (const m of moves) if (m.kind === "open") out.push({ id: m.id, at: m.at, kind: "new" });
  return out;
}

export function paintOf(r: Result, shown: Shown, c: Classes): Paint {
  const colours = new Map<string, string>();
  const doubts = new Map<string, string>();
  for (const [id, row] of rowsOf(r, shown)) {
    const v = row[c.column];
    const none = doubted(row, c.column);
    const doubt = none || unsure(row, c.column);
    if (doubt) doubts.set(id, none ? doubt : `over ${doubt}`);
    if (typeof v === "number") {
      let k = 0;
      while (k < c.breaks.length && v >= c.breaks[k]!) k++;
      colours.set(id, c.colours[k]!);
    }
  }
  return { colours, doubts };
}

// trueOf is what a map really shows: of the places only the times are known in a
// scenario.
export function trueOf(shown: Shown, v: View): Shown {
  return v.layer === "places" && v.column !== "time_min" ? "today" : shown;
}

// seen is what the maps of a view show: one, or two beside each other.
export function seen(v: View): [Shown, ...Shown[]] {
  if (v.compare === "one" || v.a.length + v.b.length === 0) return [v.shown];
  return v.a.length && v.b.length ? ["a", "b"] : ["today", v.b.length ? "b" : "a"];
}

export function nameOf(shown: Shown): string {
  if (shown === "today") return say("app.today");
  const name = calledIn(view.value, shown);
  return say(`app.scenario_${shown}`) + (name && say("join.colon") + name);
}

function One({ shown, label }: { shown: Shown; label: boolean }) {
  const element = useRef<HTMLDivElement>(null);
  const atlas = useRef<Atlas>(null);
  const [over, setOver] = useState<{ id: string; x: number; y: number }>({ id: "", x: 0, y: 0 });
  const r = result.value;
  const c = classes.value;
  const v = view.value;
  const [ready, setReady] = useState<Atlas>();
  useEffect(() => {
    let a: Atlas | undefined;
    let gone = false;
    const begin = async () => {
      const [{ Atlas }] = await Promise.all([library, rested()]);
      if (gone) return;
      try {
        a = new Atlas(element.current!, said, say("app.map_label"), result.peek()?.shapes);
      } catch {
        blind.value = true; // there is no WebGL 2
        return;
      }
      atlas.current = a;
      all.add(a.gl);
      if (last && last.of === result.peek()?.shapes) a.stay(last.center, last.zoom);
      setReady(a);
    };
    const said = {
      region: (id: string) => {
        hovered.fly = false;
        change({ region: id });
      },
      site: (id: string, at: [number, number]) => void (pointed.value = { id, at }),
      place: (at: [number, number]) => void openAt(at),
      hover: (id: string, x: number, y: number) => setOver({ id, x, y }),
      moved: together,
    };
    void begin();
    return () => {
      gone = true;
      if (!a) return;
      all.delete(a.gl);
      a.remove();
    };
  }, []);
  useEffect(() => void (r && atlas.current?.regions(r.shapes)), [ready, r?.shapes]);
  const still = !busy.value; // numbers come before pictures: drawing takes the cores of whoever computes
  useEffect(() => void (r && c && !busy.peek() && atlas.current?.paint(paintOf(r, shown, c))), [ready, r, c, shown, still]);
  useEffect(() => void (r && !busy.peek() && atlas.current?.sites(sitesOf(r, shown))), [ready, r, shown, v.a, v.b, candidates.value, still]);
  useEffect(() => void atlas.current?.choose(v.region, hovered.fly), [ready, v.region, r?.shapes]);
  useEffect(() => void atlas.current?.area(area.value), [ready, area.value]);
  useEffect(() => void (home.value > 0 && atlas.current?.fit(500)), [home.value]);
  useEffect(() => atlas.current?.units(miles.value), [ready, miles.value]);
  useEffect(() => {
    if (!atlas.current) return;
    atlas.current.adding = adding.value;
    atlas.current.gl.getCanvas().style.cursor = adding.value ? "crosshair" : "";
  }, [ready, adding.value]);
  useEffect(() => {
    if (!r || !c || v.layer !== "places") return void atlas.current?.places(undefined);
    const column = shown !== "today" && c.column === "time_min" ? `time_min_${shown}` : c.column;
    atlas.current?.places({ tiles: tilesOf(r.id), layer: `${r.id}-places`, column, breaks: c.breaks, colours: c.colours });
  }, [ready, r, c, v.layer, shown]);
  const row = r && over.id ? rowsOf(r, shown).get(over.id) : undefined;
  return (
    <div class="one-map">
      <div class="canvas" ref={element} data-shown={shown} />
      {label && <p class="which">{nameOf(trueOf(shown, v))}</p>}
      {adding.value && <div class="cross" aria-hidden="true" />}
      {row && c && v.layer === "regions" && (
        <div class="tip" style={{ left: `${over.x + 12}px`, top: `${over.y + 12}px` }} aria-hidden="true">
          <b>{row["name"]}</b> {doubted(row, c.column) ? say("app.doubt") : written(row[c.column] as number, unitOf(c.column, r), c.column)}
          {unsure(row, c.column) && ` (${say("app.unsure", { why: gapOf(unsure(row, c.column)) })})`}
        </div>
      )}
    </div>
  );
}

// openAt opens a center at a point, named after the town nearest to it; where
// nobody lives there is none to open.
async function openAt(at: [number, number]) {
  adding.value = false;
  const v = view.peek();
  const [lon, lat] = [round(at[0]), round(at[1])];
  const town = await nearestTown(v.own?.places || "settlements", lon, lat, v.own?.places ? "" : v.country).catch(() => undefined);
  if (!town) {
    hint.value = say("app.nobody_near", { far: written(30, "km") });
    return;
  }
  const n = Math.max(0, ...v[v.editing].map((m) => Number(/^new-(\d+)$/.exec(m.id)?.[1] ?? 0))) + 1;
  edit((before) => [...before, { kind: "open", id: `new-${n}`, name: say("app.new_center", { n, town }), at: [lon, lat] }]);
}

async function nearestTown(layer: string, lon: number, lat: number, country: string): Promise<string | undefined> {
  const [dy, dx] = [0.3, 0.3 / Math.max(0.2, Math.cos((lat * Math.PI) / 180))];
  const found = await json<Shapes>(`collections/${layer}/items`, {
    bbox: [lon - dx, lat - dy, lon + dx, lat + dy].map(round).join(","), limit: 1000, ...(country && { filter: `country = '${country}'` }),
  });
  let best: string | undefined;
  let least = Infinity;
  for (const f of found.features) {
    const b = box(f.geometry);
    if (!b) continue;
    const d = Math.hypot((((b[0] + b[2]) / 2 - lon) * dy) / dx, (b[1] + b[3]) / 2 - lat);
    if (d < least) [best, least] = [String(f.properties?.["name"] ?? f.id), d];
  }
  return best;
}

const round = (v: number) => Math.round(v * 1e4) / 1e4;

// Maps shows the maps, or the server's own picture where the browser cannot draw.
export function Maps() {
  const v = view.value;
  const r = result.value;
  const [cut, setCut] = useState(50);
  useLayoutEffect(() => {
    if (!r) return;
    const stop = new AbortController();
    classesOf(r.id, v.layer, v.column, stop.signal).then((c) => (classes.value = c)).catch((e: unknown) => {
      if (stop.signal.aborted) return;
      if (e instanceof Problem && e.status === 400) correct(v.layer === "regions" ? "per_10m" : "time_min"); // the layer has no such column
      else failure.value = explain(e);
    });
    return () => stop.abort();
  }, [r?.id, v.layer, v.column]);
  if (blind.value && r) {
    return (
      <div class="maps">
        <p class="word">{say("app.no_webgl")}</p>
        <img class="still" src={at(`collections/${r.id}-regions/map`, { column: v.column, lang: language.value, units: miles.value ? "mi" : "km" })} alt={say("app.map_label")} />
      </div>
    );
  }
  const [left, right] = seen(v);
  const far = r && v.layer === "regions" ? elsewhere(r.shapes) : [];
  return (
    <>
      <div class={`maps ${right ? "by-" + v.compare : "one"}`} style={right && v.compare === "swipe" ? { "--cut": `${cut}%` } : undefined}>
        <One key={right ? left : "single"} shown={left} label={v.a.length + v.b.length > 0} />
        {right && <One key={"second" + right} shown={right} label />}
        {right && v.compare === "swipe" && (
          <input class="swipe" type="range" min={0} max={100} value={cut} aria-label={say("app.swipe")} onInput={(e) => setCut(Number(e.currentTarget.value))} />
        )}
        {r && <p class="sr" aria-live="polite">{say("app.loaded", { regions: r.regions["today"]?.size ?? 0, people: people(r.summary.population) })}</p>}
      </div>
      <Legend />
      {r && (
        <p class="far">
          <button type="button" class="small" onClick={() => home.value++}>
            {say("app.home")}
          </button>{" "}
          {far.length > 0 && say("app.elsewhere")}{" "}
          {far.map(([id, name]) => (
            <button
              key={id}
              type="button"
              class="small"
              onClick={() => {
                hovered.fly = true;
                change({ region: id });
              }}
            >
              {name}
            </button>
          ))}
        </p>
      )}
    </>
  );
}
