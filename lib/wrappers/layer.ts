import type { Allocator, AllocatorStats } from '../allocator.ts';
import type { Block } from '../block.ts';
import { FreeholdError } from '../errors.ts';
import type { Pin } from '../pin.ts';
import { cannotPin } from './errors.ts';
import type { BlockRecord } from './record.ts';

/** What asks for memory. */
export type Request = 'alloc' | 'allocUnsafe' | 'tryAlloc' | 'realloc';

/** What every wrapper says of itself. */
export interface WrapperStats extends AllocatorStats {
  /** What the wrapped allocator says of itself. */
  readonly inner: AllocatorStats;
}

/**
 * What one kind of wrapper adds to the calls that pass through it. The wrapper itself (`Wrapper`) checks arguments and
 * keeps the records; a layer is told what happens, and makes the inner calls.
 */
export abstract class Layer {
  /** One word for the kind, which `stats` shows. */
  abstract readonly kind: string;
  readonly inner: Allocator;
  /** The wrapper's name, for messages. */
  readonly name: string;

  constructor(inner: Allocator, name: string) {
    this.inner = inner;
    this.name = name;
  }

  // ---- Told before and after each request ------------------------------------------------------------------------

  /** Whether a request may go on to the inner allocator. `replaced` is the block that a realloc replaces. */
  admits(_request: Request, _size: number, _replaced?: BlockRecord): boolean {
    return true;
  }

  /** Why the last request was not admitted. */
  refusal(size: number): FreeholdError {
    return new FreeholdError('ERR_FREEHOLD_LIMIT', `${size} bytes are refused by "${this.name}"`);
  }

  /** An admitted request came to nothing. */
  failed(_size: number, _replaced?: BlockRecord): void {}

  /** A block is about to be handed out, perhaps in the place of another. */
  granted(_record: BlockRecord, _block: Block, _request: Request, _replaced?: BlockRecord): void {}

  /** A block is not the wrapper's any more. */
  released(_record: BlockRecord): void {}

  // ---- The inner calls -----------------------------------------------------------------------------------------

  alloc(size: number, alignment: number | undefined): unknown {
    return this.inner.alloc(size, alignment);
  }

  allocUnsafe(size: number, alignment: number | undefined): unknown {
    return this.inner.allocUnsafe(size, alignment);
  }

  tryAlloc(size: number, alignment: number | undefined): unknown {
    return this.inner.tryAlloc(size, alignment);
  }

  realloc(block: Block, size: number, record: BlockRecord): unknown {
    return record.source.realloc(block, size);
  }

  free(block: Block, record: BlockRecord): void {
    record.source.free(block);
  }

  pin(block: Block, record: BlockRecord): Pin {
    const { pin } = record.source as { pin?: unknown };
    if (typeof pin !== 'function') throw cannotPin(this.name);
    return Reflect.apply(pin, record.source, [block]) as Pin;
  }

  /** The inner allocator that a block just handed out came from. */
  source(_block: Block): Allocator {
    return this.inner;
  }

  /** Whether a view that was never handed out as it is lies in memory that was. */
  ownsUnknown(view: ArrayBufferView): boolean {
    return this.inner.owns(view);
  }

  /** Frees what was never handed out by this wrapper. False: it may not. */
  freeUnknown(_view: ArrayBufferView): boolean {
    return false;
  }

  // ---- The rest ------------------------------------------------------------------------------------------------

  /** Which error says that a block came back a second time. */
  freedTwice?(record: BlockRecord): FreeholdError;

  /** Before dispose: what must be done once it is complete. */
  ending(): (() => void) | undefined {
    return undefined;
  }

  /** The inner allocator was disposed, and with it every block. */
  ended(): void {}

  disposeInner(): void {
    this.inner[Symbol.dispose]();
  }

  stats(): WrapperStats {
    const inner = this.inner.stats();
    const { bytesUsed, bytesReserved, bytesPeak } = inner;
    return { kind: this.kind, name: this.name, bytesUsed, bytesReserved, bytesPeak, inner };
  }

  /** The state in a few words, for `inspect`. */
  summary(): string {
    return '';
  }
}
