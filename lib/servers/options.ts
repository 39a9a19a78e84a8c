// The options of the server functions, read and checked.
import type { IncomingMessage, ServerResponse } from 'node:http';

import { type ArenaOptions, type Retain, readArenaOptions } from '../arena-options.ts';
import { FreeholdError } from '../errors.ts';
import { checkSize, describe, readOptions } from '../validate.ts';
import { ArenaPool } from '../arena-pool.ts';

/** Told of every error that a handler throws or rejects with. */
export type HandlerErrorListener = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/** Options of the Express middleware `arenas()`. */
export interface ArenaPoolOptions {
  /** The size of each arena's first chunk in bytes, 4 KiB to 1 GiB. Default: 64 KiB. */
  initialBytes?: number;
  /** The most that one request may take from its arena in bytes; more throws `ERR_FREEHOLD_LIMIT`. Default: Infinity. */
  limitBytes?: number;
  /**
   * What an arena keeps between two requests: at most so many bytes, or a policy of `arena.reset()`. With a number,
   * idle memory is bounded by `maxPooled` times that; a request that takes more maps and unmaps the rest. Default: 1 MiB.
   */
  retain?: Retain;
  /** Arenas kept for reuse, a count. More may be in use at once; those are not kept afterwards. Default: 64. */
  maxPooled?: number;
}

/** Options of `arenaHandler()`. */
export interface ArenaServerOptions extends ArenaPoolOptions {
  /**
   * Told of every error that the handler throws or rejects with, after the client was answered. Default: prints the
   * error with `console.error`.
   */
  onError?: HandlerErrorListener;
}

const RETAIN_BYTES = 1024 * 1024;
const MAX_POOLED = 64;
const POOL_OPTIONS = ['initialBytes', 'limitBytes', 'retain', 'maxPooled'] as const;

/** The pool that a middleware takes its arenas from. */
export function readPoolOptions(options: ArenaPoolOptions | undefined, of: string): ArenaPool {
  return poolOf(readOptions(options, POOL_OPTIONS, of));
}

/** The same, and who is told of errors. */
export function readServerOptions(
  options: ArenaServerOptions | undefined,
  of: string,
): { pool: ArenaPool; onError: HandlerErrorListener } {
  const { onError = printError, ...rest } = readOptions(options, [...POOL_OPTIONS, 'onError'], of);
  if (typeof onError !== 'function') {
    throw new FreeholdError(
      'ERR_FREEHOLD_INVALID_ARGUMENT',
      `onError must be a function, but is ${describe(onError)}`,
    );
  }
  return { pool: poolOf(rest), onError };
}

function poolOf({
  maxPooled = MAX_POOLED,
  retain = RETAIN_BYTES,
  initialBytes,
  limitBytes,
}: ArenaPoolOptions): ArenaPool {
  const arenaOptions: ArenaOptions = { name: 'request', retain };
  if (initialBytes !== undefined) arenaOptions.initialBytes = initialBytes;
  if (limitBytes !== undefined) arenaOptions.limitBytes = limitBytes;
  // Checked here, where the server is set up, and not when the first request asks for an arena.
  return new ArenaPool(readArenaOptions(arenaOptions), checkSize(maxPooled, 'maxPooled'));
}

function printError(error: unknown): void {
  console.error(error);
}
