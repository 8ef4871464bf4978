// What the colours and marks of the map mean.

import { rowsOf, titleOf, unitOf } from "./columns";
import { area, candidates } from "./pointing";
import { classes, everyDoubt, gapOf, result, why } from "./study";
import { view } from "./view";
import { columnOf, number, percent, say, written } from "./words";

export function Legend() {
  const c = classes.value;
  const r = result.value;
  if (!c || !r) return null;
  const v = view.value;
  const unit = unitOf(c.column, r);
  const value = (x: number) => (c.percent ? percent(x) : unit === "km" ? written(x, "km") : number(x));
  const none = v.layer === "regions" && ["centers", "per_10m", "rows"].includes(c.column) && [...r.regions["today"]!.values()].every((row) => Number(row[c.column]) === 0 || !(Number(row[c.column]) < c.breaks[0]!));
  const label = (i: number) => {
    if (c.breaks.length === 0) return say("app.all_values");
    if (i === 0 && none) return say("app.zero");
    if (i === 0) return say("app.under", { n: value(c.breaks[0]!) });
    if (i === c.breaks.length) return say("app.from", { n: value(c.breaks[i - 1]!) });
    return say("app.from_to", { low: value(c.breaks[i - 1]!), high: value(c.breaks[i]!) });
  };
  const count = new Map<string, number>();
  const shown = v.compare === "one" ? v.shown : "today";
  if (v.layer === "regions") {
    for (const row of rowsOf(r, shown).values()) {
      const doubt = why(row, c.column);
      if (doubt) count.set(doubt, (count.get(doubt) ?? 0) + 1);
    }
  }
  const moves = [...v.a, ...v.b];
  return (
    <section class="legend" aria-label={say("app.legend")}>
      <h2>{titleOf(c.column, r)}</h2>
      <ul>
        {c.colours.map((colour, i) => (
          <li key={i}>
            <span class="swatch" style={{ background: colour }} /> {label(i)}
          </li>
        ))}
        {c.missing > 0 && (
          <li>
            <span class="swatch none" /> {say(columnOf(c.column)?.leavesOut ? "app.no_road" : "app.no_data")}
          </li>
        )}
        {everyDoubt.filter((d) => count.has(d)).map((d) => (
          <li key={d}>
            <span class={`swatch doubt ${d.replaceAll(" ", "-")}`} /> {gapOf(d)} ({count.get(d)})
          </li>
        ))}
        <li>
          <span class="dot open" /> {say("app.center")}
        </li>
        {r.sites.some((s) => s["status"] === "open" && !String(s["roles"] ?? "infuse").includes("infuse")) && (
          <li>
            <span class="dot other" /> {say("app.spoke")}
          </li>
        )}
        {candidates.value.length > 0 && (
          <li>
            <span class="dot candidate" /> {say("app.candidate")}
          </li>
        )}
        {area.value.features.length > 0 && (
          <li>
            <span class="swatch area" /> {say(area.value.features[0]?.properties?.["estimate"] ? "app.area_estimate" : "app.area", { n: Number(area.value.features[0]?.properties?.["minutes"]) })}
          </li>
        )}
        {moves.some((m) => m.kind === "open") && (
          <li>
            <span class="dot new" /> {say("app.opened")}
          </li>
        )}
        {moves.some((m) => m.kind === "close") && (
          <li>
            <span class="dot closed" /> {say("app.closed")}
          </li>
        )}
      </ul>
    </section>
  );
}
