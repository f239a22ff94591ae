import assert from "node:assert/strict";
import { test } from "node:test";
import { fromRows, toRows } from "../src/bits.ts";
import { Link, NoKernel } from "../src/link.ts";
import { LiveStore } from "../src/store.ts";
import { DROPPED, OUT_OF_SCOPE, SELECTED, type Model } from "../src/types.ts";

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
  dead = false;
  widget_manager?: Model["widget_manager"];
  send(content: any, _: unknown, buffers: any[] = []) {
    if (this.dead) throw new Error("Cannot send");
    this.sent.push({ content, buffers });
  }
  get listening() {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
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
  void link.attach(uplink, controller.signal);
  const store = new LiveStore(session, link);
  store.attach(session, controller.signal);
  const selected = () => [...store.state.keys()].filter((row) => store.state[row] & SELECTED);
  const answer = (index: number, reply: object, buffers: Uint8Array[] = []) =>
    uplink.emit("msg:custom", { id: uplink.sent[index].content.id, ok: true, ...reply },
      buffers.map(view));
  const refuse = (index: number) =>
    uplink.emit("msg:custom", { id: uplink.sent[index].content.id, ok: false, message: "no" }, []);
  const asked = (op: string) => uplink.sent.filter(({ content }) => content.op === op);
  return { session, uplink, link, store, controller, selected, answer, refuse, asked };
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

test("a reloaded page asks again for searches and tags, and takes the outcome of what it cannot make", async () => {
  const filter = { search: { search: "x" }, "tags:": { tags: ["t"] }, odd: { of: "its own kind" } };
  const { store, answer, asked } = page(8, { filter, filter_bits: view(fromRows([1, 2, 3], 8)) });
  await turn();
  assert.equal(asked("search").length, 1);
  answer(0, {}, [fromRows([1, 2, 5], 8)]);
  answer(1, { name: "tag:t", kind: "category", dtype: "u8" }, [new Uint8Array([0, 1, 1, 1, 0, 1, 0, 0])]);
  await turn();
  assert.deepEqual([...toRows(store.scopeWithout(""))], [1, 2]);
  assert.deepEqual([...toRows(store.scopeWithout("odd"))], [1, 2, 5]);
});

test("a clause whose rows cannot be fetched holds nothing up", async () => {
  const filter = { label: { column: "label", values: [1] } };
  const { store, session, refuse } = page(4, { filter });
  const base = view(fromRows([0, 1], 4));
  session.write({ filter, filter_base: base, filter_revision: 1 });
  assert.equal(store.scopeCount, 2, "what needs no answer is taken at once");
  refuse(0);
  await turn();
  assert.equal(store.scopeCount, 2);
  assert.deepEqual(store.clause("label"), filter.label);
});

test("a reader who clicks while the filter is read is not overruled", async () => {
  const filter = { label: { column: "label", values: [1] } };
  const { store, answer, asked } = page(4, { filter });
  store.setClause("label", { column: "label", values: [0] }, fromRows([3], 4));
  answer(0, { name: "label", kind: "category", dtype: "u8" }, [new Uint8Array([0, 1, 0, 1])]);
  await turn();
  assert.deepEqual(store.clause("label"), { column: "label", values: [0] });
  assert.equal(store.scopeCount, 1);
  assert.equal(asked("filter").length, 1);
});

test("Python is told the clauses' rows alone, as its own mask may have moved", () => {
  const { store, asked } = page(8, { filter_base: view(fromRows([0, 1], 8)) });
  store.setClause("k", { column: "k", values: [0] }, fromRows([1, 2], 8));
  assert.equal(store.scopeCount, 1);
  assert.deepEqual([...toRows(asked("filter")[0].buffers[0])], [1, 2]);
});

test("a clause follows its column when that has other values", async () => {
  const columns = [{ name: "region", title: "region", kind: "category", version: "0" }];
  const { store, session, answer, asked } = page(4, { columns });
  const clause = { column: "region", values: [2] };
  store.setClause("region", clause, fromRows([0], 4));
  session.write({ filter: { region: { ...clause } }, filter_revision: 1 });
  answer(0, {});
  await turn();
  session.write({ columns: [{ ...columns[0], version: "1" }], columns_revision: 1 });
  const reply = { name: "region", kind: "category", dtype: "u8" };
  answer(1, reply, [new Uint8Array([0, 2, 2, 0])]);
  await turn();
  assert.deepEqual([...toRows(store.scopeWithout(""))], [1, 2]);
  assert.deepEqual([...toRows(asked("filter")[1].buffers[0])], [1, 2]);
});

test("a decision names the rows that are selected here, though Python has not heard of them", async () => {
  const { store, asked } = page(200);
  store.select("set", new Uint32Array([1]), "lasso");
  store.select("set", new Uint32Array([7, 8]), "lasso"); // waits
  void store.decide("drop", "", "selection");
  const [{ content, buffers }] = asked("decide");
  assert.equal(content.encoding, "rows");
  assert.deepEqual([...new Uint32Array(buffers[0].buffer)], [7, 8]);
  store.select("set", fromRows(Array.from({ length: 150 }, (_, k) => k), 200), "lasso");
  void store.decide("tag", "many", "selection");
  assert.equal(asked("decide")[1].content.encoding, "bits");
  assert.equal(asked("decide")[1].buffers[0].byteLength, 25);
});

test("undo waits for the selections that are not told yet", async () => {
  const { store, answer, asked } = page();
  store.select("set", new Uint32Array([1]), "lasso");
  store.select("set", new Uint32Array([2]), "lasso");
  store.undo();
  await turn();
  assert.equal(asked("undo").length, 0);
  answer(0, {});
  await turn();
  answer(1, {});
  await turn();
  assert.equal(asked("undo").length, 1);
});

test("a store that is shown again is in step with what happened meanwhile", () => {
  const { store, session, controller, selected } = page(8);
  controller.abort();
  const later = new FakeModel({
    ...session.traits,
    selection: view(fromRows([3, 4], 8)), selection_revision: 5,
    filter_base: view(fromRows([4], 8)), filter_revision: 2,
    dropped: view(fromRows([0], 8)), decisions_revision: 1,
  });
  store.attach(later, new AbortController().signal);
  assert.deepEqual(selected(), [3, 4]);
  assert.equal(store.scopeCount, 1);
  assert.equal(store.state[0] & DROPPED, DROPPED);
});

test("rows asked for again while they are on their way are not asked for twice", async () => {
  const { store, answer, asked } = page();
  const first = store.rows([1]);
  await turn();
  const second = store.rows([1]);
  const third = store.rows([1], ["x"]);
  await turn();
  assert.equal(asked("rows").length, 1);
  answer(0, { rows: [{ row: 1, text: "t", tags: [], values: {} }] });
  assert.equal((await first).length + (await second).length, 2);
  await turn();
  assert.deepEqual(asked("rows")[1].content.columns, ["x"]);
  answer(1, { rows: [{ row: 1, text: "t", tags: [], values: { x: 3 } }] });
  assert.equal((await third)[0].values.x, 3);
});

test("rows that cannot be had reject for everyone who waits for them, and for nobody else", async () => {
  const { store, answer, refuse, asked } = page(2_000);
  const many = Array.from({ length: 450 }, (_, k) => k);
  const both = store.rows(many);
  const beyond = store.rows([449]);
  await turn();
  assert.equal(asked("rows")[0].content.rows.length, 400);
  refuse(0);
  await assert.rejects(both, /no/);
  await turn();
  answer(1, { rows: [{ row: 449, text: "t", tags: [], values: {} }] });
  assert.equal((await beyond).length, 1);
});

test("rows read before a decision or a result are read again after it", async () => {
  const { store, session, answer, asked } = page();
  const early = store.rows([1], ["region"]);
  await turn();
  session.write({ decisions_revision: 1 }); // while the answer is on its way
  answer(0, { rows: [{ row: 1, text: "old", tags: [], values: { region: "easy" } }] });
  await early;
  const again = store.rows([1], ["region"]);
  await turn();
  assert.equal(asked("rows").length, 2);
  answer(1, { rows: [{ row: 1, text: "new", tags: ["t"], values: { region: "easy" } }] });
  assert.deepEqual((await again)[0].tags, ["t"]);
  session.write({ columns_revision: 1 });
  assert.equal(store.peek(1)?.text, "new", "shown until the new one is there");
  void store.rows([1], ["region"]);
  await turn();
  assert.equal(asked("rows").length, 3);
});

test("a kernel that ended is said, nothing hangs, and the reader's work stands", async () => {
  const { store, uplink, selected, session, controller } = page();
  let told = 0;
  store.on("busy", () => told++, controller.signal);
  store.select("set", new Uint32Array([4]), "lasso");
  const column = store.column("x");
  const rows = store.rows([1]);
  await turn();
  uplink.dead = true;
  store.undo();
  store.select("add", new Uint32Array([5]), "lasso");
  const late = store.rows([2]);
  await assert.rejects(column, NoKernel);
  await assert.rejects(rows, NoKernel);
  await assert.rejects(late, NoKernel);
  await turn();
  assert.deepEqual(selected(), [4, 5]);
  assert.equal(store.offline, true);
  assert.equal(store.busy, false);
  assert.ok(told >= 1);
  store.select("add", new Uint32Array([6]), "lasso");
  await turn();
  assert.deepEqual(selected(), [4, 5, 6], "not undone by what Python last said");
  uplink.dead = false; // the line is there again: Python is told all of it
  store.select("add", new Uint32Array([7]), "lasso");
  const { content, buffers } = uplink.sent.at(-1)!;
  assert.equal(content.operation, "set");
  assert.deepEqual([...toRows(buffers[0])], [4, 5, 6, 7]);
  uplink.emit("msg:custom", { id: content.id, ok: true }, []);
  assert.equal(store.offline, false);
  session.write({ selection: view(fromRows([7], 10)), selection_revision: 9 });
});

test("a page without a kernel knows it from the host and asks nobody", async () => {
  const { uplink, link, store } = page();
  const inner = { comm_live: true };
  uplink.widget_manager = { get_model: async (id) => (id === "abc" ? inner : undefined) };
  const controller = new AbortController();
  const restored = new Link();
  await restored.attach(uplink, controller.signal, "anywidget:abc");
  const waiting = restored.request("hello", {});
  inner.comm_live = false; // a restart
  uplink.emit("comm_live_update");
  await assert.rejects(waiting, NoKernel);
  await assert.rejects(restored.request("hello", {}), NoKernel);
  assert.equal(uplink.sent.length, 1);
  assert.equal(restored.gone, true);
  assert.equal(link.gone, store.offline);
});

test("listeners of a view that is gone are let go", async () => {
  const { uplink, session, controller, link } = page();
  const before = uplink.listening + session.listening;
  const waiting = link.request("hello", {});
  controller.abort();
  await assert.rejects(waiting, NoKernel);
  assert.ok(before > 0);
  assert.equal(uplink.listening + session.listening, 0);
});

const job = (id: string, state: string) => ({ id, key: "projection", title: "UMAP", state, progress: 0.5, queue: 0, can_retry: state === "failed" });

test("a cancelled job is cancelled on the page at once, and what Python says of it later is taken", async () => {
  const { store, session, answer, asked } = page(10, { jobs: [job("a", "running"), job("b", "waiting")] });
  let told = 0;
  store.on("jobs", () => told++, new AbortController().signal);
  const done = store.job("cancel", "a");
  assert.deepEqual(store.jobs.map(({ state }) => state), ["cancelled", "waiting"]);
  assert.equal(told, 1);
  assert.deepEqual(asked("cancel").map(({ content }) => content.job), ["a"]);
  session.write({ jobs: [job("a", "running"), job("b", "waiting")] });
  assert.equal(store.jobs[0].state, "cancelled", "a message that was on its way does not bring it back");
  answer(0, {});
  await done;
  session.write({ jobs: [job("a", "failed"), job("b", "running")] });
  assert.deepEqual(store.jobs.map(({ state }) => state), ["failed", "running"]);
  void store.job("dismiss", "a");
  assert.deepEqual(store.jobs.map(({ id }) => id), ["b"]);
});

test("a job that Python would not cancel is shown as it is", async () => {
  const { store, refuse } = page(10, { jobs: [job("a", "running")] });
  const done = store.job("cancel", "a");
  refuse(0);
  await assert.rejects(done);
  assert.equal(store.jobs[0].state, "running");
});

test("a kernel that looks for neighbours is not said to be busy, and what it finds are numbers", async () => {
  const { store, answer, asked } = page();
  const found = store.neighbours(3, 2, "lexical");
  await new Promise((resolve) => setTimeout(resolve, 350));
  assert.equal(store.busy, false);
  assert.equal(asked("neighbours")[0].content.encoder, "lexical");
  answer(0, { rows: [7, 1], similarity: [0.5, 0.25], encoder: "lexical", how: "exact" });
  assert.deepEqual(await found, { rows: Uint32Array.of(7, 1), similarity: Float32Array.of(0.5, 0.25), encoder: "lexical", how: "exact" });
});

test("what is special is asked for once the selection is told", async () => {
  const { store, answer, asked } = page();
  store.select("set", new Uint32Array([1]), "lasso");
  const contrast = store.contrast();
  await turn();
  assert.equal(asked("contrast").length, 0);
  answer(0, { revision: 1 });
  await turn();
  assert.equal(asked("contrast").length, 1);
  answer(1, { n: 1, n_rest: 9, words: [], values: [], notes: ["few rows"] });
  assert.deepEqual((await contrast).notes, ["few rows"]);
});
