// Layers of the user's own in the place of the atlas: sent to this server, which
// keeps them, and looked at like those of the atlas.

import { useEffect, useState } from "preact/hooks";
import { ask, at, json } from "./server";
import { change, view } from "./view";
import { say } from "./words";

type Sent = { id: string; version: number; rows: number; without_shapes: boolean; fields: { name: string; type: string }[]; notes: string[] };

const endings: Record<string, string> = { geojson: "geojson", json: "geojson", geojsonl: "geojsonseq", ndjson: "ndjson", csv: "csv", gpkg: "gpkg", parquet: "parquet", zip: "shapefile" };

function nameOf(file: File, as: string): string {
  const plain = file.name.toLowerCase().replace(/\.[^.]*$/, "").replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "");
  return (`${as}-${plain}`).slice(0, 60);
}

async function send(file: File, as: string, key: string): Promise<Sent> {
  const format = endings[file.name.toLowerCase().split(".").pop() ?? ""];
  if (!format) throw new Error(say("app.own_format", { name: file.name, accepted: Object.keys(endings).join(", ") }));
  const answer = await ask(at(`collections/${nameOf(file, as)}`, { format }), { method: "PUT", body: file, headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/octet-stream" } });
  return answer.json();
}

export function OwnLayers() {
  const [sent, setSent] = useState<Record<string, Sent>>({});
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const [given, setGiven] = useState(""); // by a server on the user's own machine
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    if (opened) json<{ key: string }>("page-key").then((a) => setGiven(a.key), () => undefined); // without it the user is asked
  }, [opened]);
  const v = view.value;
  const hasRegions = !sent["places"] || !!sent["regions"]; // those of the atlas stand beside its people
  const numbers = sent["places"]?.fields.filter((f) => f.type !== "text").map((f) => f.name) ?? [];
  return (
    <details class="own" onToggle={(e) => setOpened(e.currentTarget.open)}>
      <summary>{say("app.own")}</summary>
      <form
        onSubmit={async (e) => {
          e.preventDefault();
          const form = new FormData(e.currentTarget);
          const key = given || String(form.get("key") ?? "");
          setBusy(true);
          setWrong("");
          try {
            const all: Record<string, Sent> = { ...sent };
            for (const as of ["places", "regions", "sites"]) {
              const file = form.get(as);
              if (file instanceof File && file.size > 0) all[as] = await send(file, as, key);
            }
            setSent(all);
          } catch (e) {
            setWrong((e as Error).message);
          }
          setBusy(false);
        }}
      >
        <p class="hint">{say("app.own_hint")}</p>
        {["places", "regions", "sites"].map((as) => (
          <label key={as}>
            {say(`app.own.${as}`)} <input type="file" name={as} accept=".geojson,.json,.geojsonl,.ndjson,.csv,.gpkg,.parquet,.zip" />
          </label>
        ))}
        {!given && (
          <label>
            {say("app.own.key")} <input type="password" name="key" autocomplete="off" />
          </label>
        )}
        <button type="submit" disabled={busy}>
          {say("app.own.send")}
        </button>
        {wrong && (
          <p class="wrong" role="alert">
            {wrong}
          </p>
        )}
      </form>
      {sent["sites"] && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            const form = new FormData(e.currentTarget);
            change({
              own: { places: sent["places"]?.id ?? "", weight: String(form.get("weight") ?? ""), regions: sent["places"] ? (sent["regions"]?.id ?? "") : "", join: String(form.get("join") ?? ""), sites: sent["sites"]!.id, complete: form.get("complete") === "on" },
              a: [], b: [], shown: "today", region: "", compare: "one", layer: hasRegions ? "regions" : "places", column: hasRegions ? "per_10m" : "time_min",
            });
          }}
        >
          <p>
            {Object.values(sent).map((s) => (
              <span key={s.id}>
                {say("app.own.kept", { name: s.id, n: s.rows, version: s.version })}{" "}
              </span>
            ))}
          </p>
          {!sent["places"] && <p class="hint">{say("app.own.atlas_people")}</p>}
          {sent["places"] && <label>
            {say("app.own.weight")}{" "}
            <select name="weight" required>
              {numbers.map((n) => (
                <option key={n} selected={/^pop/.test(n)}>
                  {n}
                </option>
              ))}
            </select>
          </label>}
          {sent["places"] && sent["regions"] && (
            <label>
              {say("app.own.join")}{" "}
              <select name="join">
                <option value="">{say("app.own.by_place")}</option>
                {sent["places"].fields.filter((f) => sent["regions"]!.fields.some((g) => g.name === f.name)).map((f) => (
                  <option key={f.name}>{f.name}</option>
                ))}
              </select>
            </label>
          )}
          <label>
            <input type="checkbox" name="complete" /> {say("app.own.complete")}
          </label>
          <button type="submit">{say("app.own.show")}</button>
        </form>
      )}
      {v.own && (
        <p class="row">
          <span>{say("app.own.shown", { names: [v.own.places, v.own.regions, v.own.sites].filter(Boolean).join(", ") })}</span>
          <button type="button" onClick={() => change({ own: undefined, a: [], b: [], shown: "today", region: "", layer: "regions", column: "per_10m", compare: "one" })}>
            {say("app.own.back")}
          </button>
        </p>
      )}
    </details>
  );
}
