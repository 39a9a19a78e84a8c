import type { Allocator } from '../allocator.ts';
import type { Boundary } from '../call-stack.ts';
import { FreeholdError } from '../errors.ts';
import { type Cover, bookOf, coverOf, labelOf } from './cover.ts';
import { ending } from './doing.ts';
import * as faults from './faults.ts';
import { raise, settle } from './raise.ts';
import { Fate } from './record.ts';
import { replaceMethod } from './replace-method.ts';
import { recordsAll, siteOf } from './state.ts';
import { leftIn, tell } from './tell.ts';

// How the blocks end that stand alone, of whatever allocator.

/** Makes an allocator of blocks that stand alone tell where they end, and what is left. */
export function watchEnds(target: Allocator & { dispose(): void }): void {
  replaceMethod(
    target,
    'free',
    (own) =>
      function free(this: Allocator, view: ArrayBufferView): void {
        const cover = coverOf(view);
        if (cover === undefined && !recordsAll()) {
          own.call(this, view);
          return;
        }
        try {
          ending(free, Fate.FREED, cover !== undefined, () => {
            own.call(this, view);
          });
        } catch (error) {
          explain(error, cover, this, free);
        }
        settle();
      },
  );
  replaceMethod(
    target,
    'dispose',
    (own) =>
      function dispose(this: Allocator): void {
        const left = leftIn(bookOf(this));
        ending(dispose, Fate.ENDED, false, () => {
          own.call(this);
        });
        bookOf(this)?.ledger.retire('disposed');
        if (left !== null) tell(left);
        settle();
      },
  );
}

/** What is wrong with a block that an allocator refuses. */
const FAULTS: ReadonlySet<string> = new Set([
  'ERR_FREEHOLD_DOUBLE_FREE',
  'ERR_FREEHOLD_INVALID_FREE',
  'ERR_FREEHOLD_USE_AFTER_FREE',
]);

/** Raises the fault that an allocator has thrown, with the history of the block. What is none is thrown. */
export function explain(
  error: unknown,
  cover: Cover | undefined,
  allocator: Allocator,
  boundary: Boundary,
): void {
  if (cover === undefined || !(error instanceof FreeholdError) || error instanceof faults.FaultError)
    throw error;
  if (!FAULTS.has(error.code)) throw error;
  const { record } = cover;
  if (cover.book !== bookOf(allocator)) raise(faults.wrongAllocator(record, labelOf(allocator)));
  else if (error.code === 'ERR_FREEHOLD_DOUBLE_FREE') raise(faults.freedTwice(record, siteOf(boundary)));
  else raise(faults.told(error, record));
}
