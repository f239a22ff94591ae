// One part of the whole frame as a view of its own: the same host, its own piece of spec and of state.
import type { Geometry, ViewContext } from "../types.ts";

export type MapName = "embedding" | "data_map";

/** Names of pieces of state; the data map's is older than there being two maps. */
const STATE = { embedding: "embedding", data_map: "map", rows: "rows", facets: "facets" } as const;

export type PartName = keyof typeof STATE;

const isMap = (name: PartName): name is MapName => name === "embedding" || name === "data_map";

/** The specs of the maps by name. */
export const mapSpecs = (spec: ViewContext["spec"]): Record<string, any> => spec.maps ?? (spec.map ? { data_map: spec.map } : {});

/** Whose vectors the frame is about: those of its map of texts. */
export const encoderOf = (spec: ViewContext["spec"]): string => mapSpecs(spec).embedding?.method?.encoder ?? "auto";

/** `live`: called when the part has drawn, with its picture if it has one to keep. */
export function part(ctx: ViewContext, el: HTMLElement, name: PartName, live: ViewContext["live"]): ViewContext {
  const key = STATE[name];
  const state: Record<string, any> = { ...ctx.state[key] };
  const given = (): object => {
    if (isMap(name)) return mapSpecs(ctx.spec)[name];
    return name === "facets" ? { facets: ctx.spec.facets } : { ...ctx.spec.rows, encoder: encoderOf(ctx.spec) };
  };
  return {
    el,
    store: ctx.store,
    key: ctx.key,
    get geometries(): Record<string, Geometry> {
      if (!isMap(name)) return ctx.geometries;
      const points = ctx.geometries[name];
      return points ? { map: points } : {};
    },
    onGeometries: (fn) => ctx.onGeometries(fn),
    signal: ctx.signal,
    state,
    get spec() {
      return { height: ctx.spec.height, ...given(), embedded: true, header: false };
    },
    saveState(patch) {
      Object.assign(state, patch);
      ctx.saveState({ [key]: { ...state } });
    },
    onSpec: (fn) => ctx.onSpec(fn),
    live,
  };
}
