// What the colours mean, drawn under the picture that a saved notebook keeps.
import { MISSING, OTHER, css, grey, greySlot, type Theme } from "../palette.ts";
import type { Tokens } from "../theme.ts";
import { SMALL } from "./axes.ts";
import type { Colouring, Entry } from "./colour.ts";

const LINE = 18;
const SWATCH = 10;
const STEP = 16; // width of one colour of a scale
const LONGEST = 22; // characters of a name
const MOST_LINES = 3;

/** A piece of the key: words, a colour with its name, or a scale with the numbers at its ends. */
export interface Piece {
  text: string;
  colours: string[];
  /** Before the colours of a scale. */
  from?: string;
  width: number;
}

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}\u2026` : text);

function colourOf(entry: Entry, colouring: Colouring, theme: Theme): string {
  const which = greySlot(entry.slot);
  return css(which ? grey(theme, which) : colouring.colours(theme)[entry.slot]);
}

/** The pieces of a colouring's key; none where one colour is all there is. */
export function piecesOf(colouring: Colouring, theme: Theme, measure: (text: string) => number): Piece[] {
  const { entries, shape, title } = colouring;
  if (!entries.length) return [];
  const colour = (entry: Entry) => colourOf(entry, colouring, theme);
  const one = (entry: Entry): Piece => {
    const text = cut(entry.label);
    return { text, colours: [colour(entry)], width: SWATCH + 5 + measure(text) };
  };
  const steps = shape === "bar" ? entries.filter(({ slot }) => slot !== MISSING && slot !== OTHER) : [];
  const rest = entries.filter((entry) => !steps.includes(entry)).map(one);
  const name = cut(title);
  const head: Piece[] = name ? [{ text: name, colours: [], width: measure(name) }] : [];
  if (!steps.length) return [...head, ...rest];
  const from = steps[0].label.split(" to ")[0];
  const text = steps[steps.length - 1].label.split(" to ").at(-1) ?? "";
  const width = measure(from) + 5 + STEP * steps.length + 5 + measure(text);
  return [...head, { text, from, colours: steps.map(colour), width }, ...rest];
}

/** Which piece goes into which line; pieces beyond the last line are left out and told by the last one. */
export function linesOfKey(pieces: Piece[], width: number): Piece[][] {
  const lines: Piece[][] = [[]];
  let used = 0;
  for (const piece of pieces) {
    const line = lines[lines.length - 1];
    if (line.length && used + piece.width > width) {
      if (lines.length === MOST_LINES) {
        line[line.length - 1] = { text: "\u2026", colours: [], width: SWATCH };
        break;
      }
      lines.push([piece]);
      used = piece.width + 14;
    } else {
      line.push(piece);
      used += piece.width + 14;
    }
  }
  return lines[0].length ? lines : [];
}

export interface Key {
  height: number;
  /** Draw it with its upper edge at `top`. */
  draw(on: CanvasRenderingContext2D, top: number): void;
}

export function makeKey(
  colouring: Colouring,
  theme: Theme,
  tokens: Tokens,
  left: number,
  width: number,
): Key {
  const font = `${SMALL}px ${tokens.font}`;
  const ruler = document.createElement("canvas").getContext("2d")!;
  ruler.font = font;
  const measure = (text: string) => ruler.measureText(text).width;
  const lines = linesOfKey(piecesOf(colouring, theme, measure), width - left);
  return {
    height: lines.length ? lines.length * LINE + 6 : 0,
    draw(on, top) {
      on.font = font;
      on.textAlign = "left";
      on.textBaseline = "middle";
      lines.forEach((line, k) => {
        let x = left;
        const y = top + (k + 0.5) * LINE;
        const write = (text: string, colour: string) => {
          on.fillStyle = colour;
          on.fillText(text, x, y + 0.5);
          x += measure(text);
        };
        for (const piece of line) {
          const begin = x;
          if (piece.from !== undefined) {
            write(piece.from, tokens.soft);
            x += 5;
          }
          for (const colour of piece.colours) {
            const step = piece.from === undefined ? SWATCH : STEP;
            on.fillStyle = colour;
            on.fillRect(Math.round(x), Math.round(y - SWATCH / 2), step, SWATCH);
            x += step;
          }
          if (piece.colours.length) x += 5;
          write(piece.text, piece.colours.length && piece.from === undefined ? tokens.ink : tokens.soft);
          x = begin + piece.width + 14;
        }
      });
    },
  };
}
