import type { Block } from '../block.ts';
import { byteLengthOf } from '../captured.ts';
import { tallyOf } from '../rc.ts';

/**
 * Whether a block's memory is there, and was not released by the scope that it is from. Of a block that has at least one byte.
 */
export function isAlive(block: Block): boolean {
  return byteLengthOf(block) > 0 && tallyOf(block)?.handles !== 0;
}
