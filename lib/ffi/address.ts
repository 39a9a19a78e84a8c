import { FreeholdError } from '../errors.ts';
import { native } from '../native.ts';
import { describe } from '../validate.ts';
import * as errors from './errors.ts';

/** Bytes of a pointer of C on this machine: 8, or 4. */
export const POINTER_BYTES: number = native.pointerBytes;

/** One more than the last address. */
export const ADDRESSES = 1n << BigInt(8 * POINTER_BYTES);

/** An address that a program passes. Says nothing of what is there. */
export function checkAddress(value: unknown, what: string): bigint {
  if (typeof value === 'bigint' && value > 0n && value < ADDRESSES) return value;
  throw errors.invalidAddress(what, value);
}

const scratch = new Uint8Array(1);

/** Finds out whether a byte can be read, on systems that tell. */
export function checkReadable(address: bigint, what: string): void {
  if (native.copyMemory(address, scratch) === 0) throw errors.unreadable(what, address);
}

/** An object or a function. */
export function checkObject(value: unknown, what: string): object {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
  throw new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} must be an object, but is ${describe(value)}`,
  );
}
