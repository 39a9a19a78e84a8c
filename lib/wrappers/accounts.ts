import { types } from 'node:util';

import { bufferLengthOf, bufferOf, max } from '../captured.ts';
import type { BlockRecord } from './record.ts';

/** How many buffers are known before the first sweep. */
const FIRST_SWEEP = 64;

/** The blocks that one ArrayBuffer shows. The buffer is held weakly: to count memory must not keep it. */
export class Account {
  bytes = 0;
  blocks = 0;
  /** The buffer was detached or collected, and with it every block. */
  ended = false;
  readonly #buffer: WeakRef<ArrayBufferLike>;

  constructor(buffer: ArrayBufferLike) {
    this.#buffer = new WeakRef(buffer);
  }

  isOver(): boolean {
    const buffer = this.#buffer.deref();
    return buffer === undefined || isDetached(buffer);
  }
}

/**
 * Requested bytes, counted by the ArrayBuffer that shows them: an allocator that ends many blocks at once (a reset, a
 * rewind, a dispose) tells no wrapper, but detaches their buffer. To look at buffers costs less than to look at blocks,
 * and needs no hold on either.
 */
export class Accounts {
  bytes = 0;
  blocks = 0;
  readonly #ofBuffer = new WeakMap<ArrayBufferLike, Account>();
  readonly #all = new Set<Account>();
  #sweepAt = FIRST_SWEEP;

  add(record: BlockRecord, view: ArrayBufferView): void {
    const buffer = bufferOf(view) as ArrayBufferLike;
    const account = this.#ofBuffer.get(buffer) ?? this.#open(buffer);
    account.bytes += record.bytes;
    account.blocks++;
    this.bytes += record.bytes;
    this.blocks++;
    record.account = account;
  }

  remove(record: BlockRecord): void {
    const { account } = record;
    if (account === null || account.ended) return;
    record.account = null;
    account.bytes -= record.bytes;
    account.blocks--;
    this.bytes -= record.bytes;
    this.blocks--;
  }

  /**
   * Takes out what ended without a word, and says whether anything did. Looks at each buffer: there is one for each chunk,
   * slab or large block.
   */
  sweep(): boolean {
    const before = this.#all.size;
    for (const account of this.#all) {
      if (account.isOver()) this.#end(account);
    }
    this.#sweepAt = max(FIRST_SWEEP, this.#all.size * 2);
    return this.#all.size < before;
  }

  /** Everything has ended. */
  clear(): void {
    for (const account of this.#all) this.#end(account);
  }

  #end(account: Account): void {
    account.ended = true;
    this.bytes -= account.bytes;
    this.blocks -= account.blocks;
    this.#all.delete(account);
  }

  #open(buffer: ArrayBufferLike): Account {
    if (this.#all.size >= this.#sweepAt) this.sweep();
    const account = new Account(buffer);
    this.#ofBuffer.set(buffer, account);
    this.#all.add(account);
    return account;
  }
}

/** Of length 0 because its memory is gone, and not because it was made so. */
function isDetached(buffer: ArrayBufferLike): boolean {
  if (types.isSharedArrayBuffer(buffer) || bufferLengthOf(buffer) > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}
