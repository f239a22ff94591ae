// How the rows in view lie along each axis, and the share of them that is selected.
import { roundStep, toPixelX, toPixelY, type View } from "../scale.ts";
import type { Tokens } from "../theme.ts";
import type { Layout } from "./layout.ts";

/** Counts in round bins from `from` on; rows out of scope are not counted. */
export interface Bins {
  from: number;
  step: number;
  all: Uint32Array;
  selected: Uint32Array;
}

function empty(lo: number, hi: number, count: number): Bins {
  const step = roundStep(hi - lo, count);
  const from = Math.floor(lo / step + 1e-9) * step;
  const n = Math.max(1, Math.ceil((hi - from) / step - 1e-9));
  return { from, step, all: new Uint32Array(n), selected: new Uint32Array(n) };
}

/** Both marginals of the rows in view, in one pass. */
export function histograms(
  x: Float32Array,
  y: Float32Array,
  state: Uint8Array,
  view: View,
  countX: number,
  countY: number,
  most: { x: number; y: number },
): { x: Bins; y: Bins } {
  const bx = empty(view.x0, view.x1, countX);
  const by = empty(view.y0, view.y1, countY);
  const kx = 1 / bx.step;
  const ky = 1 / by.step;
  // The largest value there can be (variability .5, confidence 1) joins the bin that it closes.
  const endX = most.x - 1e-4 * bx.step;
  const endY = most.y - 1e-4 * by.step;
  const lastX = bx.all.length - 1;
  const lastY = by.all.length - 1;
  for (let i = 0; i < x.length; i++) {
    const s = state[i];
    const vx = x[i];
    const vy = y[i];
    if (s & 2 || !(vx >= view.x0 && vx <= view.x1 && vy >= view.y0 && vy <= view.y1)) continue;
    // A value on a border, 0.3 stored as 0.3000000119, belongs to the bin that starts there.
    const i0 = Math.min(lastX, ((Math.min(vx, endX) - bx.from) * kx + 1e-6) | 0);
    const i1 = Math.min(lastY, ((Math.min(vy, endY) - by.from) * ky + 1e-6) | 0);
    bx.all[i0]++;
    by.all[i1]++;
    bx.selected[i0] += s & 1;
    by.selected[i1] += s & 1;
  }
  return { x: bx, y: by };
}

export function drawHistograms(
  on: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  tokens: Tokens,
  bins: { x: Bins; y: Bins },
  anySelected: boolean,
): void {
  const { left, top, width, height } = layout.plot;
  const depth = layout.bars;
  if (!depth) return;
  const alongX = (v: number) => left + Math.min(width, Math.max(0, toPixelX(view, layout.plot, v)));
  const alongY = (v: number) => top + Math.min(height, Math.max(0, toPixelY(view, layout.plot, v)));
  const sharp = (v: number) => Math.round(v * layout.ratio) / layout.ratio;
  const draw = (counts: Uint32Array, most: number, { from, step }: Bins, up: boolean, least: number) => {
    for (let k = 0; k < counts.length; k++) {
      if (!counts[k]) continue;
      const a = sharp(up ? alongX(from + k * step) : alongY(from + (k + 1) * step));
      const b = sharp(up ? alongX(from + (k + 1) * step) : alongY(from + k * step));
      const gap = b - a > 4 ? 1 : 0;
      const size = Math.max(least, (counts[k] / most) * depth);
      if (b - a - gap <= 0) continue;
      if (up) on.fillRect(a, sharp(top - 5 - size), b - a - gap, sharp(size));
      else on.fillRect(left + width + 6, a, sharp(size), b - a - gap);
    }
  };
  for (const up of [true, false]) {
    const one = up ? bins.x : bins.y;
    const most = one.all.reduce((a, b) => Math.max(a, b), 1);
    on.fillStyle = tokens.bar;
    draw(one.all, most, one, up, 0.75);
    if (!anySelected) continue;
    on.fillStyle = tokens.accent;
    draw(one.selected, most, one, up, 1.5);
  }
}
