// The points of one projection: final ones by revision, and those of a layout on its way, frame by
// frame. Listens through every view's handle on its model, one at a time, so that any of them may go.
import { bytesOf } from "./link.ts";
import { columnOf, floatsOf } from "./wire.ts";
import type { Column, Frame, Geometry, GeometryAbout, Model, Points } from "./types.ts";

const KIND: Record<string, GeometryAbout["kind"]> = { embedding: "embedding", data_map: "data_map" };

export const placeless = (n: number): Float32Array => new Float32Array(n).fill(NaN);

/** Code of a row without a place in a frame; the others run from 0 at one bound to 65534. */
const NOWHERE = 65535;

/** One coordinate of a frame: little-endian codes -> values between the bounds. */
export function decode(codes: Uint8Array, lo: number, hi: number): Float32Array {
  const aligned = codes.byteOffset % 2 ? codes.slice() : codes;
  const from = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
  const values = new Float32Array(from.length);
  const step = (hi - lo) / (NOWHERE - 1);
  for (let i = 0; i < from.length; i++) {
    values[i] = from[i] === NOWHERE ? NaN : lo + from[i] * step;
  }
  return values;
}

type Kind = "moved" | "frame" | "about";

/** Points that the page itself moves: the part of a geometry that needs no kernel. */
export class PagePoints implements Geometry {
  readonly n: number;
  readonly projection: string;
  x: Float32Array;
  y: Float32Array;
  first: Column | null = null;
  about: GeometryAbout;
  revision = 0;
  frame: Frame | null = null;
  #listeners = new Map<Kind, Set<() => void>>();

  constructor(n: number, projection: string, points?: Partial<Points>, about?: Partial<GeometryAbout>) {
    this.n = n;
    this.projection = projection;
    this.x = points?.x ?? placeless(n);
    this.y = points?.y ?? placeless(n);
    this.first = points?.first ?? null;
    const kind = KIND[projection.split(":")[0]] ?? "embedding";
    this.about = { kind, title: "", note: "", ready: points?.x !== undefined, ...about };
  }

  get hasPoints(): boolean {
    return this.about.ready || this.frame !== null;
  }

  on(kind: Kind, fn: () => void, signal: AbortSignal): void {
    const set = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, set.add(fn));
    signal.addEventListener("abort", () => set.delete(fn));
  }

  tell(kind: Kind): void {
    for (const fn of [...(this.#listeners.get(kind) ?? [])]) fn();
  }

  /** Final positions. */
  move(x: Float32Array, y: Float32Array, about: Partial<GeometryAbout> = {}): void {
    this.x = x;
    this.y = y;
    this.frame = null;
    this.about = { ...this.about, ...about };
    this.revision++;
    this.tell("moved");
  }

  /** Positions of a layout on its way. */
  show(serial: number, bounds: Frame["bounds"], x: Float32Array, y: Float32Array): void {
    this.x = x;
    this.y = y;
    this.frame = { serial, bounds };
    this.tell("frame");
  }

  drawn(_serial: number): void {}
}

/** What a geometry needs of its dataset's store. */
export interface PointsSource {
  points(projection: string): Promise<Points>;
  offer(column: Column, version: string): void;
  drawn(projection: string, frame: number): void;
}

const sameAbout = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

export class LiveGeometry extends PagePoints {
  #store: PointsSource;
  #handles = new Map<Model, (() => void)[]>();
  #acknowledged = -1;
  #asked = 0;

  private constructor(model: Model, store: PointsSource) {
    super(model.get("n"), model.get("projection"));
    this.#store = store;
    this.about = { ...this.about, ...aboutOf(model) };
    this.revision = model.get("revision") ?? 0;
  }

  static async load(model: Model, store: PointsSource): Promise<LiveGeometry> {
    const geometry = new LiveGeometry(model, store);
    await geometry.#take(model);
    return geometry;
  }

  /** Follow the points through one view's handle, until that view goes. */
  attach(model: Model, signal: AbortSignal): void {
    const active = () => this.#handles.keys().next().value === model;
    const changed = () => active() && this.#changed(model);
    const reworded = () => {
      const about = { ...this.about, ...aboutOf(model) };
      if (!active() || model.get("revision") !== this.revision || sameAbout(about, this.about)) return;
      this.about = about;
      this.tell("about");
    };
    const hear = (content: any, buffers: DataView[]) => active() && this.#hear(content, buffers);
    const follow: [string, (...args: any[]) => void][] = [
      ["change:revision", changed],
      ["change:about", reworded],
      ["msg:custom", hear],
    ];
    for (const [event, fn] of follow) model.on(event, fn);
    this.#handles.set(model, []);
    signal.addEventListener("abort", () => {
      for (const [event, fn] of follow) model.off(event, fn);
      this.#handles.delete(model);
    });
    changed(); // nobody may have listened for a while
  }

  override drawn(serial: number): void {
    if (serial === this.#acknowledged) return;
    this.#acknowledged = serial;
    this.#store.drawn(this.projection, serial);
  }

  #changed(model: Model): void {
    const revision: number = model.get("revision") ?? 0;
    if (revision === this.revision) return;
    this.revision = revision;
    this.about = { ...this.about, ...aboutOf(model) };
    const asked = ++this.#asked;
    this.#take(model, () => asked === this.#asked).then(
      () => asked === this.#asked && this.tell("moved"),
      (error: Error) => console.warn("[dsx]", error.message),
    );
  }

  /** The points of the model, or of the kernel where the page has let go of what the model carried. */
  async #take(model: Model, current: () => boolean = () => true): Promise<void> {
    let points: Points = { x: placeless(this.n), y: placeless(this.n), first: null };
    const carries = model.get("x")?.byteLength > 0;
    if (carries) points = this.#carried(model);
    else if (this.about.ready && this.n > 0) points = await this.#store.points(this.projection);
    if (points.x.length !== this.n) points = { ...points, x: placeless(this.n), y: placeless(this.n) };
    if (!current()) return;
    if (carries) letGo(model);
    this.frame = null;
    Object.assign(this, points, { first: points.first ?? this.first });
  }

  #carried(model: Model): Points {
    const { data, ...about } = model.get("first") ?? {};
    const first = data ? columnOf({ ...about, buffers: [bytesOf(data)] }) : null;
    if (first) this.#store.offer(first, about.version);
    return { x: floatsOf(bytesOf(model.get("x"))), y: floatsOf(bytesOf(model.get("y"))), first };
  }

  #hear(content: any, buffers: DataView[]): void {
    if (typeof content?.frame !== "number" || buffers?.length !== 2) return;
    const [x0, x1, y0, y1]: Frame["bounds"] = content.bounds;
    const [x, y] = buffers.map(bytesOf);
    if (x.byteLength !== this.n * 2 || y.byteLength !== this.n * 2) return;
    this.#asked++; // points that are still on their way are older
    this.#acknowledged = -1; // another job may number its frames alike
    this.show(content.frame, content.bounds, decode(x, x0, x1), decode(y, y0, y1));
  }
}

/** The page has them now; what stayed in the model would be saved into the notebook with it. */
function letGo(model: Model): void {
  for (const name of ["x", "y"]) model.set(name, new DataView(new ArrayBuffer(0)));
  for (let i = 0; i < 2; i++) model.set("first", {}); // twice: a model keeps what it was before, too
}

function aboutOf(model: Model): Partial<GeometryAbout> {
  const about = model.get("about") ?? {};
  // a geometry that says nothing of itself carries its points
  return { ready: true, ...about };
}
