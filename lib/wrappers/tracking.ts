import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { max } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { checkChoice, checkSize, wrongReceiverOf } from '../validate.ts';
import { Accounts } from './accounts.ts';
import { Layer, type Request, type WrapperStats } from './layer.ts';
import { type Leak, type LeakError, groupBySite, leakError } from './leaks.ts';
import { type WrapperOptions, checkAllocator, readWrapperOptions, settle } from './options.ts';
import { type BlockRecord, State } from './record.ts';
import { SizeHistogram, type SizeCount } from './size-histogram.ts';
import { Site } from './trace.ts';
import { Wrapper } from './wrapper.ts';

/** How a tracking allocator tracks. */
export interface TrackingOptions extends WrapperOptions {
  /** Frames of the stack that are kept of each allocation and each free; 0 for none. Default: 10. */
  readonly stackFrames?: number;
  /**
   * What dispose does about live blocks: throw a {@link LeakError}, emit it as a process warning, call a function with
   * it, or nothing. Default: `'throw'`.
   */
  readonly onLeak?: 'throw' | 'warn' | 'ignore' | ((error: LeakError) => void);
}

/** What a tracking allocator says of itself. Its `bytesUsed` and `bytesPeak` are bytes asked for, without padding. */
export interface TrackingStats extends WrapperStats {
  /** Live blocks. */
  readonly blocks: number;
  /** The most that `blocks` ever was. */
  readonly blocksPeak: number;
  /** Blocks handed out ever, those of `realloc` included. */
  readonly allocations: number;
  /** Their bytes. */
  readonly bytesTotal: number;
  /** Blocks that came back by `free`. */
  readonly frees: number;
  /** Blocks that `realloc` replaced. */
  readonly reallocations: number;
  /** Requests that failed. */
  readonly failures: number;
  /** How many blocks of which size were handed out. */
  readonly sizes: readonly SizeCount[];
}

const ON_LEAK = ['throw', 'warn', 'ignore'] as const;

/** How many records are kept before the first look for those that ended. */
const FIRST_SWEEP = 1024;

// eslint-disable-next-line @typescript-eslint/unbound-method -- only compared with what is on the stack
const { alloc, allocUnsafe, tryAlloc, realloc, free } = Wrapper.prototype;
const boundaries = { alloc, allocUnsafe, tryAlloc, realloc };

class TrackingLayer extends Layer {
  readonly kind = 'tracking';
  readonly #accounts = new Accounts();
  readonly #live = new Set<BlockRecord>();
  readonly #frames: number;
  readonly #onLeak: NonNullable<TrackingOptions['onLeak']>;
  readonly #sizes = new SizeHistogram();
  #sweepAt = FIRST_SWEEP;
  #bytesPeak = 0;
  #blocksPeak = 0;
  #allocations = 0;
  #bytesTotal = 0;
  #frees = 0;
  #reallocations = 0;
  #failures = 0;

  constructor(inner: Allocator, name: string, { stackFrames, onLeak }: TrackingOptions) {
    super(inner, name);
    this.#frames = stackFrames === undefined ? 10 : checkSize(stackFrames, 'stackFrames');
    this.#onLeak = typeof onLeak === 'function' ? onLeak : checkChoice(onLeak ?? 'throw', ON_LEAK, 'onLeak');
  }

  override granted(record: BlockRecord, block: Block, request: Request, replaced?: BlockRecord): void {
    if (replaced !== undefined) {
      this.#forget(replaced, realloc);
      this.#reallocations++;
    }
    if (this.#live.size >= this.#sweepAt) this.sweep();
    record.trace = { site: this.#site(boundaries[request]), end: undefined };
    this.#accounts.add(record, block);
    this.#live.add(record);
    this.#allocations++;
    this.#bytesTotal += record.bytes;
    this.#sizes.count(record.bytes);
    this.#bytesPeak = max(this.#bytesPeak, this.#accounts.bytes);
    this.#blocksPeak = max(this.#blocksPeak, this.#accounts.blocks);
  }

  override released(record: BlockRecord): void {
    const freed = record.state === State.FREED;
    if (freed) this.#frees++;
    this.#forget(record, freed ? free : undefined);
  }

  override failed(): void {
    this.#failures++;
  }

  override freedTwice({ bytes, trace, state }: BlockRecord): FreeholdError {
    const what = state === State.LEAVING ? 'is being freed' : 'was freed or reallocated before';
    const allocated = trace?.site === undefined ? '' : `\nallocated:\n${trace.site.toString()}`;
    const ended = trace?.end === undefined ? '' : `\nfreed or reallocated:\n${trace.end.toString()}`;
    return new FreeholdError(
      'ERR_FREEHOLD_DOUBLE_FREE',
      `this block of "${this.name}" (${bytes} bytes) ${what}${allocated}${ended}`,
    );
  }

  leaks(): Leak[] {
    this.sweep();
    return groupBySite(this.#live);
  }

  /** Forgets what ended without a word. */
  sweep(): void {
    if (this.#accounts.sweep()) {
      for (const record of this.#live) {
        if (record.account?.ended === true) this.#live.delete(record);
      }
    }
    this.#sweepAt = max(FIRST_SWEEP, this.#live.size * 2);
  }

  override ending(): (() => void) | undefined {
    const onLeak = this.#onLeak;
    if (onLeak === 'ignore') return undefined;
    const leaks = this.leaks(); // Now: when the inner allocator ends, all blocks do.
    if (leaks.length === 0) return undefined;
    return () => {
      const error = leakError(this.name, leaks);
      if (onLeak === 'throw') throw error;
      if (onLeak === 'warn') process.emitWarning(error);
      else onLeak(error);
    };
  }

  override ended(): void {
    this.#accounts.clear();
    this.#live.clear();
  }

  override stats(): TrackingStats {
    this.sweep();
    return {
      ...super.stats(),
      bytesUsed: this.#accounts.bytes,
      bytesPeak: this.#bytesPeak,
      blocks: this.#accounts.blocks,
      blocksPeak: this.#blocksPeak,
      allocations: this.#allocations,
      bytesTotal: this.#bytesTotal,
      frees: this.#frees,
      reallocations: this.#reallocations,
      failures: this.#failures,
      sizes: this.#sizes.counts(),
    };
  }

  override summary(): string {
    return `${this.#accounts.bytes} bytes in ${this.#accounts.blocks} block(s)`;
  }

  #forget(record: BlockRecord, boundary: (typeof boundaries)[Request] | typeof free | undefined): void {
    this.#accounts.remove(record);
    this.#live.delete(record);
    if (boundary !== undefined && record.trace !== null) record.trace.end = this.#site(boundary);
  }

  #site(boundary: (typeof boundaries)[Request] | typeof free): Site | undefined {
    return this.#frames === 0 ? undefined : new Site(this.#frames, boundary);
  }
}

/** An allocator that knows its live blocks and who allocated them; see {@link tracking}. */
export class TrackingAllocator extends Wrapper<TrackingStats> {
  readonly #tracker: TrackingLayer;

  /** The same as {@link tracking}. */
  constructor(inner: Allocator, options?: TrackingOptions) {
    checkAllocator(inner, 'what tracking() wraps');
    const own = readWrapperOptions(options, 'tracking', ['stackFrames', 'onLeak']);
    const { name, disposeInner } = settle('tracking', inner, own);
    const layer = new TrackingLayer(inner, name, own);
    super(layer, disposeInner);
    this.#tracker = layer;
  }

  /** The live blocks of this moment, by the place that allocated them, the most bytes first. */
  leaks(): Leak[] {
    if (typeof this !== 'object' || this === null || !(#tracker in this)) {
      throw wrongReceiverOf('TrackingAllocator', this);
    }
    return this.#tracker.leaks();
  }
}

/**
 * Knows every live block and where it was allocated, and says so: in `stats`, in `leaks`, in the error of a double free,
 * and when it is disposed with blocks that were not freed. For tests and for the hunt: an allocation and its free cost a
 * few microseconds, nearly all of it for stacks (`stackFrames: 0` leaves them out).
 *
 * Blocks that ended with their memory, by a reset for example, are no leaks.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import { Arena, tracking } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * using tracked = tracking(arena, { onLeak: ({ leaks }) => assert.equal(leaks[0].bytes, 100) });
 * const kept = tracked.alloc(100);
 * tracked.free(tracked.alloc(50));
 * assert.equal(tracked.stats().bytesPeak, 150);
 * assert.match(tracked.leaks()[0].site, /at /);
 * ```
 */
export function tracking(allocator: Allocator, options?: TrackingOptions): TrackingAllocator {
  return new TrackingAllocator(allocator, options);
}
