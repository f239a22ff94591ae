// Requests to the kernel and their answers, over the one comm that no cell writes to.
import type { Model } from "./types.ts";

export interface Reply {
  [key: string]: any;
  buffers: Uint8Array<ArrayBuffer>[];
}

interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  since: number;
}

const PATIENCE = 300;
// Two pages may share a kernel, and both hear every answer.
const PAGE = Math.random().toString(36).slice(2, 10);

/** One per kernel. Listens through every view's handle on the uplink, so any of them may go. */
export class Link {
  #models = new Set<Model>();
  #pending = new Map<string, Pending>();
  #serial = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<(busy: boolean) => void>();
  busy = false;

  attach(model: Model, signal: AbortSignal): void {
    const hear = (content: any, buffers: DataView[]) => this.#answer(content, buffers);
    model.on("msg:custom", hear);
    this.#models.add(model);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", hear);
      this.#models.delete(model);
    });
  }

  onBusy(fn: (busy: boolean) => void, signal: AbortSignal): void {
    this.#listeners.add(fn);
    signal.addEventListener("abort", () => this.#listeners.delete(fn));
  }

  /** Rejects with the kernel's message, or when no view is left to ask through. */
  request(op: string, args: object, buffers: ArrayBufferView[] = []): Promise<Reply> {
    const [model] = this.#models;
    const id = `${PAGE}:${++this.#serial}`;
    return new Promise((resolve, reject) => {
      if (!model) return reject(new Error("no kernel to ask"));
      this.#pending.set(id, { resolve, reject, since: Date.now() });
      model.send({ id, op, ...args }, undefined, buffers);
      this.#watch();
    });
  }

  #answer(content: any, buffers: DataView[]): void {
    const asked = this.#pending.get(content?.id);
    if (!asked) return;
    this.#pending.delete(content.id);
    this.#watch();
    if (content.ok) asked.resolve({ ...content, buffers: (buffers ?? []).map(bytesOf) });
    else asked.reject(new Error(content.message));
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const oldest = Math.min(...[...this.#pending.values()].map((asked) => asked.since));
    const wait = oldest + PATIENCE - Date.now();
    this.#say(wait <= 0);
    if (wait > 0 && Number.isFinite(wait)) this.#timer = setTimeout(() => this.#watch(), wait + 1);
  }

  #say(busy: boolean): void {
    if (busy === this.busy) return;
    this.busy = busy;
    for (const fn of this.#listeners) fn(busy);
  }
}

/** A message's buffer as bytes, not copied. */
export function bytesOf(view: DataView | ArrayBuffer): Uint8Array<ArrayBuffer> {
  return view instanceof ArrayBuffer
    ? new Uint8Array(view)
    : new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

/** Several chunks as one. */
export function joined(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
