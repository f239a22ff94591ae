// Rows near in meaning to a text, or to another row: a clause that keeps them, and their order.
import { fromRows } from "../bits.ts";
import type { DatasetStore, Found } from "../types.ts";

export const MEANING = "meaning"; // key of the clause
export const NEAREST = 100; // rows a search finds
export const ALIKE = 30; // rows like a row

/** The clause as Python and other pages see it: it carries its rows, which no column could give. */
interface Clause {
  meaning?: string;
  like?: number;
  rows: number[];
  similarity: number[];
  encoder: string;
  how: string;
}

/** Rows in the order of their similarity, most similar first. */
export interface Ranking {
  /** What was typed; "" where the rows are like a row. */
  query: string;
  /** The row that the others are like, or -1. */
  row: number;
  rows: Uint32Array;
  similarity: Map<number, number>;
  encoder: string;
  how: string;
}

const read = new WeakMap<object, Ranking>();

/** The ranking that narrows the dataset now, if there is one. */
export function rankingOf(store: DatasetStore): Ranking | null {
  const clause = store.clause(MEANING) as Clause | null;
  if (!clause?.rows) return null;
  const known = read.get(clause);
  if (known) return known;
  const ranking: Ranking = {
    query: clause.meaning ?? "",
    row: clause.like ?? -1,
    rows: Uint32Array.from(clause.rows),
    similarity: new Map(clause.rows.map((row, k) => [row, clause.similarity[k]])),
    encoder: clause.encoder,
    how: clause.how,
  };
  read.set(clause, ranking);
  return ranking;
}

/** An encoder's name as a reader knows it: without revisions and folders. */
export function encoderWords(name: string): string {
  const plain = name.replace(/@[0-9a-f]{6,}$/, "");
  if (plain === "lexical") return "word vectors";
  if (plain === "given") return "the vectors given";
  return plain.replace(/^(given|callable):/, "").replace(/^.*\/(?=[^/]+$)/, (path) => (/^([/~.]|[A-Za-z]:)/.test(path) ? "" : path));
}

/** How the rows were found, in words. */
export const byWords = ({ row, how, encoder }: Ranking): string => (row < 0 && how ? how : `by ${encoderWords(encoder)}`);

const round = (value: number): number => Math.round(value * 1e4) / 1e4;

function keep(store: DatasetStore, about: { meaning: string } | { like: number }, { rows, similarity, encoder, how }: Found): void {
  const clause: Clause = { ...about, rows: [...rows], similarity: [...similarity].map(round), encoder, how };
  store.setClause(MEANING, clause, fromRows(clause.rows, store.n));
}

/** An answer, and not a failure: its message says why no row was found. */
export class NothingFound extends Error {}

/** Narrow all views to the rows nearest to a text. `stale`: a newer question has been asked. */
export async function narrowToMeaning(store: DatasetStore, query: string, encoder: string, stale: () => boolean): Promise<void> {
  const found = await store.similar(query, Math.min(NEAREST, store.n), encoder);
  if (stale()) return;
  if (!found.rows.length) throw new NothingFound(`Nothing was found${found.how ? ` ${found.how}` : ""}.`);
  keep(store, { meaning: query }, found);
}

/** Narrow all views to a row and those nearest to it. */
export async function narrowToLike(store: DatasetStore, row: number, encoder: string, stale: () => boolean): Promise<void> {
  const found = await store.neighbours(row, Math.min(ALIKE, store.n - 1), encoder);
  if (stale()) return;
  const others = found.rows.length;
  const rows = new Uint32Array(others + 1);
  const similarity = new Float32Array(others + 1);
  rows[0] = row; // itself, to be compared with
  similarity[0] = 1;
  rows.set(found.rows, 1);
  similarity.set(found.similarity, 1);
  keep(store, { like: row }, { ...found, rows, similarity });
}
