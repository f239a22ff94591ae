// Indexes of the points where they stand: exact ones while they rest, one a moment old while they move.
import { buildGrid, type Grid } from "../grid.ts";

// Two maps of one geometry share their index.
const exact = new WeakMap<Float32Array, Grid>();

/** While points move, an index serves the pointer for so long: they have hardly left their cells. */
const LOOSE = 250;

export class Grids {
  private loose: { grid: Grid; at: number } | null = null;

  /** Built when first asked for. */
  of(x: Float32Array, y: Float32Array): Grid {
    let grid = exact.get(x);
    if (!grid) exact.set(x, (grid = buildGrid(x, y)));
    return grid;
  }

  /** The index if there is one already. */
  ready(x: Float32Array): Grid | undefined {
    return exact.get(x);
  }

  /** What is in these arrays has changed. */
  forget(x: Float32Array): void {
    exact.delete(x);
  }

  /** For points on their way. */
  moving(x: Float32Array, y: Float32Array): Grid {
    const now = performance.now();
    if (this.loose?.grid.x !== x || now - this.loose.at > LOOSE) this.loose = { grid: buildGrid(x, y), at: now };
    return this.loose.grid;
  }
}
