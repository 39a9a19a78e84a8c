import type { Block } from './block.ts';
import { fill, max, min } from './captured.ts';
import { type ArenaControl, Word } from './control.ts';

// What this side does to an arena's control block, besides moving the cursor on: that is done where the block is made.

/** No block has a smaller alignment, in bytes: one of any element fits. */
export const MIN_ALIGNMENT = 8;
/** The least and the most that is zeroed ahead of the block that needs it, in bytes: one call for many blocks. */
const MIN_ZERO_AHEAD = 1024;
const MAX_ZERO_AHEAD = 16 * 1024;

/** The first offset at or behind the cursor whose address is a multiple of `alignment`. */
export function alignUp(control: ArenaControl, alignment: number): number {
  const mask = max(alignment, MIN_ALIGNMENT) - 1;
  const bias = control[Word.BIAS];
  return ((control[Word.CURSOR] + bias + mask) & ~mask) - bias;
}

/**
 * Zeroes [start, end) of a segment as far as it is not known to be zero, and as much again as was used so far, so that the
 * next blocks need no call: a call costs 16 ns more than the zeroing.
 */
export function zeroAhead(control: ArenaControl, segment: Block, start: number, end: number): void {
  const dirty = control[Word.DIRTY];
  const from = max(start, control[Word.ZEROED]);
  const ahead = min(max(start, MIN_ZERO_AHEAD), MAX_ZERO_AHEAD);
  const to = min(max(end, start + ahead), dirty);
  if (from < to) fill(segment, 0, from, to);
  control[Word.ZEROED] = to >= dirty || from >= dirty ? control[Word.CAPACITY] : to;
}

/** Sets the cursor back, when `used` bytes were in use; what is behind it is not zero any more. */
export function setBack(control: ArenaControl, cursor: number, used: number): void {
  control[Word.DIRTY] = max(control[Word.DIRTY], control[Word.CURSOR]);
  control[Word.PEAK] = max(control[Word.PEAK], used);
  control[Word.ZEROED] = 0;
  control[Word.CURSOR] = cursor;
}
