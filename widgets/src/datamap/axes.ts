// Gridlines, ticks and titles, drawn on a canvas so that a snapshot is the same picture.
import { ticks, toPixelX, toPixelY, type View } from "../scale.ts";
import type { Tokens } from "../theme.ts";
import type { Layout } from "./layout.ts";

export const SMALL = 11;

/** Draw into a canvas whose unit is the CSS pixel of the stage. */
export function drawAxes(
  on: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  tokens: Tokens,
  titles: { x: string; y: string },
): void {
  const { left, top, width, height } = layout.plot;
  const size = layout.plot;
  const sharp = (v: number) => Math.round(v * layout.ratio) / layout.ratio;
  const hair = Math.max(1, Math.round(layout.ratio)) / layout.ratio;
  on.font = `${SMALL}px ${tokens.font}`;
  on.lineWidth = hair;

  const x = ticks(view.x0, view.x1, Math.min(9, Math.max(2, width / 110)));
  const y = ticks(view.y0, view.y1, Math.max(2, height / 90));
  on.fillStyle = tokens.grid;
  for (const value of x.values) {
    on.fillRect(sharp(left + toPixelX(view, size, value)), top, hair, height);
  }
  for (const value of y.values) {
    on.fillRect(left, sharp(top + toPixelY(view, size, value)), width, hair);
  }
  on.fillStyle = tokens.line;
  on.fillRect(left, sharp(top + height), width, hair);
  on.fillRect(sharp(left) - hair, top, hair, height + hair);

  on.fillStyle = tokens.soft;
  on.textBaseline = "top";
  on.textAlign = "center";
  for (const value of x.values) {
    const text = x.format(value);
    const half = on.measureText(text).width / 2;
    // The outermost labels stay on the stage, whole.
    const at = Math.min(layout.stage.width - half - 1, Math.max(half + 1, left + toPixelX(view, size, value)));
    on.fillText(text, at, top + height + 8);
  }
  on.textBaseline = "middle";
  on.textAlign = "right";
  for (const value of y.values) {
    on.fillText(y.format(value), left - 8, top + toPixelY(view, size, value) + 0.5);
  }

  on.textAlign = "center";
  on.textBaseline = "bottom";
  on.fillText(titles.x, left + width / 2, layout.stage.height - 2);
  on.save();
  on.translate(2, top + height / 2);
  on.rotate(-Math.PI / 2);
  on.textBaseline = "top";
  on.fillText(titles.y, 0, 0);
  on.restore();
}
