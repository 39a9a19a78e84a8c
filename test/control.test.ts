import { describe, expect, test } from 'vitest';
import { type ControlLayout, layoutDifference } from '../dist/control.js';
import { native } from '../dist/native.js';
import { MAX_ALIGNMENT } from '../dist/validate.js';

const { controlLayout } = native;
const difference = (change: Partial<ControlLayout>): string | undefined =>
  layoutDifference({ ...controlLayout, ...change }, MAX_ALIGNMENT);

describe('the layout of the control block', () => {
  test('is the same in the package and in the addon', () => {
    expect(difference({})).toBeUndefined();
  });

  test('has each word at a place of its own within the block', () => {
    const places = Object.values(controlLayout.words);
    expect(new Set(places).size).toBe(places.length);
    expect(places.every((place) => place >= 0 && place < controlLayout.length)).toBe(true);
  });
});

describe('a difference is found', () => {
  test('in the version, the length and the limits', () => {
    expect(difference({ version: 99 })).toMatch(/^version 99 instead of \d+$/);
    expect(difference({ length: 8 })).toBe('8 words instead of 16');
    expect(difference({ maxAlignment: 4096 })).toBe('maximum alignment 4096');
    expect(difference({ maxSegmentBytes: 5 })).toBe('maximum segment 5');
  });

  test.each(Object.keys(controlLayout.words))('in the place of %s', (name) => {
    const place = controlLayout.words[name];
    expect(difference({ words: { ...controlLayout.words, [name]: 15 } })).toBe(
      `word ${name} at 15 instead of ${place}`,
    );
  });

  test('in a word that only one of them has', () => {
    const { CURSOR, ...others } = controlLayout.words;
    expect(difference({ words: others })).toBe(`word CURSOR at undefined instead of ${CURSOR}`);
    expect(difference({ words: { ...controlLayout.words, NEW: 14 } })).toBe(
      'word NEW at 14 instead of undefined',
    );
  });
});
