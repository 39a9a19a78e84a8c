import assert from 'node:assert/strict';
import { Block, type Pin } from 'freehold';
import { type Conforming, type Traits } from '../../conformance/subject.ts';
import { assertPattern, pattern } from '../patterns.ts';

/** An allocator that the commands are run on. */
export type Real = Conforming & { pin(block: Block): Pin; trim?(): number };

/** A block that the program holds: its bytes are the pattern of its number. */
export interface Held {
  readonly id: number;
  readonly view: Block | Uint8Array;
  readonly byteLength: number;
  readonly address: number;
}

/** Memory that the program transferred away: whose it is now, and what must stay in it. */
interface Moved {
  readonly bytes: Uint8Array;
  readonly begin: number;
  readonly held: readonly { readonly held: Held; readonly offset: number }[];
}

/** What one kind of allocator does in its own way. */
export interface ModelTraits extends Pick<Traits, 'reuses' | 'detects' | 'owns'> {
  /** Whether the program may transfer its memory to elsewhere, and it goes on. */
  readonly movable: boolean;
  /** Whether its views are dead after dispose. */
  readonly ends: boolean;
  /** Whether a request must be granted or refused; undefined for either. */
  readonly grants: (size: number, alignment: number, model: Model) => boolean | undefined;
  /** Whether a free is refused while its memory is pinned, or gives nothing back. */
  readonly underPin: 'refused' | 'kept';
}

/** What an allocator must be like, in the simplest terms: a list of the blocks that are held. */
export class Model {
  readonly traits: ModelTraits;
  live: Held[] = [];
  /** Freed, and not to be taken for what lives in the same place now. */
  freed: Held[] = [];
  moved: Moved[] = [];
  /** Whether memory was ever transferred away: then figures may count what it took with it until the allocator sees. */
  escaped = false;
  readonly pins: { readonly pin: Pin; held: Held }[] = [];
  #ids = 0;
  #peak = 0;

  constructor(traits: ModelTraits) {
    this.traits = traits;
  }

  /** Enters a new block or array after a look at it, and writes on all of it. */
  hold(view: Block | Uint8Array, byteLength: number, address: number): Held {
    assert.equal(view.length, byteLength, 'the length of a new block');
    const held = { id: this.#ids++, view, byteLength, address };
    const other = this.live.find((each) => overlap(each, held));
    assert(other === undefined, `${byteLength} bytes at ${address} overlap block ${String(other?.id)}`);
    const end = address + byteLength;
    const elsewhere = this.moved.some(({ bytes, begin }) => address < begin + bytes.length && begin < end);
    assert(!elsewhere || byteLength === 0, `the block at ${address} is in memory that was moved away`);
    view.set(pattern(held.id, byteLength));
    this.live.push(held);
    this.freed = this.freed.filter((each) => isStale(each, held));
    return held;
  }

  /** That a request came out as it had to. */
  assertGranted(granted: boolean, size: number, alignment: number, what: string): void {
    const must = this.traits.grants(size, alignment, this);
    assert(must === undefined || must === granted, `${what} was ${granted ? 'granted' : 'refused'}`);
  }

  drop(held: Held): void {
    this.live.splice(this.live.indexOf(held), 1);
  }

  free(held: Held): void {
    this.drop(held);
    this.freed.push(held);
  }

  isPinned(held: Held): boolean {
    return this.pins.some((each) => each.held === held);
  }

  /** The buffer of a block is somewhere else now, and with it every block that it shows. */
  move(buffer: ArrayBufferLike, base: number, offsets: ReadonlyMap<Held, number>, bytes: Uint8Array): void {
    this.escaped = true;
    const gone = this.live.filter((each) => offsets.has(each));
    this.live = this.live.filter((each) => !offsets.has(each));
    this.freed = this.freed.filter(({ view }) => view.buffer !== buffer);
    this.moved.push({ bytes, begin: base, held: gone.map((held) => ({ held, offset: offsets.get(held)! })) });
  }

  /** Throws for the first thing that is not as it must be. */
  check(real: Real): void {
    for (const { id, view, byteLength } of this.live) {
      assert.equal(view.length, byteLength, `the length of block ${id}`);
      assertPattern(view, id, byteLength, `block ${id}`);
    }
    for (const { bytes, held } of this.moved) {
      for (const { held: each, offset } of held) {
        assert.equal(each.view.length, 0, `block ${each.id} shows memory that was moved away`);
        assertPattern(bytes.subarray(offset), each.id, each.byteLength, `moved block ${each.id}`);
      }
    }
    const { bytesUsed, bytesReserved, bytesPeak } = real.stats();
    const least = this.live.reduce((sum, { byteLength }) => sum + byteLength, 0);
    assert(bytesUsed >= least, `${bytesUsed} bytes used by live blocks of ${least}`);
    assert(bytesUsed <= bytesReserved, `${bytesUsed} bytes used of ${bytesReserved} reserved`);
    assert(bytesPeak >= Math.max(bytesUsed, this.#peak), `a peak of ${bytesPeak} after ${this.#peak}`);
    this.#peak = bytesPeak;
  }
}

/** Whether a free of `freed` is a mistake that shows: it is not the same object, nor one of two views of one place. */
function isStale(freed: Held, held: Held): boolean {
  if (freed.view instanceof Block && held.view instanceof Block) return freed.view !== held.view;
  return freed.address !== held.address && !overlap(freed, held);
}

function overlap(one: Held, other: Held): boolean {
  if (one.byteLength === 0 || other.byteLength === 0) return false;
  return one.address < other.address + other.byteLength && other.address < one.address + one.byteLength;
}
