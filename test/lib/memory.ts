import { Arena, type Block, memoryStats } from 'freehold';

/** Where chunks come from in this run. */
export const backing = memoryStats().backing;

/** An arena whose first chunk has had every byte of it written: whatever must be zero must have been zeroed. */
export function dirtyArena(options: ConstructorParameters<typeof Arena>[0] = {}, byteLength = 60_000): Arena {
  const arena = new Arena(options);
  arena.allocUnsafe(byteLength).fill(0xaa);
  arena.reset();
  return arena;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/**
 * Takes a buffer's memory away from its owner, as a program does that transfers it to another thread: what was read
 * through `buffer` is now read through the result.
 */
export function escape(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(structuredClone(buffer, { transfer: [buffer] }));
}

/** Whether memory can escape at all: Node 20 copies memory from outside of the engine instead of moving it. */
export const canEscape = ((): boolean => {
  const arena = new Arena();
  const { buffer } = arena.alloc(8);
  escape(buffer);
  return buffer.byteLength === 0;
})();

/** [first byte, byte behind the last] as numbers, for overlap checks within one run. */
export function extent(block: Block): [bigint, bigint] {
  const { address } = block;
  return [address, address + BigInt(block.length)];
}

/** Whether no two blocks share a byte. */
export function areApart(blocks: readonly Block[]): boolean {
  const extents = blocks
    .filter((block) => block.length > 0)
    .map(extent)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return extents.every(([begin], index) => index === 0 || extents[index - 1][1] <= begin);
}
