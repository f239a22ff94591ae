// From the bytes of a message to what the page works with.
import { joined, type Reply } from "./link.ts";
import type { Column, Epochs, Found, Text } from "./types.ts";

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array };

/** Bytes as floats, laid over them where they are aligned: a million points exist once. */
export function floatsOf(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const source = bytes.byteOffset % 4 ? bytes.slice() : bytes;
  return new Float32Array(source.buffer, source.byteOffset, source.byteLength >> 2);
}

/** A column from its description and bytes. */
export function columnOf(reply: Reply): Column {
  const Kind = ARRAYS[reply.dtype as keyof typeof ARRAYS];
  return {
    name: reply.name,
    title: reply.title,
    kind: reply.kind,
    data: new Kind(reply.buffers[0].slice().buffer),
    categories: reply.categories ?? [],
    min: reply.min ?? 0,
    max: reply.max ?? 1,
  };
}

/** What every row's p(gold) was, epoch by epoch, from its chunks. */
export function epochsOf(reply: Reply, n: number): Epochs {
  const values = new Uint16Array(joined(reply.buffers).buffer);
  return {
    n,
    nEpochs: reply.n_epochs,
    correctKnown: reply.correct_known,
    scale: reply.scale,
    at: (epoch) => values.subarray(epoch * n, (epoch + 1) * n),
  };
}

/** Rows found by meaning. */
export const foundOf = (reply: Reply): Found => ({
  rows: Uint32Array.from(reply.rows),
  similarity: Float32Array.from(reply.similarity),
  encoder: reply.encoder ?? "",
  how: reply.how ?? "",
});

/** The texts; null where they are too big for a page. */
export function textOf(reply: Reply): Text | null {
  if (reply.too_big) return null;
  const [offsets, ...chunks] = reply.buffers;
  return { offsets: new Uint32Array(offsets.slice().buffer), bytes: joined(chunks) };
}

/** A bitmask trait (a DataView, perhaps empty) as bytes for n rows. */
export function bitsOf(view: DataView | null | undefined, n: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array((n + 7) >> 3);
  if (view?.byteLength) bits.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return bits;
}
