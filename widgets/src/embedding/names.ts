// Names of the clusters on the map; a click selects the rows of one.
import { h, plural } from "../dom.ts";
import { fromRows } from "../bits.ts";
import type { MapModel } from "../datamap/model.ts";
import type { Names } from "../datamap/names.ts";
import type { Box } from "../datamap/place.ts";
import type { Plot } from "../datamap/plot.ts";
import { countAbout } from "../grid.ts";
import { roving } from "../roving.ts";
import { toDataX, toDataY, toPixelX, toPixelY } from "../scale.ts";
import { OUT_OF_SCOPE, type Operation } from "../types.ts";
import { chooseNames, type Name, type Placed } from "./levels.ts";

const LONGEST = 34; // characters
const NEAR = 14; // pixels around the pointer that stay free

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}\u2026` : text);

export function makeClusterNames(model: MapModel, plot: Plot): Names {
  const group = h("div", { class: "dsx-cluster-names", role: "group", "aria-label": "Clusters" });
  plot.marks.append(group);
  const tabs = roving(group);
  const ruler = document.createElement("canvas").getContext("2d")!;
  const sizes = new Map<string, number>();
  let standing: (Placed & { button: HTMLButtonElement; x: number; y: number })[] = [];
  let pointer: [number, number] | null = null;
  let dragging = false;

  const names = (): Name[] => (Array.isArray(model.ctx.spec.names) ? model.ctx.spec.names : []);
  const sizeOf = ({ name, level }: Name) => {
    const size = level === 0 ? 13 : 12;
    const font = `600 ${size}px ${model.tokens.font}`;
    const key = `${font} ${name}`;
    if (!sizes.has(key)) {
      ruler.font = font;
      sizes.set(key, ruler.measureText(cut(name)).width);
    }
    return { width: sizes.get(key)! + 8, height: size + 7 };
  };

  const place = () => {
    const { layout, view } = model;
    if (!layout || model.moving) return;
    const size = layout.plot;
    const at = ({ x, y }: Name) => ({ x: toPixelX(view, size, x), y: toPixelY(view, size, y) });
    // None comes up under the pointer of someone who is reading there.
    const taken: Box[] = pointer ? [{ left: pointer[0] - NEAR, top: pointer[1] - NEAR, width: 2 * NEAR, height: 2 * NEAR }] : [];
    const usable = model.geometry.about.ready ? names() : [];
    const grid = usable.length ? model.grid() : null;
    const covered = ({ left, top, width, height }: Box) =>
      grid
        ? countAbout(grid, toDataX(view, size, left), toDataX(view, size, left + width), toDataY(view, size, top + height), toDataY(view, size, top))
        : 0;
    const placed = chooseNames(usable, at, sizeOf, { width: size.width, height: size.height, taken, covered });
    const key = ({ level, name, x, y }: Name) => `${level} ${name} ${x} ${y}`;
    const old = new Map(standing.map((one) => [key(one.name), one]));
    const focused = standing.find(({ button }) => button === document.activeElement);
    standing = placed.map((one) => {
      const button = old.get(key(one.name))?.button ?? makeButton(one.name);
      old.delete(key(one.name));
      return { ...one, button, x: toDataX(view, size, one.box.left), y: toDataY(view, size, one.box.top) };
    });
    for (const { button } of old.values()) button.remove();
    for (const { button } of standing) if (!button.isConnected) group.append(button);
    if (focused && !focused.button.isConnected) plot.plane.focus({ preventScroll: true });
    tabs();
    stand();
  };

  const makeButton = (name: Name) => {
    const words = `${name.name}: ${plural(name.n, "row")}`;
    return h(
      "button",
      {
        type: "button",
        class: name.level === 0 ? "dsx-cluster-name dsx-coarse" : "dsx-cluster-name",
        title: `${words}. Click: select them; Shift adds, Alt takes away`,
        "aria-label": `${words}. Select them`,
        onclick: (event: MouseEvent) => void select(model, name, event).catch((error: Error) => model.note("names", error.message)),
      },
      cut(name.name),
    );
  };

  const stand = () => {
    const { layout, view } = model;
    if (!layout) return;
    const { width, height } = layout.plot;
    for (const { button, box, x, y } of standing) {
      const left = Math.round(toPixelX(view, layout.plot, x));
      const top = Math.round(toPixelY(view, layout.plot, y));
      const outside = left < 0 || top < 0 || left + box.width > width || top + box.height > height;
      button.style.visibility = outside ? "hidden" : "visible";
      button.style.transform = `translate(${left}px, ${top}px)`;
      // While something is drawn or dragged, names make way for the pointer.
      const near =
        dragging && pointer !== null && pointer[0] > left - NEAR && pointer[0] < left + box.width + NEAR &&
        pointer[1] > top - NEAR && pointer[1] < top + box.height + NEAR;
      button.classList.toggle("dsx-gone", near);
    }
    group.classList.toggle("dsx-passive", dragging || model.moving);
  };

  plot.plane.addEventListener("pointermove", (event) => {
    const box = plot.plane.getBoundingClientRect();
    pointer = [event.clientX - box.left, event.clientY - box.top];
    if (dragging) stand();
  });
  plot.stage.addEventListener("pointerdown", (event) => {
    dragging = plot.plane.hasPointerCapture(event.pointerId); // also from beside the plot, or from a name
    stand();
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
    plot.plane.addEventListener(kind, () => {
      dragging = false;
      stand();
    });
  }
  plot.plane.addEventListener("pointerleave", () => (pointer = null));
  // The wheel means the map, also over a name.
  group.addEventListener("wheel", (event) => {
    if (!plot.plane.dispatchEvent(new WheelEvent("wheel", event))) event.preventDefault();
  }, { passive: false });
  model.on("view", stand);
  model.on("rest", place);
  model.on("positions", () => {
    group.classList.toggle("dsx-hidden", model.moving || !model.geometry.about.ready);
    if (model.moving) stand();
  });
  model.on("layout", () => model.settle());
  model.on("theme", place);
  model.ctx.onSpec(() => model.settle());
  return {
    placed: () =>
      standing
        .filter(({ button }) => button.style.visibility === "visible")
        .map(({ name, x, y }) => ({ name: cut(name.name), count: "", x, y })),
  };
}

/** The rows of a cluster are those whose column of that level names it. */
async function select(model: MapModel, name: Name, event: MouseEvent): Promise<void> {
  const { store, ctx } = model;
  const op: Operation = event.shiftKey ? "add" : event.altKey ? "subtract" : "set";
  const column = await store.column(ctx.spec.levels?.[name.level] ?? "cluster");
  const code = column.categories.indexOf(name.name);
  const rows: number[] = [];
  for (let i = 0; i < column.data.length; i++) {
    if (column.data[i] === code && !(store.state[i] & OUT_OF_SCOPE)) rows.push(i);
  }
  store.select(op, fromRows(Uint32Array.from(rows), store.n), name.name.slice(0, 20));
  model.note("names", null);
}
