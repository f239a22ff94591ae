// Facets side by side in columns of about equal height, as many as there is room for.
import { h } from "../dom.ts";

const NARROWEST = 244;
const GAP = 28;

/** Which column each part goes to: in turn to the one that is shortest so far. */
export function stack(heights: number[], columns: number): number[] {
  const filled = new Array<number>(columns).fill(0);
  return heights.map((height) => {
    const at = filled.indexOf(Math.min(...filled));
    filled[at] += height;
    return at;
  });
}

export interface Stacks {
  /** `lines`: about how high each part is, in lines. */
  put(parts: HTMLElement[], lines: number[]): void;
}

/**
 * Columns go by how high parts are to be, not by how high they are: a part that is still being read,
 * or that the reader opens, stays where it is.
 */
export function makeStacks(grid: HTMLElement, signal: AbortSignal): Stacks {
  let parts: HTMLElement[] = [];
  let heights: number[] = [];
  let shown = "";
  const lay = (again: boolean) => {
    const room = Math.floor((grid.clientWidth + GAP) / (NARROWEST + GAP));
    const columns = Math.max(1, Math.min(parts.length, room));
    const key = `${columns} ${parts.length}`;
    if (!again && key === shown) return;
    shown = key;
    const focused = grid.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    const place = stack(heights, columns);
    const stacks = Array.from({ length: columns }, (_, k) =>
      h("div", { class: "dsx-facets-stack" }, ...parts.filter((_, i) => place[i] === k)));
    grid.replaceChildren(...stacks);
    focused?.focus({ preventScroll: true });
  };
  const observer = new ResizeObserver(() => lay(false));
  observer.observe(grid);
  signal.addEventListener("abort", () => observer.disconnect());
  return {
    put: (wanted, lines) => {
      const same = wanted.length === parts.length && wanted.every((part, k) => part === parts[k]);
      parts = wanted;
      heights = lines;
      if (!same) lay(true);
    },
  };
}
