// The card of a center, or of a town of a ranking: what is known of it, and what can be done.

import { useEffect, useRef, useState } from "preact/hooks";
import { area, candidates, nothing, planned, pointed } from "./pointing";
import { json, type Cell, type Row } from "./server";
import { result, type Shapes } from "./study";
import { edit, view } from "./view";
import { called, has, number, say } from "./words";

// Center is what the map was clicked on: it can be closed, or taken back.
export function Center() {
  const p = pointed.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (p) dialog.current?.showModal();
  }, [p]);
  if (!p) return null;
  const r = result.value!;
  const v = view.value;
  const site = r.sites.find((s) => s["id"] === p.id);
  const move = v[v.editing].find((m) => m.id === p.id);
  const town = candidates.value.find((c) => c.id === p.id);
  const done = () => dialog.current?.close();
  return (
    <dialog ref={dialog} class="center" aria-labelledby="center-head" onClose={() => (pointed.value = undefined)}>
      <h2 id="center-head">{String(site?.["name"] ?? (move?.kind === "open" ? move.name : (town?.name ?? p.id)))}</h2>
      {site && <p>{say("app.center_people", { n: number(Number(site["people_nearest"] ?? 0)) })}</p>}
      {site && <Known key={p.id} site={site} />}
      {town?.alone && !move && <p>{say("app.alone", { gain: town.alone })}</p>}
      <Within at={site ? [Number(site["lon"]), Number(site["lat"])] : p.at} />
      <p class="row">
        {move ? (
          <button type="button" onClick={() => (edit((b) => b.filter((m) => m !== move)), done())}>
            {move.kind === "close" ? say("app.reopen") : say("app.remove")}
          </button>
        ) : (
          <>
            {site && (
              <button type="button" onClick={() => (edit((b) => [...b, { kind: "close", id: p.id }]), done())}>
                {say("app.close_it")}
              </button>
            )}
            {town && (
              <button type="button" onClick={() => (edit((b) => [...b, { kind: "open", id: `town-${town.id}`, name: town.name, at: town.at }]), done())}>
                {say("app.open_it")}
              </button>
            )}
          </>
        )}
        <button type="button" onClick={done}>
          {say("app.close")}
        </button>
      </p>
    </dialog>
  );
}

// Within shows the area that is reached by road within some minutes.
function Within({ at }: { at: [number, number] }) {
  const [wrong, setWrong] = useState("");
  const [minutes, setMinutes] = useState(60);
  return (
    <>
      <p class="row">
        <label>
          {say("app.area_within")}{" "}
          <select value={minutes} onChange={(e) => setMinutes(Number(e.currentTarget.value))}>
            {[30, 60, 90, 120, 180, 240].map((m) => (
              <option key={m} value={m}>
                {say("unit.min", { n: m })}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          onClick={() =>
            void json<Shapes>("isochrone", { lon: at[0], lat: at[1], minutes, way: "to" }).then(
              (d) => {
                area.value = d;
                pointed.value = undefined;
              },
              (e: Error) => setWrong(e.message),
            )
          }
        >
          {say("app.show_area")}
        </button>
        {area.value.features.length > 0 && (
          <button type="button" onClick={() => (area.value = nothing)}>
            {say("app.hide_area")}
          </button>
        )}
      </p>
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
    </>
  );
}

// Known is what the list of centers has of one: that of the atlas in words, one of the user's
// own as it stands there.
function Known({ site }: { site: Row }) {
  const own = view.value.own?.sites;
  const id = String(site["id"]);
  const [found, setFound] = useState<Row>();
  useEffect(() => {
    const stop = new AbortController();
    json<GeoJSON.Feature>(`collections/${own || "centers"}/items/${encodeURIComponent(id)}`, {}, { signal: stop.signal }).then((f) => setFound(f.properties as Row), () => undefined);
    return () => stop.abort();
  }, [id, own]);
  if (!found) return null;
  const rows = own ? Object.entries(found).filter(([name, v]) => !["id", "name"].includes(name) && filled(v)).map(([name, v]) => [name, String(v)] as const) : told(found);
  const beside = result.value!.sites.filter((s) => s["campus_id"] && s["campus_id"] === site["campus_id"] && s["id"] !== id).map((s) => String(s["name"]));
  const spokes = planned.value.filter((s) => s.hub === id).map((s) => s.name);
  return (
    <table class="card">
      <tbody>
        {rows.map(([what, v]) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{v}</td>
          </tr>
        ))}
        {beside.length > 0 && (
          <tr>
            <th scope="row">{say("app.card.campus")}</th>
            <td>{beside.join(", ")}</td>
          </tr>
        )}
        {spokes.length > 0 && (
          <tr>
            <th scope="row">{say("app.card.spokes")}</th>
            <td>{spokes.join(", ")}</td>
          </tr>
        )}
        {!own && (
          <tr>
            <th scope="row">{say("app.source")}</th>
            <td lang="en">
              <Source text={String(found["source"] ?? "")} url={String(found["source_url"] ?? "")} />
              {filled(found["note"]) && <p>{found["note"]}</p>}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

const filled = (v: Cell | undefined) => v !== null && v !== undefined && v !== "";

// told are the rows of the atlas in words. What no source says is said to be unsaid.
function told(c: Row): (readonly [string, string])[] {
  const word = (what: string) => called(`app.card.${what}.`, String(c[what] ?? ""));
  const patients = `${c["adult"] === "yes" ? "adults" : ""}${c["paediatric"] === "yes" ? "children" : ""}` || "unsaid";
  const date = String(c["as_of"] ?? "");
  return [
    [say("app.card.place"), `${c["city"]}${has(`app.card.location.${c["location"]}`) ? ` (${word("location")})` : ""}`],
    [say("app.card.patients"), say(`app.card.patients.${patients}`)],
    [say("app.card.status"), word("status")],
    [say("app.card.tier"), word("tier")],
    [say("app.card.evidence"), word("evidence")],
    [say("app.card.asof"), date === "" || date === "n.d." ? say("app.card.undated") : date],
  ];
}

function Source({ text, url }: { text: string; url: string }) {
  return /^https?:/.test(url) ? (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {text || url}
    </a>
  ) : (
    <>{text}</>
  );
}
