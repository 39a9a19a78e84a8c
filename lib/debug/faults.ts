import { FreeholdError, type FreeholdErrorCode } from '../errors.ts';
import { type BlockRecord, Fate } from './record.ts';
import type { Site } from './site.ts';
import type { KnownSite } from './sites.ts';
import { NOWHERE, intern } from './sites.ts';

/**
 * A mistake of the program that debug mode has found, with what is known of the block.
 *
 * @example
 * ```ts
 * import { FaultError, Heap, configure } from 'freehold';
 * import assert from 'node:assert';
 *
 * configure({ debug: true });
 * using heap = new Heap();
 * const block = heap.alloc(64);
 * heap.free(block);
 * assert.throws(
 *   () => heap.free(block),
 *   (error) => error instanceof FaultError && error.bytes === 64 && /at /.test(error.freed),
 * );
 * ```
 */
export class FaultError extends FreeholdError {
  /** The size of the block in bytes. */
  readonly bytes: number;
  /** The stack that allocated it, one frame to a line. */
  readonly allocated: string;
  /** The stack that freed it, or ended it otherwise; empty for a block that lives. */
  readonly freed: string;

  constructor(code: FreeholdErrorCode, message: string, record: BlockRecord, cause?: unknown) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.bytes = record.bytes;
    this.allocated = textOf(record.site);
    this.freed = record.fate === Fate.LIVE ? '' : textOf(record.end);
  }
}

const ENDS = {
  [Fate.LIVE]: 'lives',
  [Fate.FREED]: 'was freed before',
  [Fate.MOVED]: 'was replaced by realloc() before',
  [Fate.ENDED]: 'ended with a reset, rewind or dispose of its allocator',
  [Fate.ORPHANED]: 'was left to the garbage collector',
  [Fate.TRANSFERRED]: 'is not the allocator’s any more: the program has transferred its buffer',
};

/** A second free. */
export function freedTwice(record: BlockRecord, again: Site | null): FaultError {
  const code =
    record.fate === Fate.FREED || record.fate === Fate.MOVED
      ? 'ERR_FREEHOLD_DOUBLE_FREE'
      : 'ERR_FREEHOLD_USE_AFTER_FREE';
  const stacks = `${history(record).replace('\nfreed:\n', '\nfreed first:\n')}\nfreed again:\n${textOf(again)}`;
  return new FaultError(code, `${subject(record)} ${ENDS[record.fate]}${stacks}`, record);
}

/** A use of a block whose life is over. */
export function usedAfter(record: BlockRecord, action: string): FaultError {
  return new FaultError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${action} of ${subject(record, 'a')}, which ${ENDS[record.fate]}${history(record)}`,
    record,
  );
}

/** A block that was given to an allocator it is not from. */
export function wrongAllocator(record: BlockRecord, given: string): FaultError {
  return new FaultError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${subject(record)} was given to ${given}; free it with the allocator it is from${history(record)}`,
    record,
  );
}

/** A view that does not begin where its block does. */
export function interior(record: BlockRecord, distance: number): FaultError {
  return new FaultError(
    'ERR_FREEHOLD_INVALID_FREE',
    `this view begins ${distance} bytes from the beginning of ${subject(record, 'a')}; free the block, or a view that begins where it begins${history(record)}`,
    record,
  );
}

/** Bytes beside a live block that somebody has changed. */
export function overrun(record: BlockRecord, distance: number): FaultError {
  return new FaultError(
    'ERR_FREEHOLD_CORRUPTION',
    `${beside(record, distance)} was written to while it lived: ${distance < 0 ? 'an underflow' : 'an overflow'} by native code, or through the block's buffer${history(record)}`,
    record,
  );
}

/** Bytes of a freed block that somebody has changed. */
export function writtenAfter(record: BlockRecord, distance: number): FaultError {
  const where =
    distance >= 0 && distance < record.bytes
      ? `byte ${distance} of ${subject(record, 'a')}`
      : beside(record, distance);
  return new FaultError(
    'ERR_FREEHOLD_CORRUPTION',
    `${where} was written to after the block ${record.fate === Fate.FREED ? 'was freed' : ENDS[record.fate]}: by native code that still had its address${history(record)}`,
    record,
  );
}

/** A block whose buffer the program has moved elsewhere. */
export function transferred(record: BlockRecord): FaultError {
  return new FaultError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${subject(record)} ${ENDS[Fate.TRANSFERRED]}: whoever received it holds it${history(record)}`,
    record,
  );
}

/** What an allocator found by itself, with the history of the block. */
export function told(error: FreeholdError, record: BlockRecord): FaultError {
  return new FaultError(error.code, `${error.message}${history(record)}`, record, error);
}

function subject({ bytes, ledger }: BlockRecord, article = 'this'): string {
  return `${article} block (${bytes} bytes, ${ledger.label})`;
}

/** How `util.inspect` shows a dead block. */
export function deadText(record: BlockRecord): string {
  return `<Block of ${record.bytes} bytes of ${record.ledger.label}, which ${ENDS[record.fate]}>`;
}

function beside(record: BlockRecord, distance: number): string {
  const [bytes, side] =
    distance < 0 ? [-distance, 'before'] : [distance - record.bytes + 1, 'behind the end of'];
  return `byte ${bytes} ${side} ${subject(record, 'a')}`;
}

const END_TITLES = {
  [Fate.LIVE]: '',
  [Fate.FREED]: 'freed',
  [Fate.MOVED]: 'reallocated',
  [Fate.ENDED]: 'ended',
  [Fate.ORPHANED]: 'left to the collector',
  [Fate.TRANSFERRED]: 'found transferred',
};

function history({ site, end, fate }: BlockRecord): string {
  const allocated = site === null ? '' : `\nallocated:\n${textOf(site)}`;
  const ended = end === null || fate === Fate.LIVE ? '' : `\n${END_TITLES[fate]}:\n${textOf(end)}`;
  return allocated + ended;
}

function textOf(site: Site | KnownSite | null): string {
  const known = intern(site);
  return known === NOWHERE ? '    (no stack: stackFrames is 0)' : known.toString();
}
