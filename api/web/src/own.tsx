// Layers of the user's own in the place of the atlas. What reads files is fetched when it is
// asked for, or when a file is dropped on the page.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { change, view } from "./view";
import { say } from "./words";

const opened = signal(false);
const dropped = signal<File[]>([]);

// takeFiles is how the page is told that files were dropped on it.
export function takeFiles(): void {
  const holdsFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") === true;
  addEventListener("dragover", (e) => holdsFiles(e) && e.preventDefault());
  addEventListener("drop", (e) => {
    if (!holdsFiles(e)) return;
    e.preventDefault();
    dropped.value = [...e.dataTransfer!.files];
    opened.value = true;
  });
}

export function OwnLayers() {
  const [Wizard, setWizard] = useState<ComponentType<{ files: typeof dropped; done: () => void }>>();
  const head = useRef<HTMLElement>(null);
  const v = view.value;
  useEffect(() => {
    if (opened.value) void import("./wizard").then((m) => setWizard(() => m.Wizard));
  }, [opened.value]);
  const close = () => {
    opened.value = false;
    head.current?.focus(); // the button that had the focus is gone
  };
  return (
    <details class="own" open={opened.value} onToggle={(e) => (opened.value = e.currentTarget.open)}>
      <summary ref={head}>{say("app.own")}</summary>
      {opened.value && Wizard && <Wizard files={dropped} done={close} />}
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
