import { Heap } from '../heap.ts';
import { type AllocatorCallbacks, callbacksInUse } from '../ffi/callbacks.ts';
import type { CallbackOptions } from '../ffi/callback-options.ts';
import type { LeakSite } from './leaks.ts';
import { replaceMethod } from './replace-method.ts';
import type { Site } from './site.ts';
import { type KnownSite, intern } from './sites.ts';
import { siteOf } from './state.ts';

// What C libraries have not freed. Their own calls have no JavaScript stack: what is known is who gave them the functions.

/** Where, and when, functions were given to a library. */
const origins = new WeakMap<AllocatorCallbacks, { site: Site | KnownSite | null; since: number }>();

/** Makes heaps remember who asked for callbacks. Those of arenas may be dropped: they are no leak. */
export function watchLibraries(): void {
  replaceMethod(
    Heap.prototype,
    'callbacks',
    (original) =>
      function callbacks(this: Heap, options?: CallbackOptions): AllocatorCallbacks {
        const made = original.call(this, options);
        if (!origins.has(made)) origins.set(made, { site: siteOf(callbacks), since: Date.now() });
        return made;
      },
  );
}

/** The live blocks that libraries have on heaps, by callbacks. */
export function libraryLeaks(): LeakSite[] {
  const leaks: LeakSite[] = [];
  for (const callbacks of callbacksInUse()) {
    const origin = origins.get(callbacks);
    const { liveBlocks, liveBytes } = callbacks.stats();
    if (origin === undefined || liveBlocks === 0) continue;
    const site = (origin.site = intern(origin.site));
    leaks.push({
      kind: 'library',
      allocator: callbacks.allocator.stats().name,
      blocks: liveBlocks,
      bytes: liveBytes,
      oldestMs: Date.now() - origin.since,
      ended: 'no',
      inCycles: 0,
      site: site.toString(),
    });
  }
  return leaks;
}
