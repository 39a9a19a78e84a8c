import type { Allocator } from '../allocator.ts';
import { Block } from '../block.ts';
import { bufferLengthOf, bufferOf, byteLengthOf, extentOf } from '../captured.ts';
import { Stamped } from '../exposure.ts';
import { Guard } from '../native.ts';
import { Rc, isRc } from '../rc.ts';
import { slotOf } from '../slots.ts';
import { deadPrototype } from './dead-block.ts';
import * as faults from './faults.ts';
import { type GuardedRoom, abandonGuarded, endGuarded, takeGuarded, wantsGuard } from './guards.ts';
import { Ledger } from './ledger.ts';
import { type Room, changedCanary, setCanaries, takeAway, takeRoom } from './memory.ts';
import { Quarantine } from './quarantine.ts';
import { raise, raiseLater } from './raise.ts';
import { type BlockRecord, Fate } from './record.ts';
import type { Site } from './site.ts';
import { state } from './state.ts';

/** The blocks of one allocator that are recorded. */
export class Book {
  readonly ledger: Ledger;
  // Newest first: a rewind ends those in front.
  #newest: Cover | null = null;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  get newest(): Cover | null {
    return this.#newest;
  }

  link(cover: Cover): void {
    const newest = this.#newest;
    cover.older = newest;
    if (newest !== null) newest.newer = cover;
    this.#newest = cover;
  }

  unlink(cover: Cover): void {
    const { newer, older } = cover;
    if (newer === null && this.#newest !== cover) return; // It was taken out before.
    if (newer === null) this.#newest = older;
    else newer.older = older;
    if (older !== null) older.newer = newer;
    cover.newer = cover.older = null;
  }
}

/** A block that the program has, in memory of debug mode's. */
export class Cover implements Room {
  /** What the program uses. */
  block: Block | null = null;
  /** The same where the collector is to find out that the program has dropped it. */
  dropped: WeakRef<Block> | null = null;
  /** The block that the allocator itself has handed out for it; null when this is its memory. */
  shadow: Block | null = null;
  /** The guard pages around it. */
  guarded: GuardedRoom | null = null;
  newer: Cover | null = null;
  older: Cover | null = null;

  constructor(
    readonly book: Book,
    readonly record: BlockRecord,
    readonly buffer: ArrayBuffer,
    readonly offset: number,
  ) {}
}

/** Names what a buffer of debug mode's shows: any view of it leads there, also when it is detached. */
class CoverOf extends Stamped<ArrayBuffer> {
  readonly #cover: Cover;

  constructor(cover: Cover) {
    super(cover.buffer);
    this.#cover = cover;
  }

  static of(buffer: object): Cover | undefined {
    return #cover in buffer ? buffer.#cover : undefined;
  }
}

/** The covers of blocks that are where their allocator has put them, by their views: others may see the same memory. */
const inPlace = new WeakMap<object, Cover>();
// Whether there is one: to ask a WeakMap costs more than a free does.
let areInPlace = false;

/** What a view shows, or showed; undefined for what is not recorded. */
export function coverOf(view: unknown): Cover | undefined {
  // A block in a slot is what its allocator itself has handed out: what is recorded is elsewhere.
  if (slotOf(view) >= 0) return undefined;
  const buffer = bufferOf(view);
  if (buffer === undefined) return undefined;
  const found = areInPlace ? inPlace.get(view as ArrayBufferView) : undefined;
  return found ?? CoverOf.of(buffer);
}

/**
 * The recorded blocks of allocators. Not in a private field: an allocator that gets one more is of another shape for V8 from then on, and
 * an arena that was sampled once 8 % slower for good.
 */
const books = new WeakMap<object, Book>();

/** Allocators whose blocks end with them, however that is. */
const HOLDERS: ReadonlySet<string> = new Set(['arena', 'stack', 'fixed']);

const dropped = new FinalizationRegistry<Ledger>((ledger) => {
  if (HOLDERS.has(ledger.kind)) ledger.closeAll(Fate.ORPHANED);
  ledger.retire('dropped');
  if (ledger.blocks > 0) onDropped(ledger);
});

let onDropped: (ledger: Ledger) => void = () => undefined;

/** Says who hears of allocators that were collected with live blocks. */
export function hearDropped(hear: (ledger: Ledger) => void): void {
  onDropped = hear;
}

// Whether there is a book at all: with samples only there is none for long, and every reset asks.
let hasBooks = false;

/** The recorded blocks of an allocator; undefined when there never were any. */
export function bookOf(allocator: unknown): Book | undefined {
  if (!hasBooks) return undefined;
  return typeof allocator === 'object' && allocator !== null ? books.get(allocator) : undefined;
}

/** The recorded blocks of an allocator, which programs know as `face`. */
export function openBook(allocator: object, face: Allocator): Book {
  const found = books.get(allocator);
  if (found !== undefined) return found;
  const { kind, name } = face.stats();
  const book = new Book(new Ledger(kind, name));
  books.set(allocator, book);
  hasBooks = true;
  dropped.register(allocator, book.ledger);
  return book;
}

/** Records a block that stays where it is. */
export function noteInPlace(book: Book, block: Block, site: Site | null): Cover {
  const cover = new Cover(
    book,
    book.ledger.open(byteLengthOf(block), site),
    bufferOf(block) as ArrayBuffer,
    0,
  );
  cover.block = block;
  areInPlace = true;
  inPlace.set(block, cover);
  book.link(cover);
  return cover;
}

/** Says that another view stands for a recorded block. */
export function standIn(view: object, cover: Cover): void {
  inPlace.set(view, cover);
}

/** Ends a block that stayed where it was: only the block itself can be told. */
export function endInPlace(cover: Cover, fate: Fate, site: Site | null): void {
  const { block } = cover;
  close(cover, fate, site);
  if (block !== null) bury(block);
  cover.block = null;
}

// Made with the first block that ends: as long as debug mode is off it would be a megabyte for nothing.
let quarantine: Quarantine | null = null;

/** What the quarantine holds. */
export function quarantined(): { readonly blocks: number; readonly bytes: number } {
  return { blocks: quarantine?.blocks ?? 0, bytes: quarantine?.bytes ?? 0 };
}

/**
 * Memory for a block that is recorded from now on; null when there is none, undefined when it is a sample and there is no place
 * for one.
 */
export function lay(
  book: Book,
  byteLength: number,
  alignment: number,
  site: Site | null,
  asked = Guard.NONE,
): Cover | null | undefined {
  const { ledger } = book;
  const guarded = wantsGuard(asked) ? takeGuarded(ledger, byteLength, alignment, asked, site) : null;
  // An allocator that promises guards makes them itself when there are none here; a sample is nothing without.
  if (guarded === null && (asked !== Guard.NONE || state.settings.guard === 'sampled')) return undefined;
  const room =
    guarded === null
      ? takeRoom(byteLength, alignment)
      : { buffer: guarded.block.buffer, offset: guarded.offset };
  if (room === null) return null;
  const cover = new Cover(book, ledger.open(byteLength, site), room.buffer, room.offset);
  cover.guarded = guarded;
  new CoverOf(cover);
  book.link(cover);
  return cover;
}

/** Whether a block lives, and its memory is where it was. */
export function isShown({ record, buffer }: Cover): boolean {
  return record.fate === Fate.LIVE && bufferLengthOf(buffer) > 0;
}

/** Looks whether a block lives, and is one of `allocator`'s; what is wrong is raised. */
export function mayEnd({ book, record }: Cover, allocator: Allocator, site: Site | null): boolean {
  if (book !== bookOf(allocator)) raise(faults.wrongAllocator(record, labelOf(allocator)));
  else if (record.fate !== Fate.LIVE) raise(faults.freedTwice(record, site));
  else return true;
  return false;
}

/** The same, and whether a view begins where the block does. */
export function mayEndBy(cover: Cover, allocator: Allocator, view: unknown, site: Site | null): boolean {
  if (!mayEnd(cover, allocator, site)) return false;
  if (bufferLengthOf(cover.buffer) === 0) return true; // Transferred: found when it ends.
  const distance = extentOf(view as ArrayBufferView).byteOffset - cover.offset;
  if (distance !== 0) raise(faults.interior(cover.record, distance));
  return distance === 0;
}

/** How messages call an allocator. */
export function labelOf(allocator: Allocator): string {
  const { kind, name } = allocator.stats();
  return `${kind} "${name}"`;
}

/** Ends a block: its views die, and its memory goes to quarantine. What is found wrong is raised by `settle`. */
export function end(cover: Cover, fate: Fate, site: Site | null): boolean {
  const { record, buffer } = cover;
  if (record.fate !== Fate.LIVE) return false;
  if (bufferLengthOf(buffer) === 0) {
    // An allocator whose own memory it was has found that itself.
    if (
      (cover.shadow !== null || record.ledger.kind === 'rc') &&
      (fate === Fate.FREED || fate === Fate.MOVED)
    )
      raiseLater(faults.transferred(record));
    orphanAs(cover, Fate.TRANSFERRED, site);
    return false;
  }
  const block = cover.block ?? cover.dropped?.deref() ?? null;
  const distance =
    cover.guarded === null ? shelve(cover, fate, site) : unguard(cover, cover.guarded, fate, site);
  if (distance !== null) raiseLater(faults.overrun(record, distance));
  cover.block = cover.dropped = null;
  if ((record.fate as Fate) === Fate.ORPHANED) return false;
  if (block !== null) bury(block);
  return true;
}

/** Leaves a live block to the collector: its views stay as they are. */
export function orphan(cover: Cover, site: Site | null, fate = Fate.ORPHANED): void {
  orphanAs(cover, fate, site);
  cover.block = cover.dropped = null;
}

function orphanAs(cover: Cover, fate: Fate, site: Site | null): void {
  if (cover.guarded !== null) abandonGuarded(cover.guarded);
  close(cover, fate, site);
}

/** The end of a block between canaries. Gives the distance of a canary that was changed. */
function shelve(cover: Cover, fate: Fate, site: Site | null): number | null {
  const { record, buffer, offset } = cover;
  const distance = changedCanary(buffer, offset, record.bytes);
  const kept = takeAway(buffer);
  close(cover, kept === undefined ? Fate.ORPHANED : fate, site);
  if (kept === undefined) return distance;
  if (distance !== null) setCanaries(kept, offset, record.bytes); // Reported once.
  const { quarantineBytes, poison } = state.settings;
  // Samples are for a profile: to keep them from use, filled, is a third of what one costs.
  if (poison && state.recordsAll)
    (quarantine ??= new Quarantine()).add({ buffer: kept, offset }, record, quarantineBytes, leave);
  return distance;
}

/** The end of a block between guard pages: the same. */
function unguard(cover: Cover, room: GuardedRoom, fate: Fate, site: Site | null): number | null {
  const distance = endGuarded(room, site);
  close(cover, bufferLengthOf(cover.buffer) > 0 ? Fate.ORPHANED : fate, site);
  return distance;
}

/** Looks at the memory of freed blocks now, and not when it is used again. Raises what it finds. */
export function lookIntoQuarantine(): void {
  quarantine?.check(({ record, distance }) => {
    raiseLater(faults.writtenAfter(record, distance));
  });
}

function leave(record: BlockRecord, distance: number | null): void {
  if (distance !== null) raiseLater(faults.writtenAfter(record, distance));
  if (!state.settings.retainMetadata) record.site = record.end = null;
}

function close(cover: Cover, fate: Fate, site: Site | null): void {
  // First: whoever ends all that is in the list must get on, also when the stack ends here.
  cover.book.unlink(cover);
  cover.record.ledger.close(cover.record, fate, site);
  cover.shadow = null;
  cover.guarded = null;
}

function complain(block: Block, member: string): Error {
  const cover = coverOf(block);
  if (cover === undefined) return new TypeError(`${member} of a block that is none`);
  return faults.usedAfter(cover.record, member);
}

function show(block: Block): string {
  const cover = coverOf(block);
  return cover === undefined ? '<Block>' : faults.deadText(cover.record);
}

let deadBlock: object | null = null;
let deadRc: object | null = null;

/** Makes the use of a dead block an error. */
export function bury(block: Block): void {
  const dead = isRc(block)
    ? (deadRc ??= deadPrototype(Rc.prototype, complain, show))
    : (deadBlock ??= deadPrototype(Block.prototype, complain, show));
  // Not of an object that the program has made inextensible.
  Reflect.setPrototypeOf(block, dead);
}
