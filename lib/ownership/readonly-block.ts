import type { Block } from '../block.ts';

/** The members of a block that write, end, or hand on what may be written. */
type Writers =
  | 'copyWithin'
  | 'fill'
  | 'reverse'
  | 'set'
  | 'sort'
  | 'swap16'
  | 'swap32'
  | 'swap64'
  | `write${string}`
  | 'moveRef'
  | 'release'
  | 'reserveRefs'
  | 'retain'
  | 'setRef';

/** The members that give another view of the same bytes. */
type Views = 'slice' | 'subarray';

/** Bytes that may be read. */
export type ReadonlyBytes = ReadonlyView<Buffer<ArrayBuffer>>;

/**
 * A view whose bytes may be read, as a type: an assignment to a byte, or a call of what writes or frees, is an error of the
 * compiler. Where a Buffer or a Uint8Array is expected it is accepted, because that is how node's own functions ask for what
 * they read; whoever hands it on there has to know that they do. At run time it is the view itself.
 */
export type ReadonlyView<B extends Buffer> = {
  readonly [K in keyof B as K extends typeof Symbol.dispose ? never : K]: K extends Writers
    ? never
    : K extends Views
      ? (start?: number, end?: number) => ReadonlyBytes
      : B[K];
};

/** A {@link Block} as its readers see it. */
export type ReadonlyBlock = ReadonlyView<Block>;

/** What a shared borrow shows of a resource: of a block a {@link ReadonlyBlock}, of anything else the resource. */
export type Shared<T> = T extends Block ? ReadonlyView<T> : T;
