import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { fill } from '../captured.ts';
import { readOptions } from '../validate.ts';
import { type TextEncoding, checkEncoding, checkText, unitOf } from './text.ts';

/** How text is written. */
export interface CStringOptions {
  /** Default: `'utf8'`. */
  encoding?: TextEncoding;
}

/**
 * A block with text and a NUL at its end, for C: of any allocator, and in any of the encodings that C uses, where `arena.cString()`
 * and the like write UTF-8. The caller owns the block.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when the text has a NUL itself, and what `allocUnsafe` throws.
 *
 * @example
 * ```ts
 * import { Heap } from 'freehold';
 * import { cString, readCString } from 'freehold/ffi';
 * import assert from 'node:assert';
 *
 * using heap = new Heap();
 * const wide = cString(heap, 'größer', { encoding: 'utf16le' });
 * assert.equal(wide.length, 14);
 * assert.equal(readCString(wide, { encoding: 'utf16le' }), 'größer');
 * ```
 */
export function cString(allocator: Allocator, text: string, options?: CStringOptions): Block {
  const { encoding = 'utf8' } = readOptions(options, ['encoding'], 'cString');
  const unit = unitOf(checkEncoding(encoding));
  const bytes = Buffer.byteLength(checkText(text, 'text'), encoding);
  const block = allocator.allocUnsafe(bytes + unit, unit);
  block.write(text, 0, bytes, encoding);
  fill(block, 0, bytes, bytes + unit);
  return block;
}
