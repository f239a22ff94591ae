// Lines of equal density behind the points: a raster of the rows in view, made smooth, cut at levels.
import { afterFrame } from "../later.ts";
import type { Layout } from "../datamap/layout.ts";
import type { MapModel } from "../datamap/model.ts";
import { OUT_OF_SCOPE } from "../types.ts";
import type { View } from "../scale.ts";

/** Shares of the rows that lie inside a line, from the outermost in. */
export const SHARES = [0.9, 0.7, 0.5, 0.3, 0.1];

const CELL = 4; // pixels
const AROUND = 0.2; // of the view on every side, so that a pan finds lines there
const APART = 400; // ms between two rasters of a layout that moves

export interface Raster {
  values: Float32Array;
  columns: number;
  rows: number;
}

/** Rows per cell of a part of the plane; row 0 is the lowest. */
export function countCells(x: Float32Array, y: Float32Array, state: Uint8Array, part: View, columns: number, rows: number): Raster {
  const values = new Float32Array(columns * rows);
  const kx = columns / (part.x1 - part.x0);
  const ky = rows / (part.y1 - part.y0);
  for (let i = 0; i < x.length; i++) {
    if (state[i] & OUT_OF_SCOPE) continue;
    const cx = (x[i] - part.x0) * kx;
    const cy = (y[i] - part.y0) * ky;
    if (cx >= 0 && cx < columns && cy >= 0 && cy < rows) values[(cy | 0) * columns + (cx | 0)]++;
  }
  return { values, columns, rows };
}

/** Three box means on end: nearly a bell, whatever its width. */
export function blur({ values, columns, rows }: Raster, radius: number): Raster {
  let from: Float32Array = values;
  let to: Float32Array = new Float32Array(values.length);
  const run = (count: number, length: number, stride: number, step: number) => {
    const width = 2 * radius + 1;
    for (let k = 0; k < count; k++) {
      const start = k * stride;
      let sum = 0;
      for (let i = 0; i < Math.min(radius, length); i++) sum += from[start + i * step];
      for (let i = 0; i < length; i++) {
        if (i + radius < length) sum += from[start + (i + radius) * step];
        if (i - radius - 1 >= 0) sum -= from[start + (i - radius - 1) * step];
        to[start + i * step] = Math.max(0, sum) / width;
      }
    }
    [from, to] = [to, from === values ? new Float32Array(values.length) : from];
  };
  for (let pass = 0; pass < 3; pass++) {
    run(rows, columns, columns, 1);
    run(columns, rows, 1, columns);
  }
  return { values: from, columns, rows };
}

/** The densities above which these shares of all lie; those below `least` are left out. */
export function levelsOf(values: Float32Array, shares: number[], least: number): number[] {
  const sorted = Float32Array.from(values).filter((value) => value > 0).sort();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const levels: number[] = [];
  let sum = 0;
  let k = sorted.length;
  for (const share of [...shares].sort((a, b) => a - b)) {
    while (k > 0 && sum < share * total) sum += sorted[--k];
    if (k < sorted.length && sorted[k] >= least) levels.push(sorted[k]);
  }
  return [...new Set(levels)].reverse();
}

/** Where the line of a level crosses, as pieces [x, y, x, y] in cells, measured from cell centres. */
export function isoline({ values, columns, rows }: Raster, level: number): number[] {
  const lines: number[] = [];
  const cut = (a: number, b: number) => (level - a) / (b - a);
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const at = r * columns + c;
      const [a, b, d, e] = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
      const kind = (a > level ? 1 : 0) | (b > level ? 2 : 0) | (d > level ? 4 : 0) | (e > level ? 8 : 0);
      if (kind === 0 || kind === 15) continue;
      // where it crosses each side: below, right, above, left
      const sides: [number, number][] = [];
      if ((kind & 1) !== ((kind >> 1) & 1)) sides[0] = [c + cut(a, b), r];
      if (((kind >> 1) & 1) !== ((kind >> 2) & 1)) sides[1] = [c + 1, r + cut(b, d)];
      if (((kind >> 2) & 1) !== ((kind >> 3) & 1)) sides[2] = [c + cut(e, d), r + 1];
      if (((kind >> 3) & 1) !== (kind & 1)) sides[3] = [c, r + cut(a, e)];
      const join = (p: number, q: number) => lines.push(...sides[p], ...sides[q]);
      if (kind === 5 || kind === 10) {
        // a saddle: the middle tells which corners belong together
        const high = (a + b + d + e) / 4 > level;
        if ((kind === 5) === high) (join(0, 1), join(2, 3));
        else (join(0, 3), join(1, 2));
        continue;
      }
      const [p, q] = [0, 1, 2, 3].filter((side) => sides[side]);
      join(p, q);
    }
  }
  return lines;
}

export interface Contours {
  draw(on: CanvasRenderingContext2D, layout: Layout): void;
}

/** Width of the bell in cells: wider where there are few rows to go by. */
const radiusFor = (n: number): number => Math.round(Math.min(7, Math.max(2, 3 * (n / 3000) ** (-1 / 6))));

export function makeContours(model: MapModel): Contours {
  let paths: Path2D[] = [];
  let madeAt = 0;
  const trace = () => {
    const { layout, view, x, y, store } = model;
    if (!model.contours || !layout) return;
    const [w, t] = [view.x1 - view.x0, view.y1 - view.y0];
    const part = { x0: view.x0 - AROUND * w, x1: view.x1 + AROUND * w, y0: view.y0 - AROUND * t, y1: view.y1 + AROUND * t };
    const columns = Math.ceil((layout.plot.width * (1 + 2 * AROUND)) / CELL);
    const rows = Math.ceil((layout.plot.height * (1 + 2 * AROUND)) / CELL);
    const counts = countCells(x, y, store.state, part, columns, rows);
    const n = counts.values.reduce((sum, value) => sum + value, 0);
    const radius = radiusFor(n);
    const smooth = blur(counts, radius);
    const alone = 0.4 / (radius + 0.5) ** 2; // about the peak of a row by itself: no line around each
    const [kx, ky] = [(part.x1 - part.x0) / columns, (part.y1 - part.y0) / rows];
    paths = levelsOf(smooth.values, SHARES, n > 30 ? 0.6 * alone : 0).map((level) => {
      const path = new Path2D();
      const lines = isoline(smooth, level);
      for (let k = 0; k < lines.length; k += 4) {
        path.moveTo(part.x0 + (lines[k] + 0.5) * kx, part.y0 + (lines[k + 1] + 0.5) * ky);
        path.lineTo(part.x0 + (lines[k + 2] + 0.5) * kx, part.y0 + (lines[k + 3] + 0.5) * ky);
      }
      return path;
    });
    madeAt = performance.now();
    model.invalidate("frame");
  };
  const later = afterFrame(trace, model.signal);
  model.on("rest", () => model.contours && later.ask());
  model.on("tool", () => model.contours && later.ask());
  model.on("positions", () => {
    if (!model.contours) return;
    if (!model.moving || performance.now() - madeAt > APART) trace();
    model.invalidate("frame");
  });
  for (const kind of ["filter", "decisions"] as const) model.store.on(kind, () => model.settle(), model.signal);
  return {
    draw(on, { plot }) {
      const { view, tokens } = model;
      const sx = plot.width / (view.x1 - view.x0);
      const sy = plot.height / (view.y1 - view.y0);
      const at = new DOMMatrix([sx, 0, 0, -sy, plot.left - view.x0 * sx, plot.top + view.y1 * sy]);
      on.save();
      on.lineWidth = 1;
      on.strokeStyle = tokens.soft;
      paths.forEach((path, k) => {
        const placed = new Path2D();
        placed.addPath(path, at);
        on.globalAlpha = 0.4 + (0.4 * k) / Math.max(1, paths.length - 1);
        on.stroke(placed);
      });
      on.restore();
    },
  };
}
