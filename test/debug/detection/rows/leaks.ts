import { type Group, rowsOf, told, undetected } from './row.ts';

const row = rowsOf('leaks');

const nothing = undetected('');
const report = (summary: string, line: string) =>
  told(0, new RegExp(`^freehold: ${summary} not freed\\n  ${line}, oldest \\S+ m?s\\) at `));
const one = '1 allocation of 64 B in 1 allocator, 64 B at most, 64 B in 1 block';

export const leaks: Group = {
  file: 'leaks',
  title: 'Leaks',
  by: 'JavaScript',
  alone: true,
  rows: [
    row('exit', 'a block that lives at exit', 'Heap', [
      nothing,
      report(one, '64 B in 1 block \\(heap "heap"'),
      report(one, '64 B in 1 block \\(heap "heap"'),
      nothing,
    ]),
    row('disposed', 'a block that lives when its heap is disposed', 'Heap', [
      nothing,
      report(one, '64 B in 1 block \\(heap "heap"'),
    ]),
    row('dropped', 'a block of a heap that the program has dropped', 'Heap', [
      nothing,
      report(one, '64 B in 1 block \\(heap "dropped", which was dropped'),
    ]),
    row('cycle', 'cycle leak: two blocks that only hold each other', 'RcHeap', [
      nothing,
      report(
        '2 allocations of 16 B in 1 allocator, 16 B at most, 16 B in 2 blocks',
        '8 B in 1 block \\(rc "rc heap", 1 in cycles that nothing holds',
      ),
      report(
        '2 allocations of 16 B in 1 allocator, 16 B at most, 16 B in 2 blocks',
        '8 B in 1 block \\(rc "rc heap", 1 in cycles that nothing holds',
      ),
      nothing,
    ]),
  ],
};
