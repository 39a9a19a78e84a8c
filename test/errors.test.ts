import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Arena, FreeholdError } from 'freehold';
import { runChild } from './lib/child.ts';
import { refusal } from './lib/codes.ts';

describe('a FreeholdError', () => {
  const cause = new Error('cause');
  const error = new FreeholdError('ERR_FREEHOLD_LIMIT', 'message', { cause });

  test('is an Error with a code, a name and a cause', () => {
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.cause]).toEqual([
      'FreeholdError',
      'ERR_FREEHOLD_LIMIT',
      'message',
      cause,
    ]);
    expect('cause' in new FreeholdError('ERR_FREEHOLD_LIMIT', 'message')).toBe(false);
  });

  test('carries the code as its own property, and the name as Error does', () => {
    expect(Object.keys(error)).toEqual(['code']);
    expect(Object.prototype.hasOwnProperty.call(error, 'name')).toBe(false);
  });

  test('is shown with name, message, code and stack', () => {
    const shown = inspect(error);
    for (const part of ['FreeholdError', 'message', 'ERR_FREEHOLD_LIMIT', 'errors.test.ts', '[cause]']) {
      expect(shown).toContain(part);
    }
    expect(String(error)).toBe('FreeholdError: message');
  });
});

describe('messages say what was asked and found', () => {
  const arena = new Arena();
  const found: [unknown, string][] = [
    [-1, '-1'],
    [0.5, '0.5'],
    [NaN, 'NaN'],
    [5n, '5n'],
    ['8', '"8"'],
    ['x'.repeat(50), 'a string of 50 characters'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [Symbol('x'), 'a symbol'],
    [() => {}, 'a function'],
    [[8], 'an array'],
    [{}, 'an object'],
  ];
  test.each(found)('%o', (value, words) => {
    const { message } = refusal(() => arena.alloc(value as number), 'ERR_FREEHOLD_INVALID_SIZE');
    expect(message).toBe(`byteLength must be a whole number from 0 to 2^53-1, but is ${words}`);
  });

  test('without running code of what was passed', () => {
    const trap = (): never => {
      throw new Error('ran');
    };
    const value = {
      toString: trap,
      valueOf: trap,
      [Symbol.toPrimitive]: trap,
      get name() {
        return trap();
      },
    };
    refusal(() => arena.alloc(value as never), 'ERR_FREEHOLD_INVALID_SIZE');
    refusal(() => arena.alloc(8, value as never), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    refusal(() => arena.string(value as never), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => new Arena({ reset: value as never }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => arena.free(value as never), 'ERR_FREEHOLD_INVALID_FREE');
  });

  test('of alignments', () => {
    const { message } = refusal(() => arena.alloc(8, 12), 'ERR_FREEHOLD_INVALID_ALIGNMENT');
    expect(message).toBe('alignment must be a power of two from 1 to 2097152 bytes, but is 12');
  });
});

test('a package without its addon says how to get one, and why there is none', async () => {
  const { stdout } = await runChild(
    `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const path = require.resolve('node-gyp-build');
    require.cache[path] = { id: path, filename: path, loaded: true, exports() { throw new Error('nothing there'); } };
    const error = await import('freehold').catch((reason) => reason);
    console.log(error.code, error.message, error.cause.message);
  `,
  );
  expect(stdout).toMatch(/^ERR_FREEHOLD_ADDON no native addon for .*npm rebuild freehold.* nothing there\n$/);
});

test('a package with another version\u2019s addon says what differs', async () => {
  const { stdout } = await runChild(
    `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const path = require.resolve('node-gyp-build');
    const controlLayout = { version: 99, length: 16, words: {} };
    require.cache[path] = { id: path, filename: path, loaded: true, exports: () => ({ controlLayout }) };
    const error = await import('freehold').catch((reason) => reason);
    console.log(error.code, error.message);
  `,
  );
  expect(stdout).toMatch(/^ERR_FREEHOLD_ADDON .*version 99 instead of \d+.*npm rebuild freehold/);
});
