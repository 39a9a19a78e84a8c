import { Arena, arenaNames, createArena, destroyArena, getArena, hasArena, resetArena } from 'freehold';
import { describe, expect, test } from 'vitest';

import { refusal } from '../lib/codes.ts';

describe('a named arena', () => {
  test('is made, found, reset and destroyed by its name', () => {
    const level = createArena('level', { initialBytes: 4096 });
    expect(level).toBeInstanceOf(Arena);
    expect(level.name).toBe('level');
    expect(getArena('level')).toBe(level);
    expect([hasArena('level'), hasArena('lever')]).toEqual([true, false]);
    const block = level.alloc(100);
    resetArena('level');
    expect([level.used, block.length]).toEqual([0, 0]);
    const pinned = level.alloc(8);
    const pin = pinned.pin();
    refusal(() => resetArena('level'), 'ERR_FREEHOLD_PINNED');
    refusal(() => destroyArena('level'), 'ERR_FREEHOLD_PINNED');
    expect(getArena('level')).toBe(level);
    resetArena('level', { whenPinned: 'orphan' });
    pin.release();
    destroyArena('level');
    expect([level.disposed, hasArena('level')]).toEqual([true, false]);
  });

  test('that is not there is an error, which names one that is', () => {
    createArena('frame');
    expect(refusal(() => getArena('fram'), 'ERR_FREEHOLD_INVALID_ARGUMENT').message).toContain(
      'did you mean "frame"',
    );
    expect(refusal(() => getArena('unlike anything'), 'ERR_FREEHOLD_INVALID_ARGUMENT').message).not.toContain(
      'mean',
    );
    refusal(() => resetArena('fram'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => destroyArena('fram'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => getArena(5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    destroyArena('frame');
  });

  test('cannot be made twice, until it was disposed', () => {
    const first = createArena('once');
    refusal(() => createArena('once'), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    first.dispose();
    expect(hasArena('once')).toBe(false);
    const second = createArena('once');
    expect(getArena('once')).toBe(second);
    destroyArena('once');
  });

  test('is listed', () => {
    createArena('one');
    createArena('two').dispose();
    createArena('three');
    expect(arenaNames()).toEqual(['one', 'three']);
    destroyArena('one');
    destroyArena('three');
    expect(arenaNames()).toEqual([]);
  });

  test('takes no options that make no sense', () => {
    refusal(() => createArena('x', { name: 'y' } as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => createArena('x', 5 as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => createArena('x', { initialBytes: 1 }), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => createArena(Symbol('x') as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(hasArena('x')).toBe(false);
  });
});
