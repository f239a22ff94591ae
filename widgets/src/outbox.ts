// Telling the kernel, newest word last.
import { NoKernel } from "./link.ts";

type Errand = () => Promise<unknown>;

/** Sends one request at a time; what comes meanwhile waits as the newest only. */
export class Outbox {
  #flying: Promise<void> | null = null;
  #next: Errand | null = null;
  #missed = false;
  #settled: () => void;

  constructor(settled: () => void) {
    this.#settled = settled;
  }

  get idle(): boolean {
    return !this.#flying;
  }

  /** Fulfilled when all is told, or nobody is there to be told. */
  get empty(): Promise<void> {
    return this.#flying ?? Promise.resolve();
  }

  /** `first` when nothing is on its way, else `later`, which says it all. */
  send(first: Errand, later: Errand): void {
    if (this.#flying) this.#next = later;
    else this.#flying = this.#fly(this.#missed ? later : first);
  }

  async #fly(first: Errand): Promise<void> {
    for (let errand: Errand | null = first; errand; errand = this.#next) {
      this.#next = null;
      try {
        await errand();
        this.#missed = false;
      } catch (error) {
        this.#missed = error instanceof NoKernel;
        if (!this.#missed) console.warn("[dsx]", (error as Error).message);
      }
    }
    this.#flying = null;
    if (!this.#missed) this.#settled(); // else what the reader did stands in this page alone
  }
}
