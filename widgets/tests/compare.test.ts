import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../dev/fake.ts";
import { turned, turnOf, type Plane } from "../src/compare/align.ts";
import { agreementOf, agreementWords, namesOf } from "../src/compare/words.ts";

function cloud(n: number): Plane {
  const next = random(5);
  return { x: Float32Array.from({ length: n }, () => next() * 4 - 1), y: Float32Array.from({ length: n }, () => next() + 3) };
}

const far = (a: Plane, b: Plane): number => Math.max(...Array.from(a.x, (x, i) => Math.hypot(x - b.x[i], a.y[i] - b.y[i])));

test("a map that was turned, mirrored, scaled and moved comes back to where it was", () => {
  const first = cloud(300);
  for (const mirror of [1, -1]) {
    for (const angle of [0, 0.7, 2.5, -3]) {
      const [c, s] = [Math.cos(angle) * 0.2, Math.sin(angle) * 0.2];
      const second = turned(first, { a: c, b: -s * mirror, c: s, d: c * mirror, tx: 40, ty: -7 });
      assert.ok(far(first, second) > 1);
      assert.ok(far(first, turned(second, turnOf(first, second))) < 1e-4, `${mirror} ${angle}`);
    }
  }
});

test("rows without a place in one of the two do not count, and keep none", () => {
  const first = cloud(50);
  const second = turned(first, { a: 0, b: -2, c: 2, d: 0, tx: 1, ty: 1 });
  first.x[3] = Number.NaN;
  second.y[7] = Number.NaN;
  const back = turned(second, turnOf(first, second));
  assert.ok(Math.hypot(back.x[0] - first.x[0], back.y[0] - first.y[0]) < 1e-4);
  assert.ok(Number.isNaN(back.x[7]) || Number.isNaN(back.y[7]));
  assert.ok(Number.isFinite(back.x[3]));
});

test("too few rows, or all in one place, are left as they are but moved", () => {
  const one: Plane = { x: Float32Array.of(1), y: Float32Array.of(2) };
  assert.deepEqual(turnOf(one, one), { a: 1, b: 0, c: 0, d: 1, tx: 0, ty: 0 });
  const same: Plane = { x: new Float32Array(9).fill(2), y: new Float32Array(9).fill(3) };
  const back = turned(same, turnOf(cloud(9), same));
  assert.ok([...back.x, ...back.y].every(Number.isFinite));
});

test("the mean of the agreement and its interval over rows, rows without one left out", () => {
  const found = agreementOf({ data: Float32Array.of(0, 1, 0, 1, Number.NaN) });
  assert.equal(found?.rows, 4);
  assert.equal(found?.mean, 0.5);
  // sd of (0, 1, 0, 1) is 0.57735, over the root of 4 rows
  assert.ok(Math.abs((found?.high ?? 0) - Math.min(1, 0.5 + 1.959964 * 0.288675)) < 1e-5);
  assert.equal(agreementOf({ data: Float32Array.of(Number.NaN) }), null);
  assert.deepEqual(agreementOf({ data: Float32Array.of(0.25) }), { mean: 0.25, low: 0.25, high: 0.25, rows: 1 });
});

test("the sentence has the decimals that the interval bears", () => {
  assert.match(agreementWords({ mean: 0.281, low: 0.277, high: 0.284, rows: 9000 }, 15), /28\.1% of a row’s 15 nearest neighbours \(95% interval 27\.7% to 28\.4%, over rows\)\.$/);
  assert.match(agreementWords({ mean: 0.1, low: 0.05, high: 0.15, rows: 20 }, 15), / 10% .* \(95% interval 5% to 15%, over rows\)\.$/);
  assert.match(agreementWords({ mean: 0.8, low: 0.7, high: 0.9, rows: 20 }, 10), / 80% of a row’s 10 nearest/);
});

test("two maps are called by what they differ in", () => {
  const umap = { encoderTitle: "all-MiniLM-L6-v2", layout: "umap", title: "UMAP" };
  const pca = { ...umap, layout: "pca", title: "PCA" };
  const words = { ...umap, encoderTitle: "word vectors" };
  assert.deepEqual(namesOf(umap, pca), ["UMAP", "PCA"]);
  assert.deepEqual(namesOf(umap, words), ["all-MiniLM-L6-v2", "word vectors"]);
  assert.deepEqual(namesOf(pca, words), ["all-MiniLM-L6-v2, PCA", "word vectors, UMAP"]);
  assert.deepEqual(namesOf({}, {}), ["first map", "second map"]);
});
