import { expect, test } from 'vitest';

import { type FaultReport, library } from './library.ts';

const expat = library('expat', 'libexpat.so.1', 'libexpat1-dev');

expat.describe(() => {
  test('parses in an arena whose reset drops every allocation at once, without XML_ParserFree', async () => {
    const { rounds } = await expat.play<{ rounds: object[] }>('dropped at once');
    expect(rounds).toHaveLength(5);
    for (const round of rounds)
      expect(round).toEqual({ code: 0, names: 81, held: true, left: 0, misused: 0 });
  });

  test('gives every byte back to a heap when its parser is freed', async () => {
    await expect(expat.play('freed piece by piece')).resolves.toEqual({
      outcome: { failed: null },
      liveBlocks: 0,
      liveBytes: 0,
      misused: 0,
      peaked: true,
      leaks: 0,
    });
  });

  test('leaves what it has not freed in leaks(), at most as many as asked for', async () => {
    const result = await expat.play<{ liveBlocks: number }>('a parser that is never freed');
    expect(result.liveBlocks).toBeGreaterThan(100);
    expect(result).toMatchObject({
      listed: result.liveBlocks,
      few: 3,
      code: 'ERR_FREEHOLD_LEAK',
      sameBytes: true,
      known: true,
    });
  });

  test('is out of memory at a limit, and works on when the limit is lifted', async () => {
    const result = await expat.play<{ refused: number }>('a limit');
    expect(result).toMatchObject({
      outcome: { failed: 'out of memory' },
      liveBlocks: 0,
      again: { failed: null },
    });
    expect(result.refused).toBeGreaterThan(0);
  });

  test('tells a document that is none from a lack of memory', async () => {
    await expect(expat.play('a document that is none')).resolves.toEqual({
      outcome: { failed: 'mismatched tag' },
      live: 0,
    });
  });

  test.each(['an arena that is reset', 'an arena', 'a heap'])(
    'on %s fails cleanly at every allocation that gets no memory, and nothing is left',
    async (where) => {
      const report = await expat.play<FaultReport>(`faults in ${where}`);
      expect(report.rounds).toBeGreaterThan(100);
      expect(report).toMatchObject({ left: [], misused: 0, wrongThreads: 0 });
      // It can do without some: a larger buffer for what is left over.
      expect(report.failures).toBe(report.rounds - 1);
      expect(Object.keys(report.errors).sort()).toEqual(['no parser', 'out of memory']);
    },
  );
});
