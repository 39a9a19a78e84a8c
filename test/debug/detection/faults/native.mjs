// What native code does that holds an address.
import koffi from 'koffi';

const libc = koffi.load(null);

/** `memset(to, byte, length)`. */
export const memset = libc.func('void *memset(uint64_t to, int byte, size_t length)');
/** `memcpy(to, from, length)` to an address. */
export const memcpy = libc.func('void *memcpy(uint64_t to, const void *from, size_t length)');
/** `strlen(text)`. */
export const strlen = libc.func('size_t strlen(uint64_t text)');

const copy = libc.func('void *memcpy(void *to, uint64_t from, size_t length)');

/** The bytes at an address. */
export function bytesAt(from, length) {
  const bytes = Buffer.alloc(length);
  copy(bytes, from, length);
  return bytes;
}

/** The byte at a distance from the beginning of a block: from its length on it is behind it. */
export const byteOf = (block, distance) => block.address + BigInt(distance);
