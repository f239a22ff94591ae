import assert from "node:assert/strict";
import { test } from "node:test";
import { strongest } from "../src/contrast/list.ts";
import { formatOdds, formatTick, isApart, oddsScale, type Odds } from "../src/contrast/scale.ts";

const odds = (odds_ratio: number, low: number, high: number): Odds => ({ odds_ratio, low, high, n_in: 1, n_out: 1 });

test("one axis holds every ratio and interval, with 1 on it", () => {
  const scale = oddsScale([odds(3, 2, 5), odds(0.4, 0.2, 0.9)]);
  assert.deepEqual([scale.low, scale.high], [0.125, 8]);
  assert.ok(scale.ticks.includes(1));
  assert.ok(scale.ticks.every((tick) => tick >= scale.low && tick <= scale.high));
  assert.ok(scale.ticks.length >= 3 && scale.ticks.length <= 7);
  assert.equal(scale.at(scale.low), 0);
  assert.equal(scale.at(scale.high), 1);
  assert.ok(Math.abs(scale.at(2) - scale.at(1) - (scale.at(1) - scale.at(0.5))) < 1e-12, "twice and half are as far from 1");
});

test("what is beyond the axis stands at its end", () => {
  const scale = oddsScale([odds(2, 1e-9, 1e9), odds(Infinity, 2, Infinity), odds(Number.NaN, Number.NaN, Number.NaN)]);
  assert.deepEqual([scale.low, scale.high], [1 / 128, 128]);
  assert.equal(scale.at(1e9), 1);
  assert.equal(scale.at(Infinity), 1);
  assert.equal(scale.at(0), 0);
  assert.equal(scale.at(Number.NaN), 0);
  assert.ok(scale.ticks.length <= 7);
});

test("an axis without ratios still is one, and one-sided ratios leave room on the other side", () => {
  const empty = oddsScale([]);
  assert.deepEqual([empty.low, empty.high, empty.ticks], [0.5, 2, [0.5, 1, 2]]);
  assert.equal(oddsScale([odds(20, 10, 30)]).low, 0.5);
});

test("numbers line up: two decimals, always", () => {
  assert.deepEqual([0.314, 1, 3.2, 12.345, 150, 5000, 0.004, 0].map(formatOdds), ["0.31", "1.00", "3.20", "12.35", "150", ">1,000", "<0.01", "0.00"]);
  assert.equal(formatOdds(Number.NaN), "–");
  assert.deepEqual([0.125, 0.5, 1, 16].map(formatTick), ["1/8", "1/2", "1", "16"]);
});

test("an interval that holds 1 is no difference", () => {
  assert.equal(isApart(odds(2, 1.1, 4)), true);
  assert.equal(isApart(odds(0.5, 0.2, 0.9)), true);
  assert.equal(isApart(odds(1.2, 0.8, 1.9)), false);
});

test("both directions are shown before the reader asks for more; what may be chance gives way", () => {
  const more = Array.from({ length: 30 }, (_, k) => odds(40 - k, 2, 50));
  const less = Array.from({ length: 10 }, (_, k) => odds(0.9 - k / 20, 0.1, 0.95));
  const chance = Array.from({ length: 10 }, (_, k) => odds(0.3 - k / 100, 0.01, 3));
  assert.deepEqual(strongest([...more, ...less]), [...more.slice(0, 6), ...less.slice(-3)]);
  assert.deepEqual(strongest([...more, ...chance]), more.slice(0, 9));
  assert.deepEqual(strongest([...more.slice(0, 2), ...less]), [...more.slice(0, 2), ...less.slice(-7)]);
  assert.deepEqual(strongest(chance), chance.slice(-9), "rather grey ones than none");
});
