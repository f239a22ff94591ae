// The embedding map: rows with similar vectors near each other.
import type { MapModel } from "./datamap/model.ts";
import type { ViewContext } from "./types.ts";

/** Draw the map of `geometries.map`; null where there is none. */
export function renderEmbeddingMap(ctx: ViewContext): MapModel | null {
  ctx.el.append("");
  return null;
}
