import type { Allocator } from '../allocator.ts';
import type { Region } from './region.ts';

/** What has become of a region. */
export const enum State {
  LIVE,
  DESTROYED,
  /** Its block was freed elsewhere, and is another's. */
  REUSED,
}

/** What is known of a region that owns a block, has parts, or has ended. */
export class Life {
  /** Where the block goes back to; null for what has no block of its own. */
  readonly allocator: Allocator | null;
  /** The generation of its slot, where it has one. */
  word = 0;
  /** What was made of parts of it, by key. */
  parts: (Region | undefined)[] | null = null;
  state = State.LIVE;

  constructor(allocator: Allocator | null) {
    this.allocator = allocator;
  }
}
