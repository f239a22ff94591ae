// The row under the pointer: its text, label and epochs. What was sent once is never asked for again.
import { h, picture, put } from "../dom.ts";
import { nearest } from "../grid.ts";
import { toPixelX, toPixelY } from "../scale.ts";
import { OUT_OF_SCOPE, type RowDetail } from "../types.ts";
import type { MapModel } from "./model.ts";
import type { Plot } from "./plot.ts";
import { placeCard } from "./place.ts";
import { sparkline } from "./sparkline.ts";

const WAIT = 90; // ms of rest before the kernel is asked
const LONGEST = 320; // characters shown

export function makeTooltip(model: MapModel, plot: Plot): void {
  const card = h("div", { class: "dsx-map-tip", role: "tooltip", hidden: true });
  const spoken = h("div", { class: "dsx-unseen", "aria-live": "polite" });
  // Over the whole frame, not the plot alone: a tall card would be cut at the plot's edge.
  model.root.append(card);
  plot.stage.append(spoken);
  const again = () => model.hover >= 0 && stand(model, card, plot.stage, model.hover);
  const sized = new ResizeObserver(again); // an image has its height only once it is decoded
  sized.observe(card);
  let timer = 0;

  const show = () => {
    clearTimeout(timer);
    const row = model.hover;
    card.hidden = row < 0;
    if (row < 0) return;
    const known = model.store.peek(row);
    fill(model, card, row, known, known ? "" : "Loading\u2026");
    stand(model, card, plot.stage, row);
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
          stand(model, card, plot.stage, row);
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
  model.on("view", again);
  model.on("positions", again);
  model.signal.addEventListener("abort", () => {
    sized.disconnect();
    clearTimeout(timer);
  });
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

/** What a row's colour stands for; "" where the card says it already. */
function colourWords({ colouring, codes, store }: MapModel, row: number): string {
  const entry = colouring.entries.find(({ slot }) => slot === codes[row]);
  const role = store.columns.find(({ name }) => name === colouring.column)?.role;
  return entry && role !== "label" ? `${colouring.title} ${entry.label}` : "";
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).trimEnd()}\u2026` : text;

function fill(model: MapModel, card: HTMLElement, row: number, detail: RowDetail | null, waiting: string): void {
  const x = model.x[row];
  const y = model.y[row];
  // Where a row lies on an embedding map means nothing by itself; its colour does.
  const place = model.isDataMap ? `confidence ${y.toFixed(3)} \u00b7 variability ${x.toFixed(3)}` : colourWords(model, row);
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
    place ? h("p", { class: "dsx-tip-line dsx-soft" }, place) : null,
    right === undefined ? null : h("p", { class: "dsx-tip-line dsx-soft" }, `correct in ${right} of ${detail!.correct!.length} epochs`),
    detail?.tags.length || detail?.dropped
      ? h("p", { class: "dsx-tip-line dsx-soft" }, [detail.dropped ? "dropped" : "", ...detail.tags].filter(Boolean).join(" \u00b7 "))
      : null,
  ];
  put(card, ...lines);
}

/** Beside the dot, where there is room; never under the pointer, never off the frame. */
function stand(model: MapModel, card: HTMLElement, stage: HTMLElement, row: number): void {
  const { layout, view } = model;
  if (!layout) return;
  const { left, top } = layout.plot;
  const x = stage.offsetLeft + left + toPixelX(view, layout.plot, model.x[row]);
  const y = stage.offsetTop + top + toPixelY(view, layout.plot, model.y[row]);
  const { offsetWidth: width, offsetHeight: height } = card;
  const room = { width: model.root.clientWidth, height: model.root.clientHeight };
  const at = placeCard({ x, y }, { width, height }, room);
  card.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
}
