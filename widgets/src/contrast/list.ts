// Names with their odds ratios: an interval on the axis that all lists share, and its numbers.
import { formatCount, h, plural, put } from "../dom.ts";
import { roving } from "../roving.ts";
import { formatOdds, formatTick, isApart, type LogScale, type Odds } from "./scale.ts";

export interface Item extends Odds {
  name: string;
  /** What stands before the name, softly: the column of a value. */
  of?: string;
  /** What a press does, in words, and how; without it the line cannot be pressed. */
  does?: string;
  act?(): void;
}

const SHOWN = 9; // lines before the reader asks for more,
const RARER = 3; // at least so many of them for what is less common here, where it surely is

/** The strongest of both directions; the lists go from what is more common here to what is less. */
export function strongest<T extends Odds>(items: T[]): T[] {
  const more = items.filter(({ odds_ratio }) => odds_ratio >= 1);
  const less = items.filter((one) => one.odds_ratio < 1 && (isApart(one) || !more.length));
  const last = Math.max(RARER, SHOWN - more.length);
  const rarer = less.slice(-last);
  return [...more.slice(0, SHOWN - rarer.length), ...rarer];
}

export interface OddsList {
  element: HTMLElement;
  write(items: Item[], scale: LogScale): void;
}

export function makeList(title: string, none: string): OddsList {
  const axis = h("div", { class: "dsx-odds-axis", "aria-hidden": "true" });
  const head = h("div", { class: "dsx-odds-line dsx-odds-head" },
    h("h4", null, title), axis,
    h("span", { title: "How many times as high the odds are among the selected rows" }, "odds ratio"),
    h("span", { class: "dsx-odds-interval" }, "95% interval"),
    h("span", { class: "dsx-odds-rows", title: "Selected rows that have it" }, "rows"));
  const body = h("div", { class: "dsx-odds-body", role: "group", "aria-label": title });
  const more = h("button", { type: "button", class: "dsx-facet-more", hidden: true, onclick: () => toggle() });
  const tabs = roving(body);
  let all = false;
  let last: { items: Item[]; scale: LogScale } = { items: [], scale: { low: 0.5, high: 2, ticks: [1], at: () => 0 } };
  const toggle = () => {
    all = !all;
    draw();
  };
  const draw = () => {
    const { items, scale } = last;
    const few = items.length > SHOWN + 2 ? strongest(items) : items;
    const shown = all ? items : few;
    put(axis, ...scale.ticks.map((tick) => h("i", { class: tick === 1 ? "dsx-one" : "", style: { left: percent(scale.at(tick)) } }, formatTick(tick))));
    put(body, ...shown.map((item) => line(item, scale)));
    if (!items.length) body.append(h("p", { class: "dsx-soft" }, none));
    head.classList.toggle("dsx-odds-none", !items.length);
    more.hidden = few.length === items.length;
    more.textContent = all ? "Fewer" : `${formatCount(items.length - shown.length)} more`;
    more.setAttribute("aria-expanded", String(all));
    tabs();
  };
  return {
    element: h("div", { class: "dsx-odds" }, head, body, more),
    write: (items, scale) => {
      last = { items, scale };
      draw();
    },
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;

function line(item: Item, scale: LogScale): HTMLElement {
  const { name, of, odds_ratio: ratio, low, high } = item;
  const from = scale.at(low);
  const to = scale.at(high);
  const beyond = `${low < scale.low ? " dsx-beyond-low" : ""}${high > scale.high ? " dsx-beyond-high" : ""}`;
  const mark = h("div", { class: `dsx-odds-plot${isApart(item) ? " dsx-apart" : ""}`, "aria-hidden": "true" },
    ...scale.ticks.map((tick) => h("u", { class: tick === 1 ? "dsx-one" : "", style: { left: percent(scale.at(tick)) } })),
    h("i", { class: `dsx-odds-bar${beyond}`, style: { left: percent(from), width: percent(Math.max(0, to - from)) } }),
    h("b", { style: { left: percent(scale.at(ratio)) } }));
  const shown = name.trim() ? name : name ? "white space" : "empty";
  const words = `${of ? `${of} ` : ""}${shown}: odds ratio ${formatOdds(ratio)}, 95% interval ${formatOdds(low)} to ${formatOdds(high)}; ${plural(item.n_in, "selected row")}, ${plural(item.n_out, "other")}`;
  const inside = [
    h("span", { class: "dsx-odds-name" }, of ? h("span", { class: "dsx-soft" }, `${of} `) : null, shown === name ? h("bdi", null, shown) : h("i", null, shown)),
    mark,
    h("span", { class: "dsx-odds-ratio" }, formatOdds(ratio)),
    h("span", { class: "dsx-odds-interval dsx-soft" }, h("span", null, formatOdds(low)), h("i", null, "–"), h("span", null, formatOdds(high))),
    h("span", { class: "dsx-odds-rows dsx-soft" }, formatCount(item.n_in)),
  ];
  if (!item.act) return h("div", { class: "dsx-odds-line", title: words, "aria-label": words, role: "img" }, ...inside);
  return h("button", { type: "button", class: "dsx-odds-line", title: `${words}. ${item.does ?? ""}`, "aria-label": words, onclick: () => item.act?.() }, ...inside);
}
