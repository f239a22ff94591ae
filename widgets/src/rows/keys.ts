// The rows by keys and by pointer.
import { h } from "../dom.ts";
import type { RowsModel } from "./model.ts";
import { openPopover } from "./popover.ts";
import type { VirtualTable } from "./table.ts";
import type { Toolbar } from "./toolbar.ts";
import { KEYS } from "./words.ts";

export interface KeyTargets {
  table: VirtualTable;
  toolbar: Toolbar;
  search(): void;
  help: HTMLElement;
  toggleOpen(index: number): void;
}

/**
 * Keys without Ctrl or Command stay here: in JupyterLab, "d d" would delete the cell. Search and help
 * open from anywhere in the view.
 */
export function keepKeys(root: HTMLElement, targets: KeyTargets): void {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (!typing && !event.defaultPrevented && (event.key === "/" || event.key === "?")) {
      event.preventDefault();
      if (event.key === "/") targets.search();
      else targets.help.click();
    }
    const forCell = event.key === "Enter" && (event.shiftKey || event.altKey);
    if (!event.ctrlKey && !event.metaKey && !forCell) event.stopPropagation();
  });
}

export function listenKeys(model: RowsModel, targets: KeyTargets): void {
  const { scroller } = targets.table;
  scroller.addEventListener("keydown", (event) => {
    if (event.altKey || !act(model, targets, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  scroller.addEventListener("focus", () => {
    if (model.focus < 0 && model.list?.length && scroller.matches(":focus-visible")) model.setFocus(0);
  });
}

function act(model: RowsModel, targets: KeyTargets, event: KeyboardEvent): boolean {
  const { table, toolbar } = targets;
  const { store, focus } = model;
  const last = (model.list?.length ?? 0) - 1;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (key === "a" && model.list) model.mark("add", model.list);
    else if (key === "z") event.shiftKey ? store.redo() : store.undo();
    else return false;
    return true;
  }
  const go = (index: number): true => {
    const to = Math.max(0, Math.min(last, index));
    if (event.shiftKey && last >= 0) model.markRange(model.anchor < 0 ? to : model.anchor, to);
    model.setFocus(to, event.shiftKey);
    table.show(to);
    return true;
  };
  switch (key) {
    case "ArrowDown": return go(focus + 1);
    case "ArrowUp": return go(focus - 1);
    case "PageDown": return go(Math.max(focus, 0) + table.page);
    case "PageUp": return go(focus - table.page);
    case "Home": return go(0);
    case "End": return go(last);
    case "Enter": if (event.shiftKey) return false; if (focus >= 0) targets.toggleOpen(focus); return true;
    case " ": if (focus >= 0) model.toggle(focus); return true;
    case "t": toolbar.tag(); return true;
    case "r": toolbar.relabel(); return true;
    case "d": if (!event.repeat) toolbar.drop(); return true;
    case "n": void model.like(model.focusRow); return true;
    case "u": if (event.shiftKey) store.redo(); else store.undo(); return true;
    case "Escape": if (store.selectedCount) store.select("clear", null, "clear"); return true;
    default: return false;
  }
}

export function listenPointer(model: RowsModel, { table }: KeyTargets): void {
  const { scroller } = table;
  scroller.addEventListener("mousedown", (event) => {
    if (event.shiftKey) event.preventDefault(); // a range of rows, not of letters
  });
  scroller.addEventListener("click", (event) => {
    const index = table.indexOf(event.target);
    if (index < 0) return;
    if (event.target instanceof Element && event.target.closest(".dsx-row-like")) {
      model.setFocus(index);
      void model.like(model.focusRow);
      scroller.focus({ preventScroll: true });
      return;
    }
    if (event.shiftKey) model.markRange(model.anchor < 0 ? index : model.anchor, index);
    else if (event.ctrlKey || event.metaKey) model.toggle(index);
    model.setFocus(index, event.shiftKey);
  });
  scroller.addEventListener("dblclick", (event) => {
    const index = table.indexOf(event.target);
    if (index < 0 || (event.target as Element).closest("button") || event.shiftKey || event.ctrlKey || event.metaKey) return;
    getSelection()?.removeAllRanges();
    model.toggle(index);
  });
}

export function makeHelp(model: RowsModel): HTMLElement {
  const button = h("button", {
    type: "button",
    class: "dsx-button dsx-icon dsx-ask",
    title: "Keys of the table (?)",
    "aria-label": "Keys of the table",
    "aria-haspopup": "dialog",
    onclick: () => {
      if (button.getAttribute("aria-expanded") === "true") return;
      const list = h("dl", null, ...KEYS.flatMap(([key, does]) => [h("dt", null, key), h("dd", null, does)]));
      const body = h("div", { class: "dsx-keys dsx-pop-keys", tabindex: "0" }, h("p", { class: "dsx-soft" }, "Keys, once the table has the focus"), list);
      openPopover(button, body, { label: "Keys of the table", signal: model.ctx.signal });
    },
  }, "?");
  return button;
}
