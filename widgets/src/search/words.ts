// Rows whose text holds what was typed: found in the page where the texts fit into it, else in the kernel.
import { folded, matches, type TextBytes } from "./bytes.ts";
import { inSlices } from "./slices.ts";
import type { DatasetStore } from "../types.ts";

export const WORDS = "search"; // key of the clause

/** Texts in lower case, by dataset; null where the kernel has to search. */
const prepared = new WeakMap<DatasetStore, Promise<TextBytes | null>>();

function textOf(store: DatasetStore): Promise<TextBytes | null> {
  const known = prepared.get(store);
  if (known) return known;
  const made = store.text().then((text) => (text ? inSlices(folded(text), () => false) : null));
  prepared.set(store, made);
  made.catch(() => prepared.delete(store));
  return made;
}

/** What a search waits for, in words. */
export const waitingWords = (store: DatasetStore): string =>
  store.busy ? "Waiting for the kernel…" : prepared.has(store) ? "Searching…" : "Loading the texts…";

export interface FoundWords {
  bits: Uint8Array;
  /** Where it was searched. */
  where: string;
}

/** Null when it was given up: a newer search has begun. */
export async function findWords(store: DatasetStore, query: string, stale: () => boolean): Promise<FoundWords | null> {
  const text = await textOf(store);
  if (stale()) return null;
  const bits = text ? await inSlices(matches(text, query), stale) : await store.searchKernel(query);
  if (!bits || stale()) return null;
  return { bits, where: text ? "in this page" : "in the kernel" };
}

export const wordsOf = (store: DatasetStore): string => (store.clause(WORDS) as { search?: string } | null)?.search ?? "";

/** Narrow all views to the rows that hold a text, from outside a search box; the boxes follow. */
export async function narrowToWords(store: DatasetStore, query: string): Promise<void> {
  const found = await findWords(store, query, () => false);
  if (found) store.setClause(WORDS, { search: query }, found.bits);
}
