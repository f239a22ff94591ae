import assert from "node:assert/strict";
import { test } from "node:test";
import { stack } from "../src/facets/stacks.ts";

test("each part goes to the shortest column, the first where they are alike", () => {
  assert.deepEqual(stack([3, 10, 2, 4], 2), [0, 1, 0, 0]);
  assert.deepEqual(stack([1, 1, 1], 3), [0, 1, 2]);
  assert.deepEqual(stack([], 4), []);
});
