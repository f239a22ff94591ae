// Telling the kernel, newest word last.
type Errand = () => Promise<unknown>;

/** Sends one request at a time; what comes meanwhile waits as the newest only. */
export class Outbox {
  #flying = false;
  #next: Errand | null = null;
  #settled: () => void;

  constructor(settled: () => void) {
    this.#settled = settled;
  }

  get idle(): boolean {
    return !this.#flying;
  }

  async send(first: Errand, later: Errand): Promise<void> {
    if (this.#flying) {
      this.#next = later;
      return;
    }
    this.#flying = true;
    let errand: Errand | null = first;
    while (errand) {
      await errand().catch((error) => console.warn("[dsx]", error.message));
      errand = this.#next;
      this.#next = null;
    }
    this.#flying = false;
    this.#settled();
  }
}
