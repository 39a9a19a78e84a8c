import koffi from 'koffi';

import type { LibraryFunctions } from 'freehold/ffi';

/** Functions of JavaScript's by the addresses that C calls them at. */
export interface Registered extends Disposable {
  readonly malloc: bigint;
  readonly calloc: bigint;
  readonly realloc: bigint;
  readonly free: bigint;
  readonly strdup: bigint;
}

const types = {
  malloc: koffi.pointer(koffi.proto('uint64_t RegisteredMalloc(size_t size)')),
  calloc: koffi.pointer(koffi.proto('uint64_t RegisteredCalloc(size_t count, size_t size)')),
  realloc: koffi.pointer(koffi.proto('uint64_t RegisteredRealloc(uint64_t block, size_t size)')),
  free: koffi.pointer(koffi.proto('void RegisteredFree(uint64_t block)')),
  strdup: koffi.pointer(koffi.proto('uint64_t RegisteredStrdup(uint64_t text)')),
};

/** Makes callbacks of an allocator's functions; the caller ends them. */
export function registered(functions: LibraryFunctions): Registered {
  const malloc = koffi.register(functions.malloc, types.malloc);
  const calloc = koffi.register(functions.calloc, types.calloc);
  const realloc = koffi.register(functions.realloc, types.realloc);
  const free = koffi.register(functions.free, types.free);
  const strdup = koffi.register(functions.strdup, types.strdup);
  return {
    malloc,
    calloc,
    realloc,
    free,
    strdup,
    [Symbol.dispose]: () => {
      for (const callback of [malloc, calloc, realloc, free, strdup]) koffi.unregister(callback);
    },
  };
}
