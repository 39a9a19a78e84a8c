import { FreeholdError } from '../errors.ts';
import { describe } from '../validate.ts';

// What was asked, what was found, what to do.

/** An address as people know it. */
export function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

export function invalidAddress(what: string, value: unknown): FreeholdError {
  const hint = value === 0n ? ', which is NULL: see why the function gave none' : '';
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ADDRESS',
    `${what} must be an address of this process, a bigint above 0n, but is ${describe(value)}${hint}`,
  );
}

export function unreadable(what: string, address: bigint): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ADDRESS',
    `${what} cannot be read at ${hex(address)}: nothing is mapped there; look at the address and the length`,
  );
}

export function adoptedBefore(address: bigint): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ADDRESS',
    `the memory at ${hex(address)} was adopted before, and lives: it would be freed twice; use the block that you have, or leave out free`,
  );
}

export function noForeignMemory(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_UNSUPPORTED',
    'this engine shows no memory from outside (a sandbox, or FREEHOLD_BACKING=v8): copy it, by readCString() or by your FFI library',
  );
}

export function noMemory(what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_OUT_OF_MEMORY',
    `the engine has no memory for ${what}; free some elsewhere`,
  );
}

export function allocatesNothing(): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_UNSUPPORTED',
    'foreign memory is made by the library that it belongs to, and comes here by fromAddress(): this allocator makes none and changes none',
  );
}

export function notForeign(name: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not a block of ${name}; give it to the allocator it came from`,
  );
}

export function interior(name: string, distance: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `this view begins ${distance} bytes from the beginning of ${name}; pass the block, or a view that begins where it begins`,
  );
}

export function freedBefore(name: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_DOUBLE_FREE', `${name} was freed before`);
}

export function moved(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `${name} was transferred, or may not be ended: it is freed when nothing reaches it any more`,
  );
}

export function pinned(name: string, pins: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_PINNED',
    `free of ${name} while ${pins} pin(s) hold it; release them first`,
  );
}

export function noAllocator(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `only memory of an allocator can be held, not that of ${describe(value)}: copy it into a block (allocator.copy())`,
  );
}

export function notAsync(value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `the function must have a method async(...args, callback), as koffi's have, but is ${describe(value)}`,
  );
}

export function nulInText(what: string, index: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${what} for C has a NUL character at index ${index}, where C would end it; remove it`,
  );
}

export function noNul(bytes: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `there is no NUL within ${bytes} bytes: it is no text of C, or longer (maxBytes); unterminated: true takes what is there`,
  );
}

export function notPointers(bytes: number, width: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${bytes} bytes are not a whole number of pointers of ${width} bytes`,
  );
}

export function notAPointer(index: number, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `item ${index} must be a view, a buffer, a struct, a bigint or null, but is ${describe(value)}`,
  );
}
