import assert from "node:assert/strict";
import { test } from "node:test";
import { NOISE, OTHER, table } from "../src/palette.ts";
import { aired, boundsOf, coreOf, fitted, refitted } from "../src/datamap/aspect.ts";
import { colouringOf } from "../src/datamap/colour.ts";
import { layOut } from "../src/datamap/layout.ts";
import { overlap } from "../src/datamap/place.ts";
import { blur, countCells, isoline, levelsOf, SHARES } from "../src/embedding/contours.ts";
import { mix, paced } from "../src/embedding/follow.ts";
import { chooseNames, placeLevel, type Name } from "../src/embedding/levels.ts";
import { sentences } from "../src/embedding/says.ts";
import { jobOfMap } from "../src/embedding/waiting.ts";
import { stageOf } from "../src/jobchip.ts";
import { between, pan, zoom, type View } from "../src/scale.ts";
import type { Column, JobInfo } from "../src/types.ts";

const near = (a: number, b: number, by = 1e-6) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);
const unit = (view: View, size: { width: number; height: number }) => [(view.x1 - view.x0) / size.width, (view.y1 - view.y0) / size.height];

test("one unit is one unit both ways, fitted, zoomed, moved, resized and on the way", () => {
  const size = layOut(840, 480, 2, false).plot;
  assert.deepEqual(size, { left: 0, top: 0, width: 840, height: 480 });
  const home = fitted({ x0: -1, x1: 1, y0: -3, y1: 3 }, size);
  assert.ok(home.y1 - home.y0 === 6 && home.x1 > 1, "nothing is cut off");
  const closer = zoom(home, home, 3, 0.2, 0.7);
  const moved = pan(closer, home, 0.3, -0.1);
  const small = { width: 340, height: 300 };
  for (const [view, of] of [[home, size], [closer, size], [moved, size], [between(home, moved, 0.4), size], [refitted(moved, small), small]] as const) {
    const [across, up] = unit(view, of);
    near(across / up, 1, 1e-9);
  }
});

test("narrow and wide again leaves the view as it was", () => {
  const view = { x0: 2, x1: 6, y0: 1, y1: 3 };
  let now = view;
  for (const size of [{ width: 300, height: 300 }, { width: 1200, height: 400 }, { width: 800, height: 400 }]) now = refitted(now, size);
  for (const key of ["x0", "x1", "y0", "y1"] as const) near(now[key], view[key], 1e-9);
});

test("bounds: rows without a place are passed over; a point and a line get a plane", () => {
  const view = boundsOf(Float32Array.of(0, 10, NaN), Float32Array.of(5, 5, 99))!;
  assert.ok(view.x0 < 0 && view.x1 > 10 && view.y0 < 5 && view.y1 > 5 && view.y1 < 6);
  assert.equal(boundsOf(Float32Array.of(NaN), Float32Array.of(1)), null);
  const point = aired(3, 3, 4, 4);
  assert.ok(point.x1 > point.x0 && point.y1 > point.y0);
});

test("the map opens on all points, or without the few that lie far from all others", () => {
  const n = 2000;
  const [x, y] = [new Float32Array(n), new Float32Array(n)];
  for (let i = 0; i < n; i++) [x[i], y[i]] = [(i % 50) / 50, Math.floor(i / 50) / 40];
  const all = boundsOf(x, y)!;
  assert.deepEqual(coreOf(x, y, all), all);
  const none = new Float32Array(9).fill(NaN);
  assert.deepEqual(coreOf(none, none, all), all);
  for (let i = 0; i < 5; i++) [x[i], y[i]] = [20 + i, NaN];
  for (let i = 5; i < 9; i++) [x[i], y[i]] = [0.5, -30];
  const far = boundsOf(x, y)!;
  assert.ok(far.y0 < -30);
  const core = coreOf(x, y, far);
  assert.ok(core.y0 > -1 && core.y0 < 0 && core.y1 >= 0.99 && core.x1 >= 0.99, JSON.stringify(core));
  // a pile of duplicates is one dot, however many rows
  for (let i = 9; i < 300; i++) [x[i], y[i]] = [0.5, -30];
  const piled = coreOf(x, y, far);
  assert.ok(piled.y0 > -1 && piled.y1 >= 0.99, JSON.stringify(piled));
  for (const [k, v] of Object.entries(coreOf(Float32Array.of(1), Float32Array.of(1), boundsOf(Float32Array.of(1), Float32Array.of(1))!))) assert.ok(Number.isFinite(v), k);
});

test("gliding: half way is the middle, and rows appear and vanish without passing through nowhere", () => {
  const into = new Float32Array(4);
  mix(Float32Array.of(0, 4, NaN, 1), Float32Array.of(2, 0, 5, NaN), 0.5, into);
  assert.deepEqual([...into.slice(0, 3)], [1, 2, 5]);
  assert.ok(Number.isNaN(into[3]));
});

test("the pace of frames is even, whatever a single one does, and never a standstill", () => {
  let pace = 100;
  for (let k = 0; k < 20; k++) pace = paced(pace, k === 10 ? 3000 : 100);
  near(pace, 100, 12);
  assert.equal(paced(50, 1), 50);
  assert.ok(paced(400, 60_000) <= 400);
});

const names: Name[] = [
  { level: 0, name: "left", n: 60, x: 100, y: 100 },
  { level: 0, name: "right", n: 40, x: 500, y: 100 },
  ...Array.from({ length: 10 }, (_, k) => ({ level: 1, name: `part ${k}`, n: 10 - k, x: 60 + 12 * k, y: 100 })),
];
const size = () => ({ width: 70, height: 18 });
const room = { width: 600, height: 400, taken: [] };

test("names: coarse ones while finer ones crowd each other, finer ones once there is room", () => {
  const whole = chooseNames(names, ({ x, y }) => ({ x, y }), size, room);
  assert.deepEqual(whole.map(({ name }) => name.name), ["left", "right"]);
  const close = chooseNames(names, ({ x, y }) => ({ x: (x - 60) * 10, y: y + 100 }), size, room);
  assert.ok(close.length >= 4 && close.every(({ name }) => name.level === 1));
});

test("names never overlap each other or what must stay free, and stay on the plot", () => {
  const crowd = Array.from({ length: 200 }, (_, k): Name => ({ level: 0, name: `n${k}`, n: k, x: (k * 97) % 600, y: (k * 61) % 400 }));
  const taken = [{ left: 280, top: 180, width: 40, height: 40 }];
  const { placed, seen } = placeLevel(crowd, ({ x, y }) => ({ x, y }), size, { ...room, taken });
  assert.ok(seen === 200 && placed.length > 20);
  placed.forEach(({ box }, k) => {
    assert.ok(box.left >= 0 && box.top >= 0 && box.left + box.width <= 600 && box.top + box.height <= 400);
    for (const other of [...placed.slice(k + 1).map((one) => one.box), ...taken]) assert.ok(!overlap(box, other));
  });
  assert.equal(placed[0].name.name, "n199", "the largest goes first");
  assert.ok(chooseNames(crowd, ({ x, y }) => ({ x, y }), size, room).length <= (600 * 400) / 24_000);
});

test("a name stands beside a small cluster, and in the middle of a large one", () => {
  const one: Name[] = [{ level: 0, name: "one", n: 9, x: 300, y: 200 }];
  const disc = (radius: number) => (box: { left: number; top: number; width: number; height: number }) => {
    let n = 0;
    for (let x = box.left; x < box.left + box.width; x += 3) {
      for (let y = box.top; y < box.top + box.height; y += 3) n += Math.hypot(x - 300, y - 200) < radius ? 1 : 0;
    }
    return n;
  };
  const stands = (radius: number) => {
    const { box } = placeLevel(one, ({ x, y }) => ({ x, y }), size, { ...room, covered: disc(radius) }).placed[0];
    return Math.abs(box.top + box.height / 2 - 200);
  };
  assert.ok(stands(10) > 10);
  assert.equal(stands(150), 0);
});

test("names that are out of sight take no part", () => {
  const { placed, seen } = placeLevel(names, ({ x, y }) => ({ x: x - 300, y }), size, room);
  assert.equal(seen, 1);
  assert.deepEqual(placed.map(({ name }) => name.name), ["right"]);
  assert.deepEqual(chooseNames([], () => ({ x: 0, y: 0 }), size, room), []);
});

test("density: every row in scope is counted once, and smoothing keeps their number", () => {
  const x = Float32Array.of(0.5, 0.5, 19.5, NaN, 25, 10);
  const y = Float32Array.of(0.5, 0.5, 9.5, 1, 1, 5);
  const raster = countCells(x, y, Uint8Array.of(0, 0, 0, 0, 0, 2), { x0: 0, x1: 20, y0: 0, y1: 10 }, 20, 10);
  assert.equal(raster.values[0], 2);
  assert.equal(raster.values[199], 1);
  assert.equal(raster.values.reduce((sum, v) => sum + v, 0), 3);
  const one = { values: new Float32Array(41 * 41), columns: 41, rows: 41 };
  one.values[20 * 41 + 20] = 8;
  const smooth = blur(one, 3).values;
  near(smooth.reduce((sum, v) => sum + v, 0), 8, 1e-4);
  near(smooth[20 * 41 + 14], smooth[14 * 41 + 20], 1e-6);
  assert.ok(smooth[20 * 41 + 20] > smooth[20 * 41 + 23] && smooth[20 * 41 + 23] > smooth[20 * 41 + 28]);
  assert.equal(one.values[20 * 41 + 20], 8, "what was given stays");
});

test("levels enclose the shares they are named after", () => {
  const values = Float32Array.from({ length: 1000 }, (_, k) => (k % 100) + 1);
  const total = values.reduce((sum, v) => sum + v, 0);
  const levels = levelsOf(values, SHARES, 0);
  assert.equal(levels.length, 5);
  levels.forEach((level, k) => {
    const inside = values.filter((v) => v >= level).reduce((sum, v) => sum + v, 0) / total;
    near(inside, SHARES[k], 0.02);
  });
  assert.deepEqual(levelsOf(values, [0.95, 0.2], 80), levelsOf(values, [0.2], 0), "thin density is left out");
  assert.deepEqual(levelsOf(new Float32Array(9), SHARES, 0), []);
});

test("the line of a round hill is a closed circle", () => {
  const side = 61;
  const values = Float32Array.from({ length: side * side }, (_, k) => Math.exp(-(((k % side) - 30) ** 2 + (Math.floor(k / side) - 30) ** 2) / 200));
  const lines = isoline({ values, columns: side, rows: side }, Math.exp(-(20.3 ** 2) / 200));
  const ends = new Map<string, number>();
  const note = (x: number, y: number) => ends.set(`${x.toFixed(4)} ${y.toFixed(4)}`, (ends.get(`${x.toFixed(4)} ${y.toFixed(4)}`) ?? 0) + 1);
  for (let k = 0; k < lines.length; k += 4) {
    note(lines[k], lines[k + 1]);
    note(lines[k + 2], lines[k + 3]);
    near(Math.hypot(lines[k] - 30, lines[k + 1] - 30), 20.3, 0.05);
  }
  assert.ok(lines.length > 200 && [...ends.values()].every((n) => n === 2), "every piece goes on in another");
});

test("a saddle joins the corners that belong together", () => {
  const at = (values: number[]) => isoline({ values: Float32Array.from(values), columns: 2, rows: 2 }, 0.5);
  const apart = at([1, 0, 0, 1]); // high at two corners, the middle at the level: not above it
  assert.equal(apart.length, 8);
  assert.equal(at([1, 0, 0, 0.9]).length, 8);
  assert.equal(at([0, 0, 0, 0]).length, 0);
});

const clusters = (categories: string[], codes: number[], name = "cluster"): Column => ({
  name, title: name, kind: "category", data: Uint8Array.from(codes), categories, min: 0, max: 1,
});

test("noise is grey, comes last and can be filtered; another column may have a category of that name", () => {
  const colouring = colouringOf(clusters(["sport", "noise", "law"], [0, 1, 2, 1, 1]), 0);
  assert.deepEqual(colouring.entries.map(({ label, count }) => [label, count]), [["sport", 1], ["law", 1], ["noise", 3]]);
  assert.equal(colouring.entries[2].slot, NOISE);
  assert.deepEqual(colouring.entries[2].values, [1]);
  assert.deepEqual([...colouring.codes], [0, NOISE, 1, NOISE, NOISE]);
  assert.equal(colouringOf(clusters(["sport", "noise"], [0, 1], "sound"), 0).entries[1].slot, 1);
  const many = Array.from({ length: 30 }, (_, k) => `c${k}`);
  const crowded = colouringOf(clusters([...many, "noise"], Array.from({ length: 62 }, (_, k) => k >> 1)), 0);
  assert.equal(crowded.entries.at(-1)!.slot, NOISE);
  assert.equal(crowded.entries.at(-2)!.slot, OTHER);
  const colours = table("light", crowded.colours("light"), 1);
  assert.notEqual(colours[NOISE], colours[OTHER]);
});

test("the caption says what is known, and no more", () => {
  const lexical = { encoderTitle: "word vectors (TF-IDF, SVD)", layout: "umap" };
  assert.deepEqual(sentences({ ...lexical, trust: 0.612 }, true), [
    "Each dot is a row; near dots have similar word vectors (TF-IDF, SVD).",
    "UMAP keeps about 61% of each row\u2019s 15 nearest neighbours.",
  ]);
  assert.equal(sentences({ layout: "pca", explained: 0.34, trust: null }, true)[1], "PCA shows 34% of the variance.");
  assert.equal(sentences({ layout: "pca", explained: 0.34, trust: 0.1 }, true)[1], "PCA shows 34% of the variance and keeps about 10% of each row\u2019s 15 nearest neighbours.");
  assert.equal(sentences({ ...lexical, trust: null }, true).length, 1);
  assert.equal(sentences({ ...lexical, trust: 0.6 }, false)[1], "UMAP is still settling.");
  assert.match(sentences({ encoderTitle: "all-MiniLM-L6-v2" }, true)[0], /similar vectors \(all-MiniLM-L6-v2\)\.$/);
});

const job = (more: Partial<JobInfo>): JobInfo => ({
  id: "a", key: "projection", title: "UMAP", stage: "", state: "running", progress: 0.5, place: "worker", device: "", queue: 0,
  seconds: 0, memory: 0, message: "", can_retry: false, ...more,
});

test("the place of the points tells of the job that makes them, failed ones only if none is at work", () => {
  const failed = job({ id: "old", state: "failed", key: "embedding" });
  const waiting = job({ id: "next", state: "waiting", queue: 2 });
  const other = job({ id: "clusters", key: "clusters" });
  assert.equal(jobOfMap([failed, waiting, other])?.id, "next");
  assert.equal(jobOfMap([failed, other])?.id, "old");
  assert.equal(jobOfMap([other]), null);
  assert.equal(stageOf(waiting), "waits for 2 jobs");
  assert.equal(stageOf(job({ stage: "epoch 124 of 200" })), "epoch 124 of 200");
  assert.equal(stageOf(job({})), "50%");
});
