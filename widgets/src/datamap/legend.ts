// What the colours mean; a click keeps only those rows in scope, dataset-wide.
import { formatCount, h, plural, put } from "../dom.ts";
import { css, grey, greySlot } from "../palette.ts";
import { roving } from "../roving.ts";
import type { Colouring, Entry } from "./colour.ts";
import type { MapModel } from "./model.ts";

interface Clause {
  column?: string;
  values?: number[];
  range?: [number, number];
}

const inside = (part: [number, number], whole: [number, number]): boolean =>
  part[0] >= whole[0] - 1e-6 && part[1] <= whole[1] + 1e-6;

/** What a share from 0 to 1 is a share of: the name of its column does not say. */
const SHARES: Record<string, string> = {
  trust: "share of nearest neighbours that are near here",
  agreement: "share of nearest neighbours in common",
};

/** Does a clause keep the rows of this entry? */
function kept(entry: Entry, clause: Clause): boolean {
  if (entry.values?.length && clause.values) return entry.values.every((v) => clause.values!.includes(v));
  if (entry.range && clause.range) return inside(entry.range, clause.range);
  return false;
}

/** How many rows of each slot are among those of a bitmask. */
export function countAmong(codes: Uint8Array, bits: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = 0; i < codes.length; i++) if (bits[i >> 3] & (1 << (i & 7))) counts[codes[i]]++;
  return counts;
}

/** Bitmask of the rows whose slot is among `slots`. */
export function rowsOfSlots(codes: Uint8Array, slots: number[]): Uint8Array<ArrayBuffer> {
  const wanted = new Uint8Array(256);
  for (const slot of slots) wanted[slot] = 1;
  const bits = new Uint8Array((codes.length + 7) >> 3);
  for (let i = 0; i < codes.length; i++) if (wanted[codes[i]]) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

/** Entries kept after a click: that one alone; with Shift one more or one less. */
export function toggled(entries: Entry[], on: Entry[], clicked: Entry, extend: boolean): Entry[] {
  if (!extend) return on.length === 1 && on[0] === clicked ? [] : [clicked];
  if (clicked.range) {
    // Ranges stay in one piece: everything from the first to the last.
    const slots = [...on, clicked].map((entry) => entry.slot);
    if (on.includes(clicked) && on.length > 1) return on.filter((entry) => entry !== clicked);
    return entries.filter((e) => e.range && e.slot >= Math.min(...slots) && e.slot <= Math.max(...slots));
  }
  return on.includes(clicked) ? on.filter((entry) => entry !== clicked) : [...on, clicked];
}

/** What is said to the dataset: the column and the values or the range that stay. */
export function clauseOf(colouring: Colouring, on: Entry[]): Clause | null {
  if (on.length === 0) return null;
  if (on.every((entry) => entry.values)) {
    return { column: colouring.column, values: on.flatMap((entry) => entry.values!).sort((a, b) => a - b) };
  }
  const ranges = on.flatMap((entry) => (entry.range ? [entry.range] : []));
  return {
    column: colouring.column,
    range: [Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1]))],
  };
}

export function makeLegend(model: MapModel): HTMLElement {
  const title = h("span", { class: "dsx-legend-title" });
  const list = h("div", { class: "dsx-legend-list", role: "group" });
  const clear = h("button", { class: "dsx-chip dsx-legend-clear", type: "button", title: "Take this filter away", onclick: () => clearAll() }, "Show all");
  const bar = h("div", { class: "dsx-legend" }, title, list, clear);

  const clauseNow = (): Clause | null =>
    model.colouring.column ? (model.store.clause(model.colouring.column) as Clause | null) : null;
  const apply = (on: Entry[]) => {
    const { colouring, store } = model;
    const clause = clauseOf(colouring, on);
    store.setClause(colouring.column, clause, clause && rowsOfSlots(colouring.codes, on.map((e) => e.slot)));
  };
  const clearAll = () => {
    apply([]);
    list.querySelector("button")?.focus({ preventScroll: true }); // the button that was pressed is gone
  };
  const click = (entry: Entry, event: MouseEvent) => {
    const { entries } = model.colouring;
    const clause = clauseNow();
    const on = clause ? entries.filter((e) => kept(e, clause)) : [];
    apply(toggled(entries, on, entry, event.shiftKey || event.ctrlKey || event.metaKey));
  };

  const tabs = roving(bar);
  const draw = () => {
    const { colouring, theme } = model;
    const { entries, shape } = colouring;
    const colours = colouring.colours(theme);
    const clause = clauseNow();
    const buttons = () => [...list.querySelectorAll("button")];
    const focused = buttons().findIndex((button) => button === document.activeElement);
    // The choice of colours names its column already; only what adds to that name is said again.
    title.textContent = colouring.about === "correctness" ? colouring.title : (SHARES[colouring.column] ?? "");
    bar.hidden = entries.length === 0;
    bar.classList.toggle("dsx-filtered", clause !== null);
    list.classList.toggle("dsx-legend-bar", shape === "bar");
    list.setAttribute("aria-label", `${colouring.title}: choose which rows stay`);
    clear.hidden = clause === null;
    // How many a press would leave: of the rows that the other filters keep.
    const { store } = model;
    const counts = store.clauses().length || store.scopeCount < store.n ? countAmong(colouring.codes, store.scopeWithout(colouring.column)) : null;
    const items = entries.map((entry) => {
        const which = greySlot(entry.slot);
        const rgb = which ? grey(theme, which) : colours[entry.slot];
        const on = clause !== null && kept(entry, clause);
        const can = Boolean(entry.values?.length || entry.range);
        const joined = shape === "bar" && can;
        const within = counts?.[entry.slot] ?? entry.count;
        const words = `${entry.label}: ${within < entry.count ? `${formatCount(within)} of ` : ""}${plural(entry.count, "row")}${within < entry.count ? " in scope" : ""}`;
        return h(
          "button",
          {
            type: "button",
            class: joined ? "dsx-legend-item dsx-legend-step" : "dsx-legend-item",
            "aria-pressed": can ? String(on) : null,
            disabled: !can,
            "aria-label": words,
            title: can ? `${words}. Click: only these; Shift+click: more` : words,
            onclick: (event: MouseEvent) => click(entry, event),
          },
          h("i", { class: "dsx-swatch", style: { background: css(rgb) } }),
          joined ? null : h("span", { class: "dsx-legend-label" }, entry.label),
        );
    });
    const steps = entries.filter((entry) => entry.range || entry.values?.length).length;
    put(list, ...(shape === "bar" ? [scale(entries, items.slice(0, steps)), ...items.slice(steps)] : items));
    if (focused >= 0) buttons()[focused]?.focus({ preventScroll: true });
    tabs();
  };
  for (const change of ["colour", "theme"] as const) model.on(change, draw);
  model.store.on("filter", draw, model.signal);
  draw();
  return bar;
}

/** Steps that join into one scale, in one piece, with the numbers at both ends. */
function scale(entries: Entry[], steps: HTMLElement[]): HTMLElement {
  const first = entries[0]?.label.split(" to ")[0] ?? "";
  const last = entries[steps.length - 1]?.label.split(" to ").at(-1) ?? "";
  const end = (text: string) => h("span", { class: "dsx-legend-end" }, text);
  return h("span", { class: "dsx-legend-scale" }, end(first), ...steps, end(last));
}

/** Keeps a region filter true to borders that were moved. */
export function refreshRegionClause(model: MapModel, colouring: Colouring): void {
  const clause = model.store.clause("region") as Clause | null;
  if (!clause?.values) return;
  const slots = colouring.entries.filter((entry) => kept(entry, clause)).map((entry) => entry.slot);
  model.store.setClause("region", clause, rowsOfSlots(colouring.codes, slots));
}
