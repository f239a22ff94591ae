// Small drawings for buttons: 16 x 16, drawn with the text's own colour.
import { svg } from "../dom.ts";

const DRAWINGS = {
  lasso: ["M8 2.2c3.4 0 6 1.7 6 3.9s-2.6 3.9-6 3.9-6-1.7-6-3.9 2.600-3.9 6-3.9z", "M4.600 9.300a1.600 1.600 0 1 0 1.200 2.600c.5 1.100-.2 2.200-1.600 2.300"],
  box: ["M2.500 3.500v-1h1M7 2.500h2M12.500 2.500h1v1M13.500 7v2M13.500 12.500v1h-1M9 13.500H7M3.500 13.500h-1v-1M2.500 9V7"],
  pan: ["M8 1.800v12.400M1.800 8h12.400M6.200 3.500 8 1.700l1.800 1.800M6.200 12.500 8 14.300l1.800-1.800M3.500 6.200 1.700 8l1.800 1.800M12.500 6.200 14.300 8l-1.800 1.800"],
  density: ["M8 1.900a6.100 6.100 0 1 0 0 12.200A6.100 6.100 0 0 0 8 1.900z", "M8 4.700a3.300 3.300 0 1 0 0 6.600 3.300 3.300 0 0 0 0-6.600z", "M8 7.400a.6.6 0 1 0 0 1.200.6.6 0 0 0 0-1.200z"],
  contours: ["M2 10.500c0-4.500 3-8 7-8 3 0 5 2 5 5 0 4-3 6-7 6-3 0-5-1-5-3z", "M5.200 10c0-2.500 1.600-4.600 3.900-4.600 1.500 0 2.400 1 2.400 2.300 0 2.200-1.700 3.200-3.700 3.200-1.600 0-2.600-.2-2.600-.9z"],
  home: ["M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10"],
  undo: ["M5.500 3 2.600 5.900l2.900 2.900", "M2.800 5.900h6.400a3.900 3.900 0 0 1 0 7.800H6.500"],
  columns: ["M2.500 3h11v10h-11z", "M6.200 3v10M9.800 3v10"],
  play: ["M4.500 2.800v10.400L13 8z"],
  pause: ["M5 3v10M11 3v10"],
  close: ["M4 4l8 8M12 4l-8 8"],
} as const;

export type IconName = keyof typeof DRAWINGS;

export function icon(name: IconName): SVGSVGElement {
  const picture = svg("svg", { class: `dsx-drawing dsx-drawing-${name}`, width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" });
  for (const d of DRAWINGS[name]) picture.append(svg("path", { d }));
  return picture;
}
