import { withoutPrototype } from '../captured.ts';
import { type Room, changedPoison, poison, roomBytes } from './memory.ts';
import type { BlockRecord } from './record.ts';

/** A freed block that somebody has written to. */
export interface LateWrite {
  readonly record: BlockRecord;
  /** How far from its beginning the first changed byte is: negative before it. */
  readonly distance: number;
}

/** More entries than that are never kept: each is an object of the engine, too. The ring has room for all of them at once. */
const MOST = 64 * 1024;

/** The memory of freed blocks, kept from use until newer ones push it out. */
export class Quarantine {
  // A ring: the oldest is at #first.
  readonly #rooms = withoutPrototype(new Array<Room | undefined>(MOST).fill(undefined));
  readonly #records = withoutPrototype(new Array<BlockRecord | undefined>(MOST).fill(undefined));
  #first = 0;
  #count = 0;
  /** Bytes that are kept. */
  bytes = 0;

  /** How many blocks are kept. */
  get blocks(): number {
    return this.#count;
  }

  /** Poisons a freed block and keeps it, within `limit` bytes. `leave` hears of those that have to leave for it. */
  add(room: Room, record: BlockRecord, limit: number, leave: Leave): void {
    const bytes = roomBytes(room);
    // The limit may be lower than it was.
    const fits = bytes <= limit;
    const most = fits ? limit - bytes : limit;
    while (this.#count === MOST || (this.#count > 0 && this.bytes > most)) this.#pop(leave);
    if (!fits) return;
    poison(room, record.bytes);
    const place = (this.#first + this.#count) & (MOST - 1);
    this.#rooms[place] = room;
    this.#records[place] = record;
    this.#count++;
    this.bytes += bytes;
  }

  /** Looks at all that is kept. */
  check(found: (write: LateWrite) => void): void {
    for (let index = 0; index < this.#count; index++) {
      const place = (this.#first + index) & (MOST - 1);
      const room = this.#rooms[place];
      const record = this.#records[place];
      if (room === undefined || record === undefined) continue;
      const distance = changedPoison(room, record.bytes);
      if (distance !== null) found({ record, distance });
    }
  }

  #pop(leave: Leave): void {
    const place = this.#first;
    const room = this.#rooms[place];
    const record = this.#records[place];
    this.#rooms[place] = this.#records[place] = undefined;
    this.#first = (place + 1) & (MOST - 1);
    this.#count--;
    if (room === undefined || record === undefined) return;
    this.bytes -= roomBytes(room);
    leave(record, changedPoison(room, record.bytes));
  }
}

/** Hears of a block that leaves, and how far from its beginning it was written to; null when it was not. */
export type Leave = (record: BlockRecord, distance: number | null) => void;
