// The two borders between the regions as sliders: by pointer and by keys, with live counts.
import { formatCount, h } from "../dom.ts";
import { toDataX, toDataY, toPixelX, toPixelY } from "../scale.ts";
import type { MapModel } from "./model.ts";
import { colouringByRegion, countRegions, REGION_NAMES } from "./regions.ts";
import { refreshRegionClause } from "./legend.ts";

type Axis = "variability" | "confidence";
const MOST: Record<Axis, number> = { variability: 0.5, confidence: 1 };

export function makeBorders(model: MapModel, marks: HTMLElement): void {
  const handles = (["variability", "confidence"] as const).map((axis) => makeHandle(model, axis, marks));
  const stand = () => handles.forEach((handle) => handle.stand());
  for (const change of ["view", "layout", "thresholds"] as const) model.on(change, stand);
  let authored = JSON.stringify(model.ctx.spec.thresholds);
  model.ctx.onSpec(() => {
    if (authored === JSON.stringify(model.ctx.spec.thresholds)) return;
    authored = JSON.stringify(model.ctx.spec.thresholds);
    model.thresholds = { ...model.thresholds, ...model.ctx.spec.thresholds };
    changed(model, true);
  });
  if (model.layout) stand();
}

/** Borders moved: what shows them is drawn again; `done`: the dataset is told. */
function changed(model: MapModel, done: boolean): void {
  if (model.colouring.about === "region") {
    model.setColouring(colouringByRegion(model.x, model.y, model.thresholds));
  }
  model.invalidate("over");
  model.tell("thresholds");
  if (done) refreshRegionClause(model, colouringByRegion(model.geometry.x, model.geometry.y, model.thresholds));
}

function makeHandle(model: MapModel, axis: Axis, marks: HTMLElement): { stand(): void } {
  const across = axis === "variability";
  const value = h("span", { class: "dsx-border-value" });
  const handle = h(
    "div",
    {
      class: `dsx-border dsx-border-${across ? "x" : "y"}`,
      role: "slider",
      tabindex: 0,
      "aria-label": `${axis} border of the regions`,
      "aria-orientation": across ? "horizontal" : "vertical",
      "aria-valuemin": 0,
      "aria-valuemax": MOST[axis],
      title: across ? "Drag: ambiguous from this variability on" : "Drag: easy to learn from this confidence on",
    },
    h("i", { class: "dsx-border-grip" }),
    value,
  );
  marks.append(handle);

  const set = (to: number, done: boolean) => {
    const rounded = Math.round(Math.min(MOST[axis], Math.max(0, to)) * 200) / 200;
    if (rounded !== model.thresholds[axis]) {
      model.thresholds = { ...model.thresholds, [axis]: rounded };
      changed(model, done);
    } else if (done) {
      changed(model, true);
    }
    if (!done) return;
    const { variability, confidence } = model.thresholds;
    model.ctx.saveState({ thresholds: model.thresholds });
    const parameters = { run: model.ctx.spec.run ?? "", variability_threshold: variability, confidence_threshold: confidence };
    model.store.measure("data_map", parameters).catch((error: Error) => model.note("borders", error.message));
  };
  let later = 0;
  const step = (by: number) => {
    set(model.thresholds[axis] + by, false);
    clearTimeout(later);
    later = window.setTimeout(() => set(model.thresholds[axis], true), 500);
  };

  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    handle.classList.add("dsx-dragged");
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId) || !model.layout) return;
    const box = marks.getBoundingClientRect();
    set(
      across
        ? toDataX(model.view, model.layout.plot, event.clientX - box.left)
        : toDataY(model.view, model.layout.plot, event.clientY - box.top),
      false,
    );
  });
  handle.addEventListener("lostpointercapture", () => {
    handle.classList.remove("dsx-dragged");
    set(model.thresholds[axis], true);
  });
  handle.addEventListener("keydown", (event) => {
    const small = event.shiftKey ? 0.05 : 0.005;
    const moves: Record<string, number> = {
      ArrowRight: small, ArrowUp: small, ArrowLeft: -small, ArrowDown: -small,
      PageUp: 0.05, PageDown: -0.05, Home: -1, End: 1,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    step(moves[event.key]);
  });
  model.signal.addEventListener("abort", () => clearTimeout(later));

  return {
    stand: () => {
      const { layout, view, thresholds } = model;
      if (!layout) return;
      const { width, height } = layout.plot;
      const at = across
        ? toPixelX(view, layout.plot, thresholds.variability)
        : toPixelY(view, layout.plot, thresholds.confidence);
      handle.hidden = at < -1 || at > (across ? width : height) + 1;
      handle.style.transform = across
        ? `translate(${Math.round(at)}px, ${height}px)`
        : `translate(0px, ${Math.round(at)}px)`;
      value.textContent = thresholds[axis].toFixed(3).replace(/0$/, "");
      handle.setAttribute("aria-valuenow", String(thresholds[axis]));
      handle.setAttribute("aria-valuetext", `${thresholds[axis]}: ${spoken(model)}`);
    },
  };
}

function spoken(model: MapModel): string {
  const { inScope } = countRegions(model.x, model.y, model.store.state, model.thresholds);
  return REGION_NAMES.map((name, region) => `${formatCount(inScope[region])} ${name}`).join(", ");
}
