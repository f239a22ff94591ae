// Which rows are where: a counting-sort grid over the points, for hover, lasso and counts.

const SIDE = 256;

export interface Grid {
  x: Float32Array;
  y: Float32Array;
  /** Bounds of the points that have a position. */
  x0: number;
  y0: number;
  /** Cell (column, row) = floor((x - x0) * kx), floor((y - y0) * ky); both 0..side-1. */
  kx: number;
  ky: number;
  side: number;
  /** Rows sorted by cell; those of cell c are order[start[c]] … order[start[c + 1] - 1]. */
  order: Uint32Array;
  start: Uint32Array;
  /** Summed-area table, (side + 1) squared. */
  sums: Uint32Array;
}

/** Index points; rows with NaN in either coordinate are left out. 22 ms for a million. */
export function buildGrid(x: Float32Array, y: Float32Array): Grid {
  const n = x.length;
  const side = n > 20000 ? SIDE : n > 500 ? 64 : 16;
  let x0 = Infinity;
  let x1 = -Infinity;
  let y0 = Infinity;
  let y1 = -Infinity;
  for (let i = 0; i < n; i++) {
    const vx = x[i];
    const vy = y[i];
    if (vx - vx !== 0 || vy - vy !== 0) continue; // NaN or infinite
    if (vx < x0) x0 = vx;
    if (vx > x1) x1 = vx;
    if (vy < y0) y0 = vy;
    if (vy > y1) y1 = vy;
  }
  if (!(x1 >= x0)) x0 = x1 = y0 = y1 = 0;
  // A hair under `side` cells a span, so that the largest value falls into the last cell.
  const kx = x1 > x0 ? (side * (1 - 1e-7)) / (x1 - x0) : 0;
  const ky = y1 > y0 ? (side * (1 - 1e-7)) / (y1 - y0) : 0;
  const last = side - 1;
  const cell = new Uint16Array(n);
  const start = new Uint32Array(side * side + 1);
  let placed = 0;
  for (let i = 0; i < n; i++) {
    const vx = x[i];
    const vy = y[i];
    if (vx - vx !== 0 || vy - vy !== 0) continue;
    let cx = ((vx - x0) * kx) | 0;
    let cy = ((vy - y0) * ky) | 0;
    if (cx > last) cx = last;
    if (cy > last) cy = last;
    const c = cy * side + cx;
    cell[i] = c;
    start[c + 1]++;
    placed++;
  }
  for (let c = 0; c < side * side; c++) start[c + 1] += start[c];
  const order = new Uint32Array(placed);
  const next = start.slice(0, side * side);
  for (let i = 0; i < n; i++) {
    const vx = x[i];
    const vy = y[i];
    if (vx - vx !== 0 || vy - vy !== 0) continue;
    order[next[cell[i]]++] = i;
  }
  return { x, y, x0, y0, kx, ky, side, order, start, sums: sumTable(start, side) };
}

function sumTable(start: Uint32Array, side: number): Uint32Array {
  const width = side + 1;
  const sums = new Uint32Array(width * width);
  for (let row = 0; row < side; row++) {
    let line = 0;
    for (let column = 0; column < side; column++) {
      const c = row * side + column;
      line += start[c + 1] - start[c];
      sums[(row + 1) * width + column + 1] = sums[row * width + column + 1] + line;
    }
  }
  return sums;
}

const clampCell = (value: number, side: number): number =>
  value < 0 ? 0 : value > side - 1 ? side - 1 : Math.floor(value);

/** Rows in the cells that touch a rectangle: never fewer than lie in it, quick at any size. */
export function countAbout(grid: Grid, x0: number, x1: number, y0: number, y1: number): number {
  const { side, kx, ky, sums } = grid;
  const left = (x0 - grid.x0) * kx;
  const right = (x1 - grid.x0) * kx;
  const low = (y0 - grid.y0) * ky;
  const high = (y1 - grid.y0) * ky;
  if (right < 0 || high < 0 || left >= side || low >= side) return 0;
  const a = clampCell(left, side);
  const b = clampCell(right, side) + 1;
  const c = clampCell(low, side);
  const d = clampCell(high, side) + 1;
  const width = side + 1;
  return sums[d * width + b] - sums[c * width + b] - sums[d * width + a] + sums[c * width + a];
}

/**
 * Row nearest to (x, y) whose distance, in units of `rx` across and `ry` up, is at most 1; -1 if none.
 * Rows with any of the bits of `hidden` in their state are passed over.
 */
export function nearest(
  grid: Grid,
  x: number,
  y: number,
  rx: number,
  ry: number,
  state: Uint8Array,
  hidden: number,
): number {
  const { side, kx, ky, start, order } = grid;
  if ((x + rx - grid.x0) * kx < 0 || (y + ry - grid.y0) * ky < 0) return -1;
  const a = clampCell((x - rx - grid.x0) * kx, side);
  const b = clampCell((x + rx - grid.x0) * kx, side);
  const c = clampCell((y - ry - grid.y0) * ky, side);
  const d = clampCell((y + ry - grid.y0) * ky, side);
  let best = -1;
  let bestDistance = 1;
  for (let row = c; row <= d; row++) {
    const end = start[row * side + b + 1];
    for (let k = start[row * side + a]; k < end; k++) {
      const i = order[k];
      if (state[i] & hidden) continue;
      const dx = (grid.x[i] - x) / rx;
      const dy = (grid.y[i] - y) / ry;
      const distance = dx * dx + dy * dy;
      // A tie goes to the later row: it is drawn on top.
      if (distance < bestDistance || (distance === bestDistance && i > best)) {
        best = i;
        bestDistance = distance;
      }
    }
  }
  return best;
}
