// What the pointer is about: not part of the view, and not in the address.

import { effect, signal } from "@preact/signals";
import type { Shapes } from "./study";
import { view } from "./view";

export const adding = signal(false); // the next click on the map opens a center
export const hint = signal(""); // why the last click opened none
export const pointed = signal<{ id: string; at: [number, number] } | undefined>(undefined); // a center
export const nothing: Shapes = { type: "FeatureCollection", features: [] };
export const area = signal<Shapes>(nothing); // an isochrone

export type Candidate = { id: string; name: string; at: [number, number]; alone: string }; // what it gains by itself, in words
export const candidates = signal<Candidate[]>([]); // of the last ranking
export const planned = signal<{ name: string; hub: string | undefined }[]>([]); // the sites of the last ranking, with their partner centers
export const hovered = { fly: false }; // a choice made in a list moves the map, one made on it does not

// What belongs to a country goes with it.
let of = "";
effect(() => {
  const now = JSON.stringify([view.value.country, view.value.own]);
  if (of && now !== of) {
    area.value = nothing;
    candidates.value = [];
    planned.value = [];
    hint.value = "";
    adding.value = false;
  }
  of = now;
});
