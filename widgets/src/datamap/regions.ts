// Easy, ambiguous and hard to learn: the rule, and how many rows of each.
import { regional } from "../palette.ts";
import type { Colouring } from "./colour.ts";
import { countSlots, REGIONS } from "./colour.ts";
import { MISSING } from "../palette.ts";

export const EASY = 0;
export const AMBIGUOUS = 1;
export const HARD = 2;

export const REGION_NAMES = ["easy to learn", "ambiguous", "hard to learn"];

export interface Borders {
  variability: number;
  confidence: number;
}

/** Ambiguous from the variability border up; else easy from the confidence border up; else hard. */
export const regionAt = (x: number, y: number, borders: Borders): number =>
  x >= borders.variability ? AMBIGUOUS : y >= borders.confidence ? EASY : HARD;

export interface RegionCounts {
  inScope: number[];
  selected: number[];
}

/** Rows in scope and selected rows of each region. `state`: 1 selected, 2 out of scope. */
export function countRegions(
  x: Float32Array,
  y: Float32Array,
  state: Uint8Array,
  borders: Borders,
): RegionCounts {
  const { variability, confidence } = borders;
  const counts = new Uint32Array(4 * 4);
  for (let i = 0; i < x.length; i++) {
    const at = x[i];
    // A row without a position has no region.
    const region = at >= variability ? 1 : y[i] >= confidence ? 0 : 2;
    counts[((at >= 0 ? region : 3) << 2) | (state[i] & 3)]++;
  }
  return {
    inScope: [0, 1, 2].map((r) => counts[r << 2] + counts[(r << 2) | 1]),
    selected: [0, 1, 2].map((r) => counts[(r << 2) | 1]),
  };
}

/** Rows of one region as a bitmask, those with a bit of `hidden` in their state left out. */
export function rowsOfRegion(
  x: Float32Array,
  y: Float32Array,
  state: Uint8Array,
  hidden: number,
  borders: Borders,
  region: number,
): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array((x.length + 7) >> 3);
  for (let i = 0; i < x.length; i++) {
    if (!(x[i] >= 0) || state[i] & hidden) continue;
    if (regionAt(x[i], y[i], borders) === region) bits[i >> 3] |= 1 << (i & 7);
  }
  return bits;
}

/** Colours by region as the borders stand now: nothing is asked of the kernel. */
export function colouringByRegion(x: Float32Array, y: Float32Array, borders: Borders): Colouring {
  const codes = new Uint8Array(x.length);
  const { variability, confidence } = borders;
  for (let i = 0; i < codes.length; i++) {
    const at = x[i];
    codes[i] = at >= variability ? 1 : !(at >= 0) ? MISSING : y[i] >= confidence ? 0 : 2;
  }
  const counts = countSlots(codes);
  return {
    column: "region",
    title: "region",
    codes,
    entries: REGIONS.map((label, slot) => ({ slot, label, count: counts[slot], values: [slot] })),
    shape: "swatches",
    about: "region",
    colours: regional,
  };
}
