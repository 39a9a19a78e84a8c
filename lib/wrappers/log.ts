import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';
import type { Request } from './layer.ts';

/** One call that reached an allocator. */
export interface LogEvent {
  readonly operation: Request | 'free' | 'dispose';
  /** The name of the logging allocator. */
  readonly allocator: string;
  /** The bytes asked for, or those of the block that was freed. */
  readonly byteLength: number;
  /** The alignment asked for, if any was. */
  readonly alignment?: number | undefined;
  /** The first byte of the block. Undefined when there is none, or its memory was gone before. */
  readonly address?: bigint | undefined;
  /** The length of what `realloc` replaced. */
  readonly previousByteLength?: number | undefined;
  /** The first byte of what `realloc` replaced. */
  readonly previousAddress?: bigint | undefined;
  /** How it ended; `'null'` for a `tryAlloc` that was refused. */
  readonly result: 'ok' | 'null' | 'error';
  /** What was thrown. */
  readonly error?: unknown;
}

/** Who is told: a function of events, or what takes lines, such as a stream or a console. */
export type LogSink =
  ((event: LogEvent) => void) | { write(text: string): unknown } | { log(line: string): unknown };

/** Writes events to a sink, whatever that does. */
export class Log {
  written = 0;
  readonly #write: (event: LogEvent) => unknown;
  #writing = false;
  #warned = false;

  constructor(sink: LogSink | undefined) {
    this.#write = writerFor(sink === undefined ? process.stderr : sink);
  }

  /** Never throws: the event has happened, and its block must not be lost. */
  write(event: LogEvent): void {
    if (this.#writing) return; // By the sink itself.
    this.#writing = true;
    try {
      this.#write(event);
      this.written++;
    } catch (error) {
      this.#warn(event, error);
    }
    this.#writing = false;
  }

  #warn({ allocator }: LogEvent, error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    const reason = error instanceof Error ? error.message : describe(error);
    process.emitWarning(`the sink of "${allocator}" throws: ${reason}`, 'FreeholdWarning');
  }
}

/** An event as a line of text. */
export function formatEvent(event: LogEvent): string {
  const { operation, allocator, byteLength, alignment, address, previousAddress, result, error } = event;
  if (operation === 'dispose') return `${allocator}: dispose`;
  const from =
    event.previousByteLength === undefined ? '' : ` from ${event.previousByteLength} B${at(previousAddress)}`;
  const aligned = alignment === undefined ? '' : ` aligned to ${alignment}`;
  const outcome = result === 'ok' ? at(address) : result === 'null' ? ': null' : `: ${reasonOf(error)}`;
  return `${allocator}: ${operation} ${byteLength} B${aligned}${from}${outcome}`;
}

function at(address: bigint | undefined): string {
  return address === undefined ? '' : ` at 0x${address.toString(16)}`;
}

function reasonOf(error: unknown): string {
  return error instanceof FreeholdError
    ? error.code
    : error instanceof Error
      ? error.message
      : describe(error);
}

function writerFor(sink: unknown): (event: LogEvent) => unknown {
  if (typeof sink === 'function') return sink as (event: LogEvent) => unknown;
  if (typeof sink === 'object' && sink !== null) {
    const lines = sink as { write?: unknown; log?: unknown };
    if (typeof lines.write === 'function') {
      return (event) => (sink as { write(text: string): unknown }).write(`${formatEvent(event)}\n`);
    }
    if (typeof lines.log === 'function') {
      return (event) => (sink as { log(line: string): unknown }).log(formatEvent(event));
    }
  }
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the sink of logging() must be a function, or have write() or log(), but is ${describe(sink)}`,
  );
}
