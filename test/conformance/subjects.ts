import {
  Arena,
  AutomaticAllocator,
  FixedBuffer,
  Heap,
  Pool,
  RcHeap,
  Stack,
  memoryStats,
  pageAllocator,
} from 'freehold';
import { type MakeOptions, STRICT, type Subject } from './subject.ts';
import { wrapped } from './wrapped.ts';

const arena: Subject = {
  title: 'Arena',
  traits: {
    ...STRICT,
    reuses: 'last', // Blocks of an arena end together: only the last one's bytes are the cursor's to take back.
    detects: 'last', // It keeps no list of blocks: it knows what lies behind the cursor, and what is not its memory.
    owns: 'memory', // The same.
    knowsArrays: false, // The same.
  },
  effort: 1,
  make({ bytes = Infinity, injure }: MakeOptions = {}) {
    const base = new Arena({ limitBytes: bytes });
    return { allocator: injure === undefined ? base : injure(base), bases: [base] };
  },
};

/** Memory that the program brings. */
const fixedBuffer: Subject = {
  title: 'FixedBuffer',
  // A cursor like the arena's.
  traits: { ...arena.traits, room: 64 << 20 },
  effort: 1,
  make({ bytes = 64 << 20, injure }: MakeOptions = {}) {
    const base = new FixedBuffer(new ArrayBuffer(bytes));
    return { allocator: injure === undefined ? base : injure(base), bases: [base] };
  },
};

/** An arena underneath, with a hard limit. */
function stack(mode: 'detach' | 'reuse'): Subject {
  return {
    title: `Stack, ${mode}`,
    traits: { ...arena.traits, room: 64 << 20 },
    effort: 1,
    make({ bytes = 64 << 20, injure }: MakeOptions = {}) {
      const base = new Stack({ bytes, mode });
      return { allocator: injure === undefined ? base : injure(base), bases: [base] };
    },
  };
}

/** Pages for each block; guards change where a block stands on them. */
function pages(guard: false | 'rear' | 'front'): Subject {
  return {
    title: `pageAllocator, ${guard === false ? 'no guards' : `${guard} guard`}`,
    traits: { ...STRICT, bounded: false }, // The system's memory is the limit.
    effort: 1,
    make({ injure }: MakeOptions = {}) {
      const base = pageAllocator({ guard });
      return { allocator: injure === undefined ? base : injure(base), bases: [base] };
    },
  };
}

/** Blocks of one size: what is larger, or aligned to more, is over the limit. */
function pool(blockBytes: number, alignment: number): Subject {
  return {
    title: `Pool of ${blockBytes} bytes at multiples of ${alignment}`,
    traits: { ...STRICT, largest: blockBytes, largestAlignment: alignment },
    effort: 1,
    make({ bytes = Infinity, injure }: MakeOptions = {}) {
      const base = new Pool({ blockBytes, alignment, maxBlocks: Math.ceil(bytes / 64) });
      return { allocator: injure === undefined ? base : injure(base), bases: [base] };
    },
  };
}

/** Small blocks in pools of their size, large ones and isolated ones on pages of their own. */
function heap(isolate: boolean): Subject {
  return {
    title: isolate ? 'Heap of isolated blocks' : 'Heap',
    traits: { ...STRICT, bounded: false }, // The system's memory is the limit.
    effort: 1,
    make({ injure }: MakeOptions = {}) {
      const base = new Heap({ isolate });
      return { allocator: injure === undefined ? base : injure(base), bases: [base] };
    },
  };
}

/** Blocks with one handle each, which free gives up. */
const rcHeap: Subject = {
  title: 'RcHeap',
  traits: STRICT,
  effort: 1,
  make({ bytes = Infinity, injure }: MakeOptions = {}) {
    const base = new RcHeap({ limitBytes: bytes });
    return { allocator: injure === undefined ? base : injure(base), bases: [base] };
  },
};

/** Releases what it has handed out; dispose ends that, and not the heap below. */
const automatic: Subject = {
  title: 'AutomaticAllocator',
  traits: rcHeap.traits,
  effort: 0.5,
  make({ bytes = Infinity, injure }: MakeOptions = {}) {
    const heap = new RcHeap({ limitBytes: bytes });
    const base = new AutomaticAllocator(heap);
    return { allocator: injure === undefined ? base : injure(base), bases: [heap] };
  },
};

// Which addresses come back is the engine's to say where it serves.
const pageAllocators = memoryStats().backing === 'v8' ? [] : [pages(false), pages('rear'), pages('front')];

/** Every allocator that has memory of its own, in its variants. */
export const bases: readonly Subject[] = [
  arena,
  fixedBuffer,
  pool(8192, 16),
  pool(256, 4096),
  heap(false),
  heap(true),
  rcHeap,
  automatic,
  stack('detach'),
  stack('reuse'),
  ...pageAllocators,
];

/** One of each kind: what wrappers are put over. */
const plain = [arena, fixedBuffer, pool(8192, 16), heap(false), rcHeap, ...pageAllocators.slice(0, 1)];

/** Each wrapper over one of each kind. */
export const onceWrapped: readonly Subject[] = plain.flatMap((base) => wrapped(base, 0.5));

/** Each wrapper over each wrapper over one of each kind. */
export const twiceWrapped: readonly Subject[] = onceWrapped.flatMap((each) => wrapped(each, 0.15));
