// Where next: a ranking of towns, carried out as a job with progress and an end
// to it, and its sites stepped through in the order of their gain.

import { signal } from "@preact/signals";
import { candidates } from "./pointing";
import { at, json, Problem, rows } from "./server";
import { explain, gapOf, result, specOf, type Doc, type Note, type Siting } from "./study";
import { change, edit, view, type Move } from "./view";
import { countryOf, number, say } from "./words";

type Job = { jobID: string; status: string; progress?: number; message?: string };
type Plan = { id: string; of: string; siting: Siting; places: Map<string, [number, number]>; notes: Note[] };

const job = signal<Job | undefined>(undefined);
const plan = signal<Plan | undefined>(undefined);
const wrong = signal("");

// rank asks for the best sites beside the centers of today.
async function rank(): Promise<void> {
  const v = { ...view.value, a: [], b: [] };
  const layer = v.own?.places || "settlements";
  const spec = specOf(v, {
    candidates: { layer, where: { ...(!v.own?.places && { country: v.country }), [v.own?.weight || "population"]: { min: v.least } }, roles: ["infuse"] },
    siting: { pick: v.pick, goal: "treated", ...(v.hub > 0 && { hub: { within_min: v.hub } }) },
    inequality: [],
  });
  wrong.value = "";
  plan.value = undefined;
  candidates.value = [];
  job.value = { jobID: "", status: "accepted", progress: 0 };
  try {
    const j = await json<Job & Partial<Doc>>("processes/study/execution", {}, {
      method: "POST", body: JSON.stringify(spec), headers: { "Content-Type": "application/json", Prefer: "respond-async" },
    });
    if (!j.jobID) return void (await show(j.id!)); // it was known
    job.value = j;
    const events = new EventSource(at(`jobs/${j.jobID}/events`));
    const end = async (e: MessageEvent) => {
      events.close();
      const last = JSON.parse(e.data) as Job;
      if (last.status === "successful") await show(last.jobID);
      else {
        job.value = undefined;
        wrong.value = last.status === "dismissed" ? say("app.rank_cancelled") : (last.message ?? last.status);
      }
    };
    for (const s of ["accepted", "running"]) events.addEventListener(s, (e) => (job.value = JSON.parse((e as MessageEvent).data)));
    for (const s of ["successful", "failed", "dismissed"]) events.addEventListener(s, (e) => void end(e as MessageEvent).catch(fail));
    events.onerror = () => {
      if (job.value && !navigator.onLine) return; // it tries again
      if (events.readyState === EventSource.CLOSED && job.value) fail(new TypeError());
    };
  } catch (e) {
    fail(e);
  }
}

function fail(e: unknown) {
  job.value = undefined;
  wrong.value = explain(e);
}

async function show(id: string): Promise<void> {
  const d = await json<Doc>(`jobs/${id}/results`).catch((e: unknown) => (e instanceof Problem && e.status === 404 ? json<Doc>(`studies/${id}`) : Promise.reject(e)));
  const sites = await json<GeoJSON.FeatureCollection>(`collections/${d.id}-sites/items`, { filter: "status = 'proposed'", limit: 100 });
  const places = new Map(sites.features.flatMap((f) => (f.geometry?.type === "Point" ? [[String(f.id), f.geometry.coordinates as [number, number]] as const] : [])));
  candidates.value = (await rows(`${d.id}-candidates`, new Set(["name", "verdict", "why_not", "region_gap"]))).flatMap((c) =>
    typeof c["lon"] === "number" && typeof c["lat"] === "number" ? [{ id: String(c["id"]), name: String(c["name"]), at: [c["lon"], c["lat"]] as [number, number], alone: Number(c["gain_alone"]) }] : [],
  );
  plan.value = { id: d.id, of: JSON.stringify([view.value.country, view.value.own]), siting: d.summary.siting!, places, notes: d.summary.notes };
  job.value = undefined;
  step(d.summary.siting!.plan.length);
}

// step opens the first n sites of the plan in the scenario that is edited.
function step(n: number) {
  const p = plan.value!;
  const opened: Move[] = p.siting.plan.slice(0, n).flatMap((s) => {
    const at = p.places.get(s.id);
    return at ? [{ kind: "open", id: `plan-${s.id}`, name: s.name, at, ranked: true } as Move] : [];
  });
  edit((before) => [...before.filter((m) => !(m.kind === "open" && m.ranked)), ...opened]);
}

export function Ranking() {
  const v = view.value;
  const r = result.value;
  if (!r) return null;
  const j = job.value;
  const p = plan.value && plan.value.of === JSON.stringify([v.country, v.own]) ? plan.value : undefined;
  const now = v[v.editing].filter((m) => m.kind === "open" && m.ranked).length;
  let sum = 0;
  return (
    <section aria-labelledby="rank-head">
      <h2 id="rank-head">{say("app.where_next")}</h2>
      <form
        class="rank"
        onSubmit={(e) => {
          e.preventDefault();
          void rank();
        }}
      >
        <label>
          {say("app.pick")} <input type="number" id="pick" min={1} max={20} required value={v.pick} onChange={(e) => e.currentTarget.checkValidity() && change({ pick: Number(e.currentTarget.value) })} />
        </label>
        <label>
          {say("app.least")} <input type="number" id="least" min={1000} step={1000} required value={v.least} onChange={(e) => e.currentTarget.checkValidity() && change({ least: Number(e.currentTarget.value) })} />
        </label>
        <label class="both">
          {say("app.hub")}{" "}
          <select id="hub" value={v.hub} onChange={(e) => change({ hub: Number(e.currentTarget.value) })}>
            {[...new Set([0, 60, 120, 180, 240, v.hub])].sort((a, b) => a - b).map((m) => (
              <option key={m} value={m}>
                {m === 0 ? say("app.hub_none") : say("app.hub_within", { n: m })}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" data-do="rank" disabled={j !== undefined}>
          {say("app.rank")}
        </button>
      </form>
      {j && (
        <p class="row" role="status">
          <progress max={100} value={j.status === "running" ? (j.progress ?? 0) : undefined} aria-label={say("app.ranking")} />
          <span>{j.message ?? say("app.ranking")}</span>
          <button type="button" disabled={!j.jobID} onClick={() => void json(`jobs/${j.jobID}`, {}, { method: "DELETE" }).catch(fail)}>
            {say("app.cancel")}
          </button>
        </p>
      )}
      {wrong.value && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
      {p && (
        <>
          {p.siting.incomplete_lists?.map((l) => (
            <p key={l.country} class="wrong" data-word="short">
              {say("app.short", { listed: l.listed_centers, published: l.published_centers, country: countryOf(l.country) })}
            </p>
          ))}
          <p>
            {say("app.plan_gain", { gain: number(p.siting.gain, 1), candidates: p.siting.candidates })}{" "}
            {p.siting.incomplete_lists?.length ? "" : p.siting.proven ? say("app.proven") : say("app.not_proven", { gap: number(100 * p.siting.gap, 2) })} {p.siting.why_fewer}
          </p>
          <label class="step">
            {say("app.step", { n: now, of: p.siting.plan.length })}
            <input type="range" min={0} max={p.siting.plan.length} value={now} onInput={(e) => step(Number(e.currentTarget.value))} />
          </label>
          <ol class="plan">
            {p.siting.plan.map((s, i) => {
              sum += s.gain;
              return (
                <li key={s.id} class={i < now ? "on" : ""}>
                  <button type="button" onClick={() => step(i + 1)} aria-pressed={i < now}>
                    {s.name}
                  </button>{" "}
                  {say("app.gains", { n: number(s.gain, 2), sum: number(sum, 2) })}
                  {s.hub && s.hub_min != null && <small> {say("app.hub_is", { name: String(r.sites.find((x) => x["id"] === s.hub)?.["name"] ?? s.hub), n: number(Math.round(s.hub_min)) })}</small>}
                  {s.gain_apart > 0 && <small> {say("app.gain_apart", { n: number(s.gain_apart, 2) })}</small>}
                  {s.region_gap && <small> {say("app.gain_doubt", { gap: gapOf(s.region_gap) })}</small>}
                </li>
              );
            })}
          </ol>
          <p class="hint">{say("app.plan_mind")}</p>
        </>
      )}
    </section>
  );
}
