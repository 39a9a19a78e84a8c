import { types } from 'node:util';

import type { Arena } from '../arena.ts';
import type { BlockAllocator } from '../block-allocator.ts';
import { Block } from '../block.ts';
import { bufferOf, byteLengthOf, byteOffsetOf, extentOf, setBytes } from '../captured.ts';
import { CowArray } from '../collections/cow-array.ts';
import { heldBy } from '../collections/held-by.ts';
import { List } from '../collections/list.ts';
import { RcString } from '../collections/rc-string.ts';
import { FreeholdError } from '../errors.ts';
import { promote } from '../promote.ts';
import { bytesOf, typedArrayClassOf } from '../typed-arrays.ts';

// What a scope returns, looked through for memory that ends with the scope: views and collections, alone or in arrays and
// plain objects, to any depth.

/** Where a view was found: the object, and the property of it. The result itself has no place. */
interface Place {
  readonly holder: object;
  readonly key: string | number;
}

/** Called with each view in a result, and whatever else is no array and no plain object, once for each place. */
type Visitor = (value: object, place: Place | undefined) => void;

/**
 * Visits what may be memory in `result`: in elements of arrays, and in what `Object.keys` names of plain objects. By a list and
 * not by recursion: however deep, and whatever refers to itself. Instances of classes, maps and sets are not looked into.
 */
export function forEachMemory(result: unknown, visit: Visitor): void {
  if (typeof result !== 'object' || result === null) return;
  if (!ArrayBuffer.isView(result) && isLookedInto(result)) new Walk(visit).from(result);
  else visit(result, undefined);
}

/** One look through a result. */
class Walk {
  readonly #visit: Visitor;
  // What was met and has objects in it, in the order in which it is looked into.
  readonly #met = new Set<object>();

  constructor(visit: Visitor) {
    this.#visit = visit;
  }

  from(result: object): void {
    this.#met.add(result);
    for (const holder of this.#met) {
      if (Array.isArray(holder)) {
        for (let index = 0; index < holder.length; index++) this.#look(holder, index, holder[index]);
      } else {
        for (const key of Object.keys(holder))
          this.#look(holder, key, (holder as Record<string, unknown>)[key]);
      }
    }
  }

  #look(holder: object, key: string | number, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (ArrayBuffer.isView(value) || !isLookedInto(value)) this.#visit(value, { holder, key });
    else if (!isLeaf(value)) this.#met.add(value);
  }
}

/** Whether there is no object in it: most are leaves, and remembering them costs more than looking twice (70 and 380 ms for 300,000). */
function isLeaf(holder: object): boolean {
  if (Array.isArray(holder)) {
    for (let index = 0; index < holder.length; index++) if (isObject(holder[index])) return false;
    return true;
  }
  for (const key of Object.keys(holder)) if (isObject((holder as Record<string, unknown>)[key])) return false;
  return true;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Arrays and plain objects, of this realm or another. */
function isLookedInto(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** A view, or an object of a collection. */
type Memory = ArrayBufferView | RcString | CowArray | List;

/** What `arena` ends with itself: views of its memory, and collections in it. */
function isMemoryOf(arena: Arena, value: object): value is Memory {
  if (ArrayBuffer.isView(value)) return arena.owns(value);
  const held = heldBy(value);
  return held !== undefined && arena.owns(held.block);
}

/**
 * Copies what in a result is memory of `arena` into another allocator, and puts the copies where it was: in the very objects
 * that hold it. Returns the result, or its copy when it is memory itself. When that fails, no copy is left.
 */
export function promoteMemory(result: unknown, arena: Arena, to: () => BlockAllocator): unknown {
  const copies = new Map<Memory, Memory>();
  const places: [Place | undefined, Memory][] = [];
  let target: BlockAllocator | undefined;
  try {
    forEachMemory(result, (value, place) => {
      if (!isMemoryOf(arena, value)) return;
      let copy = copies.get(value);
      if (copy === undefined) {
        target ??= to();
        copy = copyOf(value, target);
        copies.set(value, copy);
      }
      places.push([place, copy]);
    });
    for (const [place] of places) if (place !== undefined) checkWritable(place);
  } catch (error) {
    for (const copy of copies.values()) {
      if (ArrayBuffer.isView(copy)) target?.free(copy);
      else copy.release();
    }
    throw error;
  }
  let promoted = result;
  for (const [place, copy] of places) {
    if (place === undefined) promoted = copy;
    else Reflect.defineProperty(place.holder, place.key, { value: copy }); // No setter is called.
  }
  return promoted;
}

/** Throws `ERR_FREEHOLD_ESCAPE` when there is memory of `arena` in a result. */
export function refuseMemory(result: unknown, arena: Arena): void {
  forEachMemory(result, (value, place) => {
    if (!isMemoryOf(arena, value)) return;
    const where = place === undefined ? 'the result' : `property '${place.key}' in the result`;
    const what = ArrayBuffer.isView(value) ? `${extentOf(value).byteLength} bytes` : value.constructor.name;
    throw new FreeholdError(
      'ERR_FREEHOLD_ESCAPE',
      `${where} of a scope is memory of its arena (${what}), which ends with the scope; ` +
        "return a copy, or leave { escape: 'throw' } out to have it copied",
    );
  });
}

function checkWritable({ holder, key }: Place): void {
  const { writable, get } = Reflect.getOwnPropertyDescriptor(holder, key) ?? {};
  if (writable === true && get === undefined) return;
  throw new FreeholdError(
    'ERR_FREEHOLD_ESCAPE',
    `property '${key}' in the result of a scope is memory of its arena, and cannot be replaced by a copy ` +
      'because it is read-only or has a getter; copy it before with arena.promote()',
  );
}

/** A copy in `to` that is of the same kind: a Block for a Buffer, a typed array of the same class, a collection of the same. */
function copyOf(value: Memory, to: BlockAllocator): Memory {
  const allocator = to;
  if (value instanceof Block) return promote(value, to);
  if (value instanceof RcString) return RcString.from(value.bytes, { allocator });
  if (value instanceof CowArray) return CowArray.from(value.type, value.view, { allocator });
  if (value instanceof List) return List.from(value.toArray(), { allocator });
  if (types.isDataView(value)) {
    const block = to.copy(value);
    return new DataView(bufferOf(block) as ArrayBuffer, byteOffsetOf(block), byteLengthOf(block));
  }
  const constructor = typedArrayClassOf(value);
  if (constructor === undefined) return to.copy(value);
  const copy = to.array(constructor, byteLengthOf(value) / constructor.BYTES_PER_ELEMENT);
  setBytes(bytesOf(copy), bytesOf(value));
  return copy;
}
