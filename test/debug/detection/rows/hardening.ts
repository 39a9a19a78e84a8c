import { atExit, freedTouch } from './dangling.ts';
import { type Group, prevented, rowsOf, undetected } from './row.ts';

const row = rowsOf('hardening');

const elsewhere = prevented('it is elsewhere');

export const hardening: Group = {
  file: 'hardening',
  title: 'What a fault is good for',
  by: 'native code',
  alone: false,
  rows: [
    row(
      'reuse',
      'the address of a freed block for the next one',
      'Heap',
      [undetected('it is at the same address'), elsewhere],
      {
        hardened: ['malloc_noreuse'],
        bench: ['malloc_reuse'],
      },
    ),
    row('reuse-smaller', 'the same for a smaller one', 'Heap', [elsewhere], {
      bench: ['malloc_reuse_downsize'],
    }),
    row('reuse-realloc', 'the same for the one that realloc() makes', 'Heap', [elsewhere], {
      bench: ['realloc_reuse'],
    }),
    row('zero-different', 'two blocks of no bytes at one address', 'Heap', [prevented('they differ')], {
      hardened: ['malloc_zero_different'],
    }),
    row('executable', 'code in a block', 'Heap', [prevented('rw-p')], { bench: ['executable_heap'] }),
    row('free-list', 'freed blocks overwritten, to have any address handed out', 'Pool', [
      undetected('the freed bytes have changed, and nothing else'),
      atExit('64 bytes, pool "pool"', 'freed'),
      freedTouch('write', 64, 'pool "pool"'),
    ]),
  ],
};
