// A facet per column: how many rows of each category are in scope, which share of the selection they
// hold; a press narrows all views to a category.
import { h, put } from "./dom.ts";
import { makeStacks } from "./facets/stacks.ts";
import { categoryFacet, type Facet, tagsFacet } from "./facets/facet.ts";
import { afterFrame } from "./later.ts";
import { watchTheme } from "./theme.ts";
import type { ColumnInfo, ViewContext } from "./types.ts";

const MOST_BARS = 50;

/** Names of the columns to show: those of `spec.facets` or `spec.columns`, else all with few categories. */
function chosen({ store, spec }: ViewContext): ColumnInfo[] {
  const wanted: string[] | undefined = spec.facets ?? spec.columns;
  const fits = ({ kind, n_categories: n = 0 }: ColumnInfo) => kind === "category" && n >= 2 && n <= MOST_BARS;
  if (!wanted) return store.columns.filter(fits);
  return wanted
    .map((name) => store.columns.find((column) => column.name === name))
    .filter((info) => info !== undefined && info.kind === "category") as ColumnInfo[];
}

/** Columns in the order in which they were first seen. */
function inOrder(columns: ColumnInfo[], arrived: string[]): ColumnInfo[] {
  for (const { name } of columns) if (!arrived.includes(name)) arrived.push(name);
  return [...columns].sort((a, b) => arrived.indexOf(a.name) - arrived.indexOf(b.name));
}

export function renderFacets(ctx: ViewContext): void {
  const { store, signal } = ctx;
  const embedded = ctx.spec.embedded === true;
  const root = h("section", { class: embedded ? "dsx-facets" : "dsx-frame dsx-facets", "aria-label": "Facets" });
  ctx.el.append(root);
  watchTheme(root.closest<HTMLElement>(".dsx") ?? root, () => undefined, signal);
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
  });

  const legend = h("p", { class: "dsx-facets-legend dsx-soft" });
  const grid = h("div", { class: "dsx-facets-grid" });
  const stacks = makeStacks(grid, signal);
  root.append(grid, legend);

  let facets = new Map<string, Facet>();
  const arrived: string[] = []; // what comes later stands last: nothing that is read moves away
  const count = function* () {
    const { selectedCount } = store;
    // One line in either case: selecting rows must not move what stands below.
    const key = (kind: string, words: string) => h("span", null, h("i", { class: `dsx-key dsx-key-${kind}` }), words);
    put(
      legend,
      ...(selectedCount
        ? [key("scope", "Share of the rows in scope"), key("selected", "Share of the selected rows, which the numbers count")]
        : [key("scope", "Rows in scope. Press a bar to keep only its rows.")]),
    );
    for (const facet of facets.values()) {
      facet.count();
      yield;
    }
  };
  const { ask: later } = afterFrame(count, signal);
  const build = () => {
    const before = facets;
    facets = new Map();
    for (const info of inOrder(chosen(ctx), arrived)) {
      const key = `${info.name} ${info.version}`;
      facets.set(key, before.get(key) ?? categoryFacet(ctx, info, later));
    }
    if (Object.keys(store.tags).length) {
      facets.set("tags", before.get("tags") ?? tagsFacet(ctx, later));
    }
    const elements = [...facets.values()].map(({ element }) => element);
    stacks.put(elements, [...facets.values()].map(({ lines }) => lines()));
    root.hidden = elements.length === 0;
    later();
  };
  for (const kind of ["selection", "filter"] as const) store.on(kind, later, signal);
  for (const kind of ["columns", "decisions"] as const) store.on(kind, build, signal);
  ctx.onSpec(build);
  build();
}
