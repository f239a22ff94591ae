// Where things stand on the stage: the plot in the middle, histograms above and right, axes left and below.
import type { Size, View } from "../scale.ts";
import { boundsOf } from "./aspect.ts";

export interface Layout {
  stage: Size;
  plot: { left: number; top: number; width: number; height: number };
  /** Depth of the marginal histograms, 0 where there is no room. */
  bars: number;
  /** Device pixels a CSS pixel. */
  ratio: number;
}

const GAP = 6;

/** Everything follows from the width of the stage and the height that the author chose. `axes`: with them. */
export function layOut(width: number, wanted: unknown, ratio: number, axes = true): Layout {
  const chosen = typeof wanted === "number" && wanted > 0 ? wanted : 460;
  // A narrow stage would be a slit at full height.
  const height = Math.max(220, Math.min(chosen, Math.max(300, Math.round(width * 0.85))));
  if (!axes) return { stage: { width, height }, plot: { left: 0, top: 0, width, height }, bars: 0, ratio };
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
  return boundsOf(x, y) ?? { x0: 0, x1: 1, y0: 0, y1: 1 };
}
