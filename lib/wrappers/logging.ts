import type { Allocator } from '../allocator.ts';
import type { Block } from '../block.ts';
import { byteLengthOf } from '../captured.ts';
import { native } from '../native.ts';
import { isBlockOf } from './inner-result.ts';
import { Layer, type Request } from './layer.ts';
import { type LogEvent, type LogSink, Log } from './log.ts';
import { type WrapperOptions, checkAllocator, readWrapperOptions, settle } from './options.ts';
import type { BlockRecord } from './record.ts';
import { Wrapper } from './wrapper.ts';

class LoggingLayer extends Layer {
  readonly kind = 'logging';
  readonly #log: Log;

  constructor(inner: Allocator, name: string, sink: LogSink | undefined) {
    super(inner, name);
    this.#log = new Log(sink);
  }

  override alloc(size: number, alignment: number | undefined): unknown {
    return this.#logged('alloc', size, alignment, () => super.alloc(size, alignment));
  }

  override allocUnsafe(size: number, alignment: number | undefined): unknown {
    return this.#logged('allocUnsafe', size, alignment, () => super.allocUnsafe(size, alignment));
  }

  override tryAlloc(size: number, alignment: number | undefined): unknown {
    return this.#logged('tryAlloc', size, alignment, () => super.tryAlloc(size, alignment));
  }

  override realloc(block: Block, size: number, record: BlockRecord): unknown {
    const previous = { previousByteLength: byteLengthOf(block), previousAddress: native.addressOf(block) };
    return this.#logged('realloc', size, undefined, () => super.realloc(block, size, record), previous);
  }

  override free(block: Block, record: BlockRecord): void {
    const address = native.addressOf(block);
    const event = {
      operation: 'free',
      allocator: this.name,
      byteLength: byteLengthOf(block),
      address,
    } as const;
    try {
      super.free(block, record);
    } catch (error) {
      this.#log.write({ ...event, result: 'error', error });
      throw error;
    }
    this.#log.write({ ...event, result: 'ok' });
  }

  override ending(): () => void {
    return () => {
      this.#log.write({ operation: 'dispose', allocator: this.name, byteLength: 0, result: 'ok' });
    };
  }

  override summary(): string {
    return `${this.#log.written} event(s)`;
  }

  #logged(
    operation: Request,
    byteLength: number,
    alignment: number | undefined,
    call: () => unknown,
    more?: Partial<LogEvent>,
  ): unknown {
    const event = { operation, allocator: this.name, byteLength, alignment, ...more };
    let made: unknown;
    try {
      made = call();
    } catch (error) {
      this.#log.write({ ...event, result: 'error', error });
      throw error;
    }
    const address = isBlockOf(made, byteLength) ? native.addressOf(made) : undefined;
    this.#log.write({ ...event, address, result: made === null ? 'null' : 'ok' });
    return made;
  }
}

/** An allocator that says what it does; see {@link logging}. */
export class LoggingAllocator extends Wrapper {
  /** The same as {@link logging}. */
  constructor(inner: Allocator, sink?: LogSink, options?: WrapperOptions) {
    checkAllocator(inner, 'what logging() wraps');
    const { name, disposeInner } = settle('logging', inner, readWrapperOptions(options, 'logging'));
    super(new LoggingLayer(inner, name, sink), disposeInner);
  }
}

/**
 * Tells `sink` of every call that reaches the inner allocator, after it: a function gets a {@link LogEvent}, a stream or
 * a console a line of text, and without one the lines go to stderr. Calls that are refused before (arguments that make no
 * sense, a block that was freed before) are not told.
 *
 * A sink that throws loses no block: the first error becomes a process warning, and the others are dropped. What a sink
 * itself does with the allocator is not told.
 *
 * @throws `ERR_FREEHOLD_INVALID_ARGUMENT` for what is no allocator, or no sink.
 *
 * @example
 * ```ts
 * import { Arena, logging } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena();
 * const events: string[] = [];
 * const told = logging(arena, ({ operation, byteLength }) => events.push(`${operation} ${byteLength}`));
 * told.free(told.alloc(64));
 * assert.deepEqual(events, ['alloc 64', 'free 64']);
 * ```
 */
export function logging(allocator: Allocator, sink?: LogSink, options?: WrapperOptions): LoggingAllocator {
  return new LoggingAllocator(allocator, sink, options);
}
