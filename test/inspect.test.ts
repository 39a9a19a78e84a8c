import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Arena, ArenaMark, Pin } from 'freehold';

describe('an arena shown', () => {
  test('by inspect says its name and its figures in one line', () => {
    const arena = new Arena({ name: 'request' });
    arena.alloc(100);
    expect(inspect(arena)).toBe('Arena(request) { 100 of 65536 bytes in 1 chunk(s) }');
    arena.dispose();
    expect(inspect(arena)).toBe('Arena(request) { disposed }');
  });

  test('by JSON.stringify gives its figures', () => {
    const arena = new Arena({ name: 'request', limitBytes: 1000 });
    arena.alloc(100);
    expect(JSON.parse(JSON.stringify(arena))).toEqual(arena.stats());
    expect(arena.toJSON()).toEqual(arena.stats());
  });

  test('within other objects does not throw, nor does its prototype', () => {
    const arena = new Arena();
    expect(inspect({ a: { b: [arena] } })).toContain('Arena(arena)');
    for (const { prototype } of [Arena, ArenaMark, Pin]) {
      expect(inspect(prototype)).toBeTypeOf('string');
    }
  });
});

describe('a block shown', () => {
  test('by inspect looks like a Buffer', () => {
    expect(inspect(new Arena().alloc(3))).toBe('<Block 00 00 00>');
  });

  test('after its end looks like an empty one', () => {
    const arena = new Arena();
    const block = arena.alloc(3);
    arena.reset();
    expect(inspect(block)).toBe('<Block >');
    expect(JSON.stringify(block)).toBe('{"type":"Buffer","data":[]}');
  });
});

describe('pins and marks shown', () => {
  test('say whether they hold', () => {
    const arena = new Arena();
    const pin = arena.pin();
    expect(inspect(pin)).toBe('Pin { held }');
    expect(JSON.stringify(pin)).toBe('{"held":true}');
    pin.release();
    expect(inspect(pin)).toBe('Pin { released }');
    expect(JSON.stringify(pin)).toBe('{"held":false}');
    const mark = arena.mark();
    expect(inspect(mark)).toBe('ArenaMark { valid }');
    expect(JSON.stringify(mark)).toBe('{"valid":true}');
    mark[Symbol.dispose]();
    expect(inspect(mark)).toBe('ArenaMark { not valid }');
    expect(JSON.stringify(mark)).toBe('{"valid":false}');
  });
});
