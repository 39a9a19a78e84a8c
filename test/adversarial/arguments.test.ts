import { describe, expect, test } from 'vitest';

import { backings, checksOf } from './fixtures.ts';

describe.each(backings)('over $backing', ({ env }) => {
  test('every numeric parameter gives its documented error or the right result for every value', async () => {
    expect(await checksOf('numbers', { env })).toBeGreaterThan(4000);
  });

  test('sizes that the machine may not have give the memory or ERR_FREEHOLD_OUT_OF_MEMORY', async () => {
    expect(await checksOf('huge', { env })).toBeGreaterThan(80);
  });

  test('every member on a receiver of another kind throws ERR_FREEHOLD_INVALID_RECEIVER', async () => {
    expect(await checksOf('receivers', { env })).toBeGreaterThan(1200);
  });

  test('false blocks, marks, bytes, texts, classes, options and functions give their errors', async () => {
    expect(await checksOf('arguments', { env })).toBeGreaterThan(200);
  });

  test('pools and heaps give their codes for all of these, and for getters, spoiled blocks and marked buffers', async () => {
    expect(await checksOf('pools', { env })).toBeGreaterThan(2400);
  });

  test('reference-counted heaps meet every hostile number, receiver and callback with a documented code, and count on', async () => {
    expect(await checksOf('rc', { env })).toBeGreaterThan(2000);
  });
});
