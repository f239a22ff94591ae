import assert from "node:assert/strict";
import { test } from "node:test";
import { count, toRows } from "../src/bits.ts";
import { buildGrid, countAbout, nearest } from "../src/grid.ts";
import { rowsInPolygon } from "../src/lasso.ts";

/** The same numbers in every run. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function cloud(n: number, seed = 1) {
  const next = random(seed);
  const x = Float32Array.from({ length: n }, () => next() ** 2 * 0.5);
  const y = Float32Array.from({ length: n }, () => 1 - next() ** 3);
  return { x, y, state: new Uint8Array(n) };
}

/** Textbook even-odd test, every row by itself. */
function naive(x: Float32Array, y: Float32Array, polygon: number[]): number[] {
  const rows: number[] = [];
  const n = polygon.length / 2;
  for (let i = 0; i < x.length; i++) {
    let odd = false;
    for (let a = 0; a < n; a++) {
      const b = (a + 1) % n;
      const [xa, ya, xb, yb] = [polygon[2 * a], polygon[2 * a + 1], polygon[2 * b], polygon[2 * b + 1]];
      if (ya <= y[i] !== yb <= y[i] && x[i] < xa + ((y[i] - ya) / (yb - ya)) * (xb - xa)) odd = !odd;
    }
    if (odd) rows.push(i);
  }
  return rows;
}

test("the grid holds every row with a position once", () => {
  const { x, y } = cloud(5000);
  x[7] = NaN;
  y[8] = Infinity;
  const grid = buildGrid(x, y);
  assert.equal(grid.order.length, 4998);
  assert.equal(new Set(grid.order).size, 4998);
  assert.ok(!grid.order.includes(7) && !grid.order.includes(8));
});

test("lasso equals the textbook test, row for row", () => {
  const next = random(5);
  for (const n of [3, 400, 5000, 40000]) {
    const { x, y, state } = cloud(n, n);
    const grid = buildGrid(x, y);
    const polygons = [
      [0, 0, 0.5, 0, 0.5, 1, 0, 1],
      [0.1, 0.1, 0.4, 0.9, 0.1, 0.9, 0.4, 0.1], // crosses itself
      [-1, -1, 2, -1, 2, 2, -1, 2], // around everything
      [5, 5, 6, 5, 6, 6], // away from everything
      Array.from({ length: 400 }, (_, k) => {
        const angle = ((k >> 1) / 200) * 2 * Math.PI;
        const r = 0.7 + 0.3 * Math.sin(9 * angle);
        return k & 1 ? 0.8 + 0.19 * r * Math.sin(angle) : 0.15 + 0.14 * r * Math.cos(angle);
      }),
      Array.from({ length: 24 }, (_, k) => (k & 1 ? next() : next() * 0.5)),
    ];
    for (const polygon of polygons) {
      const hit = rowsInPolygon(grid, polygon, state, 0);
      assert.deepEqual([...toRows(hit.bits)], naive(x, y, polygon));
      assert.equal(hit.count, count(hit.bits));
    }
  }
});

test("lasso passes over hidden rows", () => {
  const { x, y, state } = cloud(1000);
  for (let i = 0; i < 1000; i += 2) state[i] = 2;
  const hit = rowsInPolygon(buildGrid(x, y), [-1, -1, 2, -1, 2, 2, -1, 2], state, 2);
  assert.equal(hit.count, 500);
});

test("all points in one place, on one line, or none at all", () => {
  const square = [-1, -1, 2, -1, 2, 2, -1, 2];
  for (const n of [0, 1, 50]) {
    const x = new Float32Array(n).fill(0.25);
    const y = new Float32Array(n).fill(0.5);
    const state = new Uint8Array(n);
    assert.equal(rowsInPolygon(buildGrid(x, y), square, state, 0).count, n);
    const line = Float32Array.from({ length: n }, (_, i) => i / 50);
    assert.equal(rowsInPolygon(buildGrid(x, line), square, state, 0).count, n);
    const half = rowsInPolygon(buildGrid(line, y), [0.3, 0, 2, 0, 2, 1, 0.3, 1], state, 0);
    assert.deepEqual([...toRows(half.bits)], naive(line, y, [0.3, 0, 2, 0, 2, 1, 0.3, 1]));
  }
});

test("nearest is the nearest, within reach, on top, and never a hidden row", () => {
  const { x, y, state } = cloud(3000);
  const grid = buildGrid(x, y);
  const next = random(9);
  for (let trial = 0; trial < 200; trial++) {
    const [px, py] = [next() * 0.5, next()];
    let best = -1;
    let distance = 1;
    for (let i = 0; i < x.length; i++) {
      const d = ((x[i] - px) / 0.02) ** 2 + ((y[i] - py) / 0.04) ** 2;
      if (d <= distance) [best, distance] = [i, d];
    }
    assert.equal(nearest(grid, px, py, 0.02, 0.04, state, 0), best);
  }
  state.fill(2);
  assert.equal(nearest(grid, 0.1, 0.9, 1, 1, state, 2), -1);
});

test("counts about a rectangle are never too few, and all at the full view", () => {
  const { x, y } = cloud(30000);
  const grid = buildGrid(x, y);
  assert.equal(countAbout(grid, 0, 0.5, 0, 1), 30000);
  assert.equal(countAbout(grid, 3, 4, 0, 1), 0);
  const exact = x.filter((v, i) => v >= 0.1 && v <= 0.2 && y[i] >= 0.5 && y[i] <= 0.8).length;
  const about = countAbout(grid, 0.1, 0.2, 0.5, 0.8);
  assert.ok(about >= exact && about < exact * 1.2 + 50, `${about} for ${exact}`);
});
