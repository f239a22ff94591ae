import assert from "node:assert/strict";
import { test } from "node:test";
import { drawDensity } from "../src/density.ts";
import { BASE, CHOSEN, FAINT, LAYERS, MARGIN, drawPoints, radiusFor, surface } from "../src/raster.ts";
import type { Ink, Surface } from "../src/raster.ts";

const ink = (colour: number, radius: number): Ink => ({
  palette: new Uint32Array(256).fill(colour),
  radius,
  rim: 0,
});
const RED = 0xff0000ff;
const GREEN = 0xff00ff00;
const GREY = 0x30808080;
const at = (s: Surface, px: number, py: number): number =>
  s.pixels[(py + MARGIN) * s.stride + px + MARGIN];
const place = { sx: 1, ox: 0, sy: 1, oy: 0 };

test("layers: out of scope and dropped lie under the rest, selected on top, dropped or not", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map((s) => LAYERS[s]), [
    BASE, CHOSEN, FAINT, FAINT, FAINT, CHOSEN, FAINT, FAINT,
  ]);
  for (const draw of [drawPoints, drawDensity]) {
    for (const radius of [0.5, 1, 3]) {
      const s = surface(20, 20);
      // Three rows in one place; the selected one comes first, so only the layer can put it on top.
      const points = {
        x: Float32Array.of(10.5, 10.5, 10.5),
        y: Float32Array.of(10.5, 10.5, 10.5),
        colour: new Uint8Array(3),
        state: Uint8Array.of(1, 0, 2),
      };
      const drawn = draw(s, points, place, [ink(GREY, radius), ink(GREEN, radius), ink(RED, radius)]);
      assert.equal(drawn, 3);
      const seen = at(s, 10, 10);
      assert.ok((seen & 255) > 100 && ((seen >> 8) & 255) < 200, seen.toString(16));
      if (draw === drawPoints) assert.equal(seen, RED);
    }
  }
});

test("rows without a position and rows out of view are not drawn, nor do they crash", () => {
  for (const draw of [drawPoints, drawDensity]) {
    for (const radius of [0.5, 1, 5]) {
      const s = surface(8, 8);
      const points = {
        x: Float32Array.of(NaN, -50, 1e9, 4, Infinity),
        y: Float32Array.of(4, 4, -1e9, NaN, 2),
        colour: new Uint8Array(5),
        state: new Uint8Array(5),
      };
      assert.equal(draw(s, points, place, [ink(GREY, radius), ink(GREEN, radius), ink(RED, radius)]), 0);
      assert.ok(s.pixels.every((p) => p === 0));
    }
  }
});

test("discs are round and smooth, also at the corner of the surface", () => {
  const s = surface(40, 40);
  const points = {
    x: Float32Array.of(20.5, 0),
    y: Float32Array.of(20.5, 0),
    colour: new Uint8Array(2),
    state: new Uint8Array(2),
  };
  drawPoints(s, points, place, [ink(GREY, 4), ink(GREEN, 4), ink(RED, 4)]);
  let ink4 = 0;
  for (let py = 10; py < 31; py++) for (let px = 10; px < 31; px++) ink4 += (at(s, px, py) >>> 24) / 255;
  assert.ok(Math.abs(ink4 - Math.PI * 16) < 3, `area ${ink4}`);
  const alphas = new Set(Array.from({ length: 20 }, (_, k) => at(s, 10 + k, 17) >>> 24));
  assert.ok(alphas.size > 3, "edge has steps between none and full");
  assert.equal(at(s, 24, 20), at(s, 20, 24));
  assert.equal(at(s, 0, 0), GREEN);
});

test("the state and colour bytes choose the palette entry", () => {
  const palette = Uint32Array.from({ length: 256 }, (_, k) => (0xff000000 | k) >>> 0);
  const s = surface(4, 1);
  const points = {
    x: Float32Array.of(0.5, 1.5, 2.5),
    y: Float32Array.of(0.5, 0.5, 0.5),
    colour: Uint8Array.of(3, 255, 0),
    state: new Uint8Array(3),
  };
  drawPoints(s, points, place, [ink(GREY, 0.5), { palette, radius: 0.5, rim: 0 }, ink(RED, 0.5)]);
  assert.deepEqual([0, 1, 2].map((k) => at(s, k, 0) & 255), [3, 255, 0]);
});

test("density: more points, more ink; a lone point stays visible; colours mix", () => {
  const n = 64;
  const palette = new Uint32Array(256).fill(RED);
  palette[1] = 0xffff0000; // blue
  const s = surface(20, 4);
  const points = {
    x: Float32Array.from({ length: n }, (_, i) => (i === 0 ? 2.5 : i < 4 ? 6.5 : 10.5)),
    y: new Float32Array(n).fill(1.5),
    colour: Uint8Array.from({ length: n }, (_, i) => (i > 3 ? i & 1 : 0)),
    state: new Uint8Array(n),
  };
  drawDensity(s, points, place, [ink(GREY, 0.5), { palette, radius: 0.5, rim: 0 }, ink(RED, 0.5)]);
  const alpha = [2, 6, 10].map((px) => at(s, px, 1) >>> 24);
  assert.ok(alpha[0] >= 120 && alpha[0] < alpha[1] && alpha[1] < alpha[2], String(alpha));
  const mixed = at(s, 10, 1);
  assert.ok(Math.abs((mixed & 255) - ((mixed >> 16) & 255)) < 3);
});

test("radius falls with the number of points", () => {
  const radii = [1, 200, 2000, 20000, 200000, 1000000].map((n) => radiusFor(n, 315000));
  for (let k = 1; k < radii.length; k++) assert.ok(radii[k] < radii[k - 1]);
  assert.ok(radii[0] <= 5.5 && radii[5] >= 0.75);
});
