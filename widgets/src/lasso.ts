// Rows inside a polygon, by the grid: cells wholly inside are taken as they are, only the points in
// cells that the outline crosses are tested one by one.
import { byteLength } from "./bits.ts";
import type { Grid } from "./grid.ts";

export interface Hit {
  bits: Uint8Array<ArrayBuffer>;
  count: number;
}

/** Crossings of the outline with the horizontal line at y, from left to right. */
function crossings(xs: Float64Array, ys: Float64Array, edges: number[], y: number): number[] {
  const at: number[] = [];
  const n = xs.length;
  for (const e of edges) {
    const f = e + 1 === n ? 0 : e + 1;
    const ya = ys[e];
    const yb = ys[f];
    if (ya <= y !== yb <= y) at.push(xs[e] + ((y - ya) / (yb - ya)) * (xs[f] - xs[e]));
  }
  return at.sort((a, b) => a - b);
}

/** Is (x, y) inside, by the even-odd rule? */
export function inside(
  xs: Float64Array,
  ys: Float64Array,
  edges: number[],
  x: number,
  y: number,
): boolean {
  let odd = false;
  const n = xs.length;
  for (const e of edges) {
    const f = e + 1 === n ? 0 : e + 1;
    const ya = ys[e];
    const yb = ys[f];
    if (ya <= y !== yb <= y && x < xs[e] + ((y - ya) / (yb - ya)) * (xs[f] - xs[e])) odd = !odd;
  }
  return odd;
}

/**
 * Bitmask of the rows of `grid` inside a polygon given in data coordinates [x, y, x, y, …].
 * Rows with any of the bits of `hidden` in their state are left out.
 */
export function rowsInPolygon(
  grid: Grid,
  polygon: ArrayLike<number>,
  state: Uint8Array,
  hidden: number,
): Hit {
  const { side, kx, ky, order, start, x, y } = grid;
  const bits = new Uint8Array(byteLength(x.length));
  const n = polygon.length >> 1;
  const hit: Hit = { bits, count: 0 };
  if (n < 3) return hit;
  const xs = Float64Array.from({ length: n }, (_, k) => polygon[2 * k]);
  const ys = Float64Array.from({ length: n }, (_, k) => polygon[2 * k + 1]);
  const slots: number[][] = Array.from({ length: side }, () => []);
  const mixed = markCrossed(grid, xs, ys, slots);

  for (let row = 0; row < side; row++) {
    const edges = slots[row];
    if (edges.length === 0) continue;
    const middle = grid.y0 + (row + 0.5) / (ky || 1);
    const spans = crossings(xs, ys, edges, ky ? middle : grid.y0);
    for (let column = 0; column < side; column++) {
      const c = row * side + column;
      const end = start[c + 1];
      if (start[c] === end) continue;
      if (mixed[c]) {
        for (let k = start[c]; k < end; k++) {
          const i = order[k];
          if (state[i] & hidden || !inside(xs, ys, edges, x[i], y[i])) continue;
          bits[i >> 3] |= 1 << (i & 7);
          hit.count++;
        }
        continue;
      }
      const at = grid.x0 + (column + 0.5) / (kx || 1);
      let before = 0;
      while (before < spans.length && spans[before] <= at) before++;
      if ((before & 1) === 0) continue;
      for (let k = start[c]; k < end; k++) {
        const i = order[k];
        if (state[i] & hidden) continue;
        bits[i >> 3] |= 1 << (i & 7);
        hit.count++;
      }
    }
  }
  return hit;
}

/** Mark the cells that an edge may cross, and list for each row of cells the edges that reach it. */
function markCrossed(
  grid: Grid,
  xs: Float64Array,
  ys: Float64Array,
  slots: number[][],
): Uint8Array {
  const { side, kx, ky } = grid;
  const mixed = new Uint8Array(side * side);
  if (!kx || !ky) {
    mixed.fill(1); // all points on one line: test each
    for (const slot of slots) for (let e = 0; e < xs.length; e++) slot.push(e);
    return mixed;
  }
  // Cells are found with a margin of a hundredth: points on a cell's border are then always tested.
  const margin = 0.01;
  const column = (v: number) => Math.min(side - 1, Math.max(0, Math.floor(v)));
  for (let e = 0; e < xs.length; e++) {
    const f = e + 1 === xs.length ? 0 : e + 1;
    let ax = (xs[e] - grid.x0) * kx;
    let ay = (ys[e] - grid.y0) * ky;
    let bx = (xs[f] - grid.x0) * kx;
    let by = (ys[f] - grid.y0) * ky;
    if (ay > by) [ax, ay, bx, by] = [bx, by, ax, ay];
    const first = Math.max(0, Math.floor(ay - margin));
    const last = Math.min(side - 1, Math.floor(by + margin));
    for (let row = first; row <= last; row++) {
      slots[row].push(e);
      const ta = by > ay ? Math.max(0, (row - margin - ay) / (by - ay)) : 0;
      const tb = by > ay ? Math.min(1, (row + 1 + margin - ay) / (by - ay)) : 1;
      const xa = ax + ta * (bx - ax);
      const xb = ax + tb * (bx - ax);
      const left = Math.min(xa, xb) - margin;
      const right = Math.max(xa, xb) + margin;
      if (right < 0 || left >= side) continue;
      mixed.fill(1, row * side + column(left), row * side + column(right) + 1);
    }
  }
  return mixed;
}
