// The order of all rows by one column: fetched and sorted once, then every list is picked from it.
import type { DatasetStore } from "../types.ts";
import { sortedRows, sortKeys } from "./sort.ts";

export interface Sort {
  name: string;
  descending: boolean;
}

export class Order {
  /** Row numbers in order; null for the dataset's own. */
  rows: Uint32Array | null = null;
  #store: DatasetStore;
  #key = "";
  #turn = 0;

  constructor(store: DatasetStore) {
    this.#store = store;
  }

  /** Whether the order now is the one asked for; false when a newer wish came meanwhile. */
  async by(sort: Sort | null): Promise<boolean> {
    const turn = ++this.#turn;
    const version = this.#store.columns.find(({ name }) => name === sort?.name)?.version ?? "";
    const key = sort ? JSON.stringify([sort.name, sort.descending, version]) : "";
    if (key === this.#key) return true;
    const column = sort ? await this.#store.column(sort.name) : null;
    if (turn !== this.#turn) return false;
    this.rows = column ? sortedRows(sortKeys(column), sort?.descending) : null;
    this.#key = key;
    return true;
  }
}
