// Find rows by their text: typed once, narrowed in every view. Up to 20 MB in the page itself.
import { count } from "./bits.ts";
import { icon } from "./datamap/icons.ts";
import { formatCount, h } from "./dom.ts";
import { folded, matches, type TextBytes } from "./search/bytes.ts";
import { inSlices } from "./search/slices.ts";
import type { DatasetStore } from "./types.ts";

const WAIT = 150; // ms of rest before a search starts
const KEY = "search";

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

export interface Search {
  element: HTMLElement;
  focus(): void;
}

export interface SearchOptions {
  signal: AbortSignal;
  /** Where the focus goes on Escape in an empty box, and after Enter. */
  leave(): void;
}

export function makeSearch(store: DatasetStore, { signal, leave }: SearchOptions): Search {
  const searchable = store.columns.some(({ role }) => role === "text");
  const input = h("input", {
    class: "dsx-search-input",
    type: "text",
    role: "searchbox",
    placeholder: "Search text",
    "aria-label": "Search text: narrows all views; Enter selects what matches",
    title: "Narrows all views. Enter selects what matches, Esc clears.",
    spellcheck: "false",
    autocomplete: "off",
    disabled: !searchable,
  });
  const clear = h("button", { type: "button", class: "dsx-search-clear", "aria-label": "Clear the search", title: "Clear the search (Esc)", hidden: true }, icon("close"));
  const note = h("span", { class: "dsx-search-note dsx-soft", role: "status" });
  let turn = 0;
  let timer = 0;
  let where = "";
  let running: Promise<void> = Promise.resolve();

  const find = async (query: string): Promise<void> => {
    const mine = ++turn;
    const stale = () => mine !== turn || signal.aborted;
    if (!query.trim()) {
      if (store.clause(KEY)) store.setClause(KEY, null, null);
      return;
    }
    const slow = setTimeout(() => {
      if (stale()) return;
      note.textContent = store.busy ? "Waiting for the kernel…" : prepared.has(store) ? "Searching…" : "Loading the texts…";
    }, 200);
    try {
      const text = await textOf(store);
      if (stale()) return;
      const bits = text ? await inSlices(matches(text, query), stale) : await store.searchKernel(query);
      if (!bits || stale()) return;
      where = text ? "in this page" : "in the kernel";
      store.setClause(KEY, { search: query }, bits);
      const found = count(bits);
      note.textContent = `${found === 1 ? "1 match" : `${formatCount(found)} matches`} ${where}`;
      note.title = note.textContent;
    } catch (error) {
      if (!stale()) note.textContent = `Not searched: ${(error as Error).message}`;
    } finally {
      clearTimeout(slow);
    }
  };
  const start = (wait: number) => {
    clearTimeout(timer);
    clear.hidden = !input.value;
    if (!input.value.trim()) note.textContent = "";
    timer = window.setTimeout(() => (running = find(input.value)), wait);
  };
  const empty = () => {
    input.value = "";
    start(0);
  };
  input.addEventListener("input", () => start(input.value ? WAIT : 0));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (input.value) empty();
      else leave();
    } else if (event.key === "Enter") {
      event.preventDefault();
      void select();
    }
  });
  clear.addEventListener("click", () => {
    empty();
    input.focus();
  });

  /** The rows that match and are in scope become the selection. */
  const select = async () => {
    if (!input.value.trim()) return;
    clearTimeout(timer);
    const known = (store.clause(KEY) as { search?: string } | null)?.search;
    if (known !== input.value) running = find(input.value);
    await running;
    const bits = store.scopeWithout("");
    if (store.scopeCount === 0 || !store.clause(KEY)) return;
    store.select("set", bits, KEY);
    leave();
  };

  // another view searched, or the page was loaded again
  const follow = () => {
    const query = (store.clause(KEY) as { search?: string } | null)?.search ?? "";
    if (document.activeElement === input || query === input.value) return;
    input.value = query;
    clear.hidden = !query;
    if (!query) note.textContent = "";
  };
  store.on("filter", follow, signal);
  signal.addEventListener("abort", () => {
    turn++;
    clearTimeout(timer);
  });
  follow();
  return {
    element: h("div", { class: "dsx-search", hidden: !searchable }, note, h("span", { class: "dsx-search-box" }, input, clear)),
    focus: () => {
      input.focus();
      input.select();
    },
  };
}
