// What the app asks of its server, and of nobody else.

export const base = new URL("../", location.origin + location.pathname.replace(/\/?$/, "/"));

export function at(path: string, query: Record<string, string | number | undefined> = {}): string {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  return url.href;
}

// Problem is what the server says of a request that it does not carry out.
export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly detail: string, readonly field = "", readonly accepted = "") {
    super([detail || title, accepted && `(${accepted})`].filter(Boolean).join(" "));
  }
}

export async function ask(url: string, options: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, options);
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, said.title ?? answer.statusText, said.detail ?? "", said.field, said.accepted);
}

export async function json<T>(path: string, query: Record<string, string | number | undefined> = {}, options: RequestInit = {}): Promise<T> {
  const answer = await ask(at(path, query), { ...options, headers: { Accept: "application/json, application/geo+json", ...options.headers } });
  return answer.json();
}

export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

// rows are those of a layer or table, without its shapes. Numbers are read as
// such: a cell is a text where the server says so.
export async function rows(collection: string, texts: Set<string> | Promise<Set<string>>, signal?: AbortSignal): Promise<Row[]> {
  const out: Row[] = [];
  for (let url: string | undefined = at(`collections/${encodeURIComponent(collection)}/items`, { f: "csv", limit: 10000 }); url; ) {
    const answer: Response = await ask(url, { signal });
    out.push(...table(await answer.text(), await texts));
    url = /<([^>]*)>;\s*rel="?next/.exec(answer.headers.get("Link") ?? "")?.[1];
  }
  return out;
}

// features are those of a layer, page after page.
export async function features(collection: string, query: Record<string, string | number | undefined>, signal?: AbortSignal): Promise<GeoJSON.FeatureCollection> {
  const out: GeoJSON.Feature[] = [];
  type Page = GeoJSON.FeatureCollection & { links?: { rel: string; href: string }[] };
  for (let url: string | undefined = at(`collections/${encodeURIComponent(collection)}/items`, { limit: 10000, ...query }); url; ) {
    const page: Page = await (await ask(url, { signal, headers: { Accept: "application/geo+json" } })).json();
    out.push(...page.features);
    url = page.links?.find((l) => l.rel === "next")?.href;
  }
  return { type: "FeatureCollection", features: out };
}

function table(text: string, texts: Set<string>): Row[] {
  const [head = [], ...lines] = csv(text);
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, cell(line[i] ?? "", texts.has(name) || name === "id")])));
}

function cell(text: string, plain: boolean): Cell {
  if (text === "") return plain ? "" : null;
  if (plain) return text;
  if (text === "true" || text === "false") return text === "true";
  const v = Number(text);
  return Number.isNaN(v) ? text : v;
}

// csv splits a text as RFC 4180 has it.
export function csv(text: string): string[][] {
  const out: string[][] = [];
  let line: string[] = [];
  let field = "";
  let quoted = false;
  const end = () => {
    line.push(field);
    field = "";
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") end();
    else if (c === "\n") {
      end();
      out.push(line);
      line = [];
    } else if (c !== "\r") field += c;
  }
  if (field !== "" || line.length > 0) {
    end();
    out.push(line);
  }
  return out;
}
