import type { Allocator } from './allocator.ts';
import { isAttached } from './captured.ts';
import { FreeholdError } from './errors.ts';
import { Pin, PinCount } from './pin.ts';

/** An allocator whose memory can be held against its end. */
interface Pinnable {
  pin(view: ArrayBufferView): Pin;
}

/** Holds the memory of a view of `owner`'s. The caller owns the pin. */
export function pinView(owner: Allocator, view: ArrayBufferView): Pin {
  if (!isAttached(view)) throw gone();
  // Orphaned memory is nobody's to end but the collector's: the view itself holds it.
  if (!owner.owns(view)) return new Pin(new PinCount());
  if (typeof (owner as Partial<Pinnable>).pin !== 'function') throw cannotPin();
  return (owner as Allocator & Pinnable).pin(view);
}

/** What is thrown for the use of a block whose memory is gone. */
export function gone(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    'the memory of this block is gone: its allocator was reset or disposed, or its buffer was transferred; promote() what must outlive it',
  );
}

function cannotPin(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    'the allocator of this block has no pin(): hold its memory by other means while native code works on it',
  );
}
