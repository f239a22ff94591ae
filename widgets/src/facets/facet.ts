// One facet: what it counts and what a press on one of its bars does.
import { isCorrectness, noiseOf } from "../datamap/colour.ts";
import { missingCode } from "../rows/sort.ts";
import type { Column, ColumnInfo, DatasetStore, ViewContext } from "../types.ts";
import { type Bar, BarList, linesOf } from "./bars.ts";
import { countCategories, countMask, keepCategories, longestShare, usedCodes } from "./count.ts";

const FEW = 8; // this many keep the order of the column; more are sorted by size, numbers by value

export interface Facet {
  element: HTMLElement;
  /** About how many lines it takes, its title too. */
  lines(): number;
  count(): void;
}

interface Clause {
  column: string;
  values: number[];
}

const clauseOf = (store: DatasetStore, key: string): Clause | null => store.clause(key) as Clause | null;

/** A column of categories. Its clause keeps the rows of the pressed ones; it never sees its own. */
export function categoryFacet({ store, signal }: ViewContext, info: ColumnInfo, ready: () => void): Facet {
  const key = info.name; // the one a legend uses: what is pressed there is pressed here
  let column: Column | null = null;
  let order: number[] = [];
  const keep = (values: number[]) => {
    if (!column) return;
    const codes = column.data as Uint8Array;
    if (values.length) store.setClause(key, { column: info.name, values }, keepCategories(codes, values));
    else store.setClause(key, null, null);
  };
  const values = () => clauseOf(store, key)?.values ?? []; // a legend of numbers has a range instead
  const list = new BarList(info.title, {
    toggle: (code) => keep(values().includes(code) ? values().filter((value) => value !== code) : [...values(), code]),
    only: (code) => keep([code]),
    clear: () => keep([]),
  });
  store.column(info.name).then(
    (found) => {
      if (signal.aborted) return;
      if (found.kind !== "category") {
        list.say("Not a column of categories.");
        return;
      }
      column = found;
      ready();
    },
    (error: Error) => list.say(`Not read: ${error.message}`),
  );

  const count = () => {
    if (!column) {
      list.say(store.busy ? "Waiting for the kernel…" : "Loading…");
      return;
    }
    const codes = column.data as Uint8Array | Uint16Array;
    const n = column.categories.length;
    const active = values();
    const counts = countCategories(codes, store.state, n, active.length ? store.scopeWithout(key) : null);
    const { inScope, selected } = counts;
    const noise = noiseOf(column);
    if (!order.length) {
      // Only categories that some row has; but how often a row was right keeps all its levels.
      const used = isCorrectness(info.name) ? null : usedCodes(codes, n);
      order = used ?? Array.from({ length: n }, (_, code) => code);
      const numbers = column.categories.map(Number);
      const counting = column.categories.every((name, code) => name.trim() !== "" && Number.isFinite(numbers[code]));
      if (counting) order.sort((a, b) => numbers[a] - numbers[b]);
      else if (n > FEW) order.sort((a, b) => inScope[b] - inScope[a] || a - b);
      if (noise >= 0) order = [...order.filter((code) => code !== noise), noise];
    }
    const missing = missingCode(codes, "category");
    const total = sum(inScope);
    const chosen = sum(selected);
    const bar = (slot: number, code: number): Bar => ({
      code,
      name: slot === n ? "no value" : column!.categories[slot],
      plain: slot !== n && slot !== noise,
      stays: slot === noise,
      count: inScope[slot],
      selected: selected[slot],
      share: total ? inScope[slot] / total : 0,
      selectedShare: chosen ? selected[slot] / chosen : 0,
      kept: active.includes(code),
    });
    const bars = order.map((slot) => bar(slot, slot));
    if (inScope[n] || active.includes(missing)) bars.push(bar(n, missing));
    list.write(bars, { longest: longestShare(counts), total, chosen });
  };
  return { element: list.element, lines: () => linesOf(info.n_categories ?? 0), count };
}

const sum = (counts: Uint32Array): number => counts.reduce((a, b) => a + b, 0);

/** The tags that rows carry. A row may carry several, so every tag is a clause of its own facet. */
export function tagsFacet({ store, signal }: ViewContext, ready: () => void): Facet {
  const key = "tags:";
  let names: string[] = [];
  let masks = new Map<string, Uint8Array>();
  let reading = 0;
  const tagsKept = () => ((store.clause(key) as { tags?: string[] } | null)?.tags ?? []).filter((tag) => names.includes(tag));
  const keep = (tags: string[]) => {
    const known = tags.map((tag) => masks.get(tag)).filter((bits) => bits !== undefined);
    if (!tags.length || known.length < tags.length) {
      store.setClause(key, null, null);
      return;
    }
    const any = new Uint8Array(known[0]);
    for (const bits of known.slice(1)) for (let i = 0; i < any.length; i++) any[i] |= bits[i];
    store.setClause(key, { tags }, any);
  };
  const list = new BarList("tags", {
    toggle: (code) => {
      const tag = names[code];
      const kept = tagsKept();
      keep(kept.includes(tag) ? kept.filter((other) => other !== tag) : [...kept, tag]);
    },
    only: (code) => keep([names[code]]),
    clear: () => keep([]),
  });
  const read = async () => {
    const turn = ++reading;
    const wanted = Object.keys(store.tags);
    const found = await Promise.all(wanted.map((tag) => store.column(`tag:${tag}`).then(bitsOf, () => null)));
    if (turn !== reading || signal.aborted) return;
    const before = tagsKept();
    masks = new Map();
    wanted.forEach((tag, k) => {
      const bits = found[k];
      if (bits) masks.set(tag, bits);
    });
    names = wanted;
    // what a clause keeps follows the tags as they are given and taken
    if (before.length) keep(before.filter((tag) => masks.has(tag)));
    ready();
  };
  store.on("decisions", () => void read(), signal);
  void read();

  const count = () => {
    const kept = tagsKept();
    const scope = kept.length ? store.scopeWithout(key) : null;
    const counted = names.map((tag) => {
      const bits = masks.get(tag);
      return bits ? countMask(bits, store.state, scope) : [store.tags[tag] ?? 0, 0];
    });
    const { scopeCount, selectedCount } = store;
    const total = Math.max(1, scopeCount);
    const bars = names.map((name, code): Bar => {
      const [rows, selected] = counted[code];
      return {
        code, name, plain: true, count: rows, selected,
        share: rows / total,
        selectedShare: selectedCount ? selected / selectedCount : 0,
        kept: kept.includes(name),
      };
    });
    const longest = Math.max(0, ...bars.map(({ share, selectedShare }) => Math.max(share, selectedShare)));
    list.write(bars, { longest, total: scopeCount, chosen: selectedCount, fixed: masks.size === 0 });
  };
  return { element: list.element, lines: () => linesOf(Object.keys(store.tags).length), count };
}

/** A column of no and yes as a bitmask. */
function bitsOf({ data }: Column): Uint8Array {
  const bits = new Uint8Array((data.length + 7) >> 3);
  for (let row = 0; row < data.length; row++) if (data[row] === 1) bits[row >> 3] |= 1 << (row & 7);
  return bits;
}
