// Linear scales of a plot: what part of the data is in view, where its pixels are, and round ticks.

/** Part of the data plane that is in view: x0 at the left edge, y0 at the bottom edge. */
export interface View {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

export interface Size {
  width: number;
  height: number;
}

export const toPixelX = (view: View, size: Size, x: number): number =>
  ((x - view.x0) / (view.x1 - view.x0)) * size.width;

export const toPixelY = (view: View, size: Size, y: number): number =>
  ((view.y1 - y) / (view.y1 - view.y0)) * size.height;

export const toDataX = (view: View, size: Size, px: number): number =>
  view.x0 + (px / size.width) * (view.x1 - view.x0);

export const toDataY = (view: View, size: Size, py: number): number =>
  view.y1 - (py / size.height) * (view.y1 - view.y0);

/** Round step (1, 2 or 5 times a power of ten) that cuts `span` into about `count` parts. */
export function roundStep(span: number, count: number): number {
  if (!(span > 0)) return 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const rest = rough / power;
  return power * (rest >= 7.07 ? 10 : rest >= 3.16 ? 5 : rest >= 1.41 ? 2 : 1);
}

export interface Ticks {
  values: number[];
  step: number;
  format(value: number): string;
}

/** Round numbers from lo to hi, about `count` of them. */
export function ticks(lo: number, hi: number, count: number): Ticks {
  const step = roundStep(hi - lo, count);
  const values: number[] = [];
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  for (let k = first; k <= last; k++) values.push(k * step || 0);
  return { values, step, format: formatter(step) };
}

/** Writes numbers with the decimals that `step` needs. */
export function formatter(step: number): (value: number) => string {
  const power = Math.floor(Math.log10(step) + 1e-9);
  if (power > 5 || power < -6) return (value) => value.toExponential(1);
  const decimals = Math.max(0, -power);
  return (value) => value.toFixed(decimals).replace(/^-(0(?:\.0*)?)$/, "$1").replace("-", "\u2212");
}

/** Zoom by `factor` (above 1: closer) so that the point under (fx, fy), shares of the size, stays. */
export function zoom(view: View, home: View, factor: number, fx: number, fy: number): View {
  const limit = (span: number, full: number) => Math.min(full * 1.5, Math.max(full / 5000, span));
  const width = limit((view.x1 - view.x0) / factor, home.x1 - home.x0);
  const height = limit((view.y1 - view.y0) / factor, home.y1 - home.y0);
  const x = view.x0 + fx * (view.x1 - view.x0);
  const y = view.y1 - fy * (view.y1 - view.y0);
  const x0 = x - fx * width;
  const y1 = y + fy * height;
  return keepInSight({ x0, x1: x0 + width, y0: y1 - height, y1 }, home);
}

/** Move by shares of the size: right and down are positive, as the pointer moves. */
export function pan(view: View, home: View, fx: number, fy: number): View {
  const dx = fx * (view.x1 - view.x0);
  const dy = fy * (view.y1 - view.y0);
  return keepInSight(
    { x0: view.x0 - dx, x1: view.x1 - dx, y0: view.y0 + dy, y1: view.y1 + dy },
    home,
  );
}

/** The middle of the view never leaves the home view: nobody gets lost. */
function keepInSight(view: View, home: View): View {
  const shift = (lo: number, hi: number, homeLo: number, homeHi: number) => {
    const middle = (lo + hi) / 2;
    return Math.min(homeHi, Math.max(homeLo, middle)) - middle;
  };
  const dx = shift(view.x0, view.x1, home.x0, home.x1);
  const dy = shift(view.y0, view.y1, home.y0, home.y1);
  return { x0: view.x0 + dx, x1: view.x1 + dx, y0: view.y0 + dy, y1: view.y1 + dy };
}

/** View from a to b at t in 0..1; the span moves geometrically, so that a zoom looks even. */
export function between(a: View, b: View, t: number): View {
  const axis = (a0: number, a1: number, b0: number, b1: number): [number, number] => {
    const from = a1 - a0;
    const to = b1 - b0;
    const span = from * (to / from) ** t;
    const share = Math.abs(to - from) < 1e-12 * from ? t : (span - from) / (to - from);
    const lo = a0 + (b0 - a0) * share;
    return [lo, lo + span];
  };
  const [x0, x1] = axis(a.x0, a.x1, b.x0, b.x1);
  const [y0, y1] = axis(a.y0, a.y1, b.y0, b.y1);
  return { x0, x1, y0, y1 };
}

export const sameView = (a: View, b: View): boolean =>
  Math.abs(a.x0 - b.x0) + Math.abs(a.x1 - b.x1) < 1e-9 * Math.abs(a.x1 - a.x0) &&
  Math.abs(a.y0 - b.y0) + Math.abs(a.y1 - b.y1) < 1e-9 * Math.abs(a.y1 - a.y0);
