// A dataset in memory with texts, decisions, tags and a search, in the place of a kernel.
// The rows are invented, hostile ones included: for looking at the views only.
import { count, fromRows, pack, unpackInto } from "../src/bits.ts";
import { Scope } from "../src/scope.ts";
import type { Column, ColumnInfo, Contrast, DatasetStore, Decision, Epochs, Found, Geometry, Happening, JobInfo, Operation, RowDetail, Text } from "../src/types.ts";
import { curves, measured, random } from "./fake.ts";

const LABELS = ["acceptable", "unacceptable"];
const SOURCES = ["news", "forum", "lectures", "novels", "manuals", "letters", "speeches", "reviews", "recipes", "law", "a source with quite a long name", "misc"];
const WORDS = "the jeweller scribbled a contract with his name while nobody remembered which friend had picked every flower in the garden and left quietly before dawn".split(" ");
const HOSTILE = [
  "<script>document.title = 'run'</script>",
  `<img src=x onerror="document.title='run'">`,
  "[a link](javascript:document.title='run') javascript:alert(1)",
  "\u202Eright to left override, then plain text",
  "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "שלום עולם, זה טקסט מימין לשמאל",
  "Z\u0351\u0346\u0357a\u0351\u0346\u0357l\u0351\u0346\u0357g\u0351\u0346\u0357o\u0351\u0346\u0357 marks",
  "",
  "   \n  ",
  "line one\nline two\n\tline three",
  "日本語のテキストと絵文字 🎉🎉 です",
];

interface Change {
  label: string;
  redo(): void;
  undo(): void;
}

export class RowsFake implements DatasetStore {
  readonly id = "rows-fake";
  readonly name = "cola · train";
  readonly n: number;
  readonly runs = ["epoch_probs"];
  readonly nEpochs: number;
  readonly textBytes = 0;
  tags: Record<string, number> = {};
  readonly state: Uint8Array;
  readonly columns: ColumnInfo[] = [];
  readonly geometry: Geometry;
  selectedCount = 0;
  scopeCount: number;
  revision = 0;
  selectionOrigin = "";
  busy = false;
  offline = false;
  delay = 25;
  jobs: JobInfo[] = [];
  /** What the next question of meaning or contrast is refused with. */
  refusal = "";
  asked: string[] = [];
  #data = new Map<string, Column>();
  #listeners = new Map<Happening, Set<() => void>>();
  #scope: Scope;
  #probs: Uint16Array[];
  #details = new Map<number, RowDetail>();
  #tagged = new Map<string, Set<number>>();
  #labels = new Map<number, string>();
  #done: Change[] = [];
  #undone: Change[] = [];

  constructor(n: number, nEpochs: number) {
    this.n = this.scopeCount = n;
    this.nEpochs = nEpochs;
    this.#probs = curves(n, nEpochs);
    this.geometry = measured(n, this.#probs);
    this.state = new Uint8Array(n);
    this.#scope = new Scope(n);
    const next = random(3);
    const { x, y } = this.geometry;
    const codes = (make: (i: number) => number) => Uint8Array.from({ length: n }, (_, i) => make(i));
    const region = codes((i) => (x[i] >= 0.25 ? 1 : y[i] >= 0.5 ? 0 : 2));
    const add = (name: string, kind: Column["kind"], data: Column["data"], categories: string[] = [], role?: string) => {
      this.#data.set(name, { name, title: name.replaceAll("_", " "), kind, data, categories, min: 0, max: 1 });
      this.columns.push({ name, title: name.replaceAll("_", " "), kind: kind === "rank" ? "text" : kind, role, n_categories: categories.length || undefined, version: "0" });
    };
    add("sentence", "rank", Uint32Array.from({ length: n }, (_, i) => (i * 7919) % n), [], "text");
    add("label", "category", codes(() => (next() < 0.7 ? 0 : 1)), LABELS, "label");
    add("split", "category", codes(() => (next() < 0.9 ? 0 : 1)), ["train", "validation"], "split");
    add("source", "category", codes(() => (next() < 0.01 ? 255 : Math.floor(next() ** 2 * 12))), SOURCES, "source");
    add("words", "number", Float32Array.from({ length: n }, () => Math.floor(4 + 60 * next() ** 3)));
    add("confidence", "number", y);
    add("variability", "number", x);
    add("region", "category", region, ["easy", "ambiguous", "hard"]);
    add("n_correct", "category", this.geometry.first!.data, this.geometry.first!.categories);
  }

  /** One more column, as a measure would bring it. */
  add(column: Column): void {
    this.#data.set(column.name, column);
    this.columns.push({ name: column.name, title: column.title, kind: column.kind === "rank" ? "text" : column.kind, version: "0" });
    this.emit("columns");
  }

  get undoLabel(): string {
    return this.#done.at(-1)?.label ?? "";
  }
  get redoLabel(): string {
    return this.#undone.at(-1)?.label ?? "";
  }
  on(kind: Happening, fn: () => void, signal: AbortSignal): void {
    const set = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, set.add(fn));
    signal.addEventListener("abort", () => set.delete(fn));
  }
  emit(kind: Happening): void {
    for (const fn of this.#listeners.get(kind) ?? []) fn();
  }
  #do(label: string, redo: () => void, undo: () => void): void {
    this.#done.push({ label, redo, undo });
    this.#undone = [];
    redo();
    this.emit("history");
  }
  undo(): void {
    const change = this.#done.pop();
    if (!change) return;
    change.undo();
    this.#undone.push(change);
    this.emit("history");
  }
  redo(): void {
    const change = this.#undone.pop();
    if (!change) return;
    change.redo();
    this.#done.push(change);
    this.emit("history");
  }
  select(op: Operation, rows: Uint32Array | Uint8Array | null, origin: string): void {
    const bits = rows instanceof Uint32Array ? fromRows(rows, this.n) : rows;
    const before = pack(this.state, 1);
    const after = new Uint8Array(before);
    for (let i = 0; i < after.length; i++) {
      const [now, given] = [before[i], bits ? bits[i] : 0];
      after[i] = { set: given, add: now | given, subtract: now & ~given, intersect: now & given, invert: ~now, clear: 0 }[op];
    }
    const put = (mask: Uint8Array, from: string) => () => {
      unpackInto(mask, this.state, 1);
      this.selectedCount = count(pack(this.state, 1));
      this.selectionOrigin = from;
      this.revision++;
      this.emit("selection");
    };
    this.#do(`selection (${origin})`, put(after, origin), put(before, this.selectionOrigin));
  }
  setClause(key: string, clause: object | null, rows: Uint8Array | null): void {
    this.#scope.set(key, clause, rows);
    const bits = this.#scope.without(null);
    this.scopeCount = count(bits);
    unpackInto(bits.map((b) => b ^ 255), this.state, 2);
    this.revision++;
    this.emit("filter");
  }
  clause(key: string): object | null {
    return this.#scope.spec(key);
  }
  clauses(): string[] {
    return this.#scope.keys;
  }
  scopeWithout(key: string): Uint8Array {
    return this.#scope.without(key);
  }
  async column(name: string): Promise<Column> {
    this.asked.push(`column ${name}`);
    if (name.startsWith("tag:")) {
      const data = new Uint8Array(this.n);
      for (const row of this.#tagged.get(name.slice(4)) ?? []) data[row] = 1;
      return { name, title: name, kind: "category", data, categories: ["no", "yes"], min: 0, max: 1 };
    }
    const column = this.#data.get(name);
    if (!column) throw new Error(`there is no column ${name}`);
    return column;
  }
  textOf(row: number): string {
    if (row % 53 === 0) return HOSTILE[(row / 53) % HOSTILE.length];
    const next = random(row + 11);
    const text = Array.from({ length: 3 + Math.floor(30 * next() ** 2) }, () => WORDS[Math.floor(next() * WORDS.length)]).join(" ");
    return `${text[0].toUpperCase()}${text.slice(1)}.`;
  }
  async rows(rows: number[], columns: string[] = []): Promise<RowDetail[]> {
    this.asked.push(`rows ${rows.length}`);
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    for (const row of rows) this.#details.set(row, this.#invent(row, columns));
    return rows.map((row) => this.#details.get(row) as RowDetail);
  }
  #invent(row: number, columns: string[]): RowDetail {
    const coded = this.#probs.map((epoch) => epoch[row]);
    const values: RowDetail["values"] = { ...this.#details.get(row)?.values };
    for (const name of columns) {
      const column = this.#data.get(name)!;
      const value = column.data[row];
      values[name] = column.kind === "category" ? (column.categories[value] ?? null) : value;
    }
    const code = this.#data.get("label")!.data[row];
    return {
      row, id: `cola-${row}`, cut: false, text: this.textOf(row), values,
      label: LABELS[code], suggested: LABELS[1 - code],
      epochs: coded.map((v) => (v >> 1) / 32766), correct: coded.map((v) => v & 1),
      tags: [...this.#tagged].filter(([, set]) => set.has(row)).map(([tag]) => tag),
      relabelled: this.#labels.get(row), dropped: (this.state[row] & 4) !== 0,
    };
  }
  peek(row: number): RowDetail | null {
    return this.#details.get(row) ?? null;
  }
  async epochs(): Promise<Epochs> {
    return { n: this.n, nEpochs: this.nEpochs, correctKnown: true, scale: 32766, at: (e) => this.#probs[e] };
  }
  async text(): Promise<Text | null> {
    const encoder = new TextEncoder();
    const parts = Array.from({ length: this.n }, (_, row) => encoder.encode(this.textOf(row)));
    const offsets = new Uint32Array(this.n + 1);
    parts.forEach((part, i) => (offsets[i + 1] = offsets[i] + part.length));
    const bytes = new Uint8Array(offsets[this.n]);
    parts.forEach((part, i) => bytes.set(part, offsets[i]));
    return { offsets, bytes };
  }
  async searchKernel(): Promise<Uint8Array> {
    return new Uint8Array((this.n + 7) >> 3);
  }
  async decide(kind: Decision, value: string, rows: "selection" | number[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    const chosen = rows === "selection" ? Array.from(this.state.keys()).filter((row) => this.state[row] & 1) : rows;
    const before = { tags: new Map([...this.#tagged].map(([tag, set]) => [tag, new Set(set)])), labels: new Map(this.#labels), dropped: pack(this.state, 4) };
    const redo = () => {
      for (const row of chosen) {
        if (kind === "drop") this.state[row] |= 4;
        else if (kind === "restore") this.state[row] &= ~4;
        else if (kind === "relabel") this.#labels.set(row, value);
        else if (kind === "untag") this.#tagged.get(value)?.delete(row);
        else this.#tagged.set(value, (this.#tagged.get(value) ?? new Set()).add(row));
      }
      this.#decided();
    };
    this.#do(`${kind} ${value}`.trim(), redo, () => {
      this.#tagged = new Map([...before.tags].map(([tag, set]) => [tag, new Set(set)]));
      this.#labels = new Map(before.labels);
      unpackInto(before.dropped, this.state, 4);
      this.#decided();
    });
  }
  #decided(): void {
    this.tags = Object.fromEntries([...this.#tagged].filter(([, set]) => set.size).map(([tag, set]) => [tag, set.size]));
    this.emit("decisions");
  }
  async measure(): Promise<void> {}
  async job(op: "cancel" | "retry" | "dismiss", id: string): Promise<void> {
    this.asked.push(`${op} ${id}`);
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    this.jobs = acted(this.jobs, op, id);
    this.emit("jobs");
  }
  async similar(query: string, k: number, encoder = ""): Promise<Found> {
    this.asked.push(`similar ${query} ${encoder}`);
    return this.#near(query.length * 7919, k, encoder);
  }
  async neighbours(row: number, k: number, encoder = ""): Promise<Found> {
    this.asked.push(`neighbours ${row} ${encoder}`);
    const { rows, ...rest } = await this.#near(row, k + 1, encoder);
    return { ...rest, rows: rows.filter((other) => other !== row).slice(0, k), similarity: rest.similarity.slice(0, k) };
  }
  async #near(start: number, k: number, encoder: string): Promise<Found> {
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (this.refusal) throw new Error(this.refusal);
    const size = Math.min(k, this.n);
    return {
      rows: Uint32Array.from({ length: size }, (_, i) => (start + i * 397 + 1) % this.n),
      similarity: Float32Array.from({ length: size }, (_, i) => 0.82 - 0.5 * (i / size) ** 0.6),
      encoder: encoder === "auto" ? "all-MiniLM-L6-v2" : encoder,
      how: "by meaning (all-MiniLM-L6-v2, in the background kernel)",
    };
  }
  async contrast(): Promise<Contrast> {
    this.asked.push("contrast");
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (this.refusal) throw new Error(this.refusal);
    return invented(this);
  }
  async setLayout(): Promise<void> {}
}

/** The list after what was asked of one job. */
export function acted(jobs: JobInfo[], op: "cancel" | "retry" | "dismiss", id: string): JobInfo[] {
  return jobs.flatMap((job): JobInfo[] => {
    if (job.id !== id) return [job];
    if (op === "dismiss") return [];
    if (op === "cancel") return [{ ...job, state: "cancelled", can_retry: true, message: "Cancelled by the reader." }];
    return [{ ...job, state: "running", progress: 0, stage: "starting", seconds: 0, can_retry: false, message: "" }];
  });
}

/** Odds ratios that look like some. */
function invented({ selectedCount, n }: RowsFake): Contrast {
  const next = random(selectedCount + 1);
  const odds = (centre: number) => {
    const ratio = centre * Math.exp(0.4 * (next() - 0.5));
    const width = 0.12 + 0.9 * next() ** 2;
    return {
      odds_ratio: ratio, low: ratio * Math.exp(-width), high: ratio * Math.exp(width),
      n_in: Math.round(selectedCount * 0.4 * next()), n_out: Math.round((n - selectedCount) * 0.1 * next()),
    };
  };
  const terms = ["jeweller", "garden", "scribbled", "remembered", "contract", "antidisestablishmentarianism", "friend", "שלום", "<b>bold</b>", "dawn", "left"];
  const centres = [14, 9, 5.2, 3.1, 2.2, 1.9, 1.5, 1.3, 0.7, 0.4, 0.12];
  const values = [["label", "unacceptable", 3.4], ["source", "forum", 2.1], ["source", "a source with quite a long name", 1.6], ["split", "validation", 1.05], ["words", "4 to 12", 0.6], ["label", "acceptable", 0.29], ["source", "law", 0.08]] as const;
  return {
    n: selectedCount, n_rest: n - selectedCount,
    words: terms.map((term, k) => ({ term, ...odds(centres[k]) })),
    values: values.map(([column, value, centre]) => ({ column, value, ...odds(centre) })),
    notes: ["Words in fewer than 5 rows are not counted."],
  };
}
