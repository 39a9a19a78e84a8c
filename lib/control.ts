/**
 * The words of the control block that JavaScript shares with the core: the mirror of `native/core/control.h`, where
 * each is explained. A const enum, so that the hot path reads `control[0]` and not a property of an object.
 */
export const enum Word {
  CURSOR = 0,
  END = 1,
  ZEROED = 2,
  DIRTY = 3,
  CAPACITY = 4,
  BIAS = 5,
  SEALED = 6,
  PLACED = 7,
  PEAK = 8,
  PLACED_DIRTY = 9,
  NATIVE = 10,
  NATIVE_CURSOR = 11,
}

/** A control block, as the hot path sees it: an Int32Array whose words have names. */
export type ArenaControl = Record<Word, number>;

/** Words in a control block. */
export const CONTROL_LENGTH = 16;
/** The version of the layout. */
export const CONTROL_VERSION = 2;
/** The value of `Word.END` while the fast path has nothing to hand out. */
export const NO_ROOM = -1;
/** The bit of `Word.NATIVE` that says that native code has opened segments that this side was not shown. */
export const NATIVE_AHEAD = 2;
/** The largest segment, and so the largest offset, in bytes: offsets stay small integers. */
export const MAX_SEGMENT_BYTES = 2 ** 30;

/** What the addon says of its own layout. */
export interface ControlLayout {
  readonly version: number;
  readonly length: number;
  readonly maxAlignment: number;
  readonly maxSegmentBytes: number;
  readonly words: Readonly<Record<string, number>>;
}

const mirror: Readonly<Record<string, number>> = {
  CURSOR: Word.CURSOR,
  END: Word.END,
  ZEROED: Word.ZEROED,
  DIRTY: Word.DIRTY,
  CAPACITY: Word.CAPACITY,
  BIAS: Word.BIAS,
  SEALED: Word.SEALED,
  PLACED: Word.PLACED,
  PEAK: Word.PEAK,
  PLACED_DIRTY: Word.PLACED_DIRTY,
  NATIVE: Word.NATIVE,
  NATIVE_CURSOR: Word.NATIVE_CURSOR,
};

/** Where the addon's layout differs from this file, in words; undefined when they agree. */
export function layoutDifference(layout: ControlLayout, maxAlignment: number): string | undefined {
  if (layout.version !== CONTROL_VERSION) return `version ${layout.version} instead of ${CONTROL_VERSION}`;
  if (layout.length !== CONTROL_LENGTH) return `${layout.length} words instead of ${CONTROL_LENGTH}`;
  if (layout.maxAlignment !== maxAlignment) return `maximum alignment ${layout.maxAlignment}`;
  if (layout.maxSegmentBytes !== MAX_SEGMENT_BYTES) return `maximum segment ${layout.maxSegmentBytes}`;
  for (const name of new Set([...Object.keys(mirror), ...Object.keys(layout.words)])) {
    if (mirror[name] !== layout.words[name]) {
      return `word ${name} at ${layout.words[name]} instead of ${mirror[name]}`;
    }
  }
  return undefined;
}
