import { failed, outOfMemory } from './events.ts';

/** Every code that a {@link FreeholdError} can carry. Codes are stable; messages are for people and may change. */
export type FreeholdErrorCode =
  | 'ERR_FREEHOLD_OUT_OF_MEMORY'
  | 'ERR_FREEHOLD_LIMIT'
  | 'ERR_FREEHOLD_INVALID_SIZE'
  | 'ERR_FREEHOLD_INVALID_ALIGNMENT'
  | 'ERR_FREEHOLD_INVALID_ADDRESS'
  | 'ERR_FREEHOLD_INVALID_ARGUMENT'
  | 'ERR_FREEHOLD_INVALID_RECEIVER'
  | 'ERR_FREEHOLD_INVALID_FREE'
  | 'ERR_FREEHOLD_DOUBLE_FREE'
  | 'ERR_FREEHOLD_USE_AFTER_FREE'
  | 'ERR_FREEHOLD_STALE_MARK'
  | 'ERR_FREEHOLD_DISPOSED'
  | 'ERR_FREEHOLD_ESCAPE'
  | 'ERR_FREEHOLD_PINNED'
  | 'ERR_FREEHOLD_MOVED'
  | 'ERR_FREEHOLD_BORROWED'
  | 'ERR_FREEHOLD_STACK_OVERFLOW'
  | 'ERR_FREEHOLD_FRAME_ORDER'
  | 'ERR_FREEHOLD_LEAK'
  | 'ERR_FREEHOLD_SWALLOWED'
  | 'ERR_FREEHOLD_BODY_TOO_LARGE'
  | 'ERR_FREEHOLD_NO_REQUEST'
  | 'ERR_FREEHOLD_CORRUPTION'
  | 'ERR_FREEHOLD_UNSUPPORTED'
  | 'ERR_FREEHOLD_ADDON';

const NO_MEMORY: ReadonlySet<FreeholdErrorCode> = new Set([
  'ERR_FREEHOLD_OUT_OF_MEMORY',
  'ERR_FREEHOLD_LIMIT',
  'ERR_FREEHOLD_STACK_OVERFLOW',
]);

/** Who adds to errors that have a `statusCode` what a framework looks for instead. */
export const statusErrors: { equip: ((error: FreeholdError, status: number) => void) | null } = {
  equip: null,
};

/**
 * The one error class of this package. Branch on `code`; the message says what was asked, what was found and what to do.
 *
 * @example
 * ```ts
 * import { Arena, FreeholdError } from 'freehold';
 * import assert from 'node:assert';
 *
 * using arena = new Arena({ limitBytes: 1024 });
 * try {
 *   arena.alloc(4096);
 * } catch (error) {
 *   assert(error instanceof FreeholdError);
 *   assert.equal(error.code, 'ERR_FREEHOLD_LIMIT');
 * }
 * ```
 */
export class FreeholdError extends Error {
  /** What went wrong, for programs. */
  readonly code: FreeholdErrorCode;

  constructor(code: FreeholdErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    if (failed.hasSubscribers) failed.publish({ error: this });
    if (outOfMemory.hasSubscribers && NO_MEMORY.has(code)) outOfMemory.publish({ error: this });
    const status = this.statusCode;
    if (status !== undefined) statusErrors.equip?.(this, status);
  }

  /**
   * What a server answers for it, as Express, Fastify and Koa read it from an error: 503 when there was no memory or a limit was
   * reached, 413 when a request's body was too large. Undefined, which is 500, for all other errors.
   */
  get statusCode(): number | undefined {
    if (this.code === 'ERR_FREEHOLD_BODY_TOO_LARGE') return 413;
    return NO_MEMORY.has(this.code) ? 503 : undefined;
  }

  // What wraps errors for a response (http-errors, and with it body parsers and Koa's ctx.throw) sets a status of its own.
  set statusCode(value: number | undefined) {
    Object.defineProperty(this, 'statusCode', {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }

  static {
    // On the prototype, as Error has it: not an own property of each error.
    Object.defineProperty(FreeholdError.prototype, 'name', {
      value: 'FreeholdError',
      configurable: true,
      writable: true,
    });
  }
}
