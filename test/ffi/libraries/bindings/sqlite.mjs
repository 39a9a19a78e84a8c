// sqlite through koffi: what the tests need of it.
import koffi from 'koffi';

// `deep`: node may have a sqlite of its own, whose functions this one's calls of itself would end in otherwise.
const library = koffi.load('libsqlite3.so.0', { deep: true });

export const SQLITE_OK = 0;
export const SQLITE_NOMEM = 7;
const SQLITE_CONFIG_MALLOC = 4;

const config = library.func('int sqlite3_config(int option, ...)');
const open = library.func('int sqlite3_open(const char *name, _Out_ uint64_t *database)');
const exec = library.func(
  'int sqlite3_exec(uint64_t database, const char *text, uint64_t callback, uint64_t data, uint64_t message)',
);
const prepare = library.func(
  'int sqlite3_prepare_v2(uint64_t database, const char *text, int bytes, _Out_ uint64_t *statement, uint64_t tail)',
);
const step = library.func('int sqlite3_step(uint64_t statement)');
const column = library.func('int64_t sqlite3_column_int64(uint64_t statement, int index)');
const finalize = library.func('int sqlite3_finalize(uint64_t statement)');
const close = library.func('int sqlite3_close(uint64_t database)');
export const initialize = library.func('int sqlite3_initialize()');
export const shutdown = library.func('int sqlite3_shutdown()');
/** Bytes that sqlite says that it has. */
export const memoryUsed = library.func('int64_t sqlite3_memory_used()');

/** Before anything else of sqlite, or after {@link shutdown}: it refuses later. */
export const useMemory = (methods) => config(SQLITE_CONFIG_MALLOC, 'uint64_t', methods);

/** Makes a table in memory with an index, fills it, and asks a question; what goes wrong is sqlite's code. */
export function work(rows) {
  const database = [0];
  let status = open(':memory:', database);
  let answer = -1;
  let used = 0;
  if (status === SQLITE_OK) status = exec(database[0], script(rows), 0, 0, 0);
  if (status === SQLITE_OK) {
    const statement = [0];
    status = prepare(database[0], 'SELECT sum(length(name)) FROM t WHERE id % 3 = 0', -1, statement, 0);
    if (status === SQLITE_OK) {
      const row = step(statement[0]);
      if (row === 100) answer = Number(column(statement[0], 0));
      const ended = finalize(statement[0]);
      status = row === 100 ? SQLITE_OK : ended;
      used = Number(memoryUsed());
    }
  }
  // Also of one that could not be opened: sqlite made it all the same.
  if (database[0] !== 0) close(database[0]);
  return { status, answer, used };
}

function script(rows) {
  return (
    'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX by_name ON t (name);' +
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) ` +
    "INSERT INTO t SELECT i, 'name ' || i FROM n;"
  );
}
