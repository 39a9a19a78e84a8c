// @ts-check
// An sqlite database in memory of a heap that keeps an account of it, and that sqlite3_shutdown leaves empty. Needs `npm install koffi`,
// `apt-get install libsqlite3-0`.
import assert from 'node:assert/strict';

import { Heap, memoryStats } from 'freehold';
import koffi from 'koffi';

// `deep`: node may have an sqlite of its own, whose functions this one's calls of itself would end in otherwise.
const sqlite = koffi.load('libsqlite3.so.0', { deep: true });
const config = sqlite.func('int sqlite3_config(int option, ...)');
const initialize = sqlite.func('int sqlite3_initialize()');
const shutdown = sqlite.func('int sqlite3_shutdown()');
const open = sqlite.func('int sqlite3_open(const char *name, _Out_ uint64_t *database)');
const exec = sqlite.func(
  'int sqlite3_exec(uint64_t database, const char *text, uint64_t callback, uint64_t data, uint64_t message)',
);
const close = sqlite.func('int sqlite3_close(uint64_t database)');
const SQLITE_CONFIG_MALLOC = 4;

const heap = new Heap({ name: 'sqlite' });
const callbacks = heap.callbacks();

// First of all: once sqlite is initialized it takes no other memory until sqlite3_shutdown.
assert.equal(config(SQLITE_CONFIG_MALLOC, 'uint64_t', callbacks.sqlite3), 0);
assert.equal(initialize(), 0);

const database = [0];
assert.equal(open(':memory:', database), 0);
const rows = 10_000;
const script = `
  CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO names SELECT i, 'name ' || i FROM n;`;
assert.equal(exec(database[0], script, 0, 0, 0), 0);
const { liveBytes, blocks } = callbacks.stats();
console.log(`${rows} rows in ${liveBytes >> 10} KiB; sqlite has allocated ${blocks} times`);

// A limit for all of sqlite: the next statement that needs more fails with SQLITE_NOMEM, 7.
callbacks.limit = liveBytes;
console.log(
  `a copy of the table: error ${exec(database[0], 'CREATE TABLE copy AS SELECT * FROM names', 0, 0, 0)}`,
);
callbacks.limit = Infinity;
console.log(
  `again, without the limit: ${exec(database[0], 'CREATE TABLE copy AS SELECT * FROM names', 0, 0, 0)}`,
);

assert.equal(close(database[0]), 0);
assert.equal(shutdown(), 0);
// Only now: until here sqlite calls the functions.
console.log(`after sqlite3_shutdown: ${callbacks.stats().liveBlocks} blocks`);
callbacks.dispose();
heap.dispose();
console.log(String(memoryStats()));

/* Prints:
10000 rows in … KiB; sqlite has allocated … times
a copy of the table: error 7
again, without the limit: 0
after sqlite3_shutdown: 0 blocks
memory: 0 B in use of 0 B held, at most … mapped; strategy automatic
           allocators  blocks  in use  held
automatic           0       0     0 B   0 B
manual              0       0     0 B   0 B
arenas              0             0 B   0 B
pools               0       0     0 B   0 B
…
*/
