// Which columns may colour the points, and the choice among them.
import { h, put } from "../dom.ts";
import { colouringOf, isCorrectness, plain, type Colouring } from "./colour.ts";
import type { MapModel } from "./model.ts";
import { MISSING } from "../palette.ts";
import { colouringByRegion } from "./regions.ts";
import type { Geometry } from "../types.ts";

interface Choice {
  name: string;
  title: string;
}

/** Where a row stands, and numbers that only tell rows or groups apart: no colour would say anything. */
const COUNTERS = /^(x|y|duplicate_group|index|(__)?index_level_\d+(__)?|level_\d+|unnamed: ?\d+)$/i;

/** Correctness, label and region first, then every column that has colours; any that the author names. */
function choices(model: MapModel): Choice[] {
  const able = model.store.columns.filter(({ name, kind }) =>
    (kind === "category" || kind === "number") && (!COUNTERS.test(name) || name === model.ctx.spec.color));
  const list: Choice[] = [];
  if (able.some((c) => isCorrectness(c.name))) list.push({ name: "correctness", title: "correctness" });
  for (const c of able.filter((c) => c.role === "label")) list.push({ name: c.name, title: c.title });
  if (model.isDataMap) list.push({ name: "region", title: "region" });
  for (const c of able) {
    if (!isCorrectness(c.name) && !list.some((known) => known.name === c.name)) list.push({ name: c.name, title: c.title });
  }
  return list;
}

/** Whether correctness is known of no row: then it would be a map in grey. */
const unknown = ({ about, entries }: Colouring): boolean =>
  about === "correctness" && entries.every(({ slot, count }) => slot === MISSING || count === 0);

/** The name that the reader chose, else the author; "" where that is no choice. */
function wanted(model: MapModel): string {
  const name = String(model.ctx.state.color ?? (model.ctx.spec.color || (model.isDataMap ? "correctness" : "")));
  return isCorrectness(name) ? "correctness" : name;
}

/** Colours by name; correctness prefers the counts, which came along with the points. */
async function load(model: MapModel, name: string): Promise<Colouring> {
  const { store, geometry } = model;
  if (name === "region" && model.isDataMap) return colouringByRegion(model.x, model.y, model.thresholds);
  const names = store.columns.map((c) => c.name);
  const real = name === "correctness" && names.includes("n_correct") ? "n_correct" : name;
  const column = geometry.first?.name === real ? geometry.first : await store.column(real);
  return colouringOf(column, store.nEpochs);
}

/** The first colours, without waiting: what came with the points, else one colour for all. */
export const firstColouring = ({ n, first }: Geometry, nEpochs: number): Colouring =>
  first ? colouringOf(first, nEpochs) : plain(n);

export function makeColourChoice(model: MapModel): HTMLElement {
  const select = h("select", { class: "dsx-select", "aria-label": "Colour by" });
  let asked = "";
  let shown = "";

  const fill = () => {
    const list = choices(model);
    put(select, ...list.map(({ name, title }) => h("option", { value: name }, title)));
    const name = wanted(model);
    select.value = list.some((choice) => choice.name === name) ? name : (list[0]?.name ?? "");
    select.disabled = list.length < 2;
  };
  const show = async (again: boolean) => {
    const name = select.value;
    if (!name || (name === shown && !again)) return;
    asked = name;
    const late = window.setTimeout(() => model.note("colour", "Fetching the colours\u2026"), 300);
    try {
      const colouring = await load(model, name);
      if (asked !== name || model.signal.aborted) return;
      if (unknown(colouring) && model.isDataMap && !model.ctx.state.color) {
        // Python is told: its figure follows
        model.ctx.saveState({ color: "region" });
        fill();
        return void show(again);
      }
      shown = name;
      model.note("colour", null);
      model.setColouring(colouring);
    } catch (error) {
      model.note("colour", `No colours for ${name}: ${(error as Error).message}`);
    } finally {
      clearTimeout(late);
    }
  };
  const choose = () => {
    model.ctx.saveState({ color: select.value });
    void show(false);
  };
  select.addEventListener("change", choose);
  model.colourBy = (column) => {
    select.value = column;
    choose();
  };
  model.store.on("columns", () => {
    fill();
    void show(true);
  }, model.signal);
  let authored = model.ctx.spec.color;
  model.ctx.onSpec(() => {
    if (model.ctx.spec.color === authored) return;
    authored = model.ctx.spec.color;
    model.ctx.saveState({ color: null }); // what the author changes now comes after the reader's choice
    fill();
    void show(false);
  });
  model.on("positions", () => {
    // Regions are where the points stand; while they move, the colours wait.
    if (model.colouring.about === "region" && !model.moving) {
      model.setColouring(colouringByRegion(model.x, model.y, model.thresholds));
    }
  });
  fill();
  void show(false);
  return h("label", { class: "dsx-colour" }, h("span", null, "Colour"), select);
}
