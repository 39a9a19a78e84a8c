import type { Block } from './block.ts';

/** What every allocator can say of itself. Sizes are bytes. */
export interface AllocatorStats {
  /** The kind of allocator. */
  readonly kind: string;
  /** The name it was given. */
  readonly name: string;
  /** Bytes handed out and not given back, padding included. */
  readonly bytesUsed: number;
  /** Bytes that it holds from the system for that. */
  readonly bytesReserved: number;
  /** The most that `bytesUsed` ever was. */
  readonly bytesPeak: number;
}

/**
 * What hands out memory. Code that allocates takes an `Allocator`, and its caller chooses the strategy by passing one.
 *
 * Blocks belong to the caller until they are freed, or until the allocator ends them all (`reset`, dispose).
 *
 * @example
 * ```ts
 * import { Arena, type Allocator, type Block } from 'freehold';
 *
 * function frame(payload: Uint8Array, allocator: Allocator): Block {
 *   const block = allocator.allocUnsafe(4 + payload.byteLength);
 *   block.writeUInt32BE(payload.byteLength);
 *   block.set(payload, 4);
 *   return block;
 * }
 *
 * using arena = new Arena();
 * console.log(frame(Buffer.from('hello'), arena).byteLength); // 9
 * ```
 */
export interface Allocator extends Disposable {
  /** A block of `byteLength` zeroed bytes at a multiple of `alignment`. Throws when there is no memory. */
  alloc(byteLength: number, alignment?: number): Block;
  /** The same without zeroing: the block may hold what was there before. */
  allocUnsafe(byteLength: number, alignment?: number): Block;
  /**
   * Like `alloc`, but null where that throws `ERR_FREEHOLD_OUT_OF_MEMORY`, `ERR_FREEHOLD_LIMIT` or
   * `ERR_FREEHOLD_STACK_OVERFLOW`. Arguments that are wrong still throw.
   */
  tryAlloc(byteLength: number, alignment?: number): Block | null;
  /** A block of `byteLength` bytes that begins with the bytes of `block`, which must not be used any more. */
  realloc(block: Block, byteLength: number): Block;
  /** Gives a block back, or the typed array that `array` made. */
  free(block: ArrayBufferView): void;
  /** Whether a view lies in memory that this allocator has handed out and, as far as it knows, not got back. */
  owns(view: ArrayBufferView): boolean;
  /** Figures of this moment. */
  stats(): AllocatorStats;
}
