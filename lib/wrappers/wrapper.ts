import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { BlockAllocator } from '../block-allocator.ts';
import { Block } from '../block.ts';
import { bufferOf, byteOffsetOf } from '../captured.ts';
import { setViewOwner, viewOwnerOf } from '../exposure.ts';
import type { Pin } from '../pin.ts';
import { type TypedArray, type TypedArrayConstructor, checkTypedArrayConstructor } from '../typed-arrays.ts';
import { checkAlignment, checkSize, wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { garbage, isBlockOf } from './inner-result.ts';
import { Layer, type Request, type WrapperStats } from './layer.ts';
import { type BlockRecord, State, blockOf, enter, linkArray, lose, recordOf, serialNow } from './record.ts';

/**
 * An allocator that passes requests on to another and adds something on the way: the base of what {@link limited},
 * {@link failing}, {@link fallback}, {@link tracking} and {@link logging} make. Wrappers nest in any order, over
 * allocators of this package and over any other {@link Allocator}.
 *
 * A block that came through wrappers goes back through all of them, the outermost first: `using`,
 * `block[Symbol.dispose]()` and `block.allocator.free(block)` see to that. Memory that ends behind a wrapper's back is not
 * counted for ever: when its ArrayBuffer is detached (a reset, a rewind, a dispose), or when the same Block is handed out
 * anew. But a wrapper does not hear of a block that is given to an inner allocator directly, nor of an end that
 * leaves views attached (reset mode `'reuse'`): it counts such a block as live.
 *
 * A wrapper does not own what it wraps, which others may use too: after dispose it hands out nothing more, but what it
 * handed out stays valid and is still freed through it. With the option `disposeInner` it owns what it wraps, and dispose
 * ends both.
 */
export class Wrapper<Stats extends WrapperStats = WrapperStats> extends BlockAllocator {
  readonly #layer: Layer;
  readonly #disposesInner: boolean;
  #disposed = false;

  /** @internal */
  constructor(layer: Layer, disposesInner: boolean) {
    super();
    if (!(layer instanceof Layer)) throw errors.notALayer(layer);
    this.#layer = layer;
    this.#disposesInner = disposesInner;
  }

  /** The name given to the wrapper; its kind and the name of what it wraps when none was. */
  get name(): string {
    return Wrapper.#checked(this).name;
  }

  /** Whether the wrapper was disposed. */
  get disposed(): boolean {
    Wrapper.#checked(this);
    return this.#disposed;
  }

  /**
   * A block of `byteLength` zeroed bytes at a multiple of `alignment`, from the inner allocator.
   *
   * @throws as the inner allocator and this wrapper do, and `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength: number, alignment?: number): Block {
    const layer = Wrapper.#live(this);
    const size = checkRequest(byteLength, alignment);
    if (!layer.admits('alloc', size)) throw layer.refusal(size);
    const since = serialNow();
    let block: unknown;
    try {
      block = layer.alloc(size, alignment);
      if (!isBlockOf(block, size)) throw garbage(layer, 'alloc', size, block);
    } catch (error) {
      layer.failed(size);
      throw error;
    }
    return this.#handOut(block, size, since, 'alloc');
  }

  /** The same without zeroing. */
  allocUnsafe(byteLength: number, alignment?: number): Block {
    const layer = Wrapper.#live(this);
    const size = checkRequest(byteLength, alignment);
    if (!layer.admits('allocUnsafe', size)) throw layer.refusal(size);
    const since = serialNow();
    let block: unknown;
    try {
      block = layer.allocUnsafe(size, alignment);
      if (!isBlockOf(block, size)) throw garbage(layer, 'allocUnsafe', size, block);
    } catch (error) {
      layer.failed(size);
      throw error;
    }
    return this.#handOut(block, size, since, 'allocUnsafe');
  }

  /** Like {@link Wrapper.alloc}, but null where that throws that there is no memory, or no more allowed. */
  tryAlloc(byteLength: number, alignment?: number): Block | null {
    const layer = Wrapper.#live(this);
    const size = checkRequest(byteLength, alignment);
    if (!layer.admits('tryAlloc', size)) return null;
    const since = serialNow();
    let block: unknown;
    try {
      block = layer.tryAlloc(size, alignment);
      if (block !== null && !isBlockOf(block, size)) throw garbage(layer, 'tryAlloc', size, block);
    } catch (error) {
      layer.failed(size);
      throw error;
    }
    if (block === null) {
      layer.failed(size);
      return null;
    }
    return this.#handOut(block, size, since, 'tryAlloc');
  }

  /**
   * A block of `byteLength` bytes that begins with the bytes of `block`; what is added is zeroed. `block` must not be
   * used any more.
   *
   * @throws as {@link Wrapper.alloc} (then `block` is as it was), and as {@link Wrapper.free}.
   */
  realloc(block: Block, byteLength: number): Block {
    const layer = Wrapper.#live(this);
    const size = checkSize(byteLength);
    const record = checkLive(layer, block, recordOf(block, layer));
    if (blockOf(block) !== block) throw errors.notABlock(layer.name);
    if (!layer.admits('realloc', size, record)) throw layer.refusal(size);
    const owner = viewOwnerOf(block);
    leave(block, record);
    const since = serialNow();
    let moved: unknown;
    try {
      moved = layer.realloc(block, size, record);
      if (!isBlockOf(moved, size)) throw garbage(layer, 'realloc', size, moved);
    } catch (error) {
      layer.failed(size, record);
      stay(block, record, owner, error);
      throw error;
    }
    record.state = State.FREED;
    return this.#handOut(moved, size, since, 'realloc', record);
  }

  /**
   * Gives a block back, or the typed array that `array` made.
   *
   * @throws `ERR_FREEHOLD_INVALID_FREE` for what this wrapper did not hand out, `ERR_FREEHOLD_DOUBLE_FREE` for what came
   * back before, and as the inner allocator does; then the block is as it was.
   */
  free(block: ArrayBufferView): void {
    const layer = Wrapper.#forReturns(this);
    const found = recordOf(block, layer);
    if (found === undefined && layer.freeUnknown(block)) return;
    const record = checkLive(layer, block, found);
    const target = blockOf(block);
    const owner = viewOwnerOf(target);
    leave(target, record);
    try {
      layer.free(target, record);
    } catch (error) {
      stay(target, record, owner, error);
      throw error;
    }
    record.state = State.FREED;
    layer.released(record);
  }

  /** A zeroed typed array of `length` elements, which the wrapper owns as it owns its blocks. */
  override array<C extends TypedArrayConstructor>(constructor: C, length: number): TypedArray<C> {
    Wrapper.#live(this);
    checkTypedArrayConstructor(constructor);
    const elementBytes = constructor.BYTES_PER_ELEMENT;
    const block = this.alloc(checkSize(checkSize(length, 'length') * elementBytes, 'length in bytes'));
    const buffer = bufferOf(block) as ArrayBuffer;
    try {
      const array = new constructor(buffer, byteOffsetOf(block), length) as TypedArray<C>;
      linkArray(array, this, block);
      return array;
    } catch (error) {
      this.free(block); // An allocator that is not ours may align to less than an element.
      throw error;
    }
  }

  /**
   * Holds a block's memory until the pin, which the caller owns, is released; see {@link Pin}.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when the inner allocator has no pins, and as {@link Wrapper.free} for what is
   * no live block.
   */
  pin(block: Block): Pin {
    const layer = Wrapper.#forReturns(this);
    return layer.pin(blockOf(block), checkLive(layer, block, recordOf(block, layer)));
  }

  /**
   * Whether a block, or an array of `array`, was handed out by this wrapper and did not come back. For other views, such
   * as one of a part of a block: what the inner allocator says.
   */
  owns(view: ArrayBufferView): boolean {
    const layer = Wrapper.#checked(this);
    const record = recordOf(view, layer);
    if (this.#disposed && this.#disposesInner) return false;
    if (record !== undefined) return record.state === State.LIVE && record.source.owns(blockOf(view));
    return ArrayBuffer.isView(view) && !(view instanceof Block) && layer.ownsUnknown(view);
  }

  /** Figures of this moment, and those of what is wrapped. */
  stats(): Stats {
    return Wrapper.#checked(this).stats() as Stats;
  }

  /**
   * Ends the wrapper: it hands out nothing more. Further calls do nothing. Without `disposeInner` the inner allocator goes
   * on, and what was handed out stays valid until it is freed; with it, the inner allocator is disposed as well.
   */
  dispose(): void {
    const layer = Wrapper.#checked(this);
    if (this.#disposed) return;
    this.#disposed = true; // What the inner allocator runs may come here again.
    let report: (() => void) | undefined;
    try {
      report = layer.ending();
      if (this.#disposesInner) {
        layer.disposeInner();
        layer.ended();
      }
    } catch (error) {
      if (errors.isLeak(error)) layer.ended();
      else this.#disposed = false;
      throw error;
    }
    report?.();
  }

  /** The same as {@link Wrapper.dispose}. */
  [Symbol.dispose](): void {
    Wrapper.#checked(this);
    this.dispose();
  }

  /** The figures, for logs. */
  toJSON(): Stats {
    return Wrapper.#checked(this).stats() as Stats;
  }

  [inspect.custom](): string {
    const layer = Wrapper.#checked(this);
    const summary = this.#disposed ? 'disposed' : layer.summary();
    return `${this.constructor.name}(${layer.name}) { ${summary} }`;
  }

  // ---- Within ----------------------------------------------------------------------------------------------------

  #handOut(block: Block, size: number, since: number, request: Request, replaced?: BlockRecord): Block {
    const layer = this.#layer;
    const record = enter(block, this, layer, layer.source(block), size, since);
    layer.granted(record, block, request, replaced);
    return block;
  }

  static #checked(value: unknown): Layer {
    if (typeof value === 'object' && value !== null && #layer in value) return value.#layer;
    throw wrongReceiverOf('a wrapper', value);
  }

  static #live<S extends WrapperStats>(value: Wrapper<S>): Layer {
    const layer = Wrapper.#checked(value);
    if (value.#disposed) throw errors.disposed(layer.name);
    return layer;
  }

  /** For what was handed out, which outlives a wrapper that does not own its memory. */
  static #forReturns<S extends WrapperStats>(value: Wrapper<S>): Layer {
    const layer = Wrapper.#checked(value);
    if (value.#disposed && value.#disposesInner) throw errors.disposed(layer.name);
    return layer;
  }
}

function checkRequest(byteLength: unknown, alignment: unknown): number {
  if (alignment !== undefined) checkAlignment(alignment);
  return checkSize(byteLength);
}

/** The record of what may be freed, reallocated or pinned now. */
function checkLive(layer: Layer, view: ArrayBufferView, record: BlockRecord | undefined): BlockRecord {
  if (record === undefined) throw errors.notHandedOut(layer.name, view);
  if (record.state === State.LIVE) return record;
  if (record.state === State.GONE) throw errors.gone(layer.name, record.goneCode);
  throw layer.freedTwice?.(record) ?? errors.freedBefore(layer.name, record.bytes);
}

/** The block goes back in: the inner allocator finds it as it handed it out. */
function leave(block: Block, record: BlockRecord): void {
  record.state = State.LEAVING;
  setViewOwner(block, record.previous);
}

/** The inner allocator did not take it: it stays as it was, unless it is not the inner allocator's any more. */
function stay(block: Block, record: BlockRecord, owner: Allocator | undefined, error: unknown): void {
  const code = errors.goneCode(error);
  if (code !== undefined) {
    lose(record, code);
    return;
  }
  record.state = State.LIVE;
  setViewOwner(block, owner);
}
