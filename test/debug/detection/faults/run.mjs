// Commits faults, one after the other, in one mode, and prints what was seen of each as a line of JSON.
//   node run.mjs default|debug|guarded|sampled file/fault...
import { configure } from 'freehold';

import { outcomeOf } from './support.mjs';

const MODES = {
  default: undefined,
  debug: {},
  guarded: { guard: 'all' },
  // Every allocation is the sampled one, so that what happens to it does not hang on a random number.
  sampled: { guard: 'sampled', sampleEvery: 1, sampleSlots: 1024 },
};

const [mode, ...ids] = process.argv.slice(2);
const options = MODES[mode];
if (options !== undefined) configure({ debug: { onLeak: 'ignore', ...options } });
// Nor on which side of it the inaccessible page is: behind it, as with `guard: 'all'`.
if (mode === 'sampled') Math.random = () => 0;
const isGuarded = mode === 'guarded' || mode === 'sampled';

for (const id of ids) {
  const [file, name] = id.split('/');
  const { faults } = await import(`./${file}.mjs`);
  console.log(JSON.stringify({ id, ...(await outcomeOf(() => faults[name]({ mode, isGuarded }))) }));
}
