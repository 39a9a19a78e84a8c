import { Arena, type ArenaOptions, type Block, FreeholdError } from 'freehold';

/** Looks at its limit when it has the block already, and forgets to give it back. */
export class LosesABlock extends Arena {
  readonly #limit: number;
  #bytes = 0;

  constructor({ limitBytes = Infinity, ...options }: ArenaOptions) {
    super(options);
    this.#limit = limitBytes;
  }

  override alloc(byteLength: number, alignment?: number): Block {
    const block = super.alloc(byteLength, alignment);
    if (this.#bytes + byteLength > this.#limit) throw new FreeholdError('ERR_FREEHOLD_LIMIT', 'too much');
    this.#bytes += byteLength;
    return block;
  }

  override tryAlloc(byteLength: number, alignment?: number): Block | null {
    const block = super.tryAlloc(byteLength, alignment);
    if (block === null || this.#bytes + byteLength > this.#limit) return null;
    this.#bytes += byteLength;
    return block;
  }

  override free(block: ArrayBufferView): void {
    super.free(block);
    this.#bytes -= block.byteLength;
  }
}
