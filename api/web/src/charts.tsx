// Four drawings of the same study: how travel is spread, what it does to the
// likelihood of treatment, how unequal it is, and where density stands.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { rows, type Row } from "./server";
import { densityOf, doubted, execute, result, type Result } from "./study";
import { view } from "./view";
import { compact, number, people, percent, say } from "./words";

const wide = 340;
const high = 190;
const left = 44;
const below = 34;

type Axis = { most: number; ticks: number[]; write: (v: number) => string; title: string };

const x = (a: Axis, v: number) => left + ((wide - left - 18) * v) / a.most;
const y = (a: Axis, v: number) => high - below - ((high - below - 10) * v) / a.most;

function round(most: number): { most: number; ticks: number[] } {
  const size = 10 ** Math.floor(Math.log10(most || 1));
  const step = [0.2, 0.5, 1, 2, 5].map((m) => m * size).find((s) => most / s <= 5) ?? size;
  const n = Math.ceil(most / step - 1e-9);
  return { most: n * step, ticks: Array.from({ length: n + 1 }, (_, i) => i * step) };
}

function Plot({ name, title, said, across, up, children }: { name: string; title: string; said: string; across: Axis; up: Axis; children: ComponentChildren }) {
  return (
    <figure class="chart" data-chart={name}>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={`${title}. ${said}`}>
        {up.ticks.map((t) => (
          <g key={t}>
            <line class="grid" x1={left} x2={wide - 18} y1={y(up, t)} y2={y(up, t)} />
            <text x={left - 5} y={y(up, t) + 3.5} text-anchor="end">
              {up.write(t)}
            </text>
          </g>
        ))}
        {across.ticks.map((t) => (
          <text key={t} x={x(across, t)} y={high - below + 14} text-anchor="middle">
            {across.write(t)}
          </text>
        ))}
        <text x={(left + wide) / 2} y={high - 4} text-anchor="middle">
          {across.title}
        </text>
        {children}
      </svg>
      <p class="hint">{said}</p>
    </figure>
  );
}

const path = (points: [number, number][]) => points.map((p, i) => `${i ? "L" : "M"}${p[0].toFixed(1)} ${p[1].toFixed(1)}`).join("");
const n = (r: Row, name: string) => Number(r[name]);

export function Charts() {
  const r = result.value;
  const [open, setOpen] = useState(false);
  if (!r) return null;
  return (
    <details class="charts" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>
        <h2>{say("app.charts")}</h2>
      </summary>
      {open && (
        <div class="many">
          <Histogram r={r} />
          <Likelihood r={r} />
          <Lorenz r={r} />
          <Density r={r} />
        </div>
      )}
    </details>
  );
}

function Histogram({ r }: { r: Result }) {
  const bands = r.tables["bands"] ?? [];
  const v = view.value;
  const within = (minutes: number) => r.tables["compare"]?.find((c) => c["scenario"] === v.shown && c["metric"] === `people_within_${minutes}_min`);
  const bars = bands.map((b, i) => ({ to: n(b, "minutes"), people: n(b, "people") - (i ? n(bands[i - 1]!, "people") : 0) }));
  const then = v.shown === "today" ? [] : bands.map((b, i) => Number(within(n(b, "minutes"))?.["after"] ?? NaN) - (i ? Number(within(n(bands[i - 1]!, "minutes"))?.["after"] ?? NaN) : 0));
  if (bars.length === 0) return null;
  const last = bars.findLastIndex((b) => b.people > 0.0005 * r.summary.population) + 1;
  const shown = bars.slice(0, Math.max(last, 8));
  const up = round(Math.max(...shown.map((b) => b.people), ...then.filter(Number.isFinite)));
  const most = shown.at(-1)!.to;
  const across: Axis = { most, ticks: Array.from({ length: Math.floor(most / 60) + 1 }, (_, i) => 60 * i), write: (t) => number(t), title: say("app.minutes_to_center") };
  const beyond = r.summary.population - n(bands.at(-1)!, "people");
  const upward: Axis = { ...up, write: compact, title: "" };
  return (
    <Plot name="histogram" title={say("app.chart.histogram")} said={say("app.chart.histogram.said", { median: number(Math.round(r.summary.travel?.time_min.median ?? NaN)), p90: number(Math.round(r.summary.travel?.time_min.p90 ?? NaN)), beyond: people(beyond), minutes: n(bands.at(-1)!, "minutes") })} across={across} up={upward}>
      {shown.map((b) => (
        <rect key={b.to} class="bar" x={x(across, b.to - 15) + 0.5} width={Math.max(1, x(across, 15) - left - 1)} y={y(upward, b.people)} height={y(upward, 0) - y(upward, b.people)}>
          <title>{`${b.to - 15}–${b.to}: ${people(b.people)}`}</title>
        </rect>
      ))}
      {then.length > 0 && <path class="then" d={path(shown.flatMap((b, i) => [[x(across, b.to - 15), y(upward, then[i]!)], [x(across, b.to), y(upward, then[i]!)]] as [number, number][]))} />}
    </Plot>
  );
}

// Likelihood draws the curve with what is assumed beyond four hours, between
// those of the ends of the interval of the effect: two studies more.
function Likelihood({ r }: { r: Result }) {
  const curve = r.tables["penalty_curve"] ?? [];
  const ends = r.manifest.parameters.find((p) => p.name === "penalty.effect")?.evidence?.interval;
  const [band, setBand] = useState<Row[][]>();
  useEffect(() => {
    if (!ends) return;
    let on = true;
    const spec = { ...r.spec, scenarios: undefined, output: { links: "none" }, inequality: [] };
    Promise.all(ends.map(async (effect) => rows(`${(await execute({ ...spec, penalty: { effect } })).id}-penalty_curve`, new Set()))).then((b) => on && setBand(b), () => on && setBand(undefined));
    return () => {
      on = false;
    };
  }, [r.id]);
  if (curve.length === 0) return null;
  const across: Axis = { most: 480, ticks: [0, 120, 240, 360, 480], write: (t) => number(t), title: say("app.minutes_to_center") };
  const shown = curve.filter((c) => n(c, "time_min") <= 480);
  const up: Axis = { ...round(Math.max(...shown.map((c) => n(c, "likelihood_hold")), ...(band ?? []).flat().map((c) => n(c, "likelihood_hold")))), write: percent0, title: "" };
  const line = (which: string, from = 0) => path(shown.filter((c) => n(c, "time_min") >= from).map((c) => [x(across, n(c, "time_min")), y(up, n(c, which))]));
  const at = (minutes: number, which: string) => n(curve.find((c) => n(c, "time_min") === minutes)!, which);
  const edge = band?.map((b) => b.filter((c) => n(c, "time_min") <= 240).map((c) => [x(across, n(c, "time_min")), y(up, n(c, "likelihood_hold"))] as [number, number]));
  return (
    <Plot name="likelihood" title={say("app.chart.likelihood")} said={say("app.chart.likelihood.said", { near: percent(at(0, "likelihood_hold")), far: percent(at(180, "likelihood_hold")) }) + (ends ? " " + say("app.chart.likelihood.band", { low: number(ends[0]), high: number(ends[1]) }) : "")} across={across} up={up}>
      {edge && <path class="band" d={path([...edge[0]!, ...edge[1]!.toReversed()]) + "z"} />}
      <rect class="unknown" x={x(across, 240)} width={x(across, 480) - x(across, 240)} y={10} height={high - below - 10} />
      <path class="line" d={line("likelihood_hold")} />
      <path class="line dashed" d={line("likelihood_continue", 240)} />
      <path class="line dotted" d={line("likelihood_recover", 240)} />
      <text x={x(across, 360)} y={22} text-anchor="middle">
        {say("app.no_evidence")}
      </text>
    </Plot>
  );
}

const percent0 = (v: number) => say("unit.percent", { n: number(Math.round(100 * v)) });

function Lorenz({ r }: { r: Result }) {
  const table = r.tables["lorenz"] ?? [];
  const names = [...new Set(table.map((l) => String(l["measure"])))];
  if (names.length === 0) return null;
  const axis: Axis = { most: 1, ticks: [0, 0.25, 0.5, 0.75, 1], write: percent0, title: say("app.share_of_people") };
  const gini = names.map((name) => n(r.tables["inequality"]!.find((i) => i["measure"] === name && i["metric"] === "gini")!, "value"));
  return (
    <Plot name="lorenz" title={say("app.chart.lorenz")} said={names.map((name, i) => say("app.chart.lorenz.said", { measure: say(`app.measure.${name.replaceAll(" ", "_")}`), gini: number(gini[i]!, 2) })).join(" ")} across={axis} up={{ ...axis, title: "" }}>
      <path class="grid" d={path([[x(axis, 0), y(axis, 0)], [x(axis, 1), y(axis, 1)]])} />
      {names.map((name, i) => (
        <path key={name} class={i ? "line dashed" : "line"} d={path(table.filter((t) => t["measure"] === name).map((t) => [x(axis, n(t, "people_share")), y(axis, n(t, "value_share"))]))} />
      ))}
    </Plot>
  );
}

function Density({ r }: { r: Result }) {
  const list = [...(r.regions["today"]?.values() ?? [])].filter((d) => typeof d["per_10m"] === "number");
  const own = densityOf(r);
  if (list.length === 0 || own === undefined) return null;
  const across: Axis = { ...round(Math.max(12, ...list.map((d) => n(d, "per_10m")))), write: (t) => number(t), title: say("app.per_10m") };
  const up: Axis = { most: 1, ticks: [], write: String, title: "" };
  const ranked = [...list].sort((a, b) => n(a, "per_10m") - n(b, "per_10m"));
  return (
    <Plot name="density" title={say("app.chart.density")} said={say("app.chart.density.said", { n: number(own, 1) })} across={across} up={up}>
      <rect class="band" x={x(across, 0.3)} width={x(across, 11.4) - x(across, 0.3)} y={10} height={high - below - 10} />
      <line class="line" x1={x(across, own)} x2={x(across, own)} y1={10} y2={high - below} />
      {ranked.map((d, i) => (
        <circle key={String(d["id"])} class={doubted(d, "per_10m") ? "dot hollow" : "dot"} cx={x(across, n(d, "per_10m"))} cy={y(up, (i + 0.5) / ranked.length)} r={2.6}>
          <title>{`${d["name"]}: ${doubted(d, "per_10m") ? say("app.doubt") : number(n(d, "per_10m"), 1)}`}</title>
        </circle>
      ))}
    </Plot>
  );
}
