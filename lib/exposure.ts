import type { Allocator } from './allocator.ts';
import { bufferOf, memoryLengthOf, transfer } from './captured.ts';
import { native } from './native.ts';
import { MAX_ALIGNMENT } from './validate.ts';

// How memory that C++ owns is shown to JavaScript, and taken away again.

/** Whether this runtime moves memory from one ArrayBuffer to another by itself (Node 22 and later). */
export const canTransfer = transfer !== undefined;

/**
 * The same memory under a new ArrayBuffer; the old one and every view of it have length 0 from now on. Undefined when
 * that cannot be done: the memory escaped, or the program forbade it (`markAsUntransferable`).
 *
 * A transfer to the same length costs a fifth of detaching and wrapping anew, leaves no finalizer behind, and gives an
 * ArrayBuffer that Node does not try to detach at exit, where a marked one would end the process (Node 24 and 26).
 */
export function renew(buffer: ArrayBuffer): ArrayBuffer | undefined {
  if (transfer === undefined) return undefined;
  try {
    return transfer(buffer);
  } catch {
    return undefined;
  }
}

/** Detaches a buffer. Whether it was attached before and is not now. */
export function detach(buffer: ArrayBuffer): boolean {
  if (transfer === undefined) return native.detach(buffer);
  try {
    transfer(buffer, 0);
    return true;
  } catch {
    return false;
  }
}

/** The address of a buffer's first byte, modulo the largest alignment. A buffer of no bytes has none, and needs none. */
export function biasOf(buffer: ArrayBufferLike): number {
  if (memoryLengthOf(buffer) === 0) return 0;
  const address = native.addressOf(new Uint8Array(buffer, 0, 1)) ?? 0n;
  return Number(address & BigInt(MAX_ALIGNMENT - 1));
}

/** What a constructor returns is what a derived class puts its private fields on: the way to give an object of any class some. */
export class Stamped<T extends object> {
  constructor(object: T) {
    return object;
  }
}

/** Names a buffer's allocator in a private field: strong, out of reach of programs, and cheaper than a WeakMap. */
class Owner extends Stamped<ArrayBuffer> {
  #allocator: Allocator;
  // Whether a view of the buffer was given an owner of its own.
  #namesViews = false;

  constructor(buffer: ArrayBuffer, allocator: Allocator) {
    super(buffer);
    this.#allocator = allocator;
  }

  static of(buffer: object): Allocator | undefined {
    return #allocator in buffer ? buffer.#allocator : undefined;
  }

  static nameViews(buffer: object): void {
    if (#allocator in buffer) buffer.#namesViews = true;
  }

  static namesViews(buffer: object): boolean {
    return #allocator in buffer && buffer.#namesViews;
  }
}

/** Says whose memory a new buffer shows. Views keep it, and with it the allocator, alive. */
export function setOwner(buffer: ArrayBuffer, allocator: Allocator): void {
  new Owner(buffer, allocator);
}

/** The allocator whose memory a buffer shows, or showed until it was detached. */
export function ownerOf(buffer: ArrayBufferLike): Allocator | undefined {
  return Owner.of(buffer);
}

/** Names the allocator of one view, where it is another than its buffer's, and keeps what wrappers know of it. */
class ViewStamp extends Stamped<ArrayBufferView> {
  #allocator: Allocator | undefined;
  #note: object | undefined;

  constructor(view: ArrayBufferView, allocator: Allocator | undefined, note: object | undefined) {
    super(view);
    this.#allocator = allocator;
    this.#note = note;
  }

  static ownerOf(view: object): Allocator | undefined {
    return #allocator in view ? view.#allocator : undefined;
  }

  static noteOf(view: object): object | undefined {
    return #allocator in view ? view.#note : undefined;
  }

  static setOwner(view: object, allocator: Allocator | undefined): boolean {
    if (!(#allocator in view)) return false;
    view.#allocator = allocator;
    return true;
  }

  static setBoth(view: object, allocator: Allocator, note: object): boolean {
    if (!(#allocator in view)) return false;
    view.#allocator = allocator;
    view.#note = note;
    return true;
  }
}

function stamp(view: ArrayBufferView, allocator: Allocator, note: object | undefined): void {
  new ViewStamp(view, allocator, note);
  const buffer = bufferOf(view);
  if (buffer !== undefined) Owner.nameViews(buffer);
}

/**
 * Says which allocator a view is to be given back to, before the one that its buffer names. Undefined takes that back: a
 * pool hands the same object out again.
 */
export function setViewOwner(view: ArrayBufferView, allocator: Allocator | undefined): void {
  if (!ViewStamp.setOwner(view, allocator) && allocator !== undefined) stamp(view, allocator, undefined);
}

/**
 * The same for a view that names none yet, and that no arena made: it costs a third, and no arena has to look for it among
 * the views that it hands out again.
 */
export function nameViewOwner(view: ArrayBufferView, allocator: Allocator): void {
  new ViewStamp(view, allocator, undefined);
}

/** The allocator that a view itself names. */
export function viewOwnerOf(view: ArrayBufferView): Allocator | undefined {
  return ViewStamp.ownerOf(view);
}

/** `setViewOwner` and a note for whoever keeps records of views, in one: a second stamp would cost as much again. */
export function stampView(view: ArrayBufferView, allocator: Allocator, note: object): void {
  if (!ViewStamp.setBoth(view, allocator, note)) stamp(view, allocator, note);
}

/** The note that was last left on a view; undefined for what is no view, or has none. */
export function noteOf(view: unknown): object | undefined {
  return typeof view === 'object' && view !== null ? ViewStamp.noteOf(view) : undefined;
}

/** Whether any view of a buffer has ever named an allocator. */
export function namesViews(buffer: ArrayBufferLike): boolean {
  return Owner.namesViews(buffer);
}
