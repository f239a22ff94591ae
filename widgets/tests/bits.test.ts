import assert from "node:assert/strict";
import { test } from "node:test";
import { byteLength, count, fromRows, has, pack, toRows, unpackInto } from "../src/bits.ts";

test("bit order is that of numpy.packbits(bitorder='little')", () => {
  // np.packbits([1,0,0,0,0,0,0,0, 0,1,1], bitorder="little") -> [1, 6]
  const flags = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
  assert.deepEqual([...pack(flags)], [1, 6]);
});

test("rows -> bits -> rows, at every length around a byte", () => {
  for (const n of [0, 1, 7, 8, 9, 31, 32, 33, 1000]) {
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => i % 3 === 0 || i === n - 1);
    const bits = fromRows(rows, n);
    assert.equal(bits.length, byteLength(n));
    assert.deepEqual([...toRows(bits)], rows);
    assert.equal(count(bits), rows.length);
    for (let i = 0; i < n; i++) assert.equal(has(bits, i), rows.includes(i));
  }
});

test("pack and unpack touch one flag only", () => {
  const state = Uint8Array.of(3, 2, 1, 0, 4, 5, 7, 6, 1);
  const bits = pack(state, 1);
  assert.deepEqual([...toRows(bits)], [0, 2, 5, 6, 8]);
  const target = state.map((s) => s ^ 1);
  unpackInto(bits, target, 1);
  assert.deepEqual([...target], [...state]);
});
