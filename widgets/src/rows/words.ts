// Numbers and sentences of the rows view.
import { formatCount, plural } from "../dom.ts";

/**
 * A value of a column. `whole`: no number of the column with decimals is known, so none are lined up;
 * a number that has some is shown with them all the same.
 */
export function formatValue(value: string | number | null | undefined, whole: boolean): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  let text: string;
  if (whole && Number.isInteger(value) && size < 1e15) text = formatCount(value);
  else if (value > 0 && value < 5e-4) text = "<0.001";
  else if (size !== 0 && (size < 5e-4 || size >= 1e9)) text = value.toExponential(1);
  else if (size >= 1000) text = value.toLocaleString("en-US", { maximumFractionDigits: 1 });
  else text = value.toFixed(3);
  return text.replace(/^-/, "−");
}

export interface Situation {
  n: number;
  selected: number;
  inScope: number;
  /** Selected rows that are in scope. */
  marked: number;
  listing: "selection" | "all";
  searching: boolean;
  /** Rows are found by meaning. */
  ranked: boolean;
  hasMap: boolean;
}

/** What to say where there are no rows to show. */
export function emptyWords({ n, selected, inScope, listing, searching, ranked, hasMap }: Situation): string {
  if (n === 0) return "This dataset has no rows.";
  if (inScope === 0 && ranked) return "No row that was found passes the other filters. Clear one, or the search.";
  if (inScope === 0) {
    return searching
      ? "No row holds this text. Esc in the search box takes the search away."
      : "No row passes the filters. Clear one to see rows again.";
  }
  if (listing === "selection" && selected === 0) {
    const how = hasMap ? "Lasso points in the map" : "Mark rows with Space";
    return `Nothing is selected. ${how}, search and press Enter, or set ds.selection in Python.`;
  }
  if (listing === "selection") return `All ${plural(selected, "selected row")} are filtered away.`;
  return "There is nothing to show.";
}

/** The rows that a button acts on, in words: "611 rows", "this row". */
export const targetWords = (count: number, focused: boolean): string =>
  focused ? "this row" : plural(count, "row");

export const KEYS: [string, string][] = [
  ["↑ ↓", "move; with Shift, mark on the way"],
  ["Page Up, Page Down", "a page; Home and End go to the ends"],
  ["Enter", "open a row, or close it"],
  ["Space or double click", "mark a row, or unmark it"],
  ["Ctrl-click, Shift-click", "mark one, mark a range"],
  ["Ctrl A", "mark all that are listed"],
  ["T", "tag"],
  ["R", "relabel"],
  ["D", "drop, or restore"],
  ["N", "list the rows like this one"],
  ["U, Shift U", "undo, redo"],
  ["/", "search; Enter selects what was found"],
  ["Esc", "close, then clear the selection"],
];
