import { inspect } from 'node:util';

import type { Allocator } from '../allocator.ts';
import type { RcHeap } from '../rc-heap.ts';
import { checkSize, describe, wrongReceiverOf } from '../validate.ts';
import * as errors from './errors.ts';
import { Held } from './held.ts';
import { ListMemory } from './list-memory.ts';
import { type CollectionOptions, checkRcHeap, readCollectionOptions } from './options.ts';
import { RcString } from './rc-string.ts';
import { textNode } from './string-node.ts';
import { type Store, type StoreNode, areOne, storeOf } from './store.ts';
import { LIST, STRING, scalarAt, tagAt } from './value-words.ts';
import { type ValueKind, kindOf } from './value.ts';

/** How a list begins. */
export interface ListOptions extends CollectionOptions {
  /** Elements that there is room for at once. Default, and least: 7. */
  readonly capacity?: number;
}

/** What an element of a list is when it is read. Strings and lists are the reader's to release. */
export type ListValue = number | boolean | null | RcString | List;

/** What can be put into a list: texts become strings. */
export type ListInput = ListValue | string;

/** The same, and arrays of it: what {@link List.from} takes. */
export type NestedInput = ListInput | readonly NestedInput[];

/** What is left of a list in JavaScript. */
export type PlainValue = number | boolean | null | string | PlainValue[];

/**
 * A growing list of numbers, truth values, nulls, strings and other lists, one word of 8 bytes each, as {@link Value}
 * describes them. It keeps the strings and lists that are in it alive; over an `RcHeap` lists that contain each other are found
 * by its collections, over any other allocator they stay until it ends them.
 *
 * Who makes a list, or gets one from a list, owns it, and releases it by `release()` or `using`. All objects of the same list
 * see the same elements.
 *
 * For C, all little endian: the head, 16 bytes that never move, has the address of the body (uint64), its capacity in
 * elements (uint32), and how often it has moved (uint32). The body has the length (uint64), then the words of the elements.
 *
 * @example
 * ```ts
 * import { List } from 'freehold';
 * import assert from 'node:assert';
 *
 * using list = List.from([1, 2.5, 'three', null]);
 * {
 *   using inner = List.from([true]);
 *   list.push(inner);
 * } // the list still has it
 * assert.equal(list.length, 5);
 * assert.deepEqual(list.toArray(), [1, 2.5, 'three', null, [true]]);
 * ```
 */
export class List {
  #memory: ListMemory | null;

  /** @internal */
  constructor(memory: ListMemory) {
    if (!(memory instanceof ListMemory)) throw errors.notMade('List', 'List.create() or List.from()');
    this.#memory = memory;
  }

  /**
   * An empty list, which the caller owns.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense, `ERR_FREEHOLD_INVALID_SIZE` for a capacity that is
   * none, and as the allocator does.
   */
  static create(options?: ListOptions): List {
    const { allocator, capacity = 0 } = readCollectionOptions(options, 'List', ['capacity']);
    return new List(ListMemory.create(storeOf(allocator), checkSize(capacity, 'capacity')));
  }

  /**
   * A list of these elements, which the caller owns. Arrays among them become lists, so that it takes what
   * {@link List.toArray} gives, arrays that contain each other too.
   *
   * @throws as {@link List.create} and {@link List.push}.
   */
  static from(values: Iterable<NestedInput>, options?: ListOptions): List {
    if (typeof values !== 'object' || values === null || typeof values[Symbol.iterator] !== 'function')
      throw errors.invalid(`the elements of a list must be iterable, but are ${describe(values)}`);
    const root = List.create(options);
    const { allocator } = root;
    // Grows while it is walked.
    const lists = new Map<Iterable<NestedInput>, List>([[values, root]]);
    try {
      for (const [elements, list] of lists) {
        for (const value of elements) {
          if (!isNested(value)) {
            list.push(value);
            continue;
          }
          const inner = lists.get(value) ?? List.create({ allocator });
          lists.set(value, inner);
          list.push(inner);
        }
      }
    } catch (error) {
      root.release();
      throw error;
    } finally {
      // What is in another is held by that.
      lists.delete(values);
      for (const inner of lists.values()) inner.release();
    }
    return root;
  }

  /**
   * A list for a handle of its head, which it takes over from the caller.
   *
   * @throws `ERR_FREEHOLD_USE_AFTER_FREE` for what is no living block, `ERR_FREEHOLD_INVALID_ARGUMENT` when the block is no
   * list's head; then the handle is still the caller's.
   */
  static adopt(heap: RcHeap, handle: number): List {
    const store = storeOf(checkRcHeap(heap));
    if (!ListMemory.isHead(store, handle)) throw errors.notOurs('list', handle);
    return new List(new ListMemory(new Held(store, handle)));
  }

  // ---- Elements --------------------------------------------------------------------------------------------------

  /** How many elements there are. O(1). */
  get length(): number {
    return List.#live(this).length;
  }

  /** How many elements there is room for. */
  get capacity(): number {
    const memory = List.#live(this);
    return memory.length >= 0 ? memory.capacity : 0;
  }

  /**
   * Appends an element, which the list shares from then on: the caller's own string or list stays the caller's. A slice, and a
   * string of another allocator, is copied.
   *
   * @returns the new length.
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no value, and for a list of another allocator; as the allocator does; and
   * what `onDispose` callbacks of an `RcHeap` throw, which may have been called. But for the last, nothing has changed then.
   */
  push(value: ListInput): number {
    const memory = List.#live(this);
    const to = isScalar(value) ? null : nodeOf(value, memory.store);
    ensure(memory, to, 1);
    const { length } = memory;
    put(memory, length, value, to, length + 1);
    return length + 1;
  }

  /** Removes the last element, and gives it to the caller; undefined when there is none. */
  pop(): ListValue | undefined {
    const memory = List.#live(this);
    const { length } = memory;
    if (length === 0) return undefined;
    const value = read(memory, length - 1);
    memory.dropLast(length);
    return value;
  }

  /**
   * One element. A string or a list is the caller's to release.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is none at `index`, `ERR_FREEHOLD_CORRUPTION` when something else has
   * written to the list's memory.
   */
  get(index: number): ListValue {
    const memory = List.#live(this);
    checkIndex(index, memory.length);
    return read(memory, index);
  }

  /** What kind of value an element is. */
  kind(index: number): ValueKind {
    const memory = List.#live(this);
    checkIndex(index, memory.length);
    return kindOf(memory.view, ListMemory.at(index));
  }

  /**
   * Puts another value in the place of an element.
   *
   * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` when there is none at `index`, and as {@link List.push}.
   */
  set(index: number, value: ListInput): void {
    const memory = List.#live(this);
    checkIndex(index, memory.length);
    const to = isScalar(value) ? null : nodeOf(value, memory.store);
    ensure(memory, to, 0);
    const { length } = memory;
    if (index < length) put(memory, index, value, to, length);
    else {
      // A callback has made the list shorter.
      if (to !== null) memory.store.drop(to);
      checkIndex(index, length);
    }
  }

  /** Removes all elements; the room stays. */
  clear(): void {
    const memory = List.#live(this);
    for (let { length } = memory; length > 0; length = memory.length) memory.dropLast(length);
  }

  /**
   * The elements one after another. A string or a list is the iteration's, which releases it before the next one: `copy()` or
   * `share()` it to keep it. For an array of all of them there is {@link List.toArray}.
   */
  [Symbol.iterator](): Generator<ListValue, void, undefined> {
    List.#live(this);
    return List.#elements(this);
  }

  /** The elements in JavaScript: strings as strings, lists as arrays. Lists that contain each other become such arrays. */
  toArray(): PlainValue[] {
    const { store } = List.#live(this);
    const root: PlainValue[] = [];
    const arrays = new Map<StoreNode, PlainValue[]>([[List.#live(this).head.node, root]]);
    const work: [List, PlainValue[]][] = [[this.share(), root]];
    try {
      for (let next = work.pop(); next !== undefined; next = work.pop()) {
        const [from, array] = next;
        using list = from;
        for (const value of list) {
          if (!(value instanceof List)) array.push(isScalar(value) ? value : value.toString());
          else {
            const { node } = List.#live(value).head;
            let inner = arrays.get(node);
            if (inner === undefined) {
              inner = [];
              arrays.set(node, inner);
              work.push([value.share(), inner]);
            }
            array.push(inner);
          }
        }
      }
    } finally {
      for (const [list] of work) if (store.heap?.disposed !== true) list.release();
    }
    return root;
  }

  // ---- Sharing ---------------------------------------------------------------------------------------------------

  /** Another object of the same list, which the caller owns. */
  share(): List {
    return new List(new ListMemory(List.#live(this).head.share()));
  }

  /** Whether another object is of the same list. */
  isSame(other: List): boolean {
    const { head } = List.#live(this);
    const { head: theirs } = List.#argument(other);
    return areOne(head.store, theirs.store) && head.node === theirs.node;
  }

  /** How many hold the list: objects, and lists that it is in. */
  get refCount(): number {
    return List.#live(this).head.count;
  }

  /** The handle of the head, for the methods of an `RcHeap`; 0 over another allocator. */
  get handle(): number {
    const { store, head } = List.#live(this);
    return store.heap === null ? 0 : store.word(head.node);
  }

  /** The address of the head, for native code. Valid as long as the list is not released. */
  get address(): bigint {
    return List.#live(this).head.block.address;
  }

  /** The allocator that the memory is from. */
  get allocator(): Allocator {
    return List.#live(this).store.allocator;
  }

  /**
   * Gives the list up. This object must not be used any more.
   *
   * @throws `ERR_FREEHOLD_DOUBLE_FREE` when it was released before.
   */
  release(): void {
    const memory = List.#checked(this);
    if (memory === null) throw errors.releasedBefore('List');
    this.#memory = null;
    memory.head.release();
  }

  /** Releases the list; does nothing when it was released before. */
  [Symbol.dispose](): void {
    if (List.#checked(this) !== null) this.release();
  }

  /** The elements, for JSON. */
  toJSON(): PlainValue[] {
    List.#live(this);
    return this.toArray();
  }

  [inspect.custom](): string {
    if (!(#memory in this) || this.#memory === null) return 'List { released }';
    return this.#memory.head.attached ? `List ${inspect(this.toArray())}` : 'List { gone }';
  }

  /** @internal What a list holds; undefined for what is none, and when it was released. */
  static heldBy(value: object): Held | undefined {
    return #memory in value ? value.#memory?.head : undefined;
  }

  /** @internal The node of a list of a store, with one handle more. */
  static nodeIn(list: List, store: Store): StoreNode {
    const { head } = List.#argument(list);
    if (!areOne(head.store, store))
      throw errors.invalid('a list of another allocator cannot be an element: nothing would keep it alive');
    store.retain(head.node);
    return head.node;
  }

  static *#elements(list: List): Generator<ListValue, void, undefined> {
    for (let index = 0; index < list.length; index++) {
      const value = list.get(index);
      try {
        yield value;
      } finally {
        if (!isScalar(value)) value[Symbol.dispose]();
      }
    }
  }

  static #checked(value: List): ListMemory | null {
    if (typeof value === 'object' && value !== null && #memory in value) return value.#memory;
    throw wrongReceiverOf('List', value);
  }

  static #live(value: List): ListMemory {
    const memory = List.#checked(value);
    if (memory !== null) return memory;
    throw errors.released('List');
  }

  static #argument(value: unknown): ListMemory {
    if (typeof value === 'object' && value !== null && #memory in value) return List.#live(value);
    throw errors.invalid(
      `an element of a list must be a number, a boolean, null, a string, an RcString or a List, but is ${describe(value)}`,
    );
  }
}

function isScalar(value: unknown): value is number | boolean | null {
  return typeof value === 'number' || typeof value === 'boolean' || value === null;
}

/** The node of a string or a list, whose handle the caller owns. */
function isNested(value: NestedInput): value is readonly NestedInput[] {
  return Array.isArray(value);
}

function nodeOf(value: string | RcString | List, store: Store): StoreNode {
  if (typeof value === 'string') return textNode(store, value);
  return RcString.is(value) ? RcString.nodeIn(value, store) : List.nodeIn(value, store);
}

/** Room for an element; without it a handle is given up that was to be put there. */
function ensure(memory: ListMemory, to: StoreNode | null, more: number): void {
  try {
    memory.ensure(more, to !== null);
  } catch (error) {
    if (to !== null) memory.store.drop(to);
    throw error;
  }
}

function put(
  memory: ListMemory,
  index: number,
  value: ListInput,
  to: StoreNode | null,
  length: number,
): void {
  if (to === null) memory.putScalar(index, value as number | boolean | null, length);
  else memory.putRef(index, typeof value === 'string' || RcString.is(value) ? STRING : LIST, to, length);
}

function read(memory: ListMemory, index: number): ListValue {
  const at = ListMemory.at(index);
  const scalar = scalarAt(memory.view, at);
  if (scalar !== undefined) return scalar;
  const { store } = memory;
  const tag = tagAt(memory.view, at);
  const node = memory.refOf(index);
  if (node === null || (tag === LIST && !ListMemory.isHead(store, node)) || (tag !== LIST && tag !== STRING))
    throw errors.corrupt('List', index);
  store.retain(node);
  return tag === STRING ? RcString.over(store, node) : new List(new ListMemory(new Held(store, node)));
}

function checkIndex(index: number, length: number): void {
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= length)
    throw errors.noElement('List', index, length);
}
