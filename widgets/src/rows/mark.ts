// Where a search text stands in a cell: case does not matter, and nothing is read as a pattern.

export interface Piece {
  text: string;
  hit: boolean;
}

/** Lower case, and for every character of it the place it has in the original. */
function lowered(text: string): { lower: string; at: (index: number) => number } {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return { lower, at: (index) => index };
  const places: number[] = [];
  let built = "";
  for (let i = 0; i < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(i) as number);
    const small = character.toLowerCase();
    for (let k = 0; k < small.length; k++) places.push(i);
    built += small;
    i += character.length;
  }
  places.push(text.length);
  return { lower: built, at: (index) => places[index] };
}

/** The text cut into pieces, those that match `query` marked. */
export function pieces(text: string, query: string, most = 50): Piece[] {
  const wanted = query.toLowerCase();
  if (!wanted) return [{ text, hit: false }];
  const { lower, at } = lowered(text);
  const found: Piece[] = [];
  let done = 0;
  for (let hit = lower.indexOf(wanted); hit >= 0 && most > 0; most--) {
    const from = at(hit);
    const to = Math.max(at(hit + wanted.length), from + 1);
    if (from >= done) {
      if (from > done) found.push({ text: text.slice(done, from), hit: false });
      found.push({ text: text.slice(from, to), hit: true });
      done = to;
    }
    hit = lower.indexOf(wanted, hit + wanted.length);
  }
  if (done < text.length) found.push({ text: text.slice(done), hit: false });
  return found.length ? found : [{ text, hit: false }];
}

/** A long text from shortly before its first match on, so that the match is in sight. */
export function around(text: string, query: string, before = 40, room = 110): string {
  if (!query) return text;
  const { lower, at } = lowered(text);
  const hit = lower.indexOf(query.toLowerCase());
  if (hit < 0) return text;
  const place = at(hit);
  if (place < room) return text;
  const space = text.lastIndexOf(" ", place - before / 2);
  let from = space > place - before ? space + 1 : place - before / 2;
  if (/[\udc00-\udfff]/.test(text[from] ?? "")) from--; // never half a character
  return `… ${text.slice(from)}`;
}
