// Names and counts of the regions, where they cover few points; a click selects the region.
import { formatCount, h, put } from "../dom.ts";
import { countAbout } from "../grid.ts";
import { afterFrame } from "../later.ts";
import { toDataX, toDataY, toPixelX, toPixelY } from "../scale.ts";
import { OUT_OF_SCOPE, type Operation } from "../types.ts";
import type { MapModel } from "./model.ts";
import { placeNames, type Box } from "./place.ts";
import { countRegions, REGION_NAMES, rowsOfRegion } from "./regions.ts";

const SHORT = ["easy", "ambiguous", "hard"];

export interface Names {
  /** What each name says and where, in data coordinates, its upper left corner is: for a snapshot. */
  placed(): { name: string; count: string; x: number; y: number }[];
}

export function makeNames(model: MapModel, marks: HTMLElement): Names {
  const buttons = REGION_NAMES.map((name, region) =>
    h("button", {
      type: "button",
      class: "dsx-region",
      title: `Select the rows ${name === "ambiguous" ? "that are ambiguous" : `that are ${name}`}; Shift adds, Alt takes away`,
      onclick: (event: MouseEvent) => {
        const op: Operation = event.shiftKey ? "add" : event.altKey ? "subtract" : "set";
        const rows = rowsOfRegion(model.x, model.y, model.store.state, OUT_OF_SCOPE, model.thresholds, region);
        model.store.select(op, rows, name);
      },
    }),
  );
  marks.append(...buttons);
  const texts = REGION_NAMES.map(() => ({ name: "", count: "" }));
  // Places are kept in data coordinates, so that a pan carries the names along.
  let places: ({ x: number; y: number } | null)[] = [null, null, null];

  const write = () => {
    const { inScope, selected } = countRegions(model.x, model.y, model.store.state, model.thresholds);
    const narrow = (model.layout?.plot.width ?? 0) < 420;
    buttons.forEach((button, region) => {
      const name = narrow ? SHORT[region] : REGION_NAMES[region];
      const count =
        model.store.selectedCount > 0 && inScope[region] > 0
          ? `${formatCount(selected[region])} of ${formatCount(inScope[region])}`
          : formatCount(inScope[region]);
      button.classList.toggle("dsx-two", narrow);
      if (texts[region].name === name && texts[region].count === count) return;
      texts[region] = { name, count };
      put(button, h("b", null, name), " ", h("span", null, count));
    });
  };

  const within = (region: number): Box => {
    const { view, thresholds } = model;
    const { width, height } = model.layout!.plot;
    const clip = (v: number, most: number) => Math.min(most, Math.max(0, v));
    const x = clip(toPixelX(view, model.layout!.plot, thresholds.variability), width);
    const y = clip(toPixelY(view, model.layout!.plot, thresholds.confidence), height);
    if (region === 1) return { left: x, top: 0, width: width - x, height };
    return region === 0 ? { left: 0, top: 0, width: x, height: y } : { left: 0, top: y, width: x, height: height - y };
  };

  /** Where the handles of the borders show their values. */
  const handles = (): Box[] => {
    const { view, thresholds } = model;
    const size = model.layout!.plot;
    const x = toPixelX(view, size, thresholds.variability);
    const y = toPixelY(view, size, thresholds.confidence);
    return [
      { left: -8, top: y - 12, width: 64, height: 24 },
      { left: x - 26, top: size.height - 34, width: 52, height: 34 },
    ];
  };

  const place = () => {
    const { layout, view } = model;
    if (!layout || !layout.plot.width) return;
    const size = layout.plot;
    const grid = model.moving ? undefined : model.grid();
    const pad = 3;
    const covered = (box: Box) =>
      grid
        ? countAbout(
            grid,
            toDataX(view, size, box.left - pad),
            toDataX(view, size, box.left + box.width + pad),
            toDataY(view, size, box.top + box.height + pad),
            toDataY(view, size, box.top - pad),
          )
        : 0;
    const order = [0, 1, 2].sort((a, b) => area(within(a)) - area(within(b)));
    const wanted = order.map((region) => ({
      width: buttons[region].offsetWidth,
      height: buttons[region].offsetHeight,
      within: within(region),
    }));
    const found = model.store.scopeCount ? placeNames(wanted, covered, handles()) : [null, null, null];
    places = [null, null, null];
    order.forEach((region, k) => {
      const box = found[k];
      places[region] = box && { x: toDataX(view, size, box.left), y: toDataY(view, size, box.top) };
    });
    stand();
  };

  const stand = () => {
    const { layout, view } = model;
    if (!layout) return;
    buttons.forEach((button, region) => {
      const at = places[region];
      if (at) {
        const left = Math.round(toPixelX(view, layout.plot, at.x));
        const top = Math.round(toPixelY(view, layout.plot, at.y));
        const outside = left < 0 || top < 0 || left + button.offsetWidth > layout.plot.width + 1 || top + button.offsetHeight > layout.plot.height + 1;
        button.style.visibility = outside ? "hidden" : "visible";
        button.style.transform = `translate(${left}px, ${top}px)`;
      } else {
        button.style.visibility = "hidden";
      }
    });
  };

  const writeAndPlace = () => {
    write();
    place();
  };
  model.on("view", stand);
  model.on("rest", writeAndPlace);
  model.on("layout", () => {
    write();
    stand();
    model.settle();
  });
  model.on("thresholds", () => {
    write();
    model.settle();
  });
  const { ask: writeLater } = afterFrame(write, model.signal);
  for (const kind of ["selection", "filter"] as const) model.store.on(kind, () => (writeLater(), model.settle()), model.signal);
  let wroteAt = 0;
  model.on("positions", () => {
    // A count is a pass over all rows: ten a second are enough for the eye, fewer where it costs a frame.
    const now = performance.now();
    if (model.moving && now - wroteAt < (model.n < 200_000 ? 100 : 500)) return;
    wroteAt = now;
    write();
  });
  return {
    placed: () =>
      buttons.flatMap((button, region) => {
        const at = places[region];
        return at && button.style.visibility === "visible" ? [{ ...texts[region], ...at }] : [];
      }),
  };
}

const area = ({ width, height }: Box): number => width * height;
