// Invented rows in clusters within clusters, with two layouts of them: for looking at the map only.
import type { Column, Found } from "../src/types.ts";
import type { Name } from "../src/embedding/levels.ts";
import { random } from "./fake.ts";

const COARSE = ["sport, team, season", "courts, law, appeal", "cells, protein, gene", "oil, market, prices", "films, actor, scene", "travel, hotel, sea"];
const WORDS = "striker league goal judge verdict jury enzyme receptor mouse barrel futures shares director camera drama island beach airport coach referee statute plaintiff kinase membrane crude equity comedy premiere ferry resort".split(" ");

export interface Clustered {
  n: number;
  pca: { x: Float32Array; y: Float32Array };
  umap: { x: Float32Array; y: Float32Array };
  columns: Column[];
  names: Name[];
  find(row: number, k: number): Found;
}

export function clustered(n: number): Clustered {
  const next = random(5);
  const gauss = () => next() + next() + next() + next() - 2;
  const fine: { coarse: number; x: number; y: number; r: number; name: string }[] = [];
  COARSE.forEach((_, c) => {
    const angle = (c / COARSE.length) * 2 * Math.PI + 0.4;
    const [cx, cy] = [Math.cos(angle) * 7.5 + gauss() * 1.4, Math.sin(angle) * 4.6 + gauss() * 0.9];
    const parts = 3 + Math.floor(next() * 5);
    for (let k = 0; k < parts; k++) {
      const turn = next() * 6.3;
      const name = [0, 1, 2].map((w) => WORDS[(c * 7 + k * 3 + w * 5) % WORDS.length]).join(", ");
      fine.push({ coarse: c, x: cx + Math.cos(turn) * (0.6 + next() * 1.8), y: cy + Math.sin(turn) * (0.5 + next() * 1.4), r: 0.25 + next() * 0.6, name });
    }
  });
  const umap = { x: new Float32Array(n), y: new Float32Array(n) };
  const pca = { x: new Float32Array(n), y: new Float32Array(n) };
  const of = new Uint8Array(n);
  const trust = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const noise = next() < 0.08;
    const f = Math.floor(next() ** 1.3 * fine.length);
    const { x, y, r } = fine[f];
    of[i] = noise ? 255 : f;
    umap.x[i] = noise ? gauss() * 7 : x + gauss() * r;
    umap.y[i] = noise ? gauss() * 4.6 : y + gauss() * r;
    const spin = fine[f].coarse * 1.1;
    pca.x[i] = 0.03 * (x * Math.cos(spin) * 0.5 + gauss() * 4 + 2);
    pca.y[i] = 0.03 * (y * 0.5 + x * Math.sin(spin) * 0.2 + gauss() * 3);
    trust[i] = noise ? next() * 0.4 : Math.min(1, 0.35 + 0.6 * next());
  }
  if (n > 3) umap.x[1] = umap.y[1] = NaN;
  const category = (name: string, categories: string[], code: (f: number) => number): Column => ({
    name, title: name.replace("_", " "), kind: "category", min: 0, max: 1, categories: [...categories, "noise"],
    data: Uint8Array.from(of, (f) => (f === 255 ? categories.length : code(f))),
  });
  const middle = fine.map(({ name }) => name);
  const finest = fine.flatMap(({ name }) => [`${name} a`, `${name} b`]);
  const columns = [
    category("cluster_coarse", COARSE, (f) => fine[f].coarse),
    category("cluster", middle, (f) => f),
    category("cluster_fine", finest, (f) => 2 * f),
    { name: "trust", title: "trust", kind: "number", min: 0, max: 1, categories: [], data: trust } as Column,
  ];
  columns[2].data = columns[2].data.map((code, i) => (code < finest.length && umap.x[i] > fine[code >> 1].x ? code + 1 : code)) as Uint8Array;
  const names = columns.slice(0, 3).flatMap((column, level) => {
    const sums = column.categories.map(() => ({ n: 0, x: 0, y: 0 }));
    for (let i = 0; i < n; i++) {
      if (Number.isNaN(umap.x[i])) continue;
      const sum = sums[column.data[i]];
      sum.n++;
      sum.x += umap.x[i];
      sum.y += umap.y[i];
    }
    return sums.slice(0, -1).map((sum, k) => ({ level, name: column.categories[k], n: sum.n, x: sum.x / sum.n, y: sum.y / sum.n })).filter((name) => name.n > 0);
  });
  const find = (row: number, k: number): Found => {
    const order = Array.from({ length: n }, (_, i) => i)
      .filter((i) => i !== row && umap.x[i] === umap.x[i])
      .sort((a, b) => Math.hypot(umap.x[a] - umap.x[row], umap.y[a] - umap.y[row]) - Math.hypot(umap.x[b] - umap.x[row], umap.y[b] - umap.y[row]))
      .slice(0, k);
    return { rows: Uint32Array.from(order), similarity: Float32Array.from(order, (_, j) => 0.94 - 0.03 * j), encoder: "lexical", how: "exact" };
  };
  return { n, pca, umap, columns, names, find };
}
