import assert from 'node:assert/strict';
import { type Block } from 'freehold';
import { assertPattern, pattern } from '../lib/patterns.ts';
import { type Specimen, type Subject, type Traits } from './subject.ts';

/** A block that the program holds: its bytes are the pattern of its number. */
export interface Entry {
  readonly id: number;
  readonly block: Block;
  readonly byteLength: number;
  readonly address: number;
}

/**
 * What a careful program would write down about an allocator: which blocks it holds, what is in them and where they lie.
 * Every operation through it checks what the contract says of its result.
 */
export class Ledger {
  readonly specimen: Specimen;
  readonly #traits: Traits;
  readonly #held: Entry[] = [];
  #ids = 0;
  #liveBytes = 0;
  #spent = 0;
  #peak = 0;

  constructor(subject: Subject, specimen: Specimen = subject.make()) {
    this.specimen = specimen;
    this.#traits = subject.traits;
  }

  get held(): readonly Entry[] {
    return this.#held;
  }

  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** Whether a block of this size must be had: when not, a refusal is no fault. */
  hasRoomFor(byteLength: number, alignment = 16): boolean {
    const { largest, room } = this.#traits;
    return byteLength <= largest && this.#spent + byteLength + 16 + alignment <= room;
  }

  alloc(byteLength: number, alignment?: number, how: 'alloc' | 'tryAlloc' = 'alloc'): Entry {
    const block = this.specimen.allocator[how](byteLength, alignment);
    assert(block !== null, `tryAlloc(${byteLength}) gave null`);
    return this.enter(block, byteLength, alignment);
  }

  allocUnsafe(byteLength: number, alignment?: number): Entry {
    return this.enter(this.specimen.allocator.allocUnsafe(byteLength, alignment), byteLength, alignment);
  }

  /** Takes over a block that came from the allocator, and writes on all of it. */
  enter(block: Block, byteLength: number, alignment = 1): Entry {
    assert.equal(block.length, byteLength, 'the length of a new block');
    const address = Number(block.address);
    assert.equal(address % alignment, 0, `a block at ${address} for an alignment of ${alignment}`);
    const id = this.#ids++;
    const entry = { id, block, byteLength, address };
    this.#checkApart(entry);
    block.set(pattern(id, byteLength));
    this.#held.push(entry);
    this.#liveBytes += byteLength;
    this.#spent += byteLength + 16 + alignment;
    return entry;
  }

  /** Grows or shrinks a block, whose bytes are kept as far as they fit. */
  realloc(entry: Entry, byteLength: number): Entry {
    this.#assertContents(entry);
    const block = this.specimen.allocator.realloc(entry.block, byteLength);
    const kept = Math.min(entry.byteLength, byteLength);
    assertPattern(block, entry.id, kept, `what realloc to ${byteLength} bytes keeps`);
    this.#strike(entry);
    return this.enter(block, byteLength);
  }

  free(entry: Entry): void {
    this.#assertContents(entry);
    this.specimen.allocator.free(entry.block);
    this.#strike(entry);
  }

  /** Frees all, the newest first: the order in which every allocator takes bytes back. */
  freeAll(): void {
    for (const entry of this.#held.toReversed()) this.free(entry);
  }

  /** That every block is as it was left, and that the figures fit. */
  check(): void {
    for (const entry of this.#held) this.#assertContents(entry);
    this.checkStats();
  }

  checkStats(): void {
    const { bytesUsed, bytesReserved, bytesPeak } = this.specimen.allocator.stats();
    assert(bytesUsed >= this.#liveBytes, `${bytesUsed} bytes used by live blocks of ${this.#liveBytes}`);
    assert(bytesUsed <= bytesReserved, `${bytesUsed} bytes used of ${bytesReserved} reserved`);
    assert(bytesPeak >= bytesUsed, `a peak of ${bytesPeak} below the ${bytesUsed} bytes used`);
    assert(bytesPeak >= this.#peak, `a peak of ${bytesPeak} that was ${this.#peak} before`);
    this.#peak = bytesPeak;
  }

  /** That the allocator and what it stands on count no byte as handed out. */
  assertNothingUsed(when: string): void {
    for (const each of [this.specimen.allocator, ...this.specimen.bases]) {
      const { kind, bytesUsed } = each.stats();
      assert.equal(bytesUsed, 0, `bytesUsed of the ${kind} ${when}`);
    }
  }

  #assertContents({ id, block, byteLength }: Entry): void {
    assert.equal(block.length, byteLength, `the length of live block ${id}`);
    assertPattern(block, id, byteLength, `live block ${id}`);
  }

  #strike(entry: Entry): void {
    this.#held.splice(this.#held.indexOf(entry), 1);
    this.#liveBytes -= entry.byteLength;
  }

  #checkApart({ address, byteLength }: Entry): void {
    if (byteLength === 0) return;
    const other = this.#held.find(
      (each) =>
        each.byteLength > 0 &&
        each.address < address + byteLength &&
        address < each.address + each.byteLength,
    );
    if (other === undefined) return;
    assert.fail(`${byteLength} bytes at ${address} overlap live block ${other.id} at ${other.address}`);
  }
}
