import assert from 'node:assert/strict';

// Bytes that tell which block they belong to, and where in it they stand: a sequence whose period is a prime, begun at
// another place for each block. What was moved, mixed or cut off does not match.
const PERIOD = 251;

let sequence = Buffer.alloc(0);
let zeroes = Buffer.alloc(0);

function grow(byteLength: number): void {
  const length = Math.max(byteLength + PERIOD, 1 << 16);
  sequence = Buffer.alloc(
    length,
    Uint8Array.from({ length: PERIOD }, (_, index) => index + 1),
  );
  zeroes = Buffer.alloc(length);
}

/** The bytes of the block with the number `id`. */
export function pattern(id: number, byteLength: number): Buffer {
  if (byteLength + PERIOD > sequence.length) grow(byteLength);
  const begin = (id * 7) % PERIOD;
  return sequence.subarray(begin, begin + byteLength);
}

/** That `bytes` begin as the pattern of `id` does, and show it up to `byteLength`. */
export function assertPattern(bytes: Uint8Array, id: number, byteLength: number, what: string): void {
  if (Buffer.compare(bytes.subarray(0, byteLength), pattern(id, byteLength)) === 0) return;
  const wanted = pattern(id, byteLength);
  const at = wanted.findIndex((byte, index) => bytes[index] !== byte);
  assert.fail(`${what}: byte ${at} of ${byteLength} is ${bytes[at]} instead of ${wanted[at]}`);
}

/** That every byte from `begin` on is zero. */
export function assertZero(bytes: Uint8Array, begin: number, what: string): void {
  const rest = bytes.subarray(begin);
  if (rest.length > zeroes.length) grow(rest.length);
  if (Buffer.compare(rest, zeroes.subarray(0, rest.length)) === 0) return;
  const at = rest.findIndex((byte) => byte !== 0);
  assert.fail(`${what}: byte ${begin + at} of ${bytes.length} is ${rest[at]} instead of 0`);
}
