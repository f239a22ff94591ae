// How many rows of each category are in scope, and how many of them are selected: one pass.
import { has } from "../bits.ts";

export interface Counts {
  /** Rows in scope, by code; the last one counts rows without a value. */
  inScope: Uint32Array;
  selected: Uint32Array;
}

/**
 * Counts of `n` categories. `state` holds the flags 1 selected, 2 out of scope; `scope` (a bitmask)
 * replaces the latter where a facet must not see its own clause.
 */
export function countCategories(
  codes: Uint8Array | Uint16Array,
  state: Uint8Array,
  n: number,
  scope: Uint8Array | null,
): Counts {
  const size = codes instanceof Uint8Array ? 256 : 65536;
  const table = new Uint32Array(size * 4); // (code, flags) -> rows: no branch in the loop
  const rows = Math.min(codes.length, state.length);
  if (scope) {
    for (let row = 0; row < rows; row++) {
      const out = ((scope[row >> 3] >> (row & 7)) & 1) ^ 1;
      table[(codes[row] << 2) | (state[row] & 1) | (out << 1)]++;
    }
  } else {
    for (let row = 0; row < rows; row++) table[(codes[row] << 2) | (state[row] & 3)]++;
  }
  const inScope = new Uint32Array(n + 1);
  const selected = new Uint32Array(n + 1);
  for (let code = 0; code < size; code++) {
    const plain = table[code << 2];
    const chosen = table[(code << 2) | 1];
    const slot = Math.min(code, n);
    inScope[slot] += plain + chosen;
    selected[slot] += chosen;
  }
  return { inScope, selected };
}

/** The codes below `n` that some row of the whole dataset has, in their order. */
export function usedCodes(codes: Uint8Array | Uint16Array, n: number): number[] {
  const seen = new Uint8Array(65536);
  for (let row = 0; row < codes.length; row++) seen[codes[row]] = 1;
  return Array.from({ length: n }, (_, code) => code).filter((code) => seen[code] === 1);
}

/** The same for one set of rows given as a bitmask (a tag). */
export function countMask(bits: Uint8Array, state: Uint8Array, scope: Uint8Array | null): [number, number] {
  let inScope = 0;
  let selected = 0;
  for (let byte = 0; byte < bits.length; byte++) {
    if (!bits[byte]) continue;
    for (let row = byte << 3; row < Math.min(state.length, (byte << 3) + 8); row++) {
      if (!has(bits, row) || (scope ? !has(scope, row) : state[row] & 2)) continue;
      inScope++;
      selected += state[row] & 1;
    }
  }
  return [inScope, selected];
}

/** Bitmask of the rows whose code is in `values`. */
export function keepCategories(
  codes: Uint8Array | Uint16Array,
  values: readonly number[],
): Uint8Array<ArrayBuffer> {
  const keep = new Uint8Array(codes instanceof Uint8Array ? 256 : 65536);
  for (const value of values) keep[value] = 1;
  const bits = new Uint8Array((codes.length + 7) >> 3);
  for (let row = 0; row < codes.length; row++) bits[row >> 3] |= keep[codes[row]] << (row & 7);
  return bits;
}

/** The longest bar: shares of the scope and of the selection lie on one axis. */
export function longestShare({ inScope, selected }: Counts): number {
  const share = (counts: Uint32Array) => {
    const total = counts.reduce((a, b) => a + b, 0);
    return total ? Math.max(...counts) / total : 0;
  };
  return Math.max(share(inScope), share(selected));
}
