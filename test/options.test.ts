import { describe, expect, test } from 'vitest';
import { Arena, type ArenaOptions, type ResetOptions } from 'freehold';
import { refusal } from './lib/codes.ts';

const make = (options: unknown): Arena => new Arena(options as ArenaOptions);

describe('options that are left out', () => {
  test('have the defaults that are written down', () => {
    for (const options of [
      undefined,
      {},
      { name: undefined, limitBytes: undefined, initialBytes: undefined },
    ]) {
      const arena = make(options);
      const block = arena.alloc(1);
      expect([arena.name, arena.limit, arena.stats().bytesReserved]).toEqual(['arena', Infinity, 65536]);
      arena.reset();
      expect(block.length).toBe(0);
    }
  });

  test('of maxChunkBytes are 4 MiB, or initialBytes when that is more', () => {
    const arena = new Arena({ initialBytes: 8 << 20 });
    arena.alloc(1);
    expect(arena.stats().bytesReserved).toBe(8 << 20);
  });
});

describe('an option that is not known', () => {
  test.each([
    ['initialByte', 'initialBytes'],
    ['initialbytes', 'initialBytes'],
    ['limit', 'limitBytes'],
    ['resets', 'reset'],
    ['Name', 'name'],
    ['when_pinned', 'whenPinned'],
  ])('%s is refused with the advice to write %s', (wrong, right) => {
    const { message } = refusal(() => make({ [wrong]: 1 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(message).toBe(`Arena has no option '${wrong}'; did you mean '${right}'?`);
  });

  test('and resembles none is refused without advice', () => {
    const { message } = refusal(() => make({ somethingElseEntirely: 1 }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(message).toBe("Arena has no option 'somethingElseEntirely'");
  });

  test('is refused by reset and dispose, too, before anything ends', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    for (const end of ['reset', 'dispose'] as const) {
      const { message } = refusal(
        () => arena[end]({ whenpinned: 'orphan' } as never),
        'ERR_FREEHOLD_INVALID_ARGUMENT',
      );
      expect(message).toContain("did you mean 'whenPinned'?");
    }
    expect(block.length).toBe(8);
  });
});

describe('options that are no object', () => {
  test.each([[null], ['detach'], [5], [true], [() => {}], [5n]])('%o are refused', (options) => {
    refusal(() => make(options), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    const arena = new Arena();
    refusal(() => arena.reset(options as ResetOptions), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    refusal(() => arena.dispose(options as ResetOptions), 'ERR_FREEHOLD_INVALID_ARGUMENT');
    expect(arena.disposed).toBe(false);
  });
});

describe('a value that is none', () => {
  const sizes = [null, '65536', 65536n, NaN, -1, 0.5, Infinity, 4095, 2 ** 30 + 1, {}];
  test.each(sizes.map((size) => [size]))('of a chunk size, %o, is refused', (size) => {
    for (const option of ['initialBytes', 'maxChunkBytes']) {
      const { message } = refusal(() => make({ [option]: size }), 'ERR_FREEHOLD_INVALID_SIZE');
      expect(message).toContain(option);
    }
  });

  test.each([[null], ['1'], [NaN], [-1], [0.5], [-Infinity]])('of a limit, %o, is refused', (limitBytes) => {
    refusal(() => make({ limitBytes }), 'ERR_FREEHOLD_INVALID_SIZE');
  });

  test('of a choice is refused with the choices there are', () => {
    const choices = {
      reset: "'detach', 'orphan', 'reuse'",
      whenPinned: "'throw', 'orphan'",
      retain: "'high-water', 'all', 'none'",
    };
    for (const [option, known] of Object.entries(choices)) {
      for (const value of [null, '', 'Detach', {}, true]) {
        const { message } = refusal(() => make({ [option]: value }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
        expect(message).toContain(`${option} must be one of ${known}`);
      }
    }
    for (const retain of [-1, NaN, 0.5, Infinity])
      refusal(() => make({ retain }), 'ERR_FREEHOLD_INVALID_SIZE');
  });

  test('of a name is refused', () => {
    for (const name of [null, 5, {}, Symbol('x')]) {
      const { message } = refusal(() => make({ name }), 'ERR_FREEHOLD_INVALID_ARGUMENT');
      expect(message).toContain('name must be a string');
    }
  });
});

describe('getters among the options', () => {
  test('are read once', () => {
    let reads = 0;
    const arena = make({
      get limitBytes() {
        reads++;
        return reads * 100;
      },
    });
    expect([reads, arena.limit]).toEqual([1, 100]);
  });

  test('may reset the arena that is being reset', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    arena.reset({
      get retain() {
        arena.reset();
        arena.alloc(100);
        return 'none' as const;
      },
    });
    expect([block.length, arena.used, arena.stats().resets]).toEqual([0, 0, 2]);
    expect(arena.alloc(8).length).toBe(8);
  });

  test('may dispose the arena that is being reset or disposed', () => {
    const arenas = [new Arena(), new Arena()];
    const options = (arena: Arena): ResetOptions => ({
      get mode() {
        arena.dispose();
        return 'detach' as const;
      },
    });
    refusal(() => arenas[0].reset(options(arenas[0])), 'ERR_FREEHOLD_DISPOSED');
    arenas[1].dispose(options(arenas[1]));
    expect(arenas.map((arena) => arena.disposed)).toEqual([true, true]);
  });

  test('may pin the arena that is being reset', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    const options: ResetOptions = {
      get whenPinned() {
        arena.pin();
        return 'throw' as const;
      },
    };
    refusal(() => arena.reset(options), 'ERR_FREEHOLD_PINNED');
    expect(block.length).toBe(8);
  });

  test('that throw change nothing', () => {
    const arena = new Arena();
    const block = arena.alloc(8);
    const reason = new Error('reason');
    const options = {
      get mode(): never {
        throw reason;
      },
    };
    expect(() => arena.reset(options)).toThrow(reason);
    expect(() => arena.dispose(options)).toThrow(reason);
    expect([block.length, arena.stats().resets]).toEqual([8, 0]);
  });
});
