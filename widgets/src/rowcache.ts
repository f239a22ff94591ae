// Row details, fetched in batches and kept; hovering a row twice never asks twice.
import type { Link } from "./link.ts";
import type { RowDetail } from "./types.ts";

const MOST = 20_000;
const BATCH = 400;

interface Entry {
  detail: RowDetail;
  stale: boolean;
}

export class RowCache {
  #link: Link;
  #dataset: string;
  #entries = new Map<number, Entry>();
  #wanted = new Map<number, Set<string>>();
  #flight: Promise<void> | null = null;

  constructor(link: Link, dataset: string) {
    this.#link = link;
    this.#dataset = dataset;
  }

  peek(row: number): RowDetail | null {
    return this.#entries.get(row)?.detail ?? null;
  }

  /** Tags, labels or drops changed: what is kept is shown until it is asked for again. */
  age(): void {
    for (const entry of this.#entries.values()) entry.stale = true;
  }

  async rows(rows: number[], columns: string[]): Promise<RowDetail[]> {
    const missing = rows.filter((row) => !this.#fresh(row, columns));
    for (const row of missing) {
      const names = this.#wanted.get(row) ?? new Set<string>();
      for (const name of columns) names.add(name);
      this.#wanted.set(row, names);
    }
    while (rows.some((row) => this.#wanted.has(row)) || (missing.length && this.#flight)) {
      await (this.#flight ??= this.#fetch());
    }
    return rows.map((row) => this.peek(row)).filter((detail) => detail !== null);
  }

  #fresh(row: number, columns: string[]): boolean {
    const entry = this.#entries.get(row);
    return !!entry && !entry.stale && columns.every((name) => name in entry.detail.values);
  }

  async #fetch(): Promise<void> {
    await Promise.resolve(); // let every caller of this turn add its rows
    const rows = [...this.#wanted.keys()].slice(0, BATCH);
    const columns = new Set<string>();
    for (const row of rows) {
      for (const name of this.#wanted.get(row)!) columns.add(name);
      this.#wanted.delete(row);
    }
    try {
      const args = { dataset: this.#dataset, rows, columns: [...columns] };
      const reply = await this.#link.request("rows", args);
      for (const detail of reply.rows as RowDetail[]) this.#keep(detail);
    } finally {
      this.#flight = null;
    }
  }

  #keep(detail: RowDetail): void {
    this.#entries.delete(detail.row);
    this.#entries.set(detail.row, { detail, stale: false });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST) break;
      this.#entries.delete(oldest);
    }
  }
}
