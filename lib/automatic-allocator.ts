import { inspect } from 'node:util';

import type { AllocatorStats } from './allocator.ts';
import { BlockAllocator } from './block-allocator.ts';
import type { Block } from './block.ts';
import { byteLengthOf, max } from './captured.ts';
import { Stamped, setViewOwner } from './exposure.ts';
import * as errors from './rc-errors.ts';
import { RcHeap } from './rc-heap.ts';
import type { RcAllocOptions } from './rc-options.ts';
import { type Rc, isRc, rcOf, tallyOf } from './rc.ts';
import { FreeholdError } from './errors.ts';
import { type TypedArray, type TypedArrayConstructor } from './typed-arrays.ts';
import { describe, disposedOf, wrongReceiverOf } from './validate.ts';

/** Which scope releases a block. */
class ScopeOf extends Stamped<Rc> {
  #scope: AutomaticAllocator | undefined;

  constructor(rc: Rc, scope: AutomaticAllocator | undefined) {
    super(rc);
    this.#scope = scope;
  }

  static of(value: object): AutomaticAllocator | undefined {
    return #scope in value ? value.#scope : undefined;
  }

  static set(rc: Rc, scope: AutomaticAllocator | undefined): void {
    if (#scope in rc) rc.#scope = scope;
    else new ScopeOf(rc, scope);
  }
}

/** The open scope that a block belongs to. */
export function scopeOf(value: unknown): AutomaticAllocator | undefined {
  return typeof value === 'object' && value !== null ? ScopeOf.of(value) : undefined;
}

/** Makes a scope release a block that the caller owns. */
export let takeOver: (scope: AutomaticAllocator, block: Rc) => void;
/** What a scope was told to keep. */
export let keptBy: (scope: AutomaticAllocator) => readonly Rc[];

/**
 * An allocator over a reference-counted heap that releases, when it is disposed, every block that it has handed out and that
 * was neither released before nor kept. Blocks that others refer to live on.
 *
 * @example
 * ```ts
 * import { AutomaticAllocator, RcHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new RcHeap();
 * {
 *   using memory = new AutomaticAllocator(heap);
 *   memory.string('a line');
 *   memory.array(Float64Array, 100);
 * }
 * assert.equal(heap.stats().blocks, 0);
 * ```
 */
export class AutomaticAllocator extends BlockAllocator {
  readonly #heap: RcHeap;
  // How long each was: a block of its own pages has no length any more when it is released.
  readonly #blocks = new Map<Rc, number>();
  readonly #kept = new Set<Rc>();
  #used = 0;
  #peak = 0;
  #disposed = false;
  // While the scope releases its blocks: wrappers of it give them back by free().
  #ending = false;

  /**
   * A scope over `heap`, which stays the caller's.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no RcHeap.
   */
  constructor(heap: RcHeap) {
    super();
    if (!(heap instanceof RcHeap)) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        `heap must be an RcHeap, but is ${describe(heap)}`,
      );
    }
    this.#heap = heap;
  }

  /** The name of the heap. */
  get name(): string {
    return AutomaticAllocator.#checked(this).#heap.name;
  }

  /** The heap that its blocks are from. */
  get heap(): RcHeap {
    return AutomaticAllocator.#checked(this).#heap;
  }

  /** Whether the scope has ended. */
  get disposed(): boolean {
    return AutomaticAllocator.#checked(this).#disposed;
  }

  /** A block of zeroed bytes, which this scope releases at its end. Throws as {@link RcHeap.alloc}. */
  alloc(byteLength: number, how?: number | RcAllocOptions): Rc {
    const scope = AutomaticAllocator.#open(this);
    return scope.#take(scope.#heap.alloc(byteLength, how));
  }

  /** Like {@link AutomaticAllocator.alloc} without zeroing. */
  allocUnsafe(byteLength: number, how?: number | RcAllocOptions): Rc {
    const scope = AutomaticAllocator.#open(this);
    return scope.#take(scope.#heap.allocUnsafe(byteLength, how));
  }

  /** Like {@link AutomaticAllocator.alloc}, but null when there is no memory or the limit is reached. */
  tryAlloc(byteLength: number, how?: number | RcAllocOptions): Rc | null {
    const scope = AutomaticAllocator.#open(this);
    const rc = scope.#heap.tryAlloc(byteLength, how);
    return rc === null ? null : scope.#take(rc);
  }

  /** A zeroed typed array of `length` elements, which this scope releases at its end. */
  override array<C extends TypedArrayConstructor>(constructor: C, length: number): TypedArray<C> {
    const scope = AutomaticAllocator.#open(this);
    const array = scope.#heap.array(constructor, length);
    const rc = rcOf(array);
    if (rc !== undefined) scope.#take(rc);
    return array;
  }

  /** The block at another size. Throws as {@link RcHeap.realloc}. */
  realloc(block: Block, byteLength: number): Rc {
    const scope = AutomaticAllocator.#open(this);
    const rc = scope.#own(block);
    const grown = scope.#heap.realloc(block, byteLength);
    scope.#forget(rc);
    return scope.#take(grown);
  }

  /** Releases a block of this scope now. Throws as {@link RcHeap.free}. */
  free(block: ArrayBufferView): void {
    const scope = AutomaticAllocator.#checked(this);
    if (!scope.#ending) AutomaticAllocator.#open(scope);
    const rc = scope.#own(block);
    scope.#heap.free(block);
    if (tallyOf(rc)?.handles === 0) scope.#forget(rc);
  }

  /** Whether a view lies in a block of the heap that lives. */
  owns(view: ArrayBufferView): boolean {
    return AutomaticAllocator.#checked(this).#heap.owns(view);
  }

  /** An `Rc` for a handle, which this scope takes over from the caller. Throws as {@link RcHeap.adopt}. */
  adopt(handle: number): Rc {
    const scope = AutomaticAllocator.#open(this);
    return scope.#take(scope.#heap.adopt(handle));
  }

  /** Leaves a block of this scope to the caller, who releases it. */
  keep<T extends Rc>(block: T): T {
    const scope = AutomaticAllocator.#open(this);
    scope.#own(block);
    scope.#forget(block);
    scope.#kept.add(block);
    return block;
  }

  /** Figures of this moment: of the blocks that the scope would release. */
  stats(): AllocatorStats & { readonly blocks: number } {
    const scope = AutomaticAllocator.#checked(this);
    for (const rc of scope.#blocks.keys()) if (tallyOf(rc)?.handles === 0) scope.#forget(rc);
    return {
      kind: 'automatic',
      name: scope.#heap.name,
      bytesUsed: scope.#used,
      bytesReserved: scope.#used,
      bytesPeak: scope.#peak,
      blocks: scope.#blocks.size,
    };
  }

  /** Releases what was not released or kept, the newest first. Further calls do nothing. Throws what callbacks throw, when all is done. */
  dispose(): void {
    const scope = AutomaticAllocator.#checked(this);
    if (scope.#disposed) return;
    scope.#disposed = scope.#ending = true;
    const failures: unknown[] = [];
    for (const rc of [...scope.#blocks.keys()].reverse()) {
      try {
        rc[Symbol.dispose]();
      } catch (error) {
        failures.push(error);
      }
      scope.#forget(rc);
    }
    scope.#ending = false;
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} releases have thrown`);
  }

  /** The same as {@link AutomaticAllocator.dispose}. */
  [Symbol.dispose](): void {
    AutomaticAllocator.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): AllocatorStats {
    return AutomaticAllocator.#checked(this).stats();
  }

  [inspect.custom](): string {
    const { name, bytesUsed, blocks } = AutomaticAllocator.#checked(this).stats();
    const state = this.#disposed ? 'disposed' : `${bytesUsed} bytes in ${blocks} block(s)`;
    return `AutomaticAllocator(${name}) { ${state} }`;
  }

  static {
    takeOver = (scope, block) => {
      scope.#take(block);
    };
    keptBy = (scope) => [...scope.#kept];
  }

  static #checked(value: AutomaticAllocator): AutomaticAllocator {
    if (typeof value === 'object' && value !== null && #heap in value) return value;
    throw wrongReceiverOf('AutomaticAllocator', value);
  }

  static #open(value: AutomaticAllocator): AutomaticAllocator {
    const scope = AutomaticAllocator.#checked(value);
    if (scope.#disposed) throw disposedOf(`automatic allocator "${scope.#heap.name}"`);
    return scope;
  }

  /** The block of this scope that a view stands for. */
  #own(view: ArrayBufferView): Rc {
    const rc = isRc(view) ? view : rcOf(view);
    if (rc === undefined || !this.#blocks.has(rc)) {
      const tally = tallyOf(rc);
      const freed = tally?.heap === this.#heap && tally.handles === 0;
      throw freed ? errors.releasedBefore(this.#heap.label) : errors.notABlock(this.#heap.label, view);
    }
    return rc;
  }

  #take<T extends Rc>(block: T): T {
    const bytes = byteLengthOf(block);
    this.#blocks.set(block, bytes);
    this.#used += bytes;
    this.#peak = max(this.#peak, this.#used);
    ScopeOf.set(block, this);
    setViewOwner(block, this);
    return block;
  }

  #forget(rc: Rc): void {
    const bytes = this.#blocks.get(rc);
    if (bytes === undefined) return;
    this.#blocks.delete(rc);
    this.#used -= bytes;
    ScopeOf.set(rc, undefined);
    setViewOwner(rc, undefined);
  }
}
