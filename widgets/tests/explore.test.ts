import assert from "node:assert/strict";
import { test } from "node:test";
import { islands } from "../dev/maps-fake.ts";
import { RowsFake } from "../dev/rows-fake.ts";
import { encoderOf, part } from "../src/explore/part.ts";
import { mapsOf } from "../src/explore/tabs.ts";
import type { ViewContext } from "../src/types.ts";

function frame(more: Partial<ViewContext> = {}): { ctx: ViewContext; saved: object[] } {
  const store = new RowsFake(50, 3);
  const saved: object[] = [];
  const ctx = {
    store, key: "k", state: { map: { color: "region" }, embedding: { tool: "box" } },
    geometries: { embedding: islands(50).map, data_map: store.geometry },
    spec: {
      height: 500, facets: ["label"], rows: { sort: "words" }, open: "embedding",
      maps: { embedding: { color: "label", method: { encoder: "lexical" } }, data_map: { color: "correctness" } },
    },
    saveState: (patch: object) => saved.push(patch), onSpec: () => undefined, onGeometries: () => undefined,
    live: () => undefined, signal: new AbortController().signal, el: null,
    ...more,
  } as unknown as ViewContext;
  return { ctx, saved };
}

const el = null as unknown as HTMLElement;
const quiet = () => undefined;

test("each map has its own points, spec and state; the data map's state keeps its name", () => {
  const { ctx, saved } = frame();
  const embedding = part(ctx, el, "embedding", quiet);
  const dataMap = part(ctx, el, "data_map", quiet);
  assert.equal(embedding.geometries.map, ctx.geometries.embedding);
  assert.equal(dataMap.geometries.map, ctx.geometries.data_map);
  assert.deepEqual([embedding.spec.color, dataMap.spec.color], ["label", "correctness"]);
  assert.deepEqual([embedding.state, dataMap.state], [{ tool: "box" }, { color: "region" }]);
  assert.equal(embedding.spec.embedded, true);
  embedding.saveState({ color: "split" });
  dataMap.saveState({ tool: "pan" });
  assert.deepEqual(saved, [{ embedding: { tool: "box", color: "split" } }, { map: { color: "region", tool: "pan" } }]);
});

test("rows know whose vectors the frame is about, and that there are maps", () => {
  const { ctx } = frame();
  const rows = part(ctx, el, "rows", quiet);
  assert.equal(rows.spec.encoder, "lexical");
  assert.equal(rows.spec.sort, "words");
  assert.deepEqual(Object.keys(rows.geometries), ["embedding", "data_map"]);
  assert.deepEqual(part(ctx, el, "facets", quiet).spec.facets, ["label"]);
  ctx.spec = { ...ctx.spec, maps: { embedding: { method: { encoder: "all-MiniLM-L6-v2" } } } };
  assert.equal(rows.spec.encoder, "all-MiniLM-L6-v2", "a spec is read when it is asked for");
  assert.equal(encoderOf({}), "auto");
});

test("only maps that have points and a spec have a tab", () => {
  const { ctx } = frame();
  assert.deepEqual(mapsOf(ctx), ["embedding", "data_map"]);
  assert.deepEqual(mapsOf({ ...ctx, geometries: { data_map: ctx.geometries.data_map } }), ["data_map"]);
  assert.deepEqual(mapsOf({ ...ctx, spec: { ...ctx.spec, maps: undefined, map: {} } }), ["data_map"]);
  assert.deepEqual(mapsOf({ ...ctx, spec: {} }), []);
});
