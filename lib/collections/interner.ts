import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import { checkFlag, describe, wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { type CollectionOptions, readCollectionOptions } from './options.ts';
import { RcString } from './rc-string.ts';
import { textNode } from './string-node.ts';
import { type Store, type StoreNode, storeOf } from './store.ts';

/** How an interner works. */
export interface InternerOptions extends CollectionOptions {
  /**
   * Whether the interner holds its strings until it is cleared or disposed, also when nobody else does. Default: false over an
   * `RcHeap`; true over other allocators, an arena among them, where freed memory may not be used again.
   */
  readonly keep?: boolean;
}

/** What an interner knows of a text: a name of its node that may be dead, and whether it holds it. */
interface Entry {
  readonly weak: StoreNode;
  readonly kept: StoreNode | null;
}

const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * Gives equal texts the same string: one block, however often a text comes. A string goes with the last one that holds it,
 * unless the interner is told to keep it.
 *
 * @example
 * ```ts
 * import { Interner, RcHeap } from 'freehold';
 * import assert from 'node:assert';
 *
 * using heap = new RcHeap();
 * using interner = new Interner({ allocator: heap });
 * const first = interner.intern('content-type');
 * const again = interner.intern('content-type');
 * assert.equal(first.address, again.address);
 * first.release();
 * again.release();
 * assert.equal(interner.size, 0);
 * assert.equal(heap.stats().blocks, 0);
 * ```
 */
export class Interner {
  readonly #store: Store;
  readonly #keep: boolean;
  readonly #entries = new Map<string, Entry>();
  #disposed = false;

  /** @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense. */
  constructor(options?: InternerOptions) {
    const { allocator, keep } = readCollectionOptions(options, 'Interner', ['keep']);
    if (keep !== undefined) checkFlag(keep, 'keep');
    this.#store = storeOf(allocator);
    this.#keep = keep ?? this.#store.heap === null;
  }

  /**
   * The string of a text, which the caller owns: the same block as long as there is one. Lone surrogates are U+FFFD.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no text, `ERR_FREEHOLD_DISPOSED`, and as the allocator does.
   */
  intern(text: string | RcString): RcString {
    const { store } = Interner.#live(this);
    const key = keyOf(text);
    const found = this.#entries.get(key);
    const known = found === undefined ? null : store.upgrade(found.weak);
    if (known !== null) return RcString.over(store, known);
    // What was there is dead, and may not have been heard of.
    if (found !== undefined) this.#forget(key, found);
    const node = typeof text === 'string' ? textNode(store, key) : RcString.nodeIn(text, store);
    try {
      this.#enter(key, node);
    } catch (error) {
      store.drop(node);
      throw error;
    }
    return RcString.over(store, node);
  }

  /** Whether there is a string of a text now. */
  has(text: string | RcString): boolean {
    const { store } = Interner.#live(this);
    const found = this.#entries.get(keyOf(text));
    const node = found === undefined ? null : store.upgrade(found.weak);
    if (node !== null) store.drop(node);
    return node !== null;
  }

  /** How many strings it knows. Those that a reset of their allocator has ended are among them until `clear()`. */
  get size(): number {
    Interner.#live(this);
    return this.#entries.size;
  }

  /** The allocator that the strings are from. */
  get allocator(): Allocator {
    return Interner.#live(this).store.allocator;
  }

  /** Forgets all strings, and gives up those that it keeps; the others stay with those who hold them. */
  clear(): void {
    Interner.#live(this);
    this.#clear();
  }

  /** The same, for good. Further calls do nothing; any other use throws `ERR_FREEHOLD_DISPOSED`. */
  dispose(): void {
    const { disposed } = Interner.#checked(this);
    if (disposed) return;
    this.#disposed = true;
    this.#clear();
  }

  /** The same as {@link Interner.dispose}. */
  [Symbol.dispose](): void {
    Interner.#checked(this);
    this.dispose();
  }

  /** How many strings it knows, for logs. */
  toJSON(): { size: number } {
    Interner.#checked(this);
    return { size: this.#entries.size };
  }

  [inspect.custom](): string {
    if (!(#entries in this)) return 'Interner {}';
    return this.#disposed ? 'Interner { disposed }' : `Interner { ${this.#entries.size} strings }`;
  }

  // ---- Within ----------------------------------------------------------------------------------------------------

  #enter(key: string, node: StoreNode): void {
    const store = this.#store;
    const entries = this.#entries;
    const entry = { weak: store.weak(node), kept: this.#keep ? node : null };
    if (this.#keep) store.retain(node);
    else {
      store.onEnd(node, () => {
        if (entries.get(key) === entry) entries.delete(key);
      });
    }
    entries.set(key, entry);
  }

  #forget(key: string, { kept }: Entry): void {
    this.#entries.delete(key);
    if (kept !== null) this.#store.drop(kept);
  }

  #clear(): void {
    for (const [key, entry] of this.#entries) this.#forget(key, entry);
  }

  static #checked(value: Interner): { store: Store; disposed: boolean } {
    if (typeof value === 'object' && value !== null && #entries in value)
      return { store: value.#store, disposed: value.#disposed };
    throw wrongReceiverOf('Interner', value);
  }

  static #live(value: Interner): { store: Store } {
    const found = Interner.#checked(value);
    if (found.disposed) throw errors.disposed('Interner');
    return found;
  }
}

/** A text as its bytes will read. */
function keyOf(text: unknown): string {
  if (typeof text === 'string') return text.replace(LONE_SURROGATES, '\ufffd');
  if (RcString.is(text)) return text.toString();
  throw errors.invalid(`a text must be a string or an RcString, but is ${describe(text)}`);
}
