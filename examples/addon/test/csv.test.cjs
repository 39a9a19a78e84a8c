const assert = require('node:assert/strict');
const test = require('node:test');
const { Worker } = require('node:worker_threads');

const { Arena } = require('freehold');

const { split, used } = require('../index.cjs');

const texts = (fields) => fields.map(String);

test('a line is split into blocks of the arena, quotes and all', () => {
  const arena = new Arena();
  const fields = split(arena, Buffer.from('one,"two, or ""2""",,four'));
  assert.deepEqual(texts(fields), ['one', 'two, or "2"', '', 'four']);
  assert.ok(fields.every((field) => field.length === 0 || arena.owns(field)));
  assert.equal(used(arena), arena.used);
  arena.dispose();
});

test('both sides allocate by turns, through many chunks, and agree on what is used', () => {
  const arena = new Arena({ initialBytes: 4096, maxChunkBytes: 65536 });
  const lines = [];
  for (let index = 0; index < 2000; index++) {
    const line = arena.string(`${index},${'x'.repeat(index % 300)},last`);
    lines.push(split(arena, line));
    assert.equal(used(arena), arena.used);
  }
  assert.ok(arena.stats().chunks > 5);
  lines.forEach((fields, index) =>
    assert.deepEqual(texts(fields), [String(index), 'x'.repeat(index % 300), 'last']),
  );
  arena.reset();
  assert.ok(lines.every((fields) => fields.every((field) => field.length === 0)));
  assert.equal(used(arena), 0);
  arena.dispose();
});

test('a limit is an error with a code, and the arena goes on', () => {
  const arena = new Arena({ limitBytes: 1000 });
  assert.throws(() => split(arena, Buffer.alloc(5000, ',')), { code: 'ERR_LIMIT' });
  assert.deepEqual(texts(split(arena, Buffer.from('a,b'))), ['a', 'b']);
  arena.dispose();
});

test('what is no arena, or is one no more, is an error', () => {
  const arena = new Arena();
  assert.throws(() => require('../build/Release/csv.node').split({}, Buffer.alloc(1)), {
    code: 'ERR_ARGUMENT',
  });
  const kept = arena.native;
  arena.dispose();
  assert.throws(() => split(arena, Buffer.alloc(1)), { code: 'ERR_FREEHOLD_DISPOSED' });
  assert.throws(() => require('../build/Release/csv.node').split(kept, Buffer.from('a')), {
    code: 'ERR_MEMORY',
    message: /ended/,
  });
});

test('a worker has arenas of its own', async () => {
  const source = `
    const { Arena } = require('freehold');
    const { split, used } = require(${JSON.stringify(require.resolve('../index.cjs'))});
    const arena = new Arena();
    for (let index = 0; index < 100; index++) split(arena, Buffer.from('a,b,' + 'c'.repeat(2000)));
    if (used(arena) !== arena.used) process.exitCode = 1;`;
  const worker = new Worker(source, { eval: true });
  assert.equal(await new Promise((resolve) => worker.on('exit', resolve)), 0);
});
