import type { Allocator } from './allocator.ts';
import type { Boundary } from './call-stack.ts';

/** Who hears of memory of C libraries that is adopted, and of its end: debug mode. Here, so that it need not load `freehold/ffi`. */
export interface ForeignWatch {
  /** What to be told of at its end. */
  begin(memory: Allocator, bytes: number, boundary: Boundary): object | null;
  /** `freed`: by the program, not by the collector. */
  end(note: object, freed: boolean): void;
}

export const foreignWatch: { current: ForeignWatch | null } = { current: null };

/** Says who hears of it from now on. */
export function watchForeign(next: ForeignWatch): void {
  foreignWatch.current = next;
}
