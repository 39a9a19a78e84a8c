import { types } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { bufferOf, push } from '../captured.ts';
import { ownerOf, viewOwnerOf } from '../exposure.ts';
import { gone, pinView } from '../pin-view.ts';
import type { Pin } from '../pin.ts';
import { tallyOf } from '../rc.ts';
import { Slots, slotOf, slotsOf } from '../slots.ts';
import { Region } from '../struct/region.ts';
import * as errors from './errors.ts';

/** The view whose memory a value is in: of a struct, the one that it was made of. Undefined for what has none. */
function viewOf(value: unknown): ArrayBufferView | undefined {
  if (Region.is(value)) return Region.keepOf(value);
  return bufferOf(value) === undefined ? undefined : (value as ArrayBufferView);
}

function allocatorOf(view: ArrayBufferView): Allocator | undefined {
  const buffer = bufferOf(view);
  return viewOwnerOf(view) ?? (buffer === undefined ? undefined : ownerOf(buffer));
}

/** Whether a value is memory of an allocator's: what {@link Hold} can hold. */
export function isHoldable(value: unknown): value is object {
  const view = viewOf(value);
  return view !== undefined && allocatorOf(view) !== undefined;
}

/**
 * Whether a block of a pool, a heap or a counting heap was given back, where its view shows the memory still: it may be another's.
 * What was orphaned is none of these, and stays its views'.
 */
function wasFreed(view: ArrayBufferView): boolean {
  const slots = slotsOf(view);
  if (slots === undefined) return tallyOf(view)?.handles === 0;
  // Without a word the pool has ended.
  return Slots.wordOf(slots, slotOf(view)) !== 0 && !Slots.isLive(slots, slotOf(view));
}

/** Memory that is pinned together, and kept reachable as long as it is. */
export class Hold {
  readonly #pins: Pin[] = [];
  // A pin keeps no memory from the collector.
  #views: ArrayBufferView[] = [];

  /** All of them, or none when one cannot be pinned. */
  constructor(values: readonly unknown[]) {
    try {
      for (const value of values) this.#add(value);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Lets go. Further calls do nothing. */
  release(): void {
    for (const pin of this.#pins) pin.release();
    this.#views = [];
  }

  /** What is held, in the order in which it was named. */
  get views(): readonly ArrayBufferView[] {
    return this.#views;
  }

  #add(value: unknown): void {
    const view = viewOf(value);
    const owner = view === undefined ? undefined : allocatorOf(view);
    if (view === undefined || owner === undefined) throw errors.noAllocator(value);
    if (wasFreed(view)) throw gone();
    push(this.#pins, pinView(owner, view));
    push(this.#views, view);
  }
}

/**
 * Runs an operation while memory is held; when it gives a promise, until that settles. Then the promise that comes back is another
 * one, which settles in the same way, after the memory was let go.
 */
export function whileHeld<R>(hold: Hold, operation: () => R): R {
  let result: R;
  try {
    result = operation();
    if (isThenable(result)) return settled(hold, result) as R;
  } catch (error) {
    hold.release();
    throw error;
  }
  hold.release();
  return result;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (types.isPromise(value)) return true;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
}

async function settled(hold: Hold, promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await promise;
  } finally {
    hold.release();
  }
}
