import { FreeholdError } from './errors.ts';
import { describe } from './validate.ts';

// The errors of allocators that free blocks one by one: what was asked, what was found, what to do. `of` names the
// allocator: `pool "packets"`.

export function outOfMemory(of: string, byteLength: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_OUT_OF_MEMORY',
    `${of} cannot get memory for ${byteLength} bytes from the system; free memory elsewhere (tryAlloc() gives null instead)`,
  );
}

export function full(of: string, blocks: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `all ${blocks} blocks of ${of} are in use; free one, or give it a larger maxBlocks`,
  );
}

export function tooLarge(of: string, byteLength: number, blockBytes: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `${byteLength} bytes asked of ${of}, whose blocks have ${blockBytes}; use a pool of larger blocks, or a heap`,
  );
}

export function tooAligned(of: string, alignment: number, most: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `a multiple of ${alignment} asked of ${of}, whose blocks begin at multiples of ${most}; give it { alignment: ${alignment} }`,
  );
}

export function freedBefore(of: string, what: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_DOUBLE_FREE',
    `${what} of ${of} was freed before; who frees it must be its only owner`,
  );
}

export function notABlock(of: string, value: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(value)} is not a block of ${of}; give it to the allocator it came from, from its first byte`,
  );
}

export function noSlot(of: string, index: unknown): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_INVALID_FREE',
    `${describe(index)} is not the index of a block of ${of}`,
  );
}

export function notLive(of: string, what: string): FreeholdError {
  return new FreeholdError('ERR_FREEHOLD_USE_AFTER_FREE', `${what} of ${of} is not in use: it was freed`);
}

export function gone(of: string): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_USE_AFTER_FREE',
    `the memory of this block of ${of} is gone: its buffer was transferred, or its slab given back by trim()`,
  );
}

export function noHandle(of: string, slots: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_LIMIT',
    `handles leave room for ${slots} blocks, and ${of} has more; use indices`,
  );
}

export function pinned(of: string, action: string, pins: number): FreeholdError {
  return new FreeholdError(
    'ERR_FREEHOLD_PINNED',
    `${action} of ${of} while ${pins} pin(s) hold its memory; release them first`,
  );
}
