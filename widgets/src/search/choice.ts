// Words or meaning: two buttons of which one is pressed.
import { h } from "../dom.ts";

export type Mode = "words" | "meaning";

const CHOICES: [Mode, string, string][] = [
  ["words", "Words", "Find rows that hold the text, letter by letter"],
  ["meaning", "Meaning", "Find the rows nearest in meaning to the text"],
];

export interface Choice {
  element: HTMLElement;
  show(mode: Mode): void;
}

export function makeChoice(choose: (mode: Mode) => void): Choice {
  const buttons = CHOICES.map(([mode, word, title]) =>
    h("button", { type: "button", role: "radio", title, "data-mode": mode, onclick: () => choose(mode) }, word));
  const element = h("span", { class: "dsx-choice", role: "radiogroup", "aria-label": "Search by" }, ...buttons);
  const show = (mode: Mode) => {
    for (const button of buttons) {
      const on = button.dataset.mode === mode;
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
    }
  };
  element.addEventListener("keydown", (event) => {
    if (!/^Arrow(Left|Right|Up|Down)$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const other = buttons.find((button) => button.getAttribute("aria-checked") === "false");
    choose(other?.dataset.mode as Mode);
    other?.focus();
  });
  return { element, show };
}
