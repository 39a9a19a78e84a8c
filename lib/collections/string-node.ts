import { isUtf8 } from 'node:buffer';

import type { Block } from '../block.ts';
import { byteLengthOf, setBytes } from '../captured.ts';
import * as errors from './errors.ts';
import type { Store, StoreNode } from './store.ts';

// The layout of a string's block: its length in bytes (uint32, little endian), the text, a NUL.

/** Bytes before the text. */
export const HEADER = 4;
const FRAME = HEADER + 1;
const MAX_BYTES = 2 ** 32 - 1;

/** A node with the UTF-8 bytes of a text, whose handle the caller owns. */
export function textNode(store: Store, text: string): StoreNode {
  const byteLength = Buffer.byteLength(text);
  const node = make(store, byteLength);
  store.view(node).write(text, HEADER, 'utf8');
  return node;
}

/** The same of bytes. Those that are not `known` to be UTF-8 are looked at. */
export function bytesNode(store: Store, bytes: Uint8Array, known: boolean): StoreNode {
  const byteLength = byteLengthOf(bytes);
  const node = make(store, byteLength);
  const copy = store.view(node).subarray(HEADER, HEADER + byteLength);
  setBytes(copy, bytes);
  // The copy is looked at: another thread may write to what it was made of.
  if (known || isUtf8(copy)) return node;
  store.drop(node);
  throw errors.notUtf8();
}

/** How many bytes the text in a block has; -1 when that is no string's. */
export function textLengthOf(block: Block): number {
  const room = byteLengthOf(block);
  if (room < FRAME) return -1;
  const byteLength = block.readUInt32LE();
  return HEADER + byteLength < room && block[HEADER + byteLength] === 0 ? byteLength : -1;
}

function make(store: Store, byteLength: number): StoreNode {
  if (byteLength > MAX_BYTES) throw errors.tooLong('string', byteLength, MAX_BYTES);
  const node = store.make(FRAME + byteLength, 0);
  const block = store.view(node);
  block.writeUInt32LE(byteLength);
  block[HEADER + byteLength] = 0;
  return node;
}
