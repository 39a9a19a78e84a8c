import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from 'freehold';
import { throwsCode } from './conformance/checks.ts';
import { type Command, command, commands } from './lib/model/commands.ts';
import { runModel } from './lib/model/run.ts';

const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 5000 }) },
);
const alignment = fc.oneof(
  { weight: 5, arbitrary: fc.constant(16) },
  { weight: 1, arbitrary: fc.nat(13).map((exponent) => 2 ** exponent) },
);

const reset: Command<Arena> = command('reset', (model, arena) => {
  const { pins, live, freed } = model;
  if (pins.length > 0) {
    throwsCode(() => arena.reset(), 'ERR_FREEHOLD_PINNED', 'a reset of pinned memory');
    return;
  }
  arena.reset();
  expect([...live, ...freed].every(({ view }) => view.length === 0)).toBe(true);
  model.live = [];
  model.freed = [];
});

test('no program of commands, collections and turns of the event loop breaks a promise of the arena', async () => {
  const executed = await runModel<Arena, number>({
    options: fc.constantFrom(4096, 65536),
    make: (initialBytes) => new Arena({ initialBytes }),
    traits: () => ({
      reuses: 'last',
      detects: 'last',
      owns: 'memory',
      grants: () => true,
      underPin: 'kept',
      movable: true,
      ends: true,
    }),
    commands: [...commands({ size, alignment }), { weight: 1, arbitrary: fc.constant(reset) }],
    runs: 300,
  });
  expect(executed).toBeGreaterThan(20_000);
}, 120_000);
