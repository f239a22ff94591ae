// What all views of one dataset on a page share. Everything the reader does happens here at once,
// with or without a kernel; Python is told after, and what Python does arrives by revision.
import { count, fromRows, pack, unpackInto } from "./bits.ts";
import { joined, type Link, type Reply } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { RowCache } from "./rowcache.ts";
import { rowsWhere, Scope } from "./scope.ts";
import {
  DROPPED,
  OUT_OF_SCOPE,
  SELECTED,
  type Column,
  type ColumnInfo,
  type DatasetStore,
  type Decision,
  type Epochs,
  type Happening,
  type Model,
  type Operation,
  type Points,
  type RowDetail,
  type Text,
} from "./types.ts";

export type * from "./types.ts";

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array };

export class LiveStore implements DatasetStore {
  readonly id: string;
  readonly name: string;
  readonly n: number;
  readonly state: Uint8Array;
  selectedCount = 0;
  scopeCount: number;
  revision = 0;
  selectionOrigin = "";
  #link: Link;
  #session: Model;
  #sessions = new Set<Model>();
  #listeners = new Map<Happening, Set<() => void>>();
  #columns = new Map<string, { version: string; column: Promise<Column> }>();
  #epochs = new Map<string, Promise<Epochs>>();
  #text: Promise<Text | null> | null = null;
  #rows: RowCache;
  #scope: Scope;
  #selections = new Outbox(() => this.#readSelection());
  #filters = new Outbox(() => this.#readFilter());

  constructor(session: Model, link: Link) {
    this.#session = session;
    this.#link = link;
    this.id = session.get("dataset");
    this.name = session.get("name");
    this.n = this.scopeCount = session.get("n_rows");
    this.state = new Uint8Array(this.n);
    this.#rows = new RowCache(link, this.id);
    this.#scope = new Scope(this.n);
    this.#readSelection();
    this.#readDropped();
    void this.#readFilter();
  }

  get columns(): ColumnInfo[] {
    return this.#session.get("columns");
  }
  get runs(): string[] {
    return this.#session.get("runs");
  }
  get nEpochs(): number {
    return this.#session.get("n_epochs");
  }
  get textBytes(): number {
    return this.#session.get("text_bytes");
  }
  get tags(): Record<string, number> {
    return this.#session.get("tags");
  }
  get undoLabel(): string {
    return this.#session.get("undo_label");
  }
  get redoLabel(): string {
    return this.#session.get("redo_label");
  }
  get busy(): boolean {
    return this.#link.busy;
  }

  /** Follow the dataset through one view's handle on its session, until that view goes. */
  attach(session: Model, signal: AbortSignal): void {
    const follow: [string, () => void][] = [
      ["change:selection_revision", () => this.#readSelection()],
      ["change:filter_revision", () => void this.#readFilter()],
      ["change:decisions_revision", () => this.#readDecisions()],
      ["change:columns_revision", () => this.#emit("columns")],
      ["change:undo_label", () => this.#emit("history")],
      ["change:redo_label", () => this.#emit("history")],
    ];
    for (const [event, fn] of follow) session.on(event, fn);
    this.#sessions.add(session);
    this.#session = session;
    signal.addEventListener("abort", () => {
      for (const [event, fn] of follow) session.off(event, fn);
      this.#sessions.delete(session);
      for (const other of this.#sessions) this.#session = other;
    });
    this.#link.onBusy(() => this.#emit("busy"), signal);
  }

  /** Whether any view is left. */
  get attached(): boolean {
    return this.#sessions.size > 0;
  }

  on(kind: Happening, fn: () => void, signal: AbortSignal): void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(fn));
    signal.addEventListener("abort", () => listeners.delete(fn));
  }

  select(op: Operation, rows: Uint32Array | Uint8Array | null, origin: string): void {
    const operand = rows instanceof Uint32Array ? fromRows(rows, this.n) : rows;
    this.#apply(op, operand);
    this.selectionOrigin = origin;
    this.#selectionChanged();
    const few = rows instanceof Uint32Array && rows.byteLength < (operand?.byteLength ?? 0);
    const sent = few ? rows : operand;
    const args = { operation: op, origin, encoding: few ? "rows" : "bits" };
    void this.#selections.send(
      () => this.#ask("select", args, sent ? [sent] : []),
      () => this.#ask("select", { operation: "set", origin, encoding: "bits" }, [this.#bits()]),
    );
  }

  setClause(key: string, clause: object | null, rows: Uint8Array | null): void {
    this.#scope.set(key, clause, rows);
    this.#scopeChanged();
    const tell = () =>
      this.#ask("filter", { clauses: this.#scope.specs }, [this.#scope.without(null)]);
    void this.#filters.send(tell, tell);
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

  /** A column that came along with a geometry. */
  offer(column: Column): void {
    const version = this.#versionOf(column.name);
    this.#columns.set(column.name, { version, column: Promise.resolve(column) });
  }

  column(name: string): Promise<Column> {
    const version = this.#versionOf(name);
    const kept = this.#columns.get(name);
    if (kept?.version === version) return kept.column;
    const column = this.#ask("column", { name }).then(columnOf);
    this.#columns.set(name, { version, column });
    column.catch(() => this.#columns.delete(name));
    return column;
  }

  /** The points of a projection, for a page that let go of what its model carried. */
  async points(projection: string): Promise<Points> {
    const reply = await this.#ask("points", { projection });
    const [x, y, data] = reply.buffers;
    const first = reply.first?.dtype ? columnOf({ ...reply.first, buffers: [data] }) : null;
    return { x: floatsOf(x), y: floatsOf(y), first };
  }

  rows(rows: number[], columns: string[] = []): Promise<RowDetail[]> {
    return this.#rows.rows(rows, columns);
  }

  peek(row: number): RowDetail | null {
    return this.#rows.peek(row);
  }

  epochs(run: string): Promise<Epochs> {
    const kept = this.#epochs.get(run);
    if (kept) return kept;
    const epochs = this.#ask("epochs", { run }).then((reply): Epochs => {
      const values = new Uint16Array(joined(reply.buffers).buffer);
      const { n } = this;
      return {
        n,
        nEpochs: reply.n_epochs,
        correctKnown: reply.correct_known,
        scale: reply.scale,
        at: (epoch) => values.subarray(epoch * n, (epoch + 1) * n),
      };
    });
    this.#epochs.set(run, epochs);
    epochs.catch(() => this.#epochs.delete(run));
    return epochs;
  }

  text(): Promise<Text | null> {
    this.#text ??= this.#ask("text", {}).then((reply) => {
      if (reply.too_big) return null;
      const [offsets, ...chunks] = reply.buffers;
      return { offsets: new Uint32Array(offsets.slice().buffer), bytes: joined(chunks) };
    });
    this.#text.catch(() => (this.#text = null));
    return this.#text;
  }

  async searchKernel(query: string): Promise<Uint8Array> {
    return (await this.#ask("search", { query })).buffers[0];
  }

  async decide(kind: Decision, value: string, rows: "selection" | number[]): Promise<void> {
    await this.#ask("decide", { kind, value, rows });
  }

  async measure(key: string, parameters: Record<string, unknown>): Promise<void> {
    await this.#ask("measure", { key, parameters });
  }

  undo(): void {
    this.#ask("undo", {}).catch((error) => console.warn("[dsx]", error.message));
  }

  redo(): void {
    this.#ask("redo", {}).catch((error) => console.warn("[dsx]", error.message));
  }

  #ask(op: string, args: object, buffers: ArrayBufferView[] = []): Promise<Reply> {
    return this.#link.request(op, { dataset: this.id, ...args }, buffers);
  }

  #versionOf(name: string): string {
    return this.columns.find((column) => column.name === name)?.version ?? "";
  }

  #bits(): Uint8Array<ArrayBuffer> {
    return pack(this.state, SELECTED);
  }

  #apply(op: Operation, operand: Uint8Array | null): void {
    const { state, n } = this;
    for (let row = 0; row < n; row++) {
      const now = state[row] & SELECTED;
      const given = operand ? (operand[row >> 3] >> (row & 7)) & 1 : 0;
      let next = given;
      if (op === "add") next = now | given;
      else if (op === "subtract") next = now & ~given;
      else if (op === "intersect") next = now & given;
      else if (op === "invert") next = now ^ 1;
      else if (op === "clear") next = 0;
      state[row] = (state[row] & ~SELECTED) | next;
    }
  }

  #readSelection(): void {
    if (!this.#selections.idle) return; // the answer on its way brings us back here
    unpackInto(bitsOf(this.#session.get("selection"), this.n), this.state, SELECTED);
    this.selectionOrigin = this.#session.get("selection_origin");
    this.#selectionChanged();
  }

  #selectionChanged(): void {
    this.selectedCount = count(this.#bits());
    this.revision++;
    this.#emit("selection");
  }

  async #readFilter(): Promise<void> {
    if (!this.#filters.idle) return;
    const specs: Record<string, any> = this.#session.get("filter") ?? {};
    const base = this.#session.get("filter_base");
    this.#scope.base = base?.byteLength ? bitsOf(base, this.n) : null;
    for (const key of this.#scope.keys) if (!(key in specs)) this.#scope.set(key, null, null);
    for (const [key, spec] of Object.entries(specs)) {
      if (JSON.stringify(this.#scope.spec(key)) === JSON.stringify(spec)) continue;
      // a page that was reloaded knows the clauses but not their rows
      const bits = spec.column
        ? rowsWhere(await this.column(spec.column), spec)
        : bitsOf(this.#session.get("filter_bits"), this.n);
      this.#scope.set(key, spec, bits);
    }
    this.#scopeChanged();
  }

  #scopeChanged(): void {
    const bits = this.#scope.without(null);
    this.scopeCount = count(bits);
    for (let i = 0; i < bits.length; i++) bits[i] ^= 255;
    unpackInto(bits, this.state, OUT_OF_SCOPE);
    this.revision++;
    this.#emit("filter");
  }

  #readDropped(): void {
    unpackInto(bitsOf(this.#session.get("dropped"), this.n), this.state, DROPPED);
  }

  #readDecisions(): void {
    this.#readDropped();
    this.#rows.age();
    for (const name of [...this.#columns.keys()]) {
      if (name.startsWith("tag:")) this.#columns.delete(name);
    }
    this.#emit("decisions");
  }

  #emit(kind: Happening): void {
    for (const fn of this.#listeners.get(kind) ?? []) fn();
  }
}

/** Bytes as floats, laid over them where they are aligned: a million points exist once. */
export function floatsOf(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const source = bytes.byteOffset % 4 ? bytes.slice() : bytes;
  return new Float32Array(source.buffer, source.byteOffset, source.byteLength >> 2);
}

/** A column from its description and bytes. */
export function columnOf(reply: Reply): Column {
  const Kind = ARRAYS[reply.dtype as keyof typeof ARRAYS];
  return {
    name: reply.name,
    title: reply.title,
    kind: reply.kind,
    data: new Kind(reply.buffers[0].slice().buffer),
    categories: reply.categories ?? [],
    min: reply.min ?? 0,
    max: reply.max ?? 1,
  };
}

/** A bitmask trait (a DataView, perhaps empty) as bytes for n rows. */
function bitsOf(view: DataView | null | undefined, n: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array((n + 7) >> 3);
  if (view?.byteLength) bits.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return bits;
}
