import { expect, test } from 'vitest';

import { type FaultReport, library } from './library.ts';

const zlib = library('zlib', 'libz.so.1', 'zlib1g-dev');
const Z_MEM_ERROR = '-4';

zlib.describe(() => {
  test('compresses and inflates a stream whose state, window and bytes are all in an arena', async () => {
    const { outcome, after, bytesUsed, usedAfterReset } = await zlib.play<{
      outcome: object;
      after: { liveBlocks: number; liveBytes: number; blocks: number; peakBytes: number; misused: number };
      bytesUsed: number;
      usedAfterReset: number;
    }>('a stream in an arena');
    expect(outcome).toMatchObject({ failed: null, ended: 0, same: true });
    expect(after).toMatchObject({ liveBlocks: 0, liveBytes: 0, misused: 0 });
    expect(after.blocks).toBeGreaterThanOrEqual(7); // deflate's five, and inflate's state and window
    expect(bytesUsed).toBeGreaterThan(after.peakBytes);
    expect(usedAfterReset).toBe(0);
  });

  test('takes no more memory for many streams than for one', async () => {
    await expect(zlib.play('many streams in an arena')).resolves.toEqual({ reserved: 1, live: 0 });
  });

  test('is out of memory at a limit, and gives back what it had', async () => {
    const result = await zlib.play<{ peakBytes: number }>('a limit');
    expect(result).toMatchObject({ outcome: { failed: Number(Z_MEM_ERROR) }, liveBlocks: 0 });
    expect(result.peakBytes).toBeLessThanOrEqual(1 << 16);
  });

  test('shows what it has not freed in leaks(), and dispose() throws ERR_FREEHOLD_LEAK', async () => {
    const result = await zlib.play<{ liveBlocks: number; liveBytes: number }>('streams that are never ended');
    expect(result.liveBlocks).toBeGreaterThanOrEqual(7);
    expect(result).toMatchObject({
      outcome: { failed: null, same: true },
      listed: result.liveBlocks,
      listedBytes: result.liveBytes,
      code: 'ERR_FREEHOLD_LEAK',
    });
  });

  test.each(['an arena', 'a heap'])(
    'on %s fails with Z_MEM_ERROR at every allocation that gets no memory, and keeps none',
    async (where) => {
      const report = await zlib.play<FaultReport>(`faults in ${where}`);
      expect(report.rounds).toBeGreaterThanOrEqual(8);
      expect(report).toMatchObject({
        failures: report.rounds - 1,
        errors: { [Z_MEM_ERROR]: report.rounds - 1 },
        left: [],
        misused: 0,
        wrongThreads: 0,
      });
    },
  );
});
