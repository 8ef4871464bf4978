// What if: centers opened and closed in a scenario, by pointer or by keyboard.

import { useEffect, useState } from "preact/hooks";
import { Center } from "./center";
import { Kept } from "./kept";
import { adding, hint } from "./pointing";
import { json, type Row } from "./server";
import { millis, result, type Result, type Shapes } from "./study";
import { change, edit, future, past, redo, undo, view, type Move } from "./view";
import { number, say } from "./words";

export function Moves() {
  if (!result.value && past.value.length + future.value.length === 0) return null;
  return (
    <section aria-labelledby="moves-head">
      <h2 id="moves-head">{say("app.what_if")}</h2>
      <Steps />
      {result.value && <Scenario />}
    </section>
  );
}

// Steps are undo and redo. They keep the focus when nothing is left to undo, and while
// another country is fetched.
function Steps() {
  return (
    <div class="row" role="group" aria-label={say("app.steps")}>
      <button type="button" data-do="undo" aria-disabled={past.value.length === 0} aria-keyshortcuts="Control+Z Meta+Z" onClick={undo}>
        <span aria-hidden="true">↶</span> {say("app.undo")}
      </button>
      <button type="button" data-do="redo" aria-disabled={future.value.length === 0} aria-keyshortcuts="Control+Shift+Z Control+Y Meta+Shift+Z" onClick={redo}>
        <span aria-hidden="true">↷</span> {say("app.redo")}
      </button>
    </div>
  );
}

// labelOf says a move in words.
export function labelOf(m: Move, r: Result): string {
  if (m.kind === "open") return say("app.opens", { name: m.name });
  return say("app.closes", { name: String(r.sites.find((s) => s["id"] === m.id)?.["name"] ?? m.id) });
}

function Scenario() {
  const v = view.value;
  const r = result.value!;
  const moves = v[v.editing];
  return (
    <>
      <fieldset class="tabs">
        <legend>{say("app.scenario")}</legend>
        {(["a", "b"] as const).map((s) => (
          <label key={s}>
            <input type="radio" name="editing" checked={v.editing === s} onChange={() => change({ editing: s, shown: v[s].length > 0 ? s : v.shown })} />
            {say(`app.scenario_${s}`)} {v[s].length > 0 && <small>({v[s].length})</small>}
          </label>
        ))}
      </fieldset>
      <p class="row">
        <button type="button" aria-pressed={adding.value} data-do="add" onClick={() => {
            hint.value = "";
            adding.value = !adding.value;
          }}>
          {say("app.add_on_map")}
        </button>
      </p>
      {adding.value && (
        <p class="hint" role="status">
          {say("app.add_hint")}
        </p>
      )}
      {hint.value && (
        <p class="wrong" role="alert">
          {hint.value}
        </p>
      )}
      <Town />
      <Close />
      {moves.length > 0 && (
        <>
          <ol class="moves">
            {moves.map((m) => (
              <li key={m.id}>
                {labelOf(m, r)}{" "}
                <button type="button" class="small" onClick={() => edit((b) => b.filter((x) => x !== m))} aria-label={say("app.take_back", { what: labelOf(m, r) })}>
                  ×
                </button>
              </li>
            ))}
          </ol>
          <p class="row">
            <button type="button" onClick={() => edit(() => [])}>
              {say("app.clear")}
            </button>
            {millis.value > 0 && <small data-millis={Math.round(millis.value)} />}
          </p>
        </>
      )}
      <Kept />
      <fieldset class="tabs">
        <legend>{say("app.compare")}</legend>
        {(["one", "side", "swipe"] as const).map((c) => (
          <label key={c}>
            <input type="radio" name="compare" checked={v.compare === c} disabled={c !== "one" && v.a.length + v.b.length === 0} onChange={() => change({ compare: c })} />
            {say(`app.compare.${c}`)}
          </label>
        ))}
      </fieldset>
      {v.compare === "one" && v.a.length + v.b.length > 0 && (
        <fieldset class="tabs">
          <legend>{say("app.shown")}</legend>
          {(["today", "a", "b"] as const).map((s) => (
            <label key={s}>
              <input type="radio" name="shown" checked={v.shown === s} disabled={s !== "today" && v[s].length === 0} onChange={() => change({ shown: s })} />
              {say(s === "today" ? "app.today" : `app.scenario_${s}`)}
            </label>
          ))}
        </fieldset>
      )}
      <Center />
    </>
  );
}

// Town opens a center in a town that is found by name.
function Town() {
  const v = view.value;
  const [text, setText] = useState("");
  const [found, setFound] = useState<{ id: string; name: string; at: [number, number]; people: number }[]>([]);
  const layer = v.own?.places || "settlements";
  useEffect(() => {
    const name = text.trim().replaceAll("'", "''").replace(/[%_]/g, "");
    if (name.length < 2) return setFound([]);
    const stop = new AbortController();
    const of = v.own?.places ? "" : ` AND country = '${v.country}'`;
    const ask = setTimeout(() => {
      json<Shapes>(`collections/${layer}/items`, { filter: `CASEI(name) LIKE CASEI('${name}%')${of}`, sortby: `-${v.own?.weight || "population"}`, limit: 6 }, { signal: stop.signal })
        .then((d) =>
          setFound(
            d.features.flatMap((f) => (f.geometry?.type === "Point" ? [{ id: String(f.id), name: String(f.properties?.["name"] ?? f.id), at: f.geometry.coordinates as [number, number], people: Number(f.properties?.[v.own?.weight || "population"] ?? 0) }] : [])),
          ),
        )
        .catch(() => stop.signal.aborted || setFound([]));
    }, 120);
    return () => {
      clearTimeout(ask);
      stop.abort();
    };
  }, [text, v.country, layer]);
  return (
    <form
      class="town"
      onSubmit={(e) => {
        e.preventDefault();
        if (found[0]) open(found[0]);
      }}
    >
      <label>
        {say("app.add_in_town")} <input type="search" value={text} autocomplete="off" onInput={(e) => setText(e.currentTarget.value)} />
      </label>
      {found.length > 0 && (
        <ul class="found">
          {found.map((t) => (
            <li key={t.id}>
              <button type="button" onClick={() => open(t)}>
                {t.name} <small>{number(t.people)}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
  function open(t: { id: string; name: string; at: [number, number] }) {
    edit((b) => (b.some((m) => m.id === `town-${t.id}`) ? b : [...b, { kind: "open", id: `town-${t.id}`, name: t.name, at: t.at }]));
    setText("");
    setFound([]);
  }
}

function Close() {
  const v = view.value;
  const r = result.value!;
  const closed = new Set(v[v.editing].flatMap((m) => (m.kind === "close" ? [m.id] : [])));
  const open: Row[] = r.sites.filter((s) => s["status"] === "open" && !closed.has(String(s["id"])));
  return (
    <label class="close">
      {say("app.close_center")}{" "}
      <select
        id="close"
        value=""
        onChange={(e) => {
          const id = e.currentTarget.value;
          e.currentTarget.value = "";
          if (id) edit((b) => [...b, { kind: "close", id }]);
        }}
      >
        <option value="">{say("app.choose_center")}</option>
        {open
          .map((s) => [String(s["id"]), String(s["name"] ?? s["id"])] as const)
          .sort((a, b) => a[1].localeCompare(b[1]))
          .map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </select>
    </label>
  );
}
