// What the parts of one map share: positions, view, colours, thresholds, and the one frame loop.
import { countAbout, type Grid } from "../grid.ts";
import type { Theme } from "../palette.ts";
import { layersOf, type Layers } from "../raster.ts";
import { between, sameView, type View } from "../scale.ts";
import type { Geometry, ViewContext, DatasetStore } from "../types.ts";
import { isStyled, reducedMotion, sameTokens, tokensOf, type Tokens } from "../theme.ts";
import type { Colouring } from "./colour.ts";
import type { Outline, Trails } from "./over.ts";
import type { Borders } from "./regions.ts";
import { homeView, isDataMap, type Layout } from "./layout.ts";
import { coreOf, fitted, refitted } from "./aspect.ts";
import { Grids } from "./grids.ts";

export type Tool = "lasso" | "box" | "pan";
export type Mode = "auto" | "points" | "density";

/** What has to be drawn again: points, frame (axes), bars (histograms), over (lines, trails, labels). */
export type Layer = "points" | "frame" | "bars" | "over";

/** What has changed; parts listen to what concerns them. */
export type Change =
  | "view" | "rest" | "positions" | "colour" | "thresholds" | "tool" | "hover" | "layout" | "theme" | "note"
  | "painted" | "points" | "pin";

const WORTH = 1.5; // times as large all others must be for stray ones to be left outside at first

export const TOOLS: Tool[] = ["lasso", "box", "pan"];
const MODES: Mode[] = ["auto", "points", "density"];

/** A view that was kept, if it is one. */
function goodView(kept: View | null | undefined): View | null {
  if (!kept || !Number.isFinite(kept.x0 + kept.x1 + kept.y0 + kept.y1)) return null;
  return kept.x1 > kept.x0 && kept.y1 > kept.y0 ? kept : null;
}

export class MapModel {
  readonly ctx: ViewContext;
  readonly store: DatasetStore;
  /** Its points; an embedding map may be given others of the same rows. */
  geometry: Geometry;
  readonly signal: AbortSignal;
  readonly root: HTMLElement;
  /** Where the map opens: all of it, or all but a few rows that lie far from the others. */
  home: View;
  /** All of the map: as far as one can move. */
  whole: View;
  /** A data map has axes, regions and a scrubber; other projections are drawn without. */
  readonly isDataMap: boolean;
  /** The view follows the map's bounds, until the reader has moved it. */
  following: boolean;
  /** Where the points stand now: the geometry's own arrays, or those of an epoch. */
  x: Float32Array;
  y: Float32Array;
  /** True while positions change from frame to frame. */
  moving = false;
  view: View;
  layout: Layout | null = null;
  theme: Theme = "light";
  tokens: Tokens;
  tool: Tool;
  mode: Mode;
  thresholds: Borders;
  colouring: Colouring;
  /** Colours of the epoch shown, while they differ from the colouring's own. */
  epochCodes: Uint8Array | null = null;
  hover = -1;
  /** What the points took to draw last, in ms. */
  paintTime = 0;
  /** Contours of the density are drawn behind the points. */
  contours = false;
  /** Colour the points by a column, as if the reader had chosen it. */
  colourBy: (column: string) => void = () => undefined;
  /** The row whose nearest neighbours are shown, and those. */
  pin: { row: number; near: Uint32Array } | null = null;
  outline: Outline | null = null;
  trails: Trails | null = null;
  /** Lines for the reader under the picture, by who says them. */
  readonly notes = new Map<string, string>();

  private listeners = new Map<Change, Set<() => void>>();
  private painters = new Map<Layer, () => void>();
  private dirty = new Set<Layer>();
  private frame = 0;
  private flight = 0;
  private restTimer = 0;
  private shown = true;
  private painted = false;
  private viewMoved = false;
  private sorted: Layers | undefined;
  private bounds: View;
  private core: View;
  private grids = new Grids();

  constructor(ctx: ViewContext, geometry: Geometry, root: HTMLElement, colouring: Colouring) {
    this.ctx = ctx;
    this.store = ctx.store;
    this.signal = ctx.signal;
    this.geometry = geometry;
    this.root = root;
    this.x = geometry.x;
    this.y = geometry.y;
    this.isDataMap = isDataMap(geometry.projection);
    this.home = this.whole = this.bounds = homeView(geometry.projection, geometry.x, geometry.y);
    this.core = this.isDataMap ? this.bounds : coreOf(geometry.x, geometry.y, this.bounds);
    const { state, spec } = ctx;
    const kept = goodView(state.viewport);
    this.view = { ...(kept ?? this.home) };
    this.following = kept === null;
    this.contours = state.contours === true;
    this.tool = TOOLS.includes(state.tool) ? state.tool : "lasso";
    this.mode = MODES.includes(state.mode) ? state.mode : "auto";
    this.thresholds = { variability: 0.25, confidence: 0.5, ...spec.thresholds, ...state.thresholds };
    this.colouring = colouring;
    this.tokens = tokensOf(root);
    this.watchVisibility();
    for (const kind of ["selection", "filter", "decisions"] as const) {
      this.store.on(kind, () => (this.sorted = undefined), this.signal);
    }
    this.signal.addEventListener("abort", () => {
      cancelAnimationFrame(this.frame);
      cancelAnimationFrame(this.flight);
      clearTimeout(this.restTimer);
    });
  }

  get n(): number {
    return this.geometry.n;
  }

  get codes(): Uint8Array {
    return this.epochCodes ?? this.colouring.codes;
  }

  on(change: Change, fn: () => void): void {
    let set = this.listeners.get(change);
    if (!set) this.listeners.set(change, (set = new Set()));
    set.add(fn);
  }

  tell(change: Change): void {
    for (const fn of this.listeners.get(change) ?? []) fn();
  }

  painter(layer: Layer, fn: () => void): void {
    this.painters.set(layer, fn);
  }

  /** Draw these layers in the next frame; as often as one likes. */
  invalidate(...layers: Layer[]): void {
    for (const layer of layers) this.dirty.add(layer);
    if (this.frame === 0 && (this.shown || !this.painted) && !this.signal.aborted) {
      this.frame = requestAnimationFrame(() => this.paint());
    }
  }

  /** Draw what is dirty now; a picture of the map may be taken after. */
  paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.layout || this.signal.aborted) return;
    if (!isStyled(this.tokens)) this.tokens = tokensOf(this.root); // made before it was on the page
    const layers = [...this.dirty];
    this.dirty.clear();
    this.painted = true;
    const begun = performance.now();
    for (const layer of layers) this.painters.get(layer)?.();
    if (!layers.includes("points")) return;
    this.paintTime = performance.now() - begun;
    this.tell("painted");
  }

  private watchVisibility(): void {
    const observer = new IntersectionObserver(
      (entries) => {
        this.shown = entries[entries.length - 1].isIntersecting;
        if (this.shown && this.dirty.size > 0) this.invalidate();
      },
      { rootMargin: "300px" },
    );
    observer.observe(this.root);
    this.signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Index of the points where they stand now; built when first asked for. */
  grid(): Grid {
    return this.grids.of(this.x, this.y);
  }

  /** The index for the pointer: while points move, one that is a moment old will do. */
  pointerGrid(): Grid {
    return this.moving ? this.grids.moving(this.x, this.y) : this.grid();
  }

  /** The index if there is one already. */
  get readyGrid(): Grid | undefined {
    return this.grids.ready(this.x);
  }

  /** Show points elsewhere. `moving`: more changes follow in the next frames. */
  place(x: Float32Array, y: Float32Array, moving: boolean): void {
    if (x !== this.geometry.x) this.grids.forget(x);
    this.x = x;
    this.y = y;
    this.moving = moving;
    this.invalidate("points", "over");
    this.tell("positions");
    this.settle();
  }

  /** Points of another projection of the same rows; the view goes to them. */
  setGeometry(geometry: Geometry): void {
    this.geometry = geometry;
    this.following = true;
    this.tell("points");
  }

  /** The map has other bounds now; a view that the reader has not touched goes along. */
  setHome(bounds: View, core: View = bounds): void {
    this.bounds = bounds;
    this.core = core;
    this.fitHome();
    const { x0, x1, y0, y1 } = this.view;
    // a view that was kept of another layout shows nothing of this one
    const elsewhere = x1 < this.whole.x0 || x0 > this.whole.x1 || y1 < this.whole.y0 || y0 > this.whole.y1;
    this.following ||= elsewhere;
    if (this.following && this.flight === 0) this.showView(this.home);
  }

  /** After a new size: where one unit is one unit both ways, the view must have the plot's shape. */
  fitToLayout(): void {
    if (!this.layout || this.isDataMap) return;
    this.fitHome();
    this.view = this.following ? this.home : refitted(this.view, this.layout.plot);
  }

  private fitHome(): void {
    if (!this.layout || this.isDataMap) {
      this.home = this.whole = this.bounds;
      return;
    }
    this.whole = fitted(this.bounds, this.layout.plot);
    const core = fitted(this.core, this.layout.plot);
    // for a little more room nothing is left outside
    const worth = this.whole.x1 - this.whole.x0 > WORTH * (core.x1 - core.x0);
    this.home = worth ? core : this.whole;
  }

  setView(view: View): void {
    this.land();
    this.following = view === this.home;
    this.showView(view);
  }

  private land(): void {
    cancelAnimationFrame(this.flight);
    this.flight = 0;
  }

  private showView(view: View): void {
    this.view = view;
    this.viewMoved = true;
    this.invalidate("points", "frame", "over");
    this.tell("view");
    this.settle();
  }

  /** Move to a view in about a fifth of a second, or at once where motion is unwelcome. */
  fly(wanted: View): void {
    this.land();
    const from = this.view;
    const to = this.layout && !this.isDataMap ? fitted(wanted, this.layout.plot) : wanted;
    this.following = wanted === this.home;
    if (reducedMotion() || sameView(from, to)) {
      this.showView(to);
      return;
    }
    const begin = performance.now();
    const step = () => {
      const t = Math.min(1, (performance.now() - begin) / 220);
      const end = this.following ? this.home : to;
      this.showView(t < 1 ? between(from, end, 1 - (1 - t) ** 3) : end);
      this.flight = t < 1 ? requestAnimationFrame(step) : 0;
    };
    this.flight = requestAnimationFrame(step);
  }

  /** Whether it is in sight, or near it. */
  get visible(): boolean {
    return this.shown;
  }

  get atHome(): boolean {
    return sameView(this.view, this.home);
  }

  /** Where "show the map" leads: where it opens, and from there to all of it. */
  get further(): View {
    return this.atHome ? this.whole : this.home;
  }

  /** What costs more than a frame is done once things have stood still for a moment. */
  settle(): void {
    clearTimeout(this.restTimer);
    // A slow frame while the epochs play is no rest: counting then would make the next one slower.
    const wait = this.moving ? 500 : 140;
    this.restTimer = window.setTimeout(() => {
      if (this.signal.aborted) return;
      this.tell("rest");
      if (!this.viewMoved) return;
      this.viewMoved = false;
      this.ctx.saveState({ viewport: this.atHome ? null : this.view });
    }, wait);
  }

  /** About how many points are in view. */
  get inView(): number {
    if (!this.geometry.hasPoints) return 0;
    const grid = this.moving ? (this.isDataMap ? undefined : this.pointerGrid()) : this.readyGrid;
    const { x0, x1, y0, y1 } = this.view;
    return grid ? countAbout(grid, x0, x1, y0, y1) : this.n;
  }

  /** Rows by layer, sorted anew only when selection, scope or decisions have changed. */
  get layers(): Layers {
    this.sorted ??= layersOf(this.store.state);
    return this.sorted;
  }

  setColouring(colouring: Colouring): void {
    this.colouring = colouring;
    this.epochCodes = null;
    this.invalidate("points", "over");
    this.tell("colour");
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    this.ctx.saveState({ tool });
    this.tell("tool");
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    this.ctx.saveState({ mode });
    this.invalidate("points");
    this.tell("tool");
  }

  setContours(on: boolean): void {
    this.contours = on;
    this.ctx.saveState({ contours: on });
    this.invalidate("frame");
    this.tell("tool");
  }

  setPin(pin: MapModel["pin"]): void {
    this.pin = pin;
    this.invalidate("over");
    this.tell("pin");
  }

  setHover(row: number): void {
    if (row === this.hover) return;
    this.hover = row;
    this.invalidate("over");
    this.tell("hover");
  }

  setTheme(theme: Theme): void {
    const tokens = tokensOf(this.root);
    if (theme === this.theme && sameTokens(tokens, this.tokens)) return;
    this.theme = theme;
    this.tokens = tokens;
    this.invalidate("points", "frame", "over");
    this.tell("theme");
  }

  /** A line under the picture; null takes it away. */
  note(who: string, text: string | null): void {
    if ((this.notes.get(who) ?? null) === text) return;
    if (text === null) this.notes.delete(who);
    else this.notes.set(who, text);
    this.tell("note");
  }
}
