// What can be taken away: maps, layers, the study itself, and the address.

import { useState } from "preact/hooks";
import { at } from "./server";
import { trueOf } from "./map";
import { sheetOf } from "./story";
import { result } from "./study";
import { view } from "./view";
import { language, miles, say } from "./words";

export function Take() {
  const r = result.value;
  const v = view.value;
  const [copied, setCopied] = useState(false);
  if (!r) return null;
  const scenario = v.shown !== "today" && r.regions[v.shown] && v.layer === "regions" ? `_${v.shown}` : "";
  const layer = r.regions["today"]?.size && v.layer === "regions" ? `regions${scenario}` : "places";
  const now = trueOf(v.shown, v);
  const column = layer === "places" && now !== "today" ? `time_min_${now}` : v.column;
  const map = (f: string) => at(`collections/${r.id}-${layer}/map`, { f, column, lang: language.value, units: miles.value ? "mi" : "km" });
  const items = (f: string) => at(`collections/${r.id}-${layer}/items`, { f, limit: 10000 });
  const long = layer === "places" || r.shapes.features.length > 500; // more than a page: formats that are whole files
  const spec = URL.createObjectURL(new Blob([JSON.stringify(r.spec, null, 2) + "\n"], { type: "application/json" }));
  return (
    <section aria-labelledby="take-head">
      <h2 id="take-head">{say("app.take")}</h2>
      <ul class="take">
        <li>
          {say("app.take_map")}: <a data-take="png" href={map("png")} download={`${r.summary.name}-${column}.png`}>PNG</a> · <a data-take="pdf" href={map("pdf")} download={`${r.summary.name}-${column}.pdf`}>PDF</a> ·{" "}
          <a data-take="svg" href={map("svg")} download={`${r.summary.name}-${column}.svg`}>SVG</a>
        </li>
        <li>
          {say("app.take_rows")}: <a data-take="csv" href={items(long ? "csv-wkt" : "csv")} download={`${r.summary.name}-${layer}.csv`}>CSV</a> · <a data-take="geojson" href={items(long ? "geojsonseq" : "json")} download={`${r.summary.name}-${layer}.${long ? "geojsonl" : "geojson"}`}>{long ? say("app.take_lines") : "GeoJSON"}</a> ·{" "}
          <a data-take="gpkg" href={at(`studies/${r.id}`, { f: "gpkg" })} download={`${r.summary.name}.gpkg`}>{say("app.take_all")} (GeoPackage)</a>
        </li>
        <li>
          <a data-take="sheet" href={at(sheetOf(v, r.id, ""), { f: "html", lang: language.value, units: miles.value ? "mi" : "km" })}>{say("app.take_sheet")}</a>
        </li>
        <li>
          <a data-take="spec" href={spec} download={`${r.summary.name}.json`}>{say("app.take_spec")}</a> · <a href={at(`studies/${r.id}`, { f: "html" })}>{say("app.take_study")}</a>
        </li>
        <li>
          <button
            type="button"
            onClick={() =>
              void navigator.clipboard.writeText(location.href.replace(/&study=[^&]*/, "") + `&study=${r.id}`).then(() => {
                setCopied(true);
                setTimeout(() => setCopied(false), 3000);
              })
            }
          >
            {copied ? say("app.copied") : say("app.copy")}
          </button>
        </li>
      </ul>
    </section>
  );
}
