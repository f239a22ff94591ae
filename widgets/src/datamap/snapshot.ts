// The picture that stays in a saved notebook: what is on the stage, in few bytes.
import { SPILL } from "./layout.ts";
import type { MapModel } from "./model.ts";
import { drawBorders } from "./over.ts";
import type { Names } from "./names.ts";
import type { Plot } from "./plot.ts";

/** Largest PNG kept: twice in base64 it stays well under the 200 kB a view may add. */
const MOST_BYTES = 60_000;

export async function takePicture(model: MapModel, plot: Plot, names: Names | null): Promise<Blob> {
  model.paint();
  let blob = new Blob();
  for (const width of [640, 480, 360, 260]) {
    blob = await draw(model, plot, names, width);
    if (blob.size <= MOST_BYTES) break;
  }
  return blob;
}

function draw(model: MapModel, plot: Plot, names: Names | null, most: number): Promise<Blob> {
  const { layout, tokens } = model;
  if (!layout) throw new Error("nothing is drawn yet");
  const scale = Math.min(1, most / layout.stage.width);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(layout.stage.width * scale);
  canvas.height = Math.round(layout.stage.height * scale);
  const on = canvas.getContext("2d")!;
  on.scale(scale, scale);
  on.fillStyle = tokens.surface;
  on.fillRect(0, 0, layout.stage.width, layout.stage.height);
  on.drawImage(plot.frame, 0, 0, layout.stage.width, layout.stage.height);
  const { left, top, width, height } = layout.plot;
  on.drawImage(plot.points, left - SPILL, top - SPILL, width + 2 * SPILL, height + 2 * SPILL);
  on.translate(left, top);
  if (model.isDataMap) drawBorders(model, on);
  on.textBaseline = "middle";
  on.lineJoin = "round";
  for (const { name, count, left: x, top: y, height: tall, below } of names?.placed() ?? []) {
    const middle = y + (below ? tall / 4 + 1 : tall / 2);
    const lower = below ? y + (3 * tall) / 4 - 1 : middle;
    on.strokeStyle = tokens.surface;
    on.lineWidth = 4;
    on.font = `600 12px ${tokens.font}`;
    const after = x + 5 + (below ? 0 : on.measureText(`${name} `).width);
    on.strokeText(name, x + 5, middle);
    on.fillStyle = tokens.ink;
    on.fillText(name, x + 5, middle);
    on.font = `12px ${tokens.font}`;
    on.strokeText(count, after, lower);
    on.fillStyle = tokens.soft;
    on.fillText(count, after, lower);
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no PNG"))), "image/png");
  });
}
