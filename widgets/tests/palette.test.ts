import assert from "node:assert/strict";
import { test } from "node:test";
import { categorical, diverging, regional, sequential, type Rgb, type Theme } from "../src/palette.ts";

const linear = (v: number): number => (v <= 10.31475 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);

// Machado, Oliveira & Fernandes 2009, severity 1, on linear light.
const BLIND: Record<string, number[][]> = {
  none: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function lab(colour: Rgb, eye: string): Rgb {
  const light = colour.map(linear);
  const [r, g, b] = BLIND[eye].map((row) => row.reduce((sum, k, i) => sum + k * light[i], 0));
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const difference = (a: Rgb, b: Rgb, eye: string): number => {
  const [p, q] = [lab(a, eye), lab(b, eye)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
};

const luminance = (c: Rgb): number =>
  0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
const contrast = (a: Rgb, b: Rgb): number => {
  const [hi, lo] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (hi + 0.05) / (lo + 0.05);
};
const PAPER: Record<Theme, Rgb> = { light: [255, 255, 255], dark: [17, 17, 17] };

for (const theme of ["light", "dark"] as const) {
  test(`${theme}: no two categories look alike, whatever the eye`, () => {
    for (const eye of Object.keys(BLIND)) {
      const colours = categorical(theme, 10);
      let worst = [Infinity, 0, 0];
      for (let a = 0; a < 10; a++) {
        for (let b = 0; b < a; b++) {
          const d = difference(colours[a], colours[b], eye);
          if (d < worst[0]) worst = [d, a, b];
        }
      }
      assert.ok(worst[0] >= 8, `${eye}: colours ${worst[2]} and ${worst[1]} differ by ${worst[0].toFixed(1)}`);
    }
  });

  test(`${theme}: regions, and wrong and right, are far apart for every eye`, () => {
    for (const eye of Object.keys(BLIND)) {
      const [easy, ambiguous, hard] = regional(theme);
      const ends = diverging(theme, 7);
      for (const [a, b] of [[easy, ambiguous], [ambiguous, hard], [easy, hard], [ends[0], ends[6]]]) {
        assert.ok(difference(a, b, eye) >= 20, `${eye}: ${a} and ${b}: ${difference(a, b, eye)}`);
      }
    }
  });

  test(`${theme}: more is always further from the paper`, () => {
    const steps = sequential(theme, 9).map((c) => contrast(c, PAPER[theme]));
    for (let k = 1; k < 9; k++) assert.ok(steps[k] > steps[k - 1], String(steps.map((v) => v.toFixed(2))));
  });

  test(`${theme}: every colour can be seen on the paper`, () => {
    const all = [...categorical(theme, 10), ...diverging(theme, 7), ...regional(theme), ...sequential(theme, 9)];
    for (const colour of all) {
      assert.ok(contrast(colour, PAPER[theme]) >= 1.5, `${colour}: ${contrast(colour, PAPER[theme])}`);
    }
  });
}
