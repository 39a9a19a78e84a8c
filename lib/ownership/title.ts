import type { Allocator } from '../allocator.ts';
import { Stamped } from '../exposure.ts';
import type { Ending } from './ending.ts';

/** Who may use a resource now. A const enum: an exported constant is looked up at each use. */
export const enum State {
  /** Nobody has borrowed it. A number above counts shared borrows. */
  FREE = 0,
  /** One borrower may write it. */
  EXCLUSIVE = -1,
  /** The handle gave it to another. */
  MOVED = -2,
  /** The handle handed the raw resource out. */
  RELEASED = -3,
  /** It was ended. */
  DISPOSED = -4,
}

/**
 * The title to one resource: what it is, how it ends, and who may use it now. One handle has it, and a move hands it on; a
 * handle without it has one of the titles of nothing, {@link MOVED_TITLE} and the like, so that a read of its state says why.
 */
export class Title<T> {
  /** A number of shared borrows, or one of {@link State}. */
  state: State = State.FREE;
  /** The scope of the owner has ended while borrows lived: the last of them ends the resource. */
  isAbandoned = false;

  constructor(
    readonly resource: T,
    readonly ending: Ending,
    /** Which life of its slot a block is in, for a block of a pool or of a heap's size class; else 0. */
    readonly life: number,
    /** The wrapper that hears of a block's end, and takes its name from the block then. */
    readonly watcher: Allocator | undefined,
  ) {}

  /** Whether a value is a title. */
  static is(value: unknown): boolean {
    return value instanceof Title;
  }
}

/** A title to nothing. */
function ended(state: State): Title<undefined> {
  const title = new Title(undefined, undefined as unknown as Ending, 0, undefined);
  title.state = state;
  return title;
}

/** What a handle has that gave its own to another. */
export const MOVED_TITLE = ended(State.MOVED);
/** What a handle has that handed its resource out. */
export const RELEASED_TITLE = ended(State.RELEASED);
/** What a handle has whose resource was ended. */
export const DISPOSED_TITLE = ended(State.DISPOSED);

/**
 * Stands for the title of a handle that has said nothing of its block yet but "use" and "end", and knows which life of which slot it
 * owns: an object less for most handles. Where there is more to say a title of its own takes the place of this.
 */
export const TITLE_IN_SLOT = ended(State.FREE);

/** Names the title to a resource in a private field of it, which costs a tenth of what a WeakMap does. */
class Titled extends Stamped<object> {
  #title: Title<unknown>;

  constructor(resource: object, title: Title<unknown>) {
    super(resource);
    this.#title = title;
  }

  static of(resource: object): Title<unknown> | undefined {
    return #title in resource ? resource.#title : undefined;
  }

  /** False when the resource has none yet. */
  static replace(resource: object, title: Title<unknown>): boolean {
    if (!(#title in resource)) return false;
    resource.#title = title;
    return true;
  }
}

// Where the engine gives objects that are not extensible no private fields either. No map until there is such a one.
let titlesOfSealed: WeakMap<object, Title<unknown>> | undefined;

/** The title that was made to a resource last, also when it is over; undefined for what never had one. */
export function titleOf(resource: object): Title<unknown> | undefined {
  return Titled.of(resource) ?? titlesOfSealed?.get(resource);
}

/** Makes a title the one to its resource. */
export function setTitle(resource: object, title: Title<unknown>): void {
  if (!Titled.replace(resource, title)) setFirstTitle(resource, title);
}

function setFirstTitle(resource: object, title: Title<unknown>): void {
  if (Object.isExtensible(resource)) {
    new Titled(resource, title);
    return;
  }
  titlesOfSealed ??= new WeakMap();
  titlesOfSealed.set(resource, title);
}
