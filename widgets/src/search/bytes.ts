// Case-insensitive substring search over the UTF-8 bytes of a text column, in slices.
// Every generator yields after about `SLICE` bytes of work, so that its driver can let the page live.

export interface TextBytes {
  offsets: Uint32Array;
  bytes: Uint8Array;
}

const SLICE = 1 << 18;

/** A copy in lower case. Rows beyond ASCII are decoded, as lower case may change their length. */
export function* folded({ offsets, bytes }: TextBytes): Generator<void, TextBytes> {
  const n = offsets.length - 1;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let out = new Uint8Array(bytes.length + 64);
  const starts = new Uint32Array(n + 1);
  let at = 0;
  let work = 0;
  for (let row = 0; row < n; row++) {
    const from = offsets[row];
    const to = offsets[row + 1];
    let length = to - from;
    if (at + length > out.length) out = grown(out, (at + length) * 1.5);
    const wide = lower(bytes, from, to, out, at) > 127;
    if (wide) {
      const text = encoder.encode(decoder.decode(bytes.subarray(from, to)).toLowerCase());
      length = text.length;
      if (at + length > out.length) out = grown(out, (at + length) * 1.5);
      out.set(text, at);
    }
    at += length;
    starts[row + 1] = at;
    work += (to - from) * (wide ? 8 : 1) + 16;
    if (work > SLICE) {
      work = 0;
      yield;
    }
  }
  return { offsets: starts, bytes: out.subarray(0, at) };
}

/**
 * ASCII in lower case from one array into another; returns all bytes or'ed together. Not inside the
 * generator, whose loops the compiler makes little of.
 */
function lower(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  let wide = 0;
  for (let i = from, k = at; i < to; i++, k++) {
    const byte = bytes[i];
    wide |= byte;
    out[k] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  }
  return wide;
}

function grown(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}

/** Bitmask of the rows of a folded text that hold `query`. Boyer-Moore-Horspool, row by row blind. */
export function* matches({ offsets, bytes }: TextBytes, query: string): Generator<void, Uint8Array<ArrayBuffer>> {
  const n = offsets.length - 1;
  const bits = new Uint8Array((n + 7) >> 3);
  const wanted = new TextEncoder().encode(query.toLowerCase());
  const m = wanted.length;
  if (!m) return bits.fill(255);
  const skip = new Int32Array(256).fill(m);
  for (let i = 0; i < m - 1; i++) skip[wanted[i]] = m - 1 - i;
  const last = wanted[m - 1];
  const end = bytes.length;
  let row = 0;
  let at = m - 1; // where the last byte of the query is tried
  while (at < end) {
    const stop = Math.min(end, at + SLICE * Math.min(4, m));
    while (at < stop) {
      const byte = bytes[at];
      if (byte === last) {
        let k = 1;
        while (k < m && bytes[at - k] === wanted[m - 1 - k]) k++;
        if (k === m) {
          const from = at - m + 1;
          row = rowAt(offsets, from, row);
          if (at < offsets[row + 1]) {
            bits[row >> 3] |= 1 << (row & 7);
            at = offsets[row + 1] + m - 1; // one match is enough for a row
            continue;
          }
          at++;
          continue;
        }
      }
      at += skip[byte];
    }
    yield;
  }
  return bits;
}

/** The row that holds byte `at`, looked for from `row` on: by doubling steps, then by halves. */
function rowAt(offsets: Uint32Array, at: number, row: number): number {
  const n = offsets.length - 1;
  let step = 1;
  let high = row + 1;
  while (high < n && offsets[high] <= at) {
    row = high;
    high = Math.min(n, high + step);
    step *= 2;
  }
  while (row + 1 < high) {
    const middle = (row + high) >> 1;
    if (offsets[middle] <= at) row = middle;
    else high = middle;
  }
  return row;
}
