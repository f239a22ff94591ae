// Row sets as little-endian bitmasks: bit (row & 7) of byte (row >> 3), as numpy.packbits(..., bitorder="little").

const ONES = new Uint8Array(256);
for (let i = 1; i < 256; i++) ONES[i] = ONES[i >> 1] + (i & 1);

/** Bytes that a bitmask of n rows takes. */
export const byteLength = (n: number): number => (n + 7) >> 3;

/** Bitmask of the rows whose byte has any of the bits in `flag`. */
export function pack(bytes: Uint8Array, flag = 255): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(byteLength(bytes.length));
  for (let row = 0; row < bytes.length; row++) {
    if (bytes[row] & flag) bits[row >> 3] |= 1 << (row & 7);
  }
  return bits;
}

/** Write a bitmask into `flag` of one byte per row; the other flags stay. */
export function unpackInto(bits: Uint8Array, target: Uint8Array, flag = 1): void {
  const others = 255 ^ flag;
  for (let row = 0; row < target.length; row++) {
    const on = (bits[row >> 3] >> (row & 7)) & 1;
    target[row] = (target[row] & others) | (on ? flag : 0);
  }
}

export function fromRows(rows: ArrayLike<number>, n: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(byteLength(n));
  for (let k = 0; k < rows.length; k++) bits[rows[k] >> 3] |= 1 << (rows[k] & 7);
  return bits;
}

/** Row numbers of a bitmask, ascending. */
export function toRows(bits: Uint8Array): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(count(bits));
  let k = 0;
  for (let byte = 0; byte < bits.length; byte++) {
    let rest = bits[byte];
    while (rest) {
      const low = rest & -rest;
      rows[k++] = (byte << 3) + 31 - Math.clz32(low);
      rest ^= low;
    }
  }
  return rows;
}

export function count(bits: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bits.length; i++) total += ONES[bits[i]];
  return total;
}

export const has = (bits: Uint8Array, row: number): boolean =>
  ((bits[row >> 3] >> (row & 7)) & 1) === 1;
