// Elements from code. Text of a dataset only ever becomes a text node: nothing here reads markup.

type Child = Node | string | number | null | undefined | false;
type Props = Record<string, unknown>;

const SVG = "http://www.w3.org/2000/svg";

function fill(element: Element, props: Props | null, children: Child[]): void {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name.replace(/^on/, ""), value as EventListener);
    } else if (name === "style") {
      for (const [key, text] of Object.entries(value as Record<string, string | number>)) {
        (element as HTMLElement).style.setProperty(key, String(text));
      }
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** `h("button", {class: "x", onclick: fn, "aria-label": "…"}, "text", node)`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props?: Props | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, props ?? null, children);
  return element;
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props?: Props | null,
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  fill(element, props ?? null, children);
  return element;
}

/** Replace what is in an element. */
export function put(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  fill(element, null, children);
}

/** A link out, or plain text where the address is not an http(s) one. */
export function link(url: string | undefined, text: string): HTMLElement {
  if (!url || !/^https?:\/\//i.test(url)) return h("span", null, text);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** A small raster image that came with its row; nothing for any other address. */
export function picture(address: string | undefined, alt: string): HTMLImageElement | null {
  if (!address || !/^data:image\/(png|jpeg|gif|webp);base64,/.test(address)) return null;
  return h("img", { class: "dsx-picture", src: address, alt, draggable: "false" });
}

let serial = 0;
/** An id that no other element of the page has. */
export const uniqueId = (stem: string): string => `dsx-${stem}-${++serial}`;

/** 40398 -> "40,398". */
export const formatCount = (n: number): string => Math.round(n).toLocaleString("en-US");

/** "1 row", "40,398 rows". */
export const plural = (n: number, noun: string): string =>
  `${formatCount(n)} ${noun}${n === 1 ? "" : "s"}`;
