import { describe, expect, test } from 'vitest';
import { percentile, summarize } from '../../bench/lib/statistics.mjs';

describe('percentile', () => {
  test('is the nearest rank', () => {
    const sorted = Float64Array.from({ length: 100 }, (_, i) => i + 1);
    expect(percentile(sorted, 0.5)).toBe(50);
    expect(percentile(sorted, 0.99)).toBe(99);
    expect(percentile(sorted, 0.999)).toBe(100);
  });

  test('stays inside of a single sample', () => {
    expect([percentile([7], 0), percentile([7], 0.5), percentile([7], 1)]).toEqual([7, 7, 7]);
  });
});

describe('summarize', () => {
  test('gives the middle of an odd number of rounds', () => {
    expect(summarize([5, 1, 3])).toMatchObject({ median: 3, min: 1, max: 5, rounds: 3 });
  });

  test('gives the mean of the two in the middle of an even number of rounds', () => {
    expect(summarize([4, 1, 2, 3]).median).toBe(2.5);
  });

  test('sorts by value, not by text', () => {
    expect(summarize([100, 9, 20]).median).toBe(20);
  });

  test('says how far the middle half lies apart, relative to the median', () => {
    expect(summarize([90, 95, 100, 105, 110]).spread).toBeCloseTo(0.05);
    expect(summarize([0, 0, 0]).spread).toBe(0);
  });
});
