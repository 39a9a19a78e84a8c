import { setImmediate as turn } from 'node:timers/promises';

/**
 * Collects garbage until something is so. Node frees what a collected ArrayBuffer showed in a later turn of the event
 * loop, and a conservative look at the stack may keep an object for a while.
 */
export async function collectUntil(done: () => boolean): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  for (let round = 0; round < 50; round++) {
    globalThis.gc();
    await turn();
    if (done()) return;
    await turn(); // What a WeakRef was asked for stays until the end of the turn.
  }
}

/** Collects garbage until a figure does not change any more, so that what others have left behind does not count. */
export async function settled(figure: () => number): Promise<number> {
  let [before, same] = [figure(), 0];
  await collectUntil(() => {
    const now = figure();
    same = now === before ? same + 1 : 0;
    before = now;
    return same === 5;
  });
  return before;
}
