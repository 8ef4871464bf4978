// Files of the user's own: what the server understands of each, which of its columns is
// which, and then the study with them in the place of the atlas.

import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { home } from "./map";
import { ask, at, json } from "./server";
import { explain } from "./study";
import { change } from "./view";
import { number, say } from "./words";

type Column = { name: string; type: string; without_value: number };
type Picks = { id: string; name: string; lon: string; lat: string; wkt: string; people: string; crs: string; decimal: string };
type Seen = { format: string; tables: string[]; rows: number; separator: string; columns: Column[]; first: string[][]; read_as: Picks; shapes: string; located: number; box: number[]; notes: string[]; problem?: string };
type Kind = "sites" | "places" | "regions";
type Card = { file: File; as: Kind; format: string; table: string; picks?: Picks; chosen?: boolean; seen?: Seen; wrong?: string; busy?: boolean };

const formats: Record<string, string> = {
  xlsx: "xlsx", xlsm: "xlsx", csv: "csv", tsv: "csv", txt: "csv", geojson: "geojson", json: "geojson", geojsonl: "ndjson", ndjson: "ndjson", geojsonseq: "geojsonseq",
  gpkg: "gpkg", zip: "shapefile", kml: "kml", kmz: "kml", parquet: "parquet", geoparquet: "parquet", fgb: "flatgeobuf", topojson: "topojson",
};
const kinds: Kind[] = ["sites", "places", "regions"];
const binary = { "Content-Type": "application/octet-stream" };

const formatOf = (card: Card) => card.seen?.format || card.format; // of a file in an archive, its own
const plain = (card: Card) => formatOf(card) === "csv" || formatOf(card) === "xlsx"; // shapes stand in columns

// query is how the server is told to read a file.
function query(card: Card): Record<string, string> {
  const p = card.picks;
  return { format: card.format, table: card.table, ...(p && { id: p.id, name: p.name, lon: p.lon, lat: p.lat, wkt: p.wkt, crs: p.crs, ...(p.decimal && { decimal: p.decimal }) }) };
}

function layerName(card: Card): string {
  const own = card.file.name.toLowerCase().replace(/\.[^.]*$/, "").normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${card.as}-${own}`.slice(0, 60).replace(/-$/, "");
}

// likely is what a file holds by its looks.
function likely(seen: Seen): Kind {
  if (seen.shapes === "areas" && !seen.read_as.people) return "regions";
  return seen.read_as.people ? "places" : "sites";
}

export function Wizard({ files, done }: { files: Signal<File[]>; done: () => void }) {
  const [cards, setCards] = useState<Card[]>([]);
  const [key, setKey] = useState("");
  const [given, setGiven] = useState<string>(); // by a server on the user's own machine
  const [wrong, setWrong] = useState("");
  const [sending, setSending] = useState(false);
  const all = useRef<Card[]>([]);
  const put = (next: Card[]) => setCards((all.current = next));
  const edit = (file: File, parts: Partial<Card>) => put(all.current.map((c) => (c.file === file ? { ...c, ...parts } : c)));
  const headers = () => ({ ...binary, Authorization: `Bearer ${given || key}` });
  useEffect(() => void json<{ key: string }>("page-key").then((a) => setGiven(a.key), () => setGiven("")), []);

  const look = async (card: Card) => {
    edit(card.file, { ...card, busy: true, wrong: "" });
    try {
      const answer = await ask(at("preview", { ...query(card), guess: card.chosen ? "no" : "yes" }), { method: "POST", body: card.file, headers: headers() });
      const seen = (await answer.json()) as Seen;
      edit(card.file, { seen, picks: card.chosen && card.picks ? card.picks : seen.read_as, ...(!card.seen && { as: likely(seen) }), busy: false });
    } catch (e) {
      edit(card.file, { seen: undefined, busy: false, wrong: explain(e).replace(/^file\.\w+: /, "") });
    }
  };
  const take = (list: Iterable<File>) => {
    for (const file of list) {
      const format = formats[file.name.toLowerCase().replace(/\.gz$/, "").split(".").pop() ?? ""];
      const card: Card = { file, as: "sites", format: format ?? "", table: "", ...(!format && { wrong: say("app.own_format", { name: file.name, accepted: Object.keys(formats).join(", ") }) }) };
      put([...all.current.filter((c) => c.file.name !== file.name), card]);
      if (format) void look(card);
    }
  };
  useEffect(() => {
    if (given === undefined || files.value.length === 0) return;
    take(files.value);
    files.value = [];
  }, [files.value, given]);

  const of = (as: Kind) => cards.find((c) => c.as === as && c.seen && !c.seen.problem);
  const ready = (of("sites") || of("places")) && cards.every((c) => c.seen && !c.seen.problem && !c.busy);
  const send = async (form: FormData) => {
    setSending(true);
    setWrong("");
    try {
      const sent: Partial<Record<Kind, string>> = {};
      for (const as of kinds) {
        const card = of(as);
        if (card) sent[as] = ((await (await ask(at(`collections/${layerName(card)}`, query(card)), { method: "PUT", body: card.file, headers: headers() })).json()) as { id: string }).id;
      }
      const hasRegions = !sent.places || !!sent.regions; // those of the atlas stand beside its people
      change({
        own: {
          places: sent.places ?? "", weight: of("places")?.picks?.people ?? "", regions: sent.regions ?? "", join: String(form.get("join") ?? ""),
          sites: sent.sites ?? "", complete: form.get("complete") === "on",
        },
        a: [], b: [], shown: "today", region: "", compare: "one", layer: hasRegions ? "regions" : "places", column: hasRegions ? "per_10m" : "time_min",
      });
      home.value++; // nothing of the region that was looked at is left
      done();
    } catch (e) {
      setWrong(explain(e));
    }
    setSending(false);
  };
  if (given === undefined) return null;
  return (
    <form
      class="wizard"
      onSubmit={(e) => {
        e.preventDefault();
        void send(new FormData(e.currentTarget));
      }}
    >
      <p class="hint">{say("app.own_hint")}</p>
      {given === "" && (
        <label>
          {say("app.own.key")} <input type="password" name="key" autocomplete="off" value={key} onInput={(e) => setKey(e.currentTarget.value)} />
        </label>
      )}
      <label class="drop">
        {say("app.own.drop")}{" "}
        <input type="file" name="files" multiple accept={Object.keys(formats).map((e) => "." + e).join()} onChange={(e) => (take([...(e.currentTarget.files ?? [])]), (e.currentTarget.value = ""))} />
      </label>
      {cards.map((c) => (
        <One key={c.file.name} card={c} edit={(parts) => edit(c.file, parts)} look={(parts) => void look({ ...c, ...parts })} drop={() => put(all.current.filter((x) => x.file !== c.file))} />
      ))}
      {of("places") && of("regions") && <Join places={of("places")!} regions={of("regions")!} />}
      {cards.length > 0 && !of("places") && <p class="hint">{say("app.own.atlas_people")}</p>}
      {cards.length > 0 && !of("sites") && <p class="hint">{say("app.own.atlas_sites")}</p>}
      {of("sites") && (
        <label>
          <input type="checkbox" name="complete" /> {say("app.own.complete")}
        </label>
      )}
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      {cards.length > 0 && (
        <button type="submit" disabled={!ready || sending}>
          {say("app.own.show")}
        </button>
      )}
    </form>
  );
}

// One is a file: what was understood of it, its first rows, and what its columns are.
function One({ card, edit, look, drop }: { card: Card; edit: (parts: Partial<Card>) => void; look: (parts: Partial<Card>) => void; drop: () => void }) {
  const { seen, picks } = card;
  const pick = (parts: Partial<Picks>) => look({ chosen: true, picks: { ...picks!, ...parts } });
  return (
    <fieldset class="card" data-file={card.file.name}>
      <legend>
        {card.file.name}{" "}
        <button type="button" class="small" onClick={drop} aria-label={say("app.own.remove", { name: card.file.name })}>
          ×
        </button>
      </legend>
      {card.busy && <p role="status">{say("app.own.reading")}</p>}
      {seen && (seen.tables.length > 1 || seen.columns.length === 0) && <Sheets card={card} tables={seen.tables} look={look} />}
      {(card.wrong || (seen?.problem && seen.columns.length > 0)) && (
        <p class="wrong" role="alert">
          {say("app.own.wrong")} <span lang="en">{card.wrong || seen?.problem?.replace(/^file\.\w+: /, "")}</span>
        </p>
      )}
      {card.wrong && card.format && (
        <p class="row">
          <button type="button" onClick={() => look({})}>
            {say("app.own.again")}
          </button>
        </p>
      )}
      {seen && picks && seen.columns.length > 0 && (
        <>
          <Understood card={card} seen={seen} />
          <label>
            {say("app.own.as")}{" "}
            <select name="as" value={card.as} onChange={(e) => edit({ as: e.currentTarget.value as Kind })}>
              {kinds.map((k) => (
                <option key={k} value={k}>
                  {say(`app.own.${k}`)}
                </option>
              ))}
            </select>
          </label>
          <First name={card.file.name} seen={seen} />
          <div class="picks">
            <Pick what="id" seen={seen} picks={picks} change={pick} />
            <Pick what="name" seen={seen} picks={picks} change={pick} />
            {card.as === "places" && <Pick what="people" seen={seen} picks={picks} change={(p) => edit({ chosen: true, picks: { ...picks, ...p } })} />}
            {(plain(card) || !seen.shapes || picks.lon) && (
              <>
                <Pick what="lon" seen={seen} picks={picks} change={pick} />
                <Pick what="lat" seen={seen} picks={picks} change={pick} />
              </>
            )}
            {plain(card) && <Pick what="wkt" seen={seen} picks={picks} change={pick} />}
          </div>
        </>
      )}
      {card.format && !card.busy && (seen || card.wrong) && <More card={card} look={look} />}
    </fieldset>
  );
}

// Sheets are those of a workbook, or the tables or files of which one is read.
function Sheets({ card, tables, look }: { card: Card; tables: string[]; look: (parts: Partial<Card>) => void }) {
  const open = card.seen?.columns.length === 0; // none is read yet
  return (
    <label>
      {say("app.own.table")}{" "}
      <select name="table" value={open ? "" : card.table || tables[0]} onChange={(e) => look({ table: e.currentTarget.value, chosen: false, picks: undefined })}>
        {open && <option value="">{say("app.own.none")}</option>}
        {tables.map((t) => (
          <option key={t}>{t}</option>
        ))}
      </select>
    </label>
  );
}

// Understood says in words what the server makes of a file.
function Understood({ card, seen }: { card: Card; seen: Seen }) {
  const degrees = (v: number) => number(v, 1);
  const [west = 0, south = 0, east = 0, north = 0] = seen.box;
  const lines = [
    say("app.own.rows", { n: seen.rows, columns: seen.columns.length }),
    seen.separator && say(`app.own.separated.${seen.separator}`),
    card.picks?.decimal === "comma" && say("app.own.decimal_comma"),
    seen.located > 0 && say("app.own.located", { n: seen.located, west: degrees(west), east: degrees(east), south: degrees(south), north: degrees(north) }),
    seen.located > 0 && !card.picks?.crs && plain(card) && say("app.own.wgs84"),
    seen.located > 0 && card.picks?.crs && say("app.own.in_crs", { crs: card.picks.crs }),
    !seen.problem && seen.located === 0 && say("app.own.nowhere"),
    seen.located > 0 && seen.located < seen.rows && say("app.own.unlocated", { n: seen.rows - seen.located }),
  ];
  return (
    <>
      <p role="status" class="understood">
        {lines.filter(Boolean).join(" ")}
      </p>
      {seen.notes.length > 0 && (
        <ul class="hint" lang="en">
          {seen.notes.map((n) => (
            <li key={n}>{n}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function First({ name, seen }: { name: string; seen: Seen }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={say("app.own.first", { name })}>
      <table>
        <thead>
          <tr>
            {seen.columns.map((c) => (
              <th key={c.name} scope="col">
                {c.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seen.first.map((row, i) => (
            <tr key={i}>
              {row.map((cell, k) => (
                <td key={k}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pick({ what, seen, picks, change }: { what: keyof Picks; seen: Seen; picks: Picks; change: (parts: Partial<Picks>) => void }) {
  return (
    <label>
      {say(`app.own.pick.${what}`)}{" "}
      <select name={what} required={what === "people"} value={picks[what]} onChange={(e) => change({ [what]: e.currentTarget.value })}>
        <option value="">{say("app.own.none")}</option>
        {seen.columns.map((c) => (
          <option key={c.name} value={c.name}>
            {c.name}
          </option>
        ))}
      </select>
    </label>
  );
}

// More is what few files need.
function More({ card, look }: { card: Card; look: (parts: Partial<Card>) => void }) {
  const picks = card.picks ?? { id: "", name: "", lon: "", lat: "", wkt: "", people: "", crs: "", decimal: "" };
  return (
    <details open={!!card.wrong}>
      <summary>{say("app.own.more")}</summary>
      <div class="picks">
        <label>
          {say("app.own.crs")} <input name="crs" value={picks.crs} placeholder="EPSG:25832" onChange={(e) => look({ picks: { ...picks, crs: e.currentTarget.value.trim() } })} />
        </label>
        {(card.format === "topojson" || (card.wrong && card.table)) && (
          <label>
            {say("app.own.table")} <input name="table" value={card.table} onChange={(e) => look({ table: e.currentTarget.value.trim(), chosen: false, picks: undefined })} />
          </label>
        )}
        {formatOf(card) === "csv" && (
          <label>
            {say("app.own.decimal")}{" "}
            <select name="decimal" value={picks.decimal || "point"} onChange={(e) => look({ chosen: true, picks: { ...picks, decimal: e.currentTarget.value } })}>
              <option value="point">{say("app.own.point")}</option>
              <option value="comma">{say("app.own.comma")}</option>
            </select>
          </label>
        )}
      </div>
    </details>
  );
}

// Join says how people belong to regions.
function Join({ places, regions }: { places: Card; regions: Card }) {
  const named = (c: Card) => c.seen!.columns.map((x) => x.name);
  return (
    <label>
      {say("app.own.join")}{" "}
      <select name="join">
        <option value="">{say("app.own.by_place")}</option>
        {named(places).filter((f) => named(regions).includes(f)).map((f) => (
          <option key={f}>{f}</option>
        ))}
      </select>
    </label>
  );
}
