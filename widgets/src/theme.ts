// Light or dark, as the host says; and the tokens of style.css as colours for a canvas.
import type { Theme } from "./palette.ts";

/** Theme of the host: JupyterLab and VS Code say so on the body, elsewhere the background tells. */
export function themeOf(element: Element): Theme {
  const { body } = document;
  const lab = body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false" ? "dark" : "light";
  if (/vscode-(dark|high-contrast)(?!-light)/.test(body.className)) return "dark";
  if (body.className.includes("vscode-")) return "light";
  for (let at: Element | null = element; at; at = at.parentElement) {
    const match = /rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)/.exec(
      getComputedStyle(at).backgroundColor,
    );
    if (!match || match[4] === "0" || at.classList.contains("dsx")) continue;
    const [r, g, b] = match.slice(1, 4).map(Number);
    return 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Keep `data-theme` of a root element right. `fn`: now, and whenever theme or style may have changed. */
export function watchTheme(root: HTMLElement, fn: (theme: Theme) => void, signal: AbortSignal): void {
  const look = () => {
    root.dataset.theme = themeOf(root);
    fn(root.dataset.theme as Theme);
  };
  // The host may say the theme's name a moment before its style sheet is there: look twice.
  const observer = new MutationObserver(() => {
    look();
    setTimeout(() => !signal.aborted && look(), 300);
  });
  const watched = { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] };
  observer.observe(document.body, watched);
  observer.observe(document.documentElement, watched);
  // Drawn before it was on the page, or before the host's style sheets were, it had no colours yet.
  let timer = 0;
  const lookSoon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => !signal.aborted && look(), 100);
  };
  const sheets = new MutationObserver(lookSoon);
  sheets.observe(document.head, { childList: true });
  document.head.addEventListener("load", lookSoon, { capture: true, signal });
  const sight = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && look());
  sight.observe(root);
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", look, { signal });
  signal.addEventListener("abort", () => {
    for (const one of [observer, sheets, sight]) one.disconnect();
    clearTimeout(timer);
  });
  look();
}

export interface Tokens {
  ink: string;
  soft: string;
  line: string;
  grid: string;
  bar: string;
  accent: string;
  surface: string;
  font: string;
}

/** The style sheet's tokens as a canvas needs them. */
export function tokensOf(root: HTMLElement): Tokens {
  const style = getComputedStyle(root);
  const value = (name: string) => style.getPropertyValue(`--dsx-${name}`).trim();
  return {
    ink: value("ink"),
    soft: value("soft"),
    line: value("line"),
    grid: value("grid"),
    bar: value("bar"),
    accent: value("accent"),
    surface: value("surface"),
    font: style.fontFamily,
  };
}

/** Whether the style sheet was there when they were read. */
export const isStyled = ({ grid }: Tokens): boolean => grid !== "";

export const sameTokens = (a: Tokens, b: Tokens): boolean =>
  (Object.keys(a) as (keyof Tokens)[]).every((name) => a[name] === b[name]);

export const reducedMotion = (): boolean =>
  matchMedia("(prefers-reduced-motion: reduce)").matches;
