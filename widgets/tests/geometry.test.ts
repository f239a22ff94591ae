import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, LiveGeometry, PagePoints, type PointsSource } from "../src/geometry.ts";
import type { Model, Points } from "../src/types.ts";

const view = (array: ArrayBufferView) => new DataView(array.buffer, array.byteOffset, array.byteLength);
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

class FakeModel implements Model {
  traits: Record<string, any>;
  #listeners = new Map<string, Set<(...args: any[]) => void>>();
  constructor(traits: Record<string, any>) {
    this.traits = traits;
  }
  get(name: string) {
    return this.traits[name];
  }
  set(name: string, value: unknown) {
    this.traits[name] = value;
  }
  on(event: string, fn: (...args: any[]) => void) {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(fn));
  }
  off(event: string, fn: (...args: any[]) => void) {
    this.#listeners.get(event)?.delete(fn);
  }
  send() {}
  emit(event: string, ...args: any[]) {
    for (const fn of [...(this.#listeners.get(event) ?? [])]) fn(...args);
  }
  write(traits: Record<string, any>) {
    Object.assign(this.traits, traits);
    for (const name of Object.keys(traits)) this.emit(`change:${name}`);
  }
  get listening() {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

const floats = (...values: number[]) => Float32Array.from(values);
const empty = () => view(new Uint8Array(0));

function source(points: Partial<Points> = {}) {
  const log: string[] = [];
  const store: PointsSource = {
    points: async (projection) => {
      log.push(`points ${projection}`);
      return { x: floats(7, 8, 9), y: floats(1, 2, 3), first: null, ...points };
    },
    offer: (column) => log.push(`offer ${column.name}`),
    drawn: (projection, frame) => log.push(`drawn ${projection} ${frame}`),
  };
  return { store, log };
}

const traits = (more: Record<string, any> = {}) => ({
  n: 3, projection: "embedding:a", revision: 1, first: {}, x: empty(), y: empty(),
  about: { kind: "embedding", title: "PCA", note: "", ready: false }, ...more,
});

const code = (...values: number[]) => view(Uint16Array.from(values));

test("a frame's codes run from bound to bound, and one of them is no place", () => {
  const bytes = new Uint8Array(Uint16Array.of(0, 32767, 65534, 65535).buffer);
  const values = decode(bytes, -10, 20);
  assert.deepEqual([...values.slice(0, 3)], [-10, 5, 20]);
  assert.ok(Number.isNaN(values[3]));
  const shifted = new Uint8Array(9);
  shifted.set(bytes, 1);
  assert.deepEqual([...decode(shifted.subarray(1), -10, 20).slice(0, 3)], [-10, 5, 20], "bytes at an odd place");
});

test("points that are not there yet have no place, and nobody is asked for them", async () => {
  const { store, log } = source();
  const geometry = await LiveGeometry.load(new FakeModel(traits()), store);
  assert.equal(geometry.hasPoints, false);
  assert.ok(geometry.x.length === 3 && geometry.x.every(Number.isNaN));
  assert.deepEqual(log, []);
});

test("a new revision brings final points, and the model lets go of them", async () => {
  const { store } = source();
  const model = new FakeModel(traits());
  const geometry = await LiveGeometry.load(model, store);
  const seen: string[] = [];
  const { signal } = new AbortController();
  geometry.attach(model, signal);
  for (const kind of ["moved", "frame", "about"] as const) geometry.on(kind, () => seen.push(kind), signal);
  model.write({ x: view(floats(1, 2, 3)), y: view(floats(4, 5, 6)), about: { kind: "embedding", title: "UMAP", note: "", ready: true }, revision: 2 });
  await turn();
  assert.deepEqual(seen, ["moved"]);
  assert.deepEqual([...geometry.x], [1, 2, 3]);
  assert.equal(geometry.about.title, "UMAP");
  assert.equal(model.get("x").byteLength, 0);
});

test("a second view, and a page that was reloaded, ask the kernel for what the model let go of", async () => {
  const { store, log } = source();
  const ready = { kind: "embedding", title: "", note: "", ready: true };
  const geometry = await LiveGeometry.load(new FakeModel(traits({ about: ready })), store);
  assert.deepEqual(log, ["points embedding:a"]);
  assert.deepEqual([...geometry.x], [7, 8, 9]);
});

test("a frame moves the points, is acknowledged once, and two views hear it once", async () => {
  const { store, log } = source();
  const model = new FakeModel(traits());
  const geometry = await LiveGeometry.load(model, store);
  const [one, two] = [new AbortController(), new AbortController()];
  const handle = new FakeModel(model.traits);
  geometry.attach(model, one.signal);
  geometry.attach(handle, two.signal);
  let frames = 0;
  geometry.on("frame", () => frames++, two.signal);
  const hear = (frame: number, ...x: number[]) => {
    for (const each of [model, handle]) each.emit("msg:custom", { frame, bounds: [0, 65534, 0, 65534] }, [code(...x), code(9, 9, 9)]);
  };
  hear(1, 1, 2, 65535);
  assert.equal(frames, 1);
  assert.deepEqual([...geometry.x.slice(0, 2)], [1, 2]);
  assert.ok(Number.isNaN(geometry.x[2]) && geometry.hasPoints && !geometry.about.ready);
  geometry.drawn(1);
  geometry.drawn(1);
  assert.deepEqual(log, ["drawn embedding:a 1"]);
  one.abort();
  assert.equal(model.listening, 0);
  hear(2, 5, 6, 7);
  assert.equal(frames, 2, "the other view's handle is listened to now");
  assert.deepEqual([...geometry.x], [5, 6, 7]);
});

test("final points replace those of a frame, and what was asked for before a frame comes too late", async () => {
  let give: (points: Points) => void = () => undefined;
  const { store } = source();
  store.points = () => new Promise((resolve) => (give = resolve));
  const model = new FakeModel(traits());
  const geometry = await LiveGeometry.load(model, store);
  const { signal } = new AbortController();
  geometry.attach(model, signal);
  model.write({ about: { ready: true }, revision: 2 });
  model.emit("msg:custom", { frame: 4, bounds: [0, 65534, 0, 65534] }, [code(1, 1, 1), code(2, 2, 2)]);
  give({ x: floats(7, 7, 7), y: floats(7, 7, 7), first: null });
  await turn();
  assert.deepEqual([...geometry.x], [1, 1, 1]);
  model.write({ x: view(floats(3, 3, 3)), y: view(floats(4, 4, 4)), revision: 3 });
  await turn();
  assert.deepEqual([...geometry.x], [3, 3, 3]);
  assert.equal(geometry.frame, null);
});

test("a damaged frame changes nothing", async () => {
  const { store } = source();
  const model = new FakeModel(traits());
  const geometry = await LiveGeometry.load(model, store);
  geometry.attach(model, new AbortController().signal);
  model.emit("msg:custom", { frame: 1, bounds: [0, 1, 0, 1] }, [code(1, 2), code(1, 2)]);
  model.emit("msg:custom", { frame: 1 }, []);
  assert.equal(geometry.hasPoints, false);
});

test("what the page moves by itself tells its views the same", () => {
  const points = new PagePoints(2, "embedding:b");
  const seen: string[] = [];
  points.on("moved", () => seen.push("moved"), new AbortController().signal);
  points.move(floats(1, 2), floats(3, 4), { ready: true });
  assert.deepEqual(seen, ["moved"]);
  assert.ok(points.hasPoints);
});
