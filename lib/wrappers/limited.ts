import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { max } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { checkLimit, wrongReceiverOf } from '../validate.ts';
import { Accounts } from './accounts.ts';
import { Layer, type Request, type WrapperStats } from './layer.ts';
import { type WrapperOptions, checkAllocator, readWrapperOptions, settle } from './options.ts';
import type { BlockRecord } from './record.ts';
import { Wrapper } from './wrapper.ts';

/** What a limited allocator says of itself. Its `bytesUsed` and `bytesPeak` are bytes asked for, without padding. */
export interface LimitedStats extends WrapperStats {
  /** The most bytes that may be in use, or Infinity. */
  readonly bytesLimit: number;
  /** Live blocks. */
  readonly blocks: number;
}

class LimitLayer extends Layer {
  readonly kind = 'limited';
  readonly accounts = new Accounts();
  limit: number;
  peak = 0;
  // Bytes of requests that the inner allocator is at work on: a request that it makes of this one does not get them too.
  #underway = 0;

  constructor(inner: Allocator, name: string, limit: number) {
    super(inner, name);
    this.limit = limit;
  }

  get used(): number {
    return this.accounts.bytes + this.#underway;
  }

  override admits(_request: Request, size: number, replaced?: BlockRecord): boolean {
    const added = growth(size, replaced);
    if (added > this.limit - this.used && added > 0) {
      this.accounts.sweep();
      if (added > this.limit - this.used) return false;
    }
    this.#underway += added;
    return true;
  }

  override refusal(size: number): FreeholdError {
    return new FreeholdError(
      'ERR_FREEHOLD_LIMIT',
      `${size} bytes asked of "${this.name}", which may hand out ${this.limit} and has handed out ${this.used}; free something or raise its limit`,
    );
  }

  override failed(size: number, replaced?: BlockRecord): void {
    this.#underway -= growth(size, replaced);
  }

  override granted(record: BlockRecord, block: Block, _request: Request, replaced?: BlockRecord): void {
    this.#underway -= growth(record.bytes, replaced);
    if (replaced !== undefined) this.accounts.remove(replaced);
    this.accounts.add(record, block);
    this.peak = max(this.peak, this.used);
  }

  override released(record: BlockRecord): void {
    this.accounts.remove(record);
  }

  override ended(): void {
    this.accounts.clear();
  }

  override stats(): LimitedStats {
    this.accounts.sweep();
    const { peak: bytesPeak, limit: bytesLimit } = this;
    return { ...super.stats(), bytesUsed: this.used, bytesPeak, bytesLimit, blocks: this.accounts.blocks };
  }

  override summary(): string {
    return `${this.used} of ${this.limit} bytes`;
  }
}

/** What a request adds to the bytes in use before anything comes back. */
function growth(size: number, replaced: BlockRecord | undefined): number {
  return replaced === undefined ? size : max(0, size - replaced.bytes);
}

/** An allocator with a budget; see {@link limited}. */
export class LimitedAllocator extends Wrapper<LimitedStats> {
  readonly #budget: LimitLayer;

  /** The same as {@link limited}. */
  constructor(inner: Allocator, limitBytes: number, options?: WrapperOptions) {
    checkAllocator(inner, 'what limited() wraps');
    const limit = checkLimit(limitBytes, 'limit');
    const { name, disposeInner } = settle('limited', inner, readWrapperOptions(options, 'limited'));
    const layer = new LimitLayer(inner, name, limit);
    super(layer, disposeInner);
    this.#budget = layer;
  }

  /** The most bytes that may be in use, or Infinity. Lowering it ends no block. */
  get limit(): number {
    return LimitedAllocator.#budgetOf(this).limit;
  }

  set limit(bytes: number) {
    const layer = LimitedAllocator.#budgetOf(this);
    layer.limit = checkLimit(bytes, 'limit');
  }

  /** Bytes in use, as they were asked for. */
  get used(): number {
    const layer = LimitedAllocator.#budgetOf(this);
    layer.accounts.sweep();
    return layer.used;
  }

  /** Bytes that may still be asked for, or Infinity. The inner allocator may have fewer. */
  get remaining(): number {
    const layer = LimitedAllocator.#budgetOf(this);
    layer.accounts.sweep();
    return max(0, layer.limit - layer.used);
  }

  static #budgetOf(value: LimitedAllocator): LimitLayer {
    if (typeof value === 'object' && value !== null && #budget in value) return value.#budget;
    throw wrongReceiverOf('LimitedAllocator', value);
  }
}

/**
 * Lets at most `limitBytes` of what it hands out be in use at a time: bytes as they were asked for, without padding, and
 * exactly. More is refused with `ERR_FREEHOLD_LIMIT` (`tryAlloc` gives null) before the inner allocator hears of it.
 *
 * Several limited allocators over one parent share the parent's memory, and its budget when it is limited itself.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no allocator, `ERR_FREEHOLD_INVALID_SIZE` for what is no size.
 *
 * @example
 * ```ts
 * import { Arena, limited } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const tenant = limited(arena, 1 << 20);
 * const upload = limited(tenant, 64 << 10);
 * {
 *   using block = upload.alloc(1000);
 *   assert.equal(upload.remaining, 64_536);
 *   assert.equal(tenant.used, 1000);
 * }
 * assert.equal(tenant.used, 0);
 * assert.equal(upload.tryAlloc(1 << 17), null);
 * ```
 */
export function limited(
  allocator: Allocator,
  limitBytes: number,
  options?: WrapperOptions,
): LimitedAllocator {
  return new LimitedAllocator(allocator, limitBytes, options);
}
