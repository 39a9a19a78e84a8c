import { expect, test } from 'vitest';

import { type FaultReport, library } from './library.ts';

const lua = library('lua', 'liblua5.4.so.0', 'liblua5.4-dev');
const LUA_ERRMEM = 4;

lua.describe(() => {
  test('with a limit of 1 MiB a greedy script fails with "not enough memory", and its state works on', async () => {
    const result = await lua.play<{ peakBytes: number }>('a limit');
    expect(result).toMatchObject({
      greedy: { status: LUA_ERRMEM, text: 'not enough memory' },
      afterwards: { status: 0, text: '200 item 200' },
      refused: true,
      liveBlocks: 0,
      liveBytes: 0,
      misused: 0,
    });
    expect(result.peakBytes).toBeLessThanOrEqual(1 << 20);
    expect(result.peakBytes).toBeGreaterThan(1 << 19);
  });

  test('a state can be dropped with its arena instead of being closed', async () => {
    await expect(lua.play('dropped with its arena')).resolves.toMatchObject({
      first: { failed: null },
      second: { failed: null, answer: { text: '200 item 200' } },
      held: true,
      left: 0,
    });
  });

  test('a state that is never closed is listed block by block', async () => {
    await expect(lua.play('a state that is never closed')).resolves.toEqual({ same: true, some: true });
  });

  test.each(['a heap', 'an arena'])(
    'on %s ends with its own error at every allocation that gets no memory, and gives all back',
    async (where) => {
      const report = await lua.play<FaultReport>(`faults in ${where}`);
      expect(report.rounds).toBeGreaterThan(500);
      expect(report).toMatchObject({ left: [], misused: 0, wrongThreads: 0 });
      expect(Object.keys(report.errors).sort()).toEqual(['no state', 'not enough memory']);
    },
  );
});
