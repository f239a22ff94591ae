// Where things stand on the stage: the plot in the middle, histograms above and right, axes left and below.
import type { Size, View } from "../scale.ts";

export interface Layout {
  stage: Size;
  plot: { left: number; top: number; width: number; height: number };
  /** Depth of the marginal histograms, 0 where there is no room. */
  bars: number;
  /** Device pixels a CSS pixel. */
  ratio: number;
}

const GAP = 6;

/** Everything follows from the width of the stage and the height that the author chose. */
export function layOut(width: number, wanted: unknown, ratio: number): Layout {
  const chosen = typeof wanted === "number" && wanted > 0 ? wanted : 460;
  // A narrow stage would be a slit at full height.
  const height = Math.max(220, Math.min(chosen, Math.max(300, Math.round(width * 0.85))));
  const bars = width < 260 ? 0 : width < 480 ? 20 : 30;
  const left = 47;
  const right = bars ? bars + GAP + 1 : 8;
  const top = bars ? bars + GAP : 8;
  const bottom = 38;
  return {
    stage: { width, height },
    plot: {
      left,
      top,
      width: Math.max(40, width - left - right),
      height: Math.max(40, height - top - bottom),
    },
    bars,
    ratio,
  };
}

/** "data_map", or "data_map:run". */
export const isDataMap = (projection: string): boolean => /^data_map(:|$)/.test(projection);

/** Dots at the border are drawn whole: the canvas of the points reaches this far over the plot. */
export const SPILL = 5;

/** The whole plane of a data map, or what the points of another projection take up. */
export function homeView(projection: string, x: Float32Array, y: Float32Array): View {
  if (isDataMap(projection)) return { x0: 0, x1: 0.5, y0: 0, y1: 1 };
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    if (x[i] - x[i] !== 0 || y[i] - y[i] !== 0) continue;
    x0 = Math.min(x0, x[i]);
    x1 = Math.max(x1, x[i]);
    y0 = Math.min(y0, y[i]);
    y1 = Math.max(y1, y[i]);
  }
  if (!(x1 >= x0)) return { x0: 0, x1: 1, y0: 0, y1: 1 };
  const px = (x1 - x0) * 0.03 || 0.5;
  const py = (y1 - y0) * 0.03 || 0.5;
  return { x0: x0 - px, x1: x1 + px, y0: y0 - py, y1: y1 + py };
}
