// The bars of a facet as elements: kept from one counting to the next, so that focus and hover stay.
import { formatCount, h } from "../dom.ts";

export interface Bar {
  code: number;
  name: string;
  /** False: the name is ours ("no value"), not a category of the dataset. */
  plain: boolean;
  /** Shown however short the list is: it is no category among others. */
  stays?: boolean;
  count: number;
  selected: number;
  share: number;
  selectedShare: number;
  kept: boolean;
}

export interface Sums {
  longest: number;
  total: number;
  chosen: number;
  /** Bars that cannot be pressed. */
  fixed?: boolean;
}

export interface Actions {
  toggle(code: number): void;
  only(code: number): void;
  clear(): void;
}

const SHOWN = 8;
const isMany = (bars: number): boolean => bars > SHOWN + 2; // a line that hides one or two says less than they do

/** Lines of a list of so many bars: title, bars, and what opens the rest; and the gap to the next. */
export const linesOf = (bars: number): number => (isMany(bars) ? SHOWN + 1 : bars) + 1.7;

interface Line {
  element: HTMLElement;
  button: HTMLButtonElement;
  name: HTMLElement;
  scope: HTMLElement;
  selected: HTMLElement;
  number: HTMLElement;
}

export class BarList {
  readonly element: HTMLElement;
  #actions: Actions;
  #clear: HTMLButtonElement;
  #body = h("div", { class: "dsx-facet-bars", role: "group" });
  #more: HTMLButtonElement;
  #all = false;
  #lines = new Map<number, Line>();
  #shown: number[] = [];
  #last: { bars: Bar[]; sums: Sums } | null = null;

  constructor(title: string, actions: Actions) {
    this.#actions = actions;
    this.#clear = h("button", { type: "button", class: "dsx-facet-clear", hidden: true, "aria-label": `Clear the filter on ${title}`, onclick: () => this.#clearAll() }, "Clear");
    this.#more = h("button", { type: "button", class: "dsx-facet-more", hidden: true, onclick: () => this.#toggleAll() });
    this.#body.setAttribute("aria-label", `${title}: press to keep a category`);
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.element = h(
      "div",
      { class: "dsx-facet" },
      h("div", { class: "dsx-facet-head" }, h("h4", { title }, title), this.#clear),
      this.#body,
      this.#more,
    );
  }

  #clearAll(): void {
    this.#actions.clear();
    this.#rove(this.#buttons().find(({ tabIndex }) => tabIndex === 0)); // the button that was pressed is gone
  }

  say(words: string): void {
    this.#lines.clear();
    this.#body.replaceChildren(h("p", { class: "dsx-soft" }, words));
  }

  write(bars: Bar[], sums: Sums): void {
    this.#last = { bars, sums };
    const filtered = bars.some(({ kept }) => kept);
    const many = isMany(bars.length);
    const shown = this.#all || !many ? bars : bars.filter(({ kept, stays }, k) => k < SHOWN || kept || stays);
    const codes = shown.map(({ code }) => code);
    if (!this.#lines.size || codes.join() !== this.#shown.join()) {
      this.#lines = new Map(codes.map((code) => [code, this.#lines.get(code) ?? this.#line(code)]));
      this.#body.replaceChildren(...[...this.#lines.values()].map(({ element }) => element));
      this.#shown = codes;
    }
    for (const bar of shown) this.#fill(this.#lines.get(bar.code) as Line, bar, sums, filtered);
    this.#rove();
    this.#clear.hidden = !filtered;
    // One width for all numbers, or the bars beside them would not compare.
    this.element.style.setProperty("--dsx-number", `${formatCount(sums.total).length}ch`);
    this.element.classList.toggle("dsx-two-bars", sums.chosen > 0);
    this.element.classList.toggle("dsx-filtered", filtered);
    this.#more.hidden = !many;
    this.#more.textContent = this.#all ? "Fewer" : `${formatCount(bars.length - shown.length)} more`;
    this.#more.setAttribute("aria-expanded", String(this.#all));
  }

  #line(code: number): Line {
    const name = h("span", { class: "dsx-facet-name", dir: "auto" });
    const scope = h("span", { class: "dsx-facet-scope" });
    const selected = h("span", { class: "dsx-facet-selected" });
    const number = h("span", { class: "dsx-facet-number" });
    const button = h(
      "button",
      { type: "button", class: "dsx-facet-bar", tabindex: -1 },
      name,
      h("span", { class: "dsx-facet-track" }, scope, selected),
      number,
    );
    button.addEventListener("click", (event) => (event.altKey ? this.#actions.only(code) : this.#actions.toggle(code)));
    const only = h("button", { type: "button", class: "dsx-facet-only", tabindex: -1, "aria-hidden": "true", title: "Keep this one only (Alt-click)", onclick: () => this.#actions.only(code) }, "Only");
    return { element: h("div", { class: "dsx-facet-line" }, button, only), button, name, scope, selected, number };
  }

  #fill(line: Line, bar: Bar, { longest, total, chosen, fixed }: Sums, filtered: boolean): void {
    const shown = bar.name.trim() === "" ? (bar.name ? "white space" : "empty") : bar.name;
    const width = (share: number) => (longest && share ? `max(1.5px, ${((share / longest) * 100).toFixed(2)}%)` : "0");
    const count = chosen ? bar.selected : bar.count;
    line.name.textContent = shown;
    line.name.classList.toggle("dsx-facet-words", shown.includes(" "));
    line.name.classList.toggle("dsx-facet-none", !bar.plain || shown !== bar.name);
    line.scope.style.width = width(bar.share);
    line.selected.style.width = chosen ? width(bar.selectedShare) : "0";
    line.number.textContent = formatCount(count);
    line.element.classList.toggle("dsx-zero", count === 0);
    line.element.classList.toggle("dsx-kept", bar.kept);
    const percent = (part: number, whole: number) => (whole ? ` (${((100 * part) / whole).toFixed(1)}%)` : "");
    const words = [
      `${shown}: ${formatCount(bar.count)} of ${formatCount(total)} in scope${percent(bar.count, total)}`,
      chosen ? `${formatCount(bar.selected)} of ${formatCount(chosen)} selected${percent(bar.selected, chosen)}` : "",
    ].filter(Boolean).join("; ");
    const does = bar.kept ? "Press to let it go" : filtered ? "Press to keep it too, Alt-press for it alone" : "Press to keep only these rows";
    line.button.title = fixed ? words : `${words}. ${does}.`;
    line.button.setAttribute("aria-label", words);
    line.button.setAttribute("aria-pressed", String(bar.kept));
    line.button.disabled = fixed === true;
    line.element.classList.toggle("dsx-can-only", filtered && !(bar.kept && this.#keptCount() === 1));
  }

  #keptCount(): number {
    return this.#last?.bars.filter(({ kept }) => kept).length ?? 0;
  }

  #toggleAll(): void {
    this.#all = !this.#all;
    if (this.#last) this.write(this.#last.bars, this.#last.sums);
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#lines.values()].map(({ button }) => button);
  }

  /** One stop of the Tab key for the whole facet. */
  #rove(to?: HTMLButtonElement): void {
    const buttons = this.#buttons();
    const at = to ?? buttons.find((button) => button === document.activeElement) ?? buttons.find(({ tabIndex }) => tabIndex === 0) ?? buttons[0];
    for (const button of buttons) button.tabIndex = button === at ? 0 : -1;
    if (to) to.focus();
  }

  #key(event: KeyboardEvent): void {
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button === event.target);
    const code = [...this.#lines.keys()][at];
    if (at < 0) return;
    const go: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
    if (event.key in go) this.#rove(buttons[Math.max(0, Math.min(buttons.length - 1, go[event.key]))]);
    else if (event.key === "o" && !event.ctrlKey && !event.metaKey) this.#actions.only(code);
    else if (event.key === "Escape" && !this.#clear.hidden) this.#actions.clear();
    else return;
    event.preventDefault();
  }
}
