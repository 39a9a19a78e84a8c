// The work of the example's heavy endpoint: what a gateway in front of a partitioned log does with an upload.
//
// The body is lines of `key,value`. Each line is a record; the hash of its key chooses one of 128 partitions, and the
// record is rewritten (length in front, key in upper case, value as it is) into that partition's batch. A batch is a
// buffer of 16 KiB, which is the default `batch.size` of Kafka's producers, opened when the first record for the
// partition comes and replaced when it is full. At the end all batches are joined, with a checksum behind them.
//
// Records begin at multiples of 16 bytes and what is between them is zero: never what an earlier request left in that
// memory. So batches come from `alloc`, which is zero-filled, as Node's documentation advises. The variant `unsafe`
// takes them from `allocUnsafe` and zeroes the gaps by hand.
//
// One request of 128 records takes about 80 buffers of 16 KiB, and most of them stay mostly empty: that is what
// batching by partition costs at a low rate, and why Kafka's own producer keeps a pool of such buffers.
//
// `memory` is `Buffer` or an arena: both have `alloc(n)`, zero-filled, and `allocUnsafe(n)`, not.
import { crc32 } from 'node:zlib';

export const PARTITIONS = 128;
const BATCH_BYTES = 16 * 1024;
const HEADER_BYTES = 16; // partition, records, bytes, 0
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 4;
const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** The end of a record: the next multiple of 16. */
const padded = (bytes) => (bytes + 15) & ~15;

/** Records of one partition, in as many buffers as it takes. */
class Batch {
  constructor(memory, unsafe, partition) {
    this.memory = memory;
    this.unsafe = unsafe;
    this.partition = partition;
    this.full = []; // buffers before the current one, each cut to what it holds
    this.buffer = this.#open(BATCH_BYTES);
    this.used = HEADER_BYTES;
    this.records = 0;
    this.bytes = HEADER_BYTES;
  }

  /** The line `[start, end)` of `body`, whose key ends at `comma`. */
  append(body, start, comma, end) {
    const needed = padded(LENGTH_BYTES + end - start);
    if (needed > this.buffer.length - this.used) this.#nextBuffer(needed);
    const { buffer } = this;
    let at = buffer.writeUInt32LE(end - start, this.used);
    for (let i = start; i < comma; i++) {
      const c = body[i];
      buffer[at++] = c >= 0x61 && c <= 0x7a ? c - 0x20 : c;
    }
    for (let i = comma; i < end; i++) buffer[at++] = body[i];
    this.used += needed;
    this.bytes += needed;
    this.records++;
    if (this.unsafe) while (at < this.used) buffer[at++] = 0;
  }

  /** Writes the header, and all of it to `output` at `at`; returns the offset behind it. */
  finish(output, at) {
    const first = this.full[0] ?? this.buffer;
    first.writeUInt32LE(this.partition, 0);
    first.writeUInt32LE(this.records, 4);
    first.writeUInt32LE(this.bytes, 8);
    first.writeUInt32LE(0, 12);
    for (const buffer of this.full) at += buffer.copy(output, at);
    return at + this.buffer.copy(output, at, 0, this.used);
  }

  #open(bytes) {
    return this.unsafe ? this.memory.allocUnsafe(bytes) : this.memory.alloc(bytes);
  }

  #nextBuffer(needed) {
    this.full.push(this.buffer.subarray(0, this.used));
    this.buffer = this.#open(Math.max(BATCH_BYTES, needed));
    this.used = 0;
  }
}

/** The batches of all records in `body`, one after the other, in one buffer from `memory`. */
export function partition(body, memory, unsafe = false) {
  const batches = new Array(PARTITIONS).fill(null);
  for (let start = 0; start < body.length;) {
    let hash = 0x811c9dc5; // FNV-1a of the key
    let comma = start;
    for (; comma < body.length && body[comma] !== COMMA && body[comma] !== NEWLINE; comma++)
      hash = Math.imul(hash ^ body[comma], 0x01000193);
    let end = comma;
    while (end < body.length && body[end] !== NEWLINE) end++;
    const p = (hash >>> 0) % PARTITIONS;
    batches[p] ??= new Batch(memory, unsafe, p);
    batches[p].append(body, start, comma, end);
    start = end + 1;
  }
  const open = batches.filter((batch) => batch !== null);
  const bytes = open.reduce((sum, batch) => sum + batch.bytes, 0);
  const output = memory.allocUnsafe(bytes + CHECKSUM_BYTES);
  open.reduce((at, batch) => batch.finish(output, at), 0);
  output.writeUInt32LE(crc32(output.subarray(0, bytes)), bytes);
  return output;
}

/** An upload for this endpoint: `records` lines of `bytes` bytes each, the same on every call. */
export function sampleUpload(records, bytes) {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >>> 8;
  const lines = Array.from({ length: records }, () => {
    const fields = [`user-${random().toString(36)}`];
    for (let length = 0; length < bytes; length += fields.at(-1).length + 1)
      fields.push(random().toString(36));
    return `${fields.join(',').slice(0, bytes - 1)}\n`;
  });
  return Buffer.from(lines.join(''));
}
