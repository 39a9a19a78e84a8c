import { expect, test } from 'vitest';
import { randomFrom, sizesBetween, victimsOf } from '../../bench/lib/random.mjs';

test('the same seed gives the same victims, another seed others, and all of the live ones have their turn', () => {
  const victims = victimsOf(100, 10_000);
  expect(victimsOf(100, 10_000)).toEqual(victims);
  expect(victimsOf(100, 10_000, 7)).not.toEqual(victims);
  expect(new Set(victims).size).toBe(100);
  expect(Math.max(...victims)).toBe(99);
});

test('each doubling of sizes has about as many as any other', () => {
  const sizes = sizesBetween(16, 4096, 80_000);
  for (let from = 16; from < 4096; from *= 2) {
    const share = sizes.filter((size) => size >= from && size < 2 * from).length / sizes.length;
    expect(share).toBeCloseTo(1 / 8, 1);
  }
});

test('random numbers lie in [0, 1) and fill it', () => {
  const random = randomFrom(5);
  const numbers = Array.from({ length: 10_000 }, random);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...numbers)).toBeLessThan(0.01);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(Math.max(...numbers)).toBeGreaterThan(0.99);
});
