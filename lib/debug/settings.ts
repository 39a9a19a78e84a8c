import { FreeholdError } from '../errors.ts';
import { checkChoice, checkFlag, checkLimit, checkSize, describe, readOptions } from '../validate.ts';
import type { LeakReport } from './leaks.ts';

/** How debug mode works. Everything has a default; see {@link configure}. */
export interface DebugOptions {
  /** Frames of the stack that are kept of each allocation and each free, 0 to 100. 0 costs least and says least. Default: 10. */
  stackFrames?: number;
  /**
   * Whether the stacks of a freed block are kept as long as the program holds a view of it, for the report of a late second
   * free. With false, only while the block is in quarantine. Default: true.
   */
  retainMetadata?: boolean;
  /** The most bytes of freed blocks that are kept from use, to find who writes to them. Default: 16 MiB. */
  quarantineBytes?: number;
  /** Whether `allocUnsafe` fills new blocks with 0xAA, and freed ones are filled with 0xDD. Default: true. */
  poison?: boolean;
  /**
   * Inaccessible pages around blocks: a native touch beyond a block, or of a freed one, ends the process with a report. `'all'`:
   * around each; `'sampled'`: around one of {@link DebugOptions.sampleEvery}, and nothing else is recorded, which production can
   * afford; `'none'`. Default: `'none'`.
   */
  guard?: 'none' | 'sampled' | 'all';
  /**
   * With `guard: 'all'`, whether blocks end at the inaccessible page behind them or begin at the one before: there a touch is
   * found at once; on the other side, within a page, when the block is freed. Default: `'rear'`.
   */
  guardSide?: 'rear' | 'front';
  /**
   * Which allocations are recorded: all, or one of {@link DebugOptions.sampleEvery}, for a profile that production can afford.
   * Guards of samples record only those. Default: `'all'`.
   */
  record?: 'all' | 'sampled';
  /** One of how many allocations is a sample, on average. Default: 5,000 for guards, 20,000 for `record: 'sampled'`. */
  sampleEvery?: number;
  /** With `guard: 'sampled'`, how many blocks may be guarded at a time. Default: 16. */
  sampleSlots?: number;
  /**
   * Whether {@link heapProfile} is to know of each place what it has ever allocated, not only what lives: 3 us for each recorded
   * block. Always so for samples. Default: false.
   */
  profile?: boolean;
  /** The most bytes of recorded blocks that may live at a time; more throws `ERR_FREEHOLD_LIMIT`. Default: Infinity. */
  memoryLimit?: number;
  /**
   * What is done about a fault: throw the error where it was found, print it and abort, or call a function with it, after which
   * the faulty call does nothing. Default: `'throw'`.
   */
  onError?: 'throw' | 'abort' | ((error: FreeholdError) => void);
  /**
   * What is done about leaks: blocks of a heap or pool that is disposed or dropped, and all that live when the process, or the
   * worker, ends. Print a line for each site, or whole stacks, nothing, or call a function. Default: `'lines'`.
   */
  onLeak?: 'lines' | 'stacks' | 'ignore' | ((report: LeakReport) => void);
  /** The exit code when there are live blocks at the end and it would be 0 otherwise. Default: 0. */
  leakExitCode?: number;
}

/** Options that were read and checked. */
export type DebugSettings = Readonly<Required<DebugOptions>>;

const KNOWN = [
  'stackFrames',
  'retainMetadata',
  'quarantineBytes',
  'poison',
  'guard',
  'guardSide',
  'record',
  'sampleEvery',
  'profile',
  'sampleSlots',
  'memoryLimit',
  'onError',
  'onLeak',
  'leakExitCode',
] as const;
const GUARDS = ['none', 'sampled', 'all'] as const;
const SIDES = ['rear', 'front'] as const;
const RECORDS = ['all', 'sampled'] as const;
const ON_ERROR = ['throw', 'abort'] as const;
const ON_LEAK = ['lines', 'stacks', 'ignore'] as const;

/** What holds when nothing else is said. */
export const DEFAULTS: DebugSettings = {
  stackFrames: 10,
  retainMetadata: true,
  quarantineBytes: 16 * 1024 * 1024,
  poison: true,
  guard: 'none',
  guardSide: 'rear',
  record: 'all',
  sampleEvery: 0, // by what is sampled
  profile: false,
  sampleSlots: 16,
  memoryLimit: Infinity,
  onError: 'throw',
  onLeak: 'lines',
  leakExitCode: 0,
};

/** One of how many allocations is recorded. */
export function intervalOf({ guard, record, sampleEvery }: DebugSettings): number {
  if (guard === 'sampled') return sampleEvery === 0 ? 5000 : sampleEvery;
  if (record === 'sampled') return sampleEvery === 0 ? 20_000 : sampleEvery;
  return 1;
}

/** Options over what holds now. */
export function readDebugOptions(options: DebugOptions | boolean, now: DebugSettings): DebugSettings {
  if (typeof options === 'boolean') return now;
  const read = { ...now, ...definedIn(readOptions(options, KNOWN, 'debug')) };
  const { onError, onLeak } = read;
  return {
    stackFrames: checkAtMost(read.stackFrames, 100, 'stackFrames'),
    retainMetadata: checkFlag(read.retainMetadata, 'retainMetadata'),
    quarantineBytes: checkSize(read.quarantineBytes, 'quarantineBytes'),
    poison: checkFlag(read.poison, 'poison'),
    guard: checkChoice(read.guard, GUARDS, 'guard'),
    guardSide: checkChoice(read.guardSide, SIDES, 'guardSide'),
    record: checkChoice(read.record, RECORDS, 'record'),
    profile: checkFlag(read.profile, 'profile'),
    sampleEvery:
      read.sampleEvery === 0 && options.sampleEvery === undefined
        ? 0
        : checkPositive(read.sampleEvery, 2 ** 30, 'sampleEvery'),
    sampleSlots: checkPositive(read.sampleSlots, 4096, 'sampleSlots'),
    memoryLimit: checkLimit(read.memoryLimit, 'memoryLimit'),
    onError: typeof onError === 'function' ? onError : checkChoice(onError, ON_ERROR, 'onError'),
    onLeak: typeof onLeak === 'function' ? onLeak : checkChoice(onLeak, ON_LEAK, 'onLeak'),
    leakExitCode: checkAtMost(read.leakExitCode, 255, 'leakExitCode'),
  };
}

/** An option that is there, but undefined, stays as it is. */
function definedIn(options: DebugOptions): Partial<DebugSettings> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function checkAtMost(value: unknown, most: number, what: string): number {
  const size = checkSize(value, what);
  if (size <= most) return size;
  throw outOfRange(value, `0 to ${most}`, what);
}

function checkPositive(value: unknown, most: number, what: string): number {
  const size = checkSize(value, what);
  if (size >= 1 && size <= most) return size;
  throw outOfRange(value, `1 to ${most}`, what);
}

function outOfRange(value: unknown, range: string, what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${what} must be ${range}, but is ${describe(value)}`,
  );
}
