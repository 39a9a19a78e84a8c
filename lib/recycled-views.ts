import { Block } from './block.ts';
import { namesViews, viewOwnerOf } from './exposure.ts';

/** The most views that one list holds: some 3 MB of the JavaScript heap. */
export const MAX_RECYCLED_VIEWS = 16_384;

/** What stands where no view is kept. */
const NO_VIEW = new Block(new ArrayBuffer(0), 0, 0);

/** What was asked for at one place of the order since the last reset, and the view that answers it. */
interface Slot {
  start: number;
  /** Its complement when it was asked for once only: then no view is kept. Two comparisons decide, and not three. */
  byteLength: number;
  view: Block;
}

/**
 * The views of one ArrayBuffer that may be handed out again, for arenas in mode `'reuse'`: to make one costs 20 ns, to
 * find one 4. The n-th block since the reset gets the n-th view, when that is at the same offset and of the same length.
 *
 * No live block is ever handed out twice. A view leaves here only for a block that begins where the view does. Such a block
 * begins at or behind the cursor, and what is live ends at or before it. So whatever the program does between (marks, frees,
 * reallocations, blocks without a view), and however wrong `#count` were, the worst is a view that is made anew.
 *
 * Offsets and lengths are kept here and never read from a view, where a program may have put properties of those names.
 */
export class RecycledViews {
  readonly buffer: ArrayBuffer;
  // Those before `#count` are of bytes before the cursor, in ascending order; the others can be had.
  readonly #slots: Slot[] = [];
  #count = 0;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    Object.setPrototypeOf(this.#slots, null); // No setter on a prototype can look into it.
  }

  /** A view of `byteLength` bytes, not 0, at `start`, which is at or behind the cursor. */
  take(start: number, byteLength: number): Block {
    const slots = this.#slots;
    const count = this.#count;
    if (count < slots.length) {
      const slot = slots[count];
      if (slot.start === start && slot.byteLength === byteLength) {
        this.#count = count + 1;
        return slot.view;
      }
    }
    return this.#make(start, byteLength);
  }

  /**
   * A new view, which is kept when the same was asked for here before. One that is kept at once, and not needed again, is
   * garbage that has grown old: programs without a pattern would pay twice for each block.
   */
  #make(start: number, byteLength: number): Block {
    const view = new Block(this.buffer, start, byteLength);
    const slots = this.#slots;
    const count = this.#count;
    if (count >= MAX_RECYCLED_VIEWS) return view;
    this.#count = count + 1;
    if (count >= slots.length) {
      slots[count] = { start, byteLength: ~byteLength, view: NO_VIEW };
      return view;
    }
    const slot = slots[count];
    if (slot.start === start && slot.byteLength === ~byteLength) {
      slot.view = view;
      slot.byteLength = byteLength;
    } else {
      clear(slot);
      slot.start = start;
      slot.byteLength = ~byteLength;
    }
    return view;
  }

  /** The cursor was set back to `cursor`: what lies behind it can be had again. */
  giveBack(cursor: number): void {
    const named = namesViews(this.buffer);
    let count = cursor === 0 && !named ? 0 : this.#count;
    // A step for each block since: it was made dearer by half a nanosecond.
    while (count > 0 && this.#slots[count - 1].start >= cursor) {
      const slot = this.#slots[--count];
      // A wrapper holds it for its own block.
      if (named && viewOwnerOf(slot.view) !== undefined) clear(slot);
    }
    this.#count = count;
  }
}

/** Lets go of a slot's view. */
function clear(slot: Slot): void {
  if (slot.byteLength < 0) return;
  slot.byteLength = ~slot.byteLength;
  slot.view = NO_VIEW;
}
