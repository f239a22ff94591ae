// Two maps of the same rows laid on each other: directions and units of a map of vectors mean nothing,
// so the second is turned, mirrored if need be, moved and brought to the size of the first
// (orthogonal Procrustes: Schonemann 1966, doi:10.1007/BF02289451).

export interface Plane {
  x: Float32Array;
  y: Float32Array;
}

/** x' = a x + b y + tx, y' = c x + d y + ty. */
export interface Turn {
  a: number;
  b: number;
  c: number;
  d: number;
  tx: number;
  ty: number;
}

const STAYS: Turn = { a: 1, b: 0, c: 0, d: 1, tx: 0, ty: 0 };

/** The turn that brings `second` nearest to `first`, over the rows that have a place in both. */
export function turnOf(first: Plane, second: Plane): Turn {
  const n = Math.min(first.x.length, second.x.length);
  let [rows, ax, ay, bx, by] = [0, 0, 0, 0, 0];
  const both = (i: number) => first.x[i] + first.y[i] + second.x[i] + second.y[i];
  for (let i = 0; i < n; i++) {
    const known = both(i);
    if (known - known !== 0) continue;
    rows++;
    ax += first.x[i];
    ay += first.y[i];
    bx += second.x[i];
    by += second.y[i];
  }
  if (rows < 2) return STAYS;
  ax /= rows;
  ay /= rows;
  bx /= rows;
  by /= rows;
  let [xx, xy, yx, yy, sizeA, sizeB] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const known = both(i);
    if (known - known !== 0) continue;
    const [px, py, qx, qy] = [first.x[i] - ax, first.y[i] - ay, second.x[i] - bx, second.y[i] - by];
    xx += px * qx;
    xy += px * qy;
    yx += py * qx;
    yy += py * qy;
    sizeA += px * px + py * py;
    sizeB += qx * qx + qy * qy;
  }
  if (!(sizeB > 0) || !(sizeA > 0)) return { ...STAYS, tx: ax - bx, ty: ay - by };
  const scale = Math.sqrt(sizeA / sizeB); // to the same size, not the least distance: that would shrink it
  const plain = [xx + yy, yx - xy];
  const mirrored = [xx - yy, yx + xy];
  const mirror = Math.hypot(...mirrored) > Math.hypot(...plain) * (1 + 1e-9) ? -1 : 1;
  const [c0, s0] = mirror < 0 ? mirrored : plain;
  const length = Math.hypot(c0, s0);
  const [cos, sin] = length > 0 ? [c0 / length, s0 / length] : [1, 0];
  const [a, b, c, d] = [cos * scale, -sin * mirror * scale, sin * scale, cos * mirror * scale];
  return { a, b, c, d, tx: ax - a * bx - b * by, ty: ay - c * bx - d * by };
}

/** A plane after a turn, in arrays of its own. */
export function turned({ x, y }: Plane, { a, b, c, d, tx, ty }: Turn): Plane {
  const out = { x: new Float32Array(x.length), y: new Float32Array(y.length) };
  for (let i = 0; i < x.length; i++) {
    out.x[i] = a * x[i] + b * y[i] + tx;
    out.y[i] = c * x[i] + d * y[i] + ty;
  }
  return out;
}
