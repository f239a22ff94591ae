// One calm frame for a dataset: its maps, its rows beside them, a facet per column below.
import { renderDataMap } from "./datamap.ts";
import { formatCount, h, plural } from "./dom.ts";
import { renderEmbeddingMap } from "./embeddingmap.ts";
import { encoderOf, part } from "./explore/part.ts";
import { makeMaps, mapsOf } from "./explore/tabs.ts";
import { saidInPlace } from "./embedding/waiting.ts";
import { renderFacets } from "./facets.ts";
import { renderRows } from "./rows.ts";
import { makeJobChip } from "./jobchip.ts";
import { makeSearch } from "./search.ts";
import { watchTheme } from "./theme.ts";
import type { ViewContext } from "./types.ts";

const DRAW = { embedding: renderEmbeddingMap, data_map: renderDataMap };

export function renderExplore(ctx: ViewContext): void {
  const { store, signal } = ctx;
  const hasMap = mapsOf(ctx).length > 0;
  const root = h("section", { class: hasMap ? "dsx-frame dsx-explore" : "dsx-frame dsx-explore dsx-no-map", "aria-label": store.name });
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  ctx.el.append(root);
  watchTheme(root.closest<HTMLElement>(".dsx") ?? root, () => undefined, signal);

  const rows = h("div", { class: "dsx-explore-rows" }, h("div", { class: "dsx-explore-fill" }));
  const facets = h("div", { class: "dsx-explore-facets" });
  const leave = () => rows.querySelector<HTMLElement>("[role=grid]")?.focus({ preventScroll: true });
  const search = makeSearch(store, { signal, leave, encoder: () => encoderOf(ctx.spec) });
  // the picture of a saved notebook is the map's; row texts stay out of it
  const maps = hasMap ? makeMaps(ctx, (name, panel) => DRAW[name](part(ctx, panel, name, (picture) => ctx.live(picture)))) : makeNoMap(ctx);
  root.append(makeHeader(ctx, search.element, leave), h("div", { class: "dsx-explore-body" }, maps, rows), facets);
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !(event.shiftKey && event.key === "Enter")) event.stopPropagation();
    if (event.key !== "/" || event.defaultPrevented || isTyping(event.target)) return;
    event.preventDefault();
    search.focus();
  });
  const height = Math.max(320, Number(ctx.spec.height) || 460);
  root.style.setProperty("--dsx-height", `${height}px`);
  const silent = () => undefined;
  renderRows(part(ctx, rows.firstElementChild as HTMLElement, "rows", (picture) => !hasMap && ctx.live(picture)), search.focus);
  renderFacets(part(ctx, facets, "facets", silent));
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

function makeHeader(ctx: ViewContext, search: HTMLElement, leave: () => void): HTMLElement {
  const { store, signal } = ctx;
  const rows = h("span", { class: "dsx-soft dsx-rows-total" });
  const jobs = makeJobChip(store, signal, (job) => saidInPlace(job, store.jobs, ctx.geometries.embedding));
  const status = h("span", { class: "dsx-explore-kernel", role: "status" });
  const clear = h("button", {
    type: "button",
    class: "dsx-rows-tab",
    title: "Take all filters and the search away",
    onclick: () => {
      store.clauses().forEach((key) => store.setClause(key, null, null));
      leave(); // the button is gone now
    },
  }, "Clear filters");
  const write = () => {
    const { n, scopeCount } = store;
    rows.textContent = scopeCount < n ? `${formatCount(scopeCount)} of ${plural(n, "row")}` : plural(n, "row");
    clear.hidden = store.clauses().length === 0;
  };
  const say = () => {
    const words = store.offline ? "This view lost its kernel: run the cell again." : store.busy ? "Kernel busy: changes arrive when the cell ends." : "";
    status.textContent = status.title = words;
  };
  store.on("filter", write, signal);
  store.on("busy", say, signal);
  write();
  say();
  return h("header", { class: "dsx-bar" },
    h("div", { class: "dsx-bar-left" }, h("b", { class: "dsx-name", title: store.name }, store.name), rows, jobs, clear, status),
    h("div", { class: "dsx-bar-right" }, search));
}

/** What would bring the map, in one sentence. */
function makeNoMap(ctx: ViewContext): HTMLElement {
  const line = h("p", { class: "dsx-explore-no-map dsx-soft" });
  const write = () => {
    line.textContent = ctx.spec.noMap ?? "There is no map: nothing was measured that gives each row a place.";
  };
  ctx.onSpec(write);
  write();
  return line;
}
