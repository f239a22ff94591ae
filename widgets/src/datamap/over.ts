// Lines over the points: region borders, trails, the outline being drawn, the row under the pointer.
import { toPixelX, toPixelY } from "../scale.ts";
import type { MapModel } from "./model.ts";

/** The outline that the pointer is drawing, in pixels of the plot: [x, y, x, y, …]. */
export interface Outline {
  points: number[];
  shape: "lasso" | "box";
}

/** Paths of rows over the epochs, each [x, y, x, y, …] in data coordinates, up to `time` epochs. */
export interface Trails {
  paths: Float32Array[];
  time: number;
}

export function drawOver(model: MapModel, canvas: HTMLCanvasElement): void {
  const on = canvas.getContext("2d");
  const { layout } = model;
  if (!on || !layout) return;
  on.clearRect(0, 0, layout.plot.width, layout.plot.height);
  if (model.isDataMap) drawBorders(model, on);
  if (model.trails) drawTrails(model, on, model.trails);
  if (model.pin) drawPin(model, on, model.pin);
  if (model.outline) drawOutline(model, on, model.outline);
  if (model.hover >= 0) drawRing(model, on, model.hover, 7);
}

/** The two borders: variability from top to bottom, confidence from the left up to it. */
export function drawBorders(model: MapModel, on: CanvasRenderingContext2D): void {
  const { view, layout, thresholds, tokens } = model;
  if (!layout) return;
  const { width, height } = layout.plot;
  const x = Math.round(toPixelX(view, layout.plot, thresholds.variability)) + 0.5;
  const y = Math.round(toPixelY(view, layout.plot, thresholds.confidence)) + 0.5;
  on.save();
  on.beginPath();
  on.rect(0, 0, width, height);
  on.clip();
  on.strokeStyle = tokens.soft;
  on.lineWidth = 1;
  on.setLineDash([2, 3]);
  on.beginPath();
  on.moveTo(x, 0);
  on.lineTo(x, height);
  on.moveTo(0, y);
  on.lineTo(Math.min(x, width), y);
  on.stroke();
  on.restore();
}

function drawTrails(model: MapModel, on: CanvasRenderingContext2D, { paths, time }: Trails): void {
  const { view, layout, tokens } = model;
  if (!layout) return;
  const size = layout.plot;
  const px = (path: Float32Array, k: number) => toPixelX(view, size, path[2 * k]);
  const py = (path: Float32Array, k: number) => toPixelY(view, size, path[2 * k + 1]);
  const whole = Math.floor(time) - 1;
  const rest = time - 1 - whole;
  on.save();
  on.strokeStyle = tokens.ink;
  on.lineWidth = 1.25;
  on.lineJoin = "round";
  on.lineCap = "round";
  const thin = Math.min(1, 40 / paths.length) * 0.5 + 0.2;
  // One stroke for each epoch and all rows: the older, the fainter.
  for (let k = 0; k <= whole; k++) {
    const part = k < whole ? 1 : rest;
    if (part === 0) continue;
    on.globalAlpha = thin * (0.15 + 0.85 * ((k + 1) / (whole + 1)) ** 2);
    on.beginPath();
    for (const path of paths) {
      if (2 * k + 3 >= path.length) continue;
      const [ax, ay, bx, by] = [px(path, k), py(path, k), px(path, k + 1), py(path, k + 1)];
      on.moveTo(ax, ay);
      on.lineTo(ax + (bx - ax) * part, ay + (by - ay) * part);
    }
    on.stroke();
  }
  on.restore();
}

function drawOutline(model: MapModel, on: CanvasRenderingContext2D, { points, shape }: Outline): void {
  const { tokens } = model;
  on.save();
  on.beginPath();
  for (let k = 0; k < points.length; k += 2) on.lineTo(points[k], points[k + 1]);
  if (shape === "box" || points.length > 4) on.closePath();
  on.globalAlpha = 0.12;
  on.fillStyle = tokens.accent;
  on.fill();
  on.globalAlpha = 1;
  on.strokeStyle = tokens.ink;
  on.lineWidth = 1.5;
  on.setLineDash([5, 4]);
  on.stroke();
  on.restore();
}

/** A row and its nearest neighbours: a thin line to each, a ring around all of them. */
function drawPin(model: MapModel, on: CanvasRenderingContext2D, { row, near }: NonNullable<MapModel["pin"]>): void {
  const { view, layout, tokens } = model;
  if (!layout) return;
  const at = (one: number): [number, number] => [toPixelX(view, layout.plot, model.x[one]), toPixelY(view, layout.plot, model.y[one])];
  const from = at(row);
  on.save();
  on.lineCap = "round";
  for (const [width, colour] of [[3, tokens.surface], [1.25, tokens.ink]] as const) {
    on.lineWidth = width;
    on.strokeStyle = colour;
    on.globalAlpha = width > 2 ? 0.6 : 0.85;
    on.beginPath();
    for (const one of near) {
      on.moveTo(...from);
      on.lineTo(...at(one));
    }
    on.stroke();
  }
  on.restore();
  for (const one of near) drawRing(model, on, one, 4.5);
  drawRing(model, on, row, 7);
}

function drawRing(model: MapModel, on: CanvasRenderingContext2D, row: number, radius: number): void {
  const { view, layout, tokens } = model;
  if (!layout) return;
  const x = toPixelX(view, layout.plot, model.x[row]);
  const y = toPixelY(view, layout.plot, model.y[row]);
  for (const [width, colour] of [[4, tokens.surface], [2, tokens.ink]] as const) {
    on.beginPath();
    on.arc(x, y, radius, 0, 2 * Math.PI);
    on.lineWidth = width;
    on.strokeStyle = colour;
    on.stroke();
  }
}
