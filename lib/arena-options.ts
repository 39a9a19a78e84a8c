import { max } from './captured.ts';
import { checkChoice, checkLimit, checkName, checkSize, readOptions } from './validate.ts';
import { FreeholdError } from './errors.ts';
import { MAX_SEGMENT_BYTES } from './control.ts';

/**
 * What a reset does to the views that exist.
 *
 * - `'detach'`: they die: their length is 0 from then on. The default.
 * - `'orphan'`: they stay valid until they are collected, and their memory is never used again under them. For when
 *   native I/O may still be running.
 * - `'reuse'`: nothing. The program promises not to use them any more; they show whatever comes next. In an arena of this
 *   mode the views themselves are used again, too: a frame whose n-th block is as long and stands at the same place as in the
 *   frames before it gets the very same object, for a fifth of the time and without garbage. With the object comes what the
 *   program did to it: properties, a prototype, that it is not extensible. The arena keeps up to 16,384 views, which the
 *   collector cannot take before the arena is disposed or reset in another mode. A block that was freed or rewound over is
 *   promised like one from before a reset.
 */
export type ResetMode = 'detach' | 'orphan' | 'reuse';

/**
 * How much memory a reset keeps for what comes next.
 *
 * - `'high-water'`: one chunk as large as the most that was ever used. The default: the steady state is one chunk.
 * - `'all'`: one chunk as large as all that is held.
 * - `'none'`: nothing.
 * - a number: one chunk, of at most so many bytes.
 */
export type Retain = 'high-water' | 'all' | 'none' | number;

/** What to do when memory is pinned that a reset, a rewind or a dispose would end: refuse, or orphan it. */
export type WhenPinned = 'throw' | 'orphan';

/** How an arena works. All sizes are bytes. */
export interface ArenaOptions {
  /** The size of the first chunk, 4 KiB to 1 GiB. Memory is only used as it is touched. Default: 64 KiB. */
  initialBytes?: number;
  /** Chunks double up to this size. Larger blocks get a chunk of their own. Default: 4 MiB. */
  maxChunkBytes?: number;
  /** The most that may be handed out between two resets, padding included. Default: Infinity. */
  limitBytes?: number;
  /** What a reset does to views. Default: `'detach'`. */
  reset?: ResetMode;
  /** What a reset keeps. Default: `'high-water'`. */
  retain?: Retain;
  /** What happens when pinned memory would end. Default: `'throw'`. */
  whenPinned?: WhenPinned;
  /** A name for messages and figures. Default: `'arena'`. */
  name?: string;
}

/** How one reset departs from the arena's options. */
export interface ResetOptions {
  /** What happens to views. */
  mode?: ResetMode;
  /** What is kept. */
  retain?: Retain;
  /** What happens when memory is pinned. */
  whenPinned?: WhenPinned;
}

/** How one dispose departs from the arena's options. */
export type DisposeOptions = Pick<ResetOptions, 'mode' | 'whenPinned'>;

/** Options that were read and checked. */
export type ArenaSettings = Required<ArenaOptions>;

const RESET_MODES = ['detach', 'orphan', 'reuse'] as const;
const WHEN_PINNED = ['throw', 'orphan'] as const;
const RETAIN_POLICIES = ['high-water', 'all', 'none'] as const;

/** A policy for what a reset keeps. */
export function checkRetain(value: unknown): Retain {
  return typeof value === 'number'
    ? checkSize(value, 'retain')
    : checkChoice(value, RETAIN_POLICIES, 'retain');
}

function checkChunkBytes(value: unknown, what: string): number {
  const bytes = checkSize(value, what);
  if (bytes >= 4096 && bytes <= MAX_SEGMENT_BYTES) return bytes;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${what} must be from 4096 to ${MAX_SEGMENT_BYTES} bytes, but is ${bytes}`,
  );
}

/** The settings of a new arena. */
export function readArenaOptions(options: ArenaOptions | undefined): ArenaSettings {
  const read = readOptions(
    options,
    ['initialBytes', 'maxChunkBytes', 'limitBytes', 'reset', 'retain', 'whenPinned', 'name'],
    'Arena',
  );
  // Defaults by destructuring: null is a mistake, not a default.
  const {
    initialBytes = 64 * 1024,
    limitBytes = Infinity,
    reset = 'detach',
    retain = 'high-water',
    whenPinned = 'throw',
    name = 'arena',
  } = read;
  const first = checkChunkBytes(initialBytes, 'initialBytes');
  const { maxChunkBytes = Math.max(first, 4 * 1024 * 1024) } = read;
  return {
    initialBytes: first,
    maxChunkBytes: checkChunkBytes(maxChunkBytes, 'maxChunkBytes'),
    limitBytes: checkLimit(limitBytes, 'limitBytes'),
    reset: checkChoice(reset, RESET_MODES, 'reset'),
    retain: checkRetain(retain),
    whenPinned: checkChoice(whenPinned, WHEN_PINNED, 'whenPinned'),
    name: checkName(name),
  };
}

/** The options of one reset over the settings of its arena. */
export function readResetOptions(
  options: ResetOptions | undefined,
  settings: ArenaSettings,
): Required<ResetOptions> {
  const read = readOptions(options, ['mode', 'retain', 'whenPinned'], 'reset');
  const { mode = settings.reset, retain = settings.retain, whenPinned = settings.whenPinned } = read;
  return {
    mode: checkChoice(mode, RESET_MODES, 'mode'),
    retain: checkRetain(retain),
    whenPinned: checkChoice(whenPinned, WHEN_PINNED, 'whenPinned'),
  };
}

/** The number by which the core knows a retain policy, `native/core/arena.h`. */
export function retainPolicy(retain: Retain): number {
  return typeof retain === 'number' ? 3 : RETAIN_POLICIES.indexOf(retain);
}

/** The largest chunk that a reset keeps, in bytes; -1 when it keeps none. */
export function largestKept(retain: Retain): number {
  if (retain === 'none') return -1;
  return typeof retain === 'number' ? max(retain, 4096) : Infinity;
}
