// The texts of the table that the printed maps and fact sheets use too
// (api/words): {name} stands for an argument, and {n, plural, one {…} other {…}}
// for forms by number.

import { columns, type Column } from "./register";
import { signal } from "@preact/signals";

type Table = Record<string, string>;

const files = import.meta.glob<Table>("../../words/*.json", { import: "default" });

const codeOf = (path: string) => path.replace(/^.*\/|\.json$/g, "");

// languages are the codes there are, English first.
export const languages = Object.keys(files).map(codeOf).sort((a, b) => Number(b === "en") - Number(a === "en") || a.localeCompare(b));

// nameOf is what its speakers call a language.
export function nameOf(code: string): string {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

// tables are those of the languages that were asked for: each is fetched once.
const tables: Record<string, Table> = {};

export const language = signal("en");

// speak fetches the texts of a language and shows them.
export async function speak(code: string): Promise<void> {
  const load = Object.entries(files).find(([path]) => codeOf(path) === code)?.[1];
  if (!load) return;
  tables[code] ??= await load();
  language.value = code;
  first();
}

// spoken is kept once there are texts of a language: nothing can be said before.
let first = () => {};
export const spoken = new Promise<void>((done) => (first = done));

// countryOf is what the reader's language calls a country.
export function countryOf(code: string): string {
  try {
    return new Intl.DisplayNames([language.value], { type: "region" }).of(code) ?? code;
  } catch {
    return code; // no code of a country
  }
}

export const miles = signal(false);

export type Arguments = Record<string, string | number | string[]>;

// say is the text of a key. A key that is not there is a mistake of ours, and is
// seen as such.
export function say(key: string, given: Arguments = {}): string {
  const text = tables[language.value]?.[key];
  if (text === undefined) throw new Error(`no text ${key} in ${language.value}`);
  return fill(text, given);
}

// called is what a word of the data is called: the text whose key begins with of and
// ends with the word in small letters and digits, else the word itself.
export function called(of: string, word: string): string {
  const slug = word.toLowerCase().replace(/\+/g, " plus").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return has(of + slug) ? say(of + slug) : word;
}

export function has(key: string): boolean {
  return tables[language.value]?.[key] !== undefined;
}

function fill(text: string, given: Arguments, counted = ""): string {
  let out = "";
  for (let at = 0; at < text.length; ) {
    const c = text[at]!;
    if (c === "#" && counted !== "") {
      out += counted;
      at++;
    } else if (c === "{") {
      const end = closing(text, at);
      out += argument(text.slice(at + 1, end), given);
      at = end + 1;
    } else {
      out += c;
      at++;
    }
  }
  return out;
}

function closing(text: string, at: number): number {
  for (let depth = 0; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`a brace is not closed: ${text}`);
}

function argument(inside: string, given: Arguments): string {
  const [, name = "", forms] = /^\s*(\w+)\s*(?:,\s*plural\s*,([^]*))?$/.exec(inside) ?? [];
  const value = given[name];
  if (value === undefined) throw new Error(`no argument ${name}`);
  if (forms === undefined) return inPlain(value);
  const texts: Record<string, string> = {};
  for (let rest = forms.trim(); rest !== ""; ) {
    const from = rest.indexOf("{");
    const to = closing(rest, from);
    texts[rest.slice(0, from).trim()] = rest.slice(from + 1, to);
    rest = rest.slice(to + 1).trim();
  }
  const category = typeof value === "number" && Number.isInteger(value) ? new Intl.PluralRules(language.value).select(value) : "other";
  const form = texts[`=${value}`] ?? texts[category] ?? texts["other"]!;
  return fill(form, given, inPlain(value));
}

// inPlain is an argument as it stands in a text.
function inPlain(value: string | number | string[]): string {
  return typeof value === "number" ? number(value) : typeof value === "string" ? value : value.join(", ");
}

// told is a note of a study in the reader's language, as study.Note.In has it, and in the
// reader's units.
export function told(note: { key: string; args: Arguments }): string {
  const args = { ...note.args };
  const long = ["km", "swapped_km", "kmh"].filter((name) => typeof args[name] === "number");
  if (miles.value) for (const name of long) args[name] = (args[name] as number) / kmPerMile;
  const texts = (name: string) => (Array.isArray(note.args[name]) ? (note.args[name] as string[]) : undefined);
  const countries = texts("countries"), indications = texts("indications"), lists = texts("lists");
  if (countries) args["countries"] = countries.map(country);
  if (indications) args["indications"] = indications.map((k) => called("indication.", k));
  const inputs = texts("parameters");
  if (inputs) args["parameters"] = inputs.map((k) => called("input.", k));
  if (typeof args["list"] === "string") args["list"] = called("gap.is.", args["list"]);
  if (lists) {
    const of = texts("of"), keys = texts("keys"), listed = texts("listed");
    const said = lists.map((text, k) => {
      const key = keys?.[k];
      const list = key && has(key) ? say(key, { n: listed?.[k] ?? "" }) : text;
      return of?.[k] === undefined ? list : country(of[k]!) + say("join.colon") + list;
    });
    args["lists"] = said.join(say("join.also"));
  }
  const text = say(`note.${note.key}`, args);
  return miles.value && long.length > 0 ? inMiles(text) : text;
}

// inMiles writes units of length that stand alone as miles.
export const inMiles = (text: string): string => text.replace(/\bkm\/h\b/g, "mph").replace(/\bkm\b/g, "mi");

// lengths is an English text of the evidence with its lengths and speeds in the reader's units.
export function lengths(text: string): string {
  if (!miles.value) return text;
  const short = (v: string) => String(Number((Number(v) / kmPerMile).toPrecision(3)));
  return inMiles(text.replace(/(\d+(?:\.\d+)?)(?= km\b)/g, short).replace(/(?<=^km\/h \().*(?=\))/, (list) => list.replace(/\d+(?:\.\d+)?/g, short)));
}

// country is what a country of two letters is called.
function country(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames([language.value], { type: "region" }).of(code) ?? code;
}

// number writes up to three significant digits below 100 and whole numbers above.
export function number(v: number, decimals?: number): string {
  const digits = decimals !== undefined ? { minimumFractionDigits: decimals, maximumFractionDigits: decimals } : Math.abs(v) >= 100 || Number.isInteger(v) ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return v.toLocaleString(language.value, digits).replace("-", "−"); // as signed writes it
}

export function signed(v: number, write: (v: number) => string = number): string {
  return (v > 0 ? "+" : v < 0 ? "−" : "±") + write(Math.abs(v));
}

export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return say("app.under", { n: say("unit.percent", { n: number(0.1, 1) }) });
  return say("unit.percent", { n: number(100 * share, 1) });
}

// range is what lies between two numbers, as written: one where they read alike.
export function range(values: number[], write: (v: number) => string): string {
  const [low, high] = [write(Math.min(...values)), write(Math.max(...values))];
  return low === high ? low : say("app.to", { low, high });
}

// people is a number of people, or of patients, as a sentence has it: in millions from one
// million on, whole with two digits that count below, the first alone below one, and less
// than half a thousandth as 0.
export function people(n: number): string {
  const a = Math.abs(n);
  if (a >= 995_000) return say("unit.million", { n: number(n / 1e6, 1) });
  if (a >= 100) {
    const unit = 10 ** (Math.floor(Math.log10(a)) - 1);
    return number(Math.round(n / unit) * unit);
  }
  if (a >= 0.95) return number(Math.round(n));
  if (a < 0.0005) return number(0);
  const first = Number(n.toPrecision(1));
  return number(first, Math.round(0.4999 - Math.log10(Math.abs(first))));
}

// share is a share as a sentence has it: whole from a tenth on.
export function share(v: number): string {
  return v >= 0.0995 ? say("unit.percent", { n: number(Math.round(100 * v)) }) : percent(v);
}

// compact is a number in the little room of an axis.
export function compact(n: number): string {
  return n.toLocaleString(language.value, { notation: "compact" });
}

const kmPerMile = 1.609344;

// columnOf is what is known of a column by the name that it is written under: that of a
// scenario or of a supply is that of its stem.
export function columnOf(name: string): Column | undefined {
  const covers = (known: string, stem: string) => {
    const [head = "", tail] = known.split(/\{.*\}/);
    return tail === undefined ? known === stem : stem.length > head.length + tail.length && stem.startsWith(head) && stem.endsWith(tail);
  };
  for (let stem = name; stem; stem = stem.slice(0, Math.max(0, stem.lastIndexOf("_")))) {
    const found = columns.find((c) => covers(c.name, stem));
    if (found) return found;
  }
  return undefined;
}

// written is a value of a column as people read it.
export function written(v: number | null | undefined, unit = "", name = ""): string {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  const { kind, decimals } = columnOf(name) ?? { kind: "", decimals: undefined };
  if (kind === "share") return percent(v);
  if (unit === "km") return miles.value ? say("unit.miles", { n: number(Math.round(v / kmPerMile)) }) : say("unit.km", { n: number(Math.round(v)) });
  if (unit === "min") return say("unit.min", { n: number(Math.round(v)) });
  if (unit === "people" || kind === "people") return number(Math.round(v));
  if (kind === "rate" || kind === "patients") return number(v, decimals).replace(/^−(0\D?0*)$/, "$1");
  return number(v);
}
