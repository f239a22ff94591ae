// What a session says of its dataset, read through whichever view's handle on it is left.
import type { ColumnInfo, JobInfo, Model } from "./types.ts";

export class Facts {
  protected session: Model;
  readonly id: string;
  readonly name: string;
  readonly n: number;

  /** What was asked of jobs that have not changed their state since. */
  #settled = new Map<string, { op: string; told: string }>();

  constructor(session: Model) {
    this.session = session;
    this.id = session.get("dataset");
    this.name = session.get("name");
    this.n = session.get("n_rows");
  }

  get columns(): ColumnInfo[] {
    return this.session.get("columns");
  }
  get runs(): string[] {
    return this.session.get("runs");
  }
  get nEpochs(): number {
    return this.session.get("n_epochs");
  }
  get textBytes(): number {
    return this.session.get("text_bytes");
  }
  get tags(): Record<string, number> {
    return this.session.get("tags");
  }
  /** As the kernel told, with what the reader has asked for since. */
  get jobs(): JobInfo[] {
    const told: JobInfo[] = this.session.get("jobs") ?? [];
    return told.flatMap((job) => {
      const asked = this.#settled.get(job.id);
      if (!asked || asked.told !== job.state) return [job];
      return asked.op === "cancel" ? [{ ...job, state: "cancelled" as const, can_retry: false }] : [];
    });
  }
  get undoLabel(): string {
    return this.session.get("undo_label");
  }
  get redoLabel(): string {
    return this.session.get("redo_label");
  }

  /** A job is to be shown as it will be, until the kernel says how it is. */
  protected settle(op: string, id: string): void {
    const told = ((this.session.get("jobs") ?? []) as JobInfo[]).find((job) => job.id === id);
    if (told) this.#settled.set(id, { op, told: told.state });
  }
  protected unsettle(id: string): void {
    this.#settled.delete(id);
  }
}
