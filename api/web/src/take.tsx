// What can be taken away: maps, layers, the study itself, the address, how to cite and to
// embed what is seen, and a page of paper.

import { signal } from "@preact/signals";
import { titleOf } from "./columns";
import { labelOf } from "./moves";
import { ask, at } from "./server";
import { nameOf, seen, trueOf } from "./map";
import { sheetOf } from "./story";
import { explain, result, type Result } from "./study";
import { view, write, type Shown, type View } from "./view";
import { countryOf, language, miles, say, told } from "./words";

// addressOf leads back to what is seen, and names its result.
const addressOf = (v: View, r: Result) => location.origin + location.pathname + write({ ...v, study: r.id }, language.value, miles.value);

// captionOf is a map in words: where, when, and what it shows.
function captionOf(v: View, r: Result, shown: Shown[]): string {
  const when = new Set(shown.map((s) => nameOf(trueOf(s, v))));
  return `${v.own ? say("app.own_title") : countryOf(v.country)}, ${[...when].join(" / ")}${say("join.colon")}${titleOf(v.column, r)}`;
}

// citation names the program, the study, the date of its centers, the address and the day.
function citation(v: View, r: Result): string {
  const known = r.manifest.inputs.find((i) => i.layer === (v.own?.sites || "centers"))?.as_of;
  return say("app.cite_text", {
    version: r.manifest.version, title: captionOf(v, r, seen(v)), study: r.id + (known ? `, ${say("sheet.asof", { date: known })}` : ""),
    address: addressOf(v, r), date: new Date().toLocaleDateString(language.value, { dateStyle: "long" }),
  });
}

const attribute = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

const copied = signal(""); // the last text that was

// Copy copies a text. Browsers lend the clipboard to pages with https alone: elsewhere there
// is no button.
function Copy({ name, text, children }: { name: string; text: string; children: string }) {
  if (!navigator.clipboard) return null;
  return (
    <p class="row">
      <button type="button" data-take={name} onClick={() => void navigator.clipboard.writeText(text).then(() => (copied.value = text))}>
        {children}
      </button>
      <span role="status">{copied.value === text && say("app.copied")}</span>
    </p>
  );
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    <label>
      {label} <textarea readOnly rows={4} value={text} onFocus={(e) => e.currentTarget.select()} />
    </label>
  );
}

const stays = signal<{ id: string; wrong?: string }>({ id: "" }); // the result that was kept last

// Keep makes the result on show one that stays, and stands in the lists of the server.
function Keep({ id }: { id: string }) {
  const { id: kept, wrong } = stays.value;
  const keep = () => ask(at(`studies/${id}`), { method: "PUT" }).then(() => (stays.value = { id }), (e: unknown) => (stays.value = { id, wrong: explain(e) }));
  return (
    <>
      <button type="button" data-take="keep" onClick={() => void keep()}>
        {say("app.keep_result")}
      </button>
      <p class={kept === id && wrong ? "wrong" : "hint"} role="status">
        {kept !== id ? say("app.keep_result.why") : (wrong ?? say("app.keep_result.kept"))}
      </p>
    </>
  );
}

export function Take() {
  const r = result.value;
  const v = view.value;
  if (!r) return null;
  const scenario = v.shown !== "today" && r.regions[v.shown] && v.layer === "regions" ? `_${v.shown}` : "";
  const layer = r.regions["today"]?.size && v.layer === "regions" ? `regions${scenario}` : "places";
  const now = trueOf(v.shown, v);
  const column = layer === "places" && now !== "today" ? `time_min_${now}` : v.column;
  const map = (f: string, id = r.id, page = "") => at(`collections/${id}-${layer}/map`, { f, column, page, lang: language.value, units: miles.value ? "mi" : "km" });
  const whole = (f: string) => <a data-take={f} href={at(`studies/${r.id}`, { f })} download={`${r.summary.name}.${f}`}>{f === "xlsx" ? "Excel" : "GeoPackage"}</a>;
  const items = (f: string) => at(`collections/${r.id}-${layer}/items`, { f, limit: 10000 });
  const long = layer === "places" || r.shapes.features.length > 500; // more than a page: formats that are whole files
  // The server keeps the studies of its atlas, and others for a while.
  const lasts = !v.own && now === "today";
  const caption = captionOf(v, r, [v.shown]);
  const embedded = `<a href="${attribute(addressOf(v, r))}"><img src="${attribute(map("png", lasts ? `baseline-${v.country.toLowerCase()}` : r.id))}" alt="${attribute(caption)}" style="max-width: 100%"></a>`;
  const spec = URL.createObjectURL(new Blob([JSON.stringify(r.spec, null, 2) + "\n"], { type: "application/json" }));
  return (
    <section aria-labelledby="take-head">
      <h2 id="take-head">{say("app.take")}</h2>
      <ul class="take">
        <li>
          {say("app.take_map") + say("join.colon")}<a data-take="png" href={map("png")} download={`${r.summary.name}-${column}.png`}>PNG</a> · <a data-take="pdf" href={map("pdf")} download={`${r.summary.name}-${column}.pdf`}>PDF</a> ·{" "}
          <a data-take="a4" href={map("pdf", r.id, "a4")} download={`${r.summary.name}-${column}-a4.pdf`}>PDF (A4)</a> ·{" "}
          <a data-take="svg" href={map("svg")} download={`${r.summary.name}-${column}.svg`}>SVG</a>
        </li>
        <li>
          {say("app.take_rows") + say("join.colon")}<a data-take="csv" href={items(long ? "csv-wkt" : "csv")} download={`${r.summary.name}-${layer}.csv`}>CSV</a> · <a data-take="geojson" href={items(long ? "geojsonseq" : "json")} download={`${r.summary.name}-${layer}.${long ? "geojsonl" : "geojson"}`}>{long ? say("app.take_lines") : "GeoJSON"}</a>
        </li>
        <li>
          {say("app.take_all") + say("join.colon")}{whole("xlsx")} · {whole("gpkg")}
        </li>
        <li>
          <a data-take="sheet" href={at(sheetOf(v, r.id, ""), { f: "html", lang: language.value, units: miles.value ? "mi" : "km" })}>{say("app.take_sheet")}</a>
        </li>
        <li>
          <a data-take="spec" href={spec} download={`${r.summary.name}.json`}>{say("app.take_spec")}</a> · <a href={at(`studies/${r.id}`, { f: "html" })}>{say("app.take_study")}</a>
        </li>
        <li>
          <Keep id={r.id} />
        </li>
        <li>
          <Copy name="address" text={addressOf(v, r)}>
            {say("app.copy")}
          </Copy>
        </li>
        <li>
          <Text label={say("app.cite")} text={citation(v, r)} />
          <Copy name="citation" text={citation(v, r)}>
            {say("app.cite_copy")}
          </Copy>
        </li>
        <li>
          <Text label={say("app.embed")} text={embedded} />
          <Copy name="embedded" text={embedded}>
            {say("app.embed_copy")}
          </Copy>
          {!lasts && <p class="hint">{say("app.embed_while")}</p>}
        </li>
        <li>
          <button type="button" data-take="print" onClick={() => print()}>
            {say("app.print")}
          </button>
        </li>
      </ul>
    </section>
  );
}

// Paper is what the printed page alone says: what the scenarios change, the limits of the
// numbers, and how to cite them.
export function Paper() {
  const r = result.value;
  const v = view.value;
  if (!r) return null;
  return (
    <section class="on-paper">
      {(["a", "b"] as const).map(
        (s) =>
          v[s].length > 0 && (
            <p key={s}>
              {say(`app.scenario_${s}`) + say("join.colon") + v[s].map((m) => labelOf(m, r)).join(say("join.also"))}
            </p>
          ),
      )}
      <h2>{say("app.limits")}</h2>
      <ul>
        {r.summary.notes.map((n) => (
          <li key={n.key + n.text}>{told(n)}</li>
        ))}
      </ul>
      <p>{citation(v, r)}</p>
    </section>
  );
}
