import assert from "node:assert/strict";
import { test } from "node:test";
import { fromRows, toRows } from "../src/bits.ts";
import { countCategories, countMask, keepCategories, longestShare, usedCodes } from "../src/facets/count.ts";

const codes = new Uint8Array([0, 1, 1, 255, 2, 0]);
//                 selected: 0, 1, 3; out of scope: 2, 3
const state = new Uint8Array([1, 1, 2, 3, 0, 0]);

test("rows in scope and the selected among them, missing values last", () => {
  const { inScope, selected } = countCategories(codes, state, 3, null);
  assert.deepEqual([...inScope], [2, 1, 1, 0]);
  assert.deepEqual([...selected], [1, 1, 0, 0]);
});

test("a facet that ignores its own clause counts by the scope it is given", () => {
  const scope = fromRows([1, 2, 3], 6);
  const { inScope, selected } = countCategories(codes, state, 3, scope);
  assert.deepEqual([...inScope], [0, 2, 0, 1]);
  assert.deepEqual([...selected], [0, 1, 0, 1]);
});

test("wide codes count alike", () => {
  const wide = Uint16Array.from(codes, (code) => (code === 255 ? 65535 : code));
  assert.deepEqual(countCategories(wide, state, 3, null), countCategories(codes, state, 3, null));
});

test("a clause keeps its categories, rows without a value by their own code", () => {
  assert.deepEqual([...toRows(keepCategories(codes, [0, 2]))], [0, 4, 5]);
  assert.deepEqual([...toRows(keepCategories(codes, [255]))], [3]);
  assert.deepEqual([...toRows(keepCategories(new Uint16Array([65535, 300]), [65535]))], [0]);
});

test("a tag counts its rows in scope and the selected among them", () => {
  assert.deepEqual(countMask(fromRows([0, 3, 5], 6), state, null), [2, 1]);
  assert.deepEqual(countMask(fromRows([0, 3, 5], 6), state, fromRows([3], 6)), [1, 1]);
});

test("only categories that some row has are listed, filtered away or not", () => {
  assert.deepEqual(usedCodes(new Uint8Array([1, 3, 3, 255]), 4), [1, 3]);
  assert.deepEqual(usedCodes(new Uint16Array([300, 65535, 0]), 400), [0, 300]);
});

test("the longest bar is the largest share of either", () => {
  const { inScope, selected } = countCategories(codes, state, 3, null);
  assert.equal(longestShare({ inScope, selected }), 0.5);
});

test("a million rows by five facets", () => {
  const n = 1_000_000;
  const columns = Array.from({ length: 5 }, (_, k) => Uint8Array.from({ length: n }, (_, i) => (i * (k + 3)) % 20));
  const flags = Uint8Array.from({ length: n }, (_, i) => i % 4);
  countCategories(columns[0], flags, 20, null);
  const started = performance.now();
  for (const column of columns) countCategories(column, flags, 20, null);
  const taken = performance.now() - started;
  console.log(`5 facets of 1,000,000 rows in ${taken.toFixed(1)} ms`);
  assert.ok(taken < 500, `${taken} ms`);
});
