// What there is to say of the region that is chosen.

import { hovered, pointed } from "./pointing";
import { rowsOf } from "./columns";
import { at, json } from "./server";
import { densityOf, doubted, gapOf, result } from "./study";
import { useEffect, useState } from "preact/hooks";
import { change, view, type View } from "./view";
import { called, language, miles, number, people, say, share, signed, written } from "./words";

export function Story() {
  const r = result.value;
  const v = view.value;
  if (!r || !r.regions["today"]?.size) return null;
  const now = r.regions["today"].get(v.region);
  const names = [...r.regions["today"].values()].map((x) => [String(x["id"]), String(x["name"])] as const).sort((a, b) => a[1].localeCompare(b[1]));
  return (
    <section aria-labelledby="story-head">
      <h2 id="story-head">{say("app.region")}</h2>
      <label>
        {say("app.choose_region")}{" "}
        <select
          id="region"
          value={now ? v.region : ""}
          onChange={(e) => {
            hovered.fly = true;
            change({ region: e.currentTarget.value });
          }}
        >
          <option value="">{say("app.none_chosen")}</option>
          {names.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {now && <Told />}
    </section>
  );
}

function Told() {
  const r = result.value!;
  const v = view.value;
  const now = r.regions["today"]!.get(v.region)!;
  const then = v.shown === "today" ? undefined : rowsOf(r, v.shown).get(v.region);
  const s = r.summary;
  const n = (name: string, row = now) => (typeof row[name] === "number" ? (row[name] as number) : NaN);
  const why = doubted(now, "per_10m");
  const mean = s.travel?.time_min.mean ?? NaN;
  const lines: string[] = [];
  if (why) lines.push(say(`app.story.${why.replaceAll(" ", "_")}`, { name: String(now["name"]) }));
  else if (n("centers") === 0) lines.push(say("app.story.none", { name: String(now["name"]) }));
  else {
    const whole = densityOf(r);
    lines.push(say("app.story.centers", { n: n("centers"), per: number(n("per_10m"), 1) }) + (whole === undefined ? "" : " " + say("app.story.centers_whole", { n: number(whole, 1) })));
  }
  if (now["gap_note"]) lines.push(say("sheet.gap.note", { note: called("gap.", String(now["gap_note"])) }));
  if (Number.isFinite(n("mean_time_min"))) {
    const without = n("people_sea") + n("people_unreached");
    if (without > 0) lines.push(say("app.story.without", { n: people(without) }));
    lines.push(say("app.story.time", { mean: written(n("mean_time_min"), "min"), p90: written(n("p90_time_min"), "min"), country: written(mean, "min") }));
    lines.push(say("app.story.beyond", { share: share(n("share_beyond")), people: people(n("people_beyond")), minutes: s.gaps?.beyond_min ?? 120, country: share(s.gaps?.share_beyond ?? NaN) }));
  } else lines.push(say("app.story.no_time"));
  if (Number.isFinite(n("treated_hold"))) {
    const patients = s.penalty?.indications?.map((k) => called("indication.", k)).join("; ") ?? say("indication.own");
    lines.push(say("app.story.treated", { eligible: people(n("eligible")), treated: people(n("treated_hold")), patients, lost: people(n("foregone_hold")) }));
  }
  if (then) {
    const scenario = say(`app.scenario_${v.shown}`);
    const newly = n("people_sea") + n("people_unreached") - n("people_sea", then) - n("people_unreached", then);
    if (newly !== 0) {
      lines.push(say(newly > 0 ? "app.story.newly" : "app.story.lost", { scenario, n: people(Math.abs(newly)), time: written(n("mean_time_min", then), "min"), share: share(n("share_beyond", then)) }));
    } else if (Number.isFinite(n("mean_time_min", then))) {
      const dt = n("mean_time_min", then) - n("mean_time_min");
      const dp = n("treated_hold", then) - n("treated_hold");
      lines.push(say("app.story.then", { scenario, time: written(n("mean_time_min", then), "min"), change: signed(dt, (x) => say("unit.min", { n: number(x, 1) })), treated: signed(dp, (x) => number(x, 2)), share: share(n("share_beyond", then)) }));
    }
  }
  return (
    <div class="story" data-region={v.region}>
      <h3>
        {now["name"]} <small>{say("app.people", { n: people(n("population")) })}</small>
      </h3>
      {lines.map((l, i) => (
        <p key={i}>{l}</p>
      ))}
      <Centers />
      <More key={v.region} />
      <p>
        {then && say("app.sheet_today")}{" "}
        <a class="sheet" href={at(sheetOf(v, r.id, v.region), { f: "html", lang: language.value, units: miles.value ? "mi" : "km" })}>
          {say("app.fact_sheet")}
        </a>{" "}
        · <a href={at(sheetOf(v, r.id, v.region), { f: "pdf", lang: language.value, units: miles.value ? "mi" : "km" })}>PDF</a>
      </p>
    </div>
  );
}

// Centers are those of the region, each with its card.
function Centers() {
  const v = view.value;
  const here = result.value!.sites.filter((s) => s["region_id"] === v.region && s["status"] === "open" && typeof s["lon"] === "number" && typeof s["lat"] === "number");
  if (here.length === 0) return null;
  return (
    <details class="centers-here" open={here.length <= 8}>
      <summary>{say("app.centers_here", { n: here.length })}</summary>
      <ul>
        {here.map((s) => (
          <li key={String(s["id"])}>
            <button type="button" class="link" data-center={s["id"]} aria-haspopup="dialog" onClick={() => (pointed.value = { id: String(s["id"]), at: [Number(s["lon"]), Number(s["lat"])] })}>
              {s["name"] ?? s["id"]}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

// sheetOf is the fact sheet of a region, "" for the whole. Those of the atlas have
// a ranking and intervals beside them.
export function sheetOf(v: View, id: string, region: string): string {
  const study = v.own ? id : `baseline-${v.country.toLowerCase()}`;
  return `studies/${study}/sheet${region && "/" + encodeURIComponent(region)}`;
}

type Sure = { value: number | null; low_2_5: number | null; high_97_5: number | null };
type Sheet = {
  rank: { rank: number | null; tied: number; of: number; unranked: number } | null;
  center: { name: string; share: number | null; mean_time_min: number | null } | null;
  sites: { name: string; gain: Sure; gain_alone: number | null; gain_apart: number | null; region_gap: string }[] | null;
  figures: { mean_time_min: Sure; treatments: { foregone: Sure }[] };
};

// More is what the fact sheet knows besides: it comes a little later, the first
// time of a country after its ranking.
function More() {
  const v = view.value;
  const id = result.value!.id;
  const path = sheetOf(v, id, v.region);
  const [sheet, setSheet] = useState<Sheet>();
  useEffect(() => {
    const stop = new AbortController();
    json<Sheet>(path, { f: "json" }, { signal: stop.signal }).then(setSheet, () => undefined);
    return () => stop.abort();
  }, [path]);
  if (!sheet) return null;
  const span = (s: Sure, decimals: number) => (s.low_2_5 === null || s.high_97_5 === null ? "" : ` (${number(s.low_2_5, decimals)}–${number(s.high_97_5, decimals)})`);
  const best = sheet.sites?.[0];
  const lines: string[] = [];
  if (sheet.rank?.rank) lines.push(say("app.more.rank", { rank: sheet.rank.rank, of: sheet.rank.of, unranked: sheet.rank.unranked }));
  if (sheet.center && sheet.center.share !== null && sheet.center.mean_time_min !== null) lines.push(say("app.more.center", { name: sheet.center.name, share: share(sheet.center.share), time: written(sheet.center.mean_time_min, "min") }));
  if (span(sheet.figures.mean_time_min, 0)) lines.push(say("app.more.time", { low: number(Math.round(sheet.figures.mean_time_min.low_2_5!)), high: number(Math.round(sheet.figures.mean_time_min.high_97_5!)) }));
  const lost = sheet.figures.treatments[0]?.foregone;
  if (lost && lost.low_2_5 !== null && lost.high_97_5 !== null) lines.push(say("app.more.lost", { low: people(lost.low_2_5), high: people(lost.high_97_5) }));
  if (best && best.gain.value !== null) {
    lines.push(say("app.more.site", { name: best.name, gain: number(best.gain.value, 2) + span(best.gain, 2), all: number(best.gain_alone ?? NaN, 2) }));
    if ((best.gain_apart ?? 0) > 0.005) lines.push(say("app.gain_apart", { n: number(best.gain_apart!, 2) }) + ".");
    if (best.region_gap) lines.push(say("app.gain_doubt", { gap: gapOf(best.region_gap) }) + ".");
  }
  return (
    <>
      {lines.map((l) => (
        <p key={l} class="more">
          {l}
        </p>
      ))}
    </>
  );
}
