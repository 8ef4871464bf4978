import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Charts } from "./charts";
import { Figures } from "./figures";
import { Maps } from "./map";
import { Moves } from "./moves";
import { OwnLayers, takeFiles } from "./own";
import { Ranking } from "./ranking";
import { base, json } from "./server";
import { Story } from "./story";
import { again, busy, failure, keep, result } from "./study";
import "./style.css";
import { Column, Table } from "./table";
import { Paper, Take } from "./take";
import { change, first, follow, listen, view, start } from "./view";
import { countryOf, language, languages, miles, nameOf as languageName, say, speak } from "./words";

type Country = { country: string; name: string; part: string };

function App() {
  const [countries, setCountries] = useState<Country[]>([]);
  useEffect(() => {
    json<{ countries: Country[] }>("density", { by: "country" }).then((d) => setCountries(d.countries.filter((c) => !c.part)), () => undefined);
  }, []);
  const v = view.value;
  const r = result.value;
  const title = v.own ? say("app.own_title") : countryOf(v.country);
  useEffect(() => {
    document.title = `${title} – careshed`;
  }, [title]);
  return (
    <>
      <a class="skip" href="#table-head">
        {say("app.skip")}
      </a>
      <header>
        <h1>
          <a href={base.href}>careshed</a> <span>{say("app.question")}</span>
        </h1>
        <p class="on-paper">{title}</p>
        <p class="settings">
          <label>
            {say("app.language")}{" "}
            <select id="language" value={language.value} onChange={(e) => void speak(e.currentTarget.value)}>
              {languages.map((code) => (
                <option key={code} value={code}>
                  {languageName(code)}
                </option>
              ))}
            </select>
          </label>{" "}
          <label>
            {say("app.units")}{" "}
            <select value={miles.value ? "mi" : "km"} onChange={(e) => (miles.value = e.currentTarget.value === "mi")}>
              <option value="km">{say("app.kilometres")}</option>
              <option value="mi">{say("app.miles")}</option>
            </select>
          </label>
        </p>
      </header>
      <main>
          <section class="bar" aria-label={say("app.what")}>
            {!(v.own?.places && v.own.sites) && (
              <label>
                {say("app.country")}{" "}
                <select
                  id="country"
                  value={v.country}
                  onChange={(e) => change({ country: e.currentTarget.value, region: "", a: [], b: [], shown: "today", compare: "one", study: "" })}
                >
                  {(countries.length ? countries : [{ country: v.country, name: v.country, part: "" }]).map((c) => (
                    <option key={c.country} value={c.country}>
                      {countryOf(c.country)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <fieldset class="tabs">
              <legend>{say("app.layer")}</legend>
              {(["regions", "places"] as const).map((l) => (
                <label key={l}>
                  <input type="radio" name="layer" checked={v.layer === l} disabled={l === "regions" && !!v.own?.places && !v.own.regions} onChange={() => change({ layer: l, column: l === "regions" ? "per_10m" : "time_min" })} />
                  {say(`app.layer.${l}`)}
                </label>
              ))}
            </fieldset>
            <Column />
            <OwnLayers />
          </section>
        <div class={r ? "maps-area" : "maps-area empty"} aria-busy={busy.value} data-study={busy.value ? "" : (r?.id ?? "")}>
          <Maps />
        </div>
        <div class="side">
          {failure.value && (
            <p class="wrong" role="alert">
              {failure.value}{" "}
              <button type="button" onClick={() => again.value++}>
                {say("app.again")}
              </button>{" "}
              <button type="button" onClick={() => change({ ...first, kept: v.kept })}>
                {say("app.start_again")}
              </button>
            </p>
          )}
          {!r && busy.value && (
            <p class="hint" role="status">
              {say("app.working")}
            </p>
          )}
          {r && v.study && v.study !== r.id && !busy.value && <p class="word">{say("app.another_study")}</p>}
          <Figures />
          <Story />
          <Moves />
          <Ranking />
          <Take />
          <Paper />
        </div>
        <div class="below">
          <Charts />
          <Table />
        </div>
      </main>
    </>
  );
}

keep(); // the study is under way while the texts come
await speak(start.lang);
follow();
listen();
takeFiles();
render(<App />, document.getElementById("app")!);
