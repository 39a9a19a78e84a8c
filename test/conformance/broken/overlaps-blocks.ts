import { Arena, Block } from 'freehold';

/** Uses the hole that a freed block left for the next one, also when that is longer than the hole. */
export class OverlapsBlocks extends Arena {
  #hole: Block | undefined;

  override alloc(byteLength: number, alignment?: number): Block {
    const block = super.alloc(byteLength, alignment);
    const hole = this.#hole;
    if (hole === undefined || alignment !== undefined || byteLength > hole.length + 64) return block;
    super.free(block);
    this.#hole = undefined;
    return new Block(hole.buffer, hole.byteOffset, byteLength).fill(0);
  }

  override free(block: Block): void {
    super.free(block);
    if (block.length > 0 && block.byteOffset < this.used) this.#hole = block; // Not the last one: its bytes stay taken.
  }
}
