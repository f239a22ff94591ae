// A dataset in memory, in the place of a kernel: rows are invented, for looking at the views only.
import { fromRows, count, pack, unpackInto } from "../src/bits.ts";
import { PagePoints } from "../src/geometry.ts";
import { Scope } from "../src/scope.ts";
import type { Column, ColumnInfo, Contrast, DatasetStore, Epochs, Found, Geometry, Happening, JobInfo, Operation, RowDetail } from "../src/types.ts";

/** The same numbers in every run. */
export function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Learning curves: most rows are learned early, some late, some never, some forgotten again. */
export function curves(n: number, nEpochs: number): Uint16Array[] {
  const next = random(7);
  const epochs = Array.from({ length: nEpochs }, () => new Uint16Array(n));
  for (let i = 0; i < n; i++) {
    const kind = next();
    const wrong = kind < 0.04;
    const speed = 0.4 + 5 * next() ** 1.5;
    const middle = (next() ** 2) * nEpochs * (kind < 0.3 ? 1.1 : 0.45) - 0.6;
    const noise = 0.25 + 2.2 * next() ** 2;
    for (let e = 0; e < nEpochs; e++) {
      const g = next() + next() + next() - 1.5;
      const logit = wrong ? -1.5 - 0.5 * e * next() + noise * g : speed * (e - middle) * 0.9 + noise * g * 1.6;
      const p = 1 / (1 + Math.exp(-logit));
      epochs[e][i] = (Math.round(p * 32766) << 1) | (p > 0.5 ? 1 : 0);
    }
  }
  return epochs;
}

const LABELS = ["negative", "neutral", "positive"];
const WORDS = "the jeweller scribbled a contract with his name while nobody remembered which friend had picked every flower in the garden and left".split(" ");

export class FakeStore implements DatasetStore {
  readonly id = "fake";
  readonly name: string;
  readonly n: number;
  readonly runs = ["epoch_probs"];
  readonly nEpochs: number;
  readonly textBytes = 0;
  readonly tags = {};
  readonly state: Uint8Array;
  readonly columns: ColumnInfo[];
  selectedCount = 0;
  scopeCount: number;
  revision = 0;
  selectionOrigin = "";
  undoLabel = "";
  redoLabel = "";
  busy = false;
  offline = false;
  asked: string[] = [];
  private data = new Map<string, Column>();
  private listeners = new Map<Happening, Set<() => void>>();
  private scope: Scope;
  private known = new Map<number, RowDetail>();
  private past: Uint8Array[] = [];
  private probs: Uint16Array[];

  constructor(name: string, n: number, probs: Uint16Array[], columns: Column[]) {
    this.name = name;
    this.n = this.scopeCount = n;
    this.probs = probs;
    this.nEpochs = probs.length;
    this.state = new Uint8Array(n);
    this.scope = new Scope(n);
    const next = random(3);
    const label = Uint8Array.from({ length: n }, () => Math.floor(next() ** 1.4 * 3));
    const source = Uint8Array.from({ length: n }, () => Math.floor(next() ** 2 * 16));
    const length = Float32Array.from({ length: n }, () => 4 + 60 * next() ** 3);
    this.add(...columns);
    this.add({ name: "label", title: "label", kind: "category", data: label, categories: LABELS, min: 0, max: 1 });
    this.add({ name: "source", title: "source", kind: "category", data: source, categories: Array.from({ length: 16 }, (_, k) => `source ${String.fromCharCode(97 + k)}`), min: 0, max: 1 });
    this.add({ name: "words", title: "words", kind: "number", data: length, categories: [], min: 4, max: 64 });
    this.columns = [...this.data.values()].map((c) => ({ name: c.name, title: c.title, kind: c.kind === "number" ? "number" : "category", role: c.name === "label" ? "label" : undefined, version: "0" }));
  }
  private add(...columns: Column[]): void {
    for (const column of columns) this.data.set(column.name, column);
  }
  on(kind: Happening, fn: () => void, signal: AbortSignal): void {
    const set = this.listeners.get(kind) ?? new Set();
    this.listeners.set(kind, set.add(fn));
    signal.addEventListener("abort", () => set.delete(fn));
  }
  emit(kind: Happening): void {
    for (const fn of this.listeners.get(kind) ?? []) fn();
  }
  select(op: Operation, rows: Uint32Array | Uint8Array | null, origin: string): void {
    this.past.push(pack(this.state, 1));
    const bits = rows instanceof Uint32Array ? fromRows(rows, this.n) : rows;
    for (let i = 0; i < this.n; i++) {
      const now = this.state[i] & 1;
      const given = bits ? (bits[i >> 3] >> (i & 7)) & 1 : 0;
      const next = { set: given, add: now | given, subtract: now & ~given, intersect: now & given, invert: now ^ 1, clear: 0 }[op];
      this.state[i] = (this.state[i] & ~1) | next;
    }
    this.selectionOrigin = origin;
    this.selected(origin);
  }
  private selected(label: string): void {
    this.selectedCount = count(pack(this.state, 1));
    this.revision++;
    this.undoLabel = this.past.length ? label || "selection" : "";
    this.emit("selection");
    this.emit("history");
  }
  setClause(key: string, clause: object | null, rows: Uint8Array | null): void {
    this.scope.set(key, clause, rows);
    const bits = this.scope.without(null);
    this.scopeCount = count(bits);
    unpackInto(bits.map((b) => b ^ 255), this.state, 2);
    this.revision++;
    this.emit("filter");
  }
  clause(key: string): object | null {
    return this.scope.spec(key);
  }
  clauses(): string[] {
    return this.scope.keys;
  }
  scopeWithout(key: string): Uint8Array {
    return this.scope.without(key);
  }
  async column(name: string): Promise<Column> {
    this.asked.push(`column ${name}`);
    const column = this.data.get(name);
    if (!column) throw new Error(`there is no column ${name}`);
    return column;
  }
  async rows(rows: number[]): Promise<RowDetail[]> {
    this.asked.push(`rows ${rows.length}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (const row of rows) if (!this.known.has(row)) this.known.set(row, this.invent(row));
    return rows.map((row) => this.known.get(row)!);
  }
  private invent(row: number): RowDetail {
    const next = random(row + 11);
    const text = Array.from({ length: 5 + Math.floor(30 * next() ** 2) }, () => WORDS[Math.floor(next() * WORDS.length)]).join(" ");
    const values = this.probs.map((epoch) => epoch[row]);
    return {
      row, id: `row-${row}`, cut: false, tags: [],
      text: row % 97 === 0 ? `<img src=x onerror="document.title='run'"> ${text}` : `${text[0].toUpperCase()}${text.slice(1)}.`,
      label: LABELS[this.data.get("label")!.data[row]],
      suggested: LABELS[row % 3],
      epochs: values.length ? values.map((v) => (v >> 1) / 32766) : undefined,
      correct: values.length ? values.map((v) => v & 1) : undefined,
      values: {},
    };
  }
  peek(row: number): RowDetail | null {
    return this.known.get(row) ?? null;
  }
  async epochs(): Promise<Epochs> {
    this.asked.push("epochs");
    await new Promise((resolve) => setTimeout(resolve, 150));
    return { n: this.n, nEpochs: this.nEpochs, correctKnown: true, scale: 32766, at: (e) => this.probs[e] };
  }
  async text(): Promise<null> {
    return null;
  }
  async searchKernel(): Promise<Uint8Array> {
    return new Uint8Array();
  }
  async decide(): Promise<void> {}
  async measure(key: string): Promise<void> {
    this.asked.push(`measure ${key}`);
  }
  undo(): void {
    const bits = this.past.pop();
    if (!bits) return;
    unpackInto(bits, this.state, 1);
    this.selected("selection");
  }
  redo(): void {}
  jobs: JobInfo[] = [];
  async job(op: "cancel" | "retry" | "dismiss", id: string): Promise<void> {
    this.asked.push(`${op} ${id}`);
    const after = (job: JobInfo): JobInfo[] =>
      job.id !== id ? [job] : op === "dismiss" ? [] : op === "cancel" ? [{ ...job, state: "cancelled", can_retry: true }] : [{ ...job, state: "running", stage: "epoch 1 of 200", progress: 0, message: "" }];
    this.jobs = this.jobs.flatMap(after);
    this.emit("jobs");
  }
  /** In the place of the kernel's neighbours: set by the page that has points. */
  find: (row: number, k: number) => Found = () => ({ rows: new Uint32Array(), similarity: new Float32Array(), encoder: "", how: "" });
  async neighbours(row: number, k: number): Promise<Found> {
    this.asked.push(`neighbours ${row}`);
    await new Promise((resolve) => setTimeout(resolve, 120));
    return this.find(row, k);
  }
  async similar(query: string, k: number): Promise<Found> {
    return this.find(query.length, k);
  }
  async contrast(): Promise<Contrast> {
    return { n: 0, n_rest: 0, words: [], values: [], notes: [] };
  }
  async setLayout(view: string, wanted: object): Promise<void> {
    this.asked.push(`layout ${view} ${JSON.stringify(wanted)}`);
  }
}

/** Mean, standard deviation and count of right epochs, as Python would send them. */
export function measured(n: number, probs: Uint16Array[]): Geometry {
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  const right = new Uint8Array(n);
  const e = probs.length;
  for (let i = 0; i < n; i++) {
    let [sum, squares] = [0, 0];
    for (const epoch of probs) {
      const p = (epoch[i] >> 1) / 32766;
      sum += p;
      squares += p * p;
      right[i] += epoch[i] & 1;
    }
    y[i] = sum / e;
    x[i] = Math.sqrt(Math.max(0, squares / e - (sum / e) ** 2));
  }
  return new PagePoints(n, "data_map:", { x, y, first: counted(right, e) });
}

export const counted = (right: Uint8Array, most: number): Column => ({
  name: "n_correct", title: "correct in epochs", kind: "category", data: right,
  categories: Array.from({ length: most + 1 }, (_, k) => String(k)), min: 0, max: most,
});
