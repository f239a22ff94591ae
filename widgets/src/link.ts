// Requests to the kernel and their answers, over the one comm that no cell writes to.
import type { Model } from "./types.ts";

export interface Reply {
  [key: string]: any;
  buffers: Uint8Array<ArrayBuffer>[];
}

/** Nobody will answer: the kernel ended, was restarted, or never was there. */
export class NoKernel extends Error {}

interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
  since: number;
}

/** A view's handle on the uplink, and the model behind it, which knows whether its comm is open. */
interface Handle {
  model: Model;
  inner: { comm_live?: boolean } | null;
}

const PATIENCE = 300;
// These take as long as they take; a kernel that is at them is not busy with something else.
const LONG = new Set(["neighbours", "similar", "contrast", "layout", "drawn"]);
// A kernel that was restarted by itself is found out only by sending to it.
const FIRST_PULSE = 2_000;
const LONGEST_PULSE = 60_000;
// Two pages may share a kernel, and both hear every answer.
const PAGE = Math.random().toString(36).slice(2, 10);
const ENDED = ["comm_live_update", "comm:close", "destroy"];

/** One per kernel. Listens through every view's handle on the uplink, so any of them may go. */
export class Link {
  #handles = new Set<Handle>();
  #pending = new Map<string, Pending>();
  #serial = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();
  /** No answer has come for a while. */
  busy = false;
  /** No answer will come. */
  gone = false;

  async attach(model: Model, signal: AbortSignal, reference = ""): Promise<void> {
    const handle: Handle = { model, inner: null };
    const hear = (content: any, buffers: DataView[]) => this.#answer(content, buffers);
    const check = () => this.#check();
    model.on("msg:custom", hear);
    for (const event of ENDED) model.on(event, check);
    this.#handles.add(handle);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", hear);
      for (const event of ENDED) model.off(event, check);
      this.#handles.delete(handle);
      if (!this.#handles.size) this.#fail();
    });
    const found = model.widget_manager?.get_model?.(reference.replace("anywidget:", ""));
    handle.inner = await Promise.resolve(found).catch(() => null);
    check();
  }

  /** Called when `busy` or `gone` changes. */
  onBusy(fn: () => void, signal: AbortSignal): void {
    this.#listeners.add(fn);
    signal.addEventListener("abort", () => this.#listeners.delete(fn));
  }

  /** Rejects with the kernel's message, or with NoKernel when nobody will answer. */
  request(op: string, args: object, buffers: ArrayBufferView[] = []): Promise<Reply> {
    const id = `${PAGE}:${++this.#serial}`;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, since: LONG.has(op) ? Infinity : Date.now() });
      this.#send({ id, op, ...args }, buffers);
      this.#watch();
      if (this.#pending.size === 1) this.#listen(FIRST_PULSE);
    });
  }

  #send(content: object, buffers: ArrayBufferView[] = []): void {
    const handle = this.#live();
    if (!handle) return this.#fail();
    try {
      handle.model.send(content, undefined, buffers);
    } catch {
      this.#fail(); // the host has given up the comm
    }
  }

  #live(): Handle | undefined {
    return [...this.#handles].find(({ inner }) => inner?.comm_live !== false);
  }

  #check(): void {
    if (this.#live()) this.#say(this.busy, false);
    else this.#fail();
  }

  #fail(): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    this.#watch();
    this.#say(false, true);
    for (const { reject } of waiting) {
      reject(new NoKernel("there is no kernel to ask; run the cell again"));
    }
  }

  #answer(content: any, buffers: DataView[]): void {
    const asked = this.#pending.get(content?.id);
    if (!asked) return;
    this.#pending.delete(content.id);
    this.#say(this.busy, false);
    this.#watch();
    if (content.ok) asked.resolve({ ...content, buffers: (buffers ?? []).map(bytesOf) });
    else asked.reject(new Error(content.message));
  }

  #watch(): void {
    clearTimeout(this.#timer);
    let oldest = Infinity;
    for (const { since } of this.#pending.values()) oldest = Math.min(oldest, since);
    const wait = oldest + PATIENCE - Date.now();
    this.#say(wait <= 0, this.gone);
    if (wait > 0 && Number.isFinite(wait)) this.#timer = setTimeout(() => this.#watch(), wait + 1);
  }

  /** While an answer is missing, ask ever less often whether anyone is there. */
  #listen(after: number): void {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => {
      if (!this.#pending.size) return;
      this.#send({ id: `${PAGE}:pulse`, op: "hello" });
      this.#listen(Math.min(after * 2, LONGEST_PULSE));
    }, after);
    (this.#pulse as { unref?(): void }).unref?.(); // a test need not wait for it
  }

  #say(busy: boolean, gone: boolean): void {
    if (busy === this.busy && gone === this.gone) return;
    this.busy = busy;
    this.gone = gone;
    for (const fn of [...this.#listeners]) fn();
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
