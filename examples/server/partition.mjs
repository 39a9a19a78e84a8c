// The work of the example's heavy endpoint: what a gateway in front of a message broker does with an upload.
//
// The body is lines of `key,value`. Each line is a record; the hash of its key chooses one of 32 partitions, and the
// record is rewritten (key in upper case, value as it is, length in front) into that partition's batch. A batch is
// a buffer of 16 KiB, which is the default `batch.size` of Kafka's producers, opened when the first record for the
// partition comes and replaced when it is full. At the end every batch gets a header with a checksum, and all of
// them are joined to the response.
//
// So one request of 16 KiB takes about 30 buffers of 16 KiB, and most of them stay mostly empty: that is what
// batching by partition costs at a low rate, and why Kafka's own producer keeps a pool of such buffers.
//
// `memory` is `Buffer` or an arena: both have `alloc(n)`, zero-filled, and `allocUnsafe(n)`, not.
import { crc32 } from 'node:zlib';

export const PARTITIONS = 32;
const BATCH_BYTES = 16 * 1024;
const HEADER_BYTES = 16; // partition, records, bytes, CRC-32 of what follows the header
const LENGTH_BYTES = 4;
const NEWLINE = 0x0a;
const COMMA = 0x2c;

/** Records of one partition, in as many buffers as it takes. */
class Batch {
  constructor(memory, partition) {
    this.memory = memory;
    this.partition = partition;
    this.full = []; // buffers before the current one, each cut to what it holds
    this.buffer = memory.allocUnsafe(BATCH_BYTES);
    this.used = HEADER_BYTES;
    this.records = 0;
    this.bytes = HEADER_BYTES;
  }

  /** The line `[start, end)` of `body`, whose key ends at `comma`. */
  append(body, start, comma, end) {
    const length = end - start;
    const needed = LENGTH_BYTES + length;
    if (needed > this.buffer.length - this.used) this.#nextBuffer(needed);
    const { buffer } = this;
    let at = buffer.writeUInt32LE(length, this.used);
    for (let i = start; i < comma; i++) {
      const c = body[i];
      buffer[at++] = c >= 0x61 && c <= 0x7a ? c - 0x20 : c;
    }
    body.copy(buffer, at, comma, end);
    this.used += needed;
    this.bytes += needed;
    this.records++;
  }

  /** Writes the header, and all of it to `output` at `at`; returns the offset behind it. */
  finish(output, at) {
    const parts = [...this.full, this.buffer.subarray(0, this.used)];
    parts[0].writeUInt32LE(this.partition, 0);
    parts[0].writeUInt32LE(this.records, 4);
    parts[0].writeUInt32LE(this.bytes, 8);
    let crc = 0;
    parts.forEach((part, i) => (crc = crc32(i === 0 ? part.subarray(HEADER_BYTES) : part, crc)));
    parts[0].writeUInt32LE(crc, 12);
    for (const part of parts) at += part.copy(output, at);
    return at;
  }

  #nextBuffer(needed) {
    this.full.push(this.buffer.subarray(0, this.used));
    this.buffer = this.memory.allocUnsafe(Math.max(BATCH_BYTES, needed));
    this.used = 0;
  }
}

/** FNV-1a. */
function hash(bytes, start, end) {
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h >>> 0;
}

/** The batches of all records in `body`, one after the other, in one buffer from `memory`. */
export function partition(body, memory) {
  const batches = new Array(PARTITIONS).fill(null);
  for (let start = 0; start < body.length;) {
    let end = body.indexOf(NEWLINE, start);
    if (end === -1) end = body.length;
    let comma = start;
    while (comma < end && body[comma] !== COMMA) comma++;
    const p = hash(body, start, comma) % PARTITIONS;
    batches[p] ??= new Batch(memory, p);
    batches[p].append(body, start, comma, end);
    start = end + 1;
  }
  const open = batches.filter((batch) => batch !== null);
  const output = memory.allocUnsafe(open.reduce((sum, batch) => sum + batch.bytes, 0));
  open.reduce((at, batch) => batch.finish(output, at), 0);
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
