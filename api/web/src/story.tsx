// What there is to say of the region that is chosen.

import { hovered } from "./pointing";
import { rowsOf } from "./columns";
import { at } from "./server";
import { doubted, result } from "./study";
import { change, view } from "./view";
import { language, miles, number, people, percent, say, signed, written } from "./words";


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
  else lines.push(say("app.story.centers", { n: n("centers"), per: number(n("per_10m"), 1), country: number(s.density?.countries[0]?.density ?? NaN, 1) }));
  if (now["gap_note"]) lines.push(String(now["gap_note"]) + ".");
  if (Number.isFinite(n("mean_time_min"))) {
    lines.push(say("app.story.time", { mean: written(n("mean_time_min"), "min"), p90: written(n("p90_time_min"), "min"), country: written(mean, "min") }));
    lines.push(say("app.story.beyond", { share: percent(n("share_beyond")), people: people(n("people_beyond")), minutes: s.gaps?.beyond_min ?? 120, country: percent(s.gaps?.share_beyond ?? NaN) }));
  } else lines.push(say("app.story.no_time"));
  if (Number.isFinite(n("treated_hold"))) {
    const lost = ["hold", "continue", "recover"].map((a) => n(`foregone_${a}`));
    lines.push(say("app.story.treated", { eligible: number(n("eligible"), 1), treated: number(n("treated_hold"), 1), low: number(Math.min(...lost), 1), high: number(Math.max(...lost), 1) }));
  }
  if (then) {
    const dt = n("mean_time_min", then) - n("mean_time_min");
    const dp = n("treated_hold", then) - n("treated_hold");
    lines.push(say("app.story.then", { time: signed(dt, (x) => say("unit.min", { n: number(x, 1) })), treated: signed(dp, (x) => number(x, 2)), share: percent(n("share_beyond", then)) }));
  }
  return (
    <div class="story" data-region={v.region}>
      <h3>
        {now["name"]} <small>{say("app.people", { n: people(n("population")) })}</small>
      </h3>
      {lines.map((l, i) => (
        <p key={i}>{l}</p>
      ))}
      <p>
        <a class="sheet" href={at(`studies/${r.id}/sheet/${encodeURIComponent(v.region)}`, { f: "html", lang: language.value, units: miles.value ? "mi" : "km" })}>
          {say("app.fact_sheet")}
        </a>{" "}
        · <a href={at(`studies/${r.id}/sheet/${encodeURIComponent(v.region)}`, { f: "pdf", lang: language.value, units: miles.value ? "mi" : "km" })}>PDF</a>
      </p>
    </div>
  );
}

