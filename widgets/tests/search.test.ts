import assert from "node:assert/strict";
import { test } from "node:test";
import { toRows } from "../src/bits.ts";
import { folded, matches, type TextBytes } from "../src/search/bytes.ts";
import { inSlices } from "../src/search/slices.ts";

function joined(texts: string[]): TextBytes {
  const parts = texts.map((text) => new TextEncoder().encode(text));
  const offsets = new Uint32Array(texts.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i] + part.length));
  const bytes = new Uint8Array(offsets[texts.length]);
  parts.forEach((part, i) => bytes.set(part, offsets[i]));
  return { offsets, bytes };
}

function run<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const find = (texts: string[], query: string): number[] => [...toRows(run(matches(run(folded(joined(texts))), query)))];

test("case does not matter, rows do", () => {
  const texts = ["The Cat", "dog", "", "concatenate", "ca", "t"];
  assert.deepEqual(find(texts, "CAT"), [0, 3]);
  assert.deepEqual(find(texts, "cat"), [0, 3]); // never "ca" + "t" across two rows
  assert.deepEqual(find(texts, "t"), [0, 3, 5]);
  assert.deepEqual(find(texts, "the cat"), [0]);
  assert.deepEqual(find(texts, "zebra"), []);
});

test("letters beyond ASCII, also those whose lower case is longer", () => {
  const texts = ["Ärger im BÜRO", "İstanbul", "naïve CAFÉ", "日本語のテキスト", "İİİİ x"];
  assert.deepEqual(find(texts, "büro"), [0]);
  assert.deepEqual(find(texts, "ÄRGER"), [0]);
  assert.deepEqual(find(texts, "café"), [2]);
  assert.deepEqual(find(texts, "本語"), [3]);
  assert.deepEqual(find(texts, "X"), [2, 4].filter((row) => row !== 2));
});

test("an empty search matches all, an empty dataset nothing", () => {
  assert.deepEqual(find(["a", "b"], "").slice(0, 2), [0, 1]);
  assert.deepEqual(find([], "a"), []);
});

test("agrees with the language on many random texts", () => {
  let seed = 7;
  const random = (n: number) => (seed = (seed * 16807) % 2147483647) % n;
  const texts = Array.from({ length: 3000 }, () =>
    Array.from({ length: random(12) }, () => "abABéÉ "[random(7)]).join(""),
  );
  for (const query of ["a", "ab", "aba", "É", "bé", " a", "aaa", "b b"]) {
    const expected = texts.flatMap((text, row) => (text.toLowerCase().includes(query.toLowerCase()) ? [row] : []));
    assert.deepEqual(find(texts, query), expected, query);
  }
});

test("twenty megabytes in slices, and no slice long", async () => {
  const line = "It was the best of times, it was the worst of times, it was the age of Wisdom. ";
  const rows = 120_000;
  const text = joined(Array.from({ length: rows }, (_, i) => line.repeat(2) + (i % 1000 === 0 ? "Needle" : "")));
  let longest = 0;
  function* timed<T>(work: Generator<void, T>): Generator<void, T> {
    for (;;) {
      const started = performance.now();
      const step = work.next();
      longest = Math.max(longest, performance.now() - started);
      if (step.done) return step.value;
      yield;
    }
  }
  const started = performance.now();
  const small = (await inSlices(timed(folded(text)), () => false)) as TextBytes;
  const prepared = performance.now();
  const bits = (await inSlices(timed(matches(small, "needle")), () => false)) as Uint8Array;
  console.log(
    `${(text.bytes.length / 1e6).toFixed(1)} MB: folded in ${(prepared - started).toFixed(0)} ms, ` +
      `searched in ${(performance.now() - prepared).toFixed(0)} ms, longest slice ${longest.toFixed(1)} ms`,
  );
  assert.equal(toRows(bits).length, 120);
  assert.ok(longest < 200);
});

test("a search that is overtaken stops", async () => {
  let stop = false;
  function* endless(): Generator<void, number> {
    for (;;) yield;
  }
  setTimeout(() => (stop = true), 20);
  assert.equal(await inSlices(endless(), () => stop), null);
});
