// Where next: a ranking of towns, carried out as a job with progress and an end
// to it, and its sites stepped through in the order of their gain.

import { signal } from "@preact/signals";
import { candidates, planned } from "./pointing";
import { at, json, Problem, rows } from "./server";
import { explain, gapOf, passing, result, specOf, type Doc, type Note, type Siting, type Spec } from "./study";
import { change, drag, edit, first, goals, release, view, type Aim, type Move, type View } from "./view";
import { countryOf, number, people, say, written } from "./words";

type Job = { jobID: string; status: string; progress?: number; message?: string };
type Plan = { id: string; of: string; aim: Aim; siting: Siting; places: Map<string, [number, number]>; notes: Note[] };

const job = signal<Job | undefined>(undefined);
const plan = signal<Plan | undefined>(undefined);
const wrong = signal("");

// aimed adds what a goal asks of a study: its parameters, groups, and a course of treatment.
function aimed(v: View, spec: Spec): Spec {
  const { goal, within, aversion, power, visits } = v.aim;
  const all = goal === "all_covered";
  spec["siting"] = {
    goal, ...(!all && { pick: v.pick }), ...(["covered", "all_covered", "fgt"].includes(goal) && { within_min: within }), ...(all && { partial: true }),
    ...(goal === "kolm_pollak" && { aversion }), ...(goal === "fgt" && { power }), ...(v.hub > 0 && { hub: { within_min: v.hub } }),
  };
  if (goal === "burden") spec["measures"] = [...(spec["measures"] as unknown[]), { journey: { jurisdiction: "EU", date: "2025-07-01", inpatient_days: 0, stages: [{ name: "visits", role: "infuse", visits }] } }];
  if (goal === "worst_group") {
    const groups = v.aim.group === "size" || v.own?.places ? { [v.own?.weight || "population"]: "quintile" } : { region_code: "values" };
    spec["places"] = { ...(spec["places"] as object), groups };
  }
  return spec;
}

// Goals whose gain is a number with a unit, and those whose gain is told in shares: the rest
// have a value of their own.
const counted = ["treated", "covered", "mean_time", "burden"];
const shared = ["kolm_pollak", "fgt"];

// gainOf is a gain in words.
function gainOf(aim: Aim, gain: number, whole: number): string {
  if (shared.includes(aim.goal)) return say("app.gain.share", { n: number((100 * gain) / whole, 0) });
  return say(`app.gain.${aim.goal}`, { n: aim.goal === "covered" ? people(gain) : number(gain, aim.goal === "treated" ? 2 : 1), minutes: aim.within });
}

// rank asks for the best sites beside the centers of today.
async function rank(): Promise<void> {
  const v = { ...view.value, a: [], b: [] };
  const layer = v.own?.places || "settlements";
  const spec = aimed(v, specOf(v, {
    candidates: { layer, where: { ...(!v.own?.places && { country: v.country }), [v.own?.weight || "population"]: { min: v.least } }, roles: ["infuse"] },
    inequality: [],
  }));
  wrong.value = "";
  plan.value = undefined;
  candidates.value = [];
  job.value = { jobID: "", status: "accepted", progress: 0 };
  try {
    const j = await json<Job & Partial<Doc>>("processes/study/execution", passing, {
      method: "POST", body: JSON.stringify(spec), headers: { "Content-Type": "application/json", Prefer: "respond-async" },
    });
    if (!j.jobID) return void (await show(j.id!, v.aim)); // it was known
    job.value = j;
    const events = new EventSource(at(`jobs/${j.jobID}/events`));
    const end = async (e: MessageEvent) => {
      events.close();
      const last = JSON.parse(e.data) as Job;
      if (last.status === "successful") await show(last.jobID, v.aim);
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

async function show(id: string, aim: Aim): Promise<void> {
  const d = await json<Doc>(`jobs/${id}/results`).catch((e: unknown) => (e instanceof Problem && e.status === 404 ? json<Doc>(`studies/${id}`) : Promise.reject(e)));
  const sites = await json<GeoJSON.FeatureCollection>(`collections/${d.id}-sites/items`, { filter: "status = 'proposed'", limit: 100 });
  const places = new Map(sites.features.flatMap((f) => (f.geometry?.type === "Point" ? [[String(f.id), f.geometry.coordinates as [number, number]] as const] : [])));
  candidates.value = (await rows(`${d.id}-candidates`, new Set(["name", "verdict", "why_not", "region_gap"]))).flatMap((c) =>
    typeof c["lon"] === "number" && typeof c["lat"] === "number" ? [{ id: String(c["id"]), name: String(c["name"]), at: [c["lon"], c["lat"]] as [number, number], alone: counted.includes(aim.goal) && typeof c["gain_alone"] === "number" ? gainOf(aim, c["gain_alone"], 1) : "" }] : [],
  );
  plan.value = { id: d.id, aim, of: JSON.stringify([view.value.country, view.value.own]), siting: d.summary.siting!, places, notes: d.summary.notes };
  planned.value = d.summary.siting!.plan.map((s) => ({ name: s.name, hub: s.hub }));
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
  const ownShort = !!v.own?.sites && !v.own.complete; // nobody said that the list has every center
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
        <label class="both">
          {say("app.goal")}{" "}
          <select id="goal" value={v.aim.goal} onChange={(e) => change({ aim: { ...v.aim, goal: e.currentTarget.value } })}>
            {goals.map((g) => (
              <option key={g} value={g}>
                {say(`app.goal.${g}`)}
              </option>
            ))}
          </select>
        </label>
        <Parameters />
        <label>
          {say("app.pick")} <input type="number" id="pick" min={1} max={20} required disabled={v.aim.goal === "all_covered"} value={v.pick} onChange={(e) => e.currentTarget.checkValidity() && change({ pick: Number(e.currentTarget.value) })} />
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
          {ownShort && (
            <p class="wrong" data-word="short">
              {say("app.own.short")}
            </p>
          )}
          {p.siting.incomplete_lists?.map((l) => (
            <p key={l.country} class="wrong" data-word="short">
              {say("app.short", { listed: l.listed_centers, published: l.published_centers, country: countryOf(l.country) })}
            </p>
          ))}
          <p>
            {summed(p)}{" "}
            {ownShort || p.siting.incomplete_lists?.length ? "" : p.siting.proven ? say("app.proven") : p.siting.gap === null ? say("app.no_bound") : say("app.not_proven", { gap: number(100 * p.siting.gap, 2) })} {p.siting.why_fewer}
          </p>
          <label class="step">
            {say("app.step", { n: now, of: p.siting.plan.length })}
            <input type="range" min={0} max={p.siting.plan.length} value={now} onInput={(e) => (step(Number(e.currentTarget.value)), drag())} onChange={release} />
          </label>
          <ol class="plan">
            {p.siting.plan.map((s, i) => {
              sum += s.gain ?? 0;
              return (
                <li key={s.id} class={i < now ? "on" : ""}>
                  <button type="button" onClick={() => step(i + 1)} aria-pressed={i < now}>
                    {s.name}
                  </button>{" "}
                  {s.gain !== null && gained(p, s.gain, i > 0 ? sum : undefined)}
                  {s.hub && s.hub_min != null && <small> {say("app.hub_is", { name: String(r.sites.find((x) => x["id"] === s.hub)?.["name"] ?? s.hub), n: number(Math.round(s.hub_min)) })}</small>}
                  {p.aim.goal === "treated" && s.gain_apart > 0 && <small> {say("app.gain_apart", { n: number(s.gain_apart, 2) })}</small>}
                  {s.region_gap && <small> {say("app.gain_doubt", { gap: gapOf(s.region_gap) })}</small>}
                </li>
              );
            })}
          </ol>
          <p class="hint">{say(p.aim.goal === "treated" ? "app.plan_mind" : "app.plan_where")}</p>
        </>
      )}
    </section>
  );
}

// gained is what a site brings, and what it brings with those above it.
function gained(p: Plan, gain: number, sum?: number): string {
  const told = gainOf(p.aim, gain, p.siting.gain ?? NaN);
  return sum === undefined ? `+${told}` : say("app.gains", { gain: told, sum: gainOf(p.aim, sum, p.siting.gain ?? NaN) });
}

// summed is what all sites of a plan bring.
function summed(p: Plan): string {
  const { goal, within } = p.aim;
  const candidates = p.siting.candidates;
  if (counted.includes(goal)) return say("app.plan_gain", { gain: goal === "treated" ? say("app.gain.treated", { n: number(p.siting.gain ?? NaN, 1) }) : gainOf(p.aim, p.siting.gain ?? NaN, 1), candidates });
  if (shared.includes(goal)) return say("app.plan_share", { candidates });
  if (goal === "all_covered") return say("app.plan.all_covered", { n: p.siting.opened, minutes: within, candidates });
  const value = goal === "gini" ? number(p.siting.value ?? NaN, 2) : written(p.siting.value, "min");
  return say(`app.plan.${goal}`, { value, candidates });
}

// Parameters are those of the goal.
function Parameters() {
  const v = view.value;
  const { goal } = v.aim;
  const set = (parts: Partial<Aim>) => change({ aim: { ...v.aim, ...parts } });
  const field = (name: "within" | "aversion" | "power" | "visits", min: number, max: number, step: number | "any") => (
    <label class="both">
      {say(`app.aim.${name}`)}{" "}
      <input type="number" id={`aim-${name}`} min={min} max={max} step={step} required value={v.aim[name]} onChange={(e) => e.currentTarget.checkValidity() && set({ [name]: Number(e.currentTarget.value) })} />
    </label>
  );
  return (
    <>
      {["covered", "all_covered", "fgt"].includes(goal) && field("within", 1, 1440, 1)}
      {goal === "fgt" && field("power", 0, 10, "any")}
      {goal === "kolm_pollak" && field("aversion", 0.0001, 1, "any")}
      {goal === "burden" && field("visits", 1, 100, 1)}
      {goal === "worst_group" && (
        <label class="both">
          {say("app.aim.group")}{" "}
          <select id="aim-group" value={v.own?.places ? "size" : v.aim.group} onChange={(e) => set({ group: e.currentTarget.value as Aim["group"] })}>
            {!v.own?.places && <option value="region">{say("app.aim.group.region")}</option>}
            <option value="size">{say("app.aim.group.size")}</option>
          </select>
        </label>
      )}
      {goal !== first.aim.goal && <p class="hint both">{say(`app.goal.${goal}.said`)}</p>}
    </>
  );
}
