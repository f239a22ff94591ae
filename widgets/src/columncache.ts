// Columns of a dataset, each fetched once for every version it has.
import { columnOf } from "./wire.ts";
import type { Reply } from "./link.ts";
import type { Column } from "./types.ts";

interface Entry {
  version: string;
  column: Promise<Column>;
}

export class ColumnCache {
  #ask: (name: string) => Promise<Reply>;
  #entries = new Map<string, Entry>();

  constructor(ask: (name: string) => Promise<Reply>) {
    this.#ask = ask;
  }

  /** Rejects with what the kernel says; the next call asks again. */
  get(name: string, version: string): Promise<Column> {
    const kept = this.#entries.get(name);
    if (kept?.version === version) return kept.column;
    const column = this.#ask(name).then(columnOf);
    this.offer(name, version, column);
    column.catch(() => {
      if (this.#entries.get(name)?.column === column) this.#entries.delete(name);
    });
    return column;
  }

  /** A column that came by another way. */
  offer(name: string, version: string, column: Promise<Column>): void {
    this.#entries.set(name, { version, column });
  }

  forget(which: (name: string) => boolean): void {
    for (const name of [...this.#entries.keys()]) if (which(name)) this.#entries.delete(name);
  }
}
