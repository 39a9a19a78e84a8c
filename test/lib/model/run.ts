import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Command } from './commands.ts';
import { Model, type ModelTraits, type Real } from './model.ts';

export interface Modelled<R extends Real, O> {
  /** The ways in which one is made. */
  readonly options: fc.Arbitrary<O>;
  readonly make: (options: O) => R;
  readonly traits: (options: O) => ModelTraits;
  readonly commands: readonly fc.WeightedArbitrary<Command<R>>[];
  /** Programs of up to 200 commands. */
  readonly runs: number;
}

/**
 * Runs random programs on an allocator and on the model, and gives how many commands that were. A failure prints its
 * seed and the shrunk program; `fc.assert(…, { seed, path })` with `replayPath` repeats it.
 */
export async function runModel<R extends Real, O>(modelled: Modelled<R, O>): Promise<number> {
  let executed = 0;
  const counted = (command: Command<R>): Command<R> => ({
    check: (model) => command.check(model),
    toString: () => command.toString(),
    run(model, real) {
      executed++;
      return command.run(model, real);
    },
  });
  const programs = fc.commands([fc.oneof(...modelled.commands).map(counted)], {
    maxCommands: 200,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(modelled.options, programs, async (options, program) => {
      const model = new Model(modelled.traits(options));
      const real = modelled.make(options);
      await fc.asyncModelRun(() => ({ model, real }), program);
      finish(model, real);
    }),
    { numRuns: modelled.runs },
  );
  return executed;
}

/** Frees everything and ends the allocator: nothing is left, and no view of it shows a byte. */
function finish(model: Model, real: Real): void {
  for (const { pin } of model.pins.splice(0)) pin.release();
  const ended = [...model.live, ...model.freed];
  for (const held of model.live.toReversed()) real.free(held.view);
  if (model.traits.reuses === 'every' && !model.escaped)
    assert.equal(real.stats().bytesUsed, 0, 'bytesUsed at the end');
  real.dispose();
  if (!model.traits.ends) return;
  for (const { id, view } of ended) assert.equal(view.length, 0, `block ${id} outlived the allocator`);
}
