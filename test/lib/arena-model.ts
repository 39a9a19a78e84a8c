import { type Arena, type ArenaMark, type Block } from 'freehold';

/** A block that the program holds, and what it must show. */
interface Held {
  block: Block;
  /** The value of each of its bytes. */
  readonly value: number;
  readonly length: number;
  live: boolean;
  /** Given back: its bytes may be another block's, so nothing is known of them. */
  freed: boolean;
}

/** What an arena in mode `'detach'` must be like, in the simplest terms: a list of blocks, and marks into it. */
export class ArenaModel {
  readonly held: Held[] = [];
  readonly marks: { mark: ArenaMark; blocks: number; used: number }[] = [];
  resets = 0;

  live(): Held[] {
    return this.held.filter(({ live, freed }) => live && !freed);
  }

  /** Fills a new block with a value of its own, and remembers it. */
  hold(block: Block): void {
    const value = (this.held.length % 250) + 1;
    block.fill(value);
    this.held.push({ block, value, length: block.length, live: true, freed: false });
  }

  free(each: Held): void {
    each.freed = true;
  }

  rewind(index: number): void {
    for (const each of this.held.slice(this.marks[index].blocks)) each.live = false;
    this.marks.length = index + 1;
  }

  reset(): void {
    for (const each of this.held) each.live = false;
    this.held.length = 0;
    this.marks.length = 0;
    this.resets++;
  }

  /** The first thing that is not as it must be. */
  fault(arena: Arena): string | undefined {
    for (const [index, { block, value, length, live, freed }] of this.held.entries()) {
      if (!live && block.length !== 0) return `block ${index} outlived its end`;
      if (!live || freed) continue;
      if (block.length !== length) return `block ${index} has length ${block.length} instead of ${length}`;
      if (!arena.owns(block)) return `block ${index} is not owned`;
      for (let at = 0; at < length; at++) {
        if (block[at] !== value) return `block ${index} has ${block[at]} instead of ${value} at ${at}`;
      }
    }
    return this.#overlap() ?? this.#figures(arena);
  }

  #overlap(): string | undefined {
    const extents = this.live()
      .filter(({ length }) => length > 0)
      .map(({ block, length }) => [block.address, block.address + BigInt(length)])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const found = extents.findIndex(([begin], index) => index > 0 && extents[index - 1][1] > begin);
    return found < 0 ? undefined : `two blocks share the byte at ${extents[found][0]}`;
  }

  #figures(arena: Arena): string | undefined {
    const { bytesUsed, bytesReserved, bytesPeak, resets, pins } = arena.stats();
    const least = this.live().reduce((sum, { length }) => sum + length, 0);
    if (arena.used !== bytesUsed) return 'used is not bytesUsed';
    if (bytesUsed < least) return `${bytesUsed} bytes used by blocks of ${least}`;
    if (bytesUsed > bytesReserved) return `${bytesUsed} bytes used of ${bytesReserved} reserved`;
    if (bytesPeak < bytesUsed) return `a peak of ${bytesPeak} below ${bytesUsed}`;
    if (resets !== this.resets) return `${resets} resets instead of ${this.resets}`;
    return pins === 0 ? undefined : `${pins} pins`;
  }
}
