import koffi from 'koffi';
import { describe, expect, test } from 'vitest';
import { Arena, Heap } from 'freehold';
import { type Loan, cString, fromAddress, lend, loanStats, readCString } from 'freehold/ffi';

import { refusal } from '../lib/codes.ts';
import { backing } from '../lib/memory.ts';

const names = { darwin: 'libsqlite3.dylib', win32: 'sqlite3.dll' } as Record<string, string>;

function load(): ReturnType<typeof koffi.load> | undefined {
  try {
    return koffi.load(names[process.platform] ?? 'libsqlite3.so.0');
  } catch {
    console.warn('no sqlite here (Debian: libsqlite3-0): lending to it is not tested');
    return undefined;
  }
}

const library = load();

describe.runIf(library !== undefined)('sqlite', () => {
  const sqlite = library!;
  const open = sqlite.func('int sqlite3_open(const char *, _Out_ void **)');
  const close = sqlite.func('int sqlite3_close(void *)');
  const prepare = sqlite.func('int sqlite3_prepare_v2(void *, uintptr_t, int, _Out_ void **, void *)');
  const bindBlob = sqlite.func('int sqlite3_bind_blob(void *, int, uintptr_t, int, uintptr_t)');
  const step = sqlite.func('int sqlite3_step(void *)');
  const reset = sqlite.func('int sqlite3_reset(void *)');
  const clear = sqlite.func('int sqlite3_clear_bindings(void *)');
  const finalize = sqlite.func('int sqlite3_finalize(void *)');
  const columnInt = sqlite.func('int sqlite3_column_int(void *, int)');
  const serialize = sqlite.func(
    'uintptr_t sqlite3_serialize(void *, const char *, _Out_ int64_t *, uint32_t)',
  );
  const mprintf = sqlite.func('void *sqlite3_mprintf(const char *)');
  const free = koffi.address(sqlite.symbol('sqlite3_free'));

  function database(): bigint {
    const out: [bigint] = [0n];
    expect(open(':memory:', out)).toBe(0);
    return out[0];
  }

  function statement(db: bigint, sql: string): bigint {
    using heap = new Heap();
    const text = cString(heap, sql);
    const out: [bigint] = [0n];
    expect(prepare(db, text.address, -1, out, null)).toBe(0);
    return out[0];
  }

  const bind = (query: bigint, place: number, loan: Loan, length: number): unknown =>
    bindBlob(query, place, loan.address, length, loan.freePointer);

  test('keeps a blob that it was lent until its statement is finalized', () => {
    using heap = new Heap();
    const db = database();
    const query = statement(db, 'select length(?1), hex(?1)');
    const blob = heap.copy(Buffer.from('freehold'));
    const loan = lend(blob, { then: 'free' });
    expect(bind(query, 1, loan, blob.length)).toBe(0);
    expect(step(query)).toBe(100);
    expect(columnInt(query, 0)).toBe(8);
    expect(loan.returned).toBe(false);
    refusal(() => heap.free(blob), 'ERR_FREEHOLD_PINNED');
    finalize(query);
    expect(loan.returned).toBe(true);
    expect(heap.stats().blocks).toBe(0);
    close(db);
  });

  test('gives each blob back when another is bound in its place', () => {
    using arena = new Arena();
    const db = database();
    const query = statement(db, 'select length(?1)');
    const before = loanStats();
    const loans: Loan[] = [];
    for (let length = 1; length <= 100; length++) {
      const loan = lend(arena.alloc(length));
      loans.push(loan);
      expect(bind(query, 1, loan, length)).toBe(0);
      step(query);
      expect(columnInt(query, 0)).toBe(length);
      reset(query);
      expect(loans.filter(({ returned }) => !returned)).toEqual([loan]);
    }
    clear(query);
    expect(loanStats()).toEqual({ ...before, returned: before.returned + 100 });
    expect(loans.every(({ returned }) => returned)).toBe(true);
    finalize(query);
    close(db);
    arena.reset();
  });

  test('gives a blob back at once when it refuses it', () => {
    using heap = new Heap();
    const db = database();
    const query = statement(db, 'select 1');
    const loan = lend(heap.alloc(8));
    expect(bind(query, 5, loan, 8)).not.toBe(0);
    expect(loan.returned).toBe(true);
    finalize(query);
    close(db);
  });

  test.runIf(backing === 'pages')(
    'gives us memory of its own, which is freed as it says: by sqlite3_free',
    () => {
      const db = database();
      step(statement(db, 'create table t (a)'));
      const size: [number] = [0];
      const image = fromAddress(BigInt(serialize(db, 'main', size, 0)), size[0], { free });
      expect(readCString(image)).toBe('SQLite format 3');
      image[Symbol.dispose]();
      const text = mprintf('made by sqlite') as bigint;
      expect(readCString(text)).toBe('made by sqlite');
      fromAddress(text, 15, { free })[Symbol.dispose]();
      close(db);
    },
  );
});
