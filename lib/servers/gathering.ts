// Bytes that come in chunks, collected in one block of an arena: the last one, which grows in place.
import type { Arena } from '../arena.ts';
import type { Block } from '../block.ts';
import { FreeholdError } from '../errors.ts';
import type { Pin } from '../pin.ts';

/** The most that bodies, and what is decompressed, may be long when nothing else is said: 1 MiB. */
export const DEFAULT_LIMIT = 1024 * 1024;

/** What is collected, for messages; and the most bytes that it may have. */
export interface Gathered {
  readonly what: string;
  readonly limit: number;
}

/**
 * Every chunk is copied once, and where the arena's chunk is full the whole a second time. The arena is pinned meanwhile, so that
 * whoever resets it hears of it; an arena whose request ends is left to this, as to any pin.
 */
export class Gathering {
  readonly #arena: Arena;
  readonly #of: Gathered;
  readonly #pin: Pin;
  #block: Block | null = null;

  /** Bytes that have come. */
  length = 0;

  /** Throws `ERR_FREEHOLD_BODY_TOO_LARGE` or what the arena throws when `expected` bytes are too many. */
  constructor(arena: Arena, of: Gathered, expected = 0) {
    if (expected > of.limit) throw tooLarge(of, `${expected}`);
    this.#arena = arena;
    this.#of = of;
    if (expected > 0) this.#block = arena.allocUnsafe(expected);
    this.#pin = arena.pin();
  }

  /** Throws `ERR_FREEHOLD_BODY_TOO_LARGE`, `ERR_FREEHOLD_DISPOSED` when the request is over, or what the arena throws. */
  add(chunk: Uint8Array): void {
    const { length } = this;
    const end = length + chunk.length;
    if (end > this.#of.limit) throw tooLarge(this.#of, `at least ${end}`);
    if (this.#arena.disposed) throw isOver(this.#of);
    this.#roomFor(end).set(chunk, length);
    this.length = end;
  }

  /** Lets go of the arena. {@link whole} does so too; whoever gives up calls it. */
  release(): void {
    this.#pin.release();
  }

  /** All of it, as a block of that length. */
  whole(): Block {
    this.release();
    const arena = this.#arena;
    if (arena.disposed) throw isOver(this.#of);
    const block = this.#block ?? arena.allocUnsafe(0);
    return block.length === this.length ? block : arena.realloc(block, this.length);
  }

  #roomFor(end: number): Block {
    const block = this.#block;
    if (block === null) return (this.#block = this.#arena.allocUnsafe(end));
    if (end <= block.length) return block;
    // Twice as much, but not what nobody may fill: what fits the limits must not fail because its last doubling does not.
    const { limit, used } = this.#arena;
    const wanted = Math.min(2 * block.length, this.#of.limit, limit - used);
    return (this.#block = this.#arena.realloc(block, Math.max(end, wanted)));
  }
}

function tooLarge({ what, limit }: Gathered, found: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_BODY_TOO_LARGE',
    `${what} has ${found} bytes, of which ${limit} are allowed; raise the option limit if that is too few`,
  );
}

function isOver({ what }: Gathered): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DISPOSED',
    `the arena was disposed, or its request was over, before ${what} was complete; await it before the response ends`,
  );
}
