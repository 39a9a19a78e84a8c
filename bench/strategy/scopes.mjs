// @ts-check
// What does it cost to ask for the allocator of the moment instead of being given one, and what do scopes cost?
import { setImmediate as turn } from 'node:timers/promises';
import { Arena, auto, currentAllocator, withArena, withManual } from 'freehold';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave, nanoseconds } from '../lib/rounds.mjs';
import { separate } from '../lib/separate.mjs';

const BLOCKS = 10_000;
const SIZE = 64;
const SCOPES = 64;
const TURNS = 50;

/** The arena as an argument. */
const given = separate(
  (/** @type {Arena} */ arena, /** @type {number} */ blocks, /** @type {number} */ size) => {
    let sum = 0;
    for (let k = 0; k < blocks; k++) {
      const block = arena.alloc(size);
      block[0] = k;
      sum += block[0];
    }
    return sum;
  },
);

/** The arena of the moment, asked for with each block. */
const asked = separate(
  (
    /** @type {typeof currentAllocator} */ current,
    /** @type {number} */ blocks,
    /** @type {number} */ size,
  ) => {
    let sum = 0;
    for (let k = 0; k < blocks; k++) {
      const block = current().alloc(size);
      block[0] = k;
      sum += block[0];
    }
    return sum;
  },
);

/** Blocks of one arena, and its end. */
const blocks = await interleave(
  {
    direct: () => ({ block: nanoseconds(() => withArena((arena) => given(arena, BLOCKS, SIZE)), BLOCKS) }),
    ambient: () => ({
      block: nanoseconds(() => withArena(() => asked(currentAllocator, BLOCKS, SIZE)), BLOCKS),
    }),
  },
  { rounds: 11, warmup: 3 },
);

/**
 * Scopes one after the other. On Node 20 the end of an arena leaves a small finalizer for the next turn of the loop.
 *
 * @param {() => void} loop
 */
function timed(loop) {
  return async () => {
    let inside = 0;
    for (let i = 0; i < TURNS; i++) {
      const start = performance.now();
      loop();
      inside += performance.now() - start;
      await turn();
    }
    return { scope: (inside * 1e6) / (TURNS * SCOPES) };
  };
}

/** @param {() => unknown} enter */
const scopesOf = (enter) =>
  timed(
    separate((/** @type {() => unknown} */ once, /** @type {number} */ count) => () => {
      for (let i = 0; i < count; i++) once();
    })(enter, SCOPES),
  );

const own = new Arena();
const scopes = await interleave(
  {
    'try and finally': scopesOf(() => {
      try {
        return own.alloc(SIZE).length;
      } finally {
        own.reset();
      }
    }),
    arena: scopesOf(() => withArena(() => currentAllocator().alloc(SIZE).length)),
    result: scopesOf(() => withArena(() => ({ rows: [{ id: 1 }, { id: 2 }] }))),
    manual: scopesOf(() => withManual(() => 1)),
    automatic: scopesOf(() => auto(() => currentAllocator().alloc(SIZE).length)),
  },
  { rounds: 11, warmup: 3 },
);

/** @param {(body: () => Promise<void>) => Promise<void>} enter */
const asyncScopes = (enter) => async () => {
  const count = 2000;
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    await enter(async () => {
      await undefined;
      currentAllocator();
    });
  }
  return { scope: ((performance.now() - start) * 1e6) / count };
};
// Last: from here on every promise of this process has its price.
const followed = await interleave(
  { plain: asyncScopes((body) => body()), arena: asyncScopes((body) => withArena(body)) },
  { rounds: 11, warmup: 3 },
);

const { direct, ambient } = blocks.block;
report({
  question: 'scopes',
  rows: [
    {
      title: 'a 64 B block of currentAllocator()',
      unit: 'ns',
      note: `${BLOCKS.toLocaleString('en-US')} zeroed blocks to a scope, whose end is included`,
      cells: { [OURS]: ambient, 'arena.alloc': direct },
    },
    {
      title: 'withArena and one block',
      unit: 'ns',
      cells: { [OURS]: scopes.scope.arena, 'try, finally, reset': scopes.scope['try and finally'] },
    },
    { title: 'withArena, a result of four objects', unit: 'ns', cells: { [OURS]: scopes.scope.result } },
    { title: 'withManual', unit: 'ns', cells: { [OURS]: scopes.scope.manual } },
    { title: 'withAuto and one block', unit: 'ns', cells: { [OURS]: scopes.scope.automatic } },
    {
      title: 'withArena of an async function',
      unit: 'ns',
      note: 'with two awaits',
      cells: { [OURS]: followed.scope.arena, 'without a scope': followed.scope.plain },
    },
  ],
  claims: [
    claim(
      'a block of currentAllocator() in withArena against arena.alloc, times as long',
      ambient.median / direct.median,
      'at most',
      2,
    ),
  ],
  doesNotShow: [
    'what the first scope of an async function costs all promises of the process until Node 24, by AsyncLocalStorage: an await of Node 20 takes 5 times as long from then on',
    'use of the memory beyond one byte',
  ],
});
