import assert from "node:assert/strict";
import { test } from "node:test";
import { JOBS } from "../dev/jobs-fake.ts";
import { acted } from "../dev/rows-fake.ts";
import { failure, formatMemory, formatSeconds, inOrder, isOver, shareOf, stateWords, summary, whereWords } from "../src/jobs/words.ts";
import type { JobInfo } from "../src/types.ts";

const job = (more: Partial<JobInfo>): JobInfo => ({ ...JOBS[0], ...more });

test("running ones first, then those that wait in their order, then finished ones, newest first", () => {
  assert.deepEqual(inOrder(JOBS).map(({ id }) => id), ["3", "4", "5", "6", "8", "7", "2", "1"]);
  const waiting = [job({ id: "a", state: "waiting", queue: 2 }), job({ id: "b", state: "waiting", queue: 0 })];
  assert.deepEqual(inOrder(waiting).map(({ id }) => id), ["b", "a"]);
  assert.deepEqual(JOBS.filter(isOver).map(({ id }) => id), ["1", "2", "7", "8"]);
});

test("times and sizes read alike whatever their size, and say nothing where nothing is known", () => {
  const times = [0.04, 0.32, 9.94, 9.96, 59.4, 59.6, 214, 3599.6, 4200, 400_000];
  assert.deepEqual(times.map(formatSeconds), ["<0.1 s", "0.3 s", "9.9 s", "10 s", "59 s", "1 min 00 s", "3 min 34 s", "1 h 00 min", "1 h 10 min", "111 h 06 min"]);
  for (const nothing of [null, undefined, Number.NaN, -1, Infinity]) assert.equal(formatSeconds(nothing), "");
  assert.deepEqual([1, 6.4e8, 9.996e8, 1.43e9].map(formatMemory), ["1 MB", "640 MB", "1.0 GB", "1.4 GB"]);
  for (const nothing of [null, undefined, 0, Number.NaN]) assert.equal(formatMemory(nothing), "");
});

test("what a job is at, in words", () => {
  assert.equal(stateWords(job({ state: "running", stage: "epoch 3 of 200" })), "Epoch 3 of 200");
  assert.equal(stateWords(job({ state: "running", stage: "" })), "Running");
  assert.equal(stateWords(job({ state: "waiting", queue: 0 })), "Next in line");
  assert.equal(stateWords(job({ state: "waiting", queue: 1 })), "Waits for 1 job");
  assert.equal(stateWords(job({ state: "waiting", queue: 1234 })), "Waits for 1,234 jobs");
  assert.equal(stateWords(job({ state: "done", place: "cache" })), "Was there already");
  assert.equal(stateWords(job({ state: "something else" as JobInfo["state"], queue: 0 })), "Next in line");
  assert.equal(shareOf(job({ progress: null })), null);
  assert.equal(shareOf(job({ progress: 1.5 })), null);
  assert.equal(shareOf(job({ progress: 0 })), 0);
});

test("where it runs, and on what", () => {
  assert.deepEqual(whereWords(job({ place: "worker", device: "cuda:0", backend: "torchdr" })), { place: "background kernel", device: "CUDA:0 · torchdr" });
  assert.deepEqual(whereWords(job({ place: "remote: gpu.example.org", device: "cpu", backend: undefined })), { place: "gpu.example.org", device: "CPU" });
  assert.deepEqual(whereWords(job({ place: "here", device: "", backend: "umap" })), { place: "notebook kernel", device: "umap" });
});

test("an error says what was wrong and what to do; its code is not read by people", () => {
  assert.deepEqual(failure("Wanted a column. Got none. To do: name one. [column_missing]"), { what: "Wanted a column. Got none.", todo: "Name one." });
  assert.deepEqual(failure("plain words"), { what: "plain words", todo: "" });
  assert.deepEqual(failure("a list [1, 2, 3]"), { what: "a list [1, 2, 3]", todo: "" });
  assert.deepEqual(failure(""), { what: "", todo: "" });
});

test("the title counts, and says when there is nothing to wait for", () => {
  assert.equal(summary(JOBS), "2 running, 2 waiting, 1 failed");
  assert.equal(summary(JOBS.filter(({ state }) => state === "done")), "all finished");
  assert.equal(summary([]), "");
  assert.equal(summary(acted(acted(JOBS, "cancel", "3"), "retry", "7")), "2 running, 2 waiting");
});
