// Where names may stand in the picture: where they cover few points and never each other.
import type { Size } from "../scale.ts";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Wanted {
  width: number;
  height: number;
  /** The name stays within this. */
  within: Box;
}

const GAP = 6;

export const overlap = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width + GAP &&
  b.left < a.left + a.width + GAP &&
  a.top < b.top + b.height + GAP &&
  b.top < a.top + a.height + GAP;

/**
 * A place for each name, or null where there is none. `covered` tells how many points lie under a
 * box; `taken` are boxes that must stay free; names placed first go first.
 */
export function placeNames(
  wanted: Wanted[],
  covered: (box: Box) => number,
  taken: Box[],
): (Box | null)[] {
  const placed: Box[] = [...taken];
  return wanted.map(({ width, height, within }) => {
    const rangeX = within.width - width - 2 * GAP;
    const rangeY = within.height - height - 2 * GAP;
    if (rangeX < 0 || rangeY < 0) return null;
    const across = Math.min(13, 1 + Math.ceil(rangeX / 24));
    const down = Math.min(17, 1 + Math.ceil(rangeY / 14));
    let best: Box | null = null;
    let least = Infinity;
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        const fx = across > 1 ? column / (across - 1) : 0;
        const fy = down > 1 ? row / (down - 1) : 0;
        const box = {
          left: within.left + GAP + fx * rangeX,
          top: within.top + GAP + fy * rangeY,
          width,
          height,
        };
        if (placed.some((other) => overlap(box, other))) continue;
        // Free of points first; then near the middle of the region's width, rather low.
        const cost = Math.log1p(covered(box)) + 0.6 * Math.abs(fx - 0.5) + 0.5 * Math.abs(fy - 0.55);
        if (cost < least) [best, least] = [box, cost];
      }
    }
    if (best) placed.push(best);
    return best;
  });
}

const CLEAR = 18; // pixels between a dot and the card about it

/** Upper left corner of a card about a dot: beside it, else below, else above; inside the room while it fits. */
export function placeCard(dot: { x: number; y: number }, card: Size, room: Size): { x: number; y: number } {
  const inside = (v: number, most: number) => Math.max(0, Math.min(most, v));
  const lowest = room.height - card.height;
  const right = dot.x + CLEAR;
  const left = dot.x - CLEAR - card.width;
  if (right + card.width <= room.width) return { x: right, y: inside(dot.y - card.height / 2, lowest) };
  if (left >= 0) return { x: left, y: inside(dot.y - card.height / 2, lowest) };
  const below = dot.y + CLEAR;
  const y = below <= lowest ? below : inside(dot.y - CLEAR - card.height, lowest);
  return { x: inside(dot.x - card.width / 2, room.width - card.width), y };
}
