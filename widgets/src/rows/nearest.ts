// The line that says what the rows are near to, by whose vectors, and takes it away.
import { icon } from "../datamap/icons.ts";
import { formatCount, h, put } from "../dom.ts";
import { byWords } from "../search/meaning.ts";
import type { RowsModel } from "./model.ts";

export function makeNearest(model: RowsModel, leave: () => void): HTMLElement {
  const line = h("div", { class: "dsx-nearest", hidden: true });
  let shown: unknown = null;
  const write = () => {
    const { ranking, ranked } = model;
    const key = ranking ? `${ranked}` : "";
    if (shown === ranking && line.dataset.key === key) return;
    shown = ranking;
    line.dataset.key = key;
    line.hidden = !ranking;
    if (!ranking) return put(line);
    const { query, row, how, rows } = ranking;
    const detail = row >= 0 ? model.store.peek(row) : null;
    const like = detail?.text?.trim() || (row >= 0 ? `row ${formatCount(row)}` : "");
    const what = row < 0
      ? h("span", { class: "dsx-nearest-what", title: query }, "Nearest to ", h("b", { dir: "auto" }, query))
      : h("span", { class: "dsx-nearest-what", title: like }, `${formatCount(rows.length - 1)} nearest to `, h("b", { dir: "auto" }, like));
    const whose = h("span", { class: "dsx-soft dsx-nearest-whose", title: [byWords(ranking), row < 0 ? "" : how].filter(Boolean).join(", ") }, byWords(ranking));
    const end = h("button", { type: "button", class: "dsx-nearest-end", title: "List all rows again", "aria-label": "List all rows again", onclick: () => {
      model.endRanking();
      leave(); // the button is gone now
    } }, icon("close"));
    const again = ranked ? null : h("button", { type: "button", class: "dsx-rows-tab", onclick: () => model.setRanked() }, "By similarity");
    put(line,
      h("div", { class: "dsx-nearest-line" }, what, whose, again, end),
      h("p", { class: "dsx-soft" }, "There always are nearest rows, near or not. The similarity at the right is at most 1."));
  };
  for (const part of ["look", "list"] as const) model.on(part, write);
  write();
  return line;
}
