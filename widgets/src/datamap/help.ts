// Behind the question mark: what one sees, how it misleads, where it comes from, and the keys.
import { h, link, uniqueId } from "../dom.ts";
import { icon } from "./icons.ts";
import { keysOf } from "./keyboard.ts";
import type { MapModel } from "./model.ts";

const PLANE =
  "One unit is the same length both ways, and neither direction means anything: only what lies near what. Names are of clusters, coarse on the whole, finer as one comes closer; grey rows are in none. The lines enclose 90, 70, 50, 30 and 10% of the rows in view. As density, colours of dots that lie on each other are averaged.";

export interface Help {
  button: HTMLButtonElement;
  panel: HTMLElement;
  toggle(): void;
}

export function makeHelp(model: MapModel): Help {
  const id = uniqueId("help");
  const help = model.ctx.spec.help ?? {};
  const close = h("button", { type: "button", class: "dsx-button dsx-icon dsx-help-close", "aria-label": "Close", onclick: () => toggle() }, icon("close"));
  const notes: string[] = Array.isArray(help.notes) ? help.notes : [];
  const rule =
    "Regions: ambiguous from the variability border up; below it easy to learn from the confidence border up, else hard to learn. The borders are dsx's choice: drag them.";
  const part = (title: string, ...text: (Node | string | null)[]) =>
    h("section", null, h("h4", null, title), h("p", null, ...text));
  const panel = h(
    "div",
    { class: "dsx-help", id, role: "dialog", "aria-label": "About this picture", tabindex: -1, hidden: true },
    close,
    help.says ? part("What you see", help.says) : null,
    help.misleads ? part("How it misleads", help.misleads) : null,
    model.isDataMap ? part("What is drawn", rule, " Histograms count the rows in view; blue is the selected share. As density, colours of dots that lie on each other are averaged.") : part("What is drawn", PLANE),
    notes.length ? h("section", null, h("h4", null, "About these rows"), ...notes.map((note) => h("p", null, note))) : null,
    help.paper ? part("Source", link(help.url, help.paper)) : null,
    h("section", { class: "dsx-keys" }, h("h4", null, "Pointer and keys"), h("dl", null, ...keysOf(model).flatMap(([key, does]) => [h("dt", null, key), h("dd", null, does)]))),
  );
  const button = h(
    "button",
    { type: "button", class: "dsx-button dsx-icon dsx-ask", "aria-label": "About this picture", "aria-expanded": "false", "aria-controls": id, title: "What is this? How does it mislead?", onclick: () => toggle() },
    "?",
  );
  let back: HTMLElement | null = null;
  const toggle = () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) {
      (back ?? button).focus({ preventScroll: true });
    } else {
      back = panel.ownerDocument.activeElement instanceof HTMLElement && model.root.contains(panel.ownerDocument.activeElement) ? panel.ownerDocument.activeElement : null;
      panel.focus({ preventScroll: true });
      panel.scrollIntoView({ block: "nearest" }); // asked for by key, it may lie above what is in sight
    }
  };
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    toggle();
  });
  // A press anywhere else closes it.
  document.addEventListener(
    "pointerdown",
    (event) => {
      const inside = event.composedPath();
      if (panel.hidden || inside.includes(panel) || inside.includes(button)) return;
      panel.hidden = true;
      button.setAttribute("aria-expanded", "false");
    },
    { signal: model.signal, capture: true },
  );
  return { button, panel, toggle };
}
