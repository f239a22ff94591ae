// Maps of invented texts: islands of rows, and the same rows as another method would lay them.
import { PagePoints } from "../src/geometry.ts";
import type { Column } from "../src/types.ts";
import { random } from "./fake.ts";

const ISLANDS = 14;

function gauss(next: () => number): number {
  return Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
}

export interface Islands {
  map: PagePoints;
  against: PagePoints;
  /** Per row, how much of its neighbourhood both have. */
  agreement: Float32Array;
  island: Uint8Array;
  names: { level: number; name: string; n: number; x: number; y: number }[];
}

export function islands(n: number): Islands {
  const next = random(29);
  const places = (spread: number) => Array.from({ length: ISLANDS }, () => [spread * (next() - 0.5), spread * (next() - 0.5), 0.35 + 0.9 * next()]);
  const [one, two] = [places(18), places(7)];
  const island = Uint8Array.from({ length: n }, () => Math.floor(next() ** 1.5 * ISLANDS));
  const plane = () => ({ x: new Float32Array(n), y: new Float32Array(n) });
  const [a, b] = [plane(), plane()];
  const agreement = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const k = island[i];
    const [u, v] = [gauss(next), gauss(next)];
    a.x[i] = one[k][0] + one[k][2] * u;
    a.y[i] = one[k][1] + one[k][2] * v;
    const stray = next() < 0.15 ? 3 : 1;
    b.x[i] = -(0.25 * one[k][1] + 0.4 * two[k][0] + 0.3 * stray * (0.7 * u + 0.7 * gauss(next)));
    b.y[i] = 0.25 * one[k][0] + 0.4 * two[k][1] + 0.3 * stray * (0.7 * v + 0.7 * gauss(next));
    agreement[i] = Math.max(0, Math.min(1, Math.round((0.45 + 0.18 * gauss(next) - 0.14 * stray) * 15) / 15));
  }
  const about = { kind: "embedding" as const, title: "", note: "", ready: true };
  const words = ["garden, flower, picked", "contract, jeweller", "dawn, quietly", "friend, nobody", "name, his", "left, before", "scribbled, while"];
  return {
    map: new PagePoints(n, "embedding:umap", a, about),
    against: new PagePoints(n, "embedding:pca", b, about),
    agreement, island,
    names: one.map(([x, y], k) => ({ level: k < 5 ? 0 : 1, name: words[k % words.length], n: island.reduce((sum, other) => sum + (other === k ? 1 : 0), 0), x, y })),
  };
}

export const agreementColumn = (data: Float32Array): Column => ({ name: "agreement", title: "agreement", kind: "number", data, categories: [], min: 0, max: 1 });

const choice = (name: string, title: string, ready = true, why = "") => ({ name, title, ready, why });

/** Spec of a map of texts, as Python would give it. */
export const mapSpec = (color: string, names: Islands["names"]): Record<string, any> => ({
  kind: "embedding", color, names, levels: [],
  method: { encoder: "all-MiniLM-L6-v2", encoderTitle: "all-MiniLM-L6-v2", layout: "umap", title: "UMAP of all-MiniLM-L6-v2", note: "", trust: 0.62, lowTrust: false, explained: null },
  choices: {
    encoders: [choice("lexical", "word vectors (TF-IDF, SVD)"), choice("all-MiniLM-L6-v2", "all-MiniLM-L6-v2")],
    layouts: [choice("pca", "PCA"), choice("umap", "UMAP")],
  },
  waiting: "The map appears as soon as the texts have vectors.",
  help: { says: "Rows with similar texts lie near each other.", misleads: "Distances between islands and their sizes say little.", paper: "McInnes 2018", url: "https://arxiv.org/abs/1802.03426", notes: [] },
  against: null,
});
