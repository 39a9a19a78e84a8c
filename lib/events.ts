import { type Channel, channel } from 'node:diagnostics_channel';

// What happens here, for whoever subscribes by `node:diagnostics_channel`. Without subscribers each costs a comparison.

/** `freehold:arena.reset`: `{ arena }`, after each reset. */
export const arenaReset: Channel = channel('freehold:arena.reset');
/** `freehold:collect`: `{ heap, done }`, after each `collect()` of a reference-counted heap. */
export const collected: Channel = channel('freehold:collect');
/** `freehold:error`: `{ error }`, for each FreeholdError that is made. */
export const failed: Channel = channel('freehold:error');
/** `freehold:oom`: `{ error }`, when there was no memory, or a limit was reached. */
export const outOfMemory: Channel = channel('freehold:oom');
/** `freehold:leak`: `{ report }`, a LeakReport, in debug mode: when an allocator ends with live blocks, and at exit. */
export const leaked: Channel = channel('freehold:leak');
