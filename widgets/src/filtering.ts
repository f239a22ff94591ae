// The clauses of a dataset on a page: set by its views, told to Python, and followed from there.
import { fromRows, pack } from "./bits.ts";
import { Outbox } from "./outbox.ts";
import { either, rowsWhere, same, Scope } from "./scope.ts";
import type { Column, Model } from "./types.ts";
import { bitsOf } from "./wire.ts";

type Spec = Record<string, any>;

/** What a clause's rows can be made from again. */
export interface Sources {
  session(): Model;
  column(name: string): Promise<Column>;
  search(query: string): Promise<Uint8Array>;
  tell(clauses: Record<string, object>, rows: Uint8Array): Promise<unknown>;
}

export class Filtering {
  readonly scope: Scope;
  #n: number;
  #sources: Sources;
  #changed: () => void;
  #turn = 0; // the newest reading, or what the reader did since
  #outbox = new Outbox(() => this.read());

  constructor(n: number, sources: Sources, changed: () => void) {
    this.scope = new Scope(n);
    this.#n = n;
    this.#sources = sources;
    this.#changed = changed;
  }

  /** A reader's click: here at once, in Python after. */
  set(key: string, spec: object | null, rows: Uint8Array | null): void {
    this.#turn++;
    this.scope.set(key, spec, rows);
    this.#changed();
    const tell = () => this.#sources.tell(this.scope.specs, this.scope.clicked);
    this.#outbox.send(tell, tell);
  }

  /** Take what Python has. Clauses of before a reload, or of another page, come without rows. */
  async read(): Promise<void> {
    if (!this.#outbox.idle) return; // the answer on its way brings us back here
    const { scope } = this;
    const session = this.#sources.session();
    const mine = ++this.#turn;
    const specs: Record<string, Spec> = session.get("filter") ?? {};
    const base = session.get("filter_base");
    scope.base = base?.byteLength ? bitsOf(base, this.#n) : null;
    for (const key of scope.keys) if (!(key in specs)) scope.set(key, null, null);
    this.#changed();
    const unknown = Object.entries(specs).filter(
      ([key, spec]) => JSON.stringify(scope.spec(key)) !== JSON.stringify(spec),
    );
    if (!unknown.length) return;
    const rows = await Promise.all(unknown.map(([, spec]) => this.#rowsOf(spec)));
    if (mine !== this.#turn) return;
    unknown.forEach(([key, spec], k) => scope.set(key, spec, rows[k]));
    this.#changed();
  }

  /** Columns have other values: a clause keeps its meaning, not its rows. */
  async refresh(): Promise<void> {
    for (const [key, spec] of Object.entries<Spec>(this.scope.specs)) {
      if (!spec.column) continue;
      const rows = await this.#rowsOf(spec);
      if (this.scope.spec(key) !== spec || same(this.scope.bits(key), rows)) continue;
      this.set(key, spec, rows);
    }
  }

  /** The rows a clause means; where they cannot be made again, those that passed every clause. */
  async #rowsOf(spec: Spec): Promise<Uint8Array> {
    const { column, search, session } = this.#sources;
    try {
      if (spec.column) return rowsWhere(await column(spec.column), spec);
      if (spec.search) return await search(spec.search);
      if (spec.rows) return fromRows(spec.rows, this.#n); // found by meaning: the clause carries them
      if (spec.tags) {
        const tags: string[] = spec.tags;
        const columns = await Promise.all(tags.map((tag) => column(`tag:${tag}`)));
        return either(columns.map(({ data }) => pack(data as Uint8Array, 1)), this.#n);
      }
    } catch (error) {
      console.warn("[dsx]", (error as Error).message);
    }
    const passed = session().get("filter_bits");
    return passed?.byteLength ? bitsOf(passed, this.#n) : new Uint8Array((this.#n + 7) >> 3).fill(255);
  }
}
