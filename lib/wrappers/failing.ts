import type { Allocator } from '../allocator.ts';
import { FreeholdError } from '../errors.ts';
import { checkFlag, checkSize, wrongReceiverOf } from '../validate.ts';
import { Layer, type Request, type WrapperStats } from './layer.ts';
import { type WrapperOptions, checkAllocator, readWrapperOptions, settle } from './options.ts';
import { Wrapper } from './wrapper.ts';

/** Which requests fail: those that any of the rules names. Requests are `alloc`, `allocUnsafe`, `tryAlloc`, `realloc`. */
export interface FailingOptions extends WrapperOptions {
  /** The request with this index, from 0. */
  readonly failAt?: number;
  /** Each request whose number, from 1, is a multiple of this. */
  readonly every?: number;
  /** Each request for more bytes than this. */
  readonly above?: number;
  /** Only the first of these requests, until `reset`. Default: false. */
  readonly once?: boolean;
}

/** A failure that a failing allocator made. */
export interface InducedFailure {
  /** The index of the request, from 0. */
  readonly request: number;
  /** What asked. */
  readonly operation: Request;
  /** How many bytes it asked for. */
  readonly byteLength: number;
  /** What was thrown (`tryAlloc` gave null instead). Its stack leads to where the request came from. */
  readonly error: FreeholdError;
}

/** What a failing allocator says of itself. */
export interface FailingStats extends WrapperStats {
  /** Requests since it was made or reset. */
  readonly requests: number;
  /** How many of them it let fail. */
  readonly failures: number;
}

/** The most failures that are kept with their stacks. */
const MAX_KEPT = 1000;

class FailureLayer extends Layer {
  readonly kind = 'failing';
  readonly failAt: number;
  readonly every: number;
  readonly above: number;
  readonly once: boolean;
  requests = 0;
  failures = 0;
  induced: InducedFailure[] = [];
  #latest: FreeholdError | undefined;

  constructor(inner: Allocator, name: string, options: FailingOptions) {
    super(inner, name);
    this.failAt = options.failAt === undefined ? -1 : checkSize(options.failAt, 'failAt');
    this.every = options.every === undefined ? Infinity : checkSize(options.every, 'every');
    this.above = options.above === undefined ? Infinity : checkSize(options.above, 'above');
    this.once = checkFlag(options.once ?? false, 'once');
    if (this.every === 0) {
      throw new FreeholdError('ERR_FREEHOLD_INVALID_ARGUMENT', 'every must be at least 1, but is 0');
    }
  }

  override admits(operation: Request, byteLength: number): boolean {
    const request = this.requests++;
    const hit = request === this.failAt || (request + 1) % this.every === 0 || byteLength > this.above;
    if (!hit || (this.once && this.failures > 0)) return true;
    this.failures++;
    const error = new FreeholdError(
      'ERR_FREEHOLD_OUT_OF_MEMORY',
      `"${this.name}" lets request ${request} fail (${operation} of ${byteLength} bytes): an induced failure, there may be memory`,
    );
    this.#latest = error;
    if (this.induced.length < MAX_KEPT) this.induced.push({ request, operation, byteLength, error });
    return false;
  }

  override refusal(size: number): FreeholdError {
    return this.#latest ?? super.refusal(size);
  }

  reset(): void {
    this.requests = this.failures = 0;
    this.induced = [];
    this.#latest = undefined;
  }

  override stats(): FailingStats {
    return { ...super.stats(), requests: this.requests, failures: this.failures };
  }

  override summary(): string {
    return `${this.failures} of ${this.requests} requests failed`;
  }
}

/** An allocator that fails when it is told to; see {@link failing}. */
export class FailingAllocator extends Wrapper<FailingStats> {
  readonly #failures: FailureLayer;

  /** The same as {@link failing}. */
  constructor(inner: Allocator, options?: FailingOptions) {
    checkAllocator(inner, 'what failing() wraps');
    const own = readWrapperOptions(options, 'failing', ['failAt', 'every', 'above', 'once']);
    const { name, disposeInner } = settle('failing', inner, own);
    const layer = new FailureLayer(inner, name, own);
    super(layer, disposeInner);
    this.#failures = layer;
  }

  /** Requests since it was made or reset, those that failed included. */
  get requests(): number {
    return FailingAllocator.#layerOf(this).requests;
  }

  /** The failures since it was made or reset, oldest first: the first 1,000, and in `stats` how many there were. */
  get induced(): readonly InducedFailure[] {
    return FailingAllocator.#layerOf(this).induced;
  }

  /** Counts from 0 again, and forgets the failures. */
  reset(): void {
    FailingAllocator.#layerOf(this).reset();
  }

  static #layerOf(value: FailingAllocator): FailureLayer {
    if (typeof value === 'object' && value !== null && #failures in value) return value.#failures;
    throw wrongReceiverOf('FailingAllocator', value);
  }
}

/**
 * Lets requests fail on purpose, with `ERR_FREEHOLD_OUT_OF_MEMORY` (`tryAlloc` gives null), to see what a program does
 * when memory runs out. The inner allocator does not hear of them. {@link checkAllAllocationFailures} tries every request.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` or `ERR_FREEHOLD_INVALID_SIZE` for options that make no sense.
 *
 * @example
 * ```ts
 * import { Arena, failing } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const unlucky = failing(arena, { failAt: 1 });
 * unlucky.alloc(64);
 * assert.throws(() => unlucky.alloc(64), { code: 'ERR_FREEHOLD_OUT_OF_MEMORY' });
 * unlucky.alloc(64);
 * assert.equal(unlucky.induced[0].request, 1);
 * ```
 */
export function failing(allocator: Allocator, options?: FailingOptions): FailingAllocator {
  return new FailingAllocator(allocator, options);
}
