import assert from "node:assert/strict";
import { test } from "node:test";
import {
  between, formatter, pan, roundStep, sameView, ticks, toDataX, toDataY, toPixelX, toPixelY, zoom,
} from "../src/scale.ts";

const home = { x0: 0, x1: 0.5, y0: 0, y1: 1 };
const size = { width: 700, height: 450 };

test("ticks are round, within the range and free of float dust", () => {
  const x = ticks(0, 0.5, 5);
  assert.deepEqual(x.values.map(x.format), ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
  const y = ticks(-0.01, 1.01, 4);
  assert.deepEqual(y.values.map(y.format), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  const close = ticks(0.12344, 0.12356, 4);
  assert.ok(close.values.length >= 2 && close.values.length <= 8);
  assert.equal(new Set(close.values.map(close.format)).size, close.values.length);
});

test("steps are 1, 2 or 5 times a power of ten", () => {
  for (let span = 1e-6; span < 1e6; span *= 1.7) {
    const step = roundStep(span, 6);
    const lead = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
    assert.ok([1, 2, 5, 10].some((v) => Math.abs(lead - v) < 1e-6), `${span} -> ${step}`);
    assert.ok(span / step > 2.5 && span / step < 13);
  }
});

test("minus is a minus, and zero has none", () => {
  assert.equal(formatter(0.1)(-0.3), "\u22120.3");
  assert.equal(formatter(0.1)(-0.0001), "0.0");
});

test("pixels and data are each other's inverse", () => {
  for (const v of [0, 0.1, 0.37, 0.5]) {
    assert.ok(Math.abs(toDataX(home, size, toPixelX(home, size, v)) - v) < 1e-12);
    assert.ok(Math.abs(toDataY(home, size, toPixelY(home, size, v)) - v) < 1e-12);
  }
  assert.equal(toPixelY(home, size, 1), 0);
});

test("zoom keeps the point under the pointer", () => {
  const before = toDataX(home, size, 200);
  const view = zoom(home, home, 2, 200 / 700, 0.4);
  assert.ok(Math.abs(toDataX(view, size, 200) - before) < 1e-12);
  assert.ok(Math.abs((view.x1 - view.x0) * 2 - 0.5) < 1e-12);
});

test("zoom and pan have ends", () => {
  let view = home;
  for (let i = 0; i < 50; i++) view = zoom(view, home, 0.5, 0.5, 0.5);
  assert.ok(view.x1 - view.x0 <= 0.75 + 1e-12);
  for (let i = 0; i < 100; i++) view = zoom(view, home, 2, 0.5, 0.5);
  assert.ok(view.x1 - view.x0 >= 0.5 / 5000 - 1e-12);
  view = pan(home, home, 30, -30);
  assert.ok((view.x0 + view.x1) / 2 >= home.x0 && (view.y0 + view.y1) / 2 <= home.y1);
});

test("a flight between views starts and ends where it should", () => {
  const b = { x0: 0.2, x1: 0.21, y0: 0.5, y1: 0.52 };
  assert.ok(sameView(between(home, b, 0), home));
  assert.ok(sameView(between(home, b, 1), b));
  const half = between(home, b, 0.5);
  assert.ok(half.x0 > 0 && half.x1 < 0.5 && half.x0 < half.x1);
});
