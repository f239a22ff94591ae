// Which names stand on the map, and where: coarse ones on the whole, finer ones where one comes closer.
import type { Box } from "../datamap/place.ts";
import { overlap } from "../datamap/place.ts";

/** The name of a cluster; level 0 is the coarsest. */
export interface Name {
  level: number;
  name: string;
  n: number;
  x: number;
  y: number;
}

export interface Placed {
  name: Name;
  box: Box;
}

export interface Room {
  width: number;
  height: number;
  /** Boxes that stay free. */
  taken: Box[];
  /** How many points lie under a box. */
  covered?: (box: Box) => number;
}

/** Square pixels of the plot that a name should have to itself. */
const ELBOW = 24_000;
/** Of the names of a level in sight, so many must find a place for the level to be the one. */
const ENOUGH = 0.8;

/** Where a name may stand around the middle of its cluster, nearest first: [across, up] of its own size. */
const SHIFTS: [number, number][] = [[0, 0], [0, -0.9], [0, 0.9], [0.35, 0], [-0.35, 0], [0, -1.6], [0, 1.6]];
/** What a step away costs, in shares of the points that lie under the name in the middle. */
const STEP = 0.11;

/** Names of one level that are in sight, the largest first, each where it overlaps none before it. */
export function placeLevel(
  names: Name[],
  at: (name: Name) => { x: number; y: number },
  measure: (name: Name) => { width: number; height: number },
  room: Room,
): { placed: Placed[]; seen: number } {
  const placed: Placed[] = [];
  let seen = 0;
  for (const name of [...names].sort((a, b) => b.n - a.n)) {
    const middle = at(name);
    if (!(middle.x >= 0 && middle.x <= room.width && middle.y >= 0 && middle.y <= room.height)) continue;
    seen++;
    const { width, height } = measure(name);
    let best: Box | null = null;
    let least = Infinity;
    let most = 0;
    for (const [k, [fx, fy]] of SHIFTS.entries()) {
      const box = { left: middle.x + fx * width - width / 2, top: middle.y + fy * height - height / 2, width, height };
      // A name at the edge comes inside whole, if that is not far from its cluster.
      box.left = Math.min(room.width - width - 2, Math.max(2, box.left));
      box.top = Math.min(room.height - height - 2, Math.max(2, box.top));
      if (box.left < 0 || [...placed.map((other) => other.box), ...room.taken].some((other) => overlap(box, other))) continue;
      // Beside a small cluster rather than over it; on a large one, in its middle.
      const covered = room.covered?.(box) ?? 0;
      most = Math.max(most, covered);
      const cost = covered / Math.max(1, most) + STEP * k;
      if (cost < least) [best, least] = [box, cost];
      if (least <= STEP * (k + 1)) break;
    }
    if (best) placed.push({ name, box: best });
  }
  return { placed, seen };
}

/** The finest level whose names nearly all fit without crowding the plot; else the coarsest, as many as fit. */
export function chooseNames(
  names: Name[],
  at: (name: Name) => { x: number; y: number },
  measure: (name: Name) => { width: number; height: number },
  room: Room,
): Placed[] {
  const levels = [...new Set(names.map(({ level }) => level))].sort((a, b) => b - a);
  const most = Math.max(3, (room.width * room.height) / ELBOW);
  let chosen: Placed[] = [];
  for (const level of levels) {
    const { placed, seen } = placeLevel(names.filter((name) => name.level === level), at, measure, room);
    if (placed.length) chosen = placed;
    if (seen && seen <= most && placed.length >= ENOUGH * seen) break;
  }
  return chosen.slice(0, Math.ceil(most));
}
