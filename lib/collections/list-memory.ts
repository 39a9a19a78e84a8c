import type { Block } from '../block.ts';
import { bufferOf, byteLengthOf, byteOffsetOf, max, setBytes } from '../captured.ts';
import { checkSize } from '../validate.ts';
import * as errors from './errors.ts';
import { Held } from './held.ts';
import type { Store, StoreNode } from './store.ts';
import { BOOL, NULL, isRef, putNumber, putWord, tagAt } from './value-words.ts';

// The two blocks of a list. The head never moves, so that other lists can refer to it: the address of the body (uint64), its
// capacity in elements (uint32), and how often the body has moved (uint32, from 0 again after 2^32-1). Its reference 0 is the
// body: the length (uint64), then 8 bytes for each element, whose reference i is what element i names. All little endian.

const HEAD_BYTES = 16;
const CAPACITY = 8;
const MOVES = 12;
const HEADER = 8;
const WORD = 8;
const HIGH = 2 ** 32;
/** A body of 64 bytes; twice as many and one more fill 128. */
const FIRST_CAPACITY = 7;
const MAX_CAPACITY = 2 ** 32 - 1;

/** The memory of a list as one of the objects that share it sees it. */
export class ListMemory {
  readonly head: Held;
  readonly #head: DataView;
  // The body as it was when it was last looked at. It is not held: what it refers to dies when the list lets go of it.
  #body!: StoreNode;
  #block!: Block;
  #view!: DataView;
  #moves = -1;

  /** Takes a handle of the head over. */
  constructor(head: Held) {
    this.head = head;
    this.#head = viewOf(head.block);
  }

  get store(): Store {
    return this.head.store;
  }

  /** A new list. */
  static create(store: Store, capacity: number): ListMemory {
    const head = Held.make(store, HEAD_BYTES, 1);
    try {
      const body = store.make(bytesOf(max(capacity, FIRST_CAPACITY)), 0);
      const view = viewOf(store.view(body));
      view.setUint32(0, 0, true);
      view.setUint32(4, 0, true);
      const memory = new ListMemory(head);
      memory.#enter(body, -1);
      return memory;
    } catch (error) {
      head.release();
      throw error;
    }
  }

  /** Whether a node is a list's head. */
  static isHead(store: Store, node: StoreNode): boolean {
    if (byteLengthOf(store.view(node)) !== HEAD_BYTES || store.slots(node) === 0) return false;
    const body = store.peekRef(node, 0);
    return body !== null && byteLengthOf(store.view(body)) >= bytesOf(FIRST_CAPACITY);
  }

  /** How many elements there are. Every look at the list begins here: the others rely on the body that it has found. */
  get length(): number {
    const view = this.#look();
    const length = view.getUint32(0, true) + view.getUint32(4, true) * HIGH;
    if (length > this.capacity) throw errors.corrupt('List', length);
    return length;
  }

  /** Elements that there is room for. */
  get capacity(): number {
    return (byteLengthOf(this.#block) - HEADER) / WORD;
  }

  /** The words of the elements: element i is at `at(i)`. */
  get view(): DataView {
    return this.#view;
  }

  static at(index: number): number {
    return HEADER + WORD * index;
  }

  /** What an element names; null for a number and the like. */
  refOf(index: number): StoreNode | null {
    return this.store.peekRef(this.#body, index);
  }

  /** Makes room for `more` elements, and with `refs` for a reference of each element as well. The list is as it was when there is none. */
  ensure(more: number, refs: boolean): void {
    // Memory comes with collections, and those with callbacks, which may use this very list.
    for (;;) {
      const { length } = this;
      if (length + more > this.capacity) this.#grow(length, max(length + more, 2 * this.capacity + 1));
      else if (refs && this.store.slots(this.#body) < this.capacity)
        this.store.reserve(this.#body, this.capacity);
      else return;
    }
  }

  /** Writes an element that names nothing; `length` is the new length. What was there before may die, and call back. */
  putScalar(index: number, value: number | boolean | null, length: number): void {
    const view = this.#view;
    const at = ListMemory.at(index);
    const appends = index >= this.length; // Behind the last element no reference leads anywhere.
    this.store.edits++;
    if (typeof value === 'number') putNumber(view, at, value);
    else if (value === null) putWord(view, at, NULL, 0);
    else putWord(view, at, BOOL, value ? 1 : 0);
    this.#setLength(length);
    if (!appends && this.refOf(index) !== null) this.store.setRef(this.#body, index, null);
  }

  /** The same for one that names `to`, a handle of which is given up. */
  putRef(index: number, tag: number, to: StoreNode, length: number): void {
    const { store } = this;
    const view = this.#view;
    const body = this.#body;
    const at = ListMemory.at(index);
    const before = this.length;
    const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    const edits = ++store.edits;
    putWord(view, at, tag, store.word(to));
    this.#setLength(length);
    try {
      store.moveRef(body, index, to);
    } catch (error) {
      // A callback has thrown when all was done, or it could not be done.
      if (store.edits === edits && store.peekRef(body, index) !== to) {
        view.setUint32(at, low, true);
        view.setUint32(at + 4, high, true);
        this.#setLength(before);
        store.drop(to);
      }
      throw error;
    }
  }

  /** Shortens the list by its last element. */
  dropLast(length: number): void {
    this.store.edits++;
    this.#setLength(length - 1);
    if (this.refOf(length - 1) !== null) this.store.setRef(this.#body, length - 1, null);
  }

  #setLength(length: number): void {
    this.#view.setUint32(0, length % HIGH, true);
    this.#view.setUint32(4, Math.floor(length / HIGH), true);
  }

  /** The body as it is now: another object of the same list may have moved it. */
  #look(): DataView {
    if (!this.head.attached) throw errors.gone('List');
    const moves = this.#head.getUint32(MOVES, true);
    if (moves !== this.#moves) {
      const body = this.store.peekRef(this.head.node, 0);
      if (body === null) throw errors.corrupt('List', 0);
      this.#body = body;
      this.#block = this.store.view(body);
      this.#view = viewOf(this.#block);
      this.#moves = moves;
    }
    if (byteLengthOf(this.#block) === 0) throw errors.gone('List');
    return this.#view;
  }

  #grow(length: number, capacity: number): void {
    const { store } = this;
    const from = this.#body;
    const old = this.#view;
    const refs = store.slots(from) > 0;
    const { edits } = store;
    const body = store.make(bytesOf(capacity), refs ? capacity : 0);
    try {
      setBytes(store.view(body), new Uint8Array(old.buffer, old.byteOffset, bytesOf(length)));
      // A reference may drive a collection on, whose callbacks may change this list, and end its body.
      for (let index = 0; refs && index < length && store.edits === edits; index++) {
        if (isRef(tagAt(old, ListMemory.at(index)))) store.setRef(body, index, store.peekRef(from, index));
      }
    } catch (error) {
      store.drop(body);
      throw error;
    }
    // When a list has changed meanwhile, this may be no copy any more.
    if (store.edits === edits) this.#enter(body, this.#moves);
    else store.drop(body);
  }

  /** Makes a new body, whose handle is given up, the body of the list. */
  #enter(body: StoreNode, moves: number): void {
    const { store, head } = this;
    try {
      const block = store.view(body);
      const { address } = block;
      store.edits++;
      this.#head.setBigUint64(0, address, true);
      this.#head.setUint32(CAPACITY, (byteLengthOf(block) - HEADER) / WORD, true);
      this.#head.setUint32(MOVES, moves + 1, true);
      store.moveRef(head.node, 0, body);
    } catch (error) {
      if (store.peekRef(head.node, 0) !== body) store.drop(body);
      throw error;
    }
  }
}

function bytesOf(capacity: number): number {
  if (capacity > MAX_CAPACITY)
    throw errors.tooLong('List', HEADER + WORD * capacity, HEADER + WORD * MAX_CAPACITY);
  return checkSize(HEADER + WORD * capacity, 'length in bytes');
}

function viewOf(block: Block): DataView {
  return new DataView(bufferOf(block) as ArrayBuffer, byteOffsetOf(block), byteLengthOf(block));
}
