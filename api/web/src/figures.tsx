// The headline figures, each a button that says how sure it is and what it rests
// on.

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { at } from "./server";
import { densityOf, explain, intervals, result, type Interval, type Result, type Summary } from "./study";
import { view } from "./view";
import { called, has, lengths, number, people, range, say, share, signed, told, written } from "./words";

type Figure = {
  key: string; // of its texts
  value: string;
  note?: string;
  change?: string; // in the scenario on show
  interval?: string; // its name among the intervals
  write?: (v: number) => string;
  assumed?: string; // the range over the assumptions beyond four hours
  rests: string[]; // prefixes of the parameters that it rests on
};

const asked = signal<Figure | undefined>(undefined);

// ranges are the likely ranges of the study on show, which come a little after its figures.
const ranges = signal<{ of: string; list: Interval[] } | undefined>(undefined);
const patience = 1500; // milliseconds that a view stays before its ranges are asked for

const minutes = (v: number) => written(v, "min");

// countedOf is the count of the whole that says most of today, beside the model.
function countedOf(s: Summary): string {
  const c = s.counted?.find((c) => !c.regions && c.counted !== null);
  if (!c) return "";
  return " " + say("app.figure.treated.counted", { when: c.when.replace(" to ", " – "), n: number(Math.round(c.counted!)), of: called("count.of.", c.indication), stage: called("count.stage.", c.stage) });
}

export function figuresOf(r: Result): Figure[] {
  const s = r.summary;
  const v = view.value;
  const sc = v.shown === "today" ? undefined : s.scenarios?.find((x) => x.name === v.shown);
  const compared = (metric: string) => r.tables["compare"]?.find((x) => x["scenario"] === v.shown && x["metric"] === metric);
  const scenario = sc ? say(`app.scenario_${sc.name}`) : "";
  const untimed = Object.values(s.travel?.people_without_time ?? {}).reduce((sum, n) => sum + n, 0);
  const out: Figure[] = [];
  if (s.travel?.time_min.mean != null) {
    out.push({
      key: "time", value: minutes(s.travel.time_min.mean), rests: ["travel.", "crow."], interval: "mean_time_min", write: minutes,
      note: say("app.figure.time.note", { median: minutes(s.travel.time_min.median!), p90: minutes(s.travel.time_min.p90!) }) +
        (s.apart?.time_min_without.median != null && !v.own?.sites ? ". " + say("app.figure.time.apart", { regions: s.apart.regions.join(", "), median: minutes(s.apart.time_min_without.median) }) : ""),
      ...(sc && { change: say("app.figure.time.change", { n: signed(sc.mean_time_change_min, (x) => say("unit.min", { n: number(x, 1) })), nearer: people(sc.people_nearer), farther: people(sc.people_farther), scenario }) + (sc.people_newly_with_a_time > 0 ? " " + say("app.figure.time.newly", { n: people(sc.people_newly_with_a_time) }) : "") + (sc.people_no_longer_with_a_time > 0 ? " " + say("app.figure.time.lost", { n: people(sc.people_no_longer_with_a_time) }) : "") }),
    });
  }
  if (s.gaps) {
    const within = compared(`people_within_${s.gaps.beyond_min}_min`);
    out.push({
      key: "beyond", value: share(s.gaps.share_beyond), rests: ["travel.", "crow."], interval: "share_beyond", write: share,
      note: say("app.figure.beyond.note", { n: people(s.gaps.people_beyond), minutes: s.gaps.beyond_min, without: people(untimed) }),
      ...(within && { change: say("app.figure.beyond.change", { n: signed(Number(within["change"]), people), minutes: s.gaps.beyond_min, scenario }) }),
    });
  }
  const density = densityOf(r);
  if (density !== undefined) {
    const campuses = compared("campuses");
    out.push({
      key: "density", value: number(density, 1), rests: ["density.", "sites."],
      note: say("app.figure.density.note", { n: s.sites.campuses, people: people(s.population) }),
      ...(campuses && sc && { change: say("app.figure.density.change", { n: Number(campuses["after"]), scenario }) }),
    });
  }
  const p = s.penalty;
  if (p) {
    const hold = p.beyond_four_hours[0]!;
    const change = sc?.treated.find((t) => t.assumption === hold.assumption);
    const eligible = { eligible: people(p.eligible), without: people(p.eligible_without_time) };
    const patients = p.indications ? p.indications.map((k) => called("indication.", k)).join("; ") : say("indication.own");
    out.push({
      key: "treated", value: people(hold.treated), rests: ["demand.", "penalty."], ...(sc && { interval: `treated_change_${v.shown}_${hold.assumption}` }),
      note: (p.indications ? say("app.figure.treated.of", { ...eligible, patients }) : say("app.figure.treated.own", eligible)) + countedOf(s),
      ...(change && {
        change: say("app.figure.treated.change", { n: signed(change.change, (x) => number(x, 1)), scenario }) +
          (change.treated_of_people_newly_with_a_time > 0 ? " " + say("app.figure.treated.newly", { n: number(change.treated_of_people_newly_with_a_time, 1) }) : ""),
      }),
    });
    const likely = ranges.value?.of === r.id ? ranges.value.list.find((i) => i.what === `foregone_${hold.assumption}`) : undefined;
    out.push({
      key: "foregone", value: people(hold.foregone), rests: ["demand.", "penalty."], interval: `foregone_${hold.assumption}`, write: people,
      assumed: range(p.beyond_four_hours.map((b) => b.foregone), people),
      note: likely ? say("app.figure.foregone.note", { low: people(likely.low_2_5), high: people(likely.high_97_5), patients }) : say("app.figure.foregone.same", { patients }),
    });
  }
  return out;
}

export function Figures() {
  const r = result.value;
  useEffect(() => void (r && performance.mark("figures")), [r]);
  useEffect(() => {
    if (!r || r.spec["scenarios"]) return;
    const later = setTimeout(() => void intervals(r).then((list) => (ranges.value = { of: r.id, list }), () => undefined), patience);
    return () => clearTimeout(later);
  }, [r?.id]);
  if (!r) return null;
  return (
    <section aria-labelledby="figures-head">
      <h2 id="figures-head">{say("app.figures")}</h2>
      <Completeness r={r} />
      <ul class="figures">
        {figuresOf(r).map((f) => (
          <li key={f.key}>
            <button type="button" class="figure" data-figure={f.key} aria-haspopup="dialog" onClick={() => (asked.value = f)}>
              <span class="what">{say(`app.figure.${f.key}`)}</span>
              <span class="value">{f.value}</span>
              {f.change && <span class="change">{f.change}</span>}
              <span class="note">{f.note}</span>
            </button>
          </li>
        ))}
      </ul>
      <Sureness r={r} />
    </section>
  );
}

// Completeness says it where the list of centers is not whole.
function Completeness({ r }: { r: Result }) {
  const unsure = ["doubtful", "stated", "incomplete", "not in the list"].flatMap((k) => r.summary.gaps?.names[k] ?? []);
  const list = r.summary.density?.countries.map((c) => (c.list_key && has(c.list_key) ? say(c.list_key, { n: c.listed_centers ?? 0 }) : c.list_completeness)).filter(Boolean);
  if (unsure.length === 0 && !list?.length) return null;
  return (
    <p class="word" data-word="completeness">
      {list?.length ? <>{say("app.list_is", { list: list.join("; ") })} </> : null}
      {unsure.length > 0 && say("app.list_unsure", { n: unsure.length, names: unsure.slice(0, 6).join(", ") + (unsure.length > 6 ? ", …" : "") })}
    </p>
  );
}

function Sureness({ r }: { r: Result }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const f = asked.value;
  const [list, setList] = useState<Interval[] | string>();
  useEffect(() => {
    if (!f) return;
    dialog.current?.showModal();
    setList(undefined);
    let on = true;
    intervals(r).then((l) => on && setList(l), (e: unknown) => on && setList(explain(e)));
    return () => {
      on = false;
    };
  }, [f, r.id]);
  if (!f) return null;
  const of = Array.isArray(list) ? list.find((i) => i.what === f.interval) : undefined;
  const write = f.write ?? ((v: number) => number(v, 1));
  const rests = r.manifest.parameters.filter((p) => (p.evidence || p.given_in_spec) && !["travel.k", "travel.bands_min"].includes(p.name) && f.rests.some((k) => p.name.startsWith(k)));
  return (
    <dialog ref={dialog} aria-labelledby="sure-head" onClose={() => (asked.value = undefined)} onClick={(e) => e.target === dialog.current && dialog.current?.close()}>
      <h2 id="sure-head" tabIndex={-1} autofocus>
        {say(`app.figure.${f.key}`) + say("join.colon") + f.value}
      </h2>
      <p>{say(`app.figure.${f.key}.means`, { range: f.assumed ?? "" })}</p>
      <p class="interval" aria-live="polite">
        {!f.interval ? say("app.no_interval") : typeof list === "string" ? list : !list ? say("app.computing") : of ? say(f.key === "treated" ? "app.interval_change" : "app.interval", { low: write(of.low_2_5), high: write(of.high_97_5), draws: of.draws }) : say("app.no_interval")}
      </p>
      <h3>{say("app.rests_on")}</h3>
      <div class="wide" tabIndex={0} role="region" aria-label={say("app.rests_on")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say("app.parameter")}</th>
              <th scope="col">{say("app.value")}</th>
              <th scope="col">{say("app.source")}</th>
              <th scope="col">{say("app.status")}</th>
            </tr>
          </thead>
          <tbody>
            {rests.map((p) => (
              <tr key={p.name}>
                <th scope="row">{p.evidence?.what ?? p.name}</th>
                <td>
                  {lengths(p.value)} {p.evidence && lengths(p.evidence.unit)} {p.evidence?.interval && `(${p.evidence.interval_is_factor ? "× " : ""}${p.evidence.interval.join("–")}: ${p.evidence.interval_basis ?? ""})`}
                </td>
                <td>{p.evidence ? `${p.evidence.source}; ${p.evidence.population}` : p.given_in_spec ? say("app.given") : ""}</td>
                <td>{p.evidence && called("status.", p.evidence.status)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3>{say("app.mind")}</h3>
      <ul>
        {r.summary.notes.map((n) => (
          <li key={n.key + n.text}>{told(n)}</li>
        ))}
      </ul>
      <p>
        <a href={at("evidence", { f: "html" })}>{say("app.all_evidence")}</a>
      </p>
      <form method="dialog">
        <button type="submit">{say("app.close")}</button>
      </form>
    </dialog>
  );
}
