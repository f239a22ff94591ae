// p(gold) over the epochs as a line a few pixels high; right and wrong epochs as dots.
import { svg } from "../dom.ts";

export interface SparkSize {
  width: number;
  height: number;
}

/** `values` in 0..1, one an epoch; `correct` 0 or 1, where known. Colours are the style sheet's. */
export function sparkline(
  values: number[],
  correct: number[] | undefined,
  { width, height }: SparkSize,
): SVGSVGElement {
  const inset = 3;
  const x = (k: number) =>
    values.length > 1 ? inset + (k / (values.length - 1)) * (width - 2 * inset) : width / 2;
  const y = (p: number) => inset + (1 - Math.min(1, Math.max(0, p))) * (height - 2 * inset);
  const words = `probability of the label over ${values.length} epochs, from ${values[0]?.toFixed(2)} to ${values.at(-1)?.toFixed(2)}`;
  const picture = svg("svg", { class: "dsx-spark", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words });
  for (const p of [0, 0.5, 1]) {
    picture.append(svg("line", { class: p === 0.5 ? "dsx-spark-half" : "dsx-spark-end", x1: 0, x2: width, y1: y(p), y2: y(p) }));
  }
  const known = values.map((p, k) => [k, p] as const).filter(([, p]) => p === p && p !== null);
  const d = known.map(([k, p], i) => `${i ? "L" : "M"}${x(k).toFixed(1)} ${y(p).toFixed(1)}`).join("");
  picture.append(svg("path", { class: "dsx-spark-line", d }));
  if (values.length <= width / 6) {
    for (const [k, p] of known) {
      const right = correct?.[k];
      const kind = right === undefined ? "dsx-spark-dot" : right ? "dsx-spark-dot dsx-right" : "dsx-spark-dot dsx-wrong";
      picture.append(svg("circle", { class: kind, cx: x(k).toFixed(1), cy: y(p).toFixed(1), r: 2.2 }));
    }
  }
  return picture;
}
