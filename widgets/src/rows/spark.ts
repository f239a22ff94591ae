// p(gold) over the epochs, as high as a line of text: one line over a faint middle.
import { svg } from "../dom.ts";

/** Points that are drawn at most; more epochs are averaged. */
const MOST = 60;

export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const size = Math.max(1, Math.ceil(values.length / MOST));
  const means: (number | null)[] = [];
  for (let at = 0; at < values.length; at += size) {
    const known = values.slice(at, at + size).filter((p) => p !== null && p === p) as number[];
    means.push(known.length ? known.reduce((sum, p) => sum + p, 0) / known.length : null);
  }
  const step = means.length > 1 ? (width - 2) / (means.length - 1) : 0;
  let path = "";
  let drawing = false;
  means.forEach((p, k) => {
    if (p === null) {
      drawing = false;
      return;
    }
    const x = 1 + (means.length > 1 ? k * step : width / 2);
    const y = 1.5 + (1 - Math.min(1, Math.max(0, p))) * (height - 3);
    path += `${drawing ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    const lonely = !drawing && (means[k + 1] ?? null) === null;
    if (lonely) path += `l0.01 0`; // a round cap makes it a dot
    drawing = true;
  });
  return path;
}

export function spark(values: readonly (number | null)[], width = 68, height = 24): SVGSVGElement {
  const known = values.filter((p) => p !== null && p === p) as number[];
  const ends = known.length ? `, from ${known[0].toFixed(2)} to ${(known.at(-1) as number).toFixed(2)}` : "";
  const words = `probability of the label over ${values.length} epochs${ends}`;
  const middle = height / 2;
  return svg(
    "svg",
    { class: "dsx-rows-spark", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words },
    svg("title", null, words),
    svg("line", { x1: 0, x2: width, y1: middle, y2: middle }),
    svg("path", { d: sparkPath(values, width, height) }),
  );
}
