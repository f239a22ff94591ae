import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { RowsFake } from "../dev/rows-fake.ts";
import { fromRows } from "../src/bits.ts";
import { NEARNESS, RowsModel } from "../src/rows/model.ts";
import { byWords, encoderWords, MEANING, narrowToLike, narrowToMeaning, NEAREST, rankingOf } from "../src/search/meaning.ts";
import type { ViewContext } from "../src/types.ts";

// the little of a page that the model needs
Object.assign(globalThis, {
  window: globalThis,
  requestAnimationFrame: (fn: () => void) => setTimeout(fn, 0),
  cancelAnimationFrame: (timer: ReturnType<typeof setTimeout>) => clearTimeout(timer),
});
const open: AbortController[] = [];
afterEach(() => {
  for (const controller of open.splice(0)) controller.abort();
});

/** Some turns of the loop one after the other: on a busy machine they are as late as what they wait for. */
const rest = async () => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
};
const never = () => false;

async function model(n = 400): Promise<{ rows: RowsModel; store: RowsFake }> {
  const store = new RowsFake(n, 4);
  store.delay = 1;
  const controller = new AbortController();
  open.push(controller);
  const ctx = {
    store, spec: { encoder: "lexical" }, state: {}, geometries: {}, el: null, signal: controller.signal,
    saveState: () => undefined, onSpec: () => undefined, live: () => undefined,
  } as unknown as ViewContext;
  const rows = new RowsModel(ctx);
  await rest();
  return { rows, store };
}

test("a search by meaning keeps its rows as a clause that says whose they are", async () => {
  const { store } = await model();
  await narrowToMeaning(store, "gardens", "lexical", never);
  assert.equal(store.scopeCount, NEAREST);
  const ranking = rankingOf(store);
  assert.equal(ranking?.query, "gardens");
  assert.equal(ranking?.row, -1);
  assert.equal(ranking?.encoder, "lexical");
  assert.equal(rankingOf(store), ranking, "read once");
  const clause = JSON.parse(JSON.stringify(store.clause(MEANING)));
  assert.equal(clause.rows.length, clause.similarity.length);
  assert.equal(ranking?.similarity.get(clause.rows[0]), clause.similarity[0]);
});

test("an answer that came too late changes nothing", async () => {
  const { store } = await model();
  await narrowToMeaning(store, "gardens", "auto", () => true);
  assert.equal(rankingOf(store), null);
  store.refusal = "The encoder is not ready.";
  await assert.rejects(narrowToMeaning(store, "gardens", "auto", never), /not ready/);
  assert.equal(store.scopeCount, store.n);
});

test("rows are listed by similarity, all of them though some are selected, until sorted otherwise", async () => {
  const { rows, store } = await model();
  store.select("set", Uint32Array.of(1, 2), "lasso");
  await rest();
  assert.equal(rows.listing, "selection");
  await narrowToMeaning(store, "gardens", "auto", never);
  await rest();
  assert.equal(rows.listing, "all");
  assert.equal(rows.measure, NEARNESS);
  assert.deepEqual(rows.wanted, [], "the similarity is no column that the kernel has");
  const list = [...(rows.list as Uint32Array)];
  assert.deepEqual(list, [...(rankingOf(store)?.rows ?? [])]);
  rows.setSort({ name: "confidence", descending: false });
  await rest();
  assert.equal(rows.ranked, false);
  const { y } = store.geometry;
  const sorted = [...(rows.list as Uint32Array)];
  assert.deepEqual([...sorted].sort((a, b) => a - b), [...list].sort((a, b) => a - b));
  assert.ok(sorted.every((row, i) => i === 0 || y[sorted[i - 1]] <= y[row]));
  rows.setRanked();
  await rest();
  assert.deepEqual([...(rows.list as Uint32Array)], list);
});

test("other filters narrow what was found, in its order; when it ends the list is as before", async () => {
  const { rows, store } = await model();
  await narrowToMeaning(store, "gardens", "auto", never);
  const [first, second, third] = rankingOf(store)?.rows ?? [];
  store.setClause("label", { column: "label", values: [0] }, fromRows([third, first], store.n));
  await rest();
  assert.deepEqual([...(rows.list as Uint32Array)], [first, third]);
  assert.ok(second !== undefined);
  store.setClause("label", null, null);
  store.select("set", Uint32Array.of(5), "lasso");
  rows.endRanking();
  await rest();
  assert.equal(rows.ranked, false);
  assert.equal(rows.listing, "selection");
  assert.deepEqual([...(rows.list as Uint32Array)], [5]);
});

test("rows like a row begin with it, by the vectors of the view", async () => {
  const { rows, store } = await model();
  await rows.like(17);
  await rest();
  const ranking = rankingOf(store);
  assert.equal(ranking?.row, 17);
  assert.equal(ranking?.query, "");
  assert.equal((rows.list as Uint32Array)[0], 17);
  assert.equal((rows.list as Uint32Array).length, 31);
  assert.equal(ranking?.similarity.get(17), 1);
  assert.ok(store.asked.includes("neighbours 17 lexical"));
  store.refusal = "The encoder is not ready.";
  await rows.like(3);
  assert.match(rows.note, /No rows like this one: The encoder is not ready\./);
  assert.equal(rankingOf(store)?.row, 17);
});

test("of two questions the later one counts", async () => {
  const { rows, store } = await model();
  await Promise.all([rows.like(4), rows.like(9)]);
  await rest();
  assert.equal(rankingOf(store)?.row, 9);
});

test("a dataset of two rows has one row like the other", async () => {
  const { store } = await model(2);
  await narrowToLike(store, 0, "auto", never);
  assert.deepEqual([...(rankingOf(store)?.rows ?? [])], [0, 1]);
  await narrowToMeaning(store, "gardens", "auto", never);
  assert.equal(rankingOf(store)?.rows.length, 2);
});

test("an encoder goes by the name its readers know", () => {
  const names = ["lexical", "given", "given:clip", "all-MiniLM-L6-v2", "org/name@0123456789ab", "/home/me/models/mine@0123456789ab", "callable:embed@0a1b2c"];
  assert.deepEqual(names.map(encoderWords), ["word vectors", "the vectors given", "clip", "all-MiniLM-L6-v2", "org/name", "mine", "embed"]);
});

test("a search that found nothing says so, and filters nothing", async () => {
  const { store } = await model();
  store.similar = async () => ({ rows: new Uint32Array(), similarity: new Float32Array(), encoder: "lexical", how: "by words: no row has any of these words" });
  await assert.rejects(narrowToMeaning(store, "xyzzy", "auto", never), /^Error: Nothing was found by words: no row has any of these words\.$/);
  assert.equal(store.scopeCount, store.n);
});

test("how rows were found is said as Python says it; of rows like a row, whose vectors", async () => {
  const { rows, store } = await model();
  await narrowToMeaning(store, "gardens", "lexical", never);
  assert.equal(byWords(rankingOf(store)!), "by meaning (all-MiniLM-L6-v2, in the background kernel)");
  await rows.like(4);
  assert.equal(byWords(rankingOf(store)!), "by word vectors");
});
