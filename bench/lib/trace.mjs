// @ts-check
// Recorded allocations: how they are kept as data, and how they are replayed. As data a trace is a list of LEB128
// numbers: 2 * size for an allocation, 2 * age + 1 for a free, where the age is the number of allocations since that of
// the block; compressed with brotli, in base64, in lines.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/**
 * @typedef {object} Trace ready to be replayed
 * @property {Int32Array} events an allocation is two numbers, the size and the slot that the block goes to; a free is
 *   one, ~slot
 * @property {number} slots
 * @property {number} allocations
 * @property {number} peakBytes the most bytes that were live at a time
 * @property {number} peakBlocks
 */

const LINE = 110;

/**
 * @param {readonly { size: number, age: number }[]} events size 0: a free
 * @returns {string[]} lines of base64
 */
export function encode(events) {
  /** @type {number[]} */
  const bytes = [];
  for (const { size, age } of events) {
    let rest = size > 0 ? size * 2 : age * 2 + 1;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    bytes.push(rest);
  }
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  const text = brotliCompressSync(Uint8Array.from(bytes), { params }).toString('base64');
  return text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
}

/**
 * @param {readonly string[]} lines
 * @returns {number[]} the numbers of the encoding
 */
function decode(lines) {
  /** @type {number[]} */
  const numbers = [];
  let number = 0;
  let scale = 1;
  for (const byte of brotliDecompressSync(Buffer.from(lines.join(''), 'base64'))) {
    number += (byte & 127) * scale;
    scale *= 128;
    if (byte & 128) continue;
    numbers.push(number);
    number = 0;
    scale = 1;
  }
  return numbers;
}

/**
 * The trace with a slot for every block; what is live at its end is freed there, so that it can be replayed again and
 * again.
 * @param {readonly string[]} lines
 * @returns {Trace}
 */
export function prepare(lines) {
  /** @type {number[]} */
  const events = [];
  /** @type {{ slot: number, size: number }[]} by the serial number of the allocation */
  const blocks = [];
  /** @type {Set<number>} */
  const live = new Set();
  /** @type {number[]} */
  const vacant = [];
  let slots = 0;
  let bytes = 0;
  let peakBytes = 0;
  let peakBlocks = 0;
  const release = (/** @type {number} */ serial) => {
    const { slot, size } = blocks[serial];
    live.delete(serial);
    vacant.push(slot);
    bytes -= size;
    events.push(~slot);
  };
  for (const number of decode(lines)) {
    if (number % 2 === 1) {
      release(blocks.length - (number - 1) / 2);
      continue;
    }
    const size = number / 2;
    const slot = vacant.pop() ?? slots++;
    live.add(blocks.length);
    blocks.push({ slot, size });
    events.push(size, slot);
    bytes += size;
    peakBytes = Math.max(peakBytes, bytes);
    peakBlocks = Math.max(peakBlocks, live.size);
  }
  [...live].forEach(release);
  return { events: Int32Array.from(events), slots, allocations: blocks.length, peakBytes, peakBlocks };
}

/**
 * @param {string} path of a file that bench/heap/trace/record.mjs wrote
 * @returns {Trace}
 */
export function loadTrace(path) {
  return prepare(JSON.parse(readFileSync(path, 'utf8')).data);
}
