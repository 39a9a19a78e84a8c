import { expect, test } from 'vitest';

import { type FaultReport, library } from './library.ts';

const sqlite = library('sqlite', 'libsqlite3.so.0', 'libsqlite3-dev');
const [SQLITE_NOMEM, SQLITE_MISUSE] = [7, 21];
/** Of the names of every third of 5,000 rows. */
const LETTERS = Array.from({ length: 5000 }, (_, index) => index + 1)
  .filter((id) => id % 3 === 0)
  .reduce((sum, id) => sum + `name ${id}`.length, 0);

sqlite.describe(() => {
  test('keeps a database on a heap with figures, and gives every byte back by sqlite3_shutdown', async () => {
    await expect(sqlite.play('a database on a heap')).resolves.toEqual({
      statuses: [0, 0, 0, 0],
      answer: LETTERS,
      counted: true,
      busy: true,
      liveBlocks: 0,
      liveBytes: 0,
      misused: 0,
    });
  });

  test('takes its memory only before sqlite3_initialize, or after sqlite3_shutdown', async () => {
    await expect(sqlite.play('configured too late')).resolves.toEqual({
      late: SQLITE_MISUSE,
      inTime: 0,
      outcome: 0,
      served: true,
    });
  });

  test('answers SQLITE_NOMEM at a limit, and works on with what fits it', async () => {
    const result = await sqlite.play<{ peakBytes: number }>('a limit');
    expect(result).toMatchObject({ full: SQLITE_NOMEM, small: 0, liveBlocks: 0 });
    expect(result.peakBytes).toBeLessThanOrEqual(512 << 10);
  });

  test('runs on an arena, too', async () => {
    await expect(sqlite.play('an arena')).resolves.toMatchObject({ outcome: 0, liveBlocks: 0, misused: 0 });
  });

  test('answers SQLITE_NOMEM at every allocation that gets no memory, and nothing is left', async () => {
    const report = await sqlite.play<FaultReport>('faults in a heap');
    expect(report.rounds).toBeGreaterThan(100);
    expect(report).toMatchObject({ left: [], misused: 0, wrongThreads: 0 });
    expect(Object.keys(report.errors)).toEqual([String(SQLITE_NOMEM)]);
  });
});
