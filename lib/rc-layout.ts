// The tables of a reference-counted heap that JavaScript shares with the core: the mirror of `native/core/rc_layout.h`,
// where each word is explained. Const enums, so that the hot path reads `nodes[at + 1]` and not a property of an object.

import { MAX_SMALL_BYTES, SIZE_CLASSES, classBytes } from './size-classes.ts';

/** Where the words of a node are: word `field` of block `index` is at `index * NODE_WORDS + field`. */
export const enum Node {
  WORD = 0,
  HANDLES = 1,
  EDGES = 2,
  LINK = 3,
  SCRATCH = 4,
  REFS = 5,
}

/** The bits of `Node.WORD` that the fast path looks at. */
export const enum Bit {
  LIVE = 1,
  NOTIFY = 2,
  WEAK = 4,
  /** Bytes of the block that were not asked for, from this bit on. */
  SLACK_SHIFT = 3,
  SLACK = 0x7ff8,
  GENERATION_SHIFT = 15,
  GENERATIONS = 0xfff8000,
  /** In the set of a collection, and found to be reachable. */
  SET = 0x10000000,
  RESCUED = 0x40000000,
}

/** What is one per heap. */
export const enum Control {
  PHASE = 0,
  CANDIDATES = 1,
  THRESHOLD = 2,
  LIVE = 3,
  ROOM = 4,
  EDGES = 5,
  DISPOSED = 6,
  NODES_EPOCH = 9,
  EDGES_EPOCH = 10,
  GROUPS_EPOCH = 11,
  LIMIT_OF_NODES = 12,
  SLABS_GIVEN = 13,
  FREE = 16,
}

/** Words of a node. Const enums too, as what is imported by name is a load at each use. */
export const enum Size {
  NODE_WORDS = 6,
}

/** Numbers that places are computed with. */
export const enum Layout {
  /** The node of no block: the list of candidates is a ring through it, `LINK` onwards and `SCRATCH` back. */
  SENTINEL = 1,
  /** Indices share a word of the group table by as many, as a power of two. */
  GROUP_SHIFT = 6,
  /** A word of the group table: the slab's number plus one, then the class of its blocks. */
  CLASS_BITS = 7,
  CLASS_MASK = 127,
}

/** The first index that is a block's; 0 is none. */
export const FIRST_INDEX = 64;
/** No index is as large: handles are below it, and with a generation a safe integer. */
export const MAX_INDICES = 2 ** 28;
/** The class of blocks whose memory is elsewhere. */
export const EXTERNAL_CLASS = SIZE_CLASSES;
/** Counts end here. */
export const MAX_COUNT = 2 ** 31 - 1;
/** Runs of references are as long as asked up to here. */
export const EXACT_SLOTS = 8;
/** With as much room, in units of 16 bytes, a free is not for the fast path. */
export const MAX_ROOM = 2 ** 30;
/** The phase of a collection in which what is in its set and was not rescued is garbage. */
export const FREE_PHASE = 3;

/** Units of 16 bytes of the blocks of each class. */
export const UNITS: Readonly<Record<number, number>> = unitsOfClasses();

/** As many bytes stand for the class of blocks whose memory is elsewhere. */
export const EXTERNAL_BYTES = MAX_SMALL_BYTES + 16;

/** The class of as many units of 16 bytes. */
export const CLASSES: Readonly<Record<number, number>> = classesOfUnits();

function unitsOfClasses(): Int32Array {
  const units = new Int32Array(SIZE_CLASSES + 1);
  for (let index = 0; index < SIZE_CLASSES; index++) units[index] = classBytes(index) / 16;
  return units;
}

// A run for each class: to ask for the class of each unit made V8 compile what it asked, and took 4 MiB at the start of each process.
function classesOfUnits(): Uint8Array {
  const classes = new Uint8Array(EXTERNAL_BYTES / 16 + 1);
  let begin = 0;
  for (let index = 0; index <= SIZE_CLASSES; index++) {
    const last = index === EXTERNAL_CLASS ? EXTERNAL_BYTES / 16 : UNITS[index];
    classes.fill(index, begin, last + 1);
    begin = last + 1;
  }
  return classes;
}

/** `RcStatus` of `native/core/rc_heap.h`. */
export const enum RcStatus {
  OK = 0,
  NOT_LIVE = 1,
  NO_HANDLE = 2,
  NO_SLOT = 3,
  OVERFLOW = 4,
  NO_MEMORY = 5,
  LIMIT = 6,
  INVALID_SIZE = 7,
}

const STATUSES: readonly RcStatus[] = [
  RcStatus.OK,
  RcStatus.NOT_LIVE,
  RcStatus.NO_HANDLE,
  RcStatus.NO_SLOT,
  RcStatus.OVERFLOW,
  RcStatus.NO_MEMORY,
  RcStatus.LIMIT,
  RcStatus.INVALID_SIZE,
];

/** The status in an answer that is an index or minus a status. */
export function statusIn(answer: number): RcStatus {
  return STATUSES[-answer] ?? RcStatus.NO_MEMORY;
}

/** What the addon says of its own layout. */
export interface RcLayout {
  readonly version: number;
  readonly nodeWords: number;
  readonly controlWords: number;
  readonly freeWord: number;
}

const mirror: RcLayout = {
  version: 1,
  nodeWords: Size.NODE_WORDS,
  controlWords: 96,
  freeWord: Control.FREE,
};

/** Where the addon's layout differs from this file; undefined when they agree. */
export function rcLayoutDifference(layout: RcLayout): string | undefined {
  for (const name of ['version', 'nodeWords', 'controlWords', 'freeWord'] as const) {
    if (layout[name] !== mirror[name])
      return `${name} of counted heaps ${layout[name]} instead of ${mirror[name]}`;
  }
  return undefined;
}
