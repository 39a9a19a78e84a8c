// What every runtime must do that can load the addon: node, deno and bun. No test framework, only node:assert.
//   node test/runtimes/smoke.mjs
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { Arena, FreeholdError, Heap, memoryStats } from 'freehold';
import { fromAddress, lend, readCString } from 'freehold/ffi';

const checks = [];
const check = (title, body) => checks.push([title, body]);
const hasCode = (code) => (error) => error instanceof FreeholdError && error.code === code;

check('a block is a Buffer of zeros, aligned, with the address of its bytes', () => {
  const arena = new Arena();
  const block = arena.alloc(100, 64);
  assert.ok(Buffer.isBuffer(block) && block instanceof Uint8Array);
  assert.equal(block.length, 100);
  assert.ok(block.every((byte) => byte === 0));
  assert.equal(block.address % 64n, 0n);
  assert.equal(block.write('hello'), 5);
  assert.equal(block.toString('utf8', 0, 5), 'hello');
  assert.ok(arena.owns(block) && !arena.owns(Buffer.alloc(8)));
  arena.dispose();
});

check('blocks do not overlap, across chunks of any size', () => {
  const arena = new Arena({ initialBytes: 65536 });
  const blocks = Array.from({ length: 300 }, (_, index) =>
    arena.allocUnsafe(1 + index * 37).fill(index % 251),
  );
  blocks.push(arena.alloc(9_000_000).fill(99));
  blocks.slice(0, 300).forEach((block, index) => {
    assert.ok(
      block.every((byte) => byte === index % 251),
      `block ${index}`,
    );
  });
  assert.ok(blocks[300].every((byte) => byte === 99));
  arena.dispose();
});

check('typed arrays, strings and C strings are the bytes they should be', () => {
  const arena = new Arena();
  const numbers = arena.array(Float64Array, 10);
  numbers[9] = 0.5;
  assert.deepEqual([numbers.length, numbers[0], numbers[9]], [10, 0, 0.5]);
  assert.equal(arena.string('grüße').toString(), 'grüße');
  assert.deepEqual([...arena.cString('ab')], [97, 98, 0]);
  assert.deepEqual([...arena.copy(new Uint8Array([1, 2, 3]))], [1, 2, 3]);
  arena.dispose();
});

check('reset and dispose leave every view with length 0', () => {
  const arena = new Arena();
  for (let round = 0; round < 200; round++) {
    const block = arena.alloc(64);
    const array = arena.array(Int32Array, 4);
    const slice = block.subarray(8, 16);
    arena.reset();
    assert.deepEqual([block.length, array.length, slice.length, block[0]], [0, 0, 0, undefined]);
  }
  const last = arena.alloc(8);
  arena.dispose();
  assert.equal(last.length, 0);
  assert.throws(() => arena.alloc(8), hasCode('ERR_FREEHOLD_DISPOSED'));
});

check('orphaned views stay as they are, and their memory is not used again', () => {
  const arena = new Arena();
  const kept = [];
  for (let round = 1; round <= 20; round++) {
    kept.push(arena.alloc(4096).fill(round));
    arena.reset({ mode: 'orphan' });
  }
  arena.alloc(4096).fill(255);
  kept.forEach((block, index) => {
    assert.equal(block.length, 4096);
    assert.ok(block.every((byte) => byte === index + 1));
  });
  arena.dispose();
});

check('marks rewind', () => {
  const arena = new Arena();
  const first = arena.alloc(16).fill(1);
  const mark = arena.mark();
  const second = arena.alloc(16);
  arena.rewind(mark);
  assert.deepEqual([first.length, first[0], second.length], [16, 1, 0]);
  arena.dispose();
});

check('a pinned arena does not reset', async () => {
  const arena = new Arena();
  await arena.pinned(async () => {
    assert.throws(() => arena.reset(), hasCode('ERR_FREEHOLD_PINNED'));
  });
  arena.reset();
  arena.dispose();
});

check('bad input has its error code', () => {
  const arena = new Arena({ limitBytes: 100_000 });
  for (const size of [-1, 0.5, NaN, Infinity, '16', 16n, {}, null]) {
    assert.throws(() => arena.alloc(size), hasCode('ERR_FREEHOLD_INVALID_SIZE'), String(size));
  }
  assert.throws(() => arena.alloc(8, 3), hasCode('ERR_FREEHOLD_INVALID_ALIGNMENT'));
  assert.throws(() => arena.alloc(1_000_000), hasCode('ERR_FREEHOLD_LIMIT'));
  assert.equal(arena.tryAlloc(1_000_000), null);
  assert.throws(() => arena.free(Buffer.alloc(8)), hasCode('ERR_FREEHOLD_INVALID_FREE'));
  assert.throws(() => Arena.prototype.reset.call({}), hasCode('ERR_FREEHOLD_INVALID_RECEIVER'));
  assert.equal(arena.alloc(16).length, 16);
  arena.dispose();
});

check('statistics count arenas', () => {
  const before = memoryStats().arenas.count;
  const arena = new Arena();
  arena.alloc(1000);
  assert.equal(memoryStats().arenas.count, before + 1);
  assert.ok(arena.stats().bytesUsed >= 1000 || arena.used >= 1000);
  arena.dispose();
  assert.equal(memoryStats().arenas.count, before);
});

check('memory from elsewhere is seen and ended, and what is lent is pinned', () => {
  const heap = new Heap();
  const made = heap.cString('made elsewhere');
  let freed = 0n;
  const block = fromAddress(made.address, made.length, { free: (address) => (freed = address) });
  assert.equal(readCString(block), 'made elsewhere');
  assert.equal(memoryStats().foreign.blocks, 1);
  block[Symbol.dispose]();
  assert.deepEqual([freed, block.length, memoryStats().foreign.blocks], [made.address, 0, 0]);
  const loan = lend(made, { then: 'free' });
  assert.throws(() => heap.free(made), hasCode('ERR_FREEHOLD_PINNED'));
  loan[Symbol.dispose]();
  assert.equal(heap.stats().blocks, 0);
  heap.dispose();
});

check('a worker has arenas of its own, and ends with them alive', async () => {
  const worker = new Worker(new URL('./smoke-worker.mjs', import.meta.url));
  const sum = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  assert.equal(sum, 7000);
  await worker.terminate();
});

let failed = 0;
for (const [title, body] of checks) {
  try {
    await body();
    console.log(`ok      ${title}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}\n${error?.stack ?? error}`);
  }
}
console.log(`smoke: ${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
