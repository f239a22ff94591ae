// What a session says of its dataset, read through whichever view's handle on it is left.
import type { ColumnInfo, Model } from "./types.ts";

export class Facts {
  protected session: Model;
  readonly id: string;
  readonly name: string;
  readonly n: number;

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
  get undoLabel(): string {
    return this.session.get("undo_label");
  }
  get redoLabel(): string {
    return this.session.get("redo_label");
  }
}
