import assert from "node:assert/strict";
import { test } from "node:test";
import { fromRows, toRows } from "../src/bits.ts";
import { Link } from "../src/link.ts";
import { LiveStore } from "../src/store.ts";
import { OUT_OF_SCOPE, SELECTED, type Model } from "../src/types.ts";

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A widget model as the page sees it: traits, events, and what was sent. */
class FakeModel implements Model {
  traits: Record<string, any>;
  sent: { content: any; buffers: Uint8Array[] }[] = [];
  #listeners = new Map<string, Set<(...args: any[]) => void>>();

  constructor(traits: Record<string, any> = {}) {
    this.traits = traits;
  }
  set(name: string, value: unknown) {
    this.traits[name] = value;
  }
  get(name: string) {
    return this.traits[name];
  }
  on(event: string, fn: (...args: any[]) => void) {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(fn));
  }
  off(event: string, fn: (...args: any[]) => void) {
    this.#listeners.get(event)?.delete(fn);
  }
  send(content: any, _: unknown, buffers: any[] = []) {
    this.sent.push({ content, buffers });
  }
  emit(event: string, ...args: any[]) {
    for (const fn of [...(this.#listeners.get(event) ?? [])]) fn(...args);
  }
  write(traits: Record<string, any>) {
    Object.assign(this.traits, traits);
    for (const name of Object.keys(traits)) this.emit(`change:${name}`);
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

function page(n = 10, traits: Record<string, any> = {}) {
  const session = new FakeModel({
    dataset: "d", name: "toy", n_rows: n, columns: [], runs: [], n_epochs: 0, text_bytes: 0,
    selection: view(new Uint8Array(0)), selection_revision: 0, selection_origin: "",
    filter: {}, filter_base: view(new Uint8Array(0)), filter_bits: view(new Uint8Array(0)),
    filter_revision: 0, tags: {}, dropped: view(new Uint8Array(0)), decisions_revision: 0,
    undo_label: "", redo_label: "", columns_revision: 0, ...traits,
  });
  const uplink = new FakeModel();
  const link = new Link();
  const controller = new AbortController();
  link.attach(uplink, controller.signal);
  const store = new LiveStore(session, link);
  store.attach(session, controller.signal);
  const selected = () => [...store.state.keys()].filter((row) => store.state[row] & SELECTED);
  const answer = (index: number, reply: object, buffers: Uint8Array[] = []) =>
    uplink.emit("msg:custom", { id: uplink.sent[index].content.id, ok: true, ...reply },
      buffers.map(view));
  return { session, uplink, link, store, controller, selected, answer };
}

test("a selection is there at once and told to the kernel after", () => {
  const { store, uplink, selected } = page();
  store.select("set", new Uint32Array([1, 3]), "lasso");
  store.select("add", new Uint32Array([5]), "lasso");
  assert.deepEqual(selected(), [1, 3, 5]);
  assert.equal(store.selectedCount, 3);
  assert.equal(uplink.sent.length, 1, "the second waits for the first");
  assert.equal(uplink.sent[0].content.operation, "set");
});

test("what was done while the kernel was busy goes out as one newest mask", async () => {
  const { store, uplink, answer } = page();
  store.select("set", new Uint32Array([1]), "lasso");
  store.select("add", new Uint32Array([2]), "lasso");
  store.select("add", new Uint32Array([3]), "lasso");
  answer(0, { revision: 1 });
  await turn();
  assert.equal(uplink.sent.length, 2);
  assert.equal(uplink.sent[1].content.operation, "set");
  assert.deepEqual([...toRows(uplink.sent[1].buffers[0])], [1, 2, 3]);
});

test("an older selection from Python does not undo what the reader just did", async () => {
  const { store, session, selected, answer } = page();
  store.select("set", new Uint32Array([7]), "lasso");
  session.write({ selection: view(fromRows([1], 10)), selection_revision: 1 });
  assert.deepEqual(selected(), [7], "an answer is still on its way");
  session.write({ selection: view(fromRows([7], 10)), selection_revision: 2 });
  answer(0, { revision: 2 });
  await turn();
  assert.deepEqual(selected(), [7]);
  session.write({ selection: view(fromRows([2, 9], 10)), selection_revision: 3 });
  assert.deepEqual(selected(), [2, 9], "Python's next word is taken");
});

test("a facet ignores its own clause and respects the others", () => {
  const { store } = page(10);
  store.setClause("label", { column: "label", values: [0] }, fromRows([0, 1, 2, 3], 10));
  store.setClause("split", { column: "split", values: [1] }, fromRows([2, 3, 4, 5], 10));
  assert.equal(store.scopeCount, 2);
  assert.deepEqual([...toRows(store.scopeWithout("label"))], [2, 3, 4, 5]);
  assert.equal(store.state[0] & OUT_OF_SCOPE, OUT_OF_SCOPE);
  store.setClause("label", null, null);
  assert.equal(store.scopeCount, 4);
});

test("a column is fetched once, and again when its version moves", async () => {
  const columns = [{ name: "region", title: "region", kind: "category", version: "a" }];
  const { store, session, uplink, answer } = page(4, { columns });
  const first = store.column("region");
  void store.column("region");
  const reply = { name: "region", kind: "category", dtype: "u8", categories: ["easy"] };
  answer(0, reply, [new Uint8Array([0, 0, 255, 0])]);
  assert.deepEqual([...(await first).data], [0, 0, 255, 0]);
  await store.column("region");
  assert.equal(uplink.sent.length, 1);
  session.write({ columns: [{ ...columns[0], version: "b" }], columns_revision: 1 });
  void store.column("region");
  assert.equal(uplink.sent.length, 2);
});

test("rows asked for in one turn travel together, and once", async () => {
  const { store, uplink, answer } = page();
  const both = Promise.all([store.rows([1, 2]), store.rows([2, 3])]);
  await turn();
  assert.equal(uplink.sent.length, 1);
  assert.deepEqual(uplink.sent[0].content.rows, [1, 2, 3]);
  const rows = [1, 2, 3].map((row) => ({ row, text: `t${row}`, tags: [], values: {} }));
  answer(0, { rows });
  const [, second] = await both;
  assert.deepEqual(second.map((detail) => detail.text), ["t2", "t3"]);
  await store.rows([1]);
  assert.equal(uplink.sent.length, 1);
  assert.equal(store.peek(3)?.text, "t3");
});

test("rows a kernel does not know are left out, and do not hang", async () => {
  const { store, answer } = page();
  const asked = store.rows([99]);
  await turn();
  answer(0, { rows: [] });
  assert.deepEqual(await asked, []);
});

test("a kernel that does not answer is said to be busy, then not", async () => {
  const { store, answer, controller } = page();
  let told = 0;
  store.on("busy", () => told++, controller.signal);
  void store.column("x");
  await new Promise((resolve) => setTimeout(resolve, 350));
  assert.equal(store.busy, true);
  answer(0, { name: "x", kind: "number", dtype: "u8" }, [new Uint8Array(10)]);
  assert.equal(store.busy, false);
  assert.equal(told, 2);
});

test("a reloaded page makes its clauses' rows again", async () => {
  const traits = {
    columns: [{ name: "label", title: "label", kind: "category", version: "0" }],
    filter: { label: { column: "label", values: [1] } },
    filter_bits: view(fromRows([1], 4)),
  };
  const { store, answer } = page(4, traits);
  const reply = { name: "label", kind: "category", dtype: "u8", categories: ["a", "b"] };
  answer(0, reply, [new Uint8Array([0, 1, 0, 1])]);
  await turn();
  assert.equal(store.scopeCount, 2);
  assert.deepEqual(store.clause("label"), { column: "label", values: [1] });
});
