import { atExit, freedTouch } from './dangling.ts';
import { type Group, prevented, rowsOf, undetected } from './row.ts';

const row = rowsOf('in-flight');

const changed = undetected('the next block has changed');

export const inFlight: Group = {
  file: 'in-flight',
  title: 'I/O in flight when its block ends',
  by: 'JavaScript',
  alone: false,
  rows: [
    row('reset', 'randomFill() over a reset, without a pin', 'Arena', [
      changed,
      atExit('4096 bytes, arena "arena"', 'ended'),
      freedTouch('write', 4096, 'arena "arena"'),
    ]),
    row('free', 'randomFill() over a free', 'Heap', [
      changed,
      atExit('4096 bytes, heap "heap"', 'freed'),
      freedTouch('write', 4096, 'heap "heap"'),
    ]),
    row('read', 'fs.read() over a reset, without a pin', 'Arena', [
      changed,
      atExit('4096 bytes, arena "arena"', 'ended'),
      prevented('EFAULT'),
    ]),
  ],
};
