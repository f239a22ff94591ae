// Which rows are in scope: Python's mask and one clause per facet, each a packed bitmask.
import { byteLength } from "./bits.ts";
import type { Column } from "./types.ts";

interface Clause {
  spec: Record<string, any>;
  bits: Uint8Array;
}

export class Scope {
  base: Uint8Array | null = null;
  #n: number;
  #clauses = new Map<string, Clause>();

  constructor(n: number) {
    this.#n = n;
  }

  set(key: string, spec: object | null, bits: Uint8Array | null): void {
    if (spec && bits) this.#clauses.set(key, { spec, bits });
    else this.#clauses.delete(key);
  }

  spec(key: string): object | null {
    return this.#clauses.get(key)?.spec ?? null;
  }

  /** The rows of one clause, as they were given. */
  bits(key: string): Uint8Array | null {
    return this.#clauses.get(key)?.bits ?? null;
  }

  get specs(): Record<string, object> {
    return Object.fromEntries([...this.#clauses].map(([key, clause]) => [key, clause.spec]));
  }

  get keys(): string[] {
    return [...this.#clauses.keys()];
  }

  /** Rows that pass every clause, whatever Python's mask: Python adds that itself. */
  get clicked(): Uint8Array<ArrayBuffer> {
    return this.#passing(null, null);
  }

  /** Rows that pass everything but one clause: a facet ignores its own. */
  without(key: string | null): Uint8Array<ArrayBuffer> {
    return this.#passing(this.base, key);
  }

  #passing(base: Uint8Array | null, key: string | null): Uint8Array<ArrayBuffer> {
    const bits = new Uint8Array(byteLength(this.#n)).fill(255);
    if (base) and(bits, base);
    for (const [name, clause] of this.#clauses) if (name !== key) and(bits, clause.bits);
    const spare = bits.length * 8 - this.#n;
    if (spare) bits[bits.length - 1] &= 255 >> spare;
    return bits;
  }
}

function and(target: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < target.length; i++) target[i] &= other[i];
}

/** Rows in any of several sets. */
export function either(sets: Uint8Array[], n: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(byteLength(n));
  for (const set of sets) for (let i = 0; i < bits.length; i++) bits[i] |= set[i];
  return bits;
}

/** Whether two bitmasks are the same. */
export const same = (a: Uint8Array | null, b: Uint8Array): boolean =>
  a !== null && a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Rows whose category code is among `values`, or whose number lies in `range`. */
export function rowsWhere(column: Column, spec: Record<string, any>): Uint8Array<ArrayBuffer> {
  const { data } = column;
  const bits = new Uint8Array(byteLength(data.length));
  const [low, high] = spec.range ?? [0, 0];
  const wanted = new Set<number>(spec.values ?? []);
  for (let row = 0; row < data.length; row++) {
    const value = data[row];
    if (spec.range ? value >= low && value <= high : wanted.has(value)) {
      bits[row >> 3] |= 1 << (row & 7);
    }
  }
  return bits;
}
