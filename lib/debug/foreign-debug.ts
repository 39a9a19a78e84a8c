import type { Allocator } from '../allocator.ts';
import type { Boundary } from '../call-stack.ts';
import { watchForeign } from '../foreign-watch.ts';
import { openBook } from './cover.ts';
import { BlockRecord, Fate } from './record.ts';
import { countOn, recordsAll, siteOf } from './state.ts';

// Memory of C libraries that was adopted, in debug mode: it is where the library has made it, without canaries, and only counted.

/** Makes memory that is adopted be recorded. */
export function watchForeignMemory(): void {
  watchForeign({
    begin(memory: Allocator, bytes: number, boundary: Boundary): object | null {
      if (!recordsAll()) return null;
      const site = siteOf(boundary);
      countOn();
      return openBook(memory, memory).ledger.open(bytes, site);
    },
    end(note: object, freed: boolean): void {
      if (note instanceof BlockRecord) note.ledger.close(note, freed ? Fate.FREED : Fate.ORPHANED, null);
    },
  });
}
