import { types } from 'node:util';

import type { BlockAllocator } from '../block-allocator.ts';
import { Block } from '../block.ts';
import { bufferOf, byteLengthOf, byteOffsetOf, setBytes, viewLengthOf } from '../captured.ts';
import { FreeholdError } from '../errors.ts';
import { promote } from '../promote.ts';
import { bytesOf, typedArrayClassOf } from '../typed-arrays.ts';

// What a scope returns, looked through for memory that ends with the scope: views, alone or in arrays and plain objects, to
// any depth.

/** Where a view was found: the object, and the property of it. The result itself has no place. */
interface Place {
  readonly holder: object;
  readonly key: string | number;
}

/** Called with each view in a result, once for each place. */
type Visitor = (view: ArrayBufferView, place: Place | undefined) => void;

/** Called with what else is met that is no array and no plain object. */
type Meeter = (object: object) => void;

/**
 * Visits the views in `result`: in elements of arrays, and in what `Object.keys` names of plain objects. By a list and not
 * by recursion: however deep, and whatever refers to itself. Instances of classes, maps and sets are not looked into.
 */
export function forEachView(result: unknown, visit: Visitor, meet: Meeter = noMeeting): void {
  if (typeof result !== 'object' || result === null) return;
  if (ArrayBuffer.isView(result)) visit(result, undefined);
  else if (isLookedInto(result)) new Walk(visit, meet).from(result);
  else meet(result);
}

function noMeeting(): void {
  // Most do not care.
}

/** One look through a result. */
class Walk {
  readonly #visit: Visitor;
  readonly #meet: Meeter;
  // What was met and has objects in it, in the order in which it is looked into.
  readonly #met = new Set<object>();

  constructor(visit: Visitor, meet: Meeter) {
    this.#visit = visit;
    this.#meet = meet;
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
    if (ArrayBuffer.isView(value)) this.#visit(value, { holder, key });
    else if (!isLookedInto(value)) this.#meet(value);
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

/**
 * Copies the views of a result that `dies` finds into `to`, and puts the copies where the views were: in the very objects
 * that hold them. Returns the result, or its copy when it is a view itself. When that fails, nothing of `to` is kept.
 */
export function promoteViews(
  result: unknown,
  dies: (view: ArrayBufferView) => boolean,
  to: () => BlockAllocator,
): unknown {
  const copies = new Map<ArrayBufferView, ArrayBufferView>();
  const places: [Place | undefined, ArrayBufferView][] = [];
  let target: BlockAllocator | undefined;
  try {
    forEachView(result, (view, place) => {
      if (!dies(view)) return;
      let copy = copies.get(view);
      if (copy === undefined) {
        target ??= to();
        copy = copyOf(view, target);
        copies.set(view, copy);
      }
      places.push([place, copy]);
    });
    for (const [place] of places) if (place !== undefined) checkWritable(place);
  } catch (error) {
    for (const copy of copies.values()) target?.free(copy);
    throw error;
  }
  let promoted = result;
  for (const [place, copy] of places) {
    if (place === undefined) promoted = copy;
    else Reflect.defineProperty(place.holder, place.key, { value: copy }); // No setter is called.
  }
  return promoted;
}

/** Throws `ERR_FREEHOLD_ESCAPE` when a result has a view that `dies` finds. */
export function refuseViews(result: unknown, dies: (view: ArrayBufferView) => boolean): void {
  forEachView(result, (view, place) => {
    if (!dies(view)) return;
    const where = place === undefined ? 'the result' : `property '${place.key}' in the result`;
    throw new FreeholdError(
      'ERR_FREEHOLD_ESCAPE',
      `${where} of a scope is memory of its arena (${lengthOf(view)} bytes), which ends with the scope; ` +
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

function lengthOf(view: ArrayBufferView): number {
  return types.isDataView(view) ? viewLengthOf(view) : byteLengthOf(view);
}

/** A copy in `to` that is of the same kind: a Block for a Buffer, a typed array of the same class, a DataView. */
function copyOf(view: ArrayBufferView, to: BlockAllocator): ArrayBufferView {
  if (view instanceof Block) return promote(view, to);
  if (types.isDataView(view)) {
    const block = to.copy(view);
    return new DataView(bufferOf(block) as ArrayBuffer, byteOffsetOf(block), byteLengthOf(block));
  }
  const constructor = typedArrayClassOf(view);
  if (constructor === undefined) return to.copy(view);
  const copy = to.array(constructor, byteLengthOf(view) / constructor.BYTES_PER_ELEMENT);
  setBytes(bytesOf(copy), bytesOf(view));
  return copy;
}
