// Over the rows: what each column is; a press sorts. And the panel in which columns are chosen.
import { icon } from "../datamap/icons.ts";
import { h, put } from "../dom.ts";
import type { ColumnInfo } from "../types.ts";
import { roving } from "../roving.ts";
import { NEARNESS, type RowsModel } from "./model.ts";
import { openPopover } from "./popover.ts";

const sortable = (info: ColumnInfo): boolean => info.kind !== "epochs";

/** First press sorts upwards, the second downwards, the third gives the dataset's own order. */
function turn(model: RowsModel, name: string): void {
  const { sort } = model;
  if (sort?.name !== name || model.ranked) model.setSort({ name, descending: false });
  else if (!sort.descending) model.setSort({ name, descending: true });
  else model.setSort(null);
}

function heading(model: RowsModel, info: ColumnInfo, side: "left" | "right"): HTMLElement {
  const { sort } = model;
  const on = sort?.name === info.name && !model.ranked;
  const way = on ? (sort?.descending ? "descending" : "ascending") : "not sorted";
  const next = !on ? "ascending" : sort?.descending ? "back to the order of the dataset" : "descending";
  const button = h(
    "button",
    {
      type: "button",
      class: on ? "dsx-rows-head-name dsx-on" : "dsx-rows-head-name",
      "aria-label": `${info.title}, ${way}. Sort ${next}`,
      title: `Sort by ${info.title}: ${next}`,
      onclick: () => turn(model, info.name),
    },
    h("span", null, info.title),
    on ? h("span", { class: "dsx-rows-way", "aria-hidden": "true" }, sort?.descending ? "↓" : "↑") : null,
  );
  return h("div", { class: `dsx-rows-head-cell dsx-${side}` }, button);
}

export function makeHead(model: RowsModel): HTMLElement {
  const head = h("div", { class: "dsx-rows-head", role: "toolbar", "aria-label": "Columns: press to sort" });
  const tabs = roving(head);
  const write = () => {
    const { columns } = model.store;
    const text = columns.find(({ role }) => role === "text");
    const label = columns.find(({ role }) => role === "label");
    const { measure, sort } = model;
    // a sort by a column that is nowhere else in the head is said beside the text
    const sorted = sort && !model.ranked ? model.info(sort.name) : undefined;
    const named = [text, label, measure, ...model.extra].some((info) => info?.name === sorted?.name);
    const nearest = h("div", { class: "dsx-rows-head-cell dsx-right" },
      h("button", { type: "button", class: "dsx-rows-head-name dsx-on", title: "Listed by similarity: press for the order before", onclick: () => model.setSort(sort) },
        h("span", null, NEARNESS.title), h("span", { class: "dsx-rows-way", "aria-hidden": "true" }, "↓")));
    const focus = head.contains(document.activeElement) ? (document.activeElement as HTMLElement).title.split(":")[0] : null;
    put(
      head,
      h("div", { class: "dsx-rows-head-cell" },
        text ? heading(model, text, "left") : null,
        label ? heading(model, label, "left") : null,
        sorted && !named ? heading(model, sorted, "left") : null,
        picker,
      ),
      ...model.extra.map((info) => h("div", { class: "dsx-row-extra" }, heading(model, info, info.kind === "number" ? "right" : "left"))),
      model.store.nEpochs > 1 ? h("div", { class: "dsx-rows-head-cell dsx-rows-head-spark", title: "Probability that the model gave the row's label, epoch by epoch" }, "by epoch") : null,
      model.ranked ? nearest : measure ? heading(model, measure, "right") : null,
    );
    tabs();
    if (focus) [...head.querySelectorAll("button")].find(({ title }) => title.startsWith(focus))?.focus({ preventScroll: true });
  };
  const picker = h("button", {
    type: "button",
    class: "dsx-rows-head-name dsx-rows-picker",
    title: "Choose the columns shown, sort by any",
    "aria-label": "Columns",
    "aria-haspopup": "dialog",
    onclick: () => {
      if (picker.getAttribute("aria-expanded") === "true") return;
      openPopover(picker, makePicker(model), { label: "Columns", signal: model.ctx.signal });
    },
  }, icon("columns"), h("span", null, "Columns"));
  model.on("look", write);
  write();
  return head;
}

function makePicker(model: RowsModel): HTMLElement {
  const body = h("div", { class: "dsx-pop-columns" });
  const write = () => {
    const lines = model.store.columns.filter(sortable).map((info) => {
      const fixed = info.role === "text" || info.role === "label";
      const box = h("input", { type: "checkbox", disabled: fixed, title: fixed ? "always shown" : null });
      box.checked = fixed || model.columns.includes(info.name);
      box.addEventListener("change", () => {
        const rest = model.columns.filter((name) => name !== info.name);
        model.setColumns(box.checked ? [...rest, info.name] : rest);
      });
      const { sort } = model;
      const arrow = (descending: boolean) => {
        const on = !model.ranked && sort?.name === info.name && sort.descending === descending;
        const words = `Sort by ${info.title}, ${descending ? "descending" : "ascending"}`;
        const button = h("button", { type: "button", class: "dsx-pop-way", "aria-pressed": String(on), "aria-label": words, title: words }, descending ? "↓" : "↑");
        button.addEventListener("click", () => {
          model.setSort(on ? null : { name: info.name, descending });
          write();
          body.querySelector<HTMLElement>(`[aria-label="${CSS.escape(words)}"]`)?.focus();
        });
        return button;
      };
      return h("div", { class: "dsx-pop-column" },
        h("label", null, box, h("span", { class: "dsx-pop-name" }, info.title), h("span", { class: "dsx-soft" }, info.kind)),
        arrow(false),
        arrow(true),
      );
    });
    put(body, h("div", { class: "dsx-pop-title dsx-soft" }, h("span", null, "Show"), h("span", null, "Sort")), ...lines);
  };
  write();
  return body;
}

const LEAST_TEXT = 190;

/** Widths of the cells of a row, those that are left where there is no room, and how much room it takes. */
export function gridColumns(model: RowsModel): { wide: string; narrow: string; room: number } {
  const fixed = `${model.store.nEpochs > 1 ? "68px" : ""} ${model.measure ? "84px" : ""}`;
  const extra = model.extra.map(({ kind }) => (kind === "number" ? "76px" : "minmax(70px, 110px)")).join(" ");
  const widths = model.extra.reduce((sum, { kind }) => sum + 14 + (kind === "number" ? 76 : 110), 24 + LEAST_TEXT);
  const room = widths + (model.store.nEpochs > 1 ? 82 : 0) + (model.measure ? 98 : 0);
  return { wide: `minmax(0, 1fr) ${extra} ${fixed}`, narrow: `minmax(0, 1fr) ${fixed}`, room };
}
