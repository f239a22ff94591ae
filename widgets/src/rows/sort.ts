// Sort any column: every kind becomes 32-bit keys, and the keys go through one radix sort.
import type { Column } from "../types.ts";

/** Key of a missing value: last, whichever the direction. */
export const MISSING_KEY = 0xffffffff;

const DIGITS = 11;
const BUCKETS = 1 << DIGITS;

/** One unsigned key per row, in ascending order of the column's values. */
export function sortKeys({ kind, data }: Pick<Column, "kind" | "data">): Uint32Array<ArrayBuffer> {
  const n = data.length;
  const keys = new Uint32Array(n);
  if (data instanceof Float32Array) {
    const bits = new Uint32Array(data.buffer, data.byteOffset, n);
    for (let i = 0; i < n; i++) {
      const b = bits[i];
      if ((b & 0x7fffffff) > 0x7f800000) keys[i] = MISSING_KEY;
      else if (b === 0x80000000) keys[i] = 0x80000000; // minus zero is zero
      else keys[i] = b & 0x80000000 ? ~b : b | 0x80000000;
    }
    return keys;
  }
  const missing = missingCode(data, kind);
  for (let i = 0; i < n; i++) keys[i] = data[i] === missing ? MISSING_KEY : data[i];
  return keys;
}

/** The code that means "no value" in a column of whole numbers. */
export function missingCode(data: Column["data"], kind: Column["kind"]): number {
  if (data instanceof Uint32Array) return MISSING_KEY;
  if (kind === "number") return -1;
  return data instanceof Uint16Array ? 65535 : 255;
}

/** Row numbers in the order of their keys. Equal keys stay in the order of the dataset. */
export function sortedRows(keys: Uint32Array, descending = false): Uint32Array<ArrayBuffer> {
  const n = keys.length;
  let sorted = keys;
  if (descending) {
    sorted = new Uint32Array(n);
    for (let i = 0; i < n; i++) sorted[i] = keys[i] === MISSING_KEY ? MISSING_KEY : 0xfffffffe - keys[i];
  }
  const counts = [new Uint32Array(BUCKETS), new Uint32Array(BUCKETS), new Uint32Array(BUCKETS)];
  const [low, middle, high] = counts;
  for (let i = 0; i < n; i++) {
    const key = sorted[i];
    low[key & (BUCKETS - 1)]++;
    middle[(key >>> DIGITS) & (BUCKETS - 1)]++;
    high[key >>> (2 * DIGITS)]++;
  }
  let from = new Uint32Array(n);
  for (let i = 0; i < n; i++) from[i] = i;
  let to = new Uint32Array(n);
  for (let pass = 0; pass < 3; pass++) {
    const starts = counts[pass];
    const shift = pass * DIGITS;
    if (n === 0 || starts[(sorted[0] >>> shift) & (BUCKETS - 1)] === n) continue; // all alike here
    let at = 0;
    for (let digit = 0; digit < BUCKETS; digit++) {
      const size = starts[digit];
      starts[digit] = at;
      at += size;
    }
    for (let i = 0; i < n; i++) {
      const row = from[i];
      to[starts[(sorted[row] >>> shift) & (BUCKETS - 1)]++] = row;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Rows of `order` (null: all, as the dataset has them) whose state byte has the bits `want` of `mask`. */
export function pick(
  state: Uint8Array,
  mask: number,
  want: number,
  order: Uint32Array | null,
): Uint32Array<ArrayBuffer> {
  const n = order ? order.length : state.length;
  const rows = new Uint32Array(n);
  let k = 0;
  if (order) {
    for (let i = 0; i < n; i++) {
      const row = order[i];
      rows[k] = row;
      k += (state[row] & mask) === want ? 1 : 0;
    }
  } else {
    for (let row = 0; row < n; row++) {
      rows[k] = row;
      k += (state[row] & mask) === want ? 1 : 0;
    }
  }
  return rows.slice(0, k);
}

/** The same numbers in the same order. */
export function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
