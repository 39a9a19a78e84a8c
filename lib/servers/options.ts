// The options of the server functions, read and checked.
import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  type ArenaOptions,
  type ResetMode,
  type Retain,
  type WhenPinned,
  checkRetain,
  readArenaOptions,
} from '../arena-options.ts';
import type { FreeholdError } from '../errors.ts';
import { checkFlag, checkFunction, checkLimit, readOptions } from '../validate.ts';
import { Stock } from './stock.ts';

/** Told of every error that a handler throws or rejects with. */
export type HandlerErrorListener = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/** Told of each request whose arena has refused a block because of `limitBytes`, before the error is thrown. */
export type LimitListener = (error: FreeholdError, request: IncomingMessage) => void;

/** Options of all adapters. Sizes are bytes. */
export interface ArenasOptions {
  /**
   * The size of an arena's first chunk while nothing is known of a route, 4 KiB to 1 GiB; later it is what requests of the route
   * have taken. Default: 64 KiB.
   */
  initialBytes?: number;
  /**
   * The most that one request may take from its arena; more throws `ERR_FREEHOLD_LIMIT`, which is answered with 503 when the
   * handler does not catch it. Default: Infinity.
   */
  limitBytes?: number;
  /** What happens to the views of a request's memory when its response has finished. Default: `'detach'`, they end. */
  reset?: ResetMode;
  /**
   * What is done when memory is pinned at that time by work that the handler did not wait for: it is left to that work; with
   * `'throw'` the process is warned as well (`process.emitWarning`). Default: `'orphan'`.
   */
  whenPinned?: WhenPinned;
  /**
   * What one arena keeps between two requests: at most so many bytes, whatever its route has taken; `'none'` for nothing,
   * `'high-water'` or `'all'` for all that its route takes. Default: 16 MiB.
   */
  retain?: Retain;
  /** The most that all arenas together keep while they wait for requests. Default: 128 MiB. */
  maxPooledBytes?: number;
  /** After so many milliseconds arenas that no request has needed meanwhile are unmapped; Infinity for never. Default: 10,000. */
  idleMs?: number;
  /** Told of each request over its limit. Default: nobody. */
  onLimit?: LimitListener;
  /**
   * Whether `currentArena()` works below the handler. It costs some microseconds per request, and until Node 24 makes each promise
   * of the process slower. Default: true.
   */
  context?: boolean;
  /** Whether responses say in a `Server-Timing` header what their request took from its arena: for development. Default: false. */
  serverTiming?: boolean;
}

/** Options of `arenaHandler()`. */
export interface ArenaServerOptions extends ArenasOptions {
  /**
   * Told of every error that the handler throws or rejects with, after the client was answered. Default: prints the
   * error with `console.error`.
   */
  onError?: HandlerErrorListener;
}

/** Options of `lazyArenas()`: those of what is done when an arena is asked for. */
export type LazyArenasOptions = Omit<ArenasOptions, 'context' | 'serverTiming'>;

/** What an adapter works by. */
export interface ServerSettings {
  readonly stock: Stock;
  readonly onLimit: LimitListener | null;
  readonly context: boolean;
  readonly serverTiming: boolean;
}

const LAZY_KEYS = [
  'initialBytes',
  'limitBytes',
  'reset',
  'whenPinned',
  'retain',
  'maxPooledBytes',
  'idleMs',
  'onLimit',
] as const;
const KEYS = [...LAZY_KEYS, 'context', 'serverTiming'] as const;
const RETAIN_BYTES = 16 * 1024 * 1024;
const MAX_POOLED_BYTES = 128 * 1024 * 1024;
const IDLE_MS = 10_000;

/** The settings of an adapter, whose function is called `of`. */
export function readArenasOptions(options: ArenasOptions | undefined, of: string): ServerSettings {
  return settingsOf(readOptions(options, KEYS, of));
}

/** The settings of a `lazyArenas()`. */
export function readLazyOptions(options: LazyArenasOptions | undefined): ServerSettings {
  return settingsOf({ ...readOptions(options, LAZY_KEYS, 'lazyArenas'), context: false });
}

/** The same as {@link readArenasOptions}, and who is told of errors. */
export function readServerOptions<
  L extends (error: unknown, ...rest: never[]) => void = HandlerErrorListener,
>(
  options: (ArenasOptions & { onError?: L }) | undefined,
  of: string,
): { settings: ServerSettings; onError: L | typeof printError } {
  const { onError = printError, ...rest } = readOptions(options, [...KEYS, 'onError'], of);
  checkFunction(onError, 'onError');
  return { settings: settingsOf(rest), onError };
}

function settingsOf(read: ArenasOptions): ServerSettings {
  const { maxPooledBytes = MAX_POOLED_BYTES, retain = RETAIN_BYTES, idleMs = IDLE_MS } = read;
  const { initialBytes, limitBytes, reset, whenPinned = 'orphan' } = read;
  const { onLimit = null, context = true, serverTiming = false } = read;
  if (onLimit !== null) checkFunction(onLimit, 'onLimit');
  const arena: ArenaOptions = { name: 'request', whenPinned };
  if (initialBytes !== undefined) arena.initialBytes = initialBytes;
  if (limitBytes !== undefined) arena.limitBytes = limitBytes;
  if (reset !== undefined) arena.reset = reset;
  const stock = new Stock(
    // Checked here, where the server is set up, and not when the first request asks for an arena.
    readArenaOptions(arena),
    mostKept(checkRetain(retain)),
    checkLimit(maxPooledBytes, 'maxPooledBytes'),
    checkLimit(idleMs, 'idleMs'),
  );
  return {
    stock,
    onLimit,
    context: checkFlag(context, 'context'),
    serverTiming: checkFlag(serverTiming, 'serverTiming'),
  };
}

function mostKept(retain: Retain): number {
  if (typeof retain === 'number') return retain;
  return retain === 'none' ? 0 : Infinity;
}

function printError(error: unknown): void {
  console.error(error);
}
