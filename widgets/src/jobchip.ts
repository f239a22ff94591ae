// The work in progress as one chip: what it is at, how far, and a way to stop it.
import { h } from "./dom.ts";
import type { DatasetStore } from "./types.ts";

/** For the header of a view; empty while nothing runs and nothing failed. */
export function makeJobChip(_store: DatasetStore, _signal: AbortSignal): HTMLElement {
  return h("span", { class: "dsx-jobs-here" });
}
