import { inspect, types } from 'node:util';

import type { AllocatorStats } from './allocator.ts';
import { BlockAllocator } from './block-allocator.ts';
import type { Block } from './block.ts';
import { MAX_SEGMENT_BYTES } from './control.ts';
import { FreeholdError } from './errors.ts';
import type { Pin } from './pin.ts';
import { StackCore, type StackSettings } from './stack-core.ts';
import * as errors from './stack-errors.ts';
import { StackFrame } from './stack-frame.ts';
import {
  checkChoice,
  checkFunction,
  checkName,
  checkSize,
  readOptions,
  wrongReceiverOf,
} from './validate.ts';

/** How a stack works. */
export interface StackOptions {
  /** All that may be handed out at a time, padding included, 64 bytes to 1 GiB. Default: 1 MiB. */
  bytes?: number;
  /**
   * What the end of a frame does to its views: with `'detach'`, the default, they have length 0; with `'reuse'`, many times
   * faster, they show whatever comes next, and the program promises not to use them.
   */
  mode?: 'detach' | 'reuse';
  /** A name for messages and figures. Default: `'stack'`. */
  name?: string;
}

/** What a stack says of itself. Sizes are bytes. */
export interface StackStats extends AllocatorStats {
  readonly kind: 'stack';
  /** The most that may be handed out. */
  readonly bytesLimit: number;
  /** Frames that are open. */
  readonly frames: number;
  /** Times that memory was left to the collector, because the program had moved it or forbidden to end it. */
  readonly orphanings: number;
  /** Pins that hold the memory now. */
  readonly pins: number;
}

/**
 * Memory for work that is nested like calls: a frame for each call, whose end ends its blocks, and a hard limit that a
 * recursion without an end meets as `ERR_FREEHOLD_STACK_OVERFLOW`, long before the machine notices. There may be
 * one frame for each 256 bytes, whatever is allocated in them: 4,096 in 1 MiB.
 *
 * Blocks that are asked of the stack belong to its newest frame, or to no frame while none is open; those live until
 * `reset()` or dispose. {@link StackFrame.alloc} makes sure that it is the frame that the program means. Generators and
 * asynchronous tasks, which take turns, need stacks of their own.
 *
 * @example
 * ```ts
 * import { Stack } from 'freehold';
 * import assert from 'node:assert';
 *
 * using stack = new Stack({ bytes: 64 * 1024 });
 *
 * function depth(text: string): number {
 *   using frame = stack.frame();
 *   const copy = frame.alloc(text.length);
 *   copy.write(text);
 *   return text === '' ? 0 : 1 + depth(text.slice(1));
 * }
 *
 * assert.equal(depth('nested'), 6);
 * assert.equal(stack.stats().bytesUsed, 0);
 * assert.throws(() => depth('x'.repeat(1000)), { code: 'ERR_FREEHOLD_STACK_OVERFLOW' });
 * ```
 */
export class Stack extends BlockAllocator {
  readonly #core: StackCore;

  /**
   * @throws `ERR_FREEHOLD_INVALID_SIZE` or `ERR_FREEHOLD_INVALID_ARGUMENT` for options that make no sense.
   */
  constructor(options?: StackOptions) {
    super();
    this.#core = new StackCore(this, readStackOptions(options));
  }

  /** The name given to the stack. */
  get name(): string {
    return Stack.#checked(this).settings.name;
  }

  /** Whether the stack was disposed. */
  get disposed(): boolean {
    return Stack.#checked(this).arena.disposed;
  }

  /**
   * Opens a frame on top of the others, which the caller ends: with `using`, or by `end()`.
   *
   * @throws `ERR_FREEHOLD_STACK_OVERFLOW` when there are too many, `ERR_FREEHOLD_DISPOSED`.
   */
  frame(): StackFrame {
    const core = Stack.#checked(this);
    return new StackFrame(core);
  }

  /**
   * Runs a function in a frame of its own, and gives its result. Frames that the function left open end, too.
   *
   * @throws what the function throws, `ERR_FREEHOLD_INVALID_ARGUMENT` for an asynchronous function, and as
   * {@link Stack.frame}.
   *
   * @example
   * ```ts
   * import { Stack } from 'freehold';
   *
   * using stack = new Stack();
   * const length = stack.scope((frame) => frame.alloc(100).length);
   * console.log(length, stack.stats().bytesUsed); // 100 0
   * ```
   */
  scope<T>(run: (frame: StackFrame) => T): T {
    const core = Stack.#checked(this);
    checkFunction(run, 'what scope() runs');
    const frame = new StackFrame(core);
    let result: T;
    try {
      result = run(frame);
    } finally {
      frame.end();
    }
    if (types.isPromise(result)) throw errors.asynchronousScope(core.settings.name);
    return result;
  }

  /**
   * A block of `byteLength` zeroed bytes (0 to 2^53-1) at a multiple of `alignment` (a power of two up to 2 MiB), in the
   * newest frame. Valid until that ends.
   *
   * @throws `ERR_FREEHOLD_STACK_OVERFLOW`, `ERR_FREEHOLD_INVALID_SIZE`, `ERR_FREEHOLD_INVALID_ALIGNMENT`,
   * `ERR_FREEHOLD_DISPOSED`.
   */
  alloc(byteLength: number, alignment?: number): Block {
    return Stack.#checked(this).arena.alloc(byteLength, alignment);
  }

  /** Like {@link Stack.alloc} without zeroing. */
  allocUnsafe(byteLength: number, alignment?: number): Block {
    return Stack.#checked(this).arena.allocUnsafe(byteLength, alignment);
  }

  /** Like {@link Stack.alloc}, but null where that throws `ERR_FREEHOLD_STACK_OVERFLOW`. */
  tryAlloc(byteLength: number, alignment?: number): Block | null {
    return Stack.#checked(this).arena.tryAlloc(byteLength, alignment);
  }

  /**
   * A block of `byteLength` bytes that begins with the bytes of `block`; what is added is zeroed. The last block grows and
   * shrinks in place; another one moves to the newest frame. `block` must not be used any more.
   *
   * @throws as {@link Stack.alloc} (then `block` is as it was), and as {@link Stack.free}.
   */
  realloc(block: Block, byteLength: number): Block {
    return Stack.#checked(this).arena.realloc(block, byteLength);
  }

  /**
   * Gives the bytes of the last block back; those of any other block stay taken until its frame ends.
   *
   * @throws `ERR_FREEHOLD_INVALID_FREE` for what is no block of this stack, `ERR_FREEHOLD_USE_AFTER_FREE` for one whose frame
   * has ended, `ERR_FREEHOLD_DOUBLE_FREE` for one whose bytes were given back before.
   */
  free(block: ArrayBufferView): void {
    Stack.#checked(this).arena.free(block);
  }

  /**
   * Ends all frames and all blocks.
   *
   * @throws `ERR_FREEHOLD_PINNED` when memory is pinned (nothing has changed then), `ERR_FREEHOLD_DISPOSED`.
   */
  reset(): void {
    const core = Stack.#checked(this);
    core.arena.reset();
    core.endAll();
    core.takeMemory();
  }

  /** Holds the memory until the pin, which the caller owns, is released: no frame can end meanwhile. */
  pin(): Pin {
    return Stack.#checked(this).arena.pin();
  }

  /** Whether a view shows memory that this stack has handed out and not taken back. */
  owns(view: ArrayBufferView): boolean {
    return Stack.#checked(this).arena.owns(view);
  }

  /** Figures of this moment; all zero after dispose but for the totals. */
  stats(): StackStats {
    const core = Stack.#checked(this);
    const { name, bytesUsed, bytesReserved, bytesPeak, bytesLimit, orphanings, pins } = core.arena.stats();
    return {
      kind: 'stack',
      name,
      bytesUsed,
      bytesReserved,
      bytesPeak,
      bytesLimit,
      frames: core.frames,
      orphanings,
      pins,
    };
  }

  /**
   * Ends all frames and blocks and gives the memory back. Further calls do nothing; any other use throws
   * `ERR_FREEHOLD_DISPOSED`.
   *
   * @throws `ERR_FREEHOLD_PINNED` when memory is pinned; nothing has changed then.
   */
  dispose(): void {
    Stack.#checked(this).dispose();
  }

  /** The same as {@link Stack.dispose}. */
  [Symbol.dispose](): void {
    Stack.#checked(this).dispose();
  }

  /** The figures, for logs. */
  toJSON(): StackStats {
    Stack.#checked(this);
    return this.stats();
  }

  [inspect.custom](): string {
    const core = Stack.#checked(this);
    const { name, bytesUsed, bytesLimit, frames } = this.stats();
    const state = core.arena.disposed
      ? 'disposed'
      : `${bytesUsed} of ${bytesLimit} bytes in ${frames} frame(s)`;
    return `Stack(${name}) { ${state} }`;
  }

  static #checked(value: Stack): StackCore {
    if (typeof value === 'object' && value !== null && #core in value) return value.#core;
    throw wrongReceiverOf('Stack', value);
  }
}

const MODES = ['detach', 'reuse'] as const;

function readStackOptions(options: StackOptions | undefined): StackSettings {
  const {
    bytes = 1024 * 1024,
    mode = 'detach',
    name = 'stack',
  } = readOptions(options, ['bytes', 'mode', 'name'], 'Stack');
  const limit = checkSize(bytes, 'bytes');
  if (limit < 64 || limit > MAX_SEGMENT_BYTES) {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_SIZE',
      `bytes must be from 64 to ${MAX_SEGMENT_BYTES}, but is ${limit}`,
    );
  }
  return { bytes: limit, mode: checkChoice(mode, MODES, 'mode'), name: checkName(name) };
}
