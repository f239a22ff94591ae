// The row under the pointer: its text, label and epochs. What was sent once is never asked for again.
import { h, picture, put } from "../dom.ts";
import { nearest } from "../grid.ts";
import { toPixelX, toPixelY } from "../scale.ts";
import { OUT_OF_SCOPE, type RowDetail } from "../types.ts";
import type { MapModel } from "./model.ts";
import type { Plot } from "./plot.ts";
import { sparkline } from "./sparkline.ts";

const WAIT = 90; // ms of rest before the kernel is asked
const LONGEST = 320; // characters shown

export function makeTooltip(model: MapModel, plot: Plot): void {
  const card = h("div", { class: "dsx-map-tip", role: "tooltip", hidden: true });
  const spoken = h("div", { class: "dsx-unseen", "aria-live": "polite" });
  plot.stage.append(card, spoken);
  let timer = 0;

  const show = () => {
    clearTimeout(timer);
    const row = model.hover;
    card.hidden = row < 0;
    if (row < 0) return;
    const known = model.store.peek(row);
    fill(model, card, row, known, known ? "" : "Loading\u2026");
    stand(model, card, row);
    if (known) {
      say(row, known);
      return;
    }
    timer = window.setTimeout(() => {
      model.store.rows(withNeighbours(model, row)).then(
        () => {
          if (model.hover !== row) return;
          const detail = model.store.peek(row);
          fill(model, card, row, detail, "");
          stand(model, card, row);
          if (detail) say(row, detail);
        },
        (error: Error) => {
          if (model.hover === row) fill(model, card, row, null, error.message);
        },
      );
      if (model.store.busy) fill(model, card, row, null, "Kernel busy: the text comes when the cell ends");
    }, WAIT);
  };
  const say = (row: number, detail: RowDetail) => {
    // Only for those who came here by keys: a pointer would chatter.
    if (plot.plane.matches(":focus:not(.dsx-by-pointer)")) {
      spoken.textContent = `row ${row + 1}: ${cut(detail.text ?? "", 160)}; label ${detail.label ?? "none"}`;
    }
  };
  model.on("hover", show);
  model.on("view", () => model.hover >= 0 && stand(model, card, model.hover));
  model.signal.addEventListener("abort", () => clearTimeout(timer));
}

/** The row and a few that lie close to it: the pointer will be there next. */
function withNeighbours(model: MapModel, row: number): number[] {
  const rows = [row];
  if (model.moving || !model.layout) return rows;
  const { view, layout, store } = model;
  const rx = (14 / layout.plot.width) * (view.x1 - view.x0);
  const ry = (14 / layout.plot.height) * (view.y1 - view.y0);
  for (let k = 0; k < 8; k++) {
    const angle = (k * Math.PI) / 4;
    const x = model.x[row] + 1.3 * rx * Math.cos(angle);
    const y = model.y[row] + 1.3 * ry * Math.sin(angle);
    const found = nearest(model.grid(), x, y, rx, ry, store.state, OUT_OF_SCOPE);
    if (found >= 0 && !rows.includes(found) && !store.peek(found)) rows.push(found);
  }
  return rows;
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).trimEnd()}\u2026` : text;

function fill(model: MapModel, card: HTMLElement, row: number, detail: RowDetail | null, waiting: string): void {
  const x = model.x[row];
  const y = model.y[row];
  const place = model.isDataMap
    ? `confidence ${y.toFixed(3)} \u00b7 variability ${x.toFixed(3)}`
    : `${x.toPrecision(3)}, ${y.toPrecision(3)}`;
  const label = detail?.label ?? null;
  const right = detail?.correct?.reduce((sum, one) => sum + one, 0);
  const wrong = detail?.correct?.at(-1) === 0;
  const lines = [
    picture(detail?.image, ""),
    detail
      ? h("p", { class: "dsx-tip-text" }, detail.text ? cut(detail.text, LONGEST) : detail.id ?? `row ${row + 1}`)
      : h("p", { class: "dsx-tip-text dsx-soft" }, waiting),
    label === null
      ? null
      : h("p", { class: "dsx-tip-line" }, "label ", h("b", null, cut(label, 60)),
          detail?.relabelled ? ` \u2192 ${cut(detail.relabelled, 60)}` : null,
          wrong && detail?.suggested ? h("span", null, " \u00b7 model says ", h("b", null, cut(detail.suggested, 60))) : null),
    detail?.epochs?.length ? sparkline(detail.epochs, detail.correct, { width: 216, height: 40 }) : null,
    h("p", { class: "dsx-tip-line dsx-soft" }, place),
    right === undefined ? null : h("p", { class: "dsx-tip-line dsx-soft" }, `correct in ${right} of ${detail!.correct!.length} epochs`),
    detail?.tags.length || detail?.dropped
      ? h("p", { class: "dsx-tip-line dsx-soft" }, [detail.dropped ? "dropped" : "", ...detail.tags].filter(Boolean).join(" \u00b7 "))
      : null,
  ];
  put(card, ...lines);
}

/** Beside the dot, where there is room; never under the pointer, never off the stage. */
function stand(model: MapModel, card: HTMLElement, row: number): void {
  const { layout, view } = model;
  if (!layout) return;
  const { left, top } = layout.plot;
  const x = left + toPixelX(view, layout.plot, model.x[row]);
  const y = top + toPixelY(view, layout.plot, model.y[row]);
  const { offsetWidth: width, offsetHeight: height } = card;
  const { stage } = layout;
  const beside = x + 18 + width <= stage.width ? x + 18 : x - 18 - width >= 0 ? x - 18 - width : null;
  const across = beside ?? Math.max(0, Math.min(stage.width - width, x - width / 2));
  const down =
    beside === null
      ? y + 18 + height <= stage.height ? y + 18 : y - 18 - height
      : Math.max(0, Math.min(stage.height - height, y - height / 2));
  card.style.transform = `translate(${Math.round(across)}px, ${Math.round(down)}px)`;
}
