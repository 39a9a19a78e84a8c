import koffi from 'koffi';

import type { AllocatorCallbacks } from '../../../lib/index.ts';

// Callbacks as a C library calls them: without JavaScript in between.

// koffi has no stack to call on before it has loaded a library.
koffi.load(null);

const mallocType = koffi.proto('uint64_t callback_malloc(uint64_t context, size_t size)');
const reallocType = koffi.proto('uint64_t callback_realloc(uint64_t context, uint64_t block, size_t size)');
const freeType = koffi.proto('void callback_free(uint64_t context, uint64_t block)');

/** `malloc` and its kin; addresses are BigInts, 0n for none. */
export interface Library {
  malloc(size: number): bigint;
  realloc(block: bigint, size: number): bigint;
  free(block: bigint): void;
}

export function library({ withContext }: AllocatorCallbacks): Library {
  const { context } = withContext;
  const malloc = koffi.decode(withContext.malloc, mallocType) as (...args: unknown[]) => number | bigint;
  const realloc = koffi.decode(withContext.realloc, reallocType) as (...args: unknown[]) => number | bigint;
  const free = koffi.decode(withContext.free, freeType) as (...args: unknown[]) => void;
  return {
    malloc: (size) => BigInt(malloc(context, size)),
    realloc: (block, size) => BigInt(realloc(context, block, size)),
    free: (block) => {
      free(context, block);
    },
  };
}
