// One unit is one unit both ways: views in the shape of the plot.
import type { Size, View } from "../scale.ts";

const around = (view: View, width: number, height: number): View => {
  const x = (view.x0 + view.x1) / 2;
  const y = (view.y0 + view.y1) / 2;
  return { x0: x - width / 2, x1: x + width / 2, y0: y - height / 2, y1: y + height / 2 };
};

/** The smallest view of the plot's shape that holds all of a view, about its middle. */
export function fitted(view: View, size: Size): View {
  const unit = Math.max((view.x1 - view.x0) / size.width, (view.y1 - view.y0) / size.height);
  return around(view, unit * size.width, unit * size.height);
}

/** A view of the plot's shape with the middle and the area of a view: there and back changes nothing. */
export function refitted(view: View, size: Size): View {
  const area = (view.x1 - view.x0) * (view.y1 - view.y0);
  const unit = Math.sqrt(area / (size.width * size.height));
  return around(view, unit * size.width, unit * size.height);
}

/** What the points take up, with a little air; null where none has a place. */
export function boundsOf(x: Float32Array, y: Float32Array): View | null {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    if (x[i] - x[i] !== 0 || y[i] - y[i] !== 0) continue;
    if (x[i] < x0) x0 = x[i];
    if (x[i] > x1) x1 = x[i];
    if (y[i] < y0) y0 = y[i];
    if (y[i] > y1) y1 = y[i];
  }
  return x1 >= x0 ? aired(x0, x1, y0, y1) : null;
}

const STRAY = 0.01; // share of the dots at either end of an axis that may lie far from all others
const ROOM = 0.08; // of what the others take up, left free around them
const BINS = 512;

/**
 * Where the dots are, without the few that lie far from all others: `bounds` where there are none.
 * UMAP sets small groups down anywhere, and the whole with them would shrink to a speck. Places are
 * counted, not rows: a pile of duplicates far away is one dot.
 */
export function coreOf(x: Float32Array, y: Float32Array, bounds: View): View {
  const [kx, ky] = [BINS / (bounds.x1 - bounds.x0), BINS / (bounds.y1 - bounds.y0)];
  const taken = new Uint8Array(BINS * BINS);
  const [across, up] = [new Uint32Array(BINS), new Uint32Array(BINS)];
  for (let i = 0; i < x.length; i++) {
    const column = Math.floor((x[i] - bounds.x0) * kx);
    const row = Math.floor((y[i] - bounds.y0) * ky);
    if (!(column >= 0 && column < BINS && row >= 0 && row < BINS)) continue; // no place, too
    const cell = row * BINS + column;
    if (taken[cell]) continue;
    taken[cell] = 1;
    across[column]++;
    up[row]++;
  }
  const [x0, x1] = middle(across, bounds.x0, bounds.x1);
  const [y0, y1] = middle(up, bounds.y0, bounds.y1);
  return { x0, x1, y0, y1 };
}

function middle(counts: Uint32Array, lo: number, hi: number): [number, number] {
  const known = counts.reduce((sum, count) => sum + count, 0);
  if (!known) return [lo, hi];
  const per = BINS / (hi - lo);
  const few = Math.floor(known * STRAY);
  let [first, last] = [0, BINS - 1];
  for (let seen = counts[first]; seen <= few && first < last; ) seen += counts[++first];
  for (let seen = counts[last]; seen <= few && last > first; ) seen += counts[--last];
  const room = (last + 1 - first) * ROOM;
  return [Math.max(lo, lo + (first - room) / per), Math.min(hi, lo + (last + 1 + room) / per)];
}

/** A rectangle with air around it; one point, or all on a line, still get a plane. */
export function aired(x0: number, x1: number, y0: number, y1: number): View {
  const most = Math.max(x1 - x0, y1 - y0);
  const air = most * 0.05 || 0.5;
  return { x0: x0 - air, x1: x1 + air, y0: y0 - air, y1: y1 + air };
}
