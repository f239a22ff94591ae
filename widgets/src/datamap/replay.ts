// Where every row stood after each epoch: mean and standard deviation of p over the epochs so far.
import type { Epochs } from "../types.ts";

/** Code of a row that an epoch did not record. */
const ABSENT = 0xffff;

/** Sums over epochs 1 … e, exact in whole numbers, so that going back leaves no dust. */
class Sums {
  epoch = 0;
  private readonly epochs: Epochs;
  private readonly first: Uint32Array;
  private readonly second: Float64Array;
  private readonly right: Uint16Array;
  /** Rows that some epoch did not record: they have no place at any time. */
  private readonly absent: Set<number>;

  constructor(epochs: Epochs) {
    this.epochs = epochs;
    this.first = new Uint32Array(epochs.n);
    this.second = new Float64Array(epochs.n);
    this.right = new Uint16Array(epochs.n);
    this.absent = new Set();
    for (let e = 0; e < epochs.nEpochs; e++) {
      const values = epochs.at(e);
      for (let i = 0; i < values.length; i++) if (values[i] === ABSENT) this.absent.add(i);
    }
  }

  to(epoch: number): void {
    const { first, second, right } = this;
    while (this.epoch < epoch) {
      const values = this.epochs.at(this.epoch++);
      for (let i = 0; i < values.length; i++) {
        const p = values[i] >> 1;
        first[i] += p;
        second[i] += p * p;
        right[i] += values[i] & 1;
      }
    }
    while (this.epoch > epoch) {
      const values = this.epochs.at(--this.epoch);
      for (let i = 0; i < values.length; i++) {
        const p = values[i] >> 1;
        first[i] -= p;
        second[i] -= p * p;
        right[i] -= values[i] & 1;
      }
    }
  }

  write(x: Float32Array, y: Float32Array): void {
    const { first, second, epoch } = this;
    const k = 1 / (epoch * this.epochs.scale);
    for (let i = 0; i < x.length; i++) {
      // n * sum(p^2) - sum(p)^2 in whole numbers: never below zero by rounding
      y[i] = first[i] * k;
      x[i] = Math.sqrt(epoch * second[i] - first[i] * first[i]) * k;
    }
    for (const row of this.absent) x[row] = y[row] = NaN;
  }

  /** Slot of each row's share of right epochs, of `levels` + 1 slots. */
  writeRight(codes: Uint8Array, levels: number): void {
    const { right, epoch } = this;
    const slots = Uint8Array.from({ length: epoch + 1 }, (_, k) => Math.round((k / epoch) * levels));
    for (let i = 0; i < codes.length; i++) codes[i] = slots[right[i]];
  }
}

export class Replay {
  readonly nEpochs: number;
  readonly correctKnown: boolean;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly epochs: Epochs;
  private readonly sums: Sums;
  private written: { codes: Uint8Array; epoch: number; levels: number } | null = null;
  // Where the rows stand after a whole epoch and after the next one.
  private from: { epoch: number; x: Float32Array; y: Float32Array };
  private to: { epoch: number; x: Float32Array; y: Float32Array };

  constructor(epochs: Epochs) {
    const { n } = epochs;
    const place = () => ({ epoch: 0, x: new Float32Array(n), y: new Float32Array(n) });
    this.epochs = epochs;
    this.nEpochs = epochs.nEpochs;
    this.correctKnown = epochs.correctKnown;
    this.sums = new Sums(epochs);
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    this.from = place();
    this.to = place();
  }

  /** Write into x and y where the rows stand at `time` (1 = after the first epoch). */
  seek(time: number): void {
    const at = Math.min(this.nEpochs, Math.max(1, time));
    const whole = Math.floor(at);
    const rest = at - whole;
    if (this.to.epoch === whole || this.from.epoch === whole + 1) {
      [this.from, this.to] = [this.to, this.from];
    }
    this.fill(this.from, whole);
    if (rest === 0) {
      this.x.set(this.from.x);
      this.y.set(this.from.y);
      return;
    }
    this.fill(this.to, whole + 1);
    mix(this.from.x, this.to.x, rest, this.x);
    mix(this.from.y, this.to.y, rest, this.y);
  }

  private fill(place: { epoch: number; x: Float32Array; y: Float32Array }, epoch: number): void {
    if (place.epoch === epoch) return;
    this.sums.to(epoch);
    this.sums.write(place.x, place.y);
    place.epoch = epoch;
  }

  /** Slots of the shares of right epochs after whole epoch `epoch`. */
  right(codes: Uint8Array, epoch: number, levels: number): void {
    // Between two epochs the colours stay; the sums would go back and forth over all rows for them.
    const { written } = this;
    if (written && written.codes === codes && written.epoch === epoch && written.levels === levels) return;
    this.written = { codes, epoch, levels };
    this.sums.to(epoch);
    this.sums.writeRight(codes, levels);
  }

  /** Where one row stood after each epoch: [x, y, x, y, …]. */
  path(row: number): Float32Array {
    const { scale } = this.epochs;
    const path = new Float32Array(this.nEpochs * 2);
    let first = 0;
    let second = 0;
    for (let e = 1; e <= this.nEpochs; e++) {
      const p = this.epochs.at(e - 1)[row] >> 1;
      first += p;
      second += p * p;
      path[2 * e - 2] = Math.sqrt(e * second - first * first) / (e * scale);
      path[2 * e - 1] = first / (e * scale);
    }
    return path;
  }
}

function mix(a: Float32Array, b: Float32Array, t: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = a[i] + (b[i] - a[i]) * t;
}
