import {
  checkAlignment,
  checkFlag,
  checkFunction,
  checkLimit,
  checkName,
  checkSize,
  describe,
  readOptions,
} from './validate.ts';
import { FreeholdError } from './errors.ts';

/** How a reference-counted heap works. */
export interface RcHeapOptions {
  /** A name for messages and figures. Default: `'rc heap'`. */
  name?: string;
  /** As many bytes of blocks may live at a time. Default: Infinity. */
  limitBytes?: number;
  /**
   * Whether collections begin by themselves: when there are enough candidates, or when there are any and twice as many bytes
   * live as after the last collection, and 32 MiB. Default: true.
   */
  automatic?: boolean;
  /**
   * How long a collection that begins by itself may hold up the program at a time, in milliseconds; the rest follows in small
   * steps. Infinity for no bound. Default: 5.
   */
  maxPauseMs?: number;
}

/** What a block's owner learns of its death: not the block, which nobody can bring back. */
export interface DisposedBlock {
  /** The handle that the block had. It may be another block's soon. */
  readonly handle: number;
  /** How long the block was, in bytes. */
  readonly byteLength: number;
}

/** How one reference-counted block is made. */
export interface RcAllocOptions {
  /** What its address is a multiple of: a power of two up to 2 MiB. Default: 16. */
  alignment?: number;
  /** How many references to other blocks it has room for; {@link Rc.reserveRefs} makes room later. Default: 0. */
  refs?: number;
  /** Pages and an ArrayBuffer of its own, so that its views die with it. Default: false. */
  isolate?: boolean;
  /** Is called after the block has died, and all that died with it. */
  onDispose?: (block: DisposedBlock) => void;
}

/** How far a collection goes. */
export interface CollectOptions {
  /** As many milliseconds and no longer: the next call goes on. Default: Infinity. */
  maxPauseMs?: number;
}

/** The settings of a new heap. */
export function readRcHeapOptions(options: RcHeapOptions | undefined): Required<RcHeapOptions> {
  const known = ['name', 'limitBytes', 'automatic', 'maxPauseMs'] as const;
  const {
    name = 'rc heap',
    limitBytes = Infinity,
    automatic = true,
    maxPauseMs = 5,
  } = readOptions(options, known, 'RcHeap');
  return {
    name: checkName(name),
    limitBytes: checkLimit(limitBytes, 'limitBytes'),
    automatic: checkFlag(automatic, 'automatic'),
    maxPauseMs: checkMilliseconds(maxPauseMs),
  };
}

/** A block that stands alone, without references: known by its identity, so that debug mode need not have it read each time. */
export const ALONE = Object.freeze({ alignment: 16, refs: 0, isolate: true });

/** The options of one allocation, which may be the alignment alone. */
export function readRcAllocOptions(
  how: number | RcAllocOptions | undefined,
): Required<Omit<RcAllocOptions, 'onDispose'>> & Pick<RcAllocOptions, 'onDispose'> {
  if (how === ALONE) return ALONE;
  if (typeof how !== 'object' || how === null)
    return { alignment: how === undefined ? 16 : checkAlignment(how), refs: 0, isolate: false };
  const known = ['alignment', 'refs', 'isolate', 'onDispose'] as const;
  const { alignment = 16, refs = 0, isolate = false, onDispose } = readOptions(how, known, 'alloc');
  if (onDispose !== undefined) checkFunction(onDispose, 'onDispose');
  return {
    alignment: checkAlignment(alignment),
    refs: checkRefs(refs),
    isolate: checkFlag(isolate, 'isolate'),
    ...(onDispose === undefined ? {} : { onDispose }),
  };
}

/** How many references: a whole number up to 2^28. */
export function checkRefs(value: unknown): number {
  const refs = checkSize(value, 'refs');
  if (refs <= 2 ** 28) return refs;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `refs must be at most 2^28, but is ${describe(value)}`,
  );
}

/** The nanoseconds of `{ maxPauseMs }`; 0 for no bound. */
export function readCollectOptions(options: CollectOptions | undefined): number {
  const { maxPauseMs = Infinity } = readOptions(options, ['maxPauseMs'], 'collect');
  return nanosecondsOf(checkMilliseconds(maxPauseMs));
}

/** Milliseconds as nanoseconds; 0 for Infinity. */
export function nanosecondsOf(milliseconds: number): number {
  return milliseconds === Infinity ? 0 : Math.max(1, Math.round(milliseconds * 1e6));
}

function checkMilliseconds(value: unknown): number {
  if (value === Infinity || (typeof value === 'number' && value >= 0 && value <= 1e9)) return value;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `maxPauseMs must be a number from 0 to 1e9, or Infinity, but is ${describe(value)}`,
  );
}
