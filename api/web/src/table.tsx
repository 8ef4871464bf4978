// The table beside the map: the same rows, sorted by any column.

import { useState } from "preact/hooks";
import { chief, numeric, ofPlaces, rowsOf, titleOf, unitOf } from "./columns";
import { hovered } from "./pointing";
import { gapOf, result, why } from "./study";
import { change, view } from "./view";
import { number, say, signed, written } from "./words";

const usual = ["population", "centers", "per_10m", "mean_time_min", "share_beyond", "treated_hold", "foregone_hold"];

// changeOf is a difference as people say it: minutes without decimals; "" where there is none.
function changeOf(d: number, unit: string): string {
  if (Math.abs(d) < (unit === "min" ? 0.5 : 0.005)) return "";
  return signed(d, (x) => (unit === "min" ? written(x, unit) : number(x, 2)));
}

export function Table() {
  const r = result.value;
  const v = view.value;
  const [sort, setSort] = useState<{ by: string; down: boolean }>({ by: "name", down: false });
  if (!r || !r.regions["today"]?.size) return null;
  const today = r.regions["today"];
  const then = v.shown === "today" ? undefined : rowsOf(r, v.shown);
  const all = numeric(r);
  const columns = [...usual.filter((c) => all.includes(c)), ...(usual.includes(v.column) || !all.includes(v.column) ? [] : [v.column])];
  const changed = then ? ["mean_time_min", "treated_hold"].filter((c) => all.includes(c)) : [];
  const list = [...(then ?? today).values()];
  const value = (id: string, key: string): string | number => {
    if (key === "name") return String(today.get(id)?.["name"] ?? id);
    const [, c] = /^change:(.*)$/.exec(key) ?? [];
    if (c) return Number(then?.get(id)?.[c] ?? NaN) - Number(today.get(id)?.[c] ?? NaN);
    const cell = (then ?? today).get(id)?.[key];
    return typeof cell === "number" ? cell : NaN;
  };
  list.sort((x, y) => {
    const a = value(String(x["id"]), sort.by);
    const b = value(String(y["id"]), sort.by);
    const by = typeof a === "string" ? a.localeCompare(String(b)) : Number.isNaN(a) ? 1 : Number.isNaN(b as number) ? -1 : (a - (b as number)) * (sort.down ? -1 : 1);
    return typeof a === "string" && sort.down ? -by : by;
  });
  const head = (key: string, title: string, unit = "") => (
    <th scope="col" key={key} aria-sort={sort.by === key ? (sort.down ? "descending" : "ascending") : undefined}>
      <button type="button" onClick={() => setSort({ by: key, down: sort.by === key ? !sort.down : key !== "name" })}>
        {title} {unit && <small>{unit}</small>} {sort.by === key ? (sort.down ? "▼" : "▲") : ""}
      </button>
    </th>
  );
  return (
    <section class="table" aria-labelledby="table-head">
      <h2 id="table-head">{then ? say("app.table_in", { scenario: say(`app.scenario_${v.shown}`) }) : say("app.table")}</h2>
      <div class="wide" tabIndex={0} role="region" aria-label={say("app.table")}>
        <table id="regions">
          <thead>
            <tr>
              {head("name", say("app.region"))}
              {columns.map((c) => head(c, titleOf(c, r)))}
              {changed.map((c) => head(`change:${c}`, say("app.change_of", { what: titleOf(c, r) })))}
            </tr>
          </thead>
          <tbody>
            {list.map((row) => {
              const id = String(row["id"]);
              return (
                <tr key={id} class={id === v.region ? "on" : ""} data-id={id}>
                  <th scope="row">
                    <button
                      type="button"
                      aria-pressed={id === v.region}
                      onClick={() => {
                        hovered.fly = true;
                        change({ region: id === v.region ? "" : id });
                      }}
                    >
                      {String(row["name"] ?? id)}
                    </button>
                  </th>
                  {columns.map((c) => (
                    <td key={c} class={c === v.column ? "shown" : ""} data-column={c} data-value={row[c] ?? ""}>
                      {why(row, c) ? <abbr title={gapOf(why(row, c))}>{written(row[c] as number, unitOf(c, r), c)} ?</abbr> : written(row[c] as number, unitOf(c, r), c)}
                    </td>
                  ))}
                  {changed.map((c) => {
                    const d = value(id, `change:${c}`) as number;
                    const said = Number.isNaN(d) ? "–" : changeOf(d, unitOf(c, r));
                    const unsure = why(row, c);
                    return <td key={c}>{said && unsure ? <abbr title={gapOf(unsure)}>{said} ?</abbr> : said}</td>;
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Column() {
  const r = result.value;
  const v = view.value;
  if (!r) return null;
  const names = numeric(r);
  const first = names.filter((n) => chief.includes(n));
  const rest = names.filter((n) => !chief.includes(n));
  const option = (n: string) => (
    <option key={n} value={n}>
      {titleOf(n, r)}
    </option>
  );
  return (
    <label>
      {say("app.colour_by")}{" "}
      <select id="column" value={v.column} onChange={(e) => change({ column: e.currentTarget.value })}>
        {v.layer === "places" ? (
          ofPlaces.map(option)
        ) : (
          <>
            {first.map(option)}
            <optgroup label={say("app.more_columns")}>{rest.map(option)}</optgroup>
          </>
        )}
      </select>
    </label>
  );
}
