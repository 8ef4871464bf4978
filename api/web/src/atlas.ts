// The map itself: MapLibre with our own layers and no others. It is told what to
// show and says what was clicked; it holds no state of the app.

import { AttributionControl, Map as GL, NavigationControl, prewarm, ScaleControl, setWorkerUrl, type ExpressionSpecification, type GeoJSONSource, type LngLat, type LngLatBounds, type LngLatBoundsLike, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { at } from "./server";
import { box, frame } from "./frame";
import { everyDoubt, type Shapes } from "./study";

setWorkerUrl(workerUrl);
prewarm();

export type Paint = { colours: Map<string, string>; doubts: Map<string, string> };
export type Site = { id: string; at: [number, number]; kind: "open" | "other" | "closed" | "new" | "candidate" };
export type Places = { tiles: string; layer: string; column: string; breaks: number[]; colours: string[] };

export type Said = {
  region: (id: string) => void;
  site: (id: string, at: [number, number]) => void;
  place: (at: [number, number]) => void; // while a center is being added
  hover: (id: string, x: number, y: number) => void; // "" off every region
  moved: (map: GL, byHand: boolean) => void;
};

const inks = {
  light: { sea: "#dfe8ee", land: "#f4f4f1", none: "#cfcfcf", line: "#7d848a", chosen: "#111", hatch: "#8a6d86", paper: "#fff" },
  dark: { sea: "#10161b", land: "#232a30", none: "#4a5157", line: "#11161a", chosen: "#fff", hatch: "#d9bcd5", paper: "#2c3338" },
};

// Paper is light, whatever the screen is.
const paper = matchMedia("print");
const dark = () => !paper.matches && matchMedia("(prefers-color-scheme: dark)").matches;

// hatches mark regions whose zero is in doubt, as on the printed map.
function hatch(kind: string, ink: string, paper?: string): ImageData {
  const size = 16;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const c = canvas.getContext("2d")!;
  if (paper) {
    c.fillStyle = paper;
    c.fillRect(0, 0, size, size);
  }
  c.strokeStyle = c.fillStyle = ink;
  c.lineWidth = 1.8;
  const lines = (...pairs: number[][]) => {
    c.beginPath();
    for (const [x0, y0, x1, y1] of pairs) {
      c.moveTo(x0!, y0!);
      c.lineTo(x1!, y1!);
    }
    c.stroke();
  };
  if (kind === "stated") lines([0, 4, 16, 4], [0, 12, 16, 12]);
  else if (kind === "doubtful") {
    for (const [x, y] of [[4, 4], [12, 12], [12, 4], [4, 12]]) {
      c.beginPath();
      c.arc(x!, y!, 2, 0, 7);
      c.fill();
    }
  } else if (kind === "incomplete") lines([0, 0, 16, 16], [16, 0, 0, 16]);
  else if (kind === "left out") lines([0, 16, 16, 0]);
  else lines([4, 0, 4, 16], [12, 0, 12, 16]);
  return c.getImageData(0, 0, size, size);
}

const padding = 24; // around the country, pixels

const nothing: Shapes = { type: "FeatureCollection", features: [] };

function style(): StyleSpecification {
  const ink = dark() ? inks.dark : inks.light;
  return {
    version: 8,
    transition: { duration: 0, delay: 0 },
    sources: {
      regions: { type: "geojson", data: nothing, promoteId: "id" },
      doubts: { type: "geojson", data: nothing },
      sites: { type: "geojson", data: nothing },
      area: { type: "geojson", data: nothing },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": ink.sea } },
      { id: "regions", type: "fill", source: "regions", paint: { "fill-color": ["coalesce", ["feature-state", "colour"], ink.none] as ExpressionSpecification, "fill-antialias": false } },
      { id: "doubts", type: "fill", source: "doubts", paint: { "fill-pattern": ["get", "kind"] } },
      { id: "lines", type: "line", source: "regions", paint: { "line-color": ink.line, "line-width": 0.7 } },
      { id: "area", type: "fill", source: "area", paint: { "fill-color": "#7b3294", "fill-opacity": 0.35 } },
      { id: "chosen", type: "line", source: "regions", filter: ["==", ["get", "id"], ""], paint: { "line-color": ink.chosen, "line-width": 2.4 } },
      {
        id: "sites", type: "circle", source: "sites",
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 2, ["match", ["get", "kind"], "new", 6, "candidate", 1.8, 3.4], 8, ["match", ["get", "kind"], "new", 10, "candidate", 4, 7]],
          "circle-color": ["match", ["get", "kind"], "new", "#c51b8a", "candidate", "#f6c9e4", "closed", ink.paper, "other", ink.paper, dark() ? "#fff" : "#1a1a1a"],
          "circle-stroke-color": ["match", ["get", "kind"], "closed", "#b30000", "candidate", "#c51b8a", "other", dark() ? "#fff" : "#1a1a1a", dark() ? "#1a1a1a" : "#fff"],
          "circle-stroke-width": ["match", ["get", "kind"], "closed", 2.2, "candidate", 0.7, 1.1],
        },
      },
    ],
  };
}

// Atlas is one map in an element. What it is told before it is ready waits.
export class Atlas {
  readonly gl: GL;
  private ready: Promise<void>;
  private painted = new Set<string>();
  private shapes?: Shapes;
  private shown?: Places | undefined;
  private onScreen: { bounds: LngLatBounds; center: LngLat; zoom: number } | undefined; // not on paper
  private scale = new ScaleControl({ maxWidth: 110 });
  adding = false;

  constructor(element: HTMLElement, said: Said, label: string, shapes: Shapes | undefined) {
    const bounds = shapes && frame(shapes);
    this.gl = new GL({
      container: element, style: style(), ...(bounds ? { bounds, fitBoundsOptions: { padding } } : { center: [0, 30], zoom: 1 }), attributionControl: false, dragRotate: false, pitchWithRotate: false,
      touchPitch: false, maxZoom: 12, fadeDuration: 0, renderWorldCopies: true,
    });
    this.gl.touchZoomRotate.disableRotation();
    this.gl.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.gl.addControl(this.scale, "bottom-left");
    this.gl.addControl(new AttributionControl({ compact: true, customAttribution: "Natural Earth, GeoNames" }), "bottom-right");
    this.gl.getCanvas().setAttribute("aria-label", label);
    this.ready = new Promise((done) => this.gl.once("style.load", () => done()));
    this.hatches();
    const look = () => {
      if (!paper.matches) this.onScreen = { bounds: this.gl.getBounds(), center: this.gl.getCenter(), zoom: this.gl.getZoom() };
    };
    void this.ready.then(look);
    this.gl.on("moveend", look);
    paper.addEventListener("change", this.reink);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
    this.gl.on("click", (e) => {
      const at: [number, number] = [e.lngLat.wrap().lng, e.lngLat.lat];
      if (this.adding) return said.place(at);
      const [x, y] = [e.point.x, e.point.y];
      const near = this.gl.queryRenderedFeatures([[x - 5, y - 5], [x + 5, y + 5]], { layers: ["sites"] })[0];
      if (near) return said.site(String(near.properties["id"]), at);
      const region = this.gl.queryRenderedFeatures(e.point, { layers: ["regions"] })[0];
      said.region(region ? String(region.properties["id"]) : "");
    });
    this.gl.on("mousemove", (e) => {
      const f = this.gl.queryRenderedFeatures(e.point, { layers: ["regions"] })[0];
      this.gl.getCanvas().style.cursor = this.adding ? "crosshair" : f ? "pointer" : "";
      said.hover(f ? String(f.properties["id"]) : "", e.point.x, e.point.y);
    });
    this.gl.on("mouseout", () => said.hover("", 0, 0));
    this.gl.getCanvas().addEventListener("keydown", (e) => {
      if (e.key === "Enter" && this.adding) {
        const c = this.gl.getCenter().wrap();
        said.place([c.lng, c.lat]);
      }
    });
    this.gl.on("move", (e) => said.moved(this.gl, e.originalEvent !== undefined));
  }

  private async hatches() {
    await this.ready;
    const ink = dark() ? inks.dark : inks.light;
    const put = (name: string, image: ImageData) => (this.gl.hasImage(name) ? this.gl.updateImage(name, image) : this.gl.addImage(name, image, { pixelRatio: 2 }));
    for (const kind of everyDoubt) {
      put(kind, hatch(kind, ink.hatch, ink.paper));
      put(`over ${kind}`, hatch(kind, ink.hatch)); // the colour of the class is seen between
    }
  }

  // reink draws the map anew for paper, and for the screen again, before the page is taken.
  private reink = () => {
    if (!this.gl.getLayer("sea")) return;
    const ink = dark() ? inks.dark : inks.light;
    const layers: { id: string; paint?: object }[] = [...style().layers, { id: "land", paint: { "fill-color": ink.land } }];
    if (this.shown) layers.push({ id: "places", paint: placesIn(this.shown, ink) });
    for (const { id, paint } of layers) {
      if (!this.gl.getLayer(id)) continue;
      for (const [name, value] of Object.entries(paint ?? {})) if (name.endsWith("-color")) this.gl.setPaintProperty(id, name as "fill-color", value);
    }
    void this.hatches();
    const seen = this.onScreen;
    this.gl.resize();
    if (seen && paper.matches) this.gl.fitBounds(seen.bounds, { duration: 0 }); // all of it, on a sheet of another shape
    else if (seen) this.gl.jumpTo(seen);
    this.gl.redraw();
  };

  // land comes when the data are there.
  private land() {
    if (this.gl.getSource("land")) return;
    this.gl.addSource("land", { type: "vector", tiles: [decodeURI(at("tiles/land/{z}/{x}/{y}.pbf"))], maxzoom: 5 });
    this.gl.addLayer({ id: "land", type: "fill", source: "land", "source-layer": "land", paint: { "fill-color": (dark() ? inks.dark : inks.light).land } }, "regions");
  }

  private source(name: string): GeoJSONSource {
    return this.gl.getSource(name) as GeoJSONSource;
  }

  async regions(shapes: Shapes) {
    if (this.shapes === shapes) return;
    const first = this.shapes === undefined;
    this.shapes = shapes;
    await this.ready;
    this.gl.removeFeatureState({ source: "regions" });
    this.painted.clear();
    this.source("regions").setData(named(shapes));
    if (!first) this.fit(700);
  }

  // stay begins where another map was.
  stay(center: LngLat, zoom: number) {
    this.gl.jumpTo({ center, zoom });
  }

  fit(duration: number) {
    const to = this.shapes && frame(this.shapes);
    if (to) this.gl.fitBounds(to as LngLatBoundsLike, { padding, duration });
  }

  async paint(p: Paint) {
    await this.ready;
    for (const [id, colour] of p.colours) this.gl.setFeatureState({ source: "regions", id }, { colour });
    for (const id of this.painted) if (!p.colours.has(id)) this.gl.removeFeatureState({ source: "regions", id }, "colour");
    this.painted = new Set(p.colours.keys());
    const seen = () => {
      if (!this.gl.isSourceLoaded("regions")) return;
      this.gl.off("render", seen);
      performance.mark("drawn");
      this.land();
    };
    this.gl.on("render", seen);
    const marked = (this.shapes?.features ?? []).filter((f) => p.doubts.has(String(f.id)));
    this.source("doubts").setData({ type: "FeatureCollection", features: marked.map((f) => ({ ...f, properties: { kind: p.doubts.get(String(f.id)) } })) });
  }

  async choose(id: string, fly: boolean) {
    await this.ready;
    this.gl.setFilter("chosen", ["==", ["get", "id"], id]);
    const f = id && fly ? this.shapes?.features.find((f) => String(f.id) === id) : undefined;
    const b = f && box(f.geometry);
    if (b && b[2] - b[0] < 180) this.gl.fitBounds([b[0], b[1], b[2], b[3]], { padding: 60, duration: 600, maxZoom: 7 });
  }

  async sites(list: Site[]) {
    await this.ready;
    const order = { candidate: 0, open: 1, other: 2, closed: 3, new: 4 };
    const sorted = [...list].sort((a, b) => order[a.kind] - order[b.kind]);
    this.source("sites").setData({
      type: "FeatureCollection",
      features: sorted.map((s) => ({ type: "Feature", geometry: { type: "Point", coordinates: s.at }, properties: { id: s.id, kind: s.kind } })),
    });
  }

  units(miles: boolean) {
    this.scale.setUnit(miles ? "imperial" : "metric");
  }

  // area shows an isochrone.
  async area(shapes: Shapes) {
    await this.ready;
    this.source("area").setData(shapes);
  }

  // places shows places as dots, or none.
  async places(p: Places | undefined) {
    await this.ready;
    if (this.gl.getLayer("places")) this.gl.removeLayer("places");
    if (this.gl.getSource("places")) this.gl.removeSource("places");
    this.gl.setPaintProperty("regions", "fill-opacity", p ? 0 : 1);
    this.gl.setPaintProperty("doubts", "fill-opacity", p ? 0 : 1);
    this.shown = p;
    if (!p) return;
    this.gl.addSource("places", { type: "vector", tiles: [p.tiles], maxzoom: 10 });
    this.gl.addLayer({
      id: "places", type: "circle", source: "places", "source-layer": p.layer,
      paint: {
        "circle-radius": ["interpolate", ["exponential", 1.5], ["zoom"], 2, ["max", 1.6, ["*", 0.005, ["sqrt", ["get", "population"]]]], 9, ["max", 3.5, ["*", 0.03, ["sqrt", ["get", "population"]]]]] as unknown as number,
        ...placesIn(p, dark() ? inks.dark : inks.light),
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 3, 0.15, 8, 0.6] as unknown as number,
      },
    }, "area");
  }

  remove() {
    paper.removeEventListener("change", this.reink);
    this.gl.remove();
  }
}

// placesIn are the colours of places.
function placesIn(p: Places, ink: typeof inks.light) {
  const steps: unknown[] = ["step", ["get", p.column], p.colours[0]!];
  p.breaks.forEach((b, i) => steps.push(b, p.colours[i + 1]!));
  return { "circle-color": ["case", ["has", p.column], steps, ink.none] as unknown as string, "circle-stroke-color": ink.line };
}

// named puts the id of each feature among its properties, where MapLibre finds it.
function named(shapes: Shapes): Shapes {
  return { type: "FeatureCollection", features: shapes.features.map((f) => ({ ...f, properties: { ...f.properties, id: String(f.id) } })) };
}
