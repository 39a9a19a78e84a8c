import { inspect } from 'node:util';

import type { Block } from './block.ts';
import { type FrameLink, FrameState, StackCore } from './stack-core.ts';
import { FreeholdError } from './errors.ts';
import type { TypedArray, TypedArrayConstructor } from './typed-arrays.ts';
import { describe, wrongReceiverOf } from './validate.ts';

/**
 * One frame of a {@link Stack}, made by `stack.frame()`: its end ends the blocks that were allocated since it began.
 *
 * Frames end newest first. The end of one ends those that are open above it, whose own end and blocks asked of them by
 * {@link StackFrame.alloc} are `ERR_FREEHOLD_FRAME_ORDER` from then on: so a generator or an asynchronous task learns that
 * another took its turn in between. So is a block that is asked of a frame while newer ones are open.
 *
 * @example
 * ```ts
 * import { Stack } from 'freehold';
 * import assert from 'node:assert';
 *
 * using stack = new Stack();
 * using outer = stack.frame();
 * const kept = outer.alloc(100);
 * let scratch;
 * {
 *   using inner = stack.frame();
 *   scratch = inner.alloc(100);
 *   assert.throws(() => outer.alloc(1), { code: 'ERR_FREEHOLD_FRAME_ORDER' });
 * }
 * assert.equal(scratch.length, 0);
 * assert.equal(kept.length, 100);
 * ```
 */
export class StackFrame implements Disposable {
  readonly #core: StackCore;
  readonly #link: FrameLink;

  /** @internal */
  constructor(core: StackCore) {
    if (!(core instanceof StackCore)) {
      throw new FreeholdError(
        'ERR_FREEHOLD_INVALID_ARGUMENT',
        `frames are made by frame(), not with new, and not of ${describe(core)}`,
      );
    }
    const link = core.prepare();
    this.#core = core;
    this.#link = link;
    core.newest = link;
    core.frames++;
  }

  /** Whether the frame has not ended. */
  get open(): boolean {
    return StackFrame.#checked(this).#link.state === FrameState.OPEN;
  }

  /**
   * `stack.alloc` for this very frame.
   *
   * @throws as that, and `ERR_FREEHOLD_FRAME_ORDER` when the frame is not the newest or has ended.
   */
  alloc(byteLength: number, alignment?: number): Block {
    return StackFrame.#newest(this).arena.alloc(byteLength, alignment);
  }

  /** The same without zeroing. */
  allocUnsafe(byteLength: number, alignment?: number): Block {
    return StackFrame.#newest(this).arena.allocUnsafe(byteLength, alignment);
  }

  /** The same, but null where `alloc` throws `ERR_FREEHOLD_STACK_OVERFLOW`. */
  tryAlloc(byteLength: number, alignment?: number): Block | null {
    return StackFrame.#newest(this).arena.tryAlloc(byteLength, alignment);
  }

  /** `stack.array` for this very frame: a zeroed typed array. Throws as {@link StackFrame.alloc} and `stack.array`. */
  array<C extends TypedArrayConstructor>(constructor: C, length: number): TypedArray<C> {
    return StackFrame.#newest(this).arena.array(constructor, length);
  }

  /** `stack.copy` for this very frame: a block with a copy of `bytes`. Throws as {@link StackFrame.alloc} and `stack.copy`. */
  copy(bytes: ArrayBufferView | ArrayBufferLike): Block {
    return StackFrame.#newest(this).arena.copy(bytes);
  }

  /** `stack.string` for this very frame: a block with the UTF-8 bytes of `text`. Throws as {@link StackFrame.alloc}. */
  string(text: string): Block {
    return StackFrame.#newest(this).arena.string(text);
  }

  /** `stack.cString` for this very frame: the same with a NUL byte at the end. Throws as {@link StackFrame.alloc}. */
  cString(text: string): Block {
    return StackFrame.#newest(this).arena.cString(text);
  }

  /**
   * Ends the frame and its blocks, and those above it. Does nothing when it has ended before, or by `reset()` or dispose.
   *
   * @throws `ERR_FREEHOLD_FRAME_ORDER` when the end of an older frame has ended it, `ERR_FREEHOLD_PINNED` when memory is
   * pinned: nothing has changed then.
   */
  end(): void {
    const core = StackFrame.#checked(this).#core;
    core.end(this.#link);
  }

  /** The same as {@link StackFrame.end}. */
  [Symbol.dispose](): void {
    StackFrame.#checked(this).end();
  }

  /** Whether the frame is open, for logs. */
  toJSON(): { open: boolean } {
    return { open: StackFrame.#checked(this).#link.state === FrameState.OPEN };
  }

  [inspect.custom](): string {
    return `StackFrame { ${StackFrame.#checked(this).#link.state === FrameState.OPEN ? 'open' : 'ended'} }`;
  }

  static #checked(value: StackFrame): StackFrame {
    if (typeof value === 'object' && value !== null && #link in value) return value;
    throw wrongReceiverOf('StackFrame', value);
  }

  static #newest(value: StackFrame): StackCore {
    const core = StackFrame.#checked(value).#core;
    core.check(value.#link);
    return core;
  }
}
