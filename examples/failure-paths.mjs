// @ts-check
// What does a function do when memory runs out in the middle of it? Try every place where it can.
import assert from 'node:assert/strict';

import { FreeholdError, Heap, checkAllAllocationFailures, memoryStats } from 'freehold';

/** @typedef {import('freehold').Allocator} Allocator */
/** @typedef {import('freehold').Block} Block */

/** @typedef {{ header: Block, offsets: Block, records: Block[] }} Table  A small file: three kinds of blocks. */

/** @param {Allocator} memory @param {Table} table */
function freeTable(memory, { header, offsets, records }) {
  for (const record of records) memory.free(record);
  memory.free(offsets);
  memory.free(header);
}

/**
 * A table with these records, which the caller frees. When there is no memory, what was made up to then is given back.
 *
 * @param {Allocator} memory @param {readonly string[]} texts
 * @returns {Table}
 */
function makeTable(memory, texts) {
  /** @type {Block[]} What is to be undone, the newest last. */
  const made = [];
  /** @param {number} byteLength */
  const allocate = (byteLength) => {
    const block = memory.alloc(byteLength);
    made.push(block);
    return block;
  };
  try {
    const header = allocate(8);
    header.write('TAB1', 'latin1');
    header.writeUInt32LE(texts.length, 4);
    const offsets = allocate(4 * texts.length);
    let offset = 0;
    const records = texts.map((text, index) => {
      const record = allocate(Buffer.byteLength(text));
      record.write(text);
      offsets.writeUInt32LE(offset, 4 * index);
      offset += record.length;
      return record;
    });
    return { header, offsets, records };
  } catch (error) {
    while (made.length > 0) memory.free(/** @type {Block} */ (made.pop()));
    throw error;
  }
}

const texts = ['one', 'two', 'three'];

// Runs it once for each allocation, and lets that one fail: each time the error must come out, and no block be left.
const { requests } = checkAllAllocationFailures(
  () => new Heap(),
  (memory) => {
    const table = makeTable(memory, texts);
    assert.equal(table.offsets.readUInt32LE(8), 6);
    freeTable(memory, table);
  },
);
console.log(`makeTable: ${requests} places to fail, all of them clean`);

/**
 * The same as people write it first: nothing wrong as long as there is memory.
 *
 * @param {Allocator} memory
 */
function makeTableCarelessly(memory) {
  const header = memory.alloc(8);
  const offsets = memory.alloc(4 * texts.length);
  return { header, offsets, records: texts.map((text) => memory.alloc(Buffer.byteLength(text))) };
}

/** @param {() => unknown} check */
function verdict(check) {
  try {
    check();
    return 'clean';
  } catch (error) {
    if (!(error instanceof FreeholdError)) throw error;
    return `${error.code}: ${error.message.split('\n', 1)[0]}`;
  }
}

console.log(
  'carelessly:',
  verdict(() =>
    checkAllAllocationFailures(
      () => new Heap(),
      (memory) => freeTable(memory, makeTableCarelessly(memory)),
    ),
  ),
);

// And an error that is swallowed is found as well.
console.log(
  'swallowed:',
  verdict(() =>
    checkAllAllocationFailures(
      () => new Heap(),
      (memory) => {
        try {
          freeTable(memory, makeTable(memory, texts));
        } catch {
          // "cannot happen"
        }
      },
    ),
  ),
);
console.log(String(memoryStats()));

/* Prints:
makeTable: 5 places to fail, all of them clean
carelessly: ERR_FREEHOLD_LEAK: 8 bytes in 1 block(s) of "the memory of the body when request 1 fails" were not freed:
swallowed: ERR_FREEHOLD_SWALLOWED: the body succeeded although request 0 (alloc of 8 bytes) failed; its error must come out, alone or as a cause
memory: 0 B in use of … held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B     …
manual              0       0     0 B     …
arenas              0             0 B     …
pools               0       0     0 B     …
…
*/
