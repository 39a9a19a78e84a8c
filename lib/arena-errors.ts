import { FreeholdError } from './errors.ts';
import { Status } from './native.ts';
import { describe, wrongReceiverOf } from './validate.ts';

// The errors of an arena: what was asked, what was found, what to do.

export function wrongReceiver(value: unknown): FreeholdError {
  return wrongReceiverOf('Arena', value);
}

export function outOfMemory(name: string, byteLength: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_OUT_OF_MEMORY',
    `arena "${name}" cannot get ${byteLength} bytes from the system; free memory elsewhere, or ask for less (tryAlloc() gives null instead)`,
  );
}

function overLimit(name: string, byteLength: number, limit: number, used: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `${byteLength} bytes asked of arena "${name}", which may hand out ${limit} and has handed out ${used}; reset it or raise its limit`,
  );
}

function tooLargeToBump(byteLength: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_SIZE',
    `${byteLength} bytes are more than one segment can hold (1 GiB), which bump() cannot cross; use alloc()`,
  );
}

export function corrupted(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_CORRUPTION',
    `the control block of arena "${name}" holds impossible values: native code wrote where it must not`,
  );
}

export function notABlock(name: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not a block of arena "${name}"; give it to the allocator it came from`,
  );
}

export function notInside(name: string, address: unknown, byteLength: number): FreeholdError {
  const where = typeof address === 'bigint' ? `0x${address.toString(16)}` : describe(address);
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_ARGUMENT',
    `${byteLength} bytes at ${where} are not in memory that arena "${name}" has handed out; pass the address of a block that was allocated from it since its last reset`,
  );
}

export function blockGone(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `this block of arena "${name}" is not the arena's any more: the arena was reset, or the block's buffer transferred; promote() what must outlive a reset`,
  );
}

export function freedBefore(name: string, byteLength: number, offset: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `this block of arena "${name}" (${byteLength} bytes at offset ${offset}) was freed before`,
  );
}

export function staleMark(name: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_STALE_MARK',
    `this is no mark of arena "${name}" any more: the arena was reset, or rewound to an earlier mark`,
  );
}

export function pinned(name: string, action: string, pins: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_PINNED',
    `${action} of arena "${name}" while ${pins} pin(s) hold its memory; release them first, or pass { whenPinned: 'orphan' }`,
  );
}

/** For what the core says when it has no room for `byteLength` bytes. */
export function refused(
  status: Status,
  name: string,
  byteLength: number,
  limit: number,
  used: number,
): FreeholdError {
  switch (status) {
    case Status.LIMIT:
      return overLimit(name, byteLength, limit, used);
    case Status.TOO_LARGE:
      return tooLargeToBump(byteLength);
    case Status.CORRUPT:
      return corrupted(name);
    default:
      return outOfMemory(name, byteLength);
  }
}
