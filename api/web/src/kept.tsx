// Scenarios that are kept under a name. They stand in the address, as all of the view does.

import { useState } from "preact/hooks";
import { change, keptHere, subject, view, type Kept as Scenario } from "./view";
import { say } from "./words";

const longest = 60; // letters of a name
const plain = (text: string) => text.trim().replaceAll("|", "/"); // the address has a use for that sign

export function Kept() {
  const v = view.value;
  const here = keptHere(v);
  const now = v[v.editing];
  const [text, setText] = useState("");
  const put = (list: Scenario[]) => change({ kept: [...v.kept.filter((k) => !here.includes(k)), ...list] });
  const keep = (name: string) => {
    put([...here.filter((k) => k.name !== name), { of: subject(v), name, moves: now }]);
    setText("");
  };
  const other = v.editing === "a" ? "b" : "a";
  return (
    <>
      {now.length > 0 && (
        <form
          class="keep"
          onSubmit={(e) => {
            e.preventDefault();
            if (text.trim()) keep(plain(text));
          }}
        >
          <label>
            {say("app.keep_as", { scenario: say(`app.scenario_${v.editing}`) })} <input name="keep" maxLength={longest} required value={text} onInput={(e) => setText(e.currentTarget.value)} />
          </label>
          <button type="submit" class="second">
            {say("app.keep")}
          </button>
        </form>
      )}
      {here.length > 0 && (
        <>
          <h3>{say("app.kept")}</h3>
          <ul class="kept">
            {here.map((k) => (
              <One
                key={k.name}
                scenario={k}
                taken={(name) => here.some((x) => x !== k && x.name === name)}
                show={() => change({ [v.editing]: k.moves, shown: v.editing })}
                compare={() => change({ [other]: k.moves, compare: "side" })}
                rename={(name) => put(here.map((x) => (x === k ? { ...k, name } : x)))}
                remove={() => put(here.filter((x) => x !== k))}
              />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

type Acts = { scenario: Scenario; taken: (name: string) => boolean; show: () => void; compare: () => void; rename: (name: string) => void; remove: () => void };

function One({ scenario, taken, show, compare, rename, remove }: Acts) {
  const v = view.value;
  const [text, setText] = useState<string>();
  const { name } = scenario;
  const same = JSON.stringify(v[v.editing]) === JSON.stringify(scenario.moves);
  if (text !== undefined) {
    const good = text.trim() !== "" && !taken(plain(text));
    return (
      <li>
        <form
          class="row"
          onSubmit={(e) => {
            e.preventDefault();
            if (!good) return;
            setText(undefined);
            rename(plain(text));
          }}
        >
          <input name="rename" aria-label={say("app.new_name", { name })} aria-invalid={!good} maxLength={longest} value={text} autofocus onInput={(e) => setText(e.currentTarget.value)} />
          <button type="submit" class="small" disabled={!good}>
            {say("app.keep")}
          </button>
        </form>
      </li>
    );
  }
  const button = (what: string, act: () => void, off = false) => (
    <button type="button" class="small" data-do={what} disabled={off} aria-label={say(`app.kept.${what}_it`, { name })} onClick={act}>
      {say(`app.kept.${what}`)}
    </button>
  );
  return (
    <li data-kept={name} aria-current={same ? "true" : undefined}>
      <span class="kept-name">
        {name} <small>({scenario.moves.length})</small>
      </span>{" "}
      {button("show", show, same && v.shown === v.editing)} {button("compare", compare, same)} {button("rename", () => setText(name))} {button("delete", remove)}
    </li>
  );
}
