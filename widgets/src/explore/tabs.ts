// Two maps in one place: a quiet strip of tabs; a map is drawn when it is first opened, and kept.
import { h, uniqueId } from "../dom.ts";
import { makeProgress } from "../jobs/row.ts";
import { phaseOf } from "../jobs/words.ts";
import type { ViewContext } from "../types.ts";
import { mapSpecs, type MapName } from "./part.ts";

const TITLES: Record<MapName, string> = { embedding: "Map of texts", data_map: "Training dynamics" };

/** The maps that there are, in the order of their tabs. */
export const mapsOf = ({ spec, geometries }: ViewContext): MapName[] =>
  (["embedding", "data_map"] as const).filter((name) => geometries[name] && mapSpecs(spec)[name]);

/** `draw` is called once for each map, when its panel is first shown. */
export function makeMaps(ctx: ViewContext, draw: (name: MapName, panel: HTMLElement) => void): HTMLElement {
  const names = mapsOf(ctx);
  const wanted = ctx.state.open ?? ctx.spec.open;
  let open: MapName = names.includes(wanted) ? wanted : names[0];
  const box = h("div", { class: "dsx-explore-map" });
  const panels = new Map(names.map((name) => [name, h("div", { class: "dsx-explore-panel", id: uniqueId("map"), hidden: true })]));
  const drawn = new Set<MapName>();
  const show = () => {
    for (const [name, panel] of panels) panel.hidden = name !== open;
    if (drawn.has(open)) return;
    drawn.add(open);
    draw(open, panels.get(open) as HTMLElement);
  };
  if (names.length > 1) box.append(makeStrip(ctx, panels, () => open, (name) => {
    if (name === open) return;
    keepHeight(box, panels);
    open = name;
    ctx.saveState({ open });
    show();
  }));
  box.append(...panels.values());
  ctx.onSpec(() => {
    const authored = ctx.spec.open;
    if (!names.includes(authored) || authored === before) return;
    before = authored;
    ctx.saveState({ open: (open = authored) });
    show();
    box.dispatchEvent(new Event("dsx-open"));
  });
  let before = ctx.spec.open;
  // not before the frame stands in the page: a map takes its size from there
  queueMicrotask(() => !ctx.signal.aborted && show());
  watchWidth(box, ctx.signal);
  return box;
}

function makeStrip(ctx: ViewContext, panels: Map<MapName, HTMLElement>, opened: () => MapName, choose: (name: MapName) => void): HTMLElement {
  const progress = makeProgress();
  progress.element.classList.add("dsx-tab-progress");
  const tabs = [...panels].map(([name, panel]) => {
    const id = uniqueId("tab");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    const title = mapSpecs(ctx.spec)[name].tab ?? TITLES[name];
    const tab = h("button", { type: "button", role: "tab", class: "dsx-tab", id, "aria-controls": panel.id, "data-map": name, onclick: () => pick(name) }, title);
    if (name === "embedding") tab.append(progress.element);
    return { name, tab };
  });
  const write = () => {
    for (const { name, tab } of tabs) {
      tab.setAttribute("aria-selected", String(name === opened()));
      tab.tabIndex = name === opened() ? 0 : -1;
    }
    const job = ctx.store.jobs.find((one) => phaseOf(one) === "running");
    // while the map of texts is open, it says itself what it waits for
    progress.element.hidden = !job || opened() === "embedding";
    if (job) progress.write(job);
  };
  const pick = (name: MapName) => {
    choose(name);
    write();
  };
  const strip = h("div", { class: "dsx-tabs", role: "tablist", "aria-label": "Maps" }, ...tabs.map(({ tab }) => tab));
  strip.addEventListener("keydown", (event) => {
    const at = tabs.findIndex(({ name }) => name === opened());
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    pick(next.name);
    next.tab.focus();
  });
  ctx.store.on("jobs", write, ctx.signal);
  queueMicrotask(() => strip.parentElement?.addEventListener("dsx-open", write));
  write();
  return strip;
}

/** What stands below must not move when the other map is lower: the place keeps the height of the higher. */
function keepHeight(box: HTMLElement, panels: Map<MapName, HTMLElement>): void {
  const height = Math.max(...[...panels.values()].map((panel) => panel.getBoundingClientRect().height));
  const kept = Number.parseFloat(box.style.getPropertyValue("--dsx-panel")) || 0;
  box.style.setProperty("--dsx-panel", `${Math.max(kept, height)}px`);
}

/** At another width the maps have other heights. */
function watchWidth(box: HTMLElement, signal: AbortSignal): void {
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - width) < 2) return;
    width = box.clientWidth;
    box.style.removeProperty("--dsx-panel");
  });
  observer.observe(box);
  signal.addEventListener("abort", () => observer.disconnect());
}
