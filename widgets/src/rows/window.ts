// Where a scroll bar stands and which rows are in sight, for more rows than a page can be high.

/** Browsers stop near 17 and 33 million pixels; above this the scroll bar is a scaled picture. */
export const TALLEST = 8_000_000;

/** Row `index` has the point `share` (0 top, 1 bottom) of its height at `y` pixels in the window. */
export interface Pin {
  index: number;
  share: number;
  y: number;
}

/** Height of what the scroll bar scrolls over. */
export const trackHeight = (n: number, rowHeight: number, window: number): number =>
  Math.max(window, Math.min(TALLEST, Math.ceil(n * rowHeight)));

/**
 * What a scroll bar at `fraction` (0..1) shows. The point of the window that lies `fraction` down
 * shows the row that lies `fraction` down the list: first row on top at 0, last row at the bottom
 * at 1, whatever the heights of the rows.
 */
export function pinAt(fraction: number, n: number, window: number): Pin {
  const f = Math.min(1, Math.max(0, fraction));
  const index = Math.max(0, Math.min(n - 1, Math.floor(f * n)));
  return { index, share: Math.min(1, f * n - index), y: f * window };
}

/** Where the scroll bar belongs when row `index` starts `offset` pixels above the window. */
export function fractionOf(
  index: number,
  offset: number,
  n: number,
  rowHeight: number,
  window: number,
): number {
  const room = n * rowHeight - window;
  return room <= 0 ? 0 : Math.min(1, Math.max(0, (index * rowHeight + offset) / room));
}

/** How far a list from `top` to `bottom` must move to leave no gap in the window. */
export function settle(top: number, bottom: number, atStart: boolean, atEnd: boolean, window: number): number {
  let shift = atEnd && bottom < window ? window - bottom : 0;
  if (atStart && top + shift > 0) shift = -top;
  return shift;
}
