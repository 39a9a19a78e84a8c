import type { Allocator } from './allocator.ts';
import type { Block } from './block.ts';
import { byteLengthOf, setBytes } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { describe } from './validate.ts';

/** A copy of a live block in the allocator `to`, or as an ordinary Buffer. */
export function promote(block: Block, to: Allocator | undefined): Block | Buffer {
  if (to === undefined) return Buffer.from(block);
  if (typeof (to as Partial<Allocator> | null)?.allocUnsafe !== 'function') {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `to must be an allocator, but is ${describe(to)}`,
    );
  }
  const copy = to.allocUnsafe(byteLengthOf(block));
  setBytes(copy, block);
  return copy;
}
