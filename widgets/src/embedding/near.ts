// The nearest neighbours of a row by its vector: lines on the map, and a small card that lists them.
import { h, put } from "../dom.ts";
import { icon } from "../datamap/icons.ts";
import type { MapModel } from "../datamap/model.ts";
import type { Plot } from "../datamap/plot.ts";
import { toPixelX } from "../scale.ts";
import type { Found, RowDetail } from "../types.ts";

const K = 10;
const LONGEST = 90; // characters of a text

export interface Near {
  /** Show the neighbours of a row; of the same row again: let go. */
  toggle(row: number): void;
  /** Let go; false where nothing was held. */
  release(): boolean;
}

const short = (detail: RowDetail | null, row: number): string => {
  const text = (detail?.text ?? detail?.id ?? `row ${row + 1}`).replace(/\s+/g, " ").trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST).trimEnd()}\u2026` : text || "(empty)";
};

export function makeNear(model: MapModel, plot: Plot): Near {
  const { store } = model;
  const card = h("div", { class: "dsx-near", role: "dialog", "aria-label": "Nearest neighbours", hidden: true });
  plot.stage.append(card);
  let asked = 0;
  const release = () => {
    asked++;
    if (card.hidden) return false;
    const inside = card.contains(document.activeElement);
    card.hidden = true;
    model.setPin(null);
    if (inside) plot.plane.focus({ preventScroll: true });
    return true;
  };
  const close = () =>
    h("button", { type: "button", class: "dsx-near-close", title: "Let go (Esc)", "aria-label": "Let go", onclick: release }, icon("close"));
  const head = (row: number) =>
    h("header", null, h("p", { class: "dsx-near-of" }, short(store.peek(row), row)), close());

  /** In the corner that is further from the row. */
  const dock = (row: number) => {
    const { layout, view, x } = model;
    card.classList.toggle("dsx-right", layout !== null && toPixelX(view, layout.plot, x[row]) < layout.plot.width / 2);
  };

  const show = async (row: number) => {
    const mine = ++asked;
    if (card.hidden) dock(row);
    const current = () => mine === asked && !model.signal.aborted;
    model.setPin({ row, near: new Uint32Array() });
    put(card, head(row), h("p", { class: "dsx-soft" }, "Looking for its nearest neighbours\u2026"));
    card.hidden = false;
    try {
      const encoder: string = model.ctx.spec.method?.encoder ?? "";
      const found = await store.neighbours(row, K, encoder);
      if (!current()) return;
      model.setPin({ row, near: found.rows });
      await store.rows([row, ...found.rows]);
      if (current()) list(row, found);
    } catch (error) {
      if (!current()) return;
      const again = h("button", { type: "button", class: "dsx-link", onclick: () => void show(row) }, "Try again");
      put(card, head(row), h("p", { class: "dsx-soft" }, (error as Error).message, " ", again));
    }
  };

  const list = (row: number, { rows, similarity, how }: Found) => {
    const items = [...rows].map((near, k) =>
      h(
        "li",
        null,
        h(
          "button",
          {
            type: "button",
            title: "Show its neighbours",
            onclick: () => void show(near),
            onmouseenter: () => model.setHover(near),
            onmouseleave: () => model.setHover(-1),
            onfocus: () => model.setHover(near),
            onblur: () => model.setHover(-1),
          },
          h("span", { class: "dsx-near-text" }, short(store.peek(near), near)),
          h("span", { class: "dsx-near-number" }, similarity[k].toFixed(2)),
        ),
      ),
    );
    const all = Uint32Array.from([row, ...rows]).sort();
    const pick = h("button", { type: "button", class: "dsx-button dsx-near-pick", onclick: () => store.select("set", all, "neighbours") }, "Select these");
    const caption = h("p", { class: "dsx-near-how dsx-soft", title: "How alike the vectors are: 1 is the same direction" }, ["Cosine similarity", how].filter(Boolean).join(", "));
    put(
      card,
      head(row),
      rows.length ? h("ol", null, ...items) : h("p", { class: "dsx-soft" }, "It has no neighbours: its vector could not be used."),
      h("footer", null, caption, rows.length ? pick : null),
    );
  };

  card.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    release();
  });
  let shownEncoder = model.ctx.spec.method?.encoder;
  model.on("points", () => {
    // another encoder has other neighbours
    const row = model.pin?.row ?? -1;
    if (row >= 0 && !model.geometry.frame && shownEncoder !== model.ctx.spec.method?.encoder) void show(row);
    shownEncoder = model.ctx.spec.method?.encoder;
  });
  return {
    toggle: (row) => {
      if (!card.hidden && model.pin?.row === row) release();
      else void show(row);
    },
    release,
  };
}
