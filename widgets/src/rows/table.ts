// A list of any length in a window: only the rows in sight exist, of whatever height their text needs.
// Small movements of the scroll bar move by pixels, jumps go to the share of the list; so a million
// rows scroll as smoothly as ten, though no page can be that high.
import { h } from "../dom.ts";
import { fractionOf, type Pin, pinAt, settle, trackHeight } from "./window.ts";

const OVERSCAN = 160; // pixels above and below that are kept ready
const REST = 140; // ms without movement after which the scroll bar is put where it belongs

export interface TableSource {
  make(index: number): HTMLElement;
  /** The rows in sight, after every drawing; last < first where there are none. */
  seen(first: number, last: number): void;
  /** Index of the row that stays where it is when heights change, if it is in sight; or -1. */
  anchor(): number;
}

export class VirtualTable {
  readonly scroller: HTMLElement;
  #source: TableSource;
  #list = h("div", { class: "dsx-rows-list", role: "presentation" });
  #glass: HTMLElement;
  #track: HTMLElement;
  #count = 0;
  #rowHeight = 54;
  #measured = { rows: 0, pixels: 0 };
  #window = 0;
  #width = 0;
  #pin: Pin = { index: 0, share: 0, y: 0 };
  #from = 0;
  #rows: HTMLElement[] = [];
  #heights: number[] = [];
  #top = 0;
  #scrolled = 0;
  #timer = 0;

  constructor(source: TableSource, signal: AbortSignal) {
    this.#source = source;
    this.#glass = h("div", { class: "dsx-rows-glass", role: "presentation" }, this.#list);
    this.#track = h("div", { class: "dsx-rows-track", role: "presentation" }, this.#glass);
    this.scroller = h("div", { class: "dsx-rows-scroll" }, this.#track);
    this.scroller.addEventListener("scroll", () => this.#moved(), { passive: true, signal });
    const watch = new ResizeObserver(() => this.#resized());
    watch.observe(this.scroller);
    signal.addEventListener("abort", () => {
      watch.disconnect();
      clearTimeout(this.#timer);
    });
  }

  /** Rows that fit into the window, at least one. */
  get page(): number {
    return Math.max(1, Math.floor(this.#window / this.#rowHeight) - 1);
  }

  /** Another list: `index` comes to the top. */
  reset(count: number, index = 0): void {
    this.#count = count;
    this.#pin = { index, share: 0, y: 0 };
    this.#clear();
    this.#draw();
    this.#settle();
  }

  /** The same rows with other contents. */
  remake(): void {
    if (!this.#rows.length) {
      this.#draw();
      return;
    }
    this.#hold();
    this.#rows = this.#rows.map((_, k) => this.#source.make(this.#from + k));
    this.#list.replaceChildren(...this.#rows);
    this.#measure();
    this.#draw();
  }

  /** One row with other contents. */
  remakeRow(index: number): void {
    const k = index - this.#from;
    if (k < 0 || k >= this.#rows.length) return;
    this.#hold();
    const row = this.#source.make(index);
    this.#rows[k].replaceWith(row);
    this.#rows[k] = row;
    this.#heights[k] = row.getBoundingClientRect().height;
    this.#draw();
  }

  /** Bring a row into sight, with as little movement as it takes. */
  show(index: number): void {
    if (index < 0 || index >= this.#count || !this.#window) return;
    const at = this.#place(index);
    if (at && at.top >= 0 && at.bottom <= this.#window) return;
    const above = at ? at.top < 0 : index < this.#from;
    const tall = at && at.bottom - at.top > this.#window;
    this.#pin = above || tall ? { index, share: 0, y: 0 } : { index, share: 1, y: this.#window };
    this.#draw();
    this.#settle();
  }

  /** The rows that exist just now. */
  each(fn: (index: number, element: HTMLElement) => void): void {
    this.#rows.forEach((row, k) => fn(this.#from + k, row));
  }

  /** Index of the row that an element belongs to, or -1. */
  indexOf(target: EventTarget | null): number {
    const k = this.#rows.findIndex((row) => target instanceof Node && row.contains(target));
    return k < 0 ? -1 : this.#from + k;
  }

  #place(index: number): { top: number; bottom: number } | null {
    const k = index - this.#from;
    if (k < 0 || k >= this.#rows.length) return null;
    let top = this.#top;
    for (let i = 0; i < k; i++) top += this.#heights[i];
    return { top, bottom: top + this.#heights[k] };
  }

  /** What is in sight now, and is to stay there. */
  #hold(): void {
    const anchor = this.#source.anchor();
    const at = this.#place(anchor);
    if (at && at.bottom > 0 && at.top < this.#window) {
      this.#pin = { index: anchor, share: 0, y: at.top };
    }
  }

  #moved(): void {
    const { scrollTop, scrollHeight } = this.scroller;
    const way = scrollTop - this.#scrolled;
    if (!way) return;
    this.#scrolled = scrollTop;
    const room = scrollHeight - this.#window;
    if (scrollTop <= 0 || scrollTop >= room - 0.5) {
      this.#pin = pinAt(scrollTop <= 0 ? 0 : 1, this.#count, this.#window);
    } else if (Math.abs(way) < 1.5 * this.#window) {
      this.#pin = { ...this.#pin, y: this.#pin.y - way };
    } else {
      this.#pin = pinAt(scrollTop / room, this.#count, this.#window);
    }
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#settle(), REST);
  }

  /** Put the scroll bar where it belongs; what is in sight stays. */
  #settle(): void {
    const { rows, pixels } = this.#measured;
    if (rows > 8) this.#rowHeight = pixels / rows;
    const height = trackHeight(this.#count, this.#rowHeight, this.#window);
    this.#track.style.height = `${height}px`;
    const { index, y } = this.#pin;
    const fraction = fractionOf(index, -y, this.#count, this.#rowHeight, this.#window);
    this.scroller.scrollTop = fraction * (height - this.#window);
    this.#scrolled = this.scroller.scrollTop;
  }

  #resized(): void {
    const { clientHeight, clientWidth } = this.scroller;
    if (clientHeight === this.#window && clientWidth === this.#width) return;
    this.#hold();
    const wider = clientWidth !== this.#width;
    this.#window = clientHeight;
    this.#width = clientWidth;
    this.#glass.style.height = `${clientHeight}px`;
    // the head over the rows leaves as much room for the scroll bar as they do
    const bar = this.scroller.offsetWidth - clientWidth;
    this.scroller.closest<HTMLElement>("section")?.style.setProperty("--dsx-bar-width", `${bar}px`);
    if (wider) {
      this.#measured = { rows: 0, pixels: 0 };
      this.#measure();
    }
    this.#draw();
    this.#settle();
  }

  #measure(): void {
    this.#heights = this.#rows.map((row) => row.getBoundingClientRect().height);
  }

  #clear(): void {
    this.#rows = [];
    this.#heights = [];
    this.#list.replaceChildren();
  }

  #draw(): void {
    if (!this.#count || !this.#window) {
      this.#clear();
      this.#source.seen(0, -1);
      return;
    }
    this.#pin.index = Math.max(0, Math.min(this.#count - 1, this.#pin.index));
    const { index, share, y } = this.#pin;
    if (index < this.#from || index >= this.#from + this.#rows.length) {
      this.#clear();
      this.#from = index;
      this.#add(1, false);
    }
    this.#top = y - share * this.#heights[index - this.#from];
    for (let k = 0; k < index - this.#from; k++) this.#top -= this.#heights[k];
    this.#fill();
    this.#trim();
    const sharp = Math.round(this.#top * devicePixelRatio) / devicePixelRatio;
    this.#list.style.transform = `translateY(${sharp}px)`;
    this.#report();
  }

  /** Add rows until the window is full, and move the list where it would leave a gap. */
  #fill(): void {
    for (let round = 0; round < 6; round++) {
      let bottom = this.#heights.reduce((sum, height) => sum + height, this.#top);
      while (bottom < this.#window + OVERSCAN && this.#from + this.#rows.length < this.#count) {
        bottom += this.#add(Math.ceil((this.#window + OVERSCAN - bottom) / this.#rowHeight), false);
      }
      while (this.#top > -OVERSCAN && this.#from > 0) {
        this.#top -= this.#add(Math.ceil((this.#top + OVERSCAN) / this.#rowHeight), true);
      }
      const atEnd = this.#from + this.#rows.length === this.#count;
      const shift = settle(this.#top, bottom, this.#from === 0, atEnd, this.#window);
      if (!shift) return;
      this.#top += shift;
    }
  }

  /** Make rows at one end, measured together; how much height they added. */
  #add(wanted: number, before: boolean): number {
    const next = this.#from + this.#rows.length;
    const size = Math.min(Math.max(1, wanted), before ? this.#from : this.#count - next);
    const first = before ? this.#from - size : next;
    const made = Array.from({ length: size }, (_, k) => this.#source.make(first + k));
    if (before) this.#list.prepend(...made);
    else this.#list.append(...made);
    const heights = made.map((row) => row.getBoundingClientRect().height);
    const added = heights.reduce((sum, height) => sum + height, 0);
    this.#rows = before ? [...made, ...this.#rows] : [...this.#rows, ...made];
    this.#heights = before ? [...heights, ...this.#heights] : [...this.#heights, ...heights];
    if (before) this.#from = first;
    this.#measured.rows += size;
    this.#measured.pixels += added;
    return added;
  }

  #trim(): void {
    while (this.#rows.length > 1 && this.#top + this.#heights[0] < -2 * OVERSCAN) {
      this.#top += this.#heights.shift() as number;
      this.#rows.shift()?.remove();
      this.#from++;
    }
    let bottom = this.#heights.reduce((sum, height) => sum + height, this.#top);
    while (this.#rows.length > 1 && bottom - (this.#heights.at(-1) as number) > this.#window + 2 * OVERSCAN) {
      bottom -= this.#heights.pop() as number;
      this.#rows.pop()?.remove();
    }
  }

  /** The pin becomes the first row in sight; who listens learns what can be seen. */
  #report(): void {
    let top = this.#top;
    let first = -1;
    let last = this.#from;
    for (let k = 0; k < this.#rows.length && top < this.#window; k++) {
      const bottom = top + this.#heights[k];
      if (first < 0 && bottom > 0) {
        first = this.#from + k;
        this.#pin = { index: first, share: 0, y: top };
      }
      last = this.#from + k;
      top = bottom;
    }
    this.#source.seen(Math.max(first, this.#from), last);
  }
}
