// @ts-check
// What does an allocation cost in debug mode, and a free?
import { fileURLToPath } from 'node:url';
import { ask } from '../lib/child.mjs';
import { claim, OURS, report } from '../lib/question.mjs';
import { interleave } from '../lib/rounds.mjs';

const program = fileURLToPath(new URL('../lib/debug-recording.mjs', import.meta.url));

/** @param {object | null} debug */
const costs = (debug) => async () => ask(program, [JSON.stringify(debug)]);

const { alloc, free } = await interleave(
  {
    off: costs(null),
    plain: costs({ stackFrames: 0 }),
    stacks: costs({ stackFrames: 10 }),
    guarded: costs({ stackFrames: 10, guard: 'all' }),
  },
  { rounds: 7, warmup: 1 },
);

/** @param {typeof alloc} cells */
const columns = ({ off, plain, stacks, guarded }) => ({
  [OURS]: off,
  'debug, stackFrames: 0': plain,
  'debug, 10 frames': stacks,
  'debug, guard pages': guarded,
});

report({
  question: 'recording',
  rows: [
    {
      title: 'heap.alloc of 64 B',
      unit: 'us',
      note: '2,000 live blocks, twelve calls deep; the medians of 25 rounds, of 7 processes each',
      cells: columns(alloc),
    },
    { title: 'heap.free', unit: 'us', cells: columns(free) },
  ],
  claims: [
    claim('an allocation in debug mode at 10 frames, us', alloc.stacks.median, 'at most', 6),
    claim('an allocation in debug mode without stacks, us', alloc.plain.median, 'at most', 1.2),
  ],
  doesNotShow: [
    'blocks that outlive 4,096 others: their stacks are looked into, which costs 3 us more, once',
    'memory: a recorded block takes some 500 bytes more, and its stack 600 until it is looked into',
  ],
});
