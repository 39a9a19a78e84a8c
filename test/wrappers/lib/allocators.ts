import { type Allocator, Arena, Block } from 'freehold';

/** An allocator that a user might write: the interface and no more, over memory of the collector's. */
export class Plain implements Allocator {
  readonly calls: string[] = [];
  readonly live = new Set<ArrayBufferView>();
  /** The most bytes of one block. */
  largest = Infinity;

  alloc(byteLength: number): Block {
    this.calls.push(`alloc ${byteLength}`);
    return this.#make(byteLength);
  }

  allocUnsafe(byteLength: number): Block {
    this.calls.push(`allocUnsafe ${byteLength}`);
    return this.#make(byteLength);
  }

  tryAlloc(byteLength: number): Block | null {
    this.calls.push(`tryAlloc ${byteLength}`);
    return byteLength > this.largest ? null : this.#make(byteLength);
  }

  realloc(block: Block, byteLength: number): Block {
    this.calls.push(`realloc ${byteLength}`);
    const moved = this.#make(byteLength);
    moved.set(block.subarray(0, byteLength));
    this.live.delete(block);
    return moved;
  }

  free(block: ArrayBufferView): void {
    this.calls.push(`free ${block.byteLength}`);
    if (!this.live.delete(block)) throw new Error('not mine');
  }

  owns(view: ArrayBufferView): boolean {
    return this.live.has(view);
  }

  stats(): { kind: string; name: string; bytesUsed: number; bytesReserved: number; bytesPeak: number } {
    return { kind: 'plain', name: 'plain', bytesUsed: 0, bytesReserved: 0, bytesPeak: 0 };
  }

  [Symbol.dispose](): void {
    this.calls.push('dispose');
  }

  #make(byteLength: number): Block {
    if (byteLength > this.largest) new Arena({ limitBytes: 0 }).alloc(byteLength); // Throws as ours do.
    const block = new Block(new ArrayBuffer(byteLength), 0, byteLength);
    this.live.add(block);
    return block;
  }
}

/** Hands the same Block out again, as a pool does; blocks of 64 bytes over an arena. */
export class Recycler extends Plain {
  readonly #arena = new Arena();
  readonly #free: Block[] = [];

  override alloc(byteLength: number): Block {
    const block = this.#free.pop() ?? this.#arena.alloc(byteLength);
    this.live.add(block);
    return block;
  }

  override allocUnsafe(byteLength: number): Block {
    return this.alloc(byteLength);
  }

  override tryAlloc(byteLength: number): Block {
    return this.alloc(byteLength);
  }

  override realloc(block: Block): Block {
    return block;
  }

  override free(block: ArrayBufferView): void {
    super.free(block);
    if (block instanceof Block) this.#free.push(block);
  }
}
