// Row details, fetched in batches and kept; hovering a row twice never asks twice.
import type { Link } from "./link.ts";
import type { RowDetail } from "./types.ts";

const MOST = 20_000;
const BATCH = 400;

interface Entry {
  detail: RowDetail;
  /** The age of the cache when it was asked for: older ones are shown until they are asked again. */
  age: number;
}

/** Rows that travel together, and the columns wanted of them. */
class Batch {
  rows = new Set<number>();
  columns = new Set<string>();
  age = 0;
  arrived: Promise<void> | null = null;

  has(row: number, columns: string[]): boolean {
    return this.rows.has(row) && columns.every((name) => this.columns.has(name));
  }
}

export class RowCache {
  #link: Link;
  #dataset: string;
  #entries = new Map<number, Entry>();
  #age = 0;
  #flying: Batch | null = null;
  #open: Batch | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(link: Link, dataset: string) {
    this.#link = link;
    this.#dataset = dataset;
  }

  peek(row: number): RowDetail | null {
    return this.#entries.get(row)?.detail ?? null;
  }

  /** Decisions or results changed: what is kept is shown until it is asked for again. */
  outdate(): void {
    this.#age++;
  }

  /** Rejects when any of the rows could not be asked for. */
  async rows(rows: number[], columns: string[]): Promise<RowDetail[]> {
    const awaited = new Set<Promise<void>>();
    for (const row of rows) {
      if (this.#fresh(row, columns)) continue;
      const onItsWay = this.#flying?.age === this.#age && this.#flying.has(row, columns);
      awaited.add(onItsWay ? this.#flying!.arrived! : this.#add(row, columns));
    }
    await Promise.all(awaited);
    return rows.map((row) => this.peek(row)).filter((detail) => detail !== null);
  }

  #fresh(row: number, columns: string[]): boolean {
    const entry = this.#entries.get(row);
    return entry?.age === this.#age && columns.every((name) => name in entry.detail.values);
  }

  /** Put a row into the batch that leaves next, after the one that is on its way. */
  #add(row: number, columns: string[]): Promise<void> {
    if (!this.#open || (this.#open.rows.size >= BATCH && !this.#open.rows.has(row))) {
      const batch = (this.#open = new Batch());
      const before = this.#last.catch(() => undefined); // its own callers are told
      batch.arrived = this.#last = before.then(() => this.#fetch(batch));
    }
    this.#open.rows.add(row);
    for (const name of columns) this.#open.columns.add(name);
    return this.#open.arrived!;
  }

  async #fetch(batch: Batch): Promise<void> {
    if (this.#open === batch) this.#open = null;
    this.#flying = batch;
    batch.age = this.#age;
    try {
      const args = { dataset: this.#dataset, rows: [...batch.rows], columns: [...batch.columns] };
      const reply = await this.#link.request("rows", args);
      for (const detail of reply.rows as RowDetail[]) this.#keep(detail, batch.age);
    } finally {
      this.#flying = null;
    }
  }

  #keep(detail: RowDetail, age: number): void {
    const before = this.#entries.get(detail.row);
    if (before?.age === age) detail.values = { ...before.detail.values, ...detail.values };
    this.#entries.delete(detail.row);
    this.#entries.set(detail.row, { detail, age });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST) break;
      this.#entries.delete(oldest);
    }
  }
}
